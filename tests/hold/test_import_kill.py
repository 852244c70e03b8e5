"""Who is killed in an import goes on at the checkpoint: every row once, and an undo leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hold.killed import finished, installed, started_import

pytestmark = [pytest.mark.kill, pytest.mark.server, pytest.mark.timeout(900)]

ROWS = 2_600


def test_it_works(tmp_path: Path) -> None:
    content = "email,name,tags\n" + "".join(f"user{i}@example.org,Name {i},a;b\n" for i in range(ROWS))
    with installed(tmp_path / "data") as made:
        server = made.work("import.batch:2")
        server.wait_ready()
        source, run = started_import(server, content, ("email", "name", "tags"))
        made.wait_died()
        # It goes on by itself, and is killed once more when all is done and its mail is not sent.
        made.work("jobs.ended:1")
        made.wait_died()
        server = made.work("import.undo:1")
        server.wait_ready()
        done = finished(server, run)
        assert (done["state"], done["progress"]["done"], done["result"]["counts"]) == ("done", ROWS, {"created": ROWS})
        server.wait_projected()
        assert server.count("everyone") == ROWS
        page = server.api("GET", f"/imports/{source}/rows?phase=run&limit=200").body
        assert [row["line"] for row in page["items"]] == list(range(2, 202))
        undo = server.api("POST", f"/imports/{source}/undo").body["id"]
        made.wait_died()
        server = made.work()
        server.wait_ready()
        assert finished(server, undo)["result"]["counts"] == {"taken_back": ROWS}
        server.wait_projected()
        assert server.count("everyone") == 0
        made.stop()
