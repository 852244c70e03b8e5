"""The job of an export: the people of one frozen set, written as a text table, and as a workbook when asked for."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import xlsxwriter
from django.db import transaction
from xlsxwriter.exceptions import FileCreateError

from coterie.filters.fields import FieldType
from coterie.jobs import files, frozen, scratch
from coterie.jobs.kinds import Steps
from coterie.jobs.models import StoredFile
from coterie.jobs.retaining import period
from coterie.jobs.turn import Turn
from coterie.kit import clock, failpoints
from coterie.kit.formulas import harmless
from coterie.people import queries
from coterie.transfers import limits
from coterie.transfers.names import NUMBER
from coterie.transfers.reading import Layout, Row, rows_of
from coterie.transfers.retained import EXPORTS

LIST_DELIMITER: Final = ";"
# People in one step: so much is in memory, and done again after a kill.
STEP: Final = 20_000
_ROWS_BEFORE_BEAT: Final = 5_000
_MARK: Final = "\ufeff"
# Days before it have other numbers in other programs.
_FIRST_DAY: Final = "1900-03-01"
_BOOK: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

Write = Callable[[Any], Any]


def export(turn: Turn) -> Steps:
    """Write the people of the frozen set, by number, as they are when their turn comes; those deleted since are not."""
    turn.access()
    params, mark = asked(turn), turn.checkpoint
    if mark.get("handed_over"):
        # Killed between its last step and its end.
        _clear_up(turn)
        return turn.result
    part = _table_of(turn)
    numbers = frozen.read(params["frozen"])
    with files.path_of(part).open("r+b") as out:
        # What was written after the checkpoint is written again.
        out.truncate(mark["offset"])
        out.seek(mark["offset"])
        while mark["done"] < len(numbers):
            _write_step(turn, out, list(numbers[mark["done"] : mark["done"] + STEP]))
            failpoints.hit("export.step")
            yield
    if params["format"] == "xlsx":
        yield from _as_workbook(turn, part)
    else:
        _hand_over(turn, part)
    _clear_up(turn)
    return turn.result


def asked(turn: Turn) -> Mapping[str, Any]:
    """What is exported: settled when the job was asked for, or by itself where it runs by the clock."""
    settled: Mapping[str, Any] = turn.checkpoint.get("settled") or turn.params
    return settled


def _table_of(turn: Turn) -> StoredFile:
    """The text table in the making. It is begun anew when what the checkpoint says was written is not there any more:
    its time was over, or someone was erased. After a worker that did not give the job back, a copy of what it has
    written is gone on with: it may only sleep, and write once more when it wakes.
    """
    mark, attempts = turn.checkpoint, turn.job.attempts
    part = files.part_of(turn.job, mark.get("table", ""))
    if part is None or files.path_of(part).stat().st_size < mark["offset"]:
        with transaction.atomic():
            files.drop_parts(turn.job)
            part = files.begin(turn.job.workspace, ".csv", job=turn.job)
            mark |= {"table": part.public_id, "offset": 0, "done": 0, "rows": 0, "attempts": attempts}
            turn.save(done=0, phase="people")
    elif mark.get("attempts") != attempts:
        old = part
        with transaction.atomic():
            part = files.begin_with(old, mark["offset"], job=turn.job)
            mark |= {"table": part.public_id, "attempts": attempts}
            turn.save()
        files.remove(old)
    return part


def _clear_up(turn: Turn) -> None:
    """Remove what was needed on the way; as text, the table is the export itself."""
    files.drop_parts(turn.job)
    frozen.forget(turn.job.workspace, asked(turn)["frozen"])


def _write_step(turn: Turn, out: IO[bytes], numbers: list[int]) -> None:
    params, mark = asked(turn), turn.checkpoint
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if mark["offset"] == 0:
        text.write(_MARK)
        writer.writerow([harmless(header) for header in params["headers"]])
    rows = _rows(turn, numbers)
    writer.writerows(rows)
    out.write(text.getvalue().encode("utf-8", "surrogateescape"))
    out.flush()
    os.fsync(out.fileno())
    mark["offset"] = out.tell()
    mark["done"] += len(numbers)
    mark["rows"] += len(rows)
    turn.result["counts"] = {"exported": mark["rows"]}
    turn.save(done=mark["done"])


def _rows(turn: Turn, numbers: list[int]) -> list[list[Any]]:
    columns = [(name, _WRITTEN[FieldType(kind)]) for name, kind in asked(turn)["columns"]]
    names = {name for name, _ in columns}
    # Only who was made before this system knew them has the time among the values.
    created = queries.created_at(turn.job.workspace, numbers) if "created_at" in names else {}
    made = []
    for number, values in queries.values_of(turn.job.workspace, numbers):
        values[NUMBER] = number
        if created and "created_at" not in values:
            values["created_at"] = clock.iso(created[number])
        made.append([write(value) if (value := values.get(name)) is not None else None for name, write in columns])
    return made


def _text(value: Any) -> str:
    text = value if value.__class__ is str else str(value)
    return text if text[:1].isalnum() else harmless(text)


def _same(value: Any) -> Any:
    return value


_WRITTEN: Final[dict[FieldType, Write]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _same,
    FieldType.BOOLEAN: lambda value: "true" if value else "false",
    FieldType.DATETIME: _same,
    FieldType.DATE: _same,
    FieldType.LIST: lambda value: harmless(LIST_DELIMITER.join(value)),
}


def _as_workbook(turn: Turn, table: StoredFile) -> Iterator[None]:
    """Make the text table a workbook, in constant memory; a full sheet is followed by another.

    It is begun anew when it is broken off.
    """
    turn.save(done=0, phase="workbook")
    # Begun anew means begun anew: others get their turn when it is done.
    turn.unbroken = True
    files.drop_parts(turn.job, but=table)
    part = files.begin(turn.job.workspace, ".xlsx", job=turn.job)
    with scratch.folder(turn.job) as folder:
        book = xlsxwriter.Workbook(str(files.path_of(part)), _BOOK | {"tmpdir": str(folder)})
        writing = _Writing(book, [FieldType(kind) for _, kind in asked(turn)["columns"]])
        try:
            for count in writing.fill(rows_of(files.path_of(table), Layout())):
                turn.save(done=count)
                yield
            _close(book)
        except BaseException:
            # It has open files, which it leaves when it is closed.
            with contextlib.suppress(OSError):
                _close(book)
            files.remove(part)
            raise
    if writing.cut:
        # Nothing is lost: what no cell can hold is in the text table, which goes along.
        turn.result["counts"] = {"exported": turn.checkpoint["rows"], "cut_texts": writing.cut}
        _hand_over(turn, part, table)
    else:
        _hand_over(turn, part)


def _close(book: xlsxwriter.Workbook) -> None:
    """Write the workbook's file; OSError when it can't be, so that a full disk is known as one."""
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from None


class _Writing:
    """Fills a workbook row by row. `cut` counts texts that were longer than a cell can be."""

    def __init__(self, book: xlsxwriter.Workbook, kinds: Sequence[FieldType]) -> None:
        self._book = book
        self._kinds = kinds
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.cut = 0

    def fill(self, rows: Iterator[Row]) -> Iterator[int]:
        """Write all rows, the first of which has the headers; yields now and then how many are written."""
        headers = next(rows).cells
        sheet, line = self._sheet("People", headers), 0
        for count, row in enumerate(rows, start=1):
            line += 1
            if line >= limits.ROWS:
                sheet, line = self._sheet(f"People {(count - 1) // (limits.ROWS - 1) + 1}", headers), 1
            for place, (cell, kind) in enumerate(zip(row.cells, self._kinds, strict=False)):
                if cell:
                    self._write(sheet, line, place, cell, kind)
            if count % _ROWS_BEFORE_BEAT == 0:
                yield count

    def _sheet(self, name: str, headers: Sequence[str]) -> Any:
        sheet = self._book.add_worksheet(name)
        for place, header in enumerate(headers):
            self._write(sheet, 0, place, header, FieldType.TEXT)
        return sheet

    def _write(self, sheet: Any, line: int, place: int, cell: str, kind: FieldType) -> None:
        if kind is FieldType.NUMBER:
            sheet.write_number(line, place, float(cell))
        elif kind is FieldType.BOOLEAN:
            sheet.write_boolean(line, place, cell == "true")
        elif kind is FieldType.DATE and cell >= _FIRST_DAY:
            sheet.write_datetime(line, place, date.fromisoformat(cell), self._day)
        else:
            self.cut += len(cell) > limits.CELL
            sheet.write_string(line, place, cell[: limits.CELL])


def _hand_over(turn: Turn, *parts: StoredFile) -> None:
    with transaction.atomic():
        for part in parts:
            name = f"{asked(turn)['name']}{Path(part.place).suffix}"
            files.finish(part, name=name, purpose="export", keep_for=period(turn.job.workspace, EXPORTS))
        turn.checkpoint["handed_over"] = True
        turn.save(done=turn.checkpoint["done"])
