"""Files that were uploaded or that jobs have made, kept under names of our making.

One that has expired is not given to anyone any more; it goes with its class (retaining.py).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from coterie.accounts.models import Workspace
from coterie.jobs.models import OPEN, Job, StoredFile
from coterie.kit import clock
from coterie.kit.errors import Conflict, TooLarge

# What is in the making. A job that was cancelled or has failed can go on for so long.
FROZEN: Final = "frozen"
PART: Final = "part"
KEEP_PARTS: Final = timedelta(days=30)
_PIECE: Final = 256 * 1024


def new_place(workspace: Workspace, suffix: str) -> Path:
    """The path of a file that is not there yet; its folder is made."""
    folder: Path = settings.COTERIE_FILES / str(workspace.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{clock.now():%Y%m%d}-{secrets.token_hex(16)}{suffix}"


def path_of(file: StoredFile) -> Path:
    """Where a stored file lies."""
    path: Path = settings.COTERIE_FILES / file.place
    return path


def keep(
    workspace: Workspace,
    path: Path,
    *,
    name: str,
    purpose: str,
    content_type: str = "application/octet-stream",
    job: Job | None = None,
    keep_for: timedelta | None = None,
) -> StoredFile:
    """Make a finished file, which lies where `new_place` said, one of the workspace's. Its bytes are on disk first."""
    size = _synced(path)
    return StoredFile.objects.create(
        workspace=workspace,
        name=_safe_name(name),
        purpose=purpose,
        content_type=content_type,
        place=str(path.relative_to(settings.COTERIE_FILES)),
        size=size,
        job=job,
        expires_at=_after(keep_for),
    )


def begin(workspace: Workspace, suffix: str, *, job: Job) -> StoredFile:
    """A job's file in the making: empty, known from its first byte on, and had by nobody before `finish`."""
    path = new_place(workspace, suffix)
    with transaction.atomic():
        part = StoredFile.objects.create(
            workspace=workspace,
            name=path.name,
            purpose=PART,
            content_type="application/octet-stream",
            place=str(path.relative_to(settings.COTERIE_FILES)),
            job=job,
            expires_at=clock.now() + KEEP_PARTS,
        )
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return part


def begin_with(old: StoredFile, size: int, *, job: Job) -> StoredFile:
    """Another file in the making, with the first bytes of an old one: nobody else has it open."""
    part = begin(job.workspace, Path(old.place).suffix, job=job)
    with path_of(old).open("rb") as source, path_of(part).open("r+b") as out:
        left = size
        while left and (piece := source.read(min(left, _PIECE))):
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    return part


def part_of(job: Job, public_id: str) -> StoredFile | None:
    """A file that the job has begun; None when it is gone."""
    part = _parts(job).filter(public_id=public_id).first()
    return part if part is not None and path_of(part).exists() else None


def drop_parts(job: Job, *, but: StoredFile | None = None) -> None:
    """Remove what a job has begun and not finished, except for one."""
    for part in _parts(job):
        if part != but:
            remove(part)


def finish(
    part: StoredFile,
    *,
    name: str,
    purpose: str,
    keep_for: timedelta | None,
    content_type: str = "application/octet-stream",
) -> None:
    """Make a part a file that can be had. Its bytes are on disk first. Conflict when it was removed meanwhile."""
    try:
        size = _synced(path_of(part))
    except FileNotFoundError:
        size = None
    row = StoredFile.objects.of(part.workspace_id).filter(pk=part.pk, purpose=PART, removed_at=None)
    if size is None or not row.update(
        name=_safe_name(name),
        purpose=purpose,
        content_type=content_type,
        size=size,
        expires_at=_after(keep_for),
    ):
        raise Conflict("The file was removed while it was being made. Let the job go on.", code="file_gone")


def _after(keep_for: timedelta | None) -> datetime | None:
    return clock.now() + keep_for if keep_for is not None else None


def _parts(job: Job) -> QuerySet[StoredFile]:
    return StoredFile.objects.of(job.workspace_id).filter(job=job, purpose=PART, removed_at=None)


def _synced(path: Path) -> int:
    """The size of a file, all of which is on disk now."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
        return os.fstat(handle.fileno()).st_size


def write_pieces(path: Path, pieces: Iterable[bytes], *, most: int) -> int:
    """Write a new file, readable by its owner only; TooLarge, and nothing is left, beyond `most` bytes."""
    written = 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for piece in pieces:
                written += len(piece)
                if written > most:
                    raise TooLarge(details={"limit_bytes": most})
                out.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return written


def remove(file: StoredFile) -> None:
    """Remove a file; its row says when. A second time changes nothing."""
    path_of(file).unlink(missing_ok=True)
    StoredFile.objects.of(file.workspace_id).filter(pk=file.pk, removed_at=None).update(removed_at=clock.now())


def aged(workspace: Workspace, purpose: str, before: datetime) -> QuerySet[StoredFile]:
    """The files of a kind that were made before an instant and are still there."""
    return StoredFile.objects.of(workspace).filter(purpose=purpose, removed_at=None, created_at__lt=before)


def keep_by_age(workspace: Workspace, purpose: str, days: int) -> None:
    """Have the files of a kind expire so many days after they were made."""
    rows = StoredFile.objects.of(workspace).filter(purpose=purpose, removed_at=None)
    rows.update(expires_at=F("created_at") + timedelta(days=days))


def forget_unfinished() -> int:
    """Remove what only a job could go on with that can't any more, in all workspaces; how many."""
    rows = StoredFile.objects.filter(purpose__in=(FROZEN, PART), removed_at=None, expires_at__lte=clock.now())
    count = 0
    for file in rows.exclude(job__state__in=OPEN).iterator(chunk_size=200):
        remove(file)
        count += 1
    return count


def forget_orphans() -> int:
    """Remove files on disk that no row knows: what a process left that ended before it was done. How many.

    Only those a day old: a younger one may be in the making.
    """
    count = 0
    before = clock.now().timestamp() - timedelta(days=1).total_seconds()
    for path in settings.COTERIE_FILES.glob("*/*"):
        with contextlib.suppress(FileNotFoundError):
            place = str(path.relative_to(settings.COTERIE_FILES))
            if not path.is_file():
                continue
            if path.stat().st_mtime < before and not StoredFile.objects.filter(place=place, removed_at=None).exists():
                path.unlink()
                count += 1
    return count


class Download(StreamingHttpResponse):
    """A stored file as an answer, read piece by piece in either kind of server; never shown inside the page.

    FileNotFoundError when it is gone. The file is open only while it is read.
    """

    def __init__(self, file: StoredFile) -> None:
        self._path = path_of(file)
        size = self._path.stat().st_size
        super().__init__(self._pieces(), content_type="application/octet-stream")
        self["Content-Length"] = str(size)
        self["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
        self["Cache-Control"] = "private, no-store"
        self["Content-Security-Policy"] = "sandbox"

    def _pieces(self) -> Iterator[bytes]:
        with self._path.open("rb") as handle:
            while piece := handle.read(_PIECE):
                yield piece

    def _opened(self) -> IO[bytes]:
        return self._path.open("rb")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Django's own way would read the whole file first.
        handle = await sync_to_async(self._opened)()
        try:
            while piece := await sync_to_async(handle.read)(_PIECE):
                yield piece
        finally:
            handle.close()


def _safe_name(name: str) -> str:
    """A name as a browser may save it: without folders and control characters, at most 200 characters."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable()).strip(". ")
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) <= 10:
        return f"{stem[: 199 - len(suffix)]}.{suffix}"
    return plain[:200] or "file"
