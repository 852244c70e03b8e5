"""Routes of retention and of legal holds."""

from typing import Annotated

from ninja import Path, Status

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.jobs.api import shown
from coterie.jobs.schemas import JobOut
from coterie.privacy import holding, retention, retention_schemas, sweeping

routes = Routes("privacy")

RETENTION = "/workspaces/{slug}/retention"
HOLDS = "/workspaces/{slug}/holds"
ClassName = Annotated[str, Path(max_length=40, description="The class.", examples=["events"])]
HoldId = Annotated[str, Path(max_length=40, description="The hold's id.", examples=["hold_01kb3z8m0v6x9k2q4r7t5w1y3n"])]


@routes.get(RETENTION, permission="people:delete", response=retention_schemas.RetentionOut)
def list_retention(request: ApiRequest, slug: str) -> retention_schemas.RetentionOut:
    """For how long what is kept: every class with its rule or default, and what would go now."""
    found = retention.overview(request.access.workspace)
    return retention_schemas.RetentionOut(items=[retention_schemas.ClassOut.of(row) for row in found])


@routes.post(f"{RETENTION}/preview", permission="people:delete", response=retention_schemas.PreviewOut)
def preview_retention(
    request: ApiRequest, slug: str, body: retention_schemas.PreviewBody
) -> retention_schemas.PreviewOut:
    """What a rule would remove now; changes nothing."""
    kept, action, found = retention.preview(request.access.workspace, body.name, days=body.days, action=body.action)
    due = retention_schemas.DueOut.of(found)
    return retention_schemas.PreviewOut(name=kept.name, days=body.days, action=action, **due.dict())


@routes.post(f"{RETENTION}/run", permission="people:delete", response=JobOut)
def run_retention(request: ApiRequest, slug: str) -> JobOut:
    """Remove what is too old now, by the rules and defaults; otherwise it is done once a day."""
    return shown(sweeping.start(request.access))[0]


@routes.put(f"{RETENTION}/{{name}}", permission="people:delete", response=retention_schemas.ClassOut)
def set_retention(
    request: ApiRequest, slug: str, name: ClassName, body: retention_schemas.RuleBody
) -> retention_schemas.ClassOut:
    """Set the rule of a class, after its preview; 409 when much more would go by now than the preview said."""
    return retention_schemas.ClassOut.of(
        retention.set_rule(request.access, name, days=body.days, action=body.action, seen=body.rows)
    )


@routes.delete(f"{RETENTION}/{{name}}", permission="people:delete", status=204, response=None)
def drop_retention(request: ApiRequest, slug: str, name: ClassName) -> Status[None]:
    """Remove the rule of a class: its default holds again."""
    retention.drop_rule(request.access, name)
    return Status(204, None)


@routes.get(HOLDS, permission="people:delete", response=retention_schemas.HoldsOut)
def list_holds(request: ApiRequest, slug: str) -> retention_schemas.HoldsOut:
    """Legal holds, newest first."""
    found = holding.list_holds(request.access.workspace)
    return retention_schemas.HoldsOut(items=[retention_schemas.HoldOut.of(row) for row in found])


@routes.post(HOLDS, permission="people:delete", status=201, response=retention_schemas.HoldOut)
def add_hold(request: ApiRequest, slug: str, body: retention_schemas.HoldBody) -> Status[retention_schemas.HoldOut]:
    """Hold a person, or everyone: nothing of them goes by age, and deleting or erasing them answers 409."""
    made = holding.add_hold(request.access, number=body.person, reason=body.reason, until=body.until)
    return Status(201, retention_schemas.HoldOut.of(made))


@routes.put(f"{HOLDS}/{{hold}}", permission="people:delete", response=retention_schemas.HoldOut)
def change_hold(
    request: ApiRequest, slug: str, hold: HoldId, body: retention_schemas.HoldChangeBody
) -> retention_schemas.HoldOut:
    """Change why and until when a hold stands."""
    changed = holding.change_hold(request.access, hold, reason=body.reason, until=body.until)
    return retention_schemas.HoldOut.of(changed)


@routes.delete(f"{HOLDS}/{{hold}}", permission="people:delete", status=204, response=None)
def end_hold(request: ApiRequest, slug: str, hold: HoldId) -> Status[None]:
    """Take a hold away; the audit log keeps that it was there."""
    holding.end_hold(request.access, hold)
    return Status(204, None)
