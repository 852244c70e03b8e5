"""Who runs a job: one worker at a time, held by a token that every write of progress and outcome proves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, Max, Min, Q, QuerySet

from coterie.accounts.scope import ScopedQuerySet
from coterie.jobs.models import OPEN, Job, JobState
from coterie.kit import clock
from coterie.kit.ids import new_id

LEASE: Final = timedelta(seconds=60)
# A worker that ends in the middle this often is ended by the job itself.
MOST_ATTEMPTS: Final = 5
_LOOKED_AT: Final = 5


class LeaseLost(Exception):
    """Another worker has taken the job over, so this one must not write."""


def claim(kinds: Collection[str]) -> Job | None:
    """Take the next job that nobody runs; None when there is none.

    Workspaces take turns: the one with the fewest jobs running is first, then the one whose last turn is longest ago.
    Within a workspace so do its jobs.
    """
    now = clock.now()
    waiting = _waiting(kinds)
    found = dict(waiting.values_list("workspace_id").annotate(oldest=Min("id")).values_list("workspace_id", "oldest"))
    if not found:
        return None
    held = Job.objects.filter(state=JobState.RUNNING, lease_until__gt=now).exclude(token="")
    busy = dict(held.values_list("workspace_id").annotate(Count("id")))
    turns = Job.objects.filter(workspace_id__in=found, turn_at__isnull=False)
    last = dict(turns.values_list("workspace_id").annotate(Max("turn_at")))
    never = clock.from_ms(0)
    for workspace in sorted(found, key=lambda pk: (busy.get(pk, 0), last.get(pk, never), found[pk])):
        rows = waiting.of(workspace).order_by(F("turn_at").asc(nulls_first=True), "id")
        for job in rows[:_LOOKED_AT]:
            if _take(job):
                job.refresh_from_db()
                return job
    return None


def _waiting(kinds: Collection[str]) -> ScopedQuerySet[Job]:
    now = clock.now()
    free = Q(token="") | Q(lease_until__lte=now)
    rows: ScopedQuerySet[Job] = Job.objects.get_queryset().filter(free, state__in=OPEN)
    return rows.filter(due_at__lte=now, kind__in=kinds)


def _take(job: Job) -> bool:
    """Whether this worker was the first: the row count of a conditional UPDATE tells."""
    now = clock.now()
    # A token that is still there is one of a worker that died.
    died = int(bool(job.token))
    mine = Job.objects.of(job.workspace_id).filter(pk=job.pk, token=job.token, state__in=OPEN)
    return bool(
        mine.update(
            token=new_id("lse"),
            lease_until=now + LEASE,
            heartbeat_at=now,
            turn_at=now,
            updated_at=now,
            state=JobState.RUNNING,
            started_at=job.started_at or now,
            attempts=F("attempts") + died,
        )
    )


def others_wait(kinds: Collection[str]) -> bool:
    """Whether any job could be claimed now."""
    return bool(_waiting(kinds).exists())


def held(job: Job) -> QuerySet[Job]:
    """The job's row as long as this worker has it: what updates it must hit one row."""
    return Job.objects.of(job.workspace_id).filter(pk=job.pk, token=job.token, state=JobState.RUNNING)


def write(job: Job, **values: Any) -> None:
    """Write to a job that this worker holds, and prolong the lease; raises LeaseLost when it has it no longer.

    In a transaction the row stays locked until its end, so nobody can take the job over in between.
    """
    now = clock.now()
    if not held(job).update(lease_until=now + LEASE, heartbeat_at=now, updated_at=now, **values):
        raise LeaseLost


def give_back(job: Job, *, after: timedelta | None = None) -> None:
    """Let others go on with a job, at once or after a while."""
    now = clock.now()
    held(job).update(token="", lease_until=None, updated_at=now, due_at=now + (after or timedelta()))


def release_all(kinds: Collection[str]) -> None:
    """Drop the leases of a process that died. Only for SQLite, where one process runs all jobs of a kind."""
    if connection.vendor == "sqlite":
        now = clock.now()
        Job.objects.filter(state=JobState.RUNNING, kind__in=kinds).exclude(token="").update(
            token="", lease_until=None, updated_at=now, attempts=F("attempts") + 1
        )
