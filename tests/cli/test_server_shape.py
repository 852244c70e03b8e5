"""The server shape with the real commands: web and workers apart, a worker that dies, a rebuild."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, Installation, Server, shoppers
from tests.support import shape

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        os.environ.get("COTERIE_TEST_SHAPE") != "server", reason="needs the stores that `make test-server` starts"
    ),
]

STORES = ("COTERIE_DATABASE_URL", "COTERIE_CLICKHOUSE_URL", "COTERIE_CLICKHOUSE_CLUSTER")
TWICE = 'did "purchase" at least 2 times'
# A lease is 20 s; the rest is for a busy machine.
TAKEN_OVER_SECONDS = 60.0
# With a vacuum of the database and a cleaning of both nodes.
ERASED_SECONDS = 120.0


@contextmanager
def working(installation: Installation, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with open(log, "w") as output:
        process = subprocess.Popen([*COMMAND, "worker"], env=installation.environment, stdout=output, stderr=output)
        try:
            end = time.monotonic() + 60
            while "The worker runs" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0, log.read_text()


def wait_for(server: Server, where: str, total: int, *, key: str) -> None:
    end = time.monotonic() + TAKEN_OVER_SECONDS
    while (found := server.total("acme", where, key=key)) != total:
        assert time.monotonic() < end, f"{where}: {found}, expected {total}\n{server.log()}"
        time.sleep(0.1)


def test_workers_take_over_from_each_other(tmp_path: Path) -> None:
    mine = Installation(tmp_path / "data", **{name: os.environ[name] for name in STORES})
    keys = mine.found()
    secret = keys["secret_key"]
    with mine.serving("--web-only") as server, working(mine, tmp_path / "first.log") as first:
        server.wait_until_ready()
        server.send(keys["write_key"], shoppers(30))
        wait_for(server, TWICE, 10, key=secret)
        made = mine.run("segments", "create", "Comes back", "--where", TWICE, "--json").json
        assert made["name"] == "Comes back"
        wait_for(server, 'in segment "Comes back"', 10, key=secret)
        assert "Stop the workers first" in mine.run("rebuild", code=1).err
        with working(mine, tmp_path / "second.log"):
            first.kill()
            first.wait()
            server.send(keys["write_key"], shoppers(30, first=31))
            wait_for(server, TWICE, 20, key=secret)
            wait_for(server, 'in segment "Comes back"', 20, key=secret)
            status, _ = server.call("PATCH", "/api/v1/workspaces/acme/people/1", {"set": {"city": "Ulm"}}, key=secret)
            assert status == 200
            wait_for(server, 'city is "Ulm"', 1, key=secret)
    assert mine.run("rebuild").out.startswith("The index is rebuilt")
    assert mine.run("count", "--where", TWICE, "--json").json["total"] == 20
    findings = mine.run("doctor", "--json").json
    assert findings["healthy"], findings


def test_without_the_programs_of_postgresql_it_says_what_to_do(tmp_path: Path) -> None:
    mine = Installation(tmp_path / "data", PATH=str(tmp_path), **{name: os.environ[name] for name in STORES})
    assert "pg_dump is not here" in mine.run("backup", str(tmp_path / "x.tar"), code=1).err
    assert "pg_restore --clean" in mine.run("restore", __file__, code=1).err


def programs() -> str | None:
    """A PATH with pg_dump and pg_restore, None where there are none."""
    places = [os.environ["PATH"], *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    path = os.pathsep.join(places)
    return path if shutil.which("pg_dump", path=path) and shutil.which("pg_restore", path=path) else None


def assert_counted(title: str, drawn: str) -> None:
    """The bar of this title reached its end, and the end is that of all tables."""
    ends = re.findall(rf"{title}.*?(\d+)/(\d+)", re.sub(r"\x1b\[[\d;?]*\w", "", drawn))
    assert ends, drawn
    done, total = map(int, ends[-1])
    assert done == total > 40


@pytest.mark.skipif(programs() is None, reason="needs pg_dump and pg_restore")
def test_a_backup_is_restored(tmp_path: Path) -> None:
    stores = {name: os.environ[name] for name in STORES}
    mine = Installation(tmp_path / "data", PATH=programs() or "", **stores)
    keys, file = mine.found("kept"), str(tmp_path / "x.tar")
    secret, base = keys["secret_key"], "/api/v1/workspaces/kept"
    upload = mine.folder / "files" / "9" / "upload.csv"
    upload.parent.mkdir(parents=True)
    upload.write_text("kept")
    with mine.serving() as server:
        server.wait_until_ready()
        server.send(keys["write_key"], shoppers(6))
        end = time.monotonic() + TAKEN_OVER_SECONDS
        while server.total("kept", "everyone", key=secret) != 6:
            assert time.monotonic() < end, server.log()
            time.sleep(0.1)
        made = mine.run_at_terminal("backup", file, "--json")
        assert made.json["stored_files"] == 1
        assert_counted("Dumping the tables of the database", made.err)
        status, asked = server.call("POST", f"{base}/people/erase", {"people": [1], "reason": "Asked"}, key=secret)
        assert status < 300, asked
        end = time.monotonic() + ERASED_SECONDS
        while server.call("GET", f"{base}/erasures/{asked['id']}", key=secret)[1]["state"] != "done":
            assert time.monotonic() < end, server.log()
            time.sleep(0.1)
        server.send(keys["write_key"], shoppers(3, first=7))
        assert "Stop every one of them first" in mine.run("restore", file, "--force", code=1).err
    with shape.database().let_go():
        assert "--force" in mine.run("restore", file, code=1).err
        upload.unlink()
        done = mine.run_at_terminal("restore", file, "--force", "--json")
    assert_counted("Restoring the tables of the database", done.err)
    # Who was erased since is not there again, neither in the database nor in the index.
    assert "Erased again" in done.err
    assert {"workspace": "kept", "people": 5} in done.json["workspaces"]
    assert upload.read_text() == "kept"
    assert mine.run("count", "-w", "kept", "--where", "everyone", "--json").json["total"] == 5
