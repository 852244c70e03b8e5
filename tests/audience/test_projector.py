"""The projector: killed anywhere and run again, the index, the sets and the events are the same."""

from __future__ import annotations

import time
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience import projector as projectors
from coterie.audience import queries, startup
from coterie.audience.engine import engine
from coterie.audience.index import forget_indexes, index_of
from coterie.audience.models import IndexPosition
from coterie.audience.projector import LeaseLost, Projector, forget_projectors, project
from coterie.filters.sentence import parse
from coterie.kit.failpoints import FAILPOINTS
from coterie.people import changes
from coterie.people.actions import apply_edits, delete_person, merge_people
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.people.queries import catalogue
from tests.audience.conftest import write

pytestmark = pytest.mark.server
ORIGIN = Origin("api", "test")
POINTS = sorted(name for name in FAILPOINTS if name.startswith("projector."))


class Killed(Exception):
    """Stands for the end of the process."""


def edits(names: str) -> list[PersonEdit]:
    return [
        PersonEdit(
            identities=[("user_id", name)],
            set={"city": "Berlin"},
            events=[
                EventRecord("buy", 1_700_000_000_000 + i, f"m-{name}-{i}", properties={"amount": 3}) for i in (1, 2)
            ],
            origin=ORIGIN,
        )
        for name in names.split()
    ]


def found(workspace: Workspace, sentence: str) -> set[int]:
    return set(index_of(workspace).evaluate(parse(sentence, catalogue(workspace)).root))


def events(workspace: Workspace) -> int:
    sql = "SELECT count() FROM events WHERE workspace = {w:UInt32}"
    return int(engine().rows(sql, {"w": workspace.pk})[0][0])


def test_it_works(workspace: Workspace) -> None:
    apply_edits(workspace, edits("ann bob"))
    assert project(workspace) > 0
    assert project(workspace) == 0
    assert found(workspace, 'city is "berlin"') == {1, 2}
    assert found(workspace, 'sum of amount over "buy" = 6') == {1, 2}
    assert events(workspace) == 4


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_run_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    apply_edits(workspace, edits("ann"))
    project(workspace)
    apply_edits(workspace, edits("bob cid"))

    def killed(name: str) -> None:
        if name == point:
            raise Killed(name)

    monkeypatch.setattr(projectors, "hit", killed)
    with pytest.raises(Killed):
        project(workspace)
    monkeypatch.undo()
    forget_indexes()
    forget_projectors()
    project(workspace)
    assert found(workspace, 'did "buy" exactly 2 times') == {1, 2, 3}
    assert events(workspace) == 6
    assert startup.position_of(workspace).seq == changes.head(workspace)


def test_a_batch_that_fails_half_way_can_be_run_again_in_the_same_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_edits(workspace, edits("ann"))
    node = parse('city is "Berlin"', catalogue(workspace)).root
    index_of(workspace).evaluate(node)
    move = Projector._move

    def lost(self: Projector, *args: Any) -> None:
        monkeypatch.setattr(Projector, "_move", move)
        raise LeaseLost("another worker")

    monkeypatch.setattr(Projector, "_move", lost)
    with pytest.raises(LeaseLost):
        project(workspace)
    project(workspace)
    assert set(index_of(workspace).evaluate(node)) == {1}
    assert events(workspace) == 2


def test_a_worker_without_the_lease_saves_nothing(workspace: Workspace) -> None:
    startup.position_of(workspace)
    IndexPosition.objects.of(workspace).update(lease_token="mine")
    apply_edits(workspace, edits("ann"))
    counted = REGISTRY.get_sample_value("coterie_projector_leases_lost_total") or 0
    with pytest.raises(LeaseLost):
        Projector(workspace, lease="theirs").run()
    assert REGISTRY.get_sample_value("coterie_projector_leases_lost_total") == counted + 1
    assert startup.position_of(workspace).seq == 0
    assert Projector(workspace, lease="mine").run() > 0


def test_a_position_is_never_moved_back(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever read the position, and finds it elsewhere when the work is done, saves nothing: with the token, too."""
    apply_edits(workspace, edits("ann"))
    project(workspace)
    before = startup.position_of(workspace).seq
    apply_edits(workspace, edits("bob"))
    write_batch = Projector._write

    def overtaken(self: Projector, *words: Any, **more: Any) -> Any:
        done = write_batch(self, *words, **more)
        IndexPosition.objects.of(workspace).update(seq=before + 40)
        return done

    monkeypatch.setattr(Projector, "_write", overtaken)
    with pytest.raises(LeaseLost):
        Projector(workspace).run()
    assert startup.position_of(workspace).seq == before + 40


def test_events_follow_a_merge(workspace: Workspace) -> None:
    apply_edits(workspace, edits("ann bob cid"))
    project(workspace)
    merge_people(workspace, 2, 3, origin=ORIGIN)
    project(workspace)
    assert found(workspace, 'did "buy" exactly 4 times') == {2}
    merge_people(workspace, 1, 2, origin=ORIGIN)
    project(workspace)
    assert found(workspace, 'did "buy" exactly 6 times') == {1}
    assert set(index_of(workspace).everyone()) == {1}
    timeline, _ = queries.timeline(workspace, 1)
    assert len(timeline) == 6
    forget_indexes()
    assert found(workspace, 'did "buy" exactly 6 times') == {1}


def test_a_rebuild_gives_the_same_index(workspace: Workspace) -> None:
    apply_edits(workspace, edits("ann bob cid dan"))
    merge_people(workspace, 1, 2, origin=ORIGIN)
    write(workspace, "eve", city="Paris", score=2.5)
    sentences = ('city is "berlin"', 'did "buy" exactly 4 times', "score is known", 'city is not "berlin"')
    before = [found(workspace, sentence) for sentence in sentences]
    assert before[1] == {1}
    for table in ("people", "events", "merges"):
        local = f"{table}_local" if engine().cluster and table != "merges" else table
        engine().command(f"TRUNCATE TABLE {local}", every_node=True)
    startup.forget_ready()
    startup.rebuild()
    assert [found(workspace, sentence) for sentence in sentences] == before
    assert events(workspace) == 8
    write(workspace, "fay", city="Berlin")
    assert found(workspace, 'city is "berlin"') == before[0] | {6}


def test_queries_say_that_the_index_is_being_rebuilt(workspace: Workspace) -> None:
    from coterie.audience.models import IndexState
    from coterie.kit import clock

    IndexState.objects.filter(pk=1).update(rebuilding_since=clock.now(), progress_done=3, progress_total=9)
    startup.forget_ready()
    with pytest.raises(startup.IndexRebuilding) as caught:
        queries.total(workspace, parse("everyone", catalogue(workspace)).root)
    assert caught.value.details == {"done": 3, "total": 9}
    assert caught.value.status == 503


def test_another_index_is_not_taken_for_ours(workspace: Workspace) -> None:
    from coterie.audience.models import IndexState

    write(workspace, "ann", city="Berlin")
    IndexState.objects.filter(pk=1).update(generation="of another database")
    startup.forget_ready()
    assert startup.ensure_index(rebuild_now=False) is False
    startup.ensure_index()
    assert found(workspace, 'city is "Berlin"') == {1}


def test_everyone_among_some(workspace: Workspace) -> None:
    apply_edits(workspace, edits("ann bob cid"))
    project(workspace)
    node = parse('city is "Berlin"', catalogue(workspace)).root
    assert set(index_of(workspace).evaluate(node, among=BitMap([2, 3, 99]))) == {2, 3}


def test_a_cause_says_what_was_done_or_changed(workspace: Workspace) -> None:
    write(workspace, "ann", city="Berlin", score=3)
    write(workspace, "ann", events=[("buy", 1_700_000_000_000, {})])
    write(workspace, "ann", city="Paris", events=[("buy", 1_700_000_001_000, {})])
    merge_people(workspace, 1, write(workspace, "bob"), origin=ORIGIN)
    delete_person(workspace, 1, origin=ORIGIN)
    found = projectors.gather(changes.read(workspace, 0, 100)).people
    causes = [changes.body_of(change).get("people") for change in changes.read(workspace, 0, 100)]
    told = [rows for rows in causes if rows]
    assert told[0] == [[1, "field", "user_id, city, score"]]
    assert [1, "event", "buy; city"] in told[-4]
    assert [2, "merge", "1"] in told[-2]
    assert told[-1] == [[1, "deleted", "api"]]
    assert found[1] == ("deleted", "api")


def test_events_of_a_deleted_person_go_and_do_not_come_back(workspace: Workspace) -> None:
    apply_edits(workspace, edits("ann bob cid"))
    merge_people(workspace, 1, 2, origin=ORIGIN)
    project(workspace)
    assert events(workspace) == 6
    delete_person(workspace, 1, origin=ORIGIN)
    project(workspace)
    assert found(workspace, 'did "buy"') == {3}
    # ClickHouse removes them in the background.
    end = time.monotonic() + 60
    while events(workspace) != 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert events(workspace) == 2
    startup.forget_ready()
    startup.rebuild()
    assert events(workspace) == 2
    assert found(workspace, 'did "buy"') == {3}


def test_a_change_is_visible_when_memory_has_moved_too(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another thread projects, the position is saved a moment before the sets that people are counted by."""
    monkeypatch.setattr(projectors, "_first", lambda workspace, seq: None)
    apply_edits(workspace, edits("ann"))
    project(workspace)
    seq = changes.head(workspace)
    assert projectors.wait_until(workspace, seq, seconds=0)
    index_of(workspace).seq = seq - 1
    assert not projectors.wait_until(workspace, seq, seconds=0)
