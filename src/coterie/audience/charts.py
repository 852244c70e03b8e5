"""Charts over a filter's people: growth, breakdown, activity by hour, countries. Every figure is exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience import queries
from coterie.audience.index import PeopleIndex
from coterie.audience.predicates import Bound
from coterie.filters import tree
from coterie.filters.fields import Catalogue, FieldType
from coterie.people import lookups

Step = Literal["day", "week", "month"]
GrowthField = Literal["first_seen", "created_at"]
MOST_POINTS: Final = 400
# Longer than anybody has tracked anything.
MOST_DAYS: Final = 20_000
_DAY: Final = timedelta(days=1)

# The first day of the step that a day lies in. Weeks begin on Monday.
_STEPS: Final[Mapping[Step, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - day.weekday() * _DAY,
    "month": lambda day: day.replace(day=1),
}
# More days than any step has, and fewer than two steps.
_FURTHER: Final[Mapping[Step, timedelta]] = {"day": _DAY, "week": 7 * _DAY, "month": 31 * _DAY}


@dataclass(frozen=True)
class Point:
    """One step: its first day, how many people came in it, and how many there were at its end."""

    start: date
    new: int
    total: int


@dataclass(frozen=True)
class Growth:
    """Points without gaps, oldest first. `before` came earlier, `later` have a time after the last point."""

    points: list[Point]
    before: int
    later: int
    no_value: int
    total: int
    now: int


def growth(
    workspace: Workspace, root: tree.Node, *, by: Step, field: GrowthField = "first_seen", points: int = 90
) -> Growth:
    """How a filter's people came, by calendar steps of the workspace's zone; the last step is the present one."""
    index = queries.ready_index(workspace)
    now = index.present()
    moment = index.moment(now)
    starts = _starts(moment.day(), by, points)
    end = _STEPS[by](starts[-1] + _FURTHER[by])
    first_ms, end_ms = moment.start_of_day(starts[0]), moment.start_of_day(end)
    members = index.evaluate(root, now_ms=now)
    days = _days(index, members, field, first_ms, end_ms) if members else {}
    before, later, no_value = days.pop("before", 0), days.pop("later", 0), days.pop("none", 0)
    new = dict.fromkeys(starts, 0)
    for day, count in days.items():
        new[_STEPS[by](date.fromisoformat(day))] += count
    total, made = before, []
    for start in starts:
        total += new[start]
        made.append(Point(start, new[start], total))
    return Growth(made, before, later, no_value, len(members), now)


def _starts(today: date, by: Step, points: int) -> list[date]:
    starts = [_STEPS[by](today)]
    while len(starts) < points:
        starts.append(_STEPS[by](starts[-1] - _DAY))
    return starts[::-1]


def _days(index: PeopleIndex, members: BitMap, field: str, first_ms: int, end_ms: int) -> dict[str, int]:
    """People by local day from one instant to another; those outside by `before`, `later` and `none`."""
    bound = Bound()
    where = index.reader.where(bound, None if members == index.everyone() else members)
    x, zone = index.names.fields[field].x, bound.add("String", index.zone)
    first, end = bound.add("Int64", first_ms), bound.add("Int64", end_ms)
    sql = (
        f"SELECT multiIf(isNull({x}), 'none', {x} < {first}, 'before', {x} >= {end}, 'later', "
        f"toString(toDate(fromUnixTimestamp64Milli(assumeNotNull({x}), {zone})))) AS part, count() "
        f"FROM people FINAL WHERE {where} AND live = 1 GROUP BY part"
    )
    return {str(part): int(count) for part, count in index.reader.page(sql, bound)}


@dataclass(frozen=True)
class Breakdown:
    """A field's most frequent values; `other` people have another one, None for lists, where one has several."""

    facets: queries.Facets
    other: int | None


def breakdown(workspace: Workspace, field: str, root: tree.Node, *, catalogue: Catalogue, limit: int) -> Breakdown:
    """A filter's people by the values of a field."""
    found = queries.facets(workspace, field, root, catalogue=catalogue, limit=limit)
    if found.type == FieldType.LIST.value:
        return Breakdown(found, None)
    return Breakdown(found, found.known - sum(each.count for each in found.values))


@dataclass(frozen=True)
class Country:
    """One country: its ISO code where the name is known, and how many people are there."""

    code: str | None
    name: str
    count: int


@dataclass(frozen=True)
class Countries:
    """Countries, the most people first; `other` people are in ones beyond the first thousand."""

    countries: list[Country]
    other: int
    no_value: int
    total: int
    now: int


def countries(workspace: Workspace, root: tree.Node, *, catalogue: Catalogue) -> Countries:
    """Where a filter's people are."""
    found = queries.facets(workspace, "country", root, catalogue=catalogue, limit=queries.MOST_FACETS)
    rows = [Country(lookups.country_code(str(each.value)), str(each.value), each.count) for each in found.values]
    other = found.known - sum(each.count for each in rows)
    return Countries(rows, other, found.total - found.known, found.total, found.now)


@dataclass(frozen=True)
class Activity:
    """Events by weekday, from Monday, and hour in the workspace's zone: seven rows of 24 counts."""

    hours: list[list[int]]
    total: int
    since: int
    now: int


def activity(workspace: Workspace, root: tree.Node, *, days: int = 28) -> Activity:
    """When a filter's people did something in the last `days` calendar days, today among them."""
    index = queries.ready_index(workspace)
    now = index.present()
    moment = index.moment(now)
    since = moment.start_of_day(moment.day() - (days - 1) * _DAY)
    members = index.evaluate(root, now_ms=now)
    hours = [[0] * 24 for _ in range(7)]
    if members:
        bound = Bound()
        # Also for everyone: events of people just deleted may still be there.
        source = index.reader.events_sql(bound, members)
        at = f"fromUnixTimestamp64Milli(time, {bound.add('String', index.zone)})"
        start, end = bound.add("Int64", since), bound.add("Int64", now)
        sql = (
            f"SELECT toDayOfWeek({at}) AS weekday, toHour({at}) AS hour, count() FROM ({source}) "
            f"WHERE time >= {start} AND time <= {end} GROUP BY weekday, hour"
        )
        for weekday, hour, count in index.reader.page(sql, bound):
            hours[int(weekday) - 1][int(hour)] = int(count)
    return Activity(hours, sum(map(sum, hours)), since, now)
