"""The drain as a process of its own: it wakes, tells, comes back, and ends with whoever started it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coterie.tracking.apart import DrainProcess
from coterie.tracking.committer import ARRIVED
from coterie.tracking.metrics import EVENTS, FAILED_DRAINS

# Says one drain of workspace 7 for each line that it hears, and how it ended.
_ECHO = """
import sys
for line in sys.stdin.buffer:
    sys.stdout.write('{"workspace_id":7,"batches":1,"events":2,"accepted":2}\\n')
    sys.stdout.flush()
open(sys.argv[1], "w").write("ended")
"""
_FAILS = "import sys, time; print('null', flush=True); time.sleep(0.05); sys.exit(3)"


@pytest.fixture
def drained() -> list[int]:
    return []


@pytest.fixture
def keep(drained: list[int]) -> Iterator[Callable[..., DrainProcess]]:
    kept: list[DrainProcess] = []
    ARRIVED.clear()

    def start(script: str, *words: str) -> DrainProcess:
        process = DrainProcess([sys.executable, "-c", script, *words], drained.append)
        process.start()
        kept.append(process)
        return process

    yield start
    for process in kept:
        process.stop(10)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_is_woken_and_its_drains_are_counted_here(
    keep: Callable[..., DrainProcess], drained: list[int], tmp_path: Path
) -> None:
    before = EVENTS.labels("accepted")._value.get()
    process = keep(_ECHO, str(tmp_path / "end"))
    _until(lambda: process.pid is not None)
    ARRIVED.set()
    _until(lambda: drained == [7])
    assert EVENTS.labels("accepted")._value.get() == before + 2
    process.stop(10)
    assert (tmp_path / "end").read_text() == "ended"
    assert process.pid is None


def test_it_is_started_again_when_it_ends(keep: Callable[..., DrainProcess]) -> None:
    before = FAILED_DRAINS._value.get()
    process = keep(_FAILS)
    _until(lambda: process.pid is not None)
    first = process.pid
    _until(lambda: process.pid not in (None, first))
    _until(lambda: FAILED_DRAINS._value.get() >= before + 2)
