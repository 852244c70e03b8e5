"""PostgreSQL in and out of a file, by its own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from coterie.kit.environment import Environment, postgres_url
from coterie.kit.errors import Conflict, CoterieError, InvalidInput

DUMP: Final = "coterie.pgdump"
# The end of what a program says: it may name every table.
_MOST_SAID: Final = 500


class BackupFailed(CoterieError):
    """The backup could not be made or is not whole."""

    default_code = "backup_failed"


def is_postgres() -> bool:
    """Whether the truth is in PostgreSQL."""
    return bool(Environment().text("COTERIE_DATABASE_URL"))


def dump(work: Path) -> Path:
    """Write the database into a file of this folder, as it is at one moment."""
    if shutil.which("pg_dump") is None:
        raise BackupFailed(
            "The truth is in PostgreSQL and pg_dump is not here. Install the PostgreSQL client, "
            "or back the database up with pg_dump --format=custom elsewhere."
        )
    target = work / DUMP
    _run("pg_dump", "--format=custom", "--no-owner", "--file", str(target))
    return target


def require_pg_restore() -> None:
    """Raise InvalidInput, with what to do by hand, when pg_restore is not here."""
    if shutil.which("pg_restore") is None:
        raise InvalidInput(
            "The truth is in PostgreSQL and pg_restore is not here. Install the PostgreSQL client; or stop every "
            f"process, take {DUMP} out of the file with tar, run pg_restore --clean --if-exists --no-owner "
            f"--single-transaction -d DATABASE {DUMP} elsewhere, then `coterie rebuild`."
        )


def refuse_full(*, force: bool) -> None:
    """Raise Conflict when other processes use the database, or when it holds tables and `force` is not said."""
    import psycopg

    found = _database()
    access = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    given = {name: str(found[key]) for name, key in access.items() if found[key]}
    with psycopg.connect(**given, autocommit=True) as connection:  # type: ignore[arg-type]  # all of them are text
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ).fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone()
    if others is not None and others[0]:
        raise Conflict(f"Other processes use the database ({others[0]} connections). Stop every one of them first.")
    if tables is not None and tables[0] and not force:
        raise Conflict("The database holds tables. Back it up, then say --force to put the backup in their place.")


def load(file: Path) -> None:
    """Put a dump in the place of the database, in one transaction: all of it or nothing."""
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--dbname", _name(), str(file))


def _run(program: str, *arguments: str) -> None:
    # By environment and not by argument: every user of the machine sees the arguments of a process.
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    found = _database()
    access = {variable: str(found[name]) for name, variable in names.items() if found[name]}
    done = subprocess.run([program, *arguments], env=os.environ | access, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()[-_MOST_SAID:]}")


def _database() -> dict[str, object]:
    return dict(postgres_url("COTERIE_DATABASE_URL", Environment().text("COTERIE_DATABASE_URL")))


def _name() -> str:
    return str(_database()["NAME"])
