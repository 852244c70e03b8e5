"""The ledger of erasures: a file beside the database, so that a database brought back from a backup is erased again.

Where several processes share a database, it lies in the folder of files, which they share as well. One JSON object a
line, added and synced before anything is removed. It holds numbers, keyed hashes and times.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from coterie.kit import clock
from coterie.privacy.models import Erasure
from coterie.privacy.places import LEDGER


class Line(NamedTuple):
    """One erasure: `people` are [number, when they were made, in ms]."""

    erasure: str
    workspace: str
    asked_at: str
    people: list[tuple[int, int]]
    digests: list[str]


def path() -> Path:
    """Where the ledger lies: beside the embedded database, or where all processes have their files."""
    folder: Path = settings.COTERIE_FILES if settings.COTERIE_DATABASE_URL else settings.COTERIE_DATA
    return folder / LEDGER


def add(
    erasure: str, workspace: str, asked_at: datetime, people: Sequence[tuple[int, int]], digests: Sequence[str]
) -> None:
    """Add an erasure; on disk when this returns. One that is there already is not added again."""
    if any(line.erasure == erasure for line in read()):
        return
    line = Line(erasure, workspace, clock.iso(asked_at), [(number, at) for number, at in people], sorted(digests))
    text = json.dumps(line._asdict(), separators=(",", ":")) + "\n"
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        # A line that was cut by a crash is ended, so that this one stands alone.
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
            file.write(b"\n")
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def read() -> Iterator[Line]:
    """Every erasure that was ever asked for here, oldest first; a line that was cut is passed over.

    One that an earlier version left in the data folder of this process counts too.
    """
    known = set()
    for place in dict.fromkeys((settings.COTERIE_DATA / LEDGER, path())):
        for line in _lines(place):
            if line.erasure not in known:
                known.add(line.erasure)
                yield line


def missing() -> list[str]:
    """Erasures of the database, begun or done, that the ledger does not name: a restore would bring them back."""
    known = {line.erasure for line in read()}
    begun = Erasure.objects.exclude(step="").order_by("pk").values_list("public_id", flat=True)
    return [public_id for public_id in begun if public_id not in known]


def _lines(place: Path) -> Iterator[Line]:
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for row in text.splitlines():
        try:
            line = json.loads(row)
            yield Line(**(line | {"people": [(number, at) for number, at in line["people"]]}))
        except (ValueError, TypeError, KeyError):
            continue
