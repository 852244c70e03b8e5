"""Jobs as server-sent events: first those that are not finished, then each one whenever it was written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from coterie.accounts.permissions import Access
from coterie.accounts.renewal import renewed
from coterie.jobs import queries, schemas
from coterie.jobs.models import Job
from coterie.kit import clock
from coterie.kit.sse import event, streamed

POLL_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0
# Rows are stamped before they are committed: one that comes late is still seen.
_OVERLAP_MS: Final = 5_000

DOCUMENTED: Final = {
    "responses": {
        200: {
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": (
                        "event: job\nid: 1769850000000\n"
                        'data: {"id": "job_01kb3z8m0v6x9k2q4r7t5w1y3n", "state": "running", '
                        '"progress": {"done": 12000, "total": 50000, "rate": 4100.5, "seconds_left": 9}}\n\n'
                    ),
                }
            }
        }
    }
}
DOWNLOADED: Final = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": ""}},
        }
    }
}


def answer(access: Access, follow: str | None) -> StreamingHttpResponse:
    """The endless answer, about all visible jobs or one."""
    return streamed(events(access, follow))


async def events(access: Access, follow: str | None) -> AsyncIterator[bytes]:
    """Events of the stream as bytes; ends when the caller's access does."""
    since = clock.to_ms(clock.now())
    told: dict[str, str] = {}
    spoken = time.monotonic()
    yield b": connected\n\n"
    first = True
    while True:
        now = clock.to_ms(clock.now())
        found = await sync_to_async(_next)(access, None if first else since - _OVERLAP_MS, follow)
        if found is None:
            return
        first, since = False, now
        for job in found:
            # A job is written several times within the overlap; what was told already is not told again.
            if told.get(job["id"]) != job["updated"]:
                told[job["id"]] = job["updated"]
                spoken = time.monotonic()
                yield event("job", now, job["shown"])
        if len(told) > 1_000:
            told = {job["id"]: job["updated"] for job in found}
        if time.monotonic() - spoken >= HEARTBEAT_SECONDS:
            spoken = time.monotonic()
            yield b": still here\n\n"
        await asyncio.sleep(POLL_SECONDS)


def _next(access: Access, since: int | None, follow: str | None) -> list[dict[str, Any]] | None:
    """The jobs that were written since; None without access, which is looked up each time."""
    now = renewed(access, "jobs:read")
    if now is None:
        return None
    rows = queries.unfinished(now) if since is None else queries.changed_since(now, since)
    if follow is not None:
        rows = [row for row in rows if row.public_id == follow]
        if since is None and not rows:
            rows = list(queries.visible_jobs(now).filter(public_id=follow))
    return [{"id": row.public_id, "updated": row.updated_at.isoformat(), "shown": _shown(row)} for row in rows]


def _shown(row: Job) -> dict[str, Any]:
    files = queries.files_of([row])
    return schemas.JobOut.of(row, queries.progress(row), files.get(row.pk, [])).model_dump(mode="json")
