"""After an erasure no byte of a person is left in any file, and a backup does not bring them back."""

from __future__ import annotations

import io
import json
import re
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.hold.program import START_SECONDS, Home, Program, files_below
from tests.hold.stack import Stack, running_stack
from tests.support.ports import free_port
from tests.support.shape import shape

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]

# Values of one person, each in another place. What is kept packed can't be found by its bytes beforehand.
PLACES = (
    "user_id",
    "anonymous_id",
    "email",
    "name",
    "city",
    "attribute",
    "list",
    "tag",
    "avatar",
    "property",
    "message_id",
    "old_value",
    "rejected",
    "note",
    "merged_name",
    "merged_id",
    "merged_property",
    "imported",
    "sheet",
    "bulk",
    "quarantined",
)
PACKED = frozenset({"quarantined"})
# Written over before; it may be gone by itself.
FORMER = frozenset({"old_value"})


def needles() -> dict[str, str]:
    return {place: f"{place.replace('_', '')}{secrets.token_hex(10)}" for place in PLACES}


def found_in(folder: Path, values: dict[str, str]) -> dict[str, list[str]]:
    """The files that hold each value, in any case of letters; values that are in none are left out."""
    wanted = {place: value.lower().encode() for place, value in values.items()}
    found: dict[str, list[str]] = {}
    for path in files_below(folder):
        try:
            content = path.read_bytes().lower()
        except FileNotFoundError:
            # A part of the index that was merged away meanwhile.
            continue
        for place, value in wanted.items():
            if value in content:
                found.setdefault(place, []).append(str(path.relative_to(folder)))
    return found


def found_beside(home: Home, values: dict[str, str]) -> dict[str, list[str]]:
    """The files of the data folder that hold each value, and what its processes have logged."""
    found = found_in(home.folder, values)
    for place, paths in found_in(home.logs, values).items():
        found.setdefault(place, []).extend(f"logs: {path}" for path in paths)
    return found


def ended(server: Program, id: str) -> dict[str, Any]:
    def job() -> dict[str, Any]:
        body: dict[str, Any] = server.api("GET", f"/jobs/{id}").body
        return body

    server.wait_for(lambda: job()["state"] not in ("queued", "running"), 120, "to finish a job")
    found = job()
    assert (found["state"], found["error"]) == ("done", "")
    return found


def ok(server: Program, method: str, path: str, body: Any = None) -> Any:
    reply = server.api(method, path, body)
    assert reply.status in (200, 201, 204), (path, reply)
    return reply.body


def plant(server: Program, values: dict[str, str]) -> int:
    """Bring a person in by every way there is; their number."""
    v, email = values, f"{values['email']}@example.org"
    traits = {"email": email, "name": v["name"], "city": v["old_value"], "age_group": v["attribute"]}
    more = {"likes": [v["list"]], "avatar": f"https://example.org/{v['avatar']}.png"}
    track = {"type": "track", "event": "purchase", "userId": v["user_id"], "messageId": v["message_id"]}
    other = {"type": "track", "event": "visit", "userId": v["merged_id"], "properties": {"page": v["merged_property"]}}
    items = [
        {"type": "identify", "userId": v["user_id"], "anonymousId": v["anonymous_id"], "traits": traits | more},
        track | {"properties": {"item": v["property"]}},
        {"type": "identify", "userId": v["merged_id"], "traits": {"name": v["merged_name"]}},
        other,
        {"type": "wrong", "userId": v["user_id"], "properties": {"x": v["quarantined"]}},
    ]
    assert server.track(items).status == 200
    server.wait_projected()
    find = f"/people/search?q={v['user_id']}"
    number = int(ok(server, "GET", find)["items"][0]["number"])
    merged = int(ok(server, "GET", f"/people/search?q={v['merged_id']}")["items"][0]["number"])
    ok(server, "PATCH", f"/people/{number}", {"set": {"city": v["city"]}, "add_tags": [v["tag"]]})
    # A value that is no time.
    rejected = {"type": "identify", "userId": v["user_id"], "traits": {"gender": "x", "birthday": v["rejected"]}}
    ok(server, "POST", "/attributes", {"key": "birthday", "type": "date"})
    assert server.track([rejected]).status == 200
    ok(server, "POST", f"/people/{number}/notes", {"text": v["note"]})
    ok(server, "POST", "/people/bulk/change", {"selection": {"numbers": [number]}, "set": {"source_url": v["bulk"]}})
    ok(server, "POST", "/people/bulk/change", {"selection": {"numbers": [number]}, "set": {"source_url": "other"}})
    ok(server, "POST", "/people/merge", {"people": [number, merged]})
    content = f"email,state\n{email},{v['imported']}\nothers@example.org,somewhere\n"
    made = ok(server, "POST", "/imports?name=people.csv", content.encode())
    columns = [{"column": 1, "field": "email"}, {"column": 2, "field": "state"}]
    ok(server, "POST", "/attributes", {"key": "state", "type": "text"})
    ok(server, "PUT", f"/imports/{made['id']}/plan", {"columns": columns, "key": "email"})
    ended(server, ok(server, "POST", f"/imports/{made['id']}/run")["id"])
    sheet = io.BytesIO()
    with xlsxwriter.Workbook(sheet, {"in_memory": True}) as book:
        rows = book.add_worksheet("People")
        rows.write_row(0, 0, ["email", "county"])
        rows.write_row(1, 0, [email, v["sheet"]])
    made = ok(server, "POST", "/imports?name=people.xlsx", sheet.getvalue())
    columns[1]["field"] = "county"
    ok(server, "POST", "/attributes", {"key": "county", "type": "text"})
    ok(server, "PUT", f"/imports/{made['id']}/plan", {"columns": columns, "key": "email"})
    ended(server, ok(server, "POST", f"/imports/{made['id']}/run")["id"])
    for format in ("csv", "xlsx"):
        ended(server, ok(server, "POST", "/exports", {"format": format})["id"])
    ended(server, ok(server, "POST", f"/people/{number}/copy")["id"])
    server.wait_projected()
    return number


def test_it_works(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.found()
    values, others = needles(), needles()
    server = home.serve(free_port())
    try:
        server.wait_ready()
        number = plant(server, values)
        plant_other = {"type": "identify", "userId": others["user_id"], "traits": {"name": others["name"]}}
        assert server.track([plant_other]).status == 200
        server.wait_projected()
        before = found_in(home.folder, values)
        assert set(before) >= set(PLACES) - PACKED - FORMER
        assert any(path.startswith("index") for paths in before.values() for path in paths)
        assert len(ok(server, "GET", "/tracking/quarantine")["events"]) == 1
        assert home.run("backup", str(tmp_path / "backup.tar")).returncode == 0
        made = ok(server, "POST", "/people/erase", {"people": [number], "reason": "Request 1"})
        ended(server, made["job"])
        erasure = ok(server, "GET", f"/erasures/{made['id']}")
        assert erasure["state"] == "done"
        assert found_beside(home, values) == {}
        assert {"user_id", "name"} <= set(found_in(home.folder, others))
        assert ok(server, "GET", "/tracking/quarantine")["events"] == []
        # What was sent before and comes late does not bring them back.
        late = {"type": "track", "event": "purchase", "userId": values["user_id"], "messageId": "late"}
        assert server.track([late]).status == 200
        server.wait_projected()
        assert ok(server, "GET", f"/people/search?q={values['user_id']}")["items"] == []
        certificate = ok(server, "GET", f"/erasures/{made['id']}/certificate")
        assert certificate["statement"]["removed"]["people_note"] == 1
        removed = certificate["statement"]["removed"]
        assert (removed["files.export"], removed["files.copy"], removed["files.table"]) == (2, 1, 1)
        assert files_left(home) == {"frozen"}
        assert server.stop() == 0
    finally:
        server.close()
    assert found_beside(home, values) == {}
    assert home.errors() == []
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(certificate))
    done = home.run("privacy", "verify", str(file))
    assert (done.returncode, done.stdout.split(".")[0]) == (0, "Genuine"), done.stderr
    file.write_text(json.dumps(certificate | {"statement": certificate["statement"] | {"people": 7}}))
    assert home.run("privacy", "verify", str(file)).returncode == 1
    restored(home, tmp_path, values)


def files_left(home: Home) -> set[str]:
    """The kinds of files whose bytes are there: of each row, and of bytes that no row knows as "?"."""
    database = sqlite3.connect(home.database)
    try:
        rows = dict(database.execute("SELECT place, purpose FROM jobs_storedfile WHERE removed_at IS NULL"))
    finally:
        database.close()
    folder = home.folder / "files"
    paths = [str(path.relative_to(folder)) for path in files_below(folder)]
    return {rows.get(path, "?") for path in paths} | {"frozen"}


@pytest.mark.server
@pytest.mark.skipif(shape() != "server", reason="needs the stores of the server shape: run by `make test-server`")
def test_on_postgresql_and_two_shards(tmp_path: Path) -> None:
    """The same with VACUUM and the cleaning of parts on every node; what is listed as outstanding is all there is."""
    values, others = needles(), needles()
    with running_stack(tmp_path / "data") as stack:
        stack.home.found()
        server = stack.serve()
        assert stack.cluster is not None
        try:
            server.wait_ready()
            number = plant(server, values)
            plant_other = {"type": "identify", "userId": others["user_id"], "traits": {"name": others["name"]}}
            assert server.track([plant_other]).status == 200
            server.wait_projected()
            assert set(found_in(stack.home.folder, values)) >= {"imported", "sheet", "city"}
            # In parts that are packed, some can't be found by their bytes.
            assert set(found_in(stack.cluster.folder, values)) >= {"attribute", "message_id"}
            assert rows_of(stack, number) > 0
            assert {"city", "note", "property"} <= rows_with(stack, values)
            made = ok(server, "POST", "/people/erase", {"people": [number], "reason": "Request 1"})
            ended(server, made["job"])
            assert found_beside(stack.home, values) == {}
            assert found_on_nodes(stack, values) == {}
            assert rows_of(stack, number) == 0
            assert rows_with(stack, values) == set()
            assert {"user_id", "name"} <= rows_with(stack, others)
            certificate = ok(server, "GET", f"/erasures/{made['id']}/certificate")
            said = " ".join(certificate["statement"]["outstanding"])
            assert [word for word in ("VACUUM", "write-ahead log", "logs of queries") if word not in said] == []
            # Nothing but freed room of tables, and the log.
            left = {path for paths in found_in(stack.postgres.folder, values).values() for path in paths}
            assert {path for path in left if not re.search(r"(^|/)(base|pg_wal)/", path)} == set()
            cleaned = stack.ask_postgres(
                "SELECT relname FROM pg_stat_all_tables WHERE last_vacuum IS NOT NULL AND schemaname = 'public'"
            )
            assert {"people_person", "people_identity", "people_change", "people_note"} <= {name for (name,) in cleaned}
            # The ledger is where every process has its files.
            assert (stack.home.folder / "files" / "erasures.jsonl").exists()
            assert server.stop() == 0
        finally:
            server.close()
        assert found_beside(stack.home, values) == found_on_nodes(stack, values) == {}
        assert stack.home.errors() == []


# What the test has searched for by hand: the certificate says that logs of queries have it until they are rotated.
SEARCHED = {"user_id", "merged_id"}


def found_on_nodes(stack: Stack, values: dict[str, str]) -> dict[str, list[str]]:
    """The files of the nodes that hold each value, but for their logs of what was searched for."""
    assert stack.cluster is not None
    found = {
        place: [path for path in paths if not (place in SEARCHED and path.endswith("/node.log"))]
        for place, paths in found_in(stack.cluster.folder, values).items()
    }
    return {place: paths for place, paths in found.items() if paths}


def rows_of(stack: Stack, number: int) -> int:
    """How many rows of a person the nodes hold, each in its own tables."""
    assert stack.cluster is not None
    found = 0
    for node in stack.cluster.nodes:
        tables = node.query(
            "SELECT concat(database, '.', table) FROM system.columns WHERE name = 'number' AND (database, table) IN "
            "(SELECT database, name FROM system.tables WHERE engine LIKE '%MergeTree' AND database != 'system')"
        )
        found += sum(int(node.query(f"SELECT count() FROM {name} WHERE number = {number}")) for name in tables.split())
    return found


def rows_with(stack: Stack, values: dict[str, str]) -> set[str]:
    """The values that any row of any table holds, whatever its columns are."""
    tables = stack.ask_postgres("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = set()
    for (table,) in tables:
        rows = stack.ask_postgres(f'SELECT lower(t::text) FROM "{table}" t')
        text = "\n".join(row for (row,) in rows)
        # Bytes are shown in hexadecimal.
        found |= {place for place, value in values.items() if value in text or value.encode().hex() in text}
    return found


def restored(home: Home, tmp_path: Path, values: dict[str, str]) -> None:
    """The backup still holds them; what was restored from it does not, before anyone can ask."""
    done = home.run("restore", str(tmp_path / "backup.tar"), "--force")
    assert done.returncode == 0, done.stderr
    assert "Erased again" in done.stderr
    for path in home.folder.glob("before-restore-*"):
        shutil.rmtree(path)
    server = home.serve(free_port())
    try:
        server.wait_ready()
        assert ok(server, "GET", f"/people/search?q={values['user_id']}")["items"] == []
        assert server.count("everyone") == 2
        # What is left of them in the log and the index goes by the clock, with the server open.
        server.wait_for(lambda: erasures(server) == ["done"], START_SECONDS, "to have erased again")
        assert server.stop() == 0
    finally:
        server.close()
    assert found_beside(home, values) == {}


def erasures(server: Program) -> list[str]:
    """The states of all erasures."""
    return [row["state"] for row in ok(server, "GET", "/erasures")["items"]]
