"""The jobs of an import: the rehearsal of a whole file, and the run. Both read and decide with the same code."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from coterie.jobs import files
from coterie.jobs.kinds import Steps
from coterie.jobs.retained import ERRORS
from coterie.jobs.retaining import period
from coterie.jobs.turn import Turn
from coterie.kit import failpoints, turns
from coterie.kit.errors import NotFound
from coterie.kit.formulas import harmless
from coterie.kit.reasons import Reason
from coterie.people import changes
from coterie.people.actions import Outcome, apply_edits, preview_edits
from coterie.transfers import compiling, ledger, membership, sheets
from coterie.transfers.deciding import Decider, Decision, Reading, concluded
from coterie.transfers.models import Import, Phase, RowOutcome
from coterie.transfers.plan import ImportPlan, read_plan
from coterie.transfers.reading import Layout, Row, Unreadable, rows_of

# Rows in one transaction: on SQLite other writers wait for it.
BATCH: Final = 1_000
# New people whose values a rehearsal keeps, to be looked through; the file has those of the others.
_TOLD: Final = 10_000
_COUNT_EVERY: Final = 20_000


def rehearse(turn: Turn) -> Steps:
    """Go through the whole file and note what would become of each row; nothing else is written."""
    yield from _go_through(turn, Phase.REHEARSAL)
    source = source_of(turn)
    yield from membership.foresee(turn, source, read_plan(source.plan).segments)
    return turn.result


def run(turn: Turn) -> Steps:
    """Go through the file and do it: each batch of rows, its outcomes and the checkpoint in one transaction."""
    yield from _go_through(turn, Phase.RUN)
    source = source_of(turn)
    for _ in membership.put(turn, source, read_plan(source.plan).segments):
        yield
    return turn.result


def _go_through(turn: Turn, phase: Phase) -> Iterator[None]:
    access = turn.access()
    source = source_of(turn)
    plan = compiling.checked(access, source, read_plan(source.plan))
    mark = turn.checkpoint
    if not mark.get("counted"):
        for _ in _prepare(turn, source, plan, phase):
            yield
    reading = compiling.compiled(source, plan)
    decider = Decider(
        source.workspace,
        reading,
        lines=partial(ledger.lines_by_key, source, phase),
        rehearsing=phase is Phase.REHEARSAL,
        names_holders=access.may("people:read"),
    )
    rows = islice(data_rows(source, plan), mark.get("rows", 0), None)
    does = (_Rehearsed if phase is Phase.REHEARSAL else _Applied)(turn, source, decider, plan)
    while batch := list(islice(rows, BATCH)):
        does.batch(reading, batch)
        failpoints.hit("import.batch")
        yield
    if not mark.get("told"):
        _write_errors(turn, source, plan, phase)
        yield


class _Applied:
    """Applies batches of rows."""

    phase = Phase.RUN

    def __init__(self, turn: Turn, source: Import, decider: Decider, plan: ImportPlan) -> None:
        self._turn = turn
        self._source = source
        self._decider = decider
        self._attributes = compiling.new_attributes(source.workspace, plan)

    def batch(self, reading: Reading, rows: list[Row]) -> None:
        """Do what is to be done about some rows, with their outcomes and the checkpoint."""
        # What needs no lock is done before it is taken.
        reads = [reading.read(row) for row in rows]
        with turns.patient(), transaction.atomic():
            changes.lock(self._source.workspace)
            decisions = self._decider.decide(reads)
            before = changes.head(self._source.workspace)
            outcomes = self._apply([each for each in decisions if each.edit is not None])
            seq = changes.head(self._source.workspace)
            self._conclude(decisions, outcomes, seq=seq if seq > before else None)

    def _apply(self, decisions: list[Decision]) -> list[Outcome]:
        edits = [each.edit for each in decisions if each.edit is not None]
        return apply_edits(self._source.workspace, edits, on_reject="tell", tells_values=True)

    def _conclude(self, decisions: list[Decision], outcomes: list[Outcome], *, seq: int | None) -> None:
        found = iter(outcomes)
        mark = self._turn.checkpoint
        counts: dict[str, int] = self._turn.result.setdefault("counts", {})
        entries = []
        for decision in decisions:
            outcome = next(found) if decision.edit is not None else None
            tell = self.phase is Phase.REHEARSAL and counts.get("created", 0) < _TOLD
            entry = concluded(decision, outcome, seq=seq, tell_new=tell)
            entries.append(entry)
            name = entry.outcome.name.lower()
            counts[name] = counts.get(name, 0) + 1
            for told in ("warnings", "problems"):
                if told in decision.details and entry.outcome is not RowOutcome.REJECTED:
                    counts[told] = counts.get(told, 0) + 1
        ledger.write(self._source, self.phase, entries)
        mark["rows"] = mark.get("rows", 0) + len(decisions)
        self._turn.save(done=mark["rows"], phase="rows")


class _Rehearsed(_Applied):
    """Says what would become of batches of rows."""

    phase = Phase.REHEARSAL

    def batch(self, reading: Reading, rows: list[Row]) -> None:
        reads = [reading.read(row) for row in rows]
        decisions = self._decider.decide(reads)
        edits = [each.edit for each in decisions if each.edit is not None]
        outcomes = preview_edits(self._source.workspace, edits, attributes=self._attributes)
        with turns.patient(), transaction.atomic():
            self._conclude(decisions, outcomes, seq=None)


def data_rows(source: Import, plan: ImportPlan) -> Iterator[Row]:
    """The rows below the header. Raises Unreadable when the file breaks off or has gone."""
    path, layout = located(source, plan)
    try:
        rows = rows_of(path, layout)
        if layout.numbered:
            return (row for row in rows if row.line > plan.header_row)
        return islice(rows, plan.header_row, None)
    except FileNotFoundError:
        raise Unreadable("The file is gone. Upload it again.", code="file_gone") from None


def located(source: Import, plan: ImportPlan) -> tuple[Path, Layout]:
    """Where the text of an import's table lies, and how it is written."""
    if source.format == "sheet":
        if source.table is None:
            raise Unreadable(Reason("sheet_not_read", "The sheet has not been read."))
        return files.path_of(source.table), sheets.LAYOUT
    found = source.found
    layout = Layout(plan.encoding or found["encoding"], plan.delimiter or found["delimiter"])
    return files.path_of(source.upload), layout


def _prepare(turn: Turn, source: Import, plan: ImportPlan, phase: Phase) -> Iterator[None]:
    """Make the sheet a text file, read the whole file once, and forget what an earlier rehearsal found.

    So a file that can't be read to its end changes nobody.
    """
    turn.save(phase="reading")
    if source.format == "sheet":
        ensure_table(source, plan.sheet or source.found["sheets"][0], turn)
        yield
    count = 0
    for _ in data_rows(source, plan):
        count += 1
        if count % _COUNT_EVERY == 0:
            turn.beat()
            yield
    if not count:
        raise Unreadable("There are no rows below the header.", code="empty_file")
    ledger.forget(source, phase)
    if phase is Phase.RUN:
        access = turn.access()
        turn.result["attributes"] = compiling.make_attributes(access, plan)
    turn.checkpoint["counted"] = True
    turn.save(done=0, total=count)
    yield


def ensure_table(source: Import, sheet: str, turn: Turn | None = None) -> None:
    """Have the chosen sheet as a text file; one that was made before is used again."""
    if source.table is not None and source.table_sheet == sheet and files.path_of(source.table).exists():
        return
    out = files.new_place(source.workspace, ".table")
    sheets.convert(files.path_of(source.upload), sheet, out, beat=turn.beat if turn else lambda: None)
    before = source.table
    with transaction.atomic():
        source.table = files.keep(source.workspace, out, name="table", purpose="table")
        source.table_sheet = sheet
        source.save(update_fields=["table", "table_sheet"])
    if before is not None:
        files.remove(before)


def _write_errors(turn: Turn, source: Import, plan: ImportPlan, phase: Phase) -> None:
    """Make the file of rows that were rejected or lost a value: as they were, with line and reason."""
    counts = turn.result.get("counts", {})
    turn.checkpoint["told"] = True
    if not counts.get("rejected") and not counts.get("problems"):
        turn.save()
        return
    path = files.new_place(source.workspace, ".csv")
    with path.open("x", encoding="utf-8", newline="") as out:
        path.chmod(0o600)
        # Spreadsheets take a file for UTF-8 only with this mark.
        out.write("\ufeff")
        writer = csv.writer(out)
        headers = source.found.get("headers", [])
        # A row further down may be wider than all that were looked at for the headers.
        width = max([len(headers), *(len(told["cells"]) for _, told in _problems(turn, source, phase))])
        writer.writerow([*map(harmless, headers), *[""] * (width - len(headers)), "line", "reason"])
        for line, told in _problems(turn, source, phase):
            cells = [harmless(cell) for cell in told["cells"]]
            cells += [""] * (width - len(cells))
            writer.writerow([*cells, line, reason_of(told)])
    name = f"{Path(source.name).stem} - errors.csv"
    with transaction.atomic():
        files.keep(
            source.workspace,
            path,
            name=name,
            purpose="errors",
            job=turn.job,
            keep_for=period(source.workspace, ERRORS),
        )
        turn.save()


def _problems(turn: Turn, source: Import, phase: Phase) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and details of each row that was rejected or lost a value."""
    for chunk in ledger.walk(source, phase, *_WITH_PROBLEMS):
        turn.beat()
        for row in chunk:
            told = ledger.told(row)
            if "cells" in told:
                yield row.line, told


_WITH_PROBLEMS: Final = (RowOutcome.CREATED, RowOutcome.UPDATED, RowOutcome.UNCHANGED, RowOutcome.REJECTED)


def reason_of(told: dict[str, Any]) -> str:
    """Why a row was rejected, or which of its values were left out."""
    if "reason" in told:
        return str(told["reason"]["reason"])
    return "; ".join(f"left out {each['field']}: {each['reason']}" for each in told.get("problems", ()))


def source_of(turn: Turn) -> Import:
    """The import that a job is about; NotFound when it was removed."""
    rows = Import.objects.of(turn.job.workspace).select_related("workspace", "upload", "table")
    source = rows.filter(public_id=turn.params["import"]).first()
    if source is None:
        raise NotFound("The import is gone.", code="import_not_found")
    return source
