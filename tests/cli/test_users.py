"""`coterie user` and `coterie audit`, with the real command, while a server runs and after it."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from http.cookiejar import CookieJar

import pytest

from tests.cli.running import Installation, Server

pytestmark = pytest.mark.timeout(600)

EMAIL = "acme@example.org"
LOGIN = "/_allauth/browser/v1/auth/login"


class Browser:
    """Someone with cookies of their own, who logs in over HTTP."""

    def __init__(self, server: Server) -> None:
        self._url = server.url
        self._cookies = CookieJar()
        without_proxy = urllib.request.ProxyHandler({})
        self._open = urllib.request.build_opener(without_proxy, urllib.request.HTTPCookieProcessor(self._cookies)).open

    def status(self, path: str, body: dict[str, str] | None = None) -> int:
        """Ask for a path, or send a body to it."""
        token = next((each.value for each in self._cookies if each.name == "coterie_csrf"), None) or ""
        headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Origin": self._url}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers)  # noqa: S310 - our own server
        try:
            with self._open(request, timeout=60) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    def login(self, password: str) -> int:
        self.status("/accounts/login/")
        return self.status(LOGIN, {"email": EMAIL, "password": password})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, str]:
    """An installation with one owner, and their password."""
    mine = Installation(tmp_path_factory.mktemp("users") / "data")
    mine.folder.mkdir()
    return mine, mine.found()["password"]


def test_it_works(place: tuple[Installation, str]) -> None:
    """A wrong password is in the log; who is disabled is out at once, until they are enabled."""
    mine, password = place
    with mine.serving(COTERIE_BASE_URL="http://127.0.0.1") as server:
        browser = Browser(server)
        assert browser.login("not it, not at all") == 400
        log = mine.run("audit", "--limit", "1", "--json").json
        assert (log["workspace"], log["holds"], log["broken"]) == (None, True, None)
        (failed,) = log["entries"]
        (owner,) = mine.run("user", "list", "--json").json
        assert (failed["action"], failed["target"], failed["actor"]) == ("login.failed", owner["id"], "anonymous")
        assert (owner["email"], owner["active"], owner["workspaces"]) == (EMAIL, True, {"acme": "owner"})

        assert (browser.login(password), browser.status("/api/v1/session")) == (200, 200)
        assert mine.run("user", "disable", EMAIL.upper()).out == f"{EMAIL} may not log in.\n"
        assert browser.status("/api/v1/session") == 401
        assert Browser(server).login(password) != 200
        assert mine.run("user", "enable", EMAIL, "--json").json["active"] is True
        assert Browser(server).login(password) == 200


def test_both_chains_are_read_without_a_server(place: tuple[Installation, str]) -> None:
    mine, _ = place
    for _ in range(2):
        mine.run("user", "disable", EMAIL)
    mine.run("user", "enable", EMAIL)
    done = mine.run("audit", "--limit", "3")
    assert "The chain holds." in done.err
    # Said twice, done once.
    said = [word for word in done.out.split() if word.startswith(("user.", "login."))]
    assert said == ["user.enabled", "user.disabled", "login.ok"]
    own = mine.run("audit", "--workspace", "acme", "--json").json
    assert [entry["action"] for entry in own["entries"]][-3:] == ["key.created", "key.created", "workspace.created"]


def test_a_changed_entry_is_told(place: tuple[Installation, str]) -> None:
    mine, _ = place
    with closing(sqlite3.connect(mine.folder / "coterie.sqlite3")) as database, database:
        database.execute("UPDATE accounts_auditentry SET actor = 'cli2' WHERE scope = '' AND number = 1")
    try:
        done = mine.run("audit", "--json", code=1)
        assert (done.json["holds"], done.json["broken"]) == (False, {"number": 1, "reason": "the entry was changed"})
        assert "does not hold at entry 1" in done.err
    finally:
        with closing(sqlite3.connect(mine.folder / "coterie.sqlite3")) as database, database:
            database.execute("UPDATE accounts_auditentry SET actor = 'cli' WHERE scope = '' AND number = 1")
    assert mine.run("audit", "--json").json["holds"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "disable", "nobody@example.org"), "There is no user nobody@example.org."),
        (("audit", "-w", "nowhere"), "There is no workspace 'nowhere'."),
    ],
)
def test_what_is_not_there(place: tuple[Installation, str], words: tuple[str, ...], said: str) -> None:
    done = place[0].run(*words, code=1)
    assert said in done.err
    assert done.out == ""
