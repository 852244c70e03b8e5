"""The second process: it wakes, tells, comes back, and ends with whoever started it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from coterie.jobs import kinds
from coterie.tracking.committer import ARRIVED
from coterie.tracking.metrics import EVENTS, FAILED_DRAINS
from coterie.web.second import SecondProcess

# Seconds for another process to start, answer or end: a machine with other work may stall.
PATIENCE = 60.0
# Says one drain of workspace 7 for each line that it hears, and how it ended.
_ECHO = """
import sys
for line in sys.stdin.buffer:
    sys.stdout.write('{"workspace_id":7,"batches":1,"events":2,"accepted":2}\\n')
    sys.stdout.flush()
open(sys.argv[1], "w").write("ended")
"""
# Repeats each line about jobs as a message, and says one that nobody knows.
_REPEATS = """
import json, sys
for line in sys.stdin:
    for said in ("nobody knows this", "changed") if line == "jobs\\n" else ():
        print(json.dumps(said), flush=True)
"""
_FAILS = "import sys, time; print('null', flush=True); time.sleep(0.05); sys.exit(3)"


@pytest.fixture
def drained() -> list[int]:
    return []


@pytest.fixture
def heard() -> Event:
    return Event()


@pytest.fixture
def keep(drained: list[int], heard: Event) -> Iterator[Callable[..., SecondProcess]]:
    kept: list[SecondProcess] = []
    ARRIVED.clear()

    def start(script: str, *words: str) -> SecondProcess:
        process = SecondProcess([sys.executable, "-c", script, *words], drained.append, {"changed": heard.set})
        process.start()
        kept.append(process)
        return process

    yield start
    for process in kept:
        process.stop(PATIENCE)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_is_woken_and_its_drains_are_counted_here(
    keep: Callable[..., SecondProcess], drained: list[int], tmp_path: Path
) -> None:
    before = EVENTS.labels("accepted")._value.get()
    process = keep(_ECHO, str(tmp_path / "end"))
    _until(lambda: process.pid is not None)
    ARRIVED.set()
    _until(lambda: drained == [7])
    assert EVENTS.labels("accepted")._value.get() == before + 2
    process.stop(PATIENCE)
    assert (tmp_path / "end").read_text() == "ended"
    assert process.pid is None


def test_it_is_started_again_when_it_ends(keep: Callable[..., SecondProcess]) -> None:
    before = FAILED_DRAINS._value.get()
    process = keep(_FAILS)
    _until(lambda: process.pid is not None)
    first = process.pid
    _until(lambda: process.pid not in (None, first))
    _until(lambda: FAILED_DRAINS._value.get() >= before + 2)


def test_it_is_woken_for_jobs_and_its_messages_are_heard(
    keep: Callable[..., SecondProcess], drained: list[int], heard: Event
) -> None:
    process = keep(_REPEATS)
    _until(lambda: process.pid is not None)
    ARRIVED.set()
    assert not heard.wait(0.3)
    process.wake_jobs()
    assert heard.wait(PATIENCE)
    assert drained == []


def test_imports_are_its_jobs_and_each_kind_has_one_process() -> None:
    apart, here = kinds.known(needs_index=False), kinds.known(needs_index=True)
    assert apart == ["import.rehearse", "import.run", "import.undo"]
    assert sorted([*apart, *here]) == kinds.known()
