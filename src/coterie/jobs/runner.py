"""Running jobs: a worker claims one, lets it do its steps for a while, and gives it back or writes its outcome."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from django.db import transaction

from coterie.accounts import audit
from coterie.jobs import kinds, leases
from coterie.jobs.leases import LeaseLost
from coterie.jobs.models import Job, JobState
from coterie.jobs.notices import notify, send_mails
from coterie.jobs.requesters import actor_of
from coterie.jobs.turn import Turn
from coterie.kit import clock, failpoints
from coterie.kit.errors import CoterieError, RetryLater
from coterie.kit.passing import passes
from coterie.kit.traces import said

_log = logging.getLogger(__name__)

# After so long a job lets others have its worker, when any wait.
TURN_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.5
_LATER: Final = timedelta(seconds=10)


class Ended(Enum):
    """Why the steps of a turn ended before the job did."""

    CANCELLED = "cancelled"
    STOPPING = "stopping"
    TURN_OVER = "turn over"


def run_one(names: Collection[str] | None = None, *, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Run the next job, of all kinds or of these, for one turn; whether there was one."""
    names = kinds.known() if names is None else names
    job = leases.claim(names)
    if job is None:
        return False
    failpoints.hit("jobs.claimed")
    try:
        _run(job, names, stopping)
    except LeaseLost:
        _log.warning("job %s was taken over by another worker", job.public_id)
    return True


def _run(job: Job, names: Collection[str], stopping: Callable[[], bool]) -> None:
    if job.attempts >= leases.MOST_ATTEMPTS:
        message = f"The process ended {job.attempts} times while it did this."
        _end(job, JobState.FAILED, error=CoterieError(message, code="process_ended", details={"times": job.attempts}))
        return
    if job.cancel_at is not None:
        _end(job, JobState.CANCELLED)
        return
    turn = Turn(job)
    try:
        result = _steps(turn, names, stopping)
        if result is Ended.CANCELLED:
            _end(job, JobState.CANCELLED)
        elif isinstance(result, Ended):
            leases.give_back(job)
        else:
            _end(job, JobState.DONE, result=result)
    except LeaseLost:
        raise
    except RetryLater as error:
        leases.give_back(job, after=timedelta(seconds=error.retry_after))
    except CoterieError as error:
        _end(job, JobState.FAILED, error=error)
    except Exception as error:
        if passes(error):
            # The database itself: when it is back, the lease has run out or this works.
            _log.warning("job %s waits: %s", job.public_id, said(error))
            leases.give_back(job, after=_LATER)
            return
        _log.exception("job %s failed", job.public_id)
        _end(job, JobState.FAILED, error=CoterieError(f"Something went wrong on our side ({type(error).__name__})."))


def _steps(turn: Turn, names: Collection[str], stopping: Callable[[], bool]) -> dict[str, Any] | Ended:
    kind = kinds.kind_of(turn.job.kind)
    assert kind is not None
    begun = looked = time.monotonic()
    steps = kind.run(turn)
    try:
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                return stop.value or {}
            failpoints.hit("jobs.step")
            if stopping():
                return Ended.STOPPING
            now = time.monotonic()
            if now - looked < _LOOK_SECONDS:
                continue
            looked = now
            if leases.held(turn.job).exclude(cancel_at=None).exists():
                return Ended.CANCELLED
            if not turn.unbroken and now - begun >= TURN_SECONDS and leases.others_wait(names):
                return Ended.TURN_OVER
    finally:
        steps.close()


def _end(
    job: Job,
    state: JobState,
    *,
    result: dict[str, Any] | None = None,
    error: CoterieError | None = None,
) -> None:
    """Write the outcome, the notification and the audit entry together; nothing when the lease is lost."""
    with transaction.atomic():
        now = clock.now()
        values: dict[str, Any] = {"state": state, "token": "", "lease_until": None, "finished_at": now}
        if error is not None:
            values |= {"error": error.message, "failure": error.as_json()}
        if result is not None:
            values["result"] = result
        if not leases.held(job).update(updated_at=now, **values):
            raise LeaseLost
        job.refresh_from_db()
        notify(job)
        audit.record(
            actor_of(job),
            f"job.{'finished' if state == JobState.DONE else state.value}",
            workspace=job.workspace,
            target=job.public_id,
            details={"kind": job.kind, "counts": job.result.get("counts", {})},
        )
    failpoints.hit("jobs.ended")
    send_mails()
