"""The worker: a thread that drains what was accepted, hands over to what follows, and runs what is due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Final

from django.db import close_old_connections, connection

from coterie.jobs.schedule import Task, run_due
from coterie.tracking import leases, limits
from coterie.tracking.committer import ARRIVED
from coterie.tracking.drain import Drained, drain_once
from coterie.tracking.leases import Lease, LeaseLost
from coterie.tracking.metrics import FAILED_DRAINS, LEASES_LOST
from coterie.tracking.tasks import TASKS

_log = logging.getLogger(__name__)

AfterDrain = Callable[[int], object]
"""Called with a workspace's number after its people have changed."""
Told = Callable[[Drained | None], object]
"""Called with what each drain did, and with None when one has failed."""

_SCHEDULE_SECONDS: Final = 60.0
# What follows is called at least this often while a workspace has more than one drain's worth.
_DRAINS_IN_A_ROW: Final = 8
_LONGEST_PAUSE: Final = 30.0
# Answers wait for a drain that is at work, and with their own commit they shall stay under a tenth of a second.
_MOST_SECONDS: Final = 0.06
_LEAST_EVENTS: Final = 200


class Portions:
    """How many events a drain takes: as many as are allowed, and fewer while that takes too long."""

    def __init__(self) -> None:
        self._size = limits.current().drain_items

    def next(self) -> int:
        """The size of the next drain."""
        most = limits.current().drain_items
        self._size = min(most, max(min(_LEAST_EVENTS, most), self._size))
        return self._size

    def took(self, events: int, seconds: float) -> None:
        """Note how long a drain took. One that was not full says nothing."""
        if events >= self._size:
            self._size += self._size // 8 + 1 if seconds <= _MOST_SECONDS else -(self._size // 4)


class Worker:
    """Drains all workspaces until it is stopped. Several may run, in one process or many: each workspace has one.

    `after_drain` is called in order after each workspace's drains. `idle_seconds` is how long new batches of other
    processes may go unnoticed; those of this process wake the worker.
    """

    def __init__(
        self,
        *,
        after_drain: Sequence[AfterDrain] = (),
        tasks: Sequence[Task] = TASKS,
        idle_seconds: float = 0.25,
        told: Told | None = None,
    ) -> None:
        self.after_drain = list(after_drain)
        self._tasks = tuple(tasks)
        self._idle = idle_seconds
        self._told = told
        self._stopping = Event()
        self._thread: Thread | None = None
        self._scheduled = float("-inf")
        self._pause = 0.0
        self._owed: set[int] = set()
        self._portions = Portions()

    def start(self) -> None:
        """Run in a thread of this process."""
        self._stopping.clear()
        self._thread = Thread(target=self.run, name="tracking-worker", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """End after the present drain; does not wait."""
        self._stopping.set()
        ARRIVED.set()

    def stop(self, timeout: float = 30.0) -> None:
        """End after the present drain, and wait for that."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> None:
        """Work until stopped; for a process of its own."""
        try:
            leases.release_all()
            while not self._stopping.is_set():
                if not self._step():
                    ARRIVED.wait(self._pause or self._idle)
                    ARRIVED.clear()
        finally:
            connection.close()

    def _step(self) -> bool:
        """One round; False when there is nothing to do for the moment. A failure is logged and tried again later."""
        try:
            close_old_connections()
            busy = self.run_once()
        except Exception:
            FAILED_DRAINS.inc()
            if self._told is not None:
                self._told(None)
            self._pause = min(_LONGEST_PAUSE, (self._pause or self._idle) * 2)
            _log.exception("the worker failed; it tries again in %.1f s", self._pause)
            # A connection that failed once may be broken.
            connection.close()
            return False
        self._pause = 0.0
        return busy

    def run_once(self) -> bool:
        """Drain each waiting workspace for a while and run what is due; whether there was anything to drain."""
        busy = False
        for workspace_id in leases.waiting_workspaces():
            lease = leases.claim(workspace_id)
            if lease is not None:
                busy = self._serve(lease) or busy
        self._hand_over()
        if time.monotonic() - self._scheduled >= _SCHEDULE_SECONDS:
            self._scheduled = time.monotonic()
            run_due(self._tasks)
        return busy

    def _serve(self, lease: Lease) -> bool:
        worked = False
        try:
            for _ in range(_DRAINS_IN_A_ROW):
                if self._stopping.is_set() or self._drain(lease).idle:
                    break
                worked = True
                self._owed.add(lease.workspace_id)
        except LeaseLost:
            LEASES_LOST.inc()
            _log.warning("workspace %d was taken over by another worker", lease.workspace_id)
        finally:
            leases.release(lease)
        return worked

    def _drain(self, lease: Lease) -> Drained:
        started = time.monotonic()
        drained = drain_once(limit=self._portions.next(), lease=lease)
        self._portions.took(drained.events, time.monotonic() - started)
        if self._told is not None and not drained.idle:
            self._told(drained)
        return drained

    def _hand_over(self) -> None:
        """Call what follows; a workspace for which it fails is owed it, and the next round tries again."""
        for workspace_id in sorted(self._owed):
            for follow in self.after_drain:
                follow(workspace_id)
            self._owed.discard(workspace_id)
