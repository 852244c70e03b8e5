"""A real server in a process of its own, with workspaces to send to, and the counts that it leaves behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]

_SET_UP = """
import os, json, sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from coterie.accounts import actions, audit
from coterie.accounts.models import KeyKind
owner = actions.create_user(audit.SYSTEM, email="alice@example.org", password="correct horse battery")
tokens = []
for number in range(int(sys.argv[1])):
    workspace = actions.create_workspace(audit.SYSTEM, owner=owner, slug=f"w{number}", name="W")
    tokens.append(actions.create_key(audit.SYSTEM, workspace, kind=KeyKind.WRITE, name="web page")[1])
print(json.dumps(tokens))
"""

_COUNT = """
import json, sys, django
django.setup()
from coterie.accounts.models import Workspace
from coterie.tracking.drain import drain_once
from coterie.tracking.models import MessageId, Quarantine, IdConflict
from tests.support.tracked import events_of, people_of
found = {}
for workspace in Workspace.objects.filter(slug__in=sys.argv[1:]):
    duplicates = 0
    while not (drained := drain_once(workspace, 5000)).idle:
        duplicates += drained.duplicates
    events = events_of(workspace)
    found[workspace.slug] = {
        "ids": MessageId.objects.of(workspace).count(),
        "duplicates": duplicates,
        "conflicts": sum(row.count for row in IdConflict.objects.of(workspace)),
        "quarantined": [row.reason for row in Quarantine.objects.of(workspace)],
        "events": [[event.name, event.kind, event.properties.get("number"), event.number] for event in events],
        "people": people_of(workspace),
    }
print(json.dumps(found))
"""


@dataclass
class TrackingServer:
    """`url` answers; `tokens` are write keys of workspaces `w0`, `w1` ... with nobody in them."""

    data: Path
    workspaces: int
    url: str = ""
    tokens: list[str] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None
    _used: int = 0

    def start(self) -> None:
        """Make the database and start uvicorn on a free port."""
        self.tokens = self._run(_SET_UP, str(self.workspaces))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = ["-m", "uvicorn", "coterie.asgi:application", "--port", str(port), "--lifespan", "off"]
        with (self.data / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self._environment(), stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while not _listens(port):
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server as an operator would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    @property
    def log(self) -> str:
        return (self.data / "server.log").read_text(errors="replace")

    def take(self) -> tuple[str, str]:
        """A workspace that no test has used yet, and its write key."""
        number = self._used
        self._used += 1
        return f"w{number}", self.tokens[number]

    def count_each(self, slugs: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Drain these workspaces and count what is in each, by slug."""
        counted: dict[str, dict[str, Any]] = self._run(_COUNT, *slugs)
        return counted

    def _run(self, program: str, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COTERIE_", "DJANGO_"))}
        return kept | {
            "COTERIE_DATA": str(self.data),
            "COTERIE_SECRET_KEY": "x" * 40,
            "DJANGO_SETTINGS_MODULE": "coterie.settings",
        }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
