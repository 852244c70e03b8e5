"""Routes of the audience: list, count, facets, explain, timeline, charts, saved views, and the tables of menus."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Query, Status

from coterie.accounts.permissions import AUTHENTICATED, ApiRequest
from coterie.accounts.routes import Routes
from coterie.audience import (
    answers,
    charts,
    duplicates,
    event_values,
    explaining,
    inputs,
    likeness,
    queries,
    search,
    views,
)
from coterie.audience.schemas import (
    ActivityOut,
    BreakdownOut,
    CandidatesOut,
    CountOut,
    CountriesOut,
    EventValuesOut,
    ExplanationOut,
    FacetsOut,
    FilterBody,
    FoundOut,
    GrowthOut,
    LastSessionOut,
    OperatorsOut,
    PeoplePage,
    TimelinePage,
    ViewBody,
    ViewChange,
    ViewOut,
    ViewsOut,
)
from coterie.filters.menus import menus
from coterie.jobs.api import shown
from coterie.jobs.schemas import JobOut
from coterie.people.queries import get_person
from coterie.people.schemas import PersonBody

routes = Routes("audience")
Number = Annotated[int, Path(ge=1, le=queries.MAX_NUMBER, description="The person's number.", examples=[42])]
Where = Annotated[
    str | None,
    Query(
        max_length=20_000,
        description="A filter as a sentence; without one, everyone.",
        examples=['country is "Germany" and did "purchase" at least 3 times'],
    ),
]
Limit = Annotated[int, Query(ge=1, le=queries.MAX_PAGE)]
FieldName = Annotated[str, Path(max_length=200, description="The field's name.", examples=["country"])]
Cursor = Annotated[str | None, Query(max_length=4_000, description="`next` of the page before.")]


@routes.get("/workspaces/{slug}/people", permission="people:read", response=PeoplePage)
def list_people(
    request: ApiRequest,
    slug: str,
    where: Where = None,
    sort: Annotated[
        str, Query(max_length=250, description="A field; `-` before it for descending.", examples=["-last_seen"])
    ] = queries.DEFAULT_SORT,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """People of a filter, with the exact total."""
    catalogue = inputs.catalogue_for(request.access)
    made = inputs.read_filter(catalogue, where=where)
    return answers.page(
        queries.list_people(
            request.access.workspace, made.root, catalogue=catalogue, sort=sort, limit=limit, cursor=cursor
        )
    )


@routes.post("/workspaces/{slug}/people/count", permission="people:read", response=CountOut)
def count_people(request: ApiRequest, slug: str, body: FilterBody) -> Any:
    """The exact total of a filter, and how each condition divides everyone."""
    catalogue = inputs.catalogue_for(request.access)
    made = inputs.read_filter(catalogue, **body.model_dump())
    return answers.count(queries.count(request.access.workspace, made.root), made, catalogue)


@routes.get("/workspaces/{slug}/people/{int:number}/explain", permission="people:read", response=ExplanationOut)
def explain(
    request: ApiRequest,
    slug: str,
    number: Number,
    segment: Annotated[str | None, Query(max_length=64, description="Id of a segment.")] = None,
    where: Where = None,
) -> Any:
    """Why a person is in a segment or meets a filter, condition by condition."""
    catalogue = inputs.catalogue_for(request.access)
    made = inputs.segment_or_filter(request.access, catalogue, segment=segment, where=where)
    person = get_person(request.access.workspace, number)
    return answers.explanation(explaining.explain(request.access, person, made.root), made, catalogue)


@routes.get("/workspaces/{slug}/people/{int:number}/events", permission="events:read", response=TimelinePage)
def events(request: ApiRequest, slug: str, number: Number, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """What a person did, newest first."""
    person = get_person(request.access.workspace, number)
    return answers.timeline(*queries.timeline(request.access.workspace, person.number, limit=limit, cursor=cursor))


@routes.get("/workspaces/{slug}/facets/{path:field}", permission="people:read", response=FacetsOut)
def facets(
    request: ApiRequest,
    slug: str,
    field: FieldName,
    where: Where = None,
    search: Annotated[str, Query(max_length=200, description="Only values that contain this.")] = "",
    limit: Annotated[int, Query(ge=1, le=queries.MOST_FACETS)] = queries.FACETS,
) -> Any:
    """The values of a field among a filter's people, most frequent first."""
    catalogue = inputs.catalogue_for(request.access)
    made = inputs.read_filter(catalogue, where=where)
    workspace = request.access.workspace
    found = queries.facets(workspace, field, made.root, catalogue=catalogue, search=search, limit=limit)
    return answers.facets(found)


@routes.get("/workspaces/{slug}/events/values", permission="people:read", response=EventValuesOut)
def list_event_values(
    request: ApiRequest,
    slug: str,
    event: Annotated[str, Query(max_length=400, description="The kind of event.", examples=["purchase"])],
    property: Annotated[str, Query(max_length=400, description="Its property.", examples=["title"])],
    search: Annotated[str, Query(max_length=200, description="Only values that contain this.")] = "",
    limit: Annotated[int, Query(ge=1, le=queries.MOST_FACETS)] = queries.FACETS,
) -> Any:
    """The values of a property of a kind of event, as texts, most frequent first; needs `events:read` too."""
    request.access.require("events:read")
    found = event_values.event_values(request.access.workspace, event, property, search=search, limit=limit)
    return {"event": event, "property": property, "values": [vars(each) for each in found]}


@routes.get("/workspaces/{slug}/people/search", permission="people:read", response=FoundOut)
def search_people(
    request: ApiRequest,
    slug: str,
    q: Annotated[str, Query(max_length=200, description="Any text that names a person.", examples=["ada@"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Any:
    """People by number, identity or its start; then those whose name or email holds the text."""
    found = search.search(request.access.workspace, q, limit=limit)
    return {"items": [answers.person_item(person) for person in found.people], "complete": found.complete}


@routes.post("/workspaces/{slug}/people/candidates", permission="people:read", response=CandidatesOut)
def duplicate_candidates(request: ApiRequest, slug: str, body: PersonBody) -> Any:
    """Who may be the same as a person about to be created: by identity, or by a like name in the same country."""
    names = [(identity.kind, identity.value) for identity in body.identities]
    found = duplicates.candidates(request.access.workspace, values=body.set, names=names)
    return {"items": [answers.candidate(each) for each in found]}


@routes.get("/workspaces/{slug}/people/{int:number}/last-session", permission="people:read", response=LastSessionOut)
def last_session(request: ApiRequest, slug: str, number: Number) -> Any:
    """What a person did in their latest session, and how often there was one; needs `events:read` too."""
    request.access.require("events:read")
    person = get_person(request.access.workspace, number)
    return answers.session(*search.sessions(request.access.workspace, person))


@routes.get("/workspaces/{slug}/charts/growth", permission="people:read", response=GrowthOut)
def growth(
    request: ApiRequest,
    slug: str,
    where: Where = None,
    by: charts.Step = "day",
    field: charts.GrowthField = "first_seen",
    points: Annotated[int, Query(ge=1, le=charts.MOST_POINTS, description="How many steps, up to now.")] = 90,
) -> Any:
    """How a filter's people came, by day, week or month of the workspace's zone."""
    made = inputs.read_filter(inputs.catalogue_for(request.access), where=where)
    return answers.growth(charts.growth(request.access.workspace, made.root, by=by, field=field, points=points))


@routes.get("/workspaces/{slug}/charts/breakdown/{path:field}", permission="people:read", response=BreakdownOut)
def breakdown(
    request: ApiRequest,
    slug: str,
    field: FieldName,
    where: Where = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Any:
    """A filter's people by the values of a field."""
    catalogue = inputs.catalogue_for(request.access)
    made = inputs.read_filter(catalogue, where=where)
    found = charts.breakdown(request.access.workspace, field, made.root, catalogue=catalogue, limit=limit)
    return {**answers.facets(found.facets), "other": found.other}


@routes.get("/workspaces/{slug}/charts/countries", permission="people:read", response=CountriesOut)
def countries(request: ApiRequest, slug: str, where: Where = None) -> Any:
    """Where a filter's people are."""
    catalogue = inputs.catalogue_for(request.access)
    made = inputs.read_filter(catalogue, where=where)
    return answers.countries(charts.countries(request.access.workspace, made.root, catalogue=catalogue))


@routes.get("/workspaces/{slug}/charts/activity", permission="people:read", response=ActivityOut)
def activity(
    request: ApiRequest,
    slug: str,
    where: Where = None,
    days: Annotated[int, Query(ge=1, le=charts.MOST_DAYS, description="Calendar days, today among them.")] = 28,
) -> Any:
    """When a filter's people did something: events by weekday and hour; needs `events:read` too."""
    request.access.require("events:read")
    made = inputs.read_filter(inputs.catalogue_for(request.access), where=where)
    return answers.activity(charts.activity(request.access.workspace, made.root, days=days))


@routes.get("/workspaces/{slug}/views", permission="people:read", response=ViewsOut)
def list_views(request: ApiRequest, slug: str) -> Any:
    """Your saved views and the shared ones."""
    return {"items": [answers.view(seen) for seen in views.list_views(request.access)]}


@routes.post("/workspaces/{slug}/views", permission="people:read", response=ViewOut, status=201)
def create_view(request: ApiRequest, slug: str, body: ViewBody) -> Any:
    """Save a view; sharing it needs the permission `people:write`."""
    return Status(201, answers.view(views.create_view(request.access, body.model_dump(exclude_unset=True))))


@routes.patch("/workspaces/{slug}/views/{view}", permission="people:read", response=ViewOut)
def change_view(request: ApiRequest, slug: str, view: str, body: ViewChange) -> Any:
    """Change a view of your own; admins and owners can change shared ones."""
    return answers.view(views.change_view(request.access, view, body.model_dump(exclude_unset=True)))


@routes.delete("/workspaces/{slug}/views/{view}", permission="people:read", status=204)
def delete_view(request: ApiRequest, slug: str, view: str) -> Any:
    """Delete a view of your own; admins and owners can delete shared ones."""
    views.delete_view(request.access, view)
    return Status(204, None)


@routes.post("/workspaces/{slug}/people/merge-suggestions/find", permission="people:write", response=JobOut)
def find_same_people(request: ApiRequest, slug: str) -> Any:
    """Look through everyone for people who may be the same: a job that comes to suggestions to merge."""
    return shown(likeness.start(request.access))[0]


@routes.get("/operators", permission=AUTHENTICATED, response=OperatorsOut)
def operators(request: ApiRequest) -> Any:
    """The operators of filters, as menus are made of them: by type of field, and for segments and events."""
    return menus()
