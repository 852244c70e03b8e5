"""A throw-away PostgreSQL database, on a server that is there or on a private one made for the run."""

import ctypes
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.support.ports import free_port

DEFAULT_URL = "postgres://postgres@127.0.0.1:5432/postgres"
PREFIX = "coterie_run_"
START_SECONDS = 60.0
HOW_TO_GIVE_ONE = (
    "The server shape needs PostgreSQL 13 or newer. Either set COTERIE_TEST_DATABASE_URL to a database whose user may "
    f"create databases (without it {DEFAULT_URL} is tried), or install the server programs "
    "(Debian: apt-get install postgresql) and a private server is started for the run."
)
_PR_SET_PDEATHSIG = 1
# Guards "create a database, then connect to it" against another run that sweeps databases without connections.
_SWEEP_LOCK = 7_203_511


class NoPostgres(Exception):
    """No PostgreSQL can be had; the message says how to give one."""


class Database:
    """A new, empty database; `url` names it until `drop`."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self.name = PREFIX + secrets.token_hex(6)
        self.url = _with_name(server_url, self.name)
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute("SELECT pg_advisory_lock(%s)", [_SWEEP_LOCK])
            _drop_abandoned(server)
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
            self._hold()

    def _hold(self) -> None:
        # Held until the end: the connection shows other runs that this database is in use.
        self._held = psycopg.connect(self.url, autocommit=True)

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Hold no connection meanwhile, and let no other run sweep: for what needs to be alone in the database."""
        with psycopg.connect(self._server_url, autocommit=True) as server:
            server.execute("SELECT pg_advisory_lock(%s)", [_SWEEP_LOCK])
            self._held.close()
            try:
                yield
            finally:
                self._hold()

    def drop(self) -> None:
        """Remove the database and the `test_` twin that Django makes next to it, whoever is connected."""
        self._held.close()
        with psycopg.connect(self._server_url, autocommit=True) as server:
            _drop(server, self.name)


def _drop_abandoned(server: psycopg.Connection) -> None:
    """Databases of runs that were killed: no run holds a connection to them."""
    rows = server.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s)"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [PREFIX],
    ).fetchall()
    for (name,) in rows:
        _drop(server, name)


def _drop(server: psycopg.Connection, name: str) -> None:
    for each in (f"test_{name}", name):
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(each)))


def _with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def reachable(url: str) -> bool:
    """Whether a connection can be made within two seconds."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


class PrivateServer:
    """A PostgreSQL server in a temporary folder, on loopback, that ends with this process.

    PostgreSQL refuses to run as root, so root starts it as the user `postgres` or, without one, as `nobody`.
    Durability settings are the defaults: Coterie refuses a server with fsync off.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="coterie-postgres-"))
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Make the data folder and start; raises NoPostgres with the server's own words when it does not come up."""
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        data = self.folder / "data"
        initdb = [str(self._programs / "initdb"), "-D", str(data), "-U", "postgres"]
        initdb += ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(initdb, user=self._user, cwd=self.folder, capture_output=True, text=True, check=False)
        if made.returncode:
            raise NoPostgres(f"initdb: {made.stderr.strip()}\n{HOW_TO_GIVE_ONE}")
        self.up()

    def up(self) -> None:
        """Run the server over its data folder and wait until it answers."""
        data, log = self.folder / "data", self.folder / "server.log"
        serve = [str(self._programs / "postgres"), "-D", str(data), "-p", str(self._port)]
        serve += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                serve,
                user=self._user,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        deadline = time.monotonic() + START_SECONDS
        while not reachable(self.url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                self.stop()
                raise NoPostgres(f"the private PostgreSQL did not start: {said}\n{HOW_TO_GIVE_ONE}")
            time.sleep(0.05)

    def down(self, *, by: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT is a fast shutdown, SIGQUIT ends it without one, as a power cut of its machine."""
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait(30)
            self._process = None

    def stop(self) -> None:
        """Shut down at once and remove the folder."""
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)


def _end_with_parent() -> None:
    # SIGINT is PostgreSQL's "fast shutdown".
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {line.split(":", 1)[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return "postgres" if "postgres" in known else "nobody"


def installed_programs() -> Path | None:
    """The folder of the newest PostgreSQL server programs on this machine: Debian's places first, then PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))])
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def server() -> tuple[str, PrivateServer | None]:
    """The address of a server that may be used, and the private server when one had to be started.

    A server that is named but does not answer is an error and not a reason to take another one.
    """
    named = os.environ.get("COTERIE_TEST_DATABASE_URL", "").strip()
    if named:
        if not reachable(named):
            host = urlsplit(named).hostname
            raise NoPostgres(f"COTERIE_TEST_DATABASE_URL: nothing answers at {host}.\n{HOW_TO_GIVE_ONE}")
        return named, None
    if reachable(DEFAULT_URL):
        return DEFAULT_URL, None
    programs = installed_programs()
    if programs is None:
        raise NoPostgres(f"No PostgreSQL answers at {DEFAULT_URL}.\n{HOW_TO_GIVE_ONE}")
    private = PrivateServer(programs)
    private.start()
    return private.url, private
