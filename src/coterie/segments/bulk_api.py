"""Routes of bulk actions."""

from typing import Any

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.jobs.api import shown
from coterie.segments import bulk, bulk_jobs, bulk_undo, schemas
from coterie.segments.bulk import Done
from coterie.segments.selection import selected

routes = Routes("bulk")

BULK = "/workspaces/{slug}/people/bulk"


@routes.post(f"{BULK}/change", permission="people:write", response=schemas.BulkOut)
def change_people(request: ApiRequest, slug: str, body: schemas.BulkChangeBody) -> Any:
    """Set and clear fields, ban and unban (`banned`), add and remove tags of many people.

    More than 1,000 are changed by a job: the answer has it, and the people are those of this moment.
    """
    access = request.access
    edit = bulk.Edit(body.set, body.clear, body.add_tags, body.remove_tags)
    return _told(bulk_jobs.change_people(access, selected(access, body.selection), edit))


@routes.post(f"{BULK}/members", permission="segments:write", response=schemas.BulkOut)
def change_members(request: ApiRequest, slug: str, body: schemas.BulkMembersBody) -> Any:
    """Put many people into a static segment, or take them out; more than 1,000 by a job."""
    access = request.access
    chosen = selected(access, body.selection)
    return _told(bulk_jobs.change_members(access, chosen, body.segment, action=body.action))


@routes.post(f"{BULK}/delete", permission="people:delete", response=schemas.BulkOut)
def delete_people(request: ApiRequest, slug: str, body: schemas.BulkDeleteBody) -> Any:
    """Delete many people, more than 1,000 by a job; that can't be undone."""
    access = request.access
    return _told(bulk_jobs.delete(access, selected(access, body.selection)))


@routes.post("/workspaces/{slug}/bulk/undo/{undo}", permission="people:read", response=schemas.BulkOut)
def undo_bulk(request: ApiRequest, slug: str, undo: str) -> Any:
    """Take a bulk action back within an hour, by a job within seven days of one that was a job.

    Needs the permission that the action needed. Values that were changed since stay and are told.
    """
    return _told(bulk_undo.undo(request.access, undo))


def _told(done: Done) -> schemas.BulkOut:
    return schemas.BulkOut.of(done, shown(done.job)[0] if done.job is not None else None)
