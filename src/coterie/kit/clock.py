"""The one clock: UTC, in whole milliseconds, and it can be stopped in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Frozen:
    """A stopped clock that moves only when told."""

    def __init__(self, at: datetime) -> None:
        self.at = _whole_ms(at)

    def move(self, by: timedelta) -> datetime:
        """Move the clock on and return the new time."""
        self.at = _whole_ms(self.at + by)
        return self.at


# Process-wide and not a context variable: worker threads must see the same stopped clock as the test.
_frozen: list[Frozen] = []


def now() -> datetime:
    """The present, aware, in UTC, cut to milliseconds."""
    if _frozen:
        return _frozen[-1].at
    return _whole_ms(datetime.now(UTC))


@contextmanager
def frozen(at: datetime) -> Iterator[Frozen]:
    """Stop the clock at `at` for the whole process; for tests."""
    stopped = Frozen(at)
    _frozen.append(stopped)
    try:
        yield stopped
    finally:
        _frozen.remove(stopped)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, rounded down; a time without a zone is refused with ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {at.isoformat()}")
    return (at - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """The UTC time that many milliseconds after 1970-01-01; OverflowError outside years 1 to 9999."""
    return _EPOCH + timedelta(milliseconds=ms)


def iso(at: datetime) -> str:
    """A time as `2026-01-31T09:00:00.000Z`."""
    return iso_ms(to_ms(at))


def iso_ms(ms: int) -> str:
    """Milliseconds since 1970 UTC as `iso` writes them; such texts sort like the times they name.

    OverflowError outside the years 1 to 9999. Every event needs this: with the day's text kept it takes a fifth.
    """
    days, rest = divmod(ms, 86_400_000)
    seconds, thousandths = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day(days)}T{hour:02}:{minute:02}:{second:02}.{thousandths:03}Z"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).date().isoformat()


def _whole_ms(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {at.isoformat()}")
    utc = at.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
