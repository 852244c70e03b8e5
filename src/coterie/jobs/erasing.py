"""Forgetting what ended jobs were asked for and have answered about a person, and files that may hold anyone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from coterie.accounts.holding import folded, mentions
from coterie.accounts.models import Workspace
from coterie.jobs import files, scratch
from coterie.jobs.models import OPEN, Job, JobState, StoredFile
from coterie.jobs.notices import notify
from coterie.kit import clock
from coterie.kit.errors import CoterieError

_CHUNK: Final = 200
_EMPTY: Final[dict[str, Any]] = {"params": {}, "result": {}, "checkpoint": {}, "error": "", "failure": None}


def forget_jobs(workspace: Workspace, values: Collection[str]) -> dict[str, int]:
    """Empty ended jobs that name a person by one of these identities; how many."""
    wanted, changed = folded(values), 0
    ended = Job.objects.of(workspace).exclude(state__in=OPEN).order_by("pk")
    for job in ended.iterator(chunk_size=_CHUNK) if wanted else ():
        text = f"{job.title}\n{job.error}".casefold()
        if mentions([job.params, job.result, job.checkpoint, job.failure], wanted) or any(
            f'"{one}"' in text for one in wanted
        ):
            changed += Job.objects.of(workspace).filter(pk=job.pk).update(**_EMPTY)
    return {"jobs_job": changed}


@transaction.atomic
def fail_left(rows: QuerySet[Job], error: CoterieError) -> int:
    """Fail those of these jobs that are open, and tell who asked for them; how many. For jobs that nobody runs."""
    left = list(rows.filter(state__in=OPEN).select_for_update())
    now = clock.now()
    for job in left:
        job.state, job.token, job.lease_until = JobState.FAILED, "", None
        job.error, job.failure = error.message, error.as_json()
        job.finished_at = job.updated_at = now
        job.save(update_fields=["state", "error", "failure", "token", "lease_until", "finished_at", "updated_at"])
        notify(job)
    return len(left)


def files_in_making(workspace: Workspace, *, before: datetime) -> bool:
    """Whether a job that began before an instant still writes a file, into which it may have put anyone."""
    begun = StoredFile.objects.of(workspace).filter(purpose=files.PART, removed_at=None).values("job")
    return Job.objects.of(workspace).filter(state__in=OPEN, started_at__lte=before, pk__in=begun).exists()


def forget_made(workspace: Workspace, purposes: Collection[str], *, before: datetime) -> dict[str, int]:
    """Remove files of these purposes that jobs began before an instant, and what is left of unfinished ones; how many.

    A job that ended before its file was done begins anew when it goes on.
    """
    scratch.sweep()
    kept = StoredFile.objects.of(workspace).filter(removed_at=None)
    begun = kept.filter(Q(created_at__lte=before) | Q(job__started_at__lte=before))
    left = kept.filter(purpose=files.PART).exclude(job__state__in=OPEN)
    Job.objects.of(workspace).filter(pk__in=left.values("job")).update(checkpoint={})
    counts = {}
    for purpose, rows in {files.PART: left, **{each: begun.filter(purpose=each) for each in purposes}}.items():
        found = list(rows)
        for file in found:
            files.remove(file)
        counts[f"files.{purpose}"] = len(found)
    return counts
