"""A loop goes on whatever its step does, and ends when it is asked to."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from coterie.kit.errors import Unavailable
from coterie.web import loops
from coterie.web.loops import FIRST_PAUSE, LONGEST_PAUSE, Loop

# Seconds for a thread to come to it: a machine with other work may stall.
PATIENCE = 60.0


def once(loop: Loop) -> float:
    """One step in a thread of its own, as always: it closes the connections of its thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(loop.once).result()


def test_it_works() -> None:
    done = threading.Event()
    loop = Loop("sample", done.set, seconds=60)
    loop.start()
    assert done.wait(PATIENCE)
    loop.ask_to_stop()
    assert loop.join(PATIENCE)


def test_waking_brings_the_next_step() -> None:
    steps: list[float] = []
    loop = Loop("sample", lambda: steps.append(time.monotonic()), seconds=10 * PATIENCE)
    loop.start()
    end = time.monotonic() + PATIENCE
    while len(steps) < 3 and time.monotonic() < end:
        loop.wake()
        time.sleep(0.01)
    loop.ask_to_stop()
    assert loop.join(PATIENCE)
    assert len(steps) >= 3


def test_pauses_grow_and_end_with_a_success(caplog: pytest.LogCaptureFixture) -> None:
    failing = True

    def step() -> None:
        if failing:
            raise Unavailable("the store is away")

    loop = Loop("sample", step, seconds=0.5)
    pauses = [once(loop) for _ in range(7)]
    failing = False
    assert pauses == [FIRST_PAUSE, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    assert once(loop) == 0.5
    failing = True
    assert once(loop) == FIRST_PAUSE
    # A store that is away is told in a line, without a trace.
    told = [record for record in caplog.records if record.name == loops.__name__]
    assert len(told) == 8
    assert not any(record.exc_info for record in told)


def test_an_unknown_failure_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    once(Loop("sample", lambda: 1 // 0, seconds=1))
    assert caplog.records[-1].exc_info is not None


def test_a_failing_loop_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(loops, name, 10 * PATIENCE)
    started = threading.Event()

    def step() -> None:
        started.set()
        raise Unavailable

    loop = Loop("sample", step, seconds=60)
    loop.start()
    assert started.wait(PATIENCE)
    loop.ask_to_stop()
    assert loop.join(PATIENCE), "it waited its pause out"
