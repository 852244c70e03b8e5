"""Killed at any point of accepting and draining: what was acknowledged is there, and every event once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coterie.kit.failpoints import EXIT_CODE, FAILPOINTS
from tests.support.crash_lab import BATCHES, EVENTS

POINTS = [name for name in FAILPOINTS if name.startswith("tracking.")]
PLACES = [f"{name}:{count}" for name in POINTS for count in (1, BATCHES - 1)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of a process that died at each place. Always on SQLite: the program needs no other store."""
    data = tmp_path_factory.mktemp("crash")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COTERIE_")}
    environment |= {"COTERIE_DATA": str(data), "COTERIE_SECRET_KEY": "x" * 40, "COTERIE_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.crash_lab", *PLACES],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {life["place"]: life for life in map(json.loads, done.stdout.splitlines())}


def test_it_works(lives: dict[str, dict[str, Any]]) -> None:
    assert list(lives) == PLACES


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_lost_and_nothing_counts_twice(lives: dict[str, dict[str, Any]], place: str) -> None:
    life = lives[place]
    assert life["code"] == EXIT_CODE, "the failpoint was not reached"
    assert life["stored_at_death"] >= life["acked"]
    everything = BATCHES * EVENTS
    assert life["counts"] == {
        "events": everything,
        "most": 1,
        "ids": everything,
        "raw": 0,
        "integrity": "ok",
        "broken": 0,
    }


def test_a_commit_that_was_not_made_was_not_acknowledged(lives: dict[str, dict[str, Any]]) -> None:
    assert (lives["tracking.commit.before:1"]["acked"], lives["tracking.commit.before:1"]["stored_at_death"]) == (0, 0)
    # Stored, and the client does not know: it sends again, which is where duplicates come from.
    assert (lives["tracking.commit.after:1"]["acked"], lives["tracking.commit.after:1"]["stored_at_death"]) == (0, 1)
