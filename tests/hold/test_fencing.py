"""A worker that sleeps past its lease wakes up as a stranger: whatever it was at, it can do no harm."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hold.load import EVENT
from tests.hold.program import Program
from tests.hold.stack import Stack, running_stack
from tests.support.shape import shape

pytestmark = [
    pytest.mark.kill,
    pytest.mark.server,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shape() != "server", reason="needs several workers: run by `make test-server`"),
]
LEASE_SECONDS = 2
PATIENCE = 60.0
# Where it falls asleep: with nothing written, half-way in the index, before and after its commit, in a transaction.
POINTS = [
    "projector.write.before",
    "projector.write.events",
    "projector.settle.before",
    "projector.settle.after",
    "tracking.drain.deleted",
]
TAKEN_OVER = "was taken over by another"


class Scene:
    """Stores, a web process, and events that are sent."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        stack.home.found()
        self.web = stack.web()
        self.web.wait_up()
        self.acknowledged: list[str] = []

    def send(self, count: int = 12) -> None:
        """Acknowledged events of people who thereby enter and leave a segment."""
        first = len(self.acknowledged)
        items: list[dict[str, Any]] = [
            {"type": "track", "event": EVENT, "userId": f"u{number % 20}", "messageId": f"m{number}"}
            | {"properties": {"amount": 1}}
            for number in range(first, first + count)
        ]
        assert self.web.track(items).status == 200
        self.acknowledged += [item["messageId"] for item in items]

    def worker(self, name: str, **variables: str) -> Program:
        """A worker that runs by now."""
        started = self.stack.worker(name, **variables)
        started.wait_for(lambda: "The worker runs" in started.log(), PATIENCE, "to run")
        return started


def wait_until(true: Any, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with running_stack(tmp_path_factory.mktemp("fencing") / "data", lease_seconds=LEASE_SECONDS) as stack:
        made = Scene(stack)
        try:
            first = made.worker("first")
            made.send()
            made.web.wait_projected()
            for name, where in (("often", f'did "{EVENT}" at least 3 times'), ("seldom", 'not in segment "often"')):
                assert made.web.api("POST", "/segments", {"name": name, "where": where}).status == 201
            assert first.stop() == 0
            yield made
        finally:
            made.web.close()


@pytest.mark.parametrize("point", POINTS)
def test_who_slept_past_the_lease_changes_nothing(scene: Scene, point: str) -> None:
    sleeper = scene.worker("sleeper", COTERIE_FAILPOINT=f"{point}:1:stop")
    awake: Program | None = None
    try:
        scene.send()
        wait_until(sleeper.stopped, f"the worker to reach {point}")
        awake = scene.worker("awake")
        scene.send()
        # Others are not held up for long, not even by the locks of a transaction that sleeps.
        scene.web.wait_projected()
        sleeper.process.send_signal(signal.SIGCONT)
        if point.startswith("projector."):
            wait_until(lambda: TAKEN_OVER in sleeper.log(), "the sleeper to find out")
        scene.send()
        scene.web.wait_projected()
        assert sleeper.stop() == 0
        assert awake.stop() == 0
    finally:
        for program in (sleeper, awake):
            if program is not None:
                program.close()


def test_nothing_is_lost_and_nothing_is_doubled(scene: Scene) -> None:
    assert scene.web.stop() == 0
    facts = scene.stack.home.facts()
    assert facts["problems"] == []
    once = dict.fromkeys(scene.acknowledged, 1)
    assert (facts["log_events"], facts["index_events"]) == (once, once)
    # It was kept out, and nothing had to be mended behind it.
    assert scene.stack.home.said("index_damaged") == 0
    assert scene.stack.home.said("index_rebuild_started") == 1
