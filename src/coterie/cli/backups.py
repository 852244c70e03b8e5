"""Commands that put everything into one file and take it out again.

The database is the truth: people, the change log with every event, and the log of memberships. Uploads, exports and
error files go with it. The index is made anew from the database, so it is not part of a backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

import coterie
from coterie.cli import dumping
from coterie.cli.dumping import DUMP, BackupFailed, is_postgres
from coterie.cli.folder import Folder, data_folder
from coterie.cli.index import remake
from coterie.cli.options import Data, Json
from coterie.cli.output import note, progress_bar, write_json, write_line
from coterie.cli.stored import copy_files, files_folder, is_stored, take_files
from coterie.cli.stores import held, opened, ready_database, set_up
from coterie.kit.environment import is_embedded
from coterie.kit.errors import Conflict, InvalidInput, NotFound

DATABASE: Final = "coterie.sqlite3"
SECRET: Final = "secret_key"  # noqa: S105  # the name of a file
META: Final = "backup.json"
FORMAT: Final = 1
_PAGES: Final = 2_000
_PART: Final = 1 << 20


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as backup.tar.")],
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Write a consistent backup into one file: database, stored files, secret key. The server may run meanwhile."""
    folder = data_folder(data)
    if file.exists() and not force:
        raise Conflict(f"{file} exists. Choose another name, or say --force.")
    with _work_folder(file.absolute().parent) as work:
        part = dumping.dump(work) if is_postgres() else _copy_sqlite(folder.path, work)
        stored = list(copy_files(files_folder(folder.path), work))
        members = [part, *_secret(folder.path, work), *stored]
        meta: dict[str, Any] = {
            "format": FORMAT,
            "coterie": coterie.__version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": {
                _name_of(path, work): {"bytes": path.stat().st_size, "sha256": _sha256(path)} for path in members
            },
        }
        (work / META).write_text(json.dumps(meta, indent=2))
        aside = work / "whole.tar"
        with tarfile.open(aside, "w") as archive:
            for path in (work / META, *members):
                archive.add(path, arcname=_name_of(path, work), filter=_nameless)
        os.chmod(aside, 0o600)
        _sync(aside)
        os.replace(aside, file)
    size, has_secret = file.stat().st_size, SECRET in meta["files"]
    if as_json:
        write_json(
            {
                "file": str(file),
                "bytes": size,
                "made_at": meta["made_at"],
                "stored_files": len(stored),
                "secret_key": has_secret,
            }
        )
        return
    secret = "It holds the secret key: keep" if has_secret else "The secret key is not in it: keep that too, and keep"
    write_line(f"{file}: {size:,} bytes, with {len(stored):,} stored files. {secret} it as safe as the database.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `coterie backup` wrote.", exists=True, dir_okay=False)],
    force: Annotated[bool, typer.Option("--force", help="Put aside what is there now.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Bring an installation to the state of a backup and rebuild the index. No other process may use it.

    With PostgreSQL, --force writes over the database.
    """
    folder = data_folder(data)
    if is_postgres():
        dumping.require_pg_restore()
        with held(folder), _work_folder(folder.path) as work:
            _unpack(file, work, database=DUMP)
            dumping.refuse_full(force=force)
            dumping.load(work / DUMP)
            _put_aside(folder.path, force=True)
            _take_over(work, folder.path)
        with held(folder):
            set_up()
            # Who was erased after the backup is erased again here, before anybody can ask.
            ready_database()
            people = _people()
        remake(folder, restored=True)
    else:
        if not is_embedded():
            raise InvalidInput("Restore is for an embedded installation: unset COTERIE_CLICKHOUSE_URL.")
        people = _restore_embedded(file, folder, force=force)
    if as_json:
        rows = [{"workspace": slug, "people": count} for slug, count in people.items()]
        write_json({"restored": True, "workspaces": rows})
        return
    counts = [f"{slug}: {count:,} people" for slug, count in people.items()]
    write_line(f"Restored. {'; '.join(counts) or 'No workspaces.'}")


def _restore_embedded(file: Path, folder: Folder, *, force: bool) -> dict[str, int]:
    with held(folder), _work_folder(folder.path) as work:
        _unpack(file, work, database=DATABASE)
        _check_database(work / DATABASE)
        _put_aside(folder.path, force=force)
        _take_over(work, folder.path)
    # The index may be ahead of the restored truth, so it goes, and this makes it anew.
    with opened(folder):
        from coterie.privacy.tasks import finish_erasures

        finish_erasures()
        return _people()


# Making


def _copy_sqlite(folder: Path, work: Path) -> Path:
    source, target = folder / DATABASE, work / DATABASE
    if not source.exists():
        raise NotFound(f"There is no database in {folder}. Is it the right --data?")
    with (
        closing(sqlite3.connect(source, timeout=60, isolation_level=None)) as reading,
        closing(sqlite3.connect(target)) as writing,
        progress_bar("Copying the database") as report,
    ):
        # One read transaction: every page is of the same moment, and in WAL mode nobody who writes waits for it.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=_PAGES, progress=lambda _status, left, total: report(total - left, total))
        writing.execute("PRAGMA journal_mode = DELETE")
    _check_database(target)
    return target


def _secret(folder: Path, work: Path) -> Iterator[Path]:
    source = folder / SECRET
    if source.exists():
        shutil.copyfile(source, work / SECRET)
        yield work / SECRET


def _name_of(path: Path, work: Path) -> str:
    return path.relative_to(work).as_posix()


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


# Taking out


def _unpack(file: Path, work: Path, *, database: str) -> None:
    """Take out the files that a backup has, and no others, and compare their hashes."""
    try:
        with tarfile.open(file, "r:") as archive:
            files = _meta(archive, file)["files"]
            total, done = sum(each["bytes"] for each in files.values()), 0
            with progress_bar("Taking the files out of the backup", of_bytes=True) as report:
                for name, expected in files.items():
                    member = archive.extractfile(name)
                    if member is None:
                        raise BackupFailed(f"{file}: {name} is not a file.")
                    (work / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    with open(work / name, "wb") as target:
                        while part := member.read(_PART):
                            done += target.write(part)
                            report(done, total)
                    if _sha256(work / name) != expected["sha256"]:
                        raise BackupFailed(f"{file}: {name} is damaged.")
    except (tarfile.TarError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupFailed(f"{file} is not a backup of Coterie: {error}") from None
    if not (work / database).exists():
        other = "server" if database == DATABASE else "embedded"
        raise BackupFailed(f"{file} holds no {database}: it is a backup of the {other} shape.")


def _meta(archive: tarfile.TarFile, file: Path) -> dict[str, Any]:
    member = archive.extractfile(META)
    meta: dict[str, Any] = json.loads(member.read(1 << 20)) if member else {}
    if meta.get("format") != FORMAT:
        raise BackupFailed(f"{file}: expected a backup of format {FORMAT}, found {meta.get('format')}.")
    unknown = {name for name in meta["files"] if name not in (DATABASE, DUMP, SECRET) and not is_stored(name)}
    if unknown:
        raise BackupFailed(f"{file}: unknown files {', '.join(sorted(unknown))}.")
    return meta


def _put_aside(folder: Path, *, force: bool) -> None:
    present = [path for path in _state(folder) if path.exists()]
    if not present:
        return
    if not force and (folder / DATABASE).exists():
        raise Conflict(f"{folder} holds a database. Say --force to put it aside, or use another --data.")
    aside = folder / f"before-restore-{int(time.time())}"
    aside.mkdir(mode=0o700)
    for path in present:
        path.rename(aside / path.name)
    note(f"What was there is in {aside}.")


def _state(folder: Path) -> list[Path]:
    names = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", SECRET, "index", "demo.json")
    return [folder / name for name in names]


def _take_over(work: Path, folder: Path) -> None:
    for name in (SECRET, DATABASE):
        if (work / name).exists():
            os.chmod(work / name, 0o600)
            _sync(work / name)
            os.replace(work / name, folder / name)
    if (aside := take_files(work, files_folder(folder))) is not None:
        note(f"Stored files that were there are in {aside}.")
    _sync(folder)


def _people() -> dict[str, int]:
    """How many people each workspace has, by its short name."""
    from coterie.accounts.models import Workspace
    from coterie.people.models import Person, State

    return {
        workspace.slug: Person.objects.of(workspace).filter(state=State.ACTIVE).count()
        for workspace in Workspace.objects.order_by("slug")
    }


# Shared


def _check_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        answer = database.execute("PRAGMA quick_check").fetchone()[0]
    if answer != "ok":
        raise BackupFailed(f"{path.name} is damaged: {answer}")


@contextmanager
def _work_folder(beside: Path) -> Iterator[Path]:
    # Beside the target and not in /tmp: the last step is a rename, and the files are private and large.
    with tempfile.TemporaryDirectory(dir=beside, prefix=".coterie-") as name:
        yield Path(name)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
