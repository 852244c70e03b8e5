"""The drain in a process of its own: reading events takes a processor, and answering for them another.

The server starts it and talks to it over two pipes: an empty line wakes it, and it answers each drain with a line of
JSON. It ends when the first pipe does, however the server ended.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from threading import Event, Lock, Thread
from typing import IO, Final

import orjson

from coterie.kit import failpoints
from coterie.tracking.committer import ARRIVED
from coterie.tracking.drain import Drained, note_drained
from coterie.tracking.metrics import FAILED_DRAINS
from coterie.tracking.worker import Worker

_log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_LEISURE: Final = 1.0


class DrainProcess:
    """Keeps the process of `command` running. `drained` is called with a workspace's number after it was drained."""

    def __init__(self, command: Sequence[str], drained: Callable[[int], object]) -> None:
        self._command = list(command)
        self._drained = drained
        self._stopping = Event()
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Start it, and start it again whenever it ends."""
        self._stopping.clear()
        self._threads = [
            Thread(target=self._keep, name="drain-process", daemon=True),
            Thread(target=self._wake, name="drain-waker", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> None:
        """End it after its present drain, and wait for that."""
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
                self._hear(line)
            code = process.wait()
            process.stdout.close()
            self._say(b"", last=True)
            if code == failpoints.EXIT_CODE and failpoints.armed():
                # A test ends the server there, as a power cut would: all of it.
                failpoints.end()
            if not self._stopping.is_set():
                _log.error("the process that drains ended with code %d; it is started again", code)
                self._stopping.wait(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            self._process = None
            if not self._stopping.is_set():
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            return self._process

    def _hear(self, line: bytes) -> None:
        said = orjson.loads(line)
        if said is None:
            FAILED_DRAINS.inc()
            return
        drained = Drained(**said)
        note_drained(drained)
        if drained.workspace_id is not None:
            self._drained(drained.workspace_id)

    def _wake(self) -> None:
        while not self._stopping.is_set():
            ARRIVED.wait()
            ARRIVED.clear()
            self._say(b"\n")

    def _say(self, text: bytes, *, last: bool = False) -> None:
        with self._lock:
            wakes = self._process.stdin if self._process is not None else None
            if wakes is None or wakes.closed:
                return
            # Where it has just ended, the next one looks by itself.
            with contextlib.suppress(OSError):
                wakes.write(text)
                wakes.flush()
            if last:
                with contextlib.suppress(OSError):
                    wakes.close()


def drain_for_parent(wakes: IO[bytes], answers: IO[bytes]) -> None:
    """Drain until `wakes` ends: what the process itself runs."""

    def tell(drained: Drained | None) -> None:
        answers.write(orjson.dumps(asdict(drained) if drained else None) + b"\n")
        answers.flush()

    worker = Worker(tasks=(), told=tell)

    def listen() -> None:
        for _line in wakes:
            ARRIVED.set()
        worker.ask_to_stop()

    Thread(target=listen, name="parent", daemon=True).start()
    worker.run()
