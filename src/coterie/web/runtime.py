"""What runs beside the web in a serving process: drain, projector, clock, snapshots, and the index's own repair.

Embedded, one process does everything and a request projects what it wrote before it is answered. In the server shape
several processes may run this; each workspace is projected by the one that holds its lease, and a request waits until
that one has passed its change.
"""

from __future__ import annotations

import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from threading import Event
from typing import Final

from django.conf import settings
from django.db import connections

from coterie.accounts.models import Workspace
from coterie.audience import projector as projecting
from coterie.audience.engine import close_engine
from coterie.audience.projector import LeaseLost, Projector, projector_of
from coterie.audience.startup import IndexRebuilding, ensure_index, forget_ready, remember_parts, require_ready
from coterie.audience.tasks import TASKS as AUDIENCE_TASKS
from coterie.jobs import actions as jobs
from coterie.jobs import leases as job_leases
from coterie.jobs import scratch
from coterie.jobs.kinds import known
from coterie.jobs.runner import run_one
from coterie.jobs.schedule import run_due
from coterie.jobs.tasks import TASKS as JOB_TASKS
from coterie.kit import checkpoints, collector, wakes
from coterie.kit.environment import is_embedded
from coterie.kit.traces import said
from coterie.privacy.tasks import TASKS as PRIVACY_TASKS
from coterie.segments.tasks import TASKS as SEGMENT_TASKS
from coterie.tracking.committer import ARRIVED, COMMITTER
from coterie.tracking.tasks import TASKS as TRACKING_TASKS
from coterie.tracking.worker import Worker
from coterie.transfers.tasks import TASKS as TRANSFER_TASKS
from coterie.web import readiness
from coterie.web.holdings import Holdings
from coterie.web.loops import Loop
from coterie.web.second import SecondProcess

_log = logging.getLogger(__name__)

TASKS: Final = (
    *TRACKING_TASKS,
    *AUDIENCE_TASKS,
    *SEGMENT_TASKS,
    *TRANSFER_TASKS,
    *JOB_TASKS,
    *PRIVACY_TASKS,
)
SECONDS_TO_STOP: Final = 30.0
VISIBLE_SECONDS: Final = 2.0
# How long another process's rebuild, or an index that was lost, may go unnoticed in the server shape.
LOOK_AGAIN_SECONDS: Final = 60.0


class _Stopped(Exception):
    """The process stops, so a rebuild ends before its end."""


class Runtime:
    """The threads beside the web. `work` false: a web process whose work is done by others.

    With `second_command`, the drain and the jobs that need no index run in a process of their own (second.py).
    """

    def __init__(self, *, work: bool = True, second_command: Sequence[str] = ()) -> None:
        self.embedded = is_embedded()
        self.works = work or self.embedded
        self.holdings = None if self.embedded else Holdings()
        self._looked = time.monotonic()
        self._stopping = Event()
        self._project_loop = Loop("projector", self._project_behind, seconds=1.0 if self.embedded else 0.2)
        self._second: SecondProcess | None = None
        if second_command:
            heard = {wakes.CHANGED: self._project_loop.wake}
            self._second = SecondProcess(second_command, self._drained, heard)
        self._drain = self._second or Worker(after_drain=[self._drained], tasks=())
        self._loops = [
            Loop("index", self._keep_index, seconds=2.0),
            self._project_loop,
            Loop("clock", self._advance_clock, seconds=1.0),
            Loop("snapshots", self._rest, seconds=60.0),
            Loop("schedule", partial(run_due, TASKS), seconds=60.0),
        ]
        if self.embedded:
            self._loops.append(Loop("checkpoints", checkpoints.checkpoint, seconds=0.5))
        self._job_loops = [
            Loop(f"jobs-{place}", self._work, seconds=1.0) for place in range(1, settings.COTERIE_JOB_THREADS + 1)
        ]
        self._loops += self._job_loops
        if self.holdings is not None:
            self._loops.append(Loop("leases", self.holdings.renew, seconds=self.holdings.renew_seconds))
        if not self.works:
            self._loops = [Loop("index", self._look_again, seconds=5.0)]
        self._listener = wakes.Listener(self._wakes()) if wakes.works() else None
        if self._listener is not None:
            self._loops.append(Loop("wakes", self._listener.listen, seconds=0.0))

    def start(self) -> None:
        """Begin. Where the index has to be made anew, that is done in the background."""
        readiness.watch()
        if self.embedded:
            checkpoints.in_background()
        if self.embedded and not ensure_index(rebuild_now=False) and readiness.holds_anything():
            _log.warning("the index is missing or not of this database: it is being rebuilt while the server answers")
        self.attach()
        if self.works:
            job_leases.release_all(known())
            scratch.sweep()
            jobs.on_new(self._wake_jobs)
        for loop in self._loops:
            loop.start()
        if self.works:
            self._drain.start()
        collector.leave_loaded()

    def attach(self) -> None:
        """Make this the runtime that the process's requests rely on."""
        global _current
        _current = self
        projecting.project_first(self._present if self.embedded else None)

    def detach(self) -> None:
        """The opposite of `attach`."""
        global _current
        _current = None
        projecting.project_first(None)

    def stop(self) -> None:
        """Store what was accepted, end every thread after its present step, save snapshots, close the index."""
        self._stopping.set()
        jobs.forget_wakers()
        COMMITTER.stop()
        for loop in self._loops:
            loop.ask_to_stop()
        if self.works:
            self._drain.stop(SECONDS_TO_STOP)
        end = time.monotonic() + SECONDS_TO_STOP
        late = [loop.name for loop in self._loops if not loop.join(max(0.0, end - time.monotonic()))]
        if late:
            # What they do is done again by the next start: nothing is lost, only the clean end.
            _log.error("still at work after %.0f s: %s", SECONDS_TO_STOP, ", ".join(late))
        self.detach()
        checkpoints.by_commits()
        if not late:
            self._finish()

    def visible(self, written: Mapping[int, int]) -> None:
        """Return when what a request wrote is in the index, or when waiting longer would not help."""
        try:
            if not _is_ready():
                return
            for workspace in Workspace.objects.filter(pk__in=list(written)):
                if not projecting.wait_until(workspace, written[workspace.pk], seconds=VISIBLE_SECONDS):
                    _log.warning("workspace %s: a change is not in the index yet", workspace.slug)
        except Exception:
            # The change is committed: whatever is wrong here must not look as if it was not.
            _log.exception("a change is visible later")

    # Steps

    def _wakes(self) -> dict[str, Callable[[], object]]:
        """What to do when another process sends word; without it the same is done a little later."""
        handlers: dict[str, Callable[[], object]] = {wakes.PROJECTED: projecting.announce}
        if self.works:
            handlers |= {wakes.ARRIVED: ARRIVED.set, wakes.CHANGED: self._project_loop.wake}
        return handlers

    def _keep_index(self) -> None:
        if self.holdings is not None:
            self._look_again()
        if ensure_index(rebuild_now=False):
            return
        if self.holdings is not None and not self.holdings.claim_all(list(Workspace.objects.order_by("pk"))):
            # Another process may be at it. Two that met at the same moment must not meet again.
            self._stopping.wait(random.uniform(0.5, 2.0))  # noqa: S311  # a pause, not a secret
            return
        with contextlib.suppress(_Stopped):
            # Looked at again, this time waiting for whoever looks or rebuilds: false above may mean just that.
            ensure_index(progress=self._go_on)
        if self.holdings is not None:
            # All were taken for the rebuild; now the workers share them again.
            self.holdings.release()

    def _go_on(self, _done: int, _total: int) -> None:
        if self._stopping.is_set():
            # The next start sees that the rebuild was not finished, and begins anew.
            raise _Stopped

    def _look_again(self) -> None:
        if time.monotonic() - self._looked >= LOOK_AGAIN_SECONDS:
            self._looked = time.monotonic()
            forget_ready()

    def _project_behind(self) -> None:
        if not _is_ready():
            return
        for workspace in readiness.behind():
            if self.holdings is not None:
                self.holdings.claim(workspace)
            found = self._projector(workspace)
            if found is not None and not self._stopping.is_set():
                self._project(found)

    def _advance_clock(self) -> None:
        if not _is_ready():
            return
        if self.holdings is not None:
            self.holdings.claim_some(list(Workspace.objects.order_by("pk")))
        for found in self._mine():
            if self._stopping.is_set():
                return
            if time.monotonic() >= found.rested_at and found.index.moves_with_clock():
                with contextlib.suppress(IndexRebuilding):
                    self._guarded(found, found.tick)

    def _rest(self) -> None:
        if not _is_ready():
            return
        for found in self._mine():
            self._guarded(found, found.rest)
        remember_parts()

    def _work(self) -> None:
        names = known(needs_index=True if self._second is not None else None)
        while not self._stopping.is_set() and run_one(names, stopping=self._stopping.is_set):
            pass

    def _wake_jobs(self) -> None:
        for loop in self._job_loops:
            loop.wake()
        if self._second is not None:
            self._second.wake_jobs()

    def _drained(self, _workspace_id: int) -> None:
        # In a thread of its own: while one batch is projected, the next ones are drained and then projected together.
        self._project_loop.wake()

    # Projectors

    def _projector(self, workspace: Workspace) -> Projector | None:
        return projector_of(workspace) if self.holdings is None else self.holdings.projector(workspace.pk)

    def _mine(self) -> Iterable[Projector]:
        if self.holdings is not None:
            return self.holdings.held()
        return [projector_of(workspace) for workspace in Workspace.objects.order_by("pk")]

    def _project(self, found: Projector, *, upto: int | None = None, wait: bool = True) -> None:
        try:
            # While the index is being rebuilt, a projector would start a second rebuild.
            require_ready()
            self._guarded(found, partial(found.run, upto=upto, wait=wait))
        except IndexRebuilding:
            return
        except Exception:
            # The index may be gone: the next look tells.
            forget_ready()
            raise

    def _present(self, workspace: Workspace, seq: int) -> None:
        """Project a request's change now, or leave it to whoever is at it, or to the loop.

        The change is committed, so a failure here is not the caller's.
        """
        found = projector_of(workspace)
        try:
            self._project(found, upto=seq, wait=False)
        except Exception as error:
            _log.warning("workspace %s is projected later: %s", found.workspace.slug, said(error))
        # Whoever was at it may have read the log before this change was there.
        self._project_loop.wake()

    def _guarded(self, found: Projector, step: Callable[[], object]) -> None:
        try:
            step()
        except LeaseLost:
            _log.warning("workspace %s was taken over by another process", found.workspace.slug)
            if self.holdings is not None:
                self.holdings.drop(found)

    def _finish(self) -> None:
        """The last step of a clean stop; the index closes whatever fails before."""
        try:
            if self.works:
                self._rest()
            if self.holdings is not None:
                self.holdings.leave()
            if self._listener is not None:
                self._listener.close()
        except Exception:
            _log.exception("snapshots were not saved; the next start reads more of the log")
        finally:
            close_engine()
            connections.close_all()


_current: Runtime | None = None


def current() -> Runtime | None:
    """The runtime of this process, when it has one."""
    return _current


def make_visible(written: Mapping[int, int]) -> None:
    """Have the index show what was just written, as far as this process is one that serves."""
    if _current is not None and written:
        _current.visible(written)


@contextlib.contextmanager
def attached() -> Iterator[None]:
    """The same promise for whoever asks the API from inside, in a process without threads of its own too."""
    if _current is not None:
        yield
        return
    runtime = Runtime(work=False)
    runtime.attach()
    try:
        yield
    finally:
        runtime.detach()


def _is_ready() -> bool:
    try:
        require_ready()
    except IndexRebuilding:
        return False
    return True
