"""Every write to jobs that a caller asks for: start, cancel, go on, mark as read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.jobs import queries
from coterie.jobs.files import Download
from coterie.jobs.kinds import kind_of
from coterie.jobs.models import OPEN, Job, JobState, Notification
from coterie.jobs.notices import notify
from coterie.jobs.requesters import Requester, actor_of
from coterie.jobs.wording import Title
from coterie.kit import clock
from coterie.kit.errors import Conflict, NotFound

# Of one workspace; more would only wait.
MOST_OPEN: Final = 100

_wakers: list[Callable[[], object]] = []


def on_new(wake: Callable[[], object]) -> None:
    """Have this called whenever a job was started in this process, so that no worker has to look for it."""
    _wakers.append(wake)


def forget_wakers() -> None:
    """The opposite of `on_new`, for all of them."""
    _wakers.clear()


def _wake() -> None:
    for wake in _wakers:
        wake()


def start(
    access: Access,
    kind: str,
    *,
    title: Title,
    permission: str,
    params: Mapping[str, Any],
    unit: str = "rows",
    total: int | None = None,
    private: bool = False,
) -> Job:
    """Put a job into the queue, inside the caller's transaction if there is one.

    Conflict when the workspace has 100 unfinished jobs.
    """
    access.require(permission)
    return start_later(
        access.workspace,
        kind,
        requester=Requester.of(access),
        title=title,
        permission=permission,
        params=params,
        unit=unit,
        total=total,
        private=private,
    )


def start_later(
    workspace: Workspace,
    kind: str,
    *,
    requester: Requester,
    title: Title,
    permission: str,
    params: Mapping[str, Any],
    unit: str = "rows",
    total: int | None = None,
    private: bool = False,
) -> Job:
    """As `start`, for somebody who is not there: what they may do is asked when the job runs (`turn.access`)."""
    if kind_of(kind) is None:
        raise ValueError(f"there is no kind of job called {kind!r}")
    with transaction.atomic():
        if Job.objects.of(workspace).filter(state__in=OPEN).count() >= MOST_OPEN:
            raise Conflict(f"{MOST_OPEN} jobs are waiting or running already.", code="too_many_jobs")
        job = Job.objects.create(
            workspace=workspace,
            kind=kind,
            **_named(title),
            permission=permission,
            private=private,
            params=dict(params),
            unit=unit,
            total=total,
            by=requester.by,
            ip=requester.ip,
            user_id=requester.user_id,
            key_id=requester.key_id,
        )
        audit.record(actor_of(job), "job.started", workspace=workspace, target=job.public_id, details={"kind": kind})
        transaction.on_commit(_wake)
    return job


@transaction.atomic
def start_own(
    workspace: Workspace,
    kind: str,
    *,
    title: Title,
    permission: str,
    params: Mapping[str, Any],
    unit: str = "rows",
) -> Job:
    """Put a job of the system's own into the queue: nobody asked for it, so nobody is told of its end."""
    if kind_of(kind) is None:
        raise ValueError(f"there is no kind of job called {kind!r}")
    job = Job.objects.create(
        workspace=workspace,
        kind=kind,
        **_named(title),
        permission=permission,
        params=dict(params),
        unit=unit,
        by=audit.SYSTEM.name,
    )
    audit.record(audit.SYSTEM, "job.started", workspace=workspace, target=job.public_id, details={"kind": kind})
    transaction.on_commit(_wake)
    return job


@transaction.atomic
def cancel(access: Access, public_id: str) -> Job:
    """Stop a job: at once when it waits, at its next checkpoint when it runs.

    What it has done so far stays. NotFound when the caller does not see it, Conflict when it has ended.
    """
    job = _locked(access, public_id)
    if job.state not in OPEN:
        raise Conflict(f"The job is {job.get_state_display()} already.", code="job_ended", details={"state": job.state})
    now = clock.now()
    job.cancel_at = job.cancel_at or now
    job.updated_at = now
    fields = ["cancel_at", "updated_at"]
    if not job.token or (job.lease_until is not None and job.lease_until <= now):
        job.state, job.finished_at, job.token = JobState.CANCELLED, now, ""
        fields += ["state", "finished_at", "token"]
        notify(job)
    job.save(update_fields=fields)
    audit.record(access.actor, "job.cancelled", workspace=access.workspace, target=job.public_id)
    return job


def download(access: Access, public_id: str) -> Download:
    """A job's file as an answer; the audit log notes who took it. NotFound as `queries.visible_file`."""
    file = queries.visible_file(access, public_id)
    try:
        found = Download(file)
    except FileNotFoundError:
        raise NotFound("The file is gone from the disk. Have it made anew.", code="file_gone") from None
    details = {"purpose": file.purpose, "size": file.size}
    audit.record(access.actor, "file.downloaded", workspace=access.workspace, target=public_id, details=details)
    return found


@transaction.atomic
def retry(access: Access, public_id: str) -> Job:
    """Let a job that failed or was cancelled go on from its last checkpoint. Conflict when it is in another state."""
    job = _locked(access, public_id)
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise Conflict(
            f"The job is {job.get_state_display()}: only one that failed or was cancelled can go on.",
            code="job_not_ended",
            details={"state": job.state},
        )
    kind = kind_of(job.kind)
    if kind is None:
        raise Conflict("This kind of job is not known any more.", code="job_kind_gone")
    kind.before_retry(job)
    go_on(job)
    audit.record(access.actor, "job.retried", workspace=access.workspace, target=job.public_id)
    return job


@transaction.atomic
def go_on(job: Job) -> None:
    """Put a job that failed or was cancelled into the queue again; whoever asks has to be allowed to."""
    now = clock.now()
    job.state, job.attempts, job.cancel_at, job.finished_at = JobState.QUEUED, 0, None, None
    job.error, job.failure = "", None
    job.due_at = job.updated_at = now
    job.save(
        update_fields=["state", "error", "failure", "attempts", "cancel_at", "finished_at", "due_at", "updated_at"],
    )
    transaction.on_commit(_wake)


def mark_read(access: Access, public_ids: Collection[str] | None) -> int:
    """Mark notifications of the caller as read, all of them for None; how many were not."""
    if access.user is None:
        return 0
    rows = Notification.objects.of(access.workspace).filter(user=access.user, read_at=None)
    if public_ids is not None:
        rows = rows.filter(public_id__in=list(public_ids))
    return rows.update(read_at=clock.now())


def _named(title: Title) -> dict[str, Any]:
    return {"title": title.text[:200], "title_code": title.code, "title_details": title.details}


def _locked(access: Access, public_id: str) -> Job:
    return queries.visible(access, public_id, rows=Job.objects.of(access.workspace).select_for_update())
