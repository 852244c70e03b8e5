"""Taking people out of the index for good: not hidden by a mark, but gone from the files.

ClickHouse deletes by writing parts anew without the rows, and keeps the old parts for some minutes. Here they go at
once, and it is waited for that they are gone. People are named by number alone, because the text of such a statement
is kept beside the parts.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.conf import settings

from coterie.audience.engine import Engine
from coterie.audience.schema import TABLES

# Those with people in them.
TABLES_OF_PEOPLE: Final = ("people", "events", "merges", "transitions")
# From one look to the next: the first time, and at most; twice as long each time.
_LOOK_SECONDS: Final = (0.05, 0.5)


class StillThere(Exception):
    """The old parts were not removed in time."""


def count_rows(source: Engine, workspace_id: int, numbers: Sequence[int]) -> dict[str, int]:
    """How many rows there are of these people, by table (`index.` and its name)."""
    bound = {"w": workspace_id, "n": list(numbers)}
    counts = {}
    for name in TABLES_OF_PEOPLE:
        # sql: a name of this file
        sql = f"SELECT count() FROM {name} WHERE workspace = {{w:UInt32}} AND number IN {{n:Array(UInt32)}}"
        counts[f"index.{name}"] = int(source.rows(sql, bound)[0][0])
    return counts


def remove_rows(source: Engine, workspace_id: int, numbers: Sequence[int]) -> None:
    """Have the rows of these people deleted, in the background: see `await_clean`."""
    bound = {"n": list(numbers)}
    place = f"IN PARTITION {int(workspace_id)}"
    for name in TABLES_OF_PEOPLE:
        # sql: the table is one of ours, and a partition can't be bound
        sql = f"ALTER TABLE {_stored(source, name)} DELETE {place} WHERE number IN {{n:Array(UInt32)}}"
        source.command(f"{sql} SETTINGS mutations_sync = 0", bound, every_node=True)  # sql: as above
    # Events of people who are deleted are hidden by a mark (startup.forget_events), and a mutation does not see them.
    # sql: as above
    sql = f"ALTER TABLE {_stored(source, 'events')} APPLY DELETED MASK {place} SETTINGS mutations_sync = 0"
    source.command(sql, every_node=True)


def await_clean(source: Engine, workspace_id: int, *, seconds: float, beat: Callable[[], object]) -> None:
    """Return when what was deleted so far is in no part, and the parts that held it are gone, on every node.

    StillThere when that takes longer.
    """
    end = time.monotonic() + seconds

    def wait(true: Callable[[], bool], what: str) -> None:
        pause, longest = _LOOK_SECONDS
        while not true():
            if time.monotonic() > end:
                raise StillThere(what)
            beat()
            time.sleep(pause)
            pause = min(2 * pause, longest)

    wait(lambda: not _mutating(source), "parts of the index are still written anew")
    with _removed_at_once(source):
        # Others come all the time, by merges: these are the ones that may hold what was deleted.
        old = _old_parts(source, workspace_id)

        def gone() -> bool:
            if old.isdisjoint(_old_parts(source, workspace_id)):
                return True
            _remove_old_parts(source)
            return False

        wait(gone, "old parts of the index are still on disk")


def remove_broken() -> None:
    """Remove damaged indexes that were put aside: they hold people too."""
    for path in settings.COTERIE_DATA.glob("index.broken-*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _removed_at_once(source: Engine) -> Iterator[None]:
    """Have old parts removed at once; afterwards they are kept for some minutes again, against a crash."""
    for name in TABLES_OF_PEOPLE:
        # sql: a name of this file
        source.command(f"ALTER TABLE {_stored(source, name)} MODIFY SETTING old_parts_lifetime = 0", every_node=True)
    try:
        yield
    finally:
        for name in TABLES_OF_PEOPLE:
            # sql: as above
            source.command(f"ALTER TABLE {_stored(source, name)} RESET SETTING old_parts_lifetime", every_node=True)


def _remove_old_parts(source: Engine) -> None:
    """Have parts removed whose time is over. A node at rest looks for them once in some minutes only.

    There is no statement for it; dropping a partition does it on the way, also one that is not there, as that of the
    workspace 0.
    """
    for name in TABLES_OF_PEOPLE:
        # sql: a name of this file
        source.command(f"ALTER TABLE {_stored(source, name)} DROP PARTITION 0", every_node=True)


def _mutating(source: Engine) -> bool:
    tables = {_stored(source, name) for name in TABLES_OF_PEOPLE}
    nodes = source.rows_by_node("SELECT table FROM system.mutations WHERE database = currentDatabase() AND NOT is_done")
    return any(table in tables for rows in nodes for (table,) in rows)


def _old_parts(source: Engine, workspace_id: int) -> set[tuple[int, str, str]]:
    """Node, table and name of every part of the workspace that is not read any more."""
    tables = {_stored(source, name) for name in TABLES_OF_PEOPLE}
    nodes = source.rows_by_node(
        "SELECT table, name, partition FROM system.parts WHERE database = currentDatabase() AND NOT active"
    )
    return {
        (node, table, name)
        for node, rows in enumerate(nodes)
        for table, name, partition in rows
        if table in tables and partition == str(workspace_id)
    }


def _stored(source: Engine, name: str) -> str:
    return f"{name}_local" if source.cluster and TABLES[name].sharded else name
