"""Memberships follow people, definitions, hands and the clock; the log says exactly who entered and left, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coterie.audience.projector import projector_of
from coterie.kit import clock
from coterie.people import actions as people
from coterie.people.edits import Origin
from coterie.segments import actions, log, static
from coterie.segments.models import MembershipLog, Segment, StaticMember
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server

Told = list[tuple[int, bool, str, str]]


def told(stage: Stage, segment: Segment, *, after: int = 0) -> Told:
    """Number, entered, cause and ref of a segment's transitions after a position of the log."""
    rows = log.read(stage.workspace.pk, after)
    return [move[1:] for row in rows for move in row.entry.transitions() if move.segment == segment.pk]


def steps(stage: Stage, segment: Segment, *, after: int = 0) -> list[tuple[int, bool]]:
    return [(number, entered) for number, entered, _, _ in told(stage, segment, after=after)]


def position(stage: Stage) -> int:
    return stage.index.named_position


def test_it_works(stage: Stage) -> None:
    ada, bob = stage.put("ada", country="Germany"), stage.put("bob", country="France")
    german = stage.dynamic("German", 'country is "Germany"')
    stage.settle()
    assert stage.members(german) == {ada}
    stage.put("bob", country="Germany")
    stage.put("ada", country="Spain")
    stage.settle()
    assert stage.members(german) == {bob}
    assert steps(stage, german) == [(ada, True), (bob, True), (ada, False)]
    assert told(stage, german)[0] == (ada, True, "definition", "1")
    assert all(cause for _, _, cause, _ in told(stage, german))


def test_nothing_is_logged_where_nobody_moves(stage: Stage) -> None:
    stage.put("ada", country="Germany")
    german = stage.dynamic("German", 'country is "Germany"')
    stage.settle()
    before = position(stage)
    stage.put("ada", city="Ulm")
    stage.settle()
    assert position(stage) == before
    assert steps(stage, german, after=before) == []


def test_events_move_people(stage: Stage) -> None:
    buyers = stage.dynamic("Buyers", 'did "purchase" at least 2 times where amount > 10')
    ada = stage.put("ada", events=[("purchase", 1_000, {"amount": 20}), ("purchase", 2_000, {"amount": 5})])
    stage.settle()
    assert stage.members(buyers) == set()
    stage.put("ada", events=[("purchase", 3_000, {"amount": 11})])
    stage.settle()
    assert stage.members(buyers) == {ada}


def test_a_new_definition_moves_everyone_it_concerns(stage: Stage) -> None:
    ada, bob, eve = (
        stage.put(name, country=land) for name, land in (("ada", "Italy"), ("bob", "Spain"), ("eve", "Peru"))
    )
    segment = stage.dynamic("South", 'country is one of ("Italy", "Spain")')
    stage.settle()
    after = position(stage)
    stage.redefine(segment, 'country is one of ("Spain", "Peru")')
    stage.settle()
    assert stage.members(segment) == {bob, eve}
    assert told(stage, segment, after=after) == [(eve, True, "definition", "2"), (ada, False, "definition", "2")]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ('in segment "Inner"', {"ada"}),
        ('not in segment "Inner"', {"bob", "eve"}),
        ('in segment "Inner" or name is "bob"', {"ada", "bob"}),
        ('in any segment of ("Inner", "Hand")', {"ada", "eve"}),
        ('in all segments of ("Inner", "Hand")', set()),
    ],
)
def test_segments_inside_segments(stage: Stage, where: str, kept: set[str]) -> None:
    numbers = {
        name: stage.put(name, name=name, country=land)
        for name, land in (("ada", "Italy"), ("bob", "Spain"), ("eve", "Peru"))
    }
    stage.dynamic("Inner", 'country is "Italy"')
    stage.static("Hand", [numbers["eve"]])
    outer = stage.dynamic("Outer", where)
    stage.settle()
    assert stage.members(outer) == {numbers[name] for name in kept}


def test_moves_go_up_through_segments(stage: Stage) -> None:
    ada, bob = stage.put("ada", country="Italy"), stage.put("bob", country="Spain")
    inner = stage.dynamic("Inner", 'country is "Italy"')
    middle = stage.dynamic("Middle", 'not in segment "Inner"')
    outer = stage.dynamic("Outer", 'in segment "Middle" and country is known')
    stage.settle()
    assert stage.members(outer) == {bob}
    stage.put("ada", country="Chile")
    stage.settle()
    assert (stage.members(inner), stage.members(middle), stage.members(outer)) == (set(), {ada, bob}, {ada, bob})
    after = position(stage)
    # Nobody was written: the outer ones follow the definition of the inner one.
    stage.redefine(inner, 'country is "Spain"')
    stage.settle()
    assert stage.members(outer) == {ada}
    assert told(stage, outer, after=after) == [(bob, False, "segment", middle.public_id)]


def test_static_members_move_what_uses_them(stage: Stage) -> None:
    ada, bob = stage.put("ada"), stage.put("bob")
    hand = stage.static("Hand", [ada])
    outer = stage.dynamic("Others", 'not in segment "Hand"')
    stage.settle()
    assert stage.members(outer) == {bob}
    static.change_members(stage.access("bob"), hand.public_id, add=[bob], remove=[ada])
    stage.settle()
    assert (stage.members(hand), stage.members(outer)) == ({bob}, {ada})
    assert told(stage, hand)[-2:] == [
        (bob, True, "hand", f"user:{stage.users['bob'].public_id}"),
        (ada, False, "hand", f"user:{stage.users['bob'].public_id}"),
    ]


def test_a_static_segment_does_not_follow_people(stage: Stage) -> None:
    ada = stage.put("ada", country="Italy")
    hand = stage.static("Hand", [ada])
    stage.settle()
    stage.put("ada", country="Spain")
    stage.settle()
    assert stage.members(hand) == {ada}


def test_deleted_people_leave_everything(stage: Stage) -> None:
    ada, bob = stage.put("ada"), stage.put("bob")
    hand, everyone = stage.static("Hand", [ada, bob]), stage.dynamic("Everyone", "everyone")
    stage.settle()
    people.delete_person(stage.workspace, ada, origin=Origin("agent", "test"))
    stage.settle()
    assert stage.members(hand) == stage.members(everyone) == {bob}
    assert set(StaticMember.objects.of(stage.workspace).values_list("number", flat=True)) == {bob}


def test_who_is_merged_brings_static_memberships_along(stage: Stage) -> None:
    ada, bob = stage.put("ada", name="Ada"), stage.put("bob")
    hand, named = stage.static("Hand", [bob]), stage.dynamic("Named", "name is known")
    stage.settle()
    merged = people.merge_people(stage.workspace, ada, bob, origin=Origin("agent", "test"))
    survivor = getattr(merged, "number", merged)
    stage.settle()
    assert survivor == ada
    assert stage.members(hand) == stage.members(named) == {ada}
    assert told(stage, hand)[-2:] == [(ada, True, "merge", str(bob)), (bob, False, *told(stage, hand)[-1][2:])]
    rows = StaticMember.objects.of(stage.workspace).values_list("number", "cause")
    assert list(rows) == [(ada, f"merge:{bob}")]


def test_the_clock_moves_people_with_no_write(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        seen = clock.iso(time.at - timedelta(days=6, hours=23))
        ada = stage.put("ada", renewed=seen)
        recent = stage.dynamic("Recent", "renewed in the last 7 days")
        stage.settle()
        assert stage.members(recent) == {ada}
        time.move(timedelta(hours=2))
        projector_of(stage.workspace).tick()
        assert stage.members(recent) == set()
        assert told(stage, recent)[-1] == (ada, False, "clock", "")


def test_a_deleted_segment_is_gone(stage: Stage) -> None:
    stage.put("ada")
    everyone = stage.dynamic("Everyone", "everyone")
    stage.settle()
    actions.delete_segment(stage.access(), everyone.public_id)
    stage.settle()
    assert everyone.public_id not in stage.index.named
    stage.restart()
    assert everyone.public_id not in stage.index.named
    # Its name is free again.
    assert stage.dynamic("EVERYONE", "everyone").name_twin == 0


def test_times_of_the_log_never_go_back(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        stage.dynamic("Everyone", "everyone")
        stage.put("ada")
        stage.settle()
        time.move(timedelta(hours=-5))
        stage.put("bob")
        stage.settle()
    at = list(MembershipLog.objects.of(stage.workspace).order_by("position").values_list("at", flat=True))
    assert len(at) == 2
    assert at == sorted(at)
