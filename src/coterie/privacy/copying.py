"""The job of a person's copy: everything that is kept of one person, by the register, as a ZIP of JSON and CSV.

Each holding that a person gets a copy of is two files with the same rows. `manifest.json` names every file with its
rows and its SHA-256, and every other holding with the reason why there is none.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import IO, Any, Final

from django.db import transaction

from coterie.accounts.holding import Holding, Row
from coterie.jobs import files
from coterie.jobs.kinds import Steps
from coterie.jobs.retaining import period
from coterie.jobs.turn import Turn
from coterie.kit import clock, failpoints
from coterie.kit.formulas import harmless
from coterie.people.kin import every_number
from coterie.privacy.registry import HOLDINGS
from coterie.privacy.retained import COPIES

FORMAT: Final = 1
_IN_MEMORY: Final = 8 << 20
_ROWS_BEFORE_BEAT: Final = 500
_PIECE: Final = 256 * 1024


def copy(turn: Turn) -> Steps:
    """Write the copy; begun anew when it is broken off."""
    number = int(turn.params["number"])
    if turn.checkpoint.get("handed_over"):
        return turn.result
    workspace = turn.job.workspace
    numbers = every_number(workspace, [number])
    # The survivor's first: the index knows events by theirs.
    numbers.sort(key=lambda one: one != number)
    files.drop_parts(turn.job)
    part = files.begin(workspace, ".zip", job=turn.job)
    turn.unbroken = True
    told: list[dict[str, Any]] = []
    try:
        with zipfile.ZipFile(files.path_of(part), "w", zipfile.ZIP_DEFLATED) as archive:
            total = yield from _fill(archive, turn, numbers, told)
            manifest = {
                "format": FORMAT,
                "workspace": workspace.slug,
                "person": number,
                "numbers": numbers,
                "made_at": clock.iso(clock.now()),
                "holdings": told,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False))
    except BaseException:
        files.remove(part)
        raise
    with transaction.atomic():
        files.finish(
            part,
            name=f"person-{number}.zip",
            purpose="copy",
            content_type="application/zip",
            keep_for=period(workspace, COPIES),
        )
        turn.checkpoint["handed_over"] = True
        turn.result["counts"] = {"rows": total}
        turn.save(done=total)
    return turn.result


def _fill(
    archive: zipfile.ZipFile, turn: Turn, numbers: list[int], told: list[dict[str, Any]]
) -> Generator[None, None, int]:
    """Write the rows of all holdings; how many there are. `told` gets what the manifest says of each."""
    access, total = turn.access(), 0
    for holding in HOLDINGS.values():
        if holding.subject != "person":
            continue
        if holding.read is None:
            told.append({"holding": holding.name, "why_not": holding.not_told or holding.erased})
            continue
        written = _write(archive, holding, _beating(turn, holding.read(access, numbers)))
        told += written
        total += written[0]["rows"]
        turn.save(done=total, phase="copying")
        failpoints.hit("copy.step")
        yield
    return total


def _beating(turn: Turn, rows: Iterable[Row]) -> Iterator[Row]:
    for place, row in enumerate(rows):
        if place % _ROWS_BEFORE_BEAT == 0:
            turn.beat()
        yield row


def _write(archive: zipfile.ZipFile, holding: Holding, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Write a holding's rows as JSON and as CSV at once; what the manifest says of both files."""
    count = 0
    with (
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as as_json,
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as as_csv,
    ):
        table = io.TextIOWrapper(as_csv, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(table)
        for row in rows:
            if count == 0:
                writer.writerow(row)
            as_json.write(b"[\n" if count == 0 else b",\n")
            as_json.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
            writer.writerow([_cell(value) for value in row.values()])
            count += 1
        as_json.write(b"\n]\n" if count else b"[]\n")
        made = [
            {"holding": holding.name, "file": name, "rows": count, "sha256": _add(archive, name, source)}
            for name, source in ((f"{holding.name}.json", as_json), (f"{holding.name}.csv", as_csv))
        ]
        table.detach()
    return made


def _add(archive: zipfile.ZipFile, name: str, source: IO[bytes]) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as target:
        while piece := source.read(_PIECE):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(json.dumps(value if not isinstance(value, Mapping) else dict(value), ensure_ascii=False))
