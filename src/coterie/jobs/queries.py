"""Every read of jobs, their files and their notifications: only what the caller may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from coterie.accounts.models import Role
from coterie.accounts.permissions import Access
from coterie.jobs.files import PART
from coterie.jobs.models import OPEN, Job, JobState, Notification, StoredFile
from coterie.kit import clock
from coterie.kit.errors import NotFound


@dataclass(frozen=True)
class Progress:
    """How far a job is. `rate` is units per second, `seconds_left` None while it can't be told."""

    done: int
    total: int | None
    rate: float
    seconds_left: int | None


def visible_jobs(access: Access) -> QuerySet[Job]:
    """The jobs that a caller may know of: their own, and those of whose permission they have.

    A private one of someone else is seen by owners alone: its name or result would tell of segments that are hidden.
    """
    rows = Job.objects.of(access.workspace)
    if access.role is Role.OWNER:
        return rows
    return rows.filter(Q(by=access.actor.name) | Q(private=False, permission__in=access.permissions))


def visible(access: Access, public_id: str, *, rows: QuerySet[Job] | None = None) -> Job:
    """The job with this id; the same NotFound when there is none, when it is foreign and when it is not seen."""
    found = visible_jobs(access).filter(public_id=public_id).values_list("pk", flat=True).first()
    job = (rows if rows is not None else Job.objects.of(access.workspace)).filter(pk=found or 0).first()
    if job is None:
        raise NotFound("There is no such job.", code="job_not_found")
    return job


def page(access: Access, *, state: str = "", kind: str = "", before: int | None = None, limit: int = 50) -> list[Job]:
    """The visible jobs, newest first, of a state (`open`: queued or running) and a kind."""
    rows = visible_jobs(access)
    if state:
        rows = rows.filter(state__in=OPEN if state == "open" else [state])
    if kind:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def progress(job: Job) -> Progress:
    """How far a job is, and when it may end."""
    left = None
    if job.state == JobState.RUNNING and job.total is not None and job.rate > 0:
        left = max(0, round((job.total - job.done) / job.rate))
    return Progress(job.done, job.total, round(job.rate, 1), left)


def files_of(jobs: Iterable[Job]) -> dict[int, list[StoredFile]]:
    """The files of these jobs that can still be had, by the job's number."""
    rows = list(jobs)
    found: dict[int, list[StoredFile]] = {}
    if rows:
        files = StoredFile.objects.of(rows[0].workspace_id).filter(
            Q(expires_at=None) | Q(expires_at__gt=clock.now()), job__in=rows, removed_at=None
        )
        for file in files.exclude(purpose=PART).order_by("pk"):
            found.setdefault(file.job_id or 0, []).append(file)
    return found


def visible_file(access: Access, public_id: str) -> StoredFile:
    """A job's file that the caller may have. NotFound when it is not theirs to know of, and once it has expired."""
    made = StoredFile.objects.of(access.workspace).filter(job__isnull=False).exclude(purpose=PART)
    file = made.filter(public_id=public_id).first()
    job = visible_jobs(access).filter(pk=file.job_id or 0).first() if file else None
    if file is None or job is None:
        raise NotFound("There is no such file.", code="file_not_found")
    access.require(job.permission)
    if file.removed_at is not None or (file.expires_at is not None and file.expires_at <= clock.now()):
        raise NotFound("The file has expired. Have it made anew.", code="file_expired")
    return file


def changed_since(access: Access, since_ms: int) -> list[Job]:
    """Visible jobs that were written since a time in milliseconds, oldest write first; for those who follow."""
    rows = visible_jobs(access).filter(updated_at__gte=clock.from_ms(since_ms))
    return list(rows.order_by("updated_at", "pk")[:200])


def unfinished(access: Access) -> list[Job]:
    """Visible jobs that wait or run, and those that ended in the last minute, oldest first."""
    recent = clock.now() - timedelta(minutes=1)
    return list(visible_jobs(access).filter(Q(state__in=OPEN) | Q(finished_at__gte=recent)).order_by("pk")[:200])


def notifications(access: Access, *, unread: bool, limit: int) -> list[Notification]:
    """The caller's notifications, newest first; a key has none."""
    if access.user is None:
        return []
    rows = Notification.objects.of(access.workspace).filter(user=access.user).select_related("job")
    if unread:
        rows = rows.filter(read_at=None)
    return list(rows.order_by("-pk")[:limit])
