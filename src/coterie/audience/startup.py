"""Bringing the index up: tables, which index it is, memberships from SQL; and making it anew from SQL."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import structlog
from django.conf import settings

from coterie.accounts.models import Workspace
from coterie.audience import rows, upkeep, wholeness
from coterie.audience.engine import (
    Engine,
    EngineUnavailable,
    IndexDamaged,
    IndexInUse,
    close_engine,
    engine,
    on_damage,
)
from coterie.audience.index import PeopleIndex, forget_indexes, merged_people
from coterie.audience.models import IndexPosition, IndexState
from coterie.audience.names import load_names
from coterie.audience.schema import VERSION, create_statements, drop_statements
from coterie.kit import clock
from coterie.kit.environment import is_embedded
from coterie.kit.errors import Unavailable
from coterie.kit.failpoints import hit
from coterie.people import changes
from coterie.people.models import Person, State
from coterie.people.queries import iterate_people

log = structlog.get_logger(__name__)
_ready = threading.Event()
_lock = threading.RLock()
# Set when a statement found the index damaged, until it is made anew.
_damaged = threading.Event()
# How many threads write to the index in steps that must not meet a rebuild.
_steps = 0
_steps_changed = threading.Condition()
PAGE = 20_000

Progress = Callable[[int, int], None]


class IndexRebuilding(Unavailable):
    """The index is being made anew from SQL; what needs it answers again when that is done."""

    default_code = "index_rebuilding"
    default_message = "The audience index is being rebuilt from the database. Nothing is lost; try again soon."


def position_of(workspace: Workspace | int) -> IndexPosition:
    """The workspace's position; made at zero when there is none."""
    key = workspace if isinstance(workspace, int) else workspace.pk
    found, _ = IndexPosition.objects.of(key).get_or_create(
        workspace_id=key, defaults={"clock_ms": clock.to_ms(clock.now())}
    )
    return found


def zone_of(workspace: Workspace) -> str:
    """The workspace's time zone as SQL has it now: a row that was read before may have another."""
    return Workspace.objects.values_list("timezone", flat=True).get(pk=workspace.pk)


def ensure_index(*, rebuild_now: bool = True, progress: Progress | None = None) -> bool:
    """Make the tables where they are missing; say whether the index belongs to this database.

    A foreign, empty or damaged index is rebuilt here, or left for `rebuild` when `rebuild_now` is false. Raises
    IndexInUse when another process holds the folder, EngineUnavailable when ClickHouse does not answer.
    """
    if _ready.is_set():
        return True
    # One thread looks or rebuilds at a time: a look at tables that are just being made anew would find them damaged.
    if not _lock.acquire(blocking=rebuild_now):
        return False
    try:
        if _ready.is_set():
            return True
        if _is_whole():
            _ready.set()
            return True
        if rebuild_now:
            rebuild(progress)
        return rebuild_now
    finally:
        _lock.release()


def _is_whole() -> bool:
    """Open the index and look whether it is the whole one of this database; what can't be opened is set aside."""
    state = IndexState.objects.filter(pk=1).first()
    embedded = is_embedded()
    found = wholeness.lost_parts(_folder(), state.parts) if embedded and state is not None else []
    try:
        known = _look()
        if state is None or known is None:
            return False
        if state.rebuilding_since is not None or (state.generation, state.schema_version) != (known, VERSION):
            return False
        source = engine()
        found += wholeness.ahead(source) + (wholeness.broken_parts(source) if embedded else [])
    except IndexDamaged:
        _damaged.set()
    if found:
        log.error("index_not_whole", found="; ".join(found[:5]), count=len(found))
        _damaged.set()
    if _damaged.is_set():
        # Kept for the next start: ClickHouse may tidy up so that nothing is to be seen then.
        IndexState.objects.filter(pk=1).update(generation="")
        # It stands in SQL now. Remembered here too, it would be held against what another process makes anew.
        _damaged.clear()
        return False
    return True


def _look() -> str | None:
    """Open the index and read which one it is."""
    for attempt in (1, 2):
        try:
            return wholeness.generation(engine())
        except Exception as error:
            passes = isinstance(error, EngineUnavailable) and not isinstance(error, IndexDamaged)
            if passes or attempt == 2 or not is_embedded():
                raise
            log.error("index_set_aside", error=str(error)[:300])
            _set_aside()
    return None


def note_damage(reason: str) -> None:
    """The index was found to be damaged: nothing more is answered from it until it is made anew."""
    if not _damaged.is_set():
        log.error("index_damaged", error=reason)
    _damaged.set()
    _ready.clear()


on_damage(note_damage)


def remember_parts() -> None:
    """Note in SQL what an embedded index consists of, so that a start sees when a part of it is gone."""
    source = engine()
    if not source.path or not _lock.acquire(blocking=False):
        return
    try:
        if _ready.is_set():
            found = wholeness.parts(source)
            if IndexState.objects.filter(pk=1).values_list("parts", flat=True).first() != found:
                IndexState.objects.filter(pk=1).update(parts=found)
    finally:
        _lock.release()


@contextlib.contextmanager
def stepping() -> Iterator[None]:
    """Around a step that writes to the index and then moves a position: it does not meet a rebuild half-way.

    Raises IndexRebuilding while there is one.
    """
    global _steps
    with _steps_changed:
        if not _ready.is_set():
            raise IndexRebuilding(retry_after=5)
        _steps += 1
    try:
        yield
    finally:
        with _steps_changed:
            _steps -= 1
            _steps_changed.notify_all()


def _stop_steps() -> None:
    """Let no step begin, and wait for those under way."""
    with _steps_changed:
        _ready.clear()
        while _steps:
            _steps_changed.wait()


def require_ready() -> None:
    """Raise IndexRebuilding while the index is not whole."""
    if not _ready.is_set() and not ensure_index(rebuild_now=False):
        state = IndexState.objects.filter(pk=1).first()
        details = {"done": state.progress_done, "total": state.progress_total} if state else {}
        raise IndexRebuilding(details=details, retry_after=5)


def adopt() -> None:
    """Take an index, made where there is none, as this database's own: it holds nothing that SQL does not know.

    For a new database beside an index that others use, as tests have it.
    """
    source = engine()
    generation = wholeness.generation(source)
    if generation is None:
        for statement in create_statements(source.cluster):
            source.command(statement, every_node=True)
        generation = secrets.token_hex(16)
        source.insert("meta", {"key": ["generation"], "value": [generation], "version": [time.time_ns()]})
    IndexState.objects.update_or_create(
        pk=1, defaults={"generation": generation, "schema_version": VERSION, "rebuilding_since": None}
    )
    _ready.set()


def forget_ready() -> None:
    """Look at the index again on next use: it was closed, or answered that it is damaged."""
    _ready.clear()


def start(workspace: Workspace, index: PeopleIndex) -> None:
    """Load what an index needs before its first use: its position, merges and named sets."""
    position = position_of(workspace)
    index.seq, index.clock_ms = position.seq, position.clock_ms
    # After the position: a zone that is newer than it comes with a change that is yet to be projected.
    index.change_zone(zone_of(workspace))
    index.load_merges()
    for each in upkeep.registered():
        each.load(workspace, index)


def rebuild(progress: Progress | None = None) -> None:
    """Make the index anew from SQL: people, events, merges and transitions of every workspace.

    SQL is only read, but for the positions. People, events and memberships written meanwhile are projected afterwards.
    """
    with _lock:
        _stop_steps()
        generation = secrets.token_hex(16)
        total = sum(changes.head(workspace) for workspace in Workspace.objects.all())
        IndexState.objects.update_or_create(
            pk=1,
            defaults={
                "generation": generation,
                "schema_version": VERSION,
                "rebuilding_since": clock.now(),
                "progress_done": 0,
                "progress_total": total,
                "parts": {},
            },
        )
        log.info("index_rebuild_started", changes=total)
        started = time.monotonic()
        source = _emptied()
        _damaged.clear()
        hit("index.rebuild")
        done = 0
        for workspace in Workspace.objects.order_by("pk"):
            for step in _refill(source, workspace):
                done += step
                _note_rebuild(generation, progress_done=done)
                if progress:
                    progress(done, total)
        source.insert("meta", {"key": ["generation"], "value": [generation], "version": [time.time_ns()]})
        _note_rebuild(generation, progress_done=total, rebuilding_since=None)
        forget_indexes()
        _ready.set()
        remember_parts()
        log.info("index_rebuilt", seconds=round(time.monotonic() - started, 1))


def _note_rebuild(generation: str, **values: object) -> None:
    """Note how far a rebuild has come; raises IndexRebuilding when another process has begun one meanwhile.

    This one was asleep then, and may have written into the other one's tables: nobody takes these for whole.
    """
    if not IndexState.objects.filter(pk=1, generation=generation).update(**values):
        IndexState.objects.filter(pk=1).update(generation="")
        raise IndexRebuilding(retry_after=5)


def _emptied() -> Engine:
    """The engine with new, empty tables; a folder in which the old ones can't be removed is set aside."""
    source = engine()
    statements = (*drop_statements(source.cluster), *create_statements(source.cluster))
    try:
        for statement in statements:
            source.command(statement, every_node=True)
    except Exception as error:
        passes = isinstance(error, EngineUnavailable) and not isinstance(error, IndexDamaged)
        if passes or not source.path:
            raise
        log.error("index_set_aside", error=str(error)[:300])
        _set_aside()
        source = engine()
        for statement in statements:
            source.command(statement, every_node=True)
    return source


def _refill(source: Engine, workspace: Workspace) -> Iterator[int]:
    """Write a workspace's people as they are now, and its events up to the position.

    Those after it are projected as usual: written here too, they would be there twice, since ClickHouse remembers only
    so many tokens.
    """
    position = position_of(workspace).seq
    head = max(position, changes.head(workspace))
    names = load_names(workspace.pk)
    last = 0
    while states := iterate_people(workspace, last, PAGE):
        source.insert("people", rows.people_columns(workspace.pk, head, rows.people_cells(states, names)))
        last = states[-1].number
        yield 0
    insert_merges(source, workspace.pk, final_survivors(merged_people(workspace.pk)), head)
    gone = set(Person.objects.of(workspace).filter(state=State.DELETED).values_list("number", flat=True))
    gone.update(number for number, into in final_survivors(merged_people(workspace.pk)).items() if into in gone)
    after = 0
    while after < position:
        # Old changes without events are gone, so a page may reach past the position.
        found = [change for change in changes.read(workspace, after, 50) if change.seq <= position]
        if not found:
            break
        kept = [
            (change.seq, [row for row in changes.body_of(change).get("events", ()) if row[0] not in gone])
            for change in found
        ]
        source.insert("events", rows.event_columns(workspace.pk, kept))
        yield found[-1].seq - after
        after = found[-1].seq
    for each in upkeep.registered():
        each.reship(workspace, source)


def final_survivors(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Who each merged person is today, where survivors were merged themselves."""
    into = dict(pairs)
    found = {}
    for number in into:
        last = into[number]
        while last in into:
            last = into[last]
        found[number] = last
    return found


def insert_merges(source: Engine, workspace_id: int, pairs: dict[int, int], version: int) -> None:
    """Write where the events of merged people belong; 0 for those whose merge was undone."""
    source.insert(
        "merges",
        {
            "workspace": [workspace_id] * len(pairs),
            "number": list(pairs),
            "survivor": list(pairs.values()),
            "version": [version] * len(pairs),
        },
    )


def forget_events(source: Engine, workspace_id: int, people: Iterable[int]) -> None:
    """Remove the events of deleted people. By number only: ClickHouse keeps the text of such statements.

    In the workspace's partition alone: otherwise the parts of every workspace are written anew. ClickHouse does it in
    the background: the people are in no set any more, so nobody has to wait until the bytes are gone.
    """
    table = "events_local" if source.cluster else "events"
    # sql: the table's name is one of two of ours, and a partition can't be bound
    statement = (
        f"DELETE FROM {table} IN PARTITION {int(workspace_id)} WHERE number IN {{n:Array(UInt32)}} "
        "SETTINGS lightweight_deletes_sync = 0"
    )
    source.command(statement, {"n": list(people)}, every_node=True)


def forget_old_events(
    source: Engine, workspace_id: int, *, before: int, after: int, upto: int, kept: Iterable[int]
) -> None:
    """Remove events from before an instant (ms) of the changes from `after` to `upto`, but those of `kept`.

    They are gone when this returns: the sets of conditions on events are read anew after it.
    """
    table = "events_local" if source.cluster else "events"
    # sql: the table's name is one of two of ours, and a partition can't be bound
    statement = (
        f"DELETE FROM {table} IN PARTITION {int(workspace_id)} WHERE time < {{b:Int64}} AND seq > {{a:UInt64}} "
        "AND seq <= {u:UInt64} AND NOT has({k:Array(UInt32)}, number) SETTINGS lightweight_deletes_sync = 2"
    )
    source.command(statement, {"b": before, "a": after, "u": upto, "k": list(kept)}, every_node=True)


def stored_events(source: Engine, workspace_id: int, first: int) -> set[tuple[int, int]]:
    """Which events from a change on are stored: each by its change's seq and its place there."""
    sql = "SELECT seq, pos FROM events WHERE workspace = {w:UInt32} AND seq >= {a:UInt64}"
    found = source.rows(sql, {"w": workspace_id, "a": first})
    return {(int(seq), int(pos)) for seq, pos in found}


def are_doubled(source: Engine, workspace_id: int, first: int, last: int) -> bool:
    """Whether an event of some changes is stored more than once."""
    sql = (
        "SELECT count() > uniqExact(seq, pos) FROM events "
        "WHERE workspace = {w:UInt32} AND seq >= {a:UInt64} AND seq <= {b:UInt64}"
    )
    return bool(source.rows(sql, {"w": workspace_id, "a": first, "b": last})[0][0])


def _folder() -> Path:
    return Path(settings.COTERIE_DATA) / "index"


def _set_aside() -> None:
    """Move a damaged embedded index out of the way; it is kept for whoever wants to look at it."""
    if not close_engine():
        raise EngineUnavailable("The damaged audience index is still being used. Try again.", retry_after=5)
    path = _folder()
    if path.exists():
        aside = path.with_name(f"{path.name}.broken-{int(time.time())}")
        path.rename(aside)
        for old in sorted(path.parent.glob(f"{path.name}.broken-*"))[:-2]:
            with contextlib.suppress(OSError):
                shutil.rmtree(old)


__all__ = ["IndexInUse", "IndexRebuilding", "ensure_index", "position_of", "rebuild", "require_ready", "start"]
