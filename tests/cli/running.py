"""Runs the real `coterie` command in processes of their own, each story with a folder of its own."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-c", "from coterie.cli.main import main; main()")
START_SECONDS = 60.0
_numbers = itertools.count(1)
# A proxy of the developer's environment does not lead to this machine.
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Installation:
    """One data folder and the commands that work with it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        # PYTHONUNBUFFERED would hide what is never flushed.
        others = ("COTERIE_", "DJANGO_", "PYTHONUNBUFFERED")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        self.environment = kept | {"COTERIE_DATA": str(folder), "NO_COLOR": "1"} | variables

    def run(self, *words: str, code: int | None = 0, **variables: str) -> Done:
        """Run a command to its end; its exit code must be `code` unless that is None."""
        done = subprocess.run(
            [*COMMAND, *words],
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert code is None or done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Done(done.returncode, done.stdout, done.stderr)

    def run_at_terminal(self, *words: str) -> Done:
        """Run a command whose stderr is a terminal, to a good end; `err` is what the terminal was told."""
        ours, its = pty.openpty()
        environment = self.environment | {"TERM": "xterm", "COLUMNS": "120"}
        told = b""
        with subprocess.Popen([*COMMAND, *words], env=environment, stdout=subprocess.PIPE, stderr=its) as process:
            os.close(its)
            # EIO says that nobody has the terminal any more.
            with contextlib.suppress(OSError):
                while part := os.read(ours, 65_536):
                    told += part
            out, _ = process.communicate(timeout=150)
        os.close(ours)
        assert process.returncode == 0, f"{words}: {process.returncode}\n{told.decode()}"
        return Done(0, out.decode(), told.decode())

    def found(self, slug: str = "acme") -> dict[str, str]:
        """Make a workspace; its keys and login."""
        made: dict[str, str] = self.run("init", "--workspace", slug, "--email", f"{slug}@example.org", "--json").json
        return made

    @contextmanager
    def serving(self, *words: str, **variables: str) -> Iterator[Server]:
        """A server of this folder; it must end cleanly unless the story has ended it."""
        server = Server(self, ("serve", "--port", "0", *words), variables)
        try:
            server.wait_until_up()
            yield server
            if server.process.poll() is None:
                assert server.stop() == 0, server.log()
        finally:
            server.end()


class Server:
    """A running `coterie serve`."""

    def __init__(self, installation: Installation, words: tuple[str, ...], variables: dict[str, str]) -> None:
        number = next(_numbers)
        self._log = installation.folder.parent / f"{installation.folder.name}-{number}.log"
        self._output = open(self._log, "w")  # noqa: SIM115 - closed by `end`
        self.process = subprocess.Popen(
            [*COMMAND, *words], env=installation.environment | variables, stdout=self._output, stderr=self._output
        )
        self.url = ""

    def wait_until_up(self) -> None:
        """Wait until it answers; it says where."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()
            said = re.search(r"^Coterie answers at (\S+) ", self.log(), re.MULTILINE)
            if said:
                self.url = said[1]
                assert self.call("GET", "/healthz")[0] == 200
                return
            time.sleep(0.05)
        raise AssertionError(f"not up after {START_SECONDS} s\n{self.log()}")

    def wait_until_ready(self) -> dict[str, Any]:
        """Wait until /readyz is 200; its body."""
        end = time.monotonic() + START_SECONDS
        status, body = 0, None
        while time.monotonic() < end:
            status, body = self.call("GET", "/readyz")
            if status == 200:
                return dict(body)
            time.sleep(0.1)
        raise AssertionError(f"not ready: {status} {body}\n{self.log()}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, and its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def end(self) -> None:
        """Make sure that nothing of it is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._output.close()

    def log(self) -> str:
        return self._log.read_text()

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request: status and JSON."""
        sent = {"Content-Type": "application/json"} | (headers or {})
        if key:
            sent["Authorization"] = f"Bearer {key}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, sent, method=method)  # noqa: S310 - our own server
        try:
            with _OPEN(request, timeout=60) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def send(self, write_key: str, items: list[dict[str, Any]]) -> None:
        """A batch as a Segment SDK sends it; it must be acknowledged."""
        basic = base64.b64encode(f"{write_key}:".encode()).decode()
        status, answer = self.call("POST", "/v1/batch", {"batch": items}, headers={"Authorization": f"Basic {basic}"})
        assert (status, answer["success"]) == (200, True), answer

    def total(self, workspace: str, where: str, *, key: str) -> int:
        """What the API counts."""
        status, found = self.call("POST", f"/api/v1/workspaces/{workspace}/people/count", {"where": where}, key=key)
        assert status == 200, found
        return int(found["total"])


def shoppers(count: int, *, first: int = 1) -> list[dict[str, Any]]:
    """Calls of a shop: each customer with a name, a country and as many purchases as the number's remainder by 3."""
    calls: list[dict[str, Any]] = []
    for number in range(first, first + count):
        user = f"u{number}"
        traits = {"name": f"Person {number}", "email": f"{user}@example.org", "country": ("DE", "US")[number % 2]}
        calls.append({"type": "identify", "userId": user, "messageId": f"i-{user}", "traits": traits})
        calls += [
            {
                "type": "track",
                "event": "purchase",
                "userId": user,
                "messageId": f"t-{user}-{each}",
                "properties": {"amount": 10 * number},
            }
            for each in range(number % 3)
        ]
    return calls
