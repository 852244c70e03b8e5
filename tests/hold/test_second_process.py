"""A second process on the same folder: it says so in one line and leaves the first one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hold.program import Home
from tests.support.ports import free_port

pytestmark = pytest.mark.timeout(300)
USAGE = 2


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    home.found()
    return home


def event(name: str) -> list[dict[str, str]]:
    return [{"type": "track", "event": "buy", "userId": "ann", "messageId": name}]


def test_it_works(home: Home) -> None:
    first = home.serve(free_port())
    try:
        first.wait_up()
        assert first.track(event("one")).status == 200
        for words in (("serve", "--port", "0"), ("rebuild",)):
            second = home.run(*words)
            assert second.returncode == USAGE, second.stderr
            said = second.stderr.strip()
            assert said.count("\n") == 0, said
            assert str(home.folder) in said
            assert "is in use" in said
            assert str(first.process.pid) in said
        assert first.track(event("two")).status == 200
        first.wait_projected()
        assert first.count('did "buy" exactly 2 times') == 1
        assert first.stop() == 0
    finally:
        first.close()
    assert home.facts()["problems"] == []


def test_of_two_that_start_at_once_one_stays(home: Home) -> None:
    two = [home.serve(free_port(), name=name) for name in ("one", "two")]
    try:
        while all(each.alive for each in two):
            assert all(each.wait_dead(0.05) in (None, USAGE) for each in two)
        (left,) = [each for each in two if each.alive]
        left.wait_ready()
        (gone,) = [each for each in two if not each.alive]
        assert gone.process.returncode == USAGE
        assert left.stop() == 0
    finally:
        for each in two:
            each.close()


def test_a_killed_process_does_not_keep_the_folder(home: Home) -> None:
    first = home.serve(free_port())
    first.wait_up()
    first.kill()
    second = home.serve(free_port())
    try:
        second.wait_ready()
        assert second.stop() == 0
    finally:
        second.close()
