"""Routes of imports and exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from ninja import Query, Status

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.jobs.api import shown
from coterie.jobs.schemas import JobOut
from coterie.kit import pagination
from coterie.segments.visibility import names_for
from coterie.transfers import actions, queries, schemas
from coterie.transfers.models import Import, Phase, RowOutcome
from coterie.transfers.plan import ImportPlan

routes = Routes("transfers")

IMPORTS = "/workspaces/{slug}/imports"
ONE = f"{IMPORTS}/{{import_id}}"
Cursor = Annotated[str | None, Query(max_length=4_096, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
UPLOADED: dict[str, Any] = {
    "requestBody": {
        "description": "The file itself: CSV or another text table of up to 1 GB, XLSX or ODS of up to 50 MB.",
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "examples": {"example 1": {"value": "email,name\nada@example.org,Ada\n"}},
            }
        },
    }
}
_PIECE = 1024 * 1024


@routes.get(IMPORTS, permission="people:write", response=schemas.ImportPage)
def list_imports(request: ApiRequest, slug: str, cursor: Cursor = None, limit: Limit = 50) -> schemas.ImportPage:
    """Imports, newest first."""
    before = pagination.number(pagination.decode(cursor), "before", most=2**62) if cursor else None
    rows = queries.list_imports(request.access, before=before, limit=limit + 1)
    place = pagination.encode({"before": rows[limit - 1].pk}) if len(rows) > limit else None
    names = names_for(request.access)
    return schemas.ImportPage(items=[schemas.ImportOut.of(row, names) for row in rows[:limit]], next=place)


@routes.post(IMPORTS, permission="people:write", status=201, response=schemas.ImportOut, openapi_extra=UPLOADED)
def upload_import(
    request: ApiRequest,
    slug: str,
    name: Annotated[str, Query(min_length=1, max_length=200, description="The file's name.", examples=["people.csv"])],
) -> Status[schemas.ImportOut]:
    """Upload a file of people; the answer says what is in it and suggests a field for each column."""
    return Status(201, _shown(request, actions.upload(request.access, name, _pieces(request))))


@routes.get(ONE, permission="people:write", response=schemas.ImportOut)
def get_import(request: ApiRequest, slug: str, import_id: str) -> schemas.ImportOut:
    """One import: what was found, the plan, its jobs."""
    return _shown(request, queries.get_import(request.access, import_id))


@routes.post(f"{ONE}/inspect", permission="people:write", response=schemas.ImportOut)
def inspect_import(request: ApiRequest, slug: str, import_id: str, body: schemas.LayoutBody) -> schemas.ImportOut:
    """Look at the file again, with another sheet, header row, encoding or delimiter."""
    return _shown(request, actions.inspect(request.access, import_id, body.model_dump()))


@routes.put(f"{ONE}/plan", permission="people:write", response=schemas.ImportOut)
def set_import_plan(request: ApiRequest, slug: str, import_id: str, body: ImportPlan) -> schemas.ImportOut:
    """Say which column is which field, who is who, and what happens to whom.

    New attributes need `attributes:write` too, segments `segments:write`.
    """
    return _shown(request, actions.set_plan(request.access, import_id, body))


@routes.post(f"{ONE}/rehearse", permission="people:write", response=JobOut)
def rehearse_import(request: ApiRequest, slug: str, import_id: str) -> JobOut:
    """Find out what would become of each row; nobody is changed."""
    return shown(actions.start_rehearsal(request.access, import_id))[0]


@routes.post(f"{ONE}/run", permission="people:write", response=JobOut)
def run_import(request: ApiRequest, slug: str, import_id: str) -> JobOut:
    """Do what the plan says. An import runs once."""
    return shown(actions.start_run(request.access, import_id))[0]


@routes.post(f"{ONE}/undo", permission="people:write", response=JobOut)
def undo_import(request: ApiRequest, slug: str, import_id: str) -> JobOut:
    """Take the run back: old values return, untouched new people go; what was changed since stays and is listed."""
    return shown(actions.start_undo(request.access, import_id))[0]


@routes.get(f"{ONE}/rows", permission="people:write", response=schemas.ImportRowPage)
def list_import_rows(
    request: ApiRequest,
    slug: str,
    import_id: str,
    phase: Annotated[schemas.WhichPhase, Query(description="Of the rehearsal, the run or the undo.")] = "rehearsal",
    outcome: Annotated[schemas.Outcome | None, Query(description="Only rows with this outcome.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.ImportRowPage:
    """What became, or would become, of each row, in the file's order."""
    after = pagination.number(pagination.decode(cursor), "after", most=2**62) if cursor else 0
    source = queries.get_import(request.access, import_id)
    wanted = RowOutcome[outcome.upper()] if outcome else None
    rows = queries.rows_page(source, Phase[phase.upper()], outcome=wanted, after=after, limit=limit + 1)
    place = pagination.encode({"after": rows[limit - 1].line}) if len(rows) > limit else None
    return schemas.ImportRowPage(items=[schemas.ImportRowOut.of_row(row) for row in rows[:limit]], next=place)


@routes.delete(ONE, permission="people:write", status=204, response=None)
def delete_import(request: ApiRequest, slug: str, import_id: str) -> Status[None]:
    """Remove an import with its file and the outcome of its rows; what it has done stays, and can't be undone then."""
    actions.remove(request.access, import_id)
    return Status(204, None)


@routes.post("/workspaces/{slug}/exports", permission="people:export", response=JobOut)
def export_people(request: ApiRequest, slug: str, body: schemas.ExportBody) -> JobOut:
    """Write people into a file: those whom numbers, a filter or a segment name now, or everyone.

    The job's file can be downloaded for seven days.
    """
    return shown(actions.start_export(request.access, body))[0]


def _shown(request: ApiRequest, row: Import) -> schemas.ImportOut:
    return schemas.ImportOut.of(row, names_for(request.access))


def _pieces(request: ApiRequest) -> Iterator[bytes]:
    while piece := request.read(_PIECE):
        yield piece
