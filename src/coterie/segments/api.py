"""Routes of segments."""

from typing import Annotated, Any, Literal

from django.http import StreamingHttpResponse
from ninja import Header, Path, Query, Status

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.audience import queries as audience
from coterie.kit.schemas import When
from coterie.segments import actions, live, queries, requests, schemas, stream

routes = Routes("segments")

Cursor = Annotated[str | None, Query(max_length=4_096, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=audience.MAX_PAGE)]
Number = Annotated[int, Path(ge=1, le=audience.MAX_NUMBER, description="The person's number.", examples=[42])]
At = Annotated[When | None, Query(description="ISO 8601 with a zone.", examples=["2026-01-31T09:00:00Z"])]


@routes.get("/workspaces/{slug}/segments", permission="segments:read", response=schemas.SegmentList)
def list_segments(
    request: ApiRequest,
    slug: str,
    kind: Literal["", "dynamic", "static"] = "",
    search: Annotated[str, Query(max_length=120, description="Part of the name.")] = "",
    starred: bool | None = None,
) -> schemas.SegmentList:
    """The segments you may see, your favourites first."""
    found = queries.list_segments(request.access, kind=kind, search=search, starred=starred)
    return schemas.SegmentList(items=[schemas.SegmentOut.of(view) for view in found])


@routes.post("/workspaces/{slug}/segments", permission="segments:write", response=schemas.SegmentOut, status=201)
def create_segment(request: ApiRequest, slug: str, body: schemas.SegmentBody) -> Any:
    """Save a filter as a dynamic segment, or make a static one of people."""
    return Status(201, requests.created(request.access, body))


@routes.post("/workspaces/{slug}/segments/regions", permission="segments:read", response=schemas.RegionsOut)
def regions(request: ApiRequest, slug: str, body: schemas.RegionsBody) -> Any:
    """How two to five segments overlap: every region with its exact count."""
    return {"regions": [vars(region) for region in queries.regions(request.access, body.segments)]}


@routes.get("/workspaces/{slug}/segments/stream", permission="segments:read", openapi_extra=stream.DOCUMENTED)
async def stream_segments(
    request: ApiRequest,
    slug: str,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> StreamingHttpResponse:
    """Who enters and leaves, as it happens: server-sent events, resumed by Last-Event-ID."""
    return stream.answer(request.access, last_event_id)


@routes.get("/workspaces/{slug}/stream", permission="people:read", openapi_extra=live.DOCUMENTED)
async def stream_changes(
    request: ApiRequest,
    slug: str,
    number: Annotated[
        int | None, Query(ge=1, le=audience.MAX_NUMBER, description="Tell of this person's changes only.")
    ] = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)] = None,
) -> StreamingHttpResponse:
    """That people or memberships have changed, at most twice a second: server-sent events."""
    return await live.answer(request.access, last_event_id, number)


@routes.get("/workspaces/{slug}/segments/{segment}", permission="segments:read", response=schemas.SegmentDetail)
def get_segment(request: ApiRequest, slug: str, segment: str) -> Any:
    """One segment, with where it is used."""
    view = queries.view(request.access, segment)
    return schemas.SegmentOut.values(view) | {"uses": [use.told for use in view.uses]}


@routes.patch("/workspaces/{slug}/segments/{segment}", permission="segments:write", response=schemas.SegmentOut)
def change_segment(request: ApiRequest, slug: str, segment: str, body: schemas.SegmentChange) -> Any:
    """Rename, describe or redefine a segment."""
    return requests.changed(request.access, segment, body)


@routes.delete("/workspaces/{slug}/segments/{segment}", permission="segments:write", status=204)
def delete_segment(request: ApiRequest, slug: str, segment: str, force: bool = False) -> Any:
    """Delete a segment. 409 with its uses while there are any; `force` deletes it anyway and breaks them."""
    actions.delete_segment(request.access, segment, force=force)
    requests.settle(request.access)
    return Status(204, None)


@routes.post(
    "/workspaces/{slug}/segments/{segment}/duplicate",
    permission="segments:write",
    response=schemas.SegmentOut,
    status=201,
)
def duplicate_segment(request: ApiRequest, slug: str, segment: str, body: schemas.CopyBody) -> Any:
    """A copy of a segment."""
    copy = actions.duplicate_segment(request.access, segment, name=body.name)
    return Status(201, requests.settled(request.access, copy))


@routes.post("/workspaces/{slug}/segments/{segment}/restore", permission="segments:write", response=schemas.SegmentOut)
def restore_segment(request: ApiRequest, slug: str, segment: str, body: schemas.RestoreBody) -> Any:
    """Make a segment what it was at a revision."""
    row = actions.restore_revision(request.access, segment, revision=body.revision)
    return requests.settled(request.access, row)


@routes.put("/workspaces/{slug}/segments/{segment}/star", permission="segments:read", status=204)
def star_segment(request: ApiRequest, slug: str, segment: str) -> Any:
    """Keep a segment among your favourites."""
    actions.star_segment(request.access, segment)
    return Status(204, None)


@routes.delete("/workspaces/{slug}/segments/{segment}/star", permission="segments:read", status=204)
def unstar_segment(request: ApiRequest, slug: str, segment: str) -> Any:
    """Take a segment from your favourites."""
    actions.unstar_segment(request.access, segment)
    return Status(204, None)


@routes.get("/workspaces/{slug}/segments/{segment}/hidden", permission="segments:hide", response=schemas.HiddenOut)
def get_hidden(request: ApiRequest, slug: str, segment: str) -> Any:
    """From whom a segment is hidden."""
    return vars(queries.hidden_from(request.access, segment))


@routes.put("/workspaces/{slug}/segments/{segment}/hidden", permission="segments:hide", response=schemas.HiddenOut)
def set_hidden(request: ApiRequest, slug: str, segment: str, body: schemas.HiddenBody) -> Any:
    """Hide a segment from exactly these roles and members: for them it is as good as not there."""
    return vars(actions.set_hidden(request.access, segment, roles=body.roles, user_ids=body.users))


@routes.get("/workspaces/{slug}/segments/{segment}/people", permission="people:read", response=schemas.SegmentPeople)
def segment_people(
    request: ApiRequest,
    slug: str,
    segment: str,
    sort: Annotated[str, Query(max_length=250, description="A field; `-` before it for descending.")] = "-last_seen",
    limit: Limit = 50,
    cursor: Cursor = None,
    at: At = None,
) -> Any:
    """The people of a segment now, or at a past instant `at`, then by number."""
    return requests.people_page(request.access, segment, sort=sort, limit=limit, cursor=cursor, at=at)


@routes.post("/workspaces/{slug}/segments/{segment}/members", permission="segments:write", response=schemas.MembersOut)
def change_members(request: ApiRequest, slug: str, segment: str, body: schemas.MembersBody) -> Any:
    """Put people into a static segment and take others out."""
    return requests.members_changed(request.access, segment, body)


@routes.get("/workspaces/{slug}/segments/{segment}/history", permission="segments:read", response=schemas.HistoryOut)
def segment_history(
    request: ApiRequest,
    slug: str,
    segment: str,
    since: At = None,
    until: At = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Size over time, who entered and left and why, and the definitions the segment had."""
    return requests.history_page(request.access, segment, since=since, until=until, limit=limit, cursor=cursor)


@routes.get(
    "/workspaces/{slug}/people/{int:number}/segments", permission="people:read", response=schemas.PersonSegments
)
def person_segments(request: ApiRequest, slug: str, number: Number) -> schemas.PersonSegments:
    """The segments of a person, since when and why."""
    found = queries.segments_of_person(request.access, number)
    return schemas.PersonSegments(items=[schemas.PersonSegmentOut.of(each) for each in found])
