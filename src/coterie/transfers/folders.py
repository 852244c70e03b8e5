"""The server's folder for exports: each workspace has its own in it, and nothing leads out of that.

Folders are opened one below the other without following links, so what is checked is what is written to.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from coterie.accounts.models import Workspace
from coterie.kit.errors import Conflict, InvalidInput, Unavailable
from coterie.kit.reasons import Reason

_PIECE: Final = 4 << 20
_PART: Final = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]{1,100}")
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def is_there() -> bool:
    """Whether the server has a folder for exports."""
    return settings.COTERIE_EXPORT_FOLDER is not None


def checked(folder: str) -> str:
    """A folder below the workspace's own, as it is kept; InvalidInput for what leads elsewhere.

    Conflict where the server has no folder for exports.
    """
    if not is_there():
        raise Conflict(
            "This server has no folder for exports: whoever runs it can name one with COTERIE_EXPORT_FOLDER.",
            code="no_export_folder",
        )
    parts = folder.removesuffix("/").split("/")
    for part in parts:
        # No name of dots, no hidden one, and none that another system would read as a shorter one.
        if not _PART.fullmatch(part) or part.strip(". ") != part:
            raise InvalidInput(
                Reason(
                    "folder_name", "A folder is a name such as crm/daily: relative, without '..' and hidden folders."
                ),
                code="bad_folder",
                details={"field": "folder"},
            )
    return "/".join(parts)


def write(workspace: Workspace, folder: str, name: str, content: bytes) -> None:
    """Write a small file into a folder; errors as for `deliver`."""
    for _ in _write(workspace, folder, name, [content]):
        pass


def deliver(workspace: Workspace, folder: str, name: str, source: Path) -> Iterator[int]:
    """Copy a file into a folder, over one of the same name; yields how many bytes are copied so far.

    Under its name it is there as a whole or not at all. Conflict where a link or a file is in the way, Unavailable when
    the disk does not take it now.
    """
    with source.open("rb") as read:
        yield from _write(workspace, folder, name, iter(lambda: read.read(_PIECE), b""))


def remove(workspace: Workspace, folder: str, name: str) -> None:
    """Remove a file from a folder; one that is not there is no error."""
    with _errors(), _opened(workspace, folder) as place, contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=place)


def _write(workspace: Workspace, folder: str, name: str, pieces: Iterable[bytes]) -> Iterator[int]:
    with _errors(), _opened(workspace, folder) as place:
        aside = f".{name}.part"
        with os.fdopen(os.open(aside, _NEW, 0o640, dir_fd=place), "wb") as out:
            copied = 0
            for piece in pieces:
                out.write(piece)
                copied += len(piece)
                yield copied
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, name, src_dir_fd=place, dst_dir_fd=place)
        os.fsync(place)


@contextlib.contextmanager
def _opened(workspace: Workspace, folder: str) -> Iterator[int]:
    checked(folder)
    root = settings.COTERIE_EXPORT_FOLDER
    assert root is not None
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in (workspace.slug, *folder.split("/")):
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o750, dir_fd=place)
            below = os.open(part, _FOLDER, dir_fd=place)
            os.close(place)
            place = below
        yield place
    finally:
        os.close(place)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (NotADirectoryError, IsADirectoryError) as error:
        name = error.filename or Reason("something", "Something")
        raise Conflict(
            Reason("in_the_way", "{name} is in the way: a link or a file.", name=name), code="bad_folder"
        ) from None
    except PermissionError:
        raise Conflict(Reason("no_writing", "The server may not write into this folder."), code="bad_folder") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Conflict(Reason("link_in_the_way", "A link is in the way."), code="bad_folder") from None
        raise Unavailable(f"The folder takes no files now: {error.strerror}.", code="folder_unavailable") from None
