"""Threads that do a step again and again until they are stopped; a failure is logged and never ends one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from django.db import close_old_connections, connections

from coterie.kit.errors import CoterieError
from coterie.kit.traces import said

_log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0


class Loop:
    """One thread. `seconds` is the time between two steps; `wake` makes the next one come at once.

    After a failure the pause is 1 s and doubles up to 30 s; one success ends that.
    """

    def __init__(self, name: str, step: Callable[[], object], *, seconds: float) -> None:
        self.name = name
        self._step = step
        self._seconds = seconds
        self._pause = 0.0
        self._stopping = Event()
        self._woken = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._stopping.clear()
        self._thread = Thread(target=self._run, name=f"loop-{self.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Do the next step now."""
        self._woken.set()

    def ask_to_stop(self) -> None:
        """End after the present step; does not wait."""
        self._stopping.set()
        self._woken.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when it does not come in time."""
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def once(self) -> float:
        """One step; the seconds until the next."""
        try:
            close_old_connections()
            self._step()
        except Exception as error:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
            # Our own errors say what they mean; a store that is away must not fill the log with traces.
            _log.error(
                "%s failed; it tries again in %.0f s: %s",
                self.name,
                self._pause,
                said(error),
                exc_info=not isinstance(error, CoterieError),
            )
            # A connection that failed once may be broken.
            connections.close_all()
            return self._pause
        self._pause = 0.0
        return self._seconds

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                seconds = self.once()
                if self._pause:
                    # Woken or not, a failure is given time to pass.
                    self._stopping.wait(seconds)
                else:
                    self._woken.wait(seconds)
                    self._woken.clear()
        finally:
            connections.close_all()
