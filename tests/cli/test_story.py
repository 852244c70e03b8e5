"""The life of an installation, told with the real command."""

import hashlib
import io
import json
import signal
import socket
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from coterie.cli.backups import _unpack
from coterie.cli.dumping import BackupFailed
from coterie.web.runtime import VISIBLE_SECONDS
from tests.cli.running import Installation, Server, shoppers

pytestmark = pytest.mark.timeout(600)

TWICE = 'did "purchase" at least 2 times'
RICH = 'sum of amount over "purchase" > 300'
CONDITIONS = ("name is known", 'country is "Germany"', TWICE, RICH, 'did not do "purchase"', 'in segment "Comes back"')
ALL = " and ".join(f"({condition})" for condition in CONDITIONS)


def by_condition(found: dict[str, Any]) -> dict[str, int]:
    return dict(zip(CONDITIONS, (each["match"] for each in found["conditions"]), strict=True))


def counts(installation: Installation) -> dict[str, int]:
    """What the command counts, condition by condition."""
    return by_condition(installation.run("count", "--where", ALL, "--json").json)


def wait_for(server: Server, where: str, total: int, *, key: str) -> None:
    end = time.monotonic() + 30
    while (found := server.total("acme", where, key=key)) != total:
        assert time.monotonic() < end, f"{where}: {found}, expected {total}\n{server.log()}"
        time.sleep(0.05)


def own_writes(server: Server, key: str) -> list[tuple[int, int]]:
    """Ten edits, each followed at once by a count: status and total."""
    seen = []
    for number in range(1, 11):
        where, body = f'city is "City {number}"', {"set": {"city": f"City {number}"}}
        begun = time.monotonic()
        status, _ = server.call("PATCH", f"/api/v1/workspaces/acme/people/{number}", body, key=key)
        if time.monotonic() - begun >= VISIBLE_SECONDS:
            wait_for(server, where, 1, key=key)
        seen.append((status, server.total("acme", where, key=key)))
    return seen


def size_when_made(server: Server, key: str) -> int:
    """The size in the answer that makes a segment of thirty people, which is then deleted."""
    path, begun = "/api/v1/workspaces/acme/segments", time.monotonic()
    status, made = server.call("POST", path, {"name": "For a moment", "where": "name is known"}, key=key)
    took = time.monotonic() - begun
    assert status == 201, made
    if took >= VISIBLE_SECONDS:
        wait_for(server, 'in segment "For a moment"', 30, key=key)
        _, made = server.call("GET", f"{path}/{made['id']}", key=key)
    assert server.call("DELETE", f"{path}/{made['id']}", key=key)[0] == 204
    return int(made["size"])


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One folder through init, serve, events, questions from outside and inside, backup, SIGTERM, questions again."""
    here = tmp_path_factory.mktemp("life")
    installation = Installation(here / "data")
    keys = installation.found()
    seen: dict[str, Any] = {"installation": installation, "keys": keys, "backup": here / "backup.tar"}
    with installation.serving() as server:
        seen["ready"] = server.wait_until_ready()
        server.send(keys["write_key"], shoppers(30))
        wait_for(server, "", 30, key=keys["secret_key"])
        wait_for(server, TWICE, 10, key=keys["secret_key"])
        seen["page"] = server.call("GET", "/api/v1/workspaces/acme/people?limit=5", key=keys["secret_key"])
        seen["own_writes"] = own_writes(server, keys["secret_key"])
        seen["size_when_made"] = size_when_made(server, keys["secret_key"])
        seen["created"] = installation.run("segments", "create", "Comes back", "--where", TWICE, "--json").json
        wait_for(server, 'in segment "Comes back"', 10, key=keys["secret_key"])
        path = f"/api/v1/workspaces/acme/segments/{seen['created']['id']}"
        seen["shown"] = server.call("GET", path, key=keys["secret_key"])[1]
        seen["during"] = installation.run("count", "--where", RICH, "--json").json
        remote = ("--url", server.url, "--key", keys["secret_key"], "-w", "acme")
        seen["remote"] = Installation(here / "elsewhere").run(*remote, "people", "list", "--json", "--limit", "7").json
        seen["second"] = installation.run("serve", "--port", "0", code=None)
        seen["doctor"] = installation.run("doctor", "--json").json
        upload = installation.folder / "files" / "1" / "upload.csv"
        upload.parent.mkdir(parents=True)
        upload.write_text("email\nann@example.org\n")
        seen["backup_done"] = installation.run("backup", str(seen["backup"]), "--json").json
        seen["token_mode"] = oct((installation.folder / "cli_token").stat().st_mode)[-3:]
        seen["code"] = server.stop()
    seen["left"] = sorted(path.name for path in installation.folder.iterdir())
    seen["after"] = counts(installation)
    return seen


def test_it_works(life: dict[str, Any]) -> None:
    assert life["after"] == {
        "name is known": 30,
        'country is "Germany"': 15,
        TWICE: 10,
        RICH: 5,
        'did not do "purchase"': 10,
        'in segment "Comes back"': 10,
    }


def test_a_server_says_when_it_is_ready(life: dict[str, Any]) -> None:
    assert set(life["ready"]["checks"]) >= {"database", "clickhouse", "index", "projector", "backlog"}


def test_the_api_lists_what_was_sent(life: dict[str, Any]) -> None:
    status, page = life["page"]
    assert (status, page["total"], len(page["items"])) == (200, 30, 5)


def test_whoever_writes_sees_it_in_the_next_answer(life: dict[str, Any]) -> None:
    assert life["own_writes"] == [(200, 1)] * 10


def test_whoever_makes_a_segment_is_told_its_size(life: dict[str, Any]) -> None:
    assert life["size_when_made"] == 30


def test_commands_ask_the_running_server(life: dict[str, Any]) -> None:
    assert (life["shown"]["id"], life["shown"]["size"]) == (life["created"]["id"], 10)
    assert life["during"]["total"] == 5
    assert life["token_mode"] == "600"


def test_commands_ask_a_server_elsewhere(life: dict[str, Any]) -> None:
    assert (life["remote"]["total"], len(life["remote"]["items"])) == (30, 7)


def test_a_second_server_is_refused_in_one_line(life: dict[str, Any]) -> None:
    second = life["second"]
    assert second.code == 2
    assert second.err.count("\n") == 1
    assert str(life["installation"].folder) in second.err


def test_a_clean_stop_leaves_nothing_of_the_server(life: dict[str, Any]) -> None:
    assert life["code"] == 0
    assert not {"server.json", "cli_token"} & set(life["left"])


def test_doctor_finds_nothing_in_a_healthy_server(life: dict[str, Any]) -> None:
    assert life["doctor"]["healthy"], life["doctor"]
    assert {finding["what"] for finding in life["doctor"]["findings"]} >= {"disk", "index", "projector", "clock"}


def test_a_backup_restores_elsewhere(life: dict[str, Any], tmp_path: Path) -> None:
    restored = Installation(tmp_path / "restored")
    said = restored.run("restore", str(life["backup"]))
    assert "acme: 30 people" in said.out
    # With what was uploaded and exported.
    assert (life["backup_done"]["stored_files"], life["backup_done"]["secret_key"]) == (1, True)
    assert (restored.folder / "files" / "1" / "upload.csv").read_text() == "email\nann@example.org\n"
    assert counts(restored) == life["after"]
    # The restored keys are those of the backup.
    with restored.serving() as server:
        assert server.total("acme", "", key=life["keys"]["secret_key"]) == 30


def test_a_restore_does_not_write_over_anything(life: dict[str, Any], tmp_path: Path) -> None:
    other = Installation(tmp_path / "other")
    other.found("zeta")
    refused = other.run("restore", str(life["backup"]), code=1)
    assert "--force" in refused.err
    (other.folder / "files" / "7").mkdir(parents=True)
    (other.folder / "files" / "7" / "export.csv").touch()
    done = other.run("restore", str(life["backup"]), "--force", "--json")
    assert done.json == {"restored": True, "workspaces": [{"workspace": "acme", "people": 30}]}
    assert other.run("count", "-w", "acme", "--json").json["total"] == 30
    assert list(other.folder.glob("before-restore-*/coterie.sqlite3"))
    assert list(other.folder.glob("files-before-restore-*/7/export.csv"))
    assert not (other.folder / "files" / "7").exists()


@pytest.mark.parametrize("name", ["../escaped", "files/../../escaped", "/tmp/escaped", "files//x", "files"])
def test_a_backup_writes_only_where_it_may(life: dict[str, Any], tmp_path: Path, name: str) -> None:
    with tarfile.open(life["backup"]) as archive:
        meta = json.loads(archive.extractfile("backup.json").read())  # type: ignore[union-attr]  # it is a file
    meta["files"][name] = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        for member, data in (("backup.json", json.dumps(meta).encode()), (name, b"x")):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    with pytest.raises(BackupFailed, match="unknown files"):
        _unpack(tmp_path / "bad.tar", tmp_path, database="coterie.sqlite3")
    assert not (tmp_path.parent / "escaped").exists()


def test_a_damaged_backup_is_refused(life: dict[str, Any], tmp_path: Path) -> None:
    data = bytearray(life["backup"].read_bytes())
    with tarfile.open(life["backup"]) as archive:
        place = archive.getmember("coterie.sqlite3").offset_data + 20_000
    data[place] ^= 1
    (tmp_path / "bad.tar").write_bytes(data)
    empty = Installation(tmp_path / "empty")
    refused = empty.run("restore", str(tmp_path / "bad.tar"), code=1)
    assert "coterie.sqlite3 is damaged" in refused.err
    assert not (empty.folder / "coterie.sqlite3").exists()


def test_a_backup_does_not_write_over_a_file(life: dict[str, Any]) -> None:
    assert "--force" in life["installation"].run("backup", str(life["backup"]), code=1).err


def test_a_lost_index_is_rebuilt_while_the_server_answers(life: dict[str, Any], tmp_path: Path) -> None:
    mine = Installation(tmp_path / "mine")
    mine.run("restore", str(life["backup"]))
    before = counts(mine)
    for lost in (mine.folder / "index").rglob("*"):
        if lost.is_file():
            lost.unlink()
    with mine.serving() as server:
        assert server.call("GET", "/healthz")[0] == 200
        server.wait_until_ready()
        assert "being rebuilt" in server.log()
        path = "/api/v1/workspaces/acme/people/count"
        during = by_condition(server.call("POST", path, {"where": ALL}, key=life["keys"]["secret_key"])[1])
    assert during == before == life["after"]


def test_rebuild_changes_no_answer(life: dict[str, Any], tmp_path: Path) -> None:
    mine = Installation(tmp_path / "mine")
    mine.run("restore", str(life["backup"]))
    assert mine.run("rebuild", "--json").json == {"rebuilt": True, "workspaces": 1}
    assert counts(mine) == life["after"]


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    mine = Installation(tmp_path / "data")
    keys = mine.found()
    with mine.serving() as server:
        for batch in range(10):
            server.send(keys["write_key"], shoppers(20, first=1 + 20 * batch))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    assert mine.run("count", "--json").json["total"] == 200
    assert mine.run("count", "--where", TWICE, "--json").json["total"] == 67
    with mine.serving() as server:
        server.wait_until_ready()
        assert server.total("acme", "", key=keys["secret_key"]) == 200


def test_an_open_stream_does_not_hold_a_stopping_server(life: dict[str, Any]) -> None:
    secret = life["keys"]["secret_key"]
    with life["installation"].serving() as server:
        server.wait_until_ready()
        with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=20) as client:
            path = "/api/v1/workspaces/acme/segments/stream"
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n\r\n".encode())
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
            assert server.stop(signal.SIGINT) == 0
        # uvicorn says so where it has to break requests off after their time.
        assert "timeout" not in server.log()
        assert "Traceback" not in server.log()


def test_reading_commands_agree(life: dict[str, Any]) -> None:
    mine = life["installation"]
    people = mine.run("people", "list", "--where", TWICE, "--sort", "name", "--limit", "3", "--json").json
    assert [item["values"]["name"] for item in people["items"]] == ["Person 11", "Person 14", "Person 17"]
    number = str(people["items"][0]["number"])
    why = mine.run("explain", number, "--segment", "comes back", "--json").json
    assert why["matches"]
    assert why["reasons"][0]["value"]["events"] == 2
    table = mine.run("segments", "people", "Comes back", "--columns", "name").out
    assert "Person 11" in table
    assert "10 of 10" in table
    assert mine.run("segments", "show", "Comes back", "--json").json["id"] == life["created"]["id"]
    assert "Comes back" in mine.run("segments", "list").out


def test_keys_live_and_end(life: dict[str, Any], tmp_path: Path) -> None:
    mine = life["installation"]
    made = mine.run("keys", "create", "till", "--scopes", "people:read", "--json").json
    assert made["token"].startswith("sk_")
    ended = mine.run("keys", "revoke", made["id"], "--json").json
    assert ended["revoked_at"]
    listed = {key["id"]: key for key in mine.run("keys", "list", "--json").json}
    assert listed[made["id"]]["revoked_at"] == ended["revoked_at"]
    assert "token" not in json.dumps(listed)


def test_a_slug_is_taken_once(life: dict[str, Any]) -> None:
    mine = life["installation"]
    refused = mine.run("init", "--workspace", "acme", "--email", "other@example.org", code=1)
    assert "taken" in refused.err
    # Nothing of the refused attempt stays.
    assert mine.run("keys", "list", "--json").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("explain", "1"), 2, "Say either --segment or --where"),
        (("count", "--where", "nonsense is 5"), 1, "nonsense"),
        (("count", "-w", "nowhere"), 1, "no such workspace"),
        (("segments", "show", "Nothing"), 1, "There are: Comes back"),
        (("keys", "create", "x"), 2, "Say either --write or --scopes"),
        (("worker",), 2, "COTERIE_CLICKHOUSE_URL"),
        (("serve", "--web-only"), 2, "COTERIE_CLICKHOUSE_URL"),
        (("--url", "http://127.0.0.1:9", "--key", "sk_x", "-w", "acme", "count"), 1, "does not answer"),
        (("--url", "http://127.0.0.1:9", "count"), 1, "--key is missing"),
        (("nothing",), 2, "nothing"),
    ],
)
def test_what_can_not_work_says_so(life: dict[str, Any], words: tuple[str, ...], code: int, said: str) -> None:
    done = life["installation"].run(*words, code=code)
    assert said.casefold() in done.err.casefold()
    assert done.out == ""
    assert "Traceback" not in done.err
