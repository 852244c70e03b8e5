"""Routes of jobs, their files, and notifications."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import StreamingHttpResponse
from ninja import Query

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.jobs import actions, queries, schemas, stream
from coterie.jobs.files import Download
from coterie.jobs.models import Job
from coterie.kit import pagination

routes = Routes("jobs")

JOBS = "/workspaces/{slug}/jobs"
Cursor = Annotated[str | None, Query(max_length=4_096, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
WhichState = Annotated[
    Literal["", "open", "queued", "running", "done", "failed", "cancelled"],
    Query(description="Only jobs in this state; `open` is queued or running."),
]


def shown(*rows: Job) -> list[schemas.JobOut]:
    """Jobs as callers see them, with their files."""
    files = queries.files_of(rows)
    return [schemas.JobOut.of(row, queries.progress(row), files.get(row.pk, [])) for row in rows]


@routes.get(JOBS, permission="jobs:read", response=schemas.JobPage)
def list_jobs(
    request: ApiRequest,
    slug: str,
    state: WhichState = "",
    kind: Annotated[str, Query(max_length=40, description="Only jobs of this kind.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.JobPage:
    """Long tasks with their progress, newest first: your own, and those whose permission you have."""
    before = pagination.number(pagination.decode(cursor), "before", most=2**62) if cursor else None
    rows = queries.page(request.access, state=state, kind=kind, before=before, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    place = pagination.encode({"before": rows[-1].pk}) if more else None
    return schemas.JobPage(items=shown(*rows), next=place)


@routes.get(f"{JOBS}/stream", permission="jobs:read", openapi_extra=stream.DOCUMENTED)
async def stream_jobs(
    request: ApiRequest,
    slug: str,
    follow: Annotated[str | None, Query(max_length=40, description="Tell of this job only.")] = None,
) -> StreamingHttpResponse:
    """Progress of jobs as it happens: server-sent events, beginning with the jobs that are not finished."""
    return stream.answer(request.access, follow)


@routes.get(f"{JOBS}/{{job}}", permission="jobs:read", response=schemas.JobOut)
def get_job(request: ApiRequest, slug: str, job: str) -> schemas.JobOut:
    """One job: progress, outcome, files."""
    return shown(queries.visible(request.access, job))[0]


@routes.post(f"{JOBS}/{{job}}/cancel", permission="jobs:manage", response=schemas.JobOut)
def cancel_job(request: ApiRequest, slug: str, job: str) -> schemas.JobOut:
    """Stop a job at its next checkpoint; what it has done so far stays."""
    return shown(actions.cancel(request.access, job))[0]


@routes.post(f"{JOBS}/{{job}}/retry", permission="jobs:manage", response=schemas.JobOut)
def retry_job(request: ApiRequest, slug: str, job: str) -> schemas.JobOut:
    """Let a job that failed or was cancelled go on where it was."""
    return shown(actions.retry(request.access, job))[0]


@routes.get("/workspaces/{slug}/files/{file}", permission="jobs:read", openapi_extra=stream.DOWNLOADED)
def download_file(request: ApiRequest, slug: str, file: str) -> Download:
    """Download a file that a job has made; needs the permission that the job needed."""
    return actions.download(request.access, file)


@routes.get("/workspaces/{slug}/notifications", permission="jobs:read", response=schemas.NotificationList)
def list_notifications(
    request: ApiRequest,
    slug: str,
    unread: Annotated[bool, Query(description="Only those that were not read.")] = False,
    limit: Limit = 50,
) -> schemas.NotificationList:
    """What you are told about your jobs that ended; keys have no notifications."""
    rows = queries.notifications(request.access, unread=unread, limit=limit)
    return schemas.NotificationList(items=[schemas.NotificationOut.of(row) for row in rows])


@routes.post("/workspaces/{slug}/notifications/read", permission="jobs:read", response=schemas.ReadOut)
def read_notifications(request: ApiRequest, slug: str, body: schemas.ReadBody) -> schemas.ReadOut:
    """Mark notifications as read."""
    return schemas.ReadOut(read=actions.mark_read(request.access, body.notifications))
