"""Who is killed in a bulk action goes on at the checkpoint: every person once, and an undo leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hold.killed import finished, installed, started_import

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]

# More than are changed at once.
PEOPLE = 11_000


def test_it_works(tmp_path: Path) -> None:
    content = "email,name\n" + "".join(f"user{i}@example.org,Name {i}\n" for i in range(PEOPLE))
    with installed(tmp_path / "data") as made:
        server = made.work("bulk.step:4")
        server.wait_ready()
        finished(server, started_import(server, content, ("email", "name"))[1])
        server.wait_projected()
        body = {"selection": {"where": "everyone"}, "add_tags": ["vip"]}
        done = server.api("POST", "/people/bulk/change", body).body
        assert done["selected"] == PEOPLE
        made.wait_died()
        server = made.work("bulk.undo:3")
        server.wait_ready()
        job = finished(server, done["job"]["id"])
        counts = {"changed": PEOPLE, "unchanged": 0, "failed": 0}
        assert (job["state"], job["progress"]["done"], job["result"]["counts"]) == ("done", PEOPLE, counts)
        server.wait_projected()
        assert server.count('tags has any of ("vip")') == PEOPLE
        undo = server.api("POST", f"/bulk/undo/{job['result']['undo']}").body["job"]["id"]
        made.wait_died()
        server = made.work()
        server.wait_ready()
        assert finished(server, undo)["result"]["counts"] == {"taken_back": PEOPLE, "kept": 0}
        server.wait_projected()
        assert server.count('tags has any of ("vip")') == 0
        assert server.count("everyone") == PEOPLE
        made.stop()
