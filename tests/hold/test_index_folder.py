"""A lost or damaged index: the server says so, takes events, answers 503 where it must, and ends up as it was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hold.damage import CONDITIONS, DAMAGES, copy_of, count_all, data_garbled, fill, lengths_changed
from tests.hold.load import SEGMENTS
from tests.hold.program import Home, Program, Reply
from tests.support.ports import free_port

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
NEEDS_INDEX = SEGMENTS["buyers"]


class Whole(NamedTuple):
    """An installation in good order, and what its conditions count."""

    home: Home
    counted: list[int]


# So that what is said meanwhile can be heard: it goes on when it is told to.
SLOWLY = {"COTERIE_FAILPOINT": "index.rebuild:1:wait"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    home = Home(tmp_path_factory.mktemp("whole") / "data")
    return Whole(home, fill(home))


def ask(server: Program) -> Reply:
    return server.api("POST", "/people/count", {"where": NEEDS_INDEX})


def says_rebuilding(reply: Reply) -> bool:
    return (reply.status, (reply.body or {}).get("code")) == (503, "index_rebuilding")


def new_event(name: str) -> list[dict[str, str]]:
    return [{"type": "track", "event": "noticed", "userId": "u1", "messageId": name}]


def settled(server: Program, whole: Whole) -> None:
    """Everything counts as before, and what came meanwhile is there."""
    server.wait_ready()
    server.wait_projected()
    assert dict(zip(CONDITIONS, count_all(server), strict=True)) == dict(zip(CONDITIONS, whole.counted, strict=True))


def test_it_works(whole: Whole, tmp_path: Path) -> None:
    """A folder in good order is taken as it is."""
    assert all(whole.counted)
    home = copy_of(whole.home, tmp_path / "data")
    server = home.serve(free_port(), **SLOWLY)
    try:
        server.wait_up()
        settled(server, whole)
        assert "index_" not in server.log()
        assert server.stop() == 0
    finally:
        server.close()
    assert home.facts()["problems"] == []


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_mended_while_the_server_answers(whole: Whole, tmp_path: Path, name: str) -> None:
    home = copy_of(whole.home, tmp_path / "data")
    DAMAGES[name](home.index)
    server = home.serve(free_port(), **SLOWLY)
    try:
        server.wait_up()
        refused, tracked, person = ask(server), server.track(new_event("during")), server.api("GET", "/people/1")
        patched = server.api("PATCH", "/people/1", {"set": {"city": "Bonn"}})
        assert says_rebuilding(refused), refused
        assert int(refused.headers["retry-after"]) > 0
        assert (tracked.status, person.status, patched.status) == (200, 200, 200)
        server.go_on()
        settled(server, whole)
        assert server.count('did "noticed"') == server.count('city is "Bonn"') == 1
        assert "index_rebuild_started" in server.log()
        assert "index is missing" in server.log() or "index_damaged" in server.log()
    finally:
        server.close()


def test_the_state_is_told(whole: Whole, tmp_path: Path) -> None:
    home = copy_of(whole.home, tmp_path / "data")
    shutil.rmtree(home.index)
    server = home.serve(free_port(), **SLOWLY)
    try:
        server.wait_up()
        ready = server.ask("GET", "/readyz")
        assert (ready.status, ready.body["checks"]["index"]["ready"]) == (503, False)
        assert "the index is being rebuilt" in ready.body["checks"]["index"]["note"]
        assert ready.body["checks"]["database"]["ready"]
        assert "the index is missing" in server.log()
        server.go_on()
        settled(server, whole)
    finally:
        server.close()


def test_killed_while_it_is_rebuilt(whole: Whole, tmp_path: Path) -> None:
    """A rebuild that was cut off is begun anew, as often as it takes."""
    home = copy_of(whole.home, tmp_path / "data")
    shutil.rmtree(home.index)
    for _ in range(2):
        server = home.serve(free_port(), **SLOWLY)
        try:
            server.wait_up()
            assert says_rebuilding(ask(server))
        finally:
            server.close()
    server = home.serve(free_port())
    try:
        server.wait_up()
        settled(server, whole)
        assert server.stop() == 0
    finally:
        server.close()
    assert home.facts()["problems"] == []


@pytest.mark.parametrize("how", ["values are changed", "lengths are impossible", "the folder is removed"])
def test_damage_under_a_running_server(whole: Whole, tmp_path: Path, how: str) -> None:
    """Nothing but 200 and 503 is answered, never a wrong count, and it mends itself."""
    home = copy_of(whole.home, tmp_path / "data")
    server = home.serve(free_port(), **SLOWLY)
    answers: list[Reply] = []
    try:
        server.wait_up()
        server.wait_projected()
        if how == "values are changed":
            data_garbled(home.index)
        elif how == "lengths are impossible":
            lengths_changed(home.index)
        else:
            # In one step: the server may be writing a part into it just now.
            home.index.rename(tmp_path / "removed")
            shutil.rmtree(tmp_path / "removed")
        assert server.track(new_event("after")).status == 200

        def mended() -> bool:
            answers.append(ask(server))
            if says_rebuilding(answers[-1]):
                server.go_on()
            # Sets that are in memory are still right; a condition that nobody asked for has to be read.
            answers.append(server.api("POST", "/people/count", {"where": f"score >= {len(answers)}"}))
            there = server.api("POST", "/people/count", {"where": 'did "noticed"'})
            return (there.status, (there.body or {}).get("total")) == (200, 1)

        server.wait_for(mended, 120, "to mend its index")
        # The log says why, should something else be answered.
        assert {reply.status for reply in answers} <= {200, 503}, server.log().partition("Traceback")[2][:6000]
        assert any(map(says_rebuilding, answers))
        assert "index_rebuild_started" in server.log()
        settled(server, whole)
        assert server.stop() == 0
    finally:
        server.close()
    assert home.facts()["problems"] == []
