"""Killed anywhere and started again, memberships and transitions are the same: nothing doubled, nothing lost."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress

import pytest
from pyroaring import BitMap

from coterie.audience import startup, upkeep
from coterie.audience.index import PeopleIndex
from coterie.audience.projector import Projector, gather, projector_of
from coterie.filters.fields import FieldType
from coterie.kit import clock
from coterie.people import changes
from coterie.people.attributes import create_attribute
from coterie.segments import book, log, memberships, static
from coterie.segments.log import Transition
from coterie.segments.models import MembershipHead, MembershipLog, MembershipSnapshot, Segment
from coterie.segments.upkeep import MembershipPlan, MembershipUpkeep, OtherWriter
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server


class Killed(BaseException):
    """Stands for the end of the process."""


def logged(stage: Stage) -> list[Transition]:
    return [move for row in log.read(stage.workspace.pk, 0) for move in row.entry.transitions()]


def shipped(stage: Stage) -> list[Transition]:
    rows = stage.index.reader.engine.rows(
        "SELECT segment, number, entered, cause, ref FROM transitions WHERE workspace = {w:UInt32} "
        "ORDER BY position, segment, entered DESC, number",
        {"w": stage.workspace.pk},
    )
    return [Transition(pk, number, bool(entered), cause, ref) for pk, number, entered, cause, ref in rows]


def folded(stage: Stage) -> dict[int, BitMap]:
    members: dict[int, BitMap] = {}
    log.fold(log.read(stage.workspace.pk, 0), members)
    return {pk: who for pk, who in members.items() if who}


def check(stage: Stage) -> None:
    """Memory, the log, ClickHouse and the definitions all say the same."""
    live = {row.public_id: row for row in Segment.objects.of(stage.workspace).filter(deleted_at=None)}
    named = {live[id].pk: who for id, who in stage.index.named.items() if who}
    assert (
        named == folded(stage) == {pk: who for pk, who in memberships.load(stage.workspace.pk).members.items() if who}
    )
    assert Counter(shipped(stage)) == Counter(logged(stage))
    for row in live.values():
        if row.filter is not None and row.public_id in stage.index.named:
            assert stage.index.evaluate(book.read_filter(row.filter).root) == stage.index.named[row.public_id]


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (MembershipPlan, "save"),
        (Projector, "_move"),
        (MembershipPlan, "apply"),
        (MembershipPlan, "ship"),
    ],
)
def test_killed_before(stage: Stage, monkeypatch: pytest.MonkeyPatch, where: type, name: str) -> None:
    stage.put("ada", country="Italy")
    italy, rest = stage.dynamic("Italy", 'country is "Italy"'), stage.dynamic("Rest", 'not in segment "Italy"')
    stage.settle()
    bob = stage.put("bob", country="Italy")
    stage.put("ada", country="Peru")
    static_one = stage.static("Hand", [bob])

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, name, die)
        with pytest.raises(Killed):
            stage.settle()
    stage.restart()
    stage.settle()
    # One more batch: what was not shipped goes first.
    stage.put("eve", country="Italy")
    stage.settle()
    check(stage)
    assert (len(stage.members(italy)), len(stage.members(rest)), stage.members(static_one)) == (2, 1, {bob})
    assert len(logged(stage)) == len(set(logged(stage)))


def test_a_batch_that_is_done_again_changes_nothing(stage: Stage) -> None:
    number = stage.put("ada", country="Italy")
    segment = stage.dynamic("Italy", 'country is "Italy"')
    stage.settle()
    before = logged(stage)
    [room] = [each for each in upkeep.registered() if isinstance(each, MembershipUpkeep)]
    touched = upkeep.Touched(
        stage.index.seq,
        clock.to_ms(clock.now()),
        BitMap([number]),
        {number: ("field", "country")},
        [segment.public_id],
    )
    plan = room.plan(stage.workspace, stage.index, touched)
    plan.save()
    plan.apply(stage.index)
    assert logged(stage) == before


def test_snapshots_shorten_the_way_back(stage: Stage) -> None:
    create_attribute(stage.workspace, key="score", type=FieldType.NUMBER)
    segments = [stage.dynamic(f"S{i}", f"score > {i}") for i in range(3)]
    empty = stage.static("Empty", [])
    for number in range(6):
        stage.put(f"p{number}", score=number)
        stage.settle()
    projector_of(stage.workspace).rest()
    head = MembershipHead.objects.get(workspace=stage.workspace)
    assert head.snapshot == head.position == stage.index.named_position
    assert {row.size for row in MembershipSnapshot.objects.of(stage.workspace)} == {5, 4, 3}
    stage.put("p0", score=9)
    stage.settle()
    stage.restart()
    check(stage)
    # Snapshots are no truth: without them the log tells the same.
    kept = list(MembershipSnapshot.objects.of(stage.workspace))
    MembershipSnapshot.objects.of(stage.workspace).delete()
    stage.restart()
    check(stage)
    MembershipSnapshot.objects.bulk_create(kept)
    # Rows that the snapshots hold are not needed any more.
    last = MembershipLog.objects.of(stage.workspace).order_by("position").last()
    assert last is not None
    removed = memberships.prune(stage.workspace.pk, before=clock.now())
    assert removed
    stage.restart()
    assert [len(stage.members(segment)) for segment in segments] == [6, 5, 4]
    assert stage.members(empty) == set()


def test_a_reader_follows_the_log(stage: Stage) -> None:
    stage.put("ada", country="Italy")
    italy = stage.dynamic("Italy", 'country is "Italy"')
    stage.settle()
    reader = PeopleIndex(stage.workspace)
    startup.start(stage.workspace, reader)
    assert reader.named == stage.index.named
    stage.put("bob", country="Italy")
    stage.put("ada", country="Peru")
    top = stage.dynamic("Top", 'in segment "Italy"')
    stage.settle()
    [room] = [each for each in upkeep.registered() if isinstance(each, MembershipUpkeep)]
    room.load(stage.workspace, reader)
    assert reader.named == stage.index.named
    assert set(reader.named) == {italy.public_id, top.public_id}
    stage.redefine(italy, "country is known")
    stage.settle()
    room.load(stage.workspace, reader)
    assert reader.named == stage.index.named
    assert reader.named_position == stage.index.named_position


def test_a_worker_that_takes_over_starts_where_the_other_ended(stage: Stage) -> None:
    italy = stage.dynamic("Italy", 'country is "Italy"')
    stage.settle()
    other = PeopleIndex(stage.workspace)
    startup.start(stage.workspace, other)
    number = stage.put("ada", country="Italy")
    stage.settle()
    [room] = [each for each in upkeep.registered() if isinstance(each, MembershipUpkeep)]
    other.apply(BitMap([number]))
    touched = upkeep.Touched(
        stage.index.seq, clock.to_ms(clock.now()), BitMap([number]), {number: ("field", "country")}
    )
    plan = room.plan(stage.workspace, other, touched)
    plan.save()
    plan.apply(other)
    assert set(other.named[italy.public_id]) == {number}
    assert len(logged(stage)) == 1


def test_a_worker_that_is_late_saves_nothing(stage: Stage) -> None:
    stage.dynamic("Italy", 'country is "Italy"')
    number = stage.put("ada", country="Italy")
    [room] = [each for each in upkeep.registered() if isinstance(each, MembershipUpkeep)]
    late = PeopleIndex(stage.workspace)
    startup.start(stage.workspace, late)
    projector_of(stage.workspace)._write(late, gather(changes.read(stage.workspace, 0, 100)), certain=True)
    late.apply(BitMap([number]))
    touched = upkeep.Touched(1, clock.to_ms(clock.now()), BitMap([number]), {number: ("field", "country")})
    plan = room.plan(stage.workspace, late, touched)
    stage.settle()
    before = logged(stage)
    with pytest.raises(OtherWriter):
        plan.save()
    assert logged(stage) == before


def test_transitions_are_shipped_anew(stage: Stage) -> None:
    for number in range(5):
        stage.put(f"p{number}", score=number)
    stage.dynamic("High", "score > 2")
    stage.settle()
    stage.put("p0", score=7)
    stage.settle()
    source = stage.index.reader.engine
    source.command("TRUNCATE TABLE transitions" + ("_local" if source.cluster else ""), every_node=True)
    assert shipped(stage) == []
    [room] = [each for each in upkeep.registered() if isinstance(each, MembershipUpkeep)]
    room.reship(stage.workspace, source)
    assert shipped(stage) == logged(stage)


@pytest.mark.parametrize("seed", range(4))
def test_any_history_with_kills(stage: Stage, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng = random.Random(seed)
    create_attribute(stage.workspace, key="score", type=FieldType.NUMBER)
    stage.dynamic("Low", "score < 5")
    stage.dynamic("Low or Hand", 'in segment "Low" or city is "Ulm"')
    hand = stage.static("Hand", [])
    third = stage.dynamic("Third", 'not in segment "Low or Hand" and in segment "Hand"')
    people: list[int] = []
    for _ in range(25):
        user = f"p{rng.randrange(8)}"
        people.append(stage.put(user, score=rng.randrange(10), city=rng.choice(["Ulm", "Bonn", None])))
        if rng.random() < 0.4:
            some, adds = rng.sample(people, 1), rng.random() < 0.6
            static.change_members(stage.access(), hand.public_id, add=some if adds else [], remove=[] if adds else some)
        if rng.random() < 0.2:
            stage.redefine(third, rng.choice(['in segment "Hand"', 'not in segment "Low"', "everyone", "nobody"]))
        if rng.random() < 0.15:
            projector_of(stage.workspace).rest()
        if rng.random() < 0.4:
            where, name = rng.choice(
                [
                    (MembershipPlan, "save"),
                    (Projector, "_move"),
                    (MembershipPlan, "apply"),
                    (MembershipPlan, "ship"),
                    (PeopleIndex, "apply"),
                ]
            )

            def die(*args: object, **kwargs: object) -> None:
                raise Killed

            with monkeypatch.context() as patch:
                patch.setattr(where, name, die)
                # Where there is nothing to project, nothing is reached.
                with suppress(Killed):
                    stage.settle()
            stage.restart()
        elif rng.random() < 0.7:
            stage.settle()
    stage.settle()
    stage.put("last", score=1)
    stage.settle()
    check(stage)
