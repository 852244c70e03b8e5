"""The folder of uploads, exports and error files, in and out of a backup."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from coterie.kit.environment import Environment
from coterie.privacy.places import LEDGER

FILES: Final = "files"


def files_folder(folder: Path) -> Path:
    """Where an installation keeps them."""
    return Path(Environment().text("COTERIE_FILES") or folder / FILES)


def copy_files(source: Path, work: Path) -> Iterator[Path]:
    """Copy every stored file below `work`, under `files/`; what expires meanwhile is left out, and the ledger.

    They are copied after the database: one that was made in between belongs to nobody, and does no harm.
    """
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.is_symlink() or path == source / LEDGER:
            continue
        target = work / FILES / path.relative_to(source)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, target)
        except FileNotFoundError:
            continue
        yield target


def is_stored(name: str) -> bool:
    """Whether a name in a backup is that of a stored file, and leads nowhere else."""
    path = PurePosixPath(name)
    return path.parts[:1] == (FILES,) and len(path.parts) > 1 and ".." not in path.parts and str(path) == name


def take_files(work: Path, target: Path) -> Path | None:
    """Put the files of a backup in the place of those that are there; the answer is where these are now.

    The ledger of erasures stays: with it, the restored database is erased again.
    """
    made = work / FILES
    aside = None
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if there := [path for path in target.iterdir() if path.name != LEDGER]:
        aside = target.with_name(f"{target.name}-before-restore-{int(time.time())}")
        aside.mkdir(mode=0o700)
        for path in there:
            shutil.move(path, aside / path.name)
    for path in sorted(made.iterdir()) if made.exists() else ():
        shutil.move(path, target / path.name)
    return aside
