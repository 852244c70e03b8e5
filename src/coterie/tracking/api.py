"""Routes of tracking; the endpoints that take events are in endpoints.py."""

from typing import Annotated

from ninja import Query

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.tracking import quarantine, queries
from coterie.tracking.models import IdConflict, Quarantine, QuarantineState
from coterie.tracking.schemas import ConflictList, ConflictOfIds, QuarantinedEvent, QuarantineList

routes = Routes("tracking")

_Limit = Annotated[int, Query(ge=1, le=200)]


@routes.get("/workspaces/{slug}/tracking/quarantine", permission="events:read", response=QuarantineList)
def list_quarantine(
    request: ApiRequest,
    slug: str,
    state: QuarantineState | None = None,
    cursor: str | None = None,
    limit: _Limit = 50,
) -> QuarantineList:
    """Events that could not be used, newest first, with the reason of each."""
    workspace = request.access.workspace
    page = queries.quarantined(workspace, state=state, cursor=cursor, limit=limit)
    return QuarantineList(
        events=[_event(row) for row in page.rows],
        open=queries.open_quarantine(workspace),
        next_cursor=page.next_cursor,
    )


@routes.post(
    "/workspaces/{slug}/tracking/quarantine/{event_id}/replay", permission="events:write", response=QuarantinedEvent
)
def replay(request: ApiRequest, slug: str, event_id: str) -> QuarantinedEvent:
    """Send an event through again, after what made it unusable was put right."""
    return _event(quarantine.replay(request.access.workspace, event_id))


@routes.get("/workspaces/{slug}/tracking/conflicts", permission="events:read", response=ConflictList)
def list_conflicts(request: ApiRequest, slug: str, limit: _Limit = 50) -> ConflictList:
    """Message ids that a source used for two different events; the later ones were not taken."""
    return ConflictList(conflicts=[_conflict(row) for row in queries.conflicts(request.access.workspace, limit=limit)])


def _event(row: Quarantine) -> QuarantinedEvent:
    return QuarantinedEvent(
        id=row.public_id,
        at=row.at,
        received_at=row.received_at,
        source=row.source.name,
        message_id=row.message_id,
        code=row.code,
        reason=row.reason,
        state=row.state,
        event=queries.event_of(row),
    )


def _conflict(row: IdConflict) -> ConflictOfIds:
    return ConflictOfIds(
        day=row.day, source=row.source.name, count=row.count, message_id=row.message_id, sample=row.sample
    )
