"""What an index must not be taken for whole by, and what making it anew must not double."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from coterie.accounts.models import Workspace
from coterie.audience import startup, wholeness
from coterie.audience.engine import Engine, engine
from coterie.audience.models import IndexPosition, IndexState
from coterie.audience.projector import LeaseLost, Projector, project
from coterie.audience.schema import create_statements
from coterie.kit import clock
from coterie.people.actions import apply_edits
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.segments import history, log
from coterie.segments.models import MembershipHead
from tests.audience.conftest import make_workspace, workspace, write
from tests.segments.conftest import Stage, stage

__all__ = ["make_workspace", "stage", "workspace"]

ORIGIN = Origin("api", "test")
# Blocks of a table whose tokens ClickHouse remembers, in place of 1,000.
REMEMBERED = 20
MANY = REMEMBERED + 10


def rows_of_events(workspace: Workspace) -> int:
    sql = "SELECT count() FROM events WHERE workspace = {w:UInt32}"
    return int(engine().rows(sql, {"w": workspace.pk})[0][0])


def looked_at_again() -> bool:
    """Whether the index is taken as it is when it is looked at anew."""
    startup.forget_ready()
    return startup.ensure_index(rebuild_now=False)


def the_only_one() -> None:
    """Have the index hold nothing of other tests, which SQL has forgotten."""
    startup.forget_ready()
    startup.rebuild()


@pytest.fixture
def short_memory(workspace: Workspace) -> Iterator[None]:
    """Tables that forget tokens of blocks sooner than ours do."""

    def forgetful(cluster: str | None) -> list[str]:
        return [
            statement.replace("window = 1000", f"window = {REMEMBERED}") for statement in create_statements(cluster)
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(startup, "create_statements", forgetful)
        yield
    the_only_one()


@pytest.mark.server
def test_it_works(workspace: Workspace) -> None:
    the_only_one()
    write(workspace, "ann", city="Berlin", events=[("buy", 1_700_000_000_000, {})])
    startup.remember_parts()
    assert looked_at_again()
    assert rows_of_events(workspace) == 1


@pytest.mark.usefixtures("short_memory")
def test_changes_that_wait_are_not_there_twice_after_a_rebuild(workspace: Workspace) -> None:
    """The index was away for more changes than there are tokens, and is made anew; then they are projected."""
    for number in range(MANY):
        event = EventRecord("buy", 1_700_000_000_000 + number, f"m{number}", properties={})
        apply_edits(workspace, [PersonEdit(identities=[("user_id", "ann")], events=[event], origin=ORIGIN)])
    startup.forget_ready()
    startup.rebuild()
    project(workspace)
    assert rows_of_events(workspace) == MANY


@pytest.mark.server
def test_an_index_that_is_ahead_of_the_database_is_not_taken(workspace: Workspace) -> None:
    """A backup of the database was restored beside a newer index."""
    the_only_one()
    write(workspace, "ann", city="Berlin")
    columns: dict[str, list[Any]] = {
        "workspace": [workspace.pk],
        "number": [7],
        "version": [1_000_000],
        "live": [1],
        "a": ["{}"],
    }
    engine().insert("people", columns)
    assert not looked_at_again()
    startup.ensure_index()
    assert looked_at_again()
    assert engine().rows("SELECT number FROM people FINAL WHERE workspace = {w:UInt32}", {"w": workspace.pk}) == [(1,)]


@pytest.mark.server
@pytest.mark.parametrize("table", ["people", "events", "merges", "transitions", "meta"])
def test_a_table_that_is_gone_is_not_taken_for_an_empty_one(workspace: Workspace, table: str) -> None:
    the_only_one()
    write(workspace, "ann", events=[("buy", 1_700_000_000_000, {})])
    sharded = engine().cluster and table not in ("merges", "meta")
    # On a cluster, one node alone.
    engine().command(f"DROP TABLE {table}{'_local' if sharded else ''} SYNC")
    assert not looked_at_again()
    startup.ensure_index()
    assert rows_of_events(workspace) == 1


def test_what_was_found_is_not_forgotten(workspace: Workspace) -> None:
    """ClickHouse tidies up after damage: what the first look has found, the second may not see."""
    the_only_one()
    write(workspace, "ann")
    IndexState.objects.filter(pk=1).update(parts={"people": [["1", 900, 901]]})
    assert not looked_at_again()
    IndexState.objects.filter(pk=1).update(parts={})
    assert not looked_at_again()
    startup.ensure_index()
    assert looked_at_again()


@pytest.mark.parametrize(
    ("present", "remembered", "lost"),
    [
        (["1_1_1_0", "1_2_2_0"], [["1", 1, 1], ["1", 2, 2]], 0),
        (["1_1_2_1"], [["1", 1, 1], ["1", 2, 2]], 0),
        (["1_1_2_1_9"], [["1", 1, 2]], 0),
        (["1_1_1_0", "1_2_2_0", "1_3_3_0"], [["1", 1, 1]], 0),
        (["1_1_1_0"], [["1", 1, 1], ["1", 2, 2]], 1),
        (["1_1_1_0", "1_2_2_0"], [["1", 1, 2]], 1),
        (["2_1_1_0"], [["1", 1, 1]], 1),
        (["tmp_merge_1_1_2_1", "detached"], [["1", 1, 1]], 1),
        ([], [["all", 1, 1]], 1),
        (["all_1_1_0"], [["all", 1, 1]], 0),
    ],
)
def test_parts_on_disk(tmp_path: Path, present: list[str], remembered: list[list[str | int]], lost: int) -> None:
    table = tmp_path / "data" / "default" / "people"
    for name in present:
        (table / name).mkdir(parents=True)
    assert len(wholeness.lost_parts(tmp_path, {"people": remembered})) == lost


def buys(workspace: Workspace, *names: str) -> None:
    """One change with an event for each name; nothing is projected."""
    for name in names:
        event = EventRecord("buy", 1_700_000_000_000, f"m-{name}", properties={})
        apply_edits(workspace, [PersonEdit(identities=[("user_id", name)], events=[event], origin=ORIGIN)])


@pytest.mark.server
def test_a_batch_that_was_not_settled_is_not_there_twice(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are written, the database is away; then the next batch is cut otherwise."""

    def away(*_: object, **__: object) -> None:
        raise OperationalError("the database is away")

    buys(workspace, "ann")
    project(workspace)
    buys(workspace, "bob", "cid")
    with monkeypatch.context() as patch:
        patch.setattr(Projector, "_settle", away)
        with pytest.raises(OperationalError):
            project(workspace)
    buys(workspace, "dan")
    project(workspace)
    assert rows_of_events(workspace) == 4


@pytest.mark.server
def test_two_workers_that_wrote_the_same_events_are_found(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One slept between proving its lease and writing, for so long that another one has taken over and gone on."""
    the_only_one()
    buys(workspace, "ann", "bob")
    startup.position_of(workspace)
    mine = IndexPosition.objects.of(workspace)
    mine.update(lease_token="slept")
    insert = Engine.insert

    def sleeping(self: Engine, table: str, columns: Any, **more: Any) -> None:
        if table == "events":
            monkeypatch.setattr(Engine, "insert", insert)
            mine.update(lease_token="awake")
            # It takes other changes together than the one that sleeps.
            buys(workspace, "cid")
            Projector(workspace, lease="awake").run()
        insert(self, table, columns, **more)

    monkeypatch.setattr(Engine, "insert", sleeping)
    with pytest.raises(LeaseLost):
        Projector(workspace, lease="slept").run()
    assert not looked_at_again()
    startup.ensure_index()
    assert rows_of_events(workspace) == 3


@pytest.mark.server
def test_a_rebuild_that_slept_through_another_one_is_not_taken(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease ran out, another worker has made the index anew, and now it goes on into the other one's tables."""
    buys(workspace, "ann", "bob")
    project(workspace)
    startup.forget_ready()
    refill = startup._refill

    def sleeping(source: Engine, of: Workspace) -> Iterator[int]:
        monkeypatch.setattr(startup, "_refill", refill)
        startup.rebuild()
        yield from refill(source, of)

    monkeypatch.setattr(startup, "_refill", sleeping)
    with pytest.raises(startup.IndexRebuilding):
        startup.rebuild()
    assert not looked_at_again()
    startup.ensure_index()
    assert looked_at_again()
    assert rows_of_events(workspace) == 2


@pytest.mark.server
def test_damage_is_held_against_one_index_only(workspace: Workspace) -> None:
    """What one process found and noted, another one has mended: it is not mended again."""
    the_only_one()
    startup.note_damage("for a test")
    assert not looked_at_again()
    # Another process makes it anew: this one's memory does not change by that.
    generation = wholeness.generation(engine())
    IndexState.objects.filter(pk=1).update(generation=generation)
    assert looked_at_again()


def transitions(workspace: Workspace) -> int:
    sql = "SELECT count() FROM transitions WHERE workspace = {w:UInt32}"
    return int(engine().rows(sql, {"w": workspace.pk})[0][0])


@pytest.mark.usefixtures("short_memory")
def test_transitions_that_were_shipped_before_a_crash_are_not_there_twice(stage: Stage) -> None:
    """The process ended before SQL had learnt of it, and others have written more blocks than there are tokens."""
    the_only_one()
    write(stage.workspace, "ann", city="Berlin")
    stage.dynamic("Berlin", 'city is "Berlin"')
    stage.settle()
    assert transitions(stage.workspace) == 1
    for position in range(MANY):
        columns: dict[str, list[Any]] = {
            "workspace": [1],
            "segment": [1],
            "number": [1],
            "entered": [1],
            "at": [0],
            "seq": [1],
        }
        more: dict[str, list[Any]] = {"position": [position], "cause": ["test"], "ref": [""]}
        engine().insert("transitions", columns | more, token=f"other:{position}")
    MembershipHead.objects.filter(workspace=stage.workspace).update(shipped=0)
    stage.restart()
    write(stage.workspace, "bob", city="Berlin")
    assert transitions(stage.workspace) == 2


@pytest.mark.server
def test_transitions_of_a_worker_that_slept_are_read_once(stage: Stage) -> None:
    """It saved them, slept for longer than tokens are remembered, and ships what others have shipped long ago."""
    write(stage.workspace, "ann", city="Berlin")
    berlin = stage.dynamic("Berlin", 'city is "Berlin"')
    stage.settle()
    for row in log.read(stage.workspace.pk, 0):
        columns: dict[str, list[Any]] = {}
        for each in row.entry.transitions():
            values = (stage.workspace.pk, each.segment, each.number, int(each.entered), row.at_ms, row.seq)
            names = ("workspace", "segment", "number", "entered", "at", "seq", "position", "cause", "ref")
            for name, value in zip(names, (*values, row.position, each.cause, each.ref), strict=True):
                columns.setdefault(name, []).append(value)
        engine().insert("transitions", columns, token=f"late:{row.position}")
    seen, _ = history.transitions(stage.access(), berlin)
    assert [(each.number, each.entered) for each in seen] == [(1, True)]
    always = {"since": datetime(2020, 1, 1, tzinfo=UTC), "until": datetime(2100, 1, 1, tzinfo=UTC)}
    assert history.flow(berlin, **always).entered == 1


@pytest.mark.server
def test_segments_are_readable_while_the_index_is_made_anew(stage: Stage) -> None:
    """Names, sizes and their time are in SQL; what needs the index says when to come again."""
    the_only_one()
    for user, city in (("ann", "Berlin"), ("bob", "Berlin"), ("cem", "Bonn")):
        write(stage.workspace, user, city=city)
    berlin, bonn = stage.dynamic("Berlin", 'city is "Berlin"'), stage.dynamic("Bonn", 'city is "Bonn"')
    stage.dynamic("Nobody", 'city is "Nowhere"')
    stage.static("Picked", [1, 2, 3])
    stage.settle()
    write(stage.workspace, "bob", city="Bonn")
    api = stage.api("vera")

    def seen() -> dict[str, Any]:
        return {row["name"]: row for row in api.call("GET", "/segments")["items"]}

    before = seen()
    assert {name: row["size"] for name, row in before.items()} == {"Berlin": 1, "Bonn": 2, "Nobody": 0, "Picked": 3}
    assert not any(row["rebuilding"] for row in before.values())
    startup.forget_ready()
    IndexState.objects.filter(pk=1).update(rebuilding_since=clock.now())
    during = seen()
    assert during == {name: row | {"rebuilding": True} for name, row in before.items()}
    one = api.call("GET", f"/segments/{bonn.public_id}")
    assert (one["size"], one["rebuilding"], one["computed_at"]) == (2, True, before["Bonn"]["computed_at"])
    for method, path, body in (
        ("POST", "/people/count", {"where": 'city is "Bonn"'}),
        ("GET", f"/segments/{berlin.public_id}/people", None),
    ):
        answer = api.api.call(method, api.base + path, body)
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True), path
    startup.ensure_index()
    assert seen() == before
