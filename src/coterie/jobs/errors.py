"""The error file of a job: a row for each item that could not be done, written as the job goes.

It can be downloaded while the job runs, and when it was cancelled or failed half-way. The checkpoint holds how long
the file is: what was written after it, by a process that ended, is written again.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from typing import Any, Final

from coterie.jobs import files
from coterie.jobs.models import StoredFile
from coterie.jobs.retained import ERRORS
from coterie.jobs.retaining import period
from coterie.jobs.turn import Turn

# Spreadsheets take a file for UTF-8 only with this mark.
_MARK: Final = "\ufeff"


def add_errors(turn: Turn, header: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> None:
    """Append rows to the job's error file; call it in the transaction of their step, before `turn.save`.

    Cells must be harmless in a spreadsheet.
    """
    given = [list(row) for row in rows]
    if not given:
        return
    noted = turn.checkpoint.get("errors", {})
    file = _begun(turn, noted.get("file", ""))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if file is None:
        text.write(_MARK)
        writer.writerow(header)
    writer.writerows(given)
    data = text.getvalue().encode("utf-8", "replace")
    if file is None:
        path = files.new_place(turn.job.workspace, ".csv")
        files.write_pieces(path, [data], most=len(data))
        file = files.keep(
            turn.job.workspace,
            path,
            name=name,
            purpose="errors",
            content_type="text/csv",
            job=turn.job,
            keep_for=period(turn.job.workspace, ERRORS),
        )
        turn.checkpoint["errors"] = {"file": file.public_id, "length": len(data)}
        return
    with files.path_of(file).open("r+b") as out:
        out.truncate(noted["length"])
        out.seek(noted["length"])
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    length = noted["length"] + len(data)
    StoredFile.objects.of(turn.job.workspace).filter(pk=file.pk).update(size=length)
    turn.checkpoint["errors"] = {"file": file.public_id, "length": length}


def _begun(turn: Turn, public_id: str) -> StoredFile | None:
    """The error file of an earlier turn; None when its time was over, so that another one is begun."""
    file = StoredFile.objects.of(turn.job.workspace).filter(public_id=public_id, removed_at=None).first()
    return file if file is not None and files.path_of(file).exists() else None
