"""Whether the index in front of us is all of the one that was written: tables, generation, parts, and how far it goes.

ClickHouse opens a folder with missing tables as one without these tables, and puts parts aside that it can't load:
either way it answers, with less than there was. So what must be there is remembered in SQL and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from coterie.accounts.models import Workspace
from coterie.audience.engine import Engine
from coterie.audience.schema import TABLES
from coterie.people import changes

# Table -> [partition, first block, last block] of each part.
Parts = dict[str, list[list[str | int]]]

_TABLES = "SELECT name FROM system.tables WHERE database = currentDatabase()"
_GENERATION = "SELECT value FROM meta FINAL WHERE key = 'generation'"
_PARTS = (
    "SELECT table, partition_id, min_block_number, max_block_number FROM system.parts "
    "WHERE database = currentDatabase() AND active ORDER BY table, partition_id, min_block_number"
)
# Only reasons that mean damage: a part that a later one replaced is put aside in good order.
_BROKEN = (
    "SELECT table, name, reason FROM system.detached_parts WHERE database = currentDatabase() "
    "AND (startsWith(reason, 'broken') OR reason IN ('unexpected', 'covered-by-broken'))"
)
_PART_NAME = re.compile(r"(?P<partition>[^_]+)_(?P<first>\d+)_(?P<last>\d+)_\d+(_\d+)?")
_REACH = "SELECT workspace, max(version) FROM people GROUP BY workspace"


def generation(source: Engine) -> str | None:
    """Which index this is; None when a table is missing on a node, or the nodes do not belong together."""
    wanted = {*TABLES, *(f"{name}_local" for name, table in TABLES.items() if source.cluster and table.sharded)}
    for tables in source.rows_by_node(_TABLES):
        if not wanted <= {str(name) for (name,) in tables}:
            return None
    found = {str(rows[0][0]) if rows else None for rows in source.rows_by_node(_GENERATION)}
    return found.pop() if len(found) == 1 else None


def parts(source: Engine) -> Parts:
    """The parts that an embedded index consists of now."""
    found: Parts = {}
    for table, partition, first, last in source.rows(_PARTS):
        found.setdefault(str(table), []).append([str(partition), int(first), int(last)])
    return found


def lost_parts(folder: Path, remembered: Mapping[str, Iterable[list[str | int]]]) -> list[str]:
    """The remembered parts that are not in the folder of an embedded index; one sentence each.

    Parts are merged into larger ones and never split, so each must lie in one that is there. To be asked before
    ClickHouse opens the folder: it would soon merge what is left, over the gap.
    """
    found = []
    for table, wanted in remembered.items():
        present = _parts_on_disk(folder / "data" / "default" / table)
        for partition, first, last in wanted:
            if not any(
                (name, low <= int(first), high >= int(last)) == (partition, True, True) for name, low, high in present
            ):
                found.append(f"{table}: part {partition}_{first}_{last} is gone")
    return found


def _parts_on_disk(folder: Path) -> list[tuple[str, int, int]]:
    try:
        names = [_PART_NAME.fullmatch(path.name) for path in folder.iterdir()]
    except OSError:
        return []
    return [(name["partition"], int(name["first"]), int(name["last"])) for name in names if name]


def broken_parts(source: Engine) -> list[str]:
    """The parts of an embedded index that ClickHouse could not load; one sentence each."""
    return [f"{table}: part {name} can't be loaded ({reason})" for table, name, reason in source.rows(_BROKEN)]


def ahead(source: Engine) -> list[str]:
    """Where the index knows of changes that SQL does not have, as after a restored backup; one sentence each."""
    # The index first: what is written meanwhile is in both.
    reached = source.rows(_REACH)
    heads = {workspace.pk: changes.head(workspace) for workspace in Workspace.objects.all()}
    return [
        f"workspace {workspace}: the index has change {version}, the database ends at {heads.get(workspace, 0)}"
        for workspace, version in reached
        if version > heads.get(workspace, 0)
    ]
