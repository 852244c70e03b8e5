"""Rows of a text file as a stream: whatever is in it, no more than a line and a row are in memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.transfers import limits

# The limit is of the whole process. A cell beyond ours ends the reading here, or is refused by its row.
csv.field_size_limit(limits.CELL * 4)

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(InvalidInput):
    """The file is not a table that can be read; says where and what was expected."""

    default_code = "unreadable_file"


@dataclass(frozen=True)
class Layout:
    """How a text file is written. `quote` is the sign around cells, empty where there is none.

    In a `numbered` file each row begins with the number that it has in the sheet it was made from.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    numbered: bool = False


@dataclass(frozen=True)
class Row:
    """One row and the number of the line on which it ends, from 1."""

    line: int
    cells: list[str]


def rows_of(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a file, blank ones left out. Raises Unreadable for a line, a cell, a row or a file beyond limits.

    What is not valid in the encoding comes as half characters, which no value can be: so the row says what is wrong.
    """
    with path.open("rb") as binary:
        _skip_bom(binary)
        text = io.TextIOWrapper(binary, encoding=layout.encoding, errors="surrogateescape", newline="")
        reader = csv.reader(
            _lines(text),
            delimiter=layout.delimiter,
            quotechar=layout.quote or None,
            quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
            strict=False,
        )
        try:
            for cells in reader:
                if not cells or (len(cells) == 1 and not cells[0].strip()):
                    continue
                _check_width(reader.line_num, len(cells))
                if layout.numbered:
                    yield Row(int(cells[0]), cells[1:])
                else:
                    yield Row(reader.line_num, cells)
        except (UnicodeError, csv.Error) as error:
            raise _misread(reader.line_num, layout, error) from None


def _check_width(line: int, columns: int) -> None:
    if columns > limits.COLUMNS:
        raise Unreadable(
            Reason(
                "wide_line",
                "Line {line} has {columns:,} columns; at most {most:,} can be read.",
                line=line,
                columns=columns,
                most=limits.COLUMNS,
            ),
            details={"line": line, "columns": columns, "limit": limits.COLUMNS},
        )


def _misread(line: int, layout: Layout, error: UnicodeError | csv.Error) -> Unreadable:
    """What is wrong where the reading broke off, at or after a line."""
    details: dict[str, Any] = {"line": line}
    if isinstance(error, UnicodeError):
        details["encoding"] = layout.encoding
        reason = Reason(
            "not_of_encoding",
            "After line {line} the file is not {encoding}: {said}.",
            line=line,
            encoding=layout.encoding,
            said=str(error),
        )
    elif "field larger" in str(error):
        reason = Reason(
            "endless_cell",
            "A cell that ends at or after line {line} has more than {most:,} characters. Is a quotation mark missing?",
            line=line,
            most=limits.CELL * 4,
        )
    else:
        reason = Reason("bad_line", "Line {line}: {said}.", line=line, said=str(error))
    return Unreadable(reason, details=details)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(limits.LINE):
        number += 1
        if len(line) >= limits.LINE:
            raise Unreadable(
                Reason(
                    "long_line",
                    "Line {line} has more than {most:,} characters. Is this a table in rows?",
                    line=number,
                    most=limits.LINE,
                ),
                details={"line": number, "limit": limits.LINE},
            )
        yield line


def _skip_bom(binary: io.BufferedReader) -> None:
    start = binary.peek(4)[:4]
    for mark, _ in _BOMS:
        if start.startswith(mark):
            binary.seek(len(mark))
            return


def encoding_of_bom(start: bytes) -> str | None:
    """The encoding that a byte order mark at the start names; None without one."""
    return next((encoding for mark, encoding in _BOMS if start.startswith(mark)), None)
