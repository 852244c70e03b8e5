"""When an event happened: the sender's clock read, corrected, and never far in the future."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from coterie.kit import clock

_UNPADDED: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
HOUR_MS: Final = 3_600_000
# Below this, sent and received differ by the time on the way and not by the clocks. Without it every imported
# midnight would become a few milliseconds past midnight.
TRAVEL_MS: Final = 1_000
# RudderStack's and PostHog's Node clients keep the first sentAt on every retry, so an old one says nothing of clocks.
OLDEST_SENT_MS: Final = HOUR_MS
FUTURE_MS: Final = 23 * HOUR_MS
# Numbers from here on are milliseconds, smaller ones seconds: 10^11 seconds is the year 5138, 10^11 ms is 1973.
_FIRST_MS: Final = 100_000_000_000
_LAST_MS: Final = 253_402_300_799_999


def read_time(value: Any) -> int:
    """A time as sent, in ms since 1970 UTC: ISO 8601 (without a zone it is UTC), epoch seconds or milliseconds.

    Raises ValueError for anything else, and outside the years 1 to 9999.
    """
    if isinstance(value, str):
        at = _read_iso(value.strip())
        return clock.to_ms(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a time")
    ms = round(value) if abs(value) >= _FIRST_MS else round(value * 1000)
    if abs(ms) > _LAST_MS:
        raise ValueError("not a time between the years 1 and 9999")
    return ms


def _read_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # Hand-written calls leave zeros out, as Segment's own documentation does: 2015-2-02T00:30:08.276Z.
        found = _UNPADDED.match(text)
        if found is None:
            raise
        year, month, day = found.groups()
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}{text[found.end() :]}")


def read_sent(value: Any) -> int | None:
    """The time of sending, None when there is none or it can't be read: it only serves the correction."""
    if value is None:
        return None
    try:
        return read_time(value)
    except ValueError:
        return None


class Moment(NamedTuple):
    """When an event happened, and the far-future time it claimed when that was not believed."""

    ms: int
    claimed_ms: int | None = None


def event_time(original: int | None, *, sent: int | None, received: int) -> Moment:
    """`received - (sent - original)`, Segment's rule, so that a wrong clock of the sender cancels out.

    Not corrected without `sent`, when it is over an hour old, or when the clocks agree. Without `original` the event
    happened when it was received. One that would lie over 23 hours ahead is set to the time it was received.
    """
    if original is None:
        return Moment(received)
    at = original
    if sent is not None:
        ahead = received - sent
        if abs(ahead) > TRAVEL_MS and ahead <= OLDEST_SENT_MS:
            at += ahead
    if at > received + FUTURE_MS:
        return Moment(received, at)
    return Moment(at)
