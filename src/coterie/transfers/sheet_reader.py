"""A process of its own that opens one spreadsheet: `python -m coterie.transfers.sheet_reader FILE [SHEET]`.

Without SHEET it writes the names of the sheets as JSON, else the rows as CSV in UTF-8, the row's number first. What
is wrong with the file goes to stderr as a reason in JSON, with exit code 3. Memory is limited before the file is
opened: a file that is made to fill it ends this process and no other.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from coterie.kit.reasons import Reason
from coterie.transfers import limits
from coterie.transfers.prolog import Prolog

REFUSED: Final = 3
_PROTECTED: Final = Reason("protected_file", "The file is protected by a password.")
_MEMORY: Final = Reason("large_in_memory", "The file needs more memory than a spreadsheet may.")
_PIECE: Final = 256 * 1024


class Refused(Exception):
    """The file can't be read, and the reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


def check_archive(file: io.BufferedReader) -> None:
    """Raise Refused for an archive beyond the limits; sizes are counted while unpacking, since the stated ones lie."""
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise Refused(Reason("no_sheet_file", "This is not an XLSX or ODS file.")) from None
    entries = archive.infolist()
    if len(entries) > limits.ENTRIES:
        raise Refused(
            Reason(
                "many_parts",
                "The file has {parts:,} parts inside; at most {most:,} are read.",
                parts=len(entries),
                most=limits.ENTRIES,
            )
        )
    _check_places(entries)
    total = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(_PROTECTED)
        total += _unpacked(archive, entry, limits.TOTAL_BYTES - total)
    packed = sum(entry.compress_size for entry in entries)
    if total > limits.RATIO_FROM and total > packed * limits.RATIO:
        raise Refused(
            Reason(
                "unpacks_to",
                "The file unpacks to {times:,} times its size; {most} is the most.",
                times=total // max(1, packed),
                most=limits.RATIO,
            )
        )


def _check_places(entries: list[zipfile.ZipInfo]) -> None:
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise Refused(Reason("overlapping_parts", "Parts of the file overlap each other."))
        end = entry.header_offset + 30 + len(entry.orig_filename.encode()) + entry.compress_size


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    most = min(limits.ENTRY_BYTES, left)
    size, prolog = 0, Prolog()
    try:
        with archive.open(entry) as part:
            while piece := part.read(_PIECE):
                if not prolog.ended and (wrong := prolog.take(piece)):
                    raise Refused(wrong)
                size += len(piece)
                if size > most:
                    raise Refused(
                        Reason("unpacks_large", "The file unpacks to more than {most:,} MB.", most=most // 1024**2)
                    )
                if size > limits.RATIO_FROM and size > max(1, entry.compress_size) * limits.RATIO:
                    raise Refused(
                        Reason(
                            "part_unpacks_to",
                            "A part of the file unpacks to more than {most} times its size.",
                            most=limits.RATIO,
                        )
                    )
    # The third is zipfile's word for a way of packing that it does not know.
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Refused(Reason("damaged", "The file is damaged: {said}.", said=str(error))) from None
    return size


def rows(sheet: Any) -> Iterator[list[str]]:
    """The rows of a sheet as text, each with its number first; cells left of the first filled column are empty."""
    start = sheet.start
    if start is None:
        return
    if sheet.total_width > limits.COLUMNS:
        raise Refused(
            Reason(
                "wide_sheet",
                "The sheet has {columns:,} columns; at most {most:,} are read.",
                columns=sheet.total_width,
                most=limits.COLUMNS,
            )
        )
    if sheet.total_height > limits.ROWS:
        raise Refused(
            Reason(
                "long_sheet",
                "The sheet has {rows:,} rows; at most {most:,} are read.",
                rows=sheet.total_height,
                most=limits.ROWS,
            )
        )
    # Rows above the first filled one come along, columns left of it do not.
    before = [""] * start[1]
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [cell if cell.__class__ is str else text_of(cell) for cell in cells]
        if any(texts):
            yield [str(number), *before, *texts]


def text_of(cell: Any) -> str:
    """A cell's value as a text file would have it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime.datetime):
        # A spreadsheet's times have no zone.
        return cell.isoformat(sep="T", timespec="milliseconds" if cell.microsecond else "seconds")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _run(path: str, wanted: str | None) -> None:
    import python_calamine

    with open(path, "rb") as file:
        check_archive(file)
    try:
        workbook = python_calamine.load_workbook(path)
        visible = [
            row.name
            for row in workbook.sheets_metadata
            if row.typ == python_calamine.SheetTypeEnum.WorkSheet
            and row.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        if wanted is None:
            sys.stdout.write(json.dumps(visible))
            return
        if wanted not in visible:
            raise Refused(Reason("no_sheet", "There is no such sheet in the file."))
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="")
        csv.writer(out, lineterminator="\n").writerows(rows(workbook.get_sheet_by_name(wanted)))
        out.flush()
    except python_calamine.PasswordError:
        raise Refused(_PROTECTED) from None
    except python_calamine.CalamineError as error:
        raise Refused(Reason("damaged", "The file is damaged: {said}.", said=str(error)[:200])) from None


def main() -> None:
    """Run as a process."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.SHEET_MEMORY, limits.SHEET_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.SHEET_SECONDS, limits.SHEET_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _run(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    except Refused as refused:
        sys.stderr.write(json.dumps(refused.reason.as_json()))
        sys.exit(REFUSED)
    except MemoryError:
        sys.stderr.write(json.dumps(_MEMORY.as_json()))
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
