"""Reading files in a process of its own, for `measured`: imports little, so that little is measured beside."""

from __future__ import annotations

from pathlib import Path

from coterie.transfers import sheets
from coterie.transfers.reading import Layout, Unreadable, rows_of


def converted(path: Path, out: Path) -> str:
    """Make the first sheet of a spreadsheet a text file; "done", or why not."""
    try:
        sheets.convert(path, sheets.sheet_names(path)[0], out)
    except Unreadable as unreadable:
        return unreadable.message
    return "done"


def read(path: Path) -> str:
    """Read a text file to its end; "done", or why not."""
    try:
        for _ in rows_of(path, Layout()):
            pass
    except Unreadable as unreadable:
        return unreadable.message
    return "done"
