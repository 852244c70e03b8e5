"""The rows of an import's outcome in SQL: written by the thousand, read by page, looked up by key.

The statements stand here whole; every value is bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

import orjson
from django.db import connection
from django.db.models import Count, Max

from coterie.kit import reasons
from coterie.transfers.models import Import, ImportRow, Phase, RowOutcome

_SQLITE: Final = (
    "INSERT INTO transfers_importrow (workspace_id, source_id, phase, line, outcome, number, key, other, seq, details) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (source_id, phase, line) DO NOTHING"
)
_POSTGRES: Final = (
    "INSERT INTO transfers_importrow (workspace_id, source_id, phase, line, outcome, number, key, other, seq, details) "
    "SELECT %s, %s, %s, * FROM unnest("
    "%s::int[], %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) "
    "ON CONFLICT (source_id, phase, line) DO NOTHING"
)
_CHUNK: Final = 5_000


class Entry(NamedTuple):
    """One row to write; see ImportRow."""

    line: int
    outcome: RowOutcome
    number: int | None = None
    key: int | None = None
    other: int | None = None
    seq: int | None = None
    details: str = ""


def write(source: Import, phase: Phase, entries: Sequence[Entry]) -> None:
    """Add entries; a line that has one in this phase keeps it."""
    if not entries:
        return
    head = (source.workspace_id, source.pk, int(phase))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES, [*head, *(list(column) for column in zip(*entries, strict=True))])
        else:
            cursor.executemany(_SQLITE, [(*head, *entry) for entry in entries])


def forget(source: Import, *phases: Phase) -> None:
    """Remove the outcome of phases that begin anew, in chunks, so that nobody waits long for the writer."""
    while forget_some(source, *phases):
        pass


def forget_some(source: Import, *phases: Phase) -> bool:
    """Remove a chunk of the outcome of phases; False when there was none left."""
    rows = _rows(source).filter(phase__in=phases)
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:_CHUNK])
    if some:
        rows.filter(pk__gte=some[0], pk__lte=some[-1]).delete()
    return bool(some)


def lines_by_key(source: Import, phase: Phase, column: Literal["key", "other"], keys: Iterable[int]) -> dict[int, int]:
    """The first line, as far as written, that has each of these hashes in a column."""
    wanted = list(keys)
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 500):
        rows = _rows(source).filter(phase=phase, **{f"{column}__in": wanted[start : start + 500]})
        for key, line in rows.values_list(column, "line"):
            found[key] = min(line, found.get(key, line))
    return found


def counts(source: Import, phase: Phase) -> dict[str, int]:
    """How many rows of each outcome there are, by the outcome's name."""
    rows = _rows(source).filter(phase=phase).values_list("outcome").annotate(Count("pk"))
    return {RowOutcome(outcome).name.lower(): size for outcome, size in rows}


def page(source: Import, phase: Phase, *, outcome: RowOutcome | None, after: int, limit: int) -> list[ImportRow]:
    """Outcomes of the rows after a line, in the file's order, of one kind or of all."""
    rows = _rows(source).filter(phase=phase, line__gt=after)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    return list(rows.order_by("line")[:limit])


def walk(source: Import, phase: Phase, *outcomes: RowOutcome, after: int = 0) -> Iterator[list[ImportRow]]:
    """The same for some outcomes, in chunks of 5,000 to the end."""
    while True:
        rows = _rows(source).filter(phase=phase, outcome__in=outcomes, line__gt=after).order_by("line")
        chunk = list(rows[:_CHUNK])
        if not chunk:
            return
        yield chunk
        after = chunk[-1].line


def walk_back(source: Import, *, before: int | None) -> list[ImportRow]:
    """The last 1,000 rows before a line, or of all, that the run has created or updated, the latest first."""
    rows = _rows(source).filter(phase=Phase.RUN, outcome__in=(RowOutcome.CREATED, RowOutcome.UPDATED))
    if before is not None:
        rows = rows.filter(line__lt=before)
    return list(rows.order_by("-line")[:1_000])


def last_seqs(source: Import, numbers: Sequence[int]) -> dict[int, int]:
    """The last change of the import's run that wrote each of these people."""
    found: dict[int, int] = {}
    for start in range(0, len(numbers), 500):
        rows = _rows(source).filter(phase=Phase.RUN, number__in=numbers[start : start + 500], seq__isnull=False)
        found.update(rows.values_list("number").annotate(Max("seq")))
    return found


def told(row: ImportRow) -> dict[str, Any]:
    """A row's details; those of before reasons had codes in the form of today."""
    details: dict[str, Any] = orjson.loads(row.details) if row.details else {}
    if "reason" in details:
        details["reason"] = reasons.told(details["reason"])
    if "warnings" in details:
        details["warnings"] = [reasons.told(each) for each in details["warnings"]]
    if "problems" in details:
        details["problems"] = [_problem(each) for each in details["problems"]]
    return details


def _problem(kept: dict[str, Any] | list[str]) -> dict[str, Any]:
    if isinstance(kept, dict):
        return kept
    field, cell, reason = kept
    return {"field": field, "cell": cell, **reasons.told(reason)}


def _rows(source: Import) -> Any:
    return ImportRow.objects.of(source.workspace_id).filter(source=source)
