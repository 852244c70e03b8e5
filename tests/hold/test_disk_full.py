"""No room left: what can't be stored is refused with 503 and is not acknowledged; with room again, all goes on."""

from __future__ import annotations

import csv
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hold.killed import finished, job, started_import
from tests.hold.load import EVENT, SEGMENTS
from tests.hold.program import Home, Program, Reply, files_below
from tests.support.ports import free_port

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
MEGABYTES = 48
# Room for the log to grow a little, so that some events are still taken and the index is refused first.
ROOM = 300_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small file system is mounted for this, which takes root")
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


class Sender:
    """Sends events with ids of their own and remembers which were acknowledged."""

    def __init__(self, server: Program) -> None:
        self.server = server
        self.acknowledged: list[str] = []
        self._sent = 0

    def send(self, count: int) -> Reply:
        calls: list[dict[str, Any]] = []
        for _ in range(count):
            self._sent += 1
            properties = {"amount": 5, "note": f"{self._sent} " * 60}
            user = {"userId": f"u{self._sent % 30}", "messageId": f"m{self._sent}"}
            calls.append({"type": "track", "event": EVENT, "properties": properties} | user)
        reply = self.server.track(calls)
        if reply.status == 200:
            self.acknowledged += [call["messageId"] for call in calls]
        return reply


def fill_up(ballast: Path, *, room: int = ROOM) -> None:
    """Take all room of the file system but a little, looking again and again: a server may be writing meanwhile."""
    with ballast.open("wb", buffering=0) as file:
        while (left := _room(ballast.parent) - room) > 0:
            file.write(bytes(min(left, 1_000_000)))


def _room(folder: Path) -> int:
    there = os.statvfs(folder)
    return there.f_bavail * there.f_frsize


def test_it_works(small_disk: Path) -> None:
    home = Home(small_disk / "data")
    home.logs = small_disk.parent
    home.found()
    server = home.serve(free_port())
    sender = Sender(server)
    answers: Counter[tuple[str, int]] = Counter()

    def note(what: str, reply: Reply) -> None:
        answers[(what, reply.status)] += 1
        assert reply.status < 500 or (reply.status == 503 and int(reply.headers["retry-after"]) > 0), (what, reply)

    try:
        server.wait_up()
        for _ in range(5):
            assert sender.send(20).status == 200
        server.wait_projected()
        assert server.api("POST", "/segments", {"name": "buyers", "where": SEGMENTS["buyers"]}).status == 201
        fill_up(small_disk / "ballast")
        for number in range(40):
            note("track", sender.send(20))
            if number % 4 == 0:
                note("patch", server.api("PATCH", f"/people/{1 + number % 20}", {"set": {"name": f"n{number}"}}))
                note("segment", server.api("POST", "/segments", {"name": f"s{number}", "where": "everyone"}))
                note("count", server.api("POST", "/people/count", {"where": SEGMENTS["spenders"]}))
        assert answers[("track", 503)] > 0, answers
        assert answers[("patch", 503)] > 0, answers
        assert server.ask("GET", "/healthz").status == 200
        (small_disk / "ballast").unlink()
        server.wait_for(lambda: sender.send(1).status == 200, 90, "to take events again")
        # Loops that failed try again after 30 seconds at most.
        server.wait_projected(120)
        assert server.stop() == 0
    finally:
        server.close()
    facts = home.facts()
    assert facts["problems"] == []
    for store in ("log_events", "index_events"):
        assert [name for name in sender.acknowledged if facts[store].get(name) != 1] == []


def test_no_room_for_files(small_disk: Path, tmp_path: Path) -> None:
    """Uploads are refused and leave nothing, exports wait and go on by themselves, and nothing else is held up."""
    folder = small_disk / "files"
    folder.mkdir()
    home = Home(tmp_path / "data", {"COTERIE_FILES": str(folder)})
    home.found()
    rows = [[f"user{i}@example.org", f"Name {i} " + "x" * 40] for i in range(2_000)]
    content = "email,name\n" + "".join(f"{email},{name}\n" for email, name in rows)
    server = home.serve(free_port())
    try:
        server.wait_ready()
        finished(server, started_import(server, content, ("email", "name"))[1])
        server.wait_projected()
        fill_up(small_disk / "ballast", room=24_000)
        before = files_below(folder)
        refused = server.api("POST", "/imports?name=more.csv", content.encode())
        assert (refused.status, refused.headers["retry-after"]) == (503, "30")
        assert "no room for files" in refused.body["message"]
        assert files_below(folder) == before
        exports = [
            server.api("POST", "/exports", {"format": format, "columns": ["email", "name"]}).body["id"]
            for format in ("csv", "xlsx")
        ]
        server.wait_for(lambda: server.log().count("No space left") >= 3, 60, "to try both exports")
        assert [job(server, id)["state"] for id in exports] == ["running", "running"]
        assert Sender(server).send(5).status == 200
        (small_disk / "ballast").unlink()
        found = [finished(server, id) for id in exports]
        assert [(each["state"], each["result"]["counts"]) for each in found] == [("done", {"exported": 2_000})] * 2
        table = server.download(f"/files/{found[0]['files'][0]['id']}").decode("utf-8-sig")
        assert list(csv.reader(table.splitlines()))[1:] == rows
        assert server.api("POST", "/imports?name=more.csv", content.encode()).status == 201
        assert server.stop() == 0
    finally:
        server.close()
    assert home.errors() == []
