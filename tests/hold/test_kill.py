"""kill -9 of a server under load, at random moments and at every named point; `make soak` does it hundreds of times."""

from __future__ import annotations

import asyncio

import pytest

from coterie.kit.failpoints import FAILPOINTS
from tests.hold.harness import MOMENTS, Kill, KillLoop, Report, plan
from tests.hold.program import Home

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]
SEED = 20260131
# tests/tracking/test_crash.py has all points of accepting and draining, one by one.
POINTS = [name for name in FAILPOINTS if name.startswith("projector.")]
POINTS += ["tracking.commit.after", "tracking.drain.applied"]
# One of each kind.
RANDOM = {kill.when: kill for kill in plan(POINTS, kills=50, seed=SEED) if kill.when in MOMENTS}
KILLS = [*(Kill(name, nth=1 + 4 * (number % 2)) for number, name in enumerate(POINTS)), *RANDOM.values()]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What became of an installation that was killed at every named point and some times more."""
    home = Home(tmp_path_factory.mktemp("kill") / "data")
    home.found()
    return asyncio.run(KillLoop(home, seed=SEED).run(KILLS))


def test_it_works(report: Report) -> None:
    """Nothing acknowledged is lost, nothing is doubled, sets equal recomputed sets."""
    assert report.problems == []


def test_a_kill_does_not_cost_the_index(report: Report) -> None:
    """What is made anew after every kill would take hours where there are many people."""
    assert report.rebuilds == 0


def test_it_was_killed_and_it_was_under_load(report: Report) -> None:
    assert len(report.kills) == len(KILLS) >= 10
    assert {kill.when for kill in KILLS} >= MOMENTS
    assert report.acknowledged > 200
    assert report.writes > 10
    assert all(size > 0 for name, size in report.sizes.items() if name in ("buyers", "spenders")), report.sizes
