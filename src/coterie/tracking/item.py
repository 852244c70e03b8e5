"""One event of a batch: what its sender's language has in common with the others, and the reasons to refuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from coterie.kit import clock
from coterie.people.edits import EventRecord, Origin
from coterie.tracking.times import Moment, event_time, read_time

Json: TypeAlias = Mapping[str, Any]
Identities: TypeAlias = list[tuple[str, str]]

NOTHING: Final[Json] = {}
LONGEST_ID: Final = 512
LONGEST_NAME: Final = 200
CLAIMED: Final = "context.claimed_time"
"""The property that marks an event whose time lay too far in the future: the time it claimed."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What broken integrations send instead of an id. Taken as one, it would make a single person of everyone.
_NOBODY: Final = frozenset(
    {"undefined", "null", "none", "nil", "nan", "[object object]", "not_authenticated", "anonymous", "guest"}
)


class Refused(Exception):
    """An event can't be used; the others of its batch can. `code` is for programs, `reason` for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Frame(NamedTuple):
    """What holds for all events of a batch. Times are ms since 1970 UTC.

    `sent_ms` is None where no correction is wanted; `peer_ip` is empty unless the person's own browser sent the batch.
    """

    received_ms: int
    sent_ms: int | None
    context: Json
    peer_ip: str
    source: str
    origin: Origin
    call: str


def read_id(value: Any, name: str) -> str | None:
    """An id of a person as text; None when there is none. Raises Refused for what can't be one."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    else:
        raise Refused("bad_id", f"{name} must be text or a number")
    if not text:
        return None
    if len(text) > LONGEST_ID:
        raise Refused("bad_id", f"{name} has {len(text)} characters, at most {LONGEST_ID} are taken")
    if text.lower() in _NOBODY:
        raise Refused("bad_id", f"{name} is {text!r}, which names nobody")
    if _CONTROL.search(text):
        raise Refused("bad_id", f"{name} holds a control character")
    return text


def read_object(value: Any, name: str) -> Json:
    """An object, an empty one where there is none."""
    if value is None:
        return NOTHING
    if not isinstance(value, dict):
        raise Refused("bad_shape", f"{name} must be an object")
    return value


def read_name(value: Any, name: str) -> str:
    """The name of an event."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise Refused("no_name", f"{name} is missing: an event needs a name")
    if len(text) > LONGEST_NAME:
        raise Refused("bad_name", f"{name} has {len(text)} characters, at most {LONGEST_NAME} are taken")
    if _CONTROL.search(text):
        raise Refused("bad_name", f"{name} holds a control character")
    return text


def read_moment(original: Any, *, sent: int | None, frame: Frame) -> Moment:
    """When the event happened."""
    if original is None or original == "":
        return Moment(frame.received_ms)
    try:
        at = read_time(original)
    except (ValueError, OverflowError):
        raise Refused("bad_time", "the timestamp is not ISO 8601 and not epoch seconds or milliseconds") from None
    return event_time(at, sent=sent, received=frame.received_ms)


def text_of(value: Any) -> str | None:
    """A text that says something, or None."""
    return value if isinstance(value, str) and value else None


def record(name: str, kind: str, properties: Json, *, moment: Moment, message_id: str, frame: Frame) -> EventRecord:
    """The event as people's timeline keeps it."""
    if moment.claimed_ms is not None:
        properties = {**properties, CLAIMED: _iso(moment.claimed_ms)}
    return EventRecord(
        name=name,
        time_ms=moment.ms,
        message_id=message_id,
        kind=kind,
        properties=properties,
        source=frame.source,
        received_ms=frame.received_ms,
    )


def _iso(ms: int) -> str:
    try:
        return clock.iso(clock.from_ms(ms))
    except (OverflowError, ValueError):
        return str(ms)
