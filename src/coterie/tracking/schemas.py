"""What the tracking routes send."""

from datetime import date
from typing import Any

from pydantic import Field

from coterie.kit.schemas import Instant, Out


class QuarantinedEvent(Out):
    """An event that could not be used."""

    id: str = Field(examples=["qua_01jd8v6m3e5q9w2x4y7z0abcde"])
    at: Instant
    received_at: Instant
    source: str = Field(description="The name of the key it came with.", examples=["web page"])
    message_id: str
    code: str = Field(description="A stable word for programs.", examples=["no_id"])
    reason: str = Field(examples=["userId or anonymousId is missing: an event needs a person"])
    state: str = Field(description="open or replayed", examples=["open"])
    event: Any = Field(description="The event as it was sent.")


class QuarantineList(Out):
    """Events set aside, newest first."""

    events: list[QuarantinedEvent]
    open: int = Field(description="How many events wait in all.")
    next_cursor: str | None


class ConflictOfIds(Out):
    """How often a source used one message id for two different events on a day. The later ones were not taken."""

    day: date
    source: str
    count: int
    message_id: str = Field(description="The latest such id.")
    sample: str = Field(description="The latest event that was not taken, as JSON, cut at 4,000 characters.")


class ConflictList(Out):
    """Ids used twice, newest day first."""

    conflicts: list[ConflictOfIds]
