"""The embedded server's second process: it drains what was accepted, and runs the jobs that need no index.

Python runs one of a process's threads at a time, so two processors take two processes. The index stays with the server,
which starts this one and talks to it over two pipes. A line wakes it: an empty one for events, `jobs` for jobs. It
answers with lines of JSON: an object for each drain, null for one that failed, a text for a message to the server
(`kit/wakes.py`). It ends when the first pipe does, however the server ended.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from threading import Event, Lock, Thread
from typing import IO, Any, Final

import orjson
from django.conf import settings

from coterie.jobs import leases as job_leases
from coterie.jobs.kinds import known
from coterie.jobs.runner import run_one
from coterie.kit import failpoints, wakes
from coterie.tracking.committer import ARRIVED
from coterie.tracking.drain import Drained, note_drained
from coterie.tracking.metrics import FAILED_DRAINS
from coterie.tracking.worker import Worker
from coterie.web.loops import Loop

_log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_LEISURE: Final = 1.0
# A step of a job that takes longer is done again by the next process.
_SECONDS_TO_STOP: Final = 30.0
_EVENTS: Final = b"\n"
_JOBS: Final = b"jobs\n"


class SecondProcess:
    """Keeps the process of `command` running.

    `drained` is called with a workspace's number after it was drained, a handler of `heard` when its message comes.
    """

    def __init__(
        self, command: Sequence[str], drained: Callable[[int], object], heard: Mapping[str, Callable[[], object]]
    ) -> None:
        self._command = list(command)
        self._drained = drained
        self._heard = dict(heard)
        self._stopping = Event()
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Start it, and start it again whenever it ends."""
        self._stopping.clear()
        self._threads = [
            Thread(target=self._keep, name="second-process", daemon=True),
            Thread(target=self._wake, name="drain-waker", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def wake_jobs(self) -> None:
        """Have it look for a job now."""
        self._say(_JOBS)

    def stop(self, timeout: float) -> None:
        """End it after its present drain and the present step of its jobs, and wait for that."""
        self._stopping.set()
        ARRIVED.set()
        self._say(b"", last=True)
        for thread in self._threads:
            thread.join(timeout)

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        process = self._process
        return process.pid if process is not None else None

    def _keep(self) -> None:
        pause = _FIRST_PAUSE
        # The server's own start goes first, unless there is work already.
        ARRIVED.wait(_LEISURE)
        while (process := self._started()) is not None:
            assert process.stdout is not None
            for line in process.stdout:
                pause = _FIRST_PAUSE
                self._hear(orjson.loads(line))
            code = process.wait()
            process.stdout.close()
            self._say(b"", last=True)
            if code == failpoints.EXIT_CODE and failpoints.armed():
                # A test ends the server there, as a power cut would: all of it.
                failpoints.end()
            if not self._stopping.is_set():
                _log.error("the second process ended with code %d; it is started again", code)
                self._stopping.wait(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            self._process = None
            if not self._stopping.is_set():
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            return self._process

    def _hear(self, said: Any) -> None:
        if said is None:
            FAILED_DRAINS.inc()
        elif isinstance(said, str):
            if (handler := self._heard.get(said)) is not None:
                handler()
        else:
            drained = Drained(**said)
            note_drained(drained)
            if drained.workspace_id is not None:
                self._drained(drained.workspace_id)

    def _wake(self) -> None:
        while not self._stopping.is_set():
            ARRIVED.wait()
            ARRIVED.clear()
            self._say(_EVENTS)

    def _say(self, text: bytes, *, last: bool = False) -> None:
        with self._lock:
            pipe = self._process.stdin if self._process is not None else None
            if pipe is None or pipe.closed:
                return
            # Where it has just ended, the next one looks by itself.
            with contextlib.suppress(OSError):
                pipe.write(text)
                pipe.flush()
            if last:
                with contextlib.suppress(OSError):
                    pipe.close()


def work_for_parent(heard: IO[bytes], answers: IO[bytes]) -> None:
    """Drain and run jobs until `heard` ends: what the process itself does."""
    lock = Lock()

    def say(said: Any) -> None:
        # A server that is gone hears nothing; the other pipe tells of it.
        with lock, contextlib.suppress(OSError):
            answers.write(orjson.dumps(said) + b"\n")
            answers.flush()

    stopping = Event()
    worker = Worker(tasks=(), told=lambda drained: say(asdict(drained) if drained else None))
    loops = [
        Loop(f"jobs-{place}", partial(_run_jobs, stopping), seconds=1.0)
        for place in range(1, settings.COTERIE_JOB_THREADS + 1)
    ]

    def listen() -> None:
        for line in heard:
            if line == _JOBS:
                for loop in loops:
                    loop.wake()
            else:
                ARRIVED.set()
        stopping.set()
        worker.ask_to_stop()

    with wakes.told_to(say):
        # Of one that died; the server's own jobs are none of its business.
        job_leases.release_all(known(needs_index=False))
        for loop in loops:
            loop.start()
        Thread(target=listen, name="parent", daemon=True).start()
        worker.run()
        stopping.set()
        for loop in loops:
            loop.ask_to_stop()
        for loop in loops:
            loop.join(_SECONDS_TO_STOP)


def _run_jobs(stopping: Event) -> None:
    while not stopping.is_set() and run_one(known(needs_index=False), stopping=stopping.is_set):
        pass
