"""Charts against plain Python over the same people and events, in zones with changes of the clock; search; sessions."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coterie.accounts.models import Workspace
from coterie.audience import charts, search
from coterie.audience.projector import project
from coterie.filters import sentence
from coterie.filters.tree import Node
from coterie.kit import clock
from coterie.people.actions import apply_edits, delete_person, merge_people
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.people.queries import catalogue, get_person
from tests.audience.conftest import MakeWorkspace, write

pytestmark = pytest.mark.server
NOW = datetime(2026, 4, 2, 9, 30, tzinfo=UTC)
NOW_MS = clock.to_ms(NOW)
HOUR_MS = 3_600_000
COUNTRIES = ("Germany", "Peru", "Atlantis", None)


class Town:
    """Sixty people with times around the change to summer time, and what Python knows about them."""

    def __init__(self, workspace: Workspace) -> None:
        rng = random.Random(7)
        self.workspace, self.zone = workspace, ZoneInfo(workspace.timezone)
        self.rows: list[dict[str, Any]] = []
        for i in range(60):
            came = NOW_MS - rng.randrange(-3, 24 * 60) * HOUR_MS if i % 7 else None
            country = COUNTRIES[i % 4]
            events = [NOW_MS - rng.randrange(24 * 40) * HOUR_MS for _ in range(3)]
            self.rows.append({"came": came, "country": country, "events": events, "big": i >= 30})
        edits = [
            PersonEdit(
                identities=[("user_id", f"u{i}")],
                set={
                    "created_at": clock.iso(clock.from_ms(row["came"] or NOW_MS)),
                    "country": row["country"],
                    "city": "Big" if row["big"] else "Small",
                    **({"first_seen": clock.iso(clock.from_ms(row["came"]))} if row["came"] else {}),
                },
                events=[EventRecord("visit", at, f"{i}-{j}") for j, at in enumerate(row["events"])],
                origin=Origin("api", "test"),
            )
            for i, row in enumerate(self.rows)
        ]
        apply_edits(workspace, edits)
        project(workspace)

    def where(self, text: str) -> Node:
        return sentence.parse(text, catalogue(self.workspace)).root

    def local(self, ms: int) -> datetime:
        return clock.from_ms(ms).astimezone(self.zone)


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/St_Johns"])
def town(request: pytest.FixtureRequest, make_workspace: MakeWorkspace) -> Any:
    with clock.frozen(NOW):
        yield Town(make_workspace(request.param))


START = {
    "day": lambda day: day,
    "week": lambda day: date.fromisocalendar(*day.isocalendar()[:2], 1),
    "month": lambda day: date(day.year, day.month, 1),
}


@pytest.mark.parametrize(("by", "points"), [("day", 20), ("week", 5), ("month", 2)])
@pytest.mark.parametrize("where", ["everyone", 'city is "Big"'])
def test_it_works(town: Town, by: charts.Step, points: int, where: str) -> None:
    found = charts.growth(town.workspace, town.where(where), by=by, points=points)
    rows = [row for row in town.rows if where == "everyone" or row["big"]]
    came = Counter(START[by](town.local(row["came"]).date()) for row in rows if row["came"])
    starts = [point.start for point in found.points]
    assert (len(starts), starts[-1]) == (points, START[by](town.local(NOW_MS).date()))
    assert starts == sorted(
        {START[by](starts[0] + timedelta(days=i)) for i in range((starts[-1] - starts[0]).days + 1)}
    )
    assert [point.new for point in found.points] == [came[start] for start in starts]
    assert found.before == sum(n for day, n in came.items() if day < starts[0]) > 0
    assert found.no_value == sum(row["came"] is None for row in rows)
    assert found.points[-1].total == found.before + sum(point.new for point in found.points)
    assert found.total == len(rows) == found.points[-1].total + found.later + found.no_value


def test_growth_by_the_row(town: Town) -> None:
    found = charts.growth(town.workspace, town.where("everyone"), by="month", field="created_at", points=12)
    assert (found.no_value, found.points[-1].total + found.later) == (0, 60)


@pytest.mark.parametrize("where", ["everyone", 'city is "Big"', 'city is "None"'])
def test_activity(town: Town, where: str) -> None:
    found = charts.activity(town.workspace, town.where(where), days=10)
    rows = [row for row in town.rows if where == "everyone" or (row["big"] and where == 'city is "Big"')]
    first = town.local(NOW_MS).date() - timedelta(days=9)
    times = [town.local(at) for row in rows for at in row["events"]]
    wanted = Counter((at.weekday(), at.hour) for at in times if at.date() >= first)
    assert found.hours == [[wanted[day, hour] for hour in range(24)] for day in range(7)]
    assert found.total == sum(wanted.values())
    assert town.local(found.since).date() == first


def test_activity_follows_merges_and_deletions(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace()
    at = clock.to_ms(clock.now()) - 1000
    one, two = (write(workspace, name, city=name, events=[("visit", at, {})]) for name in ("one", "two"))
    write(workspace, "three", events=[("visit", at, {})])
    survivor = merge_people(workspace, one, two)
    project(workspace)
    where = sentence.parse('city is "one" or city is "two"', catalogue(workspace)).root
    assert charts.activity(workspace, where).total == 2
    delete_person(workspace, survivor)
    project(workspace)
    everyone = sentence.parse("everyone", catalogue(workspace)).root
    assert charts.activity(workspace, everyone).total == 1


def test_breakdown_and_countries(town: Town) -> None:
    everyone, fields = town.where("everyone"), catalogue(town.workspace)
    found = charts.breakdown(town.workspace, "country", everyone, catalogue=fields, limit=1)
    assert (found.facets.total, found.facets.known, found.facets.values[0].count, found.other) == (60, 45, 15, 30)
    assert charts.breakdown(town.workspace, "tags", everyone, catalogue=fields, limit=1).other is None
    shown = charts.countries(town.workspace, everyone, catalogue=fields)
    assert {(row.code, row.name, row.count) for row in shown.countries} == {
        ("DE", "Germany", 15),
        ("PE", "Peru", 15),
        (None, "Atlantis", 15),
    }
    assert (shown.other, shown.no_value, shown.total) == (0, 15, 60)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("#1", [1]),
        ("ada@", [1]),
        ("ADA@EXAMPLE.COM", [1]),
        ("u-be", [2]),
        ("lovelace", [1, 3]),
        ("LOVE", [3, 1]),
        ("ple.com", [1]),
        ("nobody at all", []),
        ("%", []),
        ("  ", []),
    ],
)
def test_search(workspace: Workspace, text: str, wanted: list[int]) -> None:
    write(workspace, "u-ada", name="Ada Lovelace", email="ada@example.com", last_seen="2026-01-02T00:00:00Z")
    write(workspace, "u-ben", name="Ben")
    write(workspace, "u-cy", name="Love, née Lovelace", last_seen="2026-01-01T00:00:00Z")
    found = search.search(workspace, text)
    numbers = [person.number for person in found.people]
    assert sorted(numbers) == sorted(wanted) if text == "lovelace" else numbers == wanted
    assert found.complete


def test_search_is_bounded(workspace: Workspace) -> None:
    for i in range(5):
        write(workspace, f"u{i}", name=f"Same {i}")
    assert len(search.search(workspace, "same", limit=3).people) == 3


def test_the_last_session(workspace: Workspace) -> None:
    now = clock.to_ms(clock.now())
    minute = 60_000
    ago = (200, 100, 71, 45, 40)
    number = write(workspace, "ada", name="Ada", events=[("visit", now - m * minute, {}) for m in ago])
    found, _ = search.sessions(workspace, get_person(workspace, number))
    assert found is not None
    # 45 and 71 are 26 minutes apart, 71 and 100 are 29, 100 and 200 are not one session.
    assert (found.start, found.end, found.events, found.complete) == (
        now - 100 * minute,
        now - 40 * minute,
        [("visit", 4)],
        True,
    )
    assert found.changes == []
    number = write(workspace, "ben", name="Ben", events=[("visit", now, {}), ("buy", now, {}), ("buy", now - 1, {})])
    found, _ = search.sessions(workspace, get_person(workspace, number))
    assert found is not None
    assert found.events == [("buy", 2), ("visit", 1)]
    assert [(each.field, each.value, each.origin[0]) for each in found.changes if each.field == "name"] == [
        ("name", "Ben", "api")
    ]
    nobody = get_person(workspace, write(workspace, "cy"))
    assert search.sessions(workspace, nobody) == (None, search.Habit(0, 90))


def test_how_often_someone_comes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of the last 90 days; of fewer days where there are more events than are looked at."""
    now = clock.to_ms(clock.now())
    days = (1, 1, 2, 30, 89, 91, 400)
    events = [("visit", now - day * 24 * HOUR_MS - at * 60_000, {}) for at, day in enumerate(days)]
    person = get_person(workspace, write(workspace, "ada", events=events))
    assert search.sessions(workspace, person)[1] == search.Habit(sessions=4, days=90)
    monkeypatch.setattr(search, "MOST_EVENTS", 4)
    assert search.sessions(workspace, person)[1] == search.Habit(sessions=3, days=30)
