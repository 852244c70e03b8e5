"""A running `coterie serve` and clients that ask it, as users have them."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.folder import ROOT, Filled

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 120.0


class Server:
    """`coterie serve` on a data folder, in a process of its own; a context manager."""

    def __init__(self, filled: Filled) -> None:
        self.filled = filled
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.launch()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def launch(self) -> None:
        """Start the process; it does not answer yet."""
        command = [str(Path(sys.executable).with_name("coterie")), "serve"]
        command += ["--data", str(self.filled.path), "--host", HOST, "--port", str(self.port)]
        log = (self.filled.path / "server.log").open("ab")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def wait(self) -> None:
        """Return when it answers; RuntimeError with its last words when it ends or takes too long."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._running.poll() is None:
            try:
                if Client(self).get_status("/healthz") == 200:
                    return
            except OSError:
                time.sleep(0.02)
        words = (self.filled.path / "server.log").read_text(errors="replace")[-2_000:]
        self.stop()
        raise RuntimeError(f"coterie serve does not answer:\n{words}")

    def stop(self) -> int:
        """End it as an operator does; the exit code."""
        process = self._process
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RuntimeError("coterie serve did not stop within 60 s") from None
        finally:
            self._process = None

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def memory_mb(self) -> dict[str, float]:
        """Resident memory in MiB of the server and its drain: all of it, and without pages of files."""
        total = {"rss_mb": 0.0, "rss_anonymous_mb": 0.0}
        for pid in self._pids():
            text = Path(f"/proc/{pid}/status").read_text()
            sizes = {name: int(kb) / 1024 for name, kb in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}
            total["rss_mb"] += sizes["VmRSS"]
            total["rss_anonymous_mb"] += sizes["RssAnon"]
        return total

    def cpu_seconds(self) -> float:
        """CPU time that the server and its drain have used."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids()]
        return sum(int(each[11]) + int(each[12]) for each in fields) / 100

    def _pids(self) -> list[int]:
        pid = self._running.pid
        found = [pid]
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            # A thread may end meanwhile.
            with contextlib.suppress(FileNotFoundError):
                found += map(int, path.read_text().split())
        return found

    def backlog(self) -> Backlog:
        """What is accepted and not yet worked in, straight from the database."""
        with sqlite3.connect(f"file:{self.filled.path}/coterie.sqlite3?mode=ro", uri=True, timeout=20) as database:
            waiting = database.execute("SELECT coalesce(sum(item_count - done), 0) FROM tracking_rawbatch").fetchone()
            head = database.execute("SELECT max(head_seq) FROM people_workspacelog").fetchone()
            done = database.execute("SELECT max(seq) FROM audience_indexposition").fetchone()
            kept = database.execute("SELECT count(*) FROM tracking_quarantine").fetchone()
        database.close()
        return Backlog(int(waiting[0]), int(head[0]) - int(done[0]), int(kept[0]))


@dataclass(frozen=True)
class Backlog:
    """Events that wait to be drained, changes that wait to be projected, events in quarantine."""

    events: int
    changes: int
    quarantined: int

    @property
    def empty(self) -> bool:
        return self.events == 0 and self.changes == 0


class Client:
    """One keep-alive connection with the secret key."""

    def __init__(self, server: Server) -> None:
        self._base = f"/api/v1/workspaces/{server.filled.slug}"
        self._headers = {"Authorization": f"Bearer {server.filled.secret_key}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
        self._connection.connect()
        assert self._connection.sock is not None
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get_status(self, path: str) -> int:
        """The status of a path from the root."""
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def get(self, path: str) -> Any:
        """The answer to a path of the workspace."""
        return self._call("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """The answer to a body sent to a path of the workspace."""
        return self._call("POST", path, json.dumps(body).encode())

    def send(self, method: str, path: str, body: bytes) -> Any:
        """The answer to bytes as they are."""
        return self._call(method, path, body)

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        self._connection.request(method, self._base + path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
