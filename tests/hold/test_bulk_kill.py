"""A server that is killed in a bulk action goes on at the checkpoint: every person once, and an undo leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hold.program import Home, free_port
from tests.hold.test_import_kill import FAILPOINT_EXIT, finished

pytestmark = [pytest.mark.kill, pytest.mark.timeout(400)]

# More than are changed at once.
PEOPLE = 11_000


def test_it_works(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.found()
    content = "email,name\n" + "".join(f"user{i}@example.org,Name {i}\n" for i in range(PEOPLE))
    plan = {"columns": [{"column": 1, "field": "email"}, {"column": 2, "field": "name"}], "key": "email"}
    server = home.serve(free_port(), COTERIE_FAILPOINT="bulk.step:4")
    try:
        server.wait_ready()
        made = server.api("POST", "/imports?name=people.csv", content.encode()).body
        assert server.api("PUT", f"/imports/{made['id']}/plan", plan).status == 200
        finished(server, server.api("POST", f"/imports/{made['id']}/run").body["id"])
        server.wait_projected()
        body = {"selection": {"where": "everyone"}, "add_tags": ["vip"]}
        done = server.api("POST", "/people/bulk/change", body).body
        assert done["selected"] == PEOPLE
        assert server.wait_dead(60) == FAILPOINT_EXIT
        server.close()
        server = home.serve(free_port(), COTERIE_FAILPOINT="bulk.undo:3")
        server.wait_ready()
        job = finished(server, done["job"]["id"])
        counts = {"changed": PEOPLE, "unchanged": 0, "failed": 0}
        assert (job["state"], job["progress"]["done"], job["result"]["counts"]) == ("done", PEOPLE, counts)
        server.wait_projected()
        assert server.count('tags has any of ("vip")') == PEOPLE
        undo = server.api("POST", f"/bulk/undo/{job['result']['undo']}").body["job"]["id"]
        assert server.wait_dead(60) == FAILPOINT_EXIT
        server.close()
        server = home.serve(free_port())
        server.wait_ready()
        assert finished(server, undo)["result"]["counts"] == {"taken_back": PEOPLE, "kept": 0}
        server.wait_projected()
        assert server.count('tags has any of ("vip")') == 0
        assert server.count("everyone") == PEOPLE
        assert server.stop() == 0
    finally:
        server.close()
    assert home.check_database() == []
    assert home.errors() == []
