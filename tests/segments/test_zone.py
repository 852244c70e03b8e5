"""Another time zone of a workspace: sets, memberships and what follows from the clock are those of the new one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.audience import follower, queries
from coterie.audience.explaining import explain
from coterie.audience.index import PeopleIndex
from coterie.audience.projector import projector_of
from coterie.audience.startup import start
from coterie.filters.fields import FieldType
from coterie.filters.sentence import parse
from coterie.filters.tree import Node
from coterie.kit import clock
from coterie.people.attributes import create_attribute
from coterie.people.models import Person
from coterie.people.queries import catalogue
from coterie.segments import log
from coterie.segments.models import Segment
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
# In UTC the first of them belongs to the 27th, in Berlin to the 28th.
SIGNED_UP = ("2026-03-27T23:30:00Z", "2026-03-28T10:00:00Z", "2026-03-27T10:00:00Z")
# Who is in by UTC, and who by Berlin.
MEMBERS = {
    "joined today": ({2}, {1, 2}),
    "joined on 2026-03-28": ({2}, {1, 2}),
    "joined before 2026-03-28": ({1, 3}, {3}),
    "joined yesterday": ({1, 3}, {3}),
    "joined before 2026-03-28T00:15": ({1, 3}, {3}),
    "joined in the last 30 days": ({1, 2, 3}, {1, 2, 3}),
    "city is unknown": ({1, 2, 3}, {1, 2, 3}),
}


def filled(stage: Stage) -> dict[str, Segment]:
    """Three people, and a segment of each filter."""
    create_attribute(stage.workspace, key="joined", type=FieldType.DATETIME)
    for i, at in enumerate(SIGNED_UP):
        stage.put(f"u{i}", joined=at)
    made = {where: stage.dynamic(where, where) for where in MEMBERS}
    made["inner"] = stage.dynamic("inner", 'in segment "joined today" and city is unknown')
    stage.settle()
    return made


def move_to(stage: Stage, zone: str) -> None:
    """Another zone; the stage keeps the row of before, as whoever had read it does."""
    accounts.change_workspace(audit.SYSTEM, stage.workspace, changes={"timezone": zone})


def node(stage: Stage, where: str) -> Node:
    return parse(where, catalogue(stage.workspace)).root


def check(stage: Stage, made: dict[str, Segment], index: PeopleIndex, *, zone: int) -> None:
    """Memberships, filters nobody keeps, and filters of segments say what they should in one of the two zones."""
    for where, members in MEMBERS.items():
        assert set(index.named[made[where].public_id]) == members[zone], where
        assert set(index.evaluate(node(stage, where))) == members[zone], where
    assert set(index.evaluate(node(stage, "not joined this week"))) == set()
    assert set(index.evaluate(node(stage, "joined exactly 1 days ago"))) == MEMBERS["joined yesterday"][zone]


def test_it_works(stage: Stage) -> None:
    with clock.frozen(NOON) as stopped:
        made = filled(stage)
        check(stage, made, stage.index, zone=0)
        before = stage.index.named_position
        move_to(stage, "Europe/Berlin")
        stage.settle()
        check(stage, made, stage.index, zone=1)
        moves = {
            (move.segment, move.number, move.entered): (move.cause, move.ref)
            for row in log.read(stage.workspace.pk, before)
            for move in row.entry.transitions()
        }
        pk = {where: segment.pk for where, segment in made.items()}
        assert moves == {
            (pk["joined today"], 1, True): ("definition", "1"),
            (pk["joined on 2026-03-28"], 1, True): ("definition", "1"),
            (pk["joined before 2026-03-28"], 1, False): ("definition", "1"),
            (pk["joined yesterday"], 1, False): ("definition", "1"),
            (pk["joined before 2026-03-28T00:15"], 1, False): ("definition", "1"),
            (pk["inner"], 1, True): ("segment", made["joined today"].public_id),
        }
        assert explained(stage, "joined today")
        assert not explained(stage, "joined yesterday")
        # A day ends when it ends there, for the clock too; the projector still has the row of before.
        for hours, today in ((10, {1, 2}), (11, set())):
            stopped.move(NOON + timedelta(hours=hours, minutes=30) - clock.now())
            projector_of(stage.workspace).tick()
            assert stage.members(made["joined today"]) == today


def explained(stage: Stage, where: str) -> bool:
    """Whether the first person meets a filter, as it is explained."""
    person = Person.objects.of(stage.workspace).get(number=1)
    return explain(stage.access(), person, node(stage, where)).matches


def test_it_is_explained_by_the_clock_of_now(stage: Stage) -> None:
    """What the last batch found is not the answer for another moment."""
    with clock.frozen(NOON) as stopped:
        filled(stage)
        stage.put("u0", city="Rome")
        stage.settle()
        assert not explained(stage, "joined today")
        assert explained(stage, "joined yesterday")
        stopped.move(timedelta(days=1))
        assert not explained(stage, "joined yesterday")


def test_days_of_facets_are_those_of_the_zone(stage: Stage) -> None:
    with clock.frozen(NOON):
        filled(stage)
        known = catalogue(stage.workspace)
        for zone, sizes in (("UTC", (2, 1)), ("Europe/Berlin", (1, 2))):
            move_to(stage, zone)
            stage.settle()
            found = queries.facets(stage.workspace, "joined", catalogue=known)
            assert {facet.value: facet.count for facet in found.values} == dict(
                zip(("2026-03-27", "2026-03-28"), sizes, strict=True)
            )


@pytest.mark.parametrize("far", [2_000, 0])
def test_a_reader_follows(stage: Stage, monkeypatch: pytest.MonkeyPatch, far: int) -> None:
    """A process that only reads changes zones with the projector, by the log or when it reads everything anew."""
    with clock.frozen(NOON):
        made = filled(stage)
        reader = PeopleIndex(stage.workspace)
        start(stage.workspace, reader)
        check(stage, made, reader, zone=0)
        move_to(stage, "Europe/Berlin")
        follower.follow(stage.workspace, reader)
        # Not before the projector: memberships are of the zone before, and so are sets.
        check(stage, made, reader, zone=0)
        stage.settle()
        monkeypatch.setattr(follower, "FAR", far)
        follower.follow(stage.workspace, reader)
        check(stage, made, reader, zone=1)


@pytest.mark.parametrize("projected", [True, False], ids=["projected", "on the way"])
def test_it_outlasts_a_restart(stage: Stage, projected: bool) -> None:
    with clock.frozen(NOON):
        made = filled(stage)
        move_to(stage, "Europe/Berlin")
        if projected:
            stage.settle()
        stage.restart()
        stage.settle()
        check(stage, made, stage.index, zone=1)
        move_to(stage, "UTC")
        stage.restart()
        stage.settle()
        check(stage, made, stage.index, zone=0)


def test_what_was_not_settled_is_done_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(NOON):
        made = filled(stage)
        move_to(stage, "Europe/Berlin")

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr("coterie.segments.upkeep.MembershipPlan.save", fail)
            with pytest.raises(RuntimeError):
                stage.settle()
        stage.settle()
        check(stage, made, stage.index, zone=1)
