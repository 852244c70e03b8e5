"""Looking at an uploaded file: how it is written, its columns, samples, and what each may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from coterie.filters.fields import FieldType
from coterie.jobs import files
from coterie.kit.reasons import Reason
from coterie.people import lookups
from coterie.people.queries import shown_fields
from coterie.transfers import detecting, importing, limits, sheets
from coterie.transfers.columns import SAMPLE_LENGTH, Column, look_at
from coterie.transfers.models import Import
from coterie.transfers.names import NUMBER
from coterie.transfers.reading import Layout, Row, Unreadable, rows_of

_HALF: Final = re.compile("[\ud800-\udfff\0]")


def sheets_of(path: Path) -> dict[str, Any]:
    """What is known of a spreadsheet before one of its sheets is read."""
    return {"sheets": sheets.sheet_names(path)}


def inspect(
    source: Import,
    *,
    sheet: str = "",
    header_row: int | None = None,
    encoding: str = "",
    delimiter: str = "",
) -> None:
    """Look at the file and store what was found; what is given is taken as given. Raises Unreadable."""
    names = source.found.get("sheets", [])
    _check_encoding(encoding)
    wanted = ""
    if source.format == "sheet":
        wanted = sheet or names[0]
        path, layout = _table_of(source, wanted, names), sheets.LAYOUT
    else:
        path = files.path_of(source.upload)
        layout = detecting.layout_of(path, encoding=encoding or None, delimiter=delimiter or None)
    sample = _sample(rows_of(path, layout))
    if not sample:
        raise Unreadable("The file is empty.", code="empty_file")
    header = _header(sample, layout) if header_row is None else _header_given(header_row, sample, layout)
    named, below = _split(sample, layout, header)
    headers = [_whole(name) for name in named]
    if not below:
        raise Unreadable("There are no rows below the header.", code="empty_file", details={"headers": headers[:50]})
    region = lookups.country_of_zone(source.workspace.timezone)
    columns = look_at(headers, [row.cells for row in below], shown_fields(source.workspace), region=region)
    source.found = {
        "sheets": names,
        "sheet": wanted,
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "header_row": header,
        "headers": [column.header for column in columns],
        "columns": len(columns),
        "sampled": len(below),
        "preview": [_shown(row, place, layout) for place, row in enumerate(sample[: limits.PREVIEW_ROWS], start=1)],
        "looked_at": [_told(column) for column in columns],
        "key": _key(columns, len(below)),
    }
    source.save(update_fields=["found"])


def _check_encoding(encoding: str) -> None:
    if encoding and encoding not in detecting.ENCODINGS:
        raise Unreadable(
            Reason("no_encoding", "There is no encoding {encoding!r}.", encoding=encoding),
            details={"expected": list(detecting.ENCODINGS)},
        )


def _table_of(source: Import, sheet: str, names: list[str]) -> Path:
    """The text file that a sheet has become."""
    if sheet not in names:
        raise Unreadable(Reason("no_sheet", "There is no such sheet in the file."), details={"expected": names})
    importing.ensure_table(source, sheet)
    assert source.table is not None
    return files.path_of(source.table)


def _sample(rows: Iterable[Row]) -> list[Row]:
    """The first rows, as many as are looked at: a few where they are long."""
    sample: list[Row] = []
    size = 0
    for row in rows:
        sample.append(row)
        size += sum(map(len, row.cells))
        if len(sample) > limits.SAMPLE_ROWS or (size >= limits.SAMPLE_TEXT and len(sample) > 1):
            break
    return sample


def _header(sample: list[Row], layout: Layout) -> int:
    place = detecting.header_row([row.cells for row in sample])
    # In a sheet rows have the numbers that its user sees.
    return sample[place - 1].line if place and layout.numbered else place


def _header_given(header: int, sample: list[Row], layout: Layout) -> int:
    if len(sample) < header <= limits.SAMPLE_ROWS and not layout.numbered:
        raise Unreadable(
            Reason(
                "no_such_row",
                "There is no row {row} among the first {rows:,}, which are looked at.",
                row=header,
                rows=len(sample),
            ),
            code="bad_header_row",
            details={"rows": len(sample)},
        )
    return header


def _split(sample: list[Row], layout: Layout, header: int) -> tuple[list[str], list[Row]]:
    if header == 0:
        return [], sample
    if layout.numbered:
        named = next((row.cells for row in sample if row.line == header), [])
        return named, [row for row in sample if row.line > header]
    return (sample[header - 1].cells if len(sample) >= header else []), sample[header:]


def _shown(row: Row, place: int, layout: Layout) -> dict[str, Any]:
    """A row as it stands in the file, cut to what fits a screen, with the number that `header_row` calls it by."""
    cells = [_whole(cell[:SAMPLE_LENGTH]) for cell in row.cells[: limits.PREVIEW_COLUMNS]]
    return {"row": row.line if layout.numbered else place, "cells": cells}


def _whole(text: str) -> str:
    """A text that can be stored and sent: half characters, from bytes that are none of the encoding, are neither."""
    return _HALF.sub("\ufffd", text)


def _told(column: Column) -> dict[str, Any]:
    told = asdict(column)
    told["samples"] = [_whole(sample) for sample in column.samples]
    if column.suggestion is not None:
        told["suggestion"]["type"] = FieldType(column.suggestion.type).value
    return told


def _key(columns: list[Column], rows: int) -> str:
    """Which suggested field may tell who is who: one that every row has, and each its own."""
    found = {column.suggestion.field: column for column in columns if column.suggestion is not None}
    for name in ("user_id", "email", "phone", NUMBER):
        column = found.get(name)
        if column is not None and column.filled >= rows * 0.9 and column.distinct >= column.filled * 0.9:
            return name
    return next((name for name in ("email", "phone", "user_id") if name in found), "")
