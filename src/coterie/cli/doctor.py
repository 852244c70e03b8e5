"""The command that looks at an installation and says what to do."""

from __future__ import annotations

import platform
import resource
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Final

import orjson
import typer

import coterie
from coterie.cli.folder import Folder, FolderInUse, Running, data_folder
from coterie.cli.options import Data, Json
from coterie.cli.output import write_json, write_line, write_table
from coterie.cli.remote import over_http
from coterie.cli.stores import pending_migrations, set_up
from coterie.kit.environment import is_embedded
from coterie.kit.errors import CoterieError

GIB: Final = 1 << 30
PACKAGES: Final = ("django", "clickhouse-connect", "chdb-core", "psycopg", "pyroaring", "uvicorn")
FEW_FILES: Final = 1_024


class Level(StrEnum):
    """`problem` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What one look has found; `advice` says what to do where there is something to do."""

    what: str
    level: Level
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Patient:
    """What is looked at: the folder, the server that has it if any, and whether to read everything."""

    folder: Folder
    running: Running | None
    deep: bool


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Also read the whole database and the audit log.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Look at settings, stores, disk, lag and quarantine, and say what to do. Fails where there is a problem."""
    folder = data_folder(data)
    running = _running(folder)
    try:
        set_up(log_level="CRITICAL")
        findings = [finding for look in LOOKS for finding in _careful(look, Patient(folder, running, deep))]
    finally:
        _close()
        folder.unlock()
    bad = any(finding.level is Level.PROBLEM for finding in findings)
    if as_json:
        write_json({"healthy": not bad, "findings": [asdict(finding) for finding in findings]})
    else:
        write_table(["", "what", "found", "to do"], [[f.level.value, f.what, f.found, f.advice] for f in findings])
        write_line("There is something to do." if bad else "All is well.")
    if bad:
        raise typer.Exit(1)


Look = Callable[[Patient], Iterator[Finding]]


def _careful(look: Look, patient: Patient) -> Iterator[Finding]:
    try:
        yield from look(patient)
    except Exception as error:
        what = look.__name__.strip("_").replace("_", " ")
        yield Finding(what, Level.PROBLEM, f"{type(error).__name__}: {error}", "See the log of the server.")


def _versions(_patient: Patient) -> Iterator[Finding]:
    found = [
        f"coterie {coterie.__version__}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    yield Finding("versions", Level.OK, ", ".join(found))


def _settings(patient: Patient) -> Iterator[Finding]:
    from django.conf import settings

    shape = "embedded" if is_embedded() else "server"
    truth = "PostgreSQL" if settings.COTERIE_DATABASE_URL else "SQLite"
    yield Finding("shape", Level.OK, f"{shape}, {truth}, {patient.folder.path}")
    if settings.DEBUG:
        yield Finding("settings", Level.PROBLEM, "COTERIE_DEBUG is on", "Unset it: it shows internals to visitors.")
    base = settings.COTERIE_BASE_URL
    if base.startswith("https://") or "://localhost" in base or "://127." in base:
        yield Finding("address", Level.OK, base)
    else:
        yield Finding("address", Level.WARNING, base, "Set COTERIE_BASE_URL to an https address: cookies go in clear.")


def _folder(patient: Patient) -> Iterator[Finding]:
    usage = shutil.disk_usage(patient.folder.path)
    text = f"{usage.free / GIB:.1f} GiB free of {usage.total / GIB:.1f}"
    if usage.free < GIB // 2:
        yield Finding("disk", Level.PROBLEM, text, "Free some: writes will fail, and events will be refused.")
    elif usage.free < 5 * GIB:
        yield Finding("disk", Level.WARNING, text, "Merges of the index need room. Keep 5 GiB free.")
    else:
        yield Finding("disk", Level.OK, text)
    secret = patient.folder.path / "secret_key"
    if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        yield Finding("secret key", Level.PROBLEM, "others can read it", f"chmod 600 {secret}")
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < FEW_FILES:
        yield Finding("open files", Level.WARNING, f"limit {soft:,}", "Raise it: ulimit -n 65536.")


def _server(patient: Patient) -> Iterator[Finding]:
    if patient.running is None:
        found = "none uses the folder" if is_embedded() else "this is asked of each process by /readyz"
        yield Finding("server", Level.OK, found)
        return
    send = over_http(patient.running.url, patient.running.token, host=patient.running.host)
    _status, answer = send("GET", "/readyz", None)
    checks = orjson.loads(answer)["checks"]
    yield Finding("server", Level.OK, f"pid {patient.running.pid} at {patient.running.url}")
    for name, check in checks.items():
        level = Level.OK if check["ready"] else Level.PROBLEM
        yield Finding(name, level, check["note"] or "answers", "" if check["ready"] else "See the server's log.")


def _database(patient: Patient) -> Iterator[Finding]:
    from django.db import connection

    from coterie.kit.durability import problems

    for problem in problems(connection):
        yield Finding("durability", Level.PROBLEM, problem, "Acknowledged data can be lost. Set it as expected.")
    waiting = pending_migrations()
    if waiting:
        yield Finding("tables", Level.PROBLEM, f"{waiting} changes are missing", "They are made by `coterie serve`.")
    else:
        yield Finding("tables", Level.OK, "as this version needs them")
    if connection.vendor == "sqlite" and patient.deep:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            answer = cursor.fetchone()[0]
            cursor.execute("PRAGMA foreign_key_check")
            broken = len(cursor.fetchall())
        if answer == "ok" and not broken:
            yield Finding("integrity", Level.OK, "every page and reference holds")
        else:
            yield Finding("integrity", Level.PROBLEM, f"{answer}; {broken} broken references", "Restore a backup.")


def _index(patient: Patient) -> Iterator[Finding]:
    """Where a server has the index, _server has asked it."""
    if patient.running is not None or pending_migrations():
        return
    from coterie.audience.engine import engine
    from coterie.audience.startup import ensure_index

    engine().ping()
    if ensure_index(rebuild_now=False):
        yield Finding("index", Level.OK, "answers, and belongs to this database")
    else:
        advice = "Start `coterie serve`, which makes it anew, or run `coterie rebuild`."
        yield Finding("index", Level.PROBLEM, "missing, or not of this database", advice)


def _work(patient: Patient) -> Iterator[Finding]:
    if pending_migrations():
        return
    from coterie.web.readiness import MOST_LAG, backlog, lags

    served = patient.running is not None or not is_embedded()
    advice = "Is a worker running? See its log." if served else "They are worked in at the next start."
    for lag in lags():
        late = served and lag.seconds > MOST_LAG.total_seconds()
        found = f"{lag.workspace.slug}: {lag.changes:,} changes behind, the oldest for {lag.seconds:.0f} s"
        yield Finding("lag", Level.PROBLEM if late else Level.OK, found, advice if late or not served else "")
    waiting = backlog()
    yield Finding("backlog", Level.OK, f"{waiting:,} accepted events wait", advice if waiting and not served else "")


def _contents(_patient: Patient) -> Iterator[Finding]:
    if pending_migrations():
        return
    from coterie.accounts.models import Workspace
    from coterie.segments.models import Segment
    from coterie.tracking.models import Quarantine, QuarantineState

    for workspace in Workspace.objects.order_by("slug"):
        aside = Quarantine.objects.of(workspace).filter(state=QuarantineState.OPEN).count()
        if aside:
            advice = f"See why: GET /api/v1/workspaces/{workspace.slug}/tracking/quarantine, then replay."
            yield Finding("quarantine", Level.WARNING, f"{workspace.slug}: {aside:,} events", advice)
        live = Segment.objects.of(workspace).filter(deleted_at=None)
        for segment in live.exclude(broken_reason=None).exclude(broken_reason="").order_by("name"):
            found = f"{workspace.slug}: {segment.name}: {segment.broken_reason}"
            yield Finding("broken segment", Level.WARNING, found, "It matches nobody until its definition is mended.")


def _ledger(_patient: Patient) -> Iterator[Finding]:
    if pending_migrations():
        return
    from coterie.privacy import ledger

    missing = ledger.missing()
    if missing:
        found = f"{ledger.path()} does not name {len(missing):,} erasures of the database"
        advice = "A restore would bring those people back. Put the ledger there; all processes need the same one."
        yield Finding("ledger of erasures", Level.PROBLEM, found, advice)
    else:
        yield Finding("ledger of erasures", Level.OK, f"{ledger.path()} names all there were")


def _clock(_patient: Patient) -> Iterator[Finding]:
    if pending_migrations():
        return
    from django.db import connection

    from coterie.accounts.models import Workspace
    from coterie.kit import clock
    from coterie.people.models import Change

    ahead = 0.0
    for workspace in Workspace.objects.all():
        last = Change.objects.of(workspace).order_by("-seq").values_list("at", flat=True).first()
        if last is not None:
            ahead = max(ahead, (last - clock.now()).total_seconds())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            ahead = max(ahead, abs((cursor.fetchone()[0] - clock.now()).total_seconds()))
    if ahead > 2:
        advice = "Set the clock by NTP: windows such as `in the last 5 minutes` go by it."
        yield Finding("clock", Level.PROBLEM, f"off by {ahead:.0f} s", advice)
    else:
        yield Finding("clock", Level.OK, clock.iso(clock.now()))


def _audit(patient: Patient) -> Iterator[Finding]:
    if not patient.deep or pending_migrations():
        return
    from coterie.accounts.audit import verify_chain
    from coterie.accounts.models import Workspace

    for workspace in (None, *Workspace.objects.order_by("slug")):
        broken = verify_chain(workspace)
        if broken is not None:
            where = workspace.slug if workspace else "installation"
            found = f"{where}: entry {broken.number}: {broken.reason}"
            yield Finding("audit log", Level.PROBLEM, found, "Someone has changed it. Compare with a backup.")


LOOKS: Final[tuple[Look, ...]] = (
    _versions,
    _settings,
    _folder,
    _server,
    _database,
    _index,
    _work,
    _contents,
    _ledger,
    _clock,
    _audit,
)


def _running(folder: Folder) -> Running | None:
    """The server that has the folder; otherwise the folder is held until the end, so that none starts meanwhile."""
    if not is_embedded():
        return None
    try:
        folder.lock()
    except FolderInUse:
        running = folder.running()
        if running is None:
            raise
        return running
    return None


def _close() -> None:
    from django.db import connections

    try:
        from coterie.audience.engine import close_engine

        close_engine()
    except CoterieError:
        pass
    connections.close_all()
