"""Who is killed in an export or an erasure goes on: the file is exact, nothing is left over, nobody is left."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from tests.hold.killed import finished, installed, started_import
from tests.hold.program import Program, files_below
from tests.hold.test_needles import found_in

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]

# More than are written in one step.
PEOPLE = 20_400
ROWS = [[str(number), f"user{number}@example.org", f"Name {number}"] for number in range(1, PEOPLE + 1)]
COLUMNS = ["number", "email", "name"]
NEEDLE = "needle41c0ffee"


def files_of(folder: Path) -> set[Path]:
    return set(files_below(folder / "files"))


def started_export(server: Program, format: str) -> str:
    reply = server.api("POST", "/exports", {"format": format, "columns": COLUMNS})
    assert reply.status == 200, reply
    return str(reply.body["id"])


def content_of(server: Program, job: str) -> bytes:
    found = finished(server, job)
    assert (found["state"], found["result"]["counts"]) == ("done", {"exported": PEOPLE})
    (file,) = found["files"]
    return server.download(f"/files/{file['id']}")


def test_it_works(tmp_path: Path) -> None:
    with installed(tmp_path / "data") as made:
        server = made.work("export.step:1")
        server.wait_ready()
        content = "email,name\n" + "".join(f"{email},{name}\n" for _, email, name in ROWS)
        finished(server, started_import(server, content, ("email", "name"))[1])
        server.wait_projected()
        before = files_of(made.home.folder)
        text = started_export(server, "csv")
        made.wait_died()
        # The first one goes on, and this one dies in the second one's first step.
        server = made.work("export.step:2")
        server.wait_ready()
        table = list(csv.reader(io.StringIO(content_of(server, text).decode("utf-8-sig"))))
        assert table[1:] == ROWS
        book = started_export(server, "xlsx")
        made.wait_died()
        server = made.work()
        server.wait_ready()
        cells = pd.read_excel(io.BytesIO(content_of(server, book)), engine="calamine", dtype=str)
        assert cells.to_numpy().tolist() == ROWS
        assert len(files_of(made.home.folder) - before) == 2
        made.stop()


@pytest.mark.server
@pytest.mark.parametrize("step", [2, 6])
def test_an_erasure(tmp_path: Path, step: int) -> None:
    with installed(tmp_path / "data") as made:
        server = made.work(f"erase.step:{step}")
        server.wait_ready()
        content = f"email,name\n{NEEDLE}@example.org,{NEEDLE}\nbob@example.org,Bob\n"
        finished(server, started_import(server, content, ("email", "name"))[1])
        server.wait_projected()
        assert server.count(f'name is "{NEEDLE}"') == 1
        assert found_in(made.home.folder / "files", {"file": NEEDLE})
        asked = server.api("POST", "/people/erase", {"people": [1], "reason": "1"}).body
        made.wait_died()
        server = made.work("jobs.ended:1")
        made.wait_died()
        server = made.work()
        server.wait_ready()
        erasure = server.api("GET", f"/erasures/{asked['id']}").body
        assert (erasure["state"], finished(server, asked["job"])["state"]) == ("done", "done")
        server.wait_projected()
        assert server.api("GET", "/people/1").status == 404
        assert server.count("everyone") == 1
        made.stop()
        assert found_in(made.home.folder, {"file": NEEDLE}) == {}
