"""Transitions in ClickHouse: a copy of the membership log, one row per person, for questions over time and people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from coterie.accounts.models import Workspace
from coterie.audience.engine import Engine
from coterie.segments import log
from coterie.segments.log import LogRow, Run
from coterie.segments.models import MembershipHead

# Rows of one block: ClickHouse would cut a larger one itself, and a token names one block only.
_BLOCK: Final = 200_000


@dataclass
class Block:
    """Rows of the transitions table, column by column."""

    workspace_id: int
    columns: dict[str, list[Any]] = field(default_factory=dict)
    size: int = 0

    def add(self, row: LogRow, run: Run, start: int, end: int) -> None:
        """Add a slice of a run."""
        count = end - start
        causes = run.causes[start:end]
        parts: dict[str, list[Any]] = {
            "workspace": [self.workspace_id] * count,
            "segment": [run.segment] * count,
            "number": run.numbers[start:end],
            "entered": [int(run.entered)] * count,
            "at": [row.at_ms] * count,
            "seq": [row.seq] * count,
            "position": [row.position] * count,
            "cause": [kind for kind, _ in causes],
            "ref": [ref for _, ref in causes],
        }
        for name, values in parts.items():
            self.columns.setdefault(name, []).extend(values)
        self.size += count


def insert(engine: Engine, workspace_id: int, row: LogRow) -> None:
    """Write the transitions of one log row; a second time adds nothing that a reader sees."""
    for number, block in enumerate(_blocks(workspace_id, iter([row]))):
        suffix = f":{number}" if number else ""
        engine.insert("transitions", block.columns, token=f"t:{workspace_id}:{row.position}{suffix}")


def stored(engine: Engine, workspace_id: int, after: int, *, upto: int) -> dict[int, int]:
    """How many transitions of each log row between two positions are stored."""
    sql = (
        "SELECT position, count() FROM transitions FINAL WHERE workspace = {w:UInt32} "
        "AND position > {a:UInt64} AND position <= {b:UInt64} GROUP BY position"
    )
    found = engine.rows(sql, {"w": workspace_id, "a": after, "b": upto})
    return {int(position): int(count) for position, count in found}


def reship(workspace: Workspace, engine: Engine) -> None:
    """Write every transition of the log to an empty table, many rows of the log in one block."""
    head = MembershipHead.objects.filter(workspace=workspace).first()
    if head is None:
        return
    rows = log.read(workspace.pk, 0, upto=head.position)
    for number, block in enumerate(_blocks(workspace.pk, rows)):
        engine.insert("transitions", block.columns, token=f"t:{workspace.pk}:again:{head.position}:{number}")
    MembershipHead.objects.filter(pk=head.pk).update(shipped=head.position)


def _blocks(workspace_id: int, rows: Iterator[LogRow]) -> Iterator[Block]:
    """The rows' transitions, cut into blocks at places that are the same each time."""
    block = Block(workspace_id)
    for row in rows:
        for run in row.entry.runs():
            start = 0
            while start < len(run.numbers):
                end = min(len(run.numbers), start + _BLOCK - block.size)
                block.add(row, run, start, end)
                start = end
                if block.size == _BLOCK:
                    yield block
                    block = Block(workspace_id)
    if block.size:
        yield block
