"""PostgreSQL in and out of a file, by its own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from coterie.cli.output import Report, progress_bar
from coterie.kit.environment import Environment, postgres_url
from coterie.kit.errors import Conflict, CoterieError, InvalidInput

if TYPE_CHECKING:
    import psycopg

DUMP: Final = "coterie.pgdump"
# The start of what a program says of its error: it may name every table.
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
    with progress_bar("Dumping the tables of the database") as report:
        command = ("pg_dump", "--verbose", "--format=custom", "--no-owner", "--file", str(target))
        _run(*command, table=r"dumping contents of table", tables=_count_tables(), report=report)
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
    with _connected() as connection:
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
    listed = subprocess.run(["pg_restore", "--list", str(file)], capture_output=True, text=True, check=False)
    with progress_bar("Restoring the tables of the database") as report:
        safely = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        command = ("pg_restore", "--verbose", *safely, "--dbname", _name(), str(file))
        _run(*command, table=r"processing data for table", tables=listed.stdout.count(" TABLE DATA "), report=report)


def _count_tables() -> int:
    with _connected() as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchone()
    return int(found[0]) if found is not None else 0


def _connected() -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg

    found = _database()
    access = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    given = {name: str(found[key]) for name, key in access.items() if found[key]}
    return psycopg.connect(**given, autocommit=True)  # type: ignore[arg-type]  # all of them are text


def _run(program: str, *arguments: str, table: str, tables: int, report: Report) -> None:
    """Run a program that says `table` as it begins with each of so many tables."""
    # By environment and not by argument: every user of the machine sees the arguments of a process.
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    found = _database()
    access = {variable: str(found[name]) for name, variable in names.items() if found[name]}
    # What it says is read, so it says it in English.
    environment = os.environ | access | {"LC_ALL": "C"}
    begun, said = 0, ""
    with subprocess.Popen([program, *arguments], env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if table in line:
                report(begun, tables)
                begun += 1
            elif "error:" in line or said:
                said += line
    if running.returncode:
        raise BackupFailed(f"{program} failed: {said.strip()[:_MOST_SAID]}")
    report(begun, tables)


def _database() -> dict[str, object]:
    return dict(postgres_url("COTERIE_DATABASE_URL", Environment().text("COTERIE_DATABASE_URL")))


def _name() -> str:
    return str(_database()["NAME"])
