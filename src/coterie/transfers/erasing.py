"""Forgetting the files of a person: imports that brought them."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple, Self

from django.db.models import Count, Max, QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs import files
from coterie.jobs.erasing import fail_left
from coterie.jobs.models import OPEN, Job, StoredFile
from coterie.kit import clock
from coterie.kit.errors import Conflict
from coterie.people import identities, lookups
from coterie.people.state import IdentityKey
from coterie.transfers import actions, limits
from coterie.transfers.deciding import hashed
from coterie.transfers.models import ExportDelivery, Import, ImportRow

# Shorter ones, such as the id "7", are in every file.
_SHORTEST: Final = 4
_PIECE: Final = 4 << 20
# An identity has at most 512 characters; none of these encodings needs more than four bytes for one.
_LONGEST: Final = 4 * identities.LONGEST
# Kinds of identity that are phone numbers.
_DIALLED: Final = frozenset({"phone", "whatsapp", "sms", "voice"})
_LEAST_DIGITS: Final = 7
# Zero bytes are of UTF-16.
_BETWEEN_DIGITS: Final = b"\0 ()/.-\xa0"
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
_CHUNK: Final = 500


class Busy(Exception):
    """An import that holds the person goes on: its job has to end first."""


def forget_files(workspace: Workspace, numbers: Collection[int], known_as: Collection[IdentityKey]) -> dict[str, int]:
    """Remove every import that holds one of these people; how many, by kind.

    An import goes with its file, its error files and what was noted of its rows; what it has done stays. Raises Busy
    while a job of such an import goes on.
    """
    counts = {"files.upload": 0, "files.table": 0, "files.errors": 0, "transfers_importrow": 0}
    for source in _holding(workspace, numbers, known_as):
        made = _jobs_of(source)
        if made.filter(state__in=OPEN).exists():
            raise Busy(source.public_id)
        counts["files.errors"] += _remove(StoredFile.objects.of(workspace).filter(job__in=made, removed_at=None))
        counts["transfers_importrow"] += ImportRow.objects.of(workspace).filter(source=source).count()
        counts["files.upload"] += source.upload.removed_at is None
        counts["files.table"] += source.table is not None and source.table.removed_at is None
        actions.remove_rows(source)
    return counts


def end_jobs(workspace: Workspace, numbers: Collection[int], known_as: Collection[IdentityKey]) -> int:
    """Fail the open jobs of imports that hold one of these people, where nobody runs them; how many there were."""
    count = 0
    for source in _holding(workspace, numbers, known_as):
        count += fail_left(_jobs_of(source), Conflict("The file holds someone who was erased.", code="holds_erased"))
    return count


def delivered(workspace: Workspace) -> list[str]:
    """Where files of exports lie that this installation can't remove any more, one sentence for each place."""
    rows = ExportDelivery.objects.of(workspace).values("place").annotate(files=Count("id"), last=Max("at"))
    return [
        f"Exports were delivered to {row['place']} ({row['files']:,} files, the last at {clock.iso(row['last'])}): "
        "what they hold of the people is removed there."
        for row in rows.order_by("place")
    ]


def _holding(workspace: Workspace, numbers: Collection[int], known_as: Collection[IdentityKey]) -> Iterator[Import]:
    for source in Import.objects.of(workspace).select_related("upload", "table").order_by("pk"):
        if _holds(source, numbers, known_as):
            yield source


def _jobs_of(source: Import) -> QuerySet[Job]:
    rows: QuerySet[Job] = Job.objects.of(source.workspace_id)
    return rows.filter(kind__startswith="import.", params__import=source.public_id)


def _remove(rows: Collection[StoredFile]) -> int:
    count = 0
    for file in rows:
        files.remove(file)
        count += 1
    return count


def _holds(source: Import, numbers: Collection[int], known_as: Collection[IdentityKey]) -> bool:
    rows = ImportRow.objects.of(source.workspace_id).filter(source=source)
    some, hashes = list(numbers), [hashed(kind, value) for kind, value in known_as]
    for start in range(0, len(some), _CHUNK):
        if rows.filter(number__in=some[start : start + _CHUNK]).exists():
            return True
    for start in range(0, len(hashes), _CHUNK):
        part = hashes[start : start + _CHUNK]
        if rows.filter(key__in=part).exists() or rows.filter(other__in=part).exists():
            return True
    needles = _Needles.of(known_as)
    stored = [file for file in (source.upload, source.table) if file is not None and file.removed_at is None]
    return any(_contains(files.path_of(file), needles) for file in stored)


class _Needles(NamedTuple):
    """What a file holds that holds a person: their identities as they are kept, and digits of their phone numbers."""

    kept: frozenset[bytes]
    dialled: frozenset[bytes]

    @classmethod
    def of(cls, known_as: Collection[IdentityKey]) -> Self:
        """Those of some identities. A file's text is compared in small letters, which are made of ASCII alone."""
        values = [value for _, value in known_as if len(value) >= _SHORTEST]
        forms = {form for value in values for form in (value.lower(), value.upper())}
        kept = {form.encode(encoding, "ignore").lower() for form in forms for encoding in _ENCODINGS} - {b""}
        numbers = {lookups.digits_at_home(value) or "" for kind, value in known_as if kind in _DIALLED}
        return cls(frozenset(kept), frozenset(each.encode() for each in numbers if len(each) >= _LEAST_DIGITS))

    def are_in(self, text: bytes) -> bool:
        """Whether a piece of a file, in small letters, has one of them. A number may be divided by signs."""
        if any(needle in text for needle in self.kept):
            return True
        joined = text.translate(None, _BETWEEN_DIGITS) if self.dialled else b""
        return any(needle in joined for needle in self.dialled)


def _contains(path: Path, needles: _Needles) -> bool:
    """Whether a file, or one packed into it, holds one of these."""
    if not any(needles) or not path.exists():
        return False
    with path.open("rb") as file:
        return any(_in_stream(stream, needles) for stream in _streams(file))


def _streams(file: IO[bytes]) -> Iterator[IO[bytes]]:
    yield file
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as packed:
        for member in packed.infolist():
            if member.file_size <= limits.TEXT_FILE:
                with packed.open(member) as stream:
                    yield stream


def _in_stream(stream: IO[bytes], needles: _Needles) -> bool:
    tail = b""
    while piece := stream.read(_PIECE):
        text = tail + piece.lower()
        if needles.are_in(text):
            return True
        tail = text[-_LONGEST:]
    return False
