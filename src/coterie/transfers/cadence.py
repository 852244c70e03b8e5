"""When a schedule is due: by the hour, day, week or month at a time of a zone's own clock."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Every = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True)
class Cadence:
    """How often and when. `weekday` is 1 (Monday) to 7, `day` 1 to 31: a shorter month has its last day instead."""

    every: Every
    at: time
    weekday: int = 1
    day: int = 1

    def next_after(self, moment: datetime, zone: str) -> datetime:
        """The first instant after `moment` at which it is due, in UTC.

        Where the clock leaps over the time, it is due as much later; where the clock shows it twice, the first time.
        Every hour is every hour that passes, whatever the clock shows.
        """
        local = ZoneInfo(zone)
        if self.every == "hour":
            return self._next_hour(moment, local)
        for day in self._days(moment.astimezone(local).date()):
            found = datetime.combine(day, self.at, local).astimezone(UTC)
            if found > moment:
                return found
        raise AssertionError("a calendar without an end")

    def _next_hour(self, moment: datetime, zone: ZoneInfo) -> datetime:
        # Minute by minute: zones are off by half an hour, and some move their clock by as much.
        found = moment.replace(second=0, microsecond=0)
        while True:
            found += timedelta(minutes=1)
            if found.astimezone(zone).minute == self.at.minute:
                return found

    def _days(self, first: date) -> Iterator[date]:
        """Days on which it is due, from the day before the first on: its time may have been moved past midnight."""
        day = first - timedelta(days=1)
        while True:
            if self.every == "day" or (self.every == "week" and day.isoweekday() == self.weekday):
                yield day
            elif self.every == "month":
                last = calendar.monthrange(day.year, day.month)[1]
                if day.day == min(self.day, last):
                    yield day
            day += timedelta(days=1)
