"""The one frozen now of an evaluation, and the calendar of its workspace."""

import calendar
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from functools import cached_property
from typing import Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from coterie.filters.values import day_number
from coterie.kit.clock import from_ms
from coterie.kit.errors import InvalidInput

DAY_MS = 86_400_000
# Minutes to weeks are exact lengths; months and years are steps of the calendar.
EXACT_UNITS = {"minutes": 60_000, "hours": 3_600_000, "days": DAY_MS, "weeks": 7 * DAY_MS}
CALENDAR_UNITS = {"months": 1, "years": 12}
UNITS = (*EXACT_UNITS, *CALENDAR_UNITS)
DAY_UNITS = ("days", "weeks", "months", "years")

Unit: TypeAlias = Literal["minutes", "hours", "days", "weeks", "months", "years"]


class Length(Protocol):
    """A length of time: how many of which unit."""

    @property
    def n(self) -> int: ...

    @property
    def unit(self) -> Unit: ...


_EPOCH = datetime(1970, 1, 1)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Moment:
    """The instant a filter is evaluated at (`now_ms`, milliseconds since 1970 UTC) and the workspace's IANA zone.

    InvalidInput when the zone is not known.
    """

    now_ms: int
    zone: str

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise InvalidInput(f'There is no time zone "{self.zone}".', code="unknown_timezone") from None

    @cached_property
    def wall(self) -> datetime:
        """What the clock on the wall shows now in the workspace's zone."""
        return from_ms(self.now_ms).astimezone(self._zone)

    def day(self) -> date:
        """The calendar date now in the workspace's zone."""
        return self.wall.date()

    def start_of_day(self, day: date) -> int:
        """The first instant of a local day, in milliseconds; a skipped midnight gives the first instant after it."""
        return self.instant(datetime(day.year, day.month, day.day))

    def instant(self, when: datetime) -> int:
        """Milliseconds of a time; one without a zone is read on the wall clock of the workspace.

        A wall time that comes twice is the first one; one that is skipped is read with the offset before the change.
        """
        aware = when if when.tzinfo else when.replace(tzinfo=self._zone)
        offset = aware.utcoffset()
        assert offset is not None
        # Not by way of UTC datetimes: those overflow at both ends of the calendar.
        return (aware.replace(tzinfo=None) - _EPOCH - offset) // _MS

    def shift(self, n: int, unit: Unit) -> int:
        """The instant `n` units from now; up to weeks exact, months and years by the local calendar."""
        if unit in EXACT_UNITS:
            return self.now_ms + n * EXACT_UNITS[unit]
        day = _step_months(self.wall.date(), n * CALENDAR_UNITS[unit])
        return self.instant(datetime.combine(day, self.wall.time().replace(fold=0)))

    def shift_day(self, n: int, unit: Unit) -> date:
        """The local calendar date `n` days, weeks, months or years from today."""
        if unit in CALENDAR_UNITS:
            return _step_months(self.day(), n * CALENDAR_UNITS[unit])
        return step_days(self.day(), n * (7 if unit == "weeks" else 1))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def step_days(day: date, n: int) -> date:
    """The date `n` days on, held at the ends of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + n, date.min.toordinal()), date.max.toordinal()))


def days_from(start: date, end: date) -> int:
    """Days from one date to another."""
    return day_number(end) - day_number(start)


def _step_months(day: date, n: int) -> date:
    """The date `n` months on: the last day of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if year < MINYEAR:
        return date.min
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
