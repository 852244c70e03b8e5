"""Spreadsheets: opened in a process of their own, which may fail without harm, and made a text file to be read."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from coterie.kit.reasons import Reason
from coterie.transfers import limits
from coterie.transfers.reading import Layout, Unreadable
from coterie.transfers.sheet_reader import REFUSED

# What the reader writes: its rows begin with their numbers.
LAYOUT: Final = Layout("utf-8", ",", '"', numbered=True)
_PIECE: Final = 1024**2
_ZIP: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0"


def is_sheet(start: bytes) -> bool:
    """Whether a file that begins so is a spreadsheet. Raises Unreadable for the kind that was used before 2007."""
    if start.startswith(_OLD):
        raise Unreadable("This is an old or a protected Excel file. Save it as XLSX, without a password.", code="xls")
    return start.startswith(_ZIP)


def sheet_names(path: Path) -> list[str]:
    """The names of the visible sheets; Unreadable when the file can't be opened or has none."""
    with _reader(path) as (process, _):
        assert process.stdout is not None
        out = process.stdout.read()
    names = json.loads(out)
    if not names:
        raise Unreadable("The file has no visible sheet.", code="empty_file")
    return [str(name) for name in names]


def convert(path: Path, sheet: str, out: Path, *, beat: Callable[[], object] = lambda: None) -> None:
    """Write a sheet as a text file in `LAYOUT`; `beat` is called while it goes on. Nothing is left on failure."""
    written = 0
    try:
        with out.open("xb") as target, _reader(path, sheet) as (process, end):
            out.chmod(0o600)
            assert process.stdout is not None
            while piece := process.stdout.read(_PIECE):
                written += len(piece)
                if written > limits.TOTAL_BYTES * 2 or time.monotonic() > end:
                    process.kill()
                    raise Unreadable(
                        Reason("large_sheet", "The sheet is too large."),
                        details={"limit_bytes": limits.TOTAL_BYTES * 2},
                    )
                target.write(piece)
                beat()
    except BaseException:
        out.unlink(missing_ok=True)
        raise


@contextmanager
def _reader(path: Path, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The reading process and when its time is over; Unreadable with its own words when it refuses or dies."""
    command = [sys.executable, "-m", "coterie.transfers.sheet_reader", str(path), *more]
    end = time.monotonic() + limits.SHEET_SECONDS * 2
    errors: IO[bytes]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            yield process, end
            code = process.wait(max(1.0, end - time.monotonic()))
        except BaseException:
            process.kill()
            raise
        if code == 0:
            return
        errors.seek(0)
        said = errors.read(2_000).decode("utf-8", "replace").strip()
    if code == REFUSED and said:
        raise Unreadable(Reason.kept(json.loads(said)))
    raise Unreadable(
        Reason("costly_sheet", "The file could not be opened: it needs more memory or time than a spreadsheet may.")
    )
