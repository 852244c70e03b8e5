"""Group commit: requests that come at the same time are written in one transaction with one fsync, then answered.

One thread per process writes. While it commits, others gather; each is answered only after the commit that holds it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Condition, Event, Thread
from typing import Final

from django.db import DatabaseError, DataError, IntegrityError, close_old_connections, connection, transaction
from django.db.models import Sum

from coterie.kit import failpoints, turns, wakes
from coterie.kit.errors import CoterieError, Unavailable
from coterie.kit.passing import passes
from coterie.kit.traces import said
from coterie.tracking import limits
from coterie.tracking.metrics import BACKLOG, COMMIT_SECONDS, COMMITTED
from coterie.tracking.models import RawBatch

_log = logging.getLogger(__name__)
_CHECK_SECONDS: Final = 1.0

ARRIVED: Final = Event()
"""Set after each commit: the worker of the same process need not wait for its next look."""


@dataclass(slots=True, eq=False)
class _Waiting:
    row: RawBatch
    size: int
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class Committer:
    """Takes raw batches from any event loop; its thread starts with the first one."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._queue: list[_Waiting] = []
        self._thread: Thread | None = None
        self._stopping = False
        self._backlog = 0
        self._checked = 0.0

    def admit(self) -> None:
        """Raise Unavailable when so much waits already that taking in more would only make it wait longer."""
        most = limits.current()
        if len(self._queue) >= most.queued_requests:
            raise Unavailable("Too many requests wait to be stored. Try again soon.", code="busy", retry_after=1)
        if self._backlog >= most.backlog_items:
            self._recheck()
            raise Unavailable("Too many events wait to be worked in. Try again later.", code="backlog", retry_after=10)

    async def commit(self, row: RawBatch) -> None:
        """Return when the batch is stored durably; raises Unavailable when it is not, or not known to be."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(row, len(row.body), loop, loop.create_future())
        with self._changed:
            self._queue.append(waiting)
            self._start()
            self._changed.notify_all()
        try:
            async with asyncio.timeout(limits.current().commit_seconds):
                await waiting.done
        except TimeoutError:
            # It may be committed yet. The client sends it again, and the message ids sort that out.
            raise Unavailable("Storing took too long. Send it again.", code="slow_commit", retry_after=2) from None

    def stop(self) -> None:
        """Write what waits and end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    # The rest runs in the thread.

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._stopping = False
            self._thread = Thread(target=self._run, name="tracking-committer", daemon=True)
            self._thread.start()

    def _recheck(self) -> None:
        with self._changed:
            self._start()
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            while (group := self._next_group()) is not None:
                if group:
                    self._commit_group(group)
                self._look_at_backlog()
        finally:
            connection.close()

    def _next_group(self) -> list[_Waiting] | None:
        """What is written together; empty when it is only time to look at the backlog, None at the end."""
        with self._changed:
            while not self._queue and not self._stopping:
                if not self._changed.wait(_CHECK_SECONDS) and self._backlog:
                    return []
                if not self._queue and self._backlog >= limits.current().backlog_items:
                    return []
            if not self._queue:
                return None
            self._gather()
            return self._take()

    def _gather(self) -> None:
        """Wait a moment for company: one fsync then serves all."""
        most = limits.current()
        until = time.monotonic() + most.gather_ms / 1000
        while (left := until - time.monotonic()) > 0 and sum(
            waiting.size for waiting in self._queue
        ) < most.gather_bytes:
            if self._stopping:
                return
            self._changed.wait(left)

    def _take(self) -> list[_Waiting]:
        size, count = 0, 0
        for waiting in self._queue:
            size += waiting.size
            if count and size > limits.current().gather_bytes:
                break
            count += 1
        group, self._queue = self._queue[:count], self._queue[count:]
        return group

    def _commit_group(self, group: list[_Waiting]) -> None:
        started = time.perf_counter()
        try:
            self._write(group)
        except (DataError, IntegrityError) as error:
            _log.warning("a group of %d requests could not be stored: %s", len(group), said(error))
            if len(group) == 1:
                _answer(group, _not_stored())
                return
            # One row that the database refuses must not cost the others their answer.
            for waiting in group:
                self._commit_group([waiting])
            return
        except Exception as error:
            # A database that is away is a line of the log and not a trace of each group.
            _log.error(
                "a group of %d requests could not be stored: %s", len(group), said(error), exc_info=not passes(error)
            )
            connection.close()
            _answer(group, _not_stored())
            return
        failpoints.hit("tracking.commit.after")
        COMMIT_SECONDS.observe(time.perf_counter() - started)
        COMMITTED.observe(len(group))
        self._backlog += sum(waiting.row.item_count for waiting in group)
        ARRIVED.set()
        _answer(group, None)
        wakes.send(wakes.ARRIVED)

    def _write(self, group: Iterable[_Waiting]) -> None:
        close_old_connections()
        with turns.urgent(), transaction.atomic():
            for waiting in group:
                waiting.row.pk = None
            RawBatch.objects.bulk_create([waiting.row for waiting in group])
            failpoints.hit("tracking.commit.before")

    def _look_at_backlog(self) -> None:
        if time.monotonic() - self._checked < _CHECK_SECONDS:
            return
        self._checked = time.monotonic()
        try:
            close_old_connections()
            self._backlog = RawBatch.objects.aggregate(waiting=Sum("item_count"))["waiting"] or 0
        except DatabaseError as error:
            _log.warning("the backlog could not be read: %s", said(error))
        BACKLOG.set(self._backlog)


def _not_stored() -> Unavailable:
    return Unavailable("The request could not be stored. Try again soon.", code="not_stored", retry_after=2)


def _answer(group: Iterable[_Waiting], error: CoterieError | None) -> None:
    """Wake the requests, with one call into each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for waiting in group:
        by_loop.setdefault(waiting.loop, []).append(waiting)
    for loop, members in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, members, error)
        except RuntimeError:
            # The loop is closed: its clients are gone, and what they sent is stored.
            _log.info("%d requests were stored after their event loop ended", len(members))


def _settle(members: list[_Waiting], error: CoterieError | None) -> None:
    for waiting in members:
        if waiting.done.done():
            continue
        if error is None:
            waiting.done.set_result(None)
        else:
            waiting.done.set_exception(error)


COMMITTER: Final = Committer()
