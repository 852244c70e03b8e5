"""The real program in processes of its own: made, started, killed, stopped, asked. Nothing here imports Coterie."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
COMMAND: Final = (sys.executable, "-c", "from coterie.cli.main import main; main()")
HOST: Final = "127.0.0.1"
SLUG: Final = "acme"
START_SECONDS: Final = 180.0
STOP_SECONDS: Final = 60.0


# A line of the log starts with its time; a trace goes on over lines without one.
_ENTRY: Final = re.compile(r"^(?=\d{4}-\d\d-\d\d )", re.MULTILINE)


class Reply(NamedTuple):
    """An answer: status, headers with small letters, and the JSON of the body."""

    status: int
    headers: dict[str, str]
    body: Any


class Home:
    """One installation: its data folder, the environment that leads to its stores, and its keys."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COTERIE_", "DJANGO_"))}
        own = {"COTERIE_DATA": str(folder), "COTERIE_SECRET_KEY": "a fixed secret for tests, long enough to be taken"}
        self.environment = kept | own | {"NO_COLOR": "1", "PYTHONFAULTHANDLER": "1"} | dict(variables or {})
        self.logs = folder.parent / f"{folder.name}-logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.write_key = self.secret_key = ""

    @property
    def database(self) -> Path:
        """The file that holds the truth of an embedded installation."""
        return self.folder / "coterie.sqlite3"

    @property
    def index(self) -> Path:
        """The folder of an embedded index."""
        return self.folder / "index"

    def run(self, *words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end."""
        return subprocess.run(
            [*COMMAND, *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def found(self) -> None:
        """Make the workspace; its keys are known from then on."""
        done = self.run("init", "--workspace", SLUG, "--email", "alice@example.org", "--json")
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        self.write_key, self.secret_key = made["write_key"], made["secret_key"]

    def start(self, *words: str, name: str = "serve", **variables: str) -> Program:
        """Start a long-running command; it does not answer yet. Each start of a name appends to the same log."""
        return Program(self, words or ("serve",), self.logs / f"{name}.log", variables)

    def serve(self, port: int, *, name: str = "serve", **variables: str) -> Program:
        """Start a server on a port; it does not answer yet."""
        started = self.start("serve", "--host", HOST, "--port", str(port), name=name, **variables)
        started.port = port
        return started

    def check_database(self) -> list[str]:
        """What SQLite itself finds wrong with the file that a killed process has left."""
        database = sqlite3.connect(self.database, timeout=20)
        try:
            said = [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
            broken = database.execute("PRAGMA foreign_key_check").fetchall()
        finally:
            database.close()
        return [f"integrity_check: {line}" for line in said if line != "ok"] + [f"foreign key: {row}" for row in broken]

    def errors(self) -> list[str]:
        """What the processes have logged with a trace, each once: the reason behind an answer of 500."""
        found: dict[str, str] = {}
        for path in sorted(self.logs.glob("*.log")):
            for entry in _ENTRY.split(path.read_text(errors="replace")):
                if " ERROR " in entry[:60] and "Traceback" in entry:
                    found[entry.rstrip().rpartition("\n")[2]] = f"{path.name}: {entry.rstrip()[-2500:]}"
        return list(found.values())

    def said(self, words: str) -> int:
        """How often the processes have said something."""
        return sum(path.read_text(errors="replace").count(words) for path in self.logs.glob("*.log"))

    def facts(self, program: str = "verdict", *words: str, seconds: float = 240, **variables: str) -> Any:
        """What a program of this folder finds in the stores, opened afresh while no server uses them."""
        done = subprocess.run(
            [sys.executable, "-m", f"tests.hold.{program}", *words],
            env=self.environment | {"COTERIE_LOG_LEVEL": "WARNING"} | variables,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.returncode}\n{done.stderr[-6000:]}"
        return json.loads(done.stdout)


class Program:
    """A started process and how to reach it."""

    def __init__(self, home: Home, words: tuple[str, ...], log: Path, variables: Mapping[str, str]) -> None:
        self.home = home
        self.port = 0
        self.log_path = log
        self._log_from = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*COMMAND, *words],
                env=home.environment | dict(variables),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def log(self) -> str:
        """What this start of it has said."""
        with self.log_path.open("rb") as file:
            file.seek(self._log_from)
            return file.read().decode(errors="replace")

    def stopped(self) -> bool:
        """Whether it sleeps, as after SIGSTOP."""
        # "pid (name) state ..."; a name may hold anything but the last bracket.
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def children(self) -> list[int]:
        """The processes that it has started, such as the one that drains."""
        found: list[int] = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            # A thread may end meanwhile.
            with contextlib.suppress(FileNotFoundError):
                found += map(int, (task / "children").read_text().split())
        return found

    def kill(self, *, whole: bool = False) -> None:
        """End it as kill -9 does; with `whole`, what it has started too, as a power cut does."""
        for pid in self.children() if whole else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def go_on(self) -> None:
        """Let it go on from a failpoint at which it waits."""
        self.process.send_signal(signal.SIGUSR1)

    def wait_dead(self, seconds: float) -> int | None:
        """Its exit code, or None when it lives on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int:
        """End it as an operator does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not stop within {STOP_SECONDS:.0f} s\n{self.log()[-4000:]}") from None

    def close(self) -> None:
        """End it however it stands."""
        if self.alive:
            self.kill()
        self.process.wait()

    def wait_up(self, seconds: float = START_SECONDS) -> None:
        """Return when it answers /healthz."""
        self.wait_for(lambda: self.ask("GET", "/healthz").status == 200, seconds, "to answer")

    def wait_ready(self, seconds: float = START_SECONDS) -> Reply:
        """Return when /readyz says so; its answer."""
        self.wait_for(lambda: self.ask("GET", "/readyz").status == 200, seconds, "to be ready")
        return self.ask("GET", "/readyz")

    def wait_projected(self, seconds: float = START_SECONDS) -> None:
        """Return when nothing waits any more: neither accepted events nor changes that the index has not."""
        self.wait_for(self._idle, seconds, "to have worked everything in")

    def wait_for(self, true: Callable[[], bool], seconds: float, what: str) -> None:
        """Ask again until something is true; an address that does not answer is not true yet."""
        end = time.monotonic() + seconds
        while True:
            code = self.process.poll()
            assert code is None, f"it ended with {code}, expected it {what}\n{self.log()[-6000:]}"
            try:
                if true():
                    return
            except (OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < end, f"waited {seconds:.0f} s for it {what}\n{self.log()[-6000:]}"
            time.sleep(0.05)

    def _idle(self) -> bool:
        # Asked once, it looks at what is accepted after what is projected: events may go from one to the other between.
        return self._nothing_waits() and self._nothing_waits()

    def _nothing_waits(self) -> bool:
        checks = (self.ask("GET", "/readyz").body or {}).get("checks", {})
        waiting = re.match(r"(\d[\d,]*) events wait", checks.get("backlog", {}).get("note", ""))
        behind = checks.get("projector", {}).get("note", "")
        return bool(waiting and waiting[1] == "0") and behind == "0 changes behind" and checks["index"]["ready"]

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", seconds: float = 30) -> Reply:
        """One request on a connection of its own; bytes go as they are. `key` is a secret or, to track, a write key."""
        status, found, content = self._exchange(method, path, body, key=key, seconds=seconds)
        is_json = found.get("content-type", "").startswith("application/json")
        return Reply(status, found, json.loads(content) if is_json and content else None)

    def download(self, path: str) -> bytes:
        """What a path below the workspace has, with its secret key."""
        path = f"/api/v1/workspaces/{SLUG}{path}"
        status, _, content = self._exchange("GET", path, None, key=self.home.secret_key, seconds=30)
        assert status == 200, (path, status, content[:500])
        return content

    def _exchange(
        self, method: str, path: str, body: Any, *, key: str, seconds: float
    ) -> tuple[int, dict[str, str], bytes]:
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if key:
            headers["Authorization"] = authorization(key)
        connection = http.client.HTTPConnection(HOST, self.port, timeout=seconds)
        try:
            content = body if body is None or isinstance(body, bytes) else json.dumps(body)
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            received = answer.read()
        finally:
            connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, received

    def api(self, method: str, path: str, body: Any = None, *, seconds: float = 30) -> Reply:
        """One request about the workspace with its secret key."""
        return self.ask(method, f"/api/v1/workspaces/{SLUG}{path}", body, key=self.home.secret_key, seconds=seconds)

    def track(self, items: list[dict[str, Any]]) -> Reply:
        """One batch as a Segment SDK sends it."""
        return self.ask("POST", "/v1/batch", {"batch": items}, key=self.home.write_key)

    def count(self, where: str) -> int:
        """The exact total of a filter."""
        reply = self.api("POST", "/people/count", {"where": where})
        assert reply.status == 200, reply
        return int(reply.body["total"])


def files_below(folder: Path) -> list[Path]:
    """Every file; a folder that goes while it is looked into, as a part of the index that is merged, is passed over."""
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.is_file())


def authorization(key: str) -> str:
    """How a client names its key: SDKs by Basic, everyone else by Bearer."""
    if key.startswith("wk_"):
        return "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    return f"Bearer {key}"
