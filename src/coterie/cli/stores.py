"""Django, the tables and the index, made ready for a command: before this nothing of the rooms can be imported."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from coterie.cli.folder import Folder, FolderInUse, Running
from coterie.cli.output import note, progress_bar
from coterie.kit.environment import is_embedded
from coterie.kit.errors import Conflict


def set_up(*, log_level: str = "WARNING") -> None:
    """Load settings and rooms. The folder is locked by now, or is not ours to lock."""
    import django
    import structlog

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coterie.settings")
    os.environ.setdefault("COTERIE_LOG_LEVEL", log_level)
    # structlog writes to stdout until it is told otherwise, and stdout is the command's answer.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    django.setup(set_prefix=False)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def ready_database() -> None:
    """Bring the tables to what this version needs, and erase again who was erased after the backup that this is from.

    Several processes at once take turns.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with _turn():
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            if executor.loader.applied_migrations:
                note(f"Bringing the database to this version: {len(plan)} changes of its tables.")
            call_command("migrate", interactive=False, verbosity=0)
        _repeat_erasures()


def pending_migrations() -> int:
    """How many changes of tables this version has that the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def held(folder: Folder) -> Iterator[None]:
    """The folder to itself where the index is in it; FolderInUse when another process has it."""
    if not is_embedded():
        yield
        return
    folder.lock()
    try:
        yield
    finally:
        folder.unlock()


@contextmanager
def database_of(folder: Folder) -> Iterator[Running | None]:
    """The database ready for what needs no index, whether a server has the folder or not; the server that has it.

    Conflict when that server is of another version.
    """
    running = None
    try:
        if is_embedded():
            folder.lock()
    except FolderInUse:
        running = folder.running()
    try:
        set_up()
        if folder.locked or not is_embedded():
            ready_database()
        elif pending_migrations():
            raise Conflict("The server that uses this folder is of another version. Stop it first.")
        yield running
    finally:
        folder.unlock()


@contextmanager
def opened(folder: Folder, *, index: bool = True) -> Iterator[None]:
    """Everything ready for work without a server: tables, index, and what was accepted but not yet worked in.

    In the server shape the workers do the last of these.
    """
    with held(folder):
        set_up()
        ready_database()
        from django.db import connections

        from coterie.audience.engine import close_engine

        try:
            if index and is_embedded():
                catch_up()
            yield
        finally:
            close_engine()
            connections.close_all()


def catch_up() -> None:
    """Work in what was accepted: then an answer holds everything that was ever acknowledged."""
    from coterie.audience.projector import project
    from coterie.audience.startup import ensure_index
    from coterie.tracking import leases
    from coterie.tracking.drain import drain_once
    from coterie.web.readiness import backlog, behind

    if not ensure_index(rebuild_now=False):
        rebuild_index()
    leases.release_all()
    waiting = backlog()
    if waiting:
        with progress_bar("Working in events") as report:
            while not drain_once(limit=5_000).idle:
                report(max(0, waiting - backlog()), waiting)
    for workspace in behind():
        project(workspace)


def rebuild_index() -> None:
    """Make the index anew from the database, with a bar."""
    from coterie.audience.startup import rebuild
    from coterie.web.readiness import holds_anything

    if holds_anything():
        note("The index is missing or not of this database. It is being rebuilt; nothing is lost.")
    with progress_bar("Rebuilding the index") as report:
        rebuild(report)


@contextmanager
def _turn() -> Iterator[None]:
    """Alone among processes that use the same PostgreSQL database."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    key = 4_206_800_301  # any number that nothing else of ours locks
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _repeat_erasures() -> None:
    from coterie.privacy.replay import replay

    count = replay()
    if count:
        note(f"Erased again from the ledger: {count:,} erasures that this database did not know.")
