"""A server that is killed in an import goes on at the checkpoint: every row once, and an undo leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hold.program import Home, Program, free_port

pytestmark = [pytest.mark.kill, pytest.mark.timeout(400)]

ROWS = 2_600
FAILPOINT_EXIT = 137


def job(server: Program, id: str) -> dict[str, Any]:
    """A job as the API tells it."""
    found: dict[str, Any] = server.api("GET", f"/jobs/{id}").body
    return found


def finished(server: Program, id: str) -> dict[str, Any]:
    """A job once it has ended."""
    server.wait_for(lambda: job(server, id)["state"] not in ("queued", "running"), 120, "to finish a job")
    return job(server, id)


def test_it_works(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.found()
    content = "email,name,tags\n" + "".join(f"user{i}@example.org,Name {i},a;b\n" for i in range(ROWS))
    plan = {
        "columns": [{"column": i, "field": name} for i, name in enumerate(("email", "name", "tags"), start=1)],
        "key": "email",
    }
    server = home.serve(free_port(), COTERIE_FAILPOINT="import.batch:2")
    try:
        server.wait_ready()
        made = server.api("POST", "/imports?name=people.csv", content.encode()).body
        assert server.api("PUT", f"/imports/{made['id']}/plan", plan).status == 200
        run = server.api("POST", f"/imports/{made['id']}/run").body["id"]
        assert server.wait_dead(60) == FAILPOINT_EXIT
        server.close()
        # It goes on by itself, and is killed once more when all is done and its mail is not sent.
        server = home.serve(free_port(), COTERIE_FAILPOINT="jobs.ended:1")
        assert server.wait_dead(90) == FAILPOINT_EXIT
        server.close()
        server = home.serve(free_port(), COTERIE_FAILPOINT="import.undo:1")
        server.wait_ready()
        done = finished(server, run)
        assert (done["state"], done["progress"]["done"], done["result"]["counts"]) == ("done", ROWS, {"created": ROWS})
        server.wait_projected()
        assert server.count("everyone") == ROWS
        page = server.api("GET", f"/imports/{made['id']}/rows?phase=run&limit=200").body
        assert [row["line"] for row in page["items"]] == list(range(2, 202))
        undo = server.api("POST", f"/imports/{made['id']}/undo").body["id"]
        assert server.wait_dead(60) == FAILPOINT_EXIT
        server.close()
        server = home.serve(free_port())
        server.wait_ready()
        assert finished(server, undo)["result"]["counts"] == {"taken_back": ROWS}
        server.wait_projected()
        assert server.count("everyone") == 0
        assert server.stop() == 0
    finally:
        server.close()
    assert home.check_database() == []
    assert home.errors() == []
