"""Routes of scheduled exports and of the places they are delivered to."""

from __future__ import annotations

from typing import Any

from ninja import Status

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.jobs.api import shown
from coterie.jobs.schemas import JobOut
from coterie.kit.schemas import Body
from coterie.transfers import destinations, folders, schedules
from coterie.transfers import schedule_schemas as schemas

routes = Routes("transfers")

DESTINATIONS = "/workspaces/{slug}/export-destinations"
DESTINATION = f"{DESTINATIONS}/{{destination}}"
SCHEDULES = "/workspaces/{slug}/export-schedules"
SCHEDULE = f"{SCHEDULES}/{{schedule}}"


@routes.get(DESTINATIONS, permission="people:export", response=schemas.DestinationList)
def list_export_destinations(request: ApiRequest, slug: str) -> schemas.DestinationList:
    """Places into which exports are delivered."""
    items = [schemas.DestinationOut.of(row) for row in destinations.listed(request.access)]
    return schemas.DestinationList(items=items, folder=folders.is_there())


@routes.post(DESTINATIONS, permission="workspace:manage", status=201, response=schemas.DestinationOut)
def create_export_destination(request: ApiRequest, slug: str, body: schemas.DestinationBody) -> Any:
    """Name a place for exports: a folder on the server, or storage that speaks the protocol of S3."""
    return Status(201, schemas.DestinationOut.of(destinations.create(request.access, body.model_dump())))


@routes.patch(DESTINATION, permission="workspace:manage", response=schemas.DestinationOut)
def change_export_destination(
    request: ApiRequest, slug: str, destination: str, body: schemas.DestinationPatch
) -> schemas.DestinationOut:
    """Rename a destination, or give it another key."""
    return schemas.DestinationOut.of(destinations.change(request.access, destination, body.model_dump()))


@routes.post(f"{DESTINATION}/check", permission="workspace:manage", response=schemas.DestinationOut)
def check_export_destination(request: ApiRequest, slug: str, destination: str) -> schemas.DestinationOut:
    """Try a destination: a small file is written and removed. `check_error` of the answer says what came of it."""
    return schemas.DestinationOut.of(destinations.check(request.access, destination))


@routes.delete(DESTINATION, permission="workspace:manage", status=204, response=None)
def delete_export_destination(request: ApiRequest, slug: str, destination: str) -> Status[None]:
    """Remove a destination that no schedule uses; what was delivered stays where it is."""
    destinations.delete(request.access, destination)
    return Status(204, None)


@routes.get(SCHEDULES, permission="people:export", response=schemas.ScheduleList)
def list_export_schedules(request: ApiRequest, slug: str) -> schemas.ScheduleList:
    """Exports by the clock: your own and those of everyone's people; owners see all."""
    access = request.access
    return schemas.ScheduleList(items=[schemas.ScheduleOut.of(access, row) for row in schedules.listed(access)])


@routes.post(SCHEDULES, permission="people:export", status=201, response=schemas.ScheduleOut)
def create_export_schedule(request: ApiRequest, slug: str, body: schemas.ScheduleBody) -> Any:
    """Have an export made and delivered every hour, day, week or month, with your rights of that moment."""
    row = schedules.create(request.access, _given(body))
    return Status(201, schemas.ScheduleOut.of(request.access, row))


@routes.get(SCHEDULE, permission="people:export", response=schemas.ScheduleOut)
def get_export_schedule(request: ApiRequest, slug: str, schedule: str) -> schemas.ScheduleOut:
    """One schedule: what it exports, when, and what came of it last."""
    return schemas.ScheduleOut.of(request.access, schedules.schedule_for(request.access, schedule))


@routes.patch(SCHEDULE, permission="people:export", response=schemas.ScheduleOut)
def change_export_schedule(
    request: ApiRequest, slug: str, schedule: str, body: schemas.SchedulePatch
) -> schemas.ScheduleOut:
    """Change a schedule, pause it, or let it go on."""
    row = schedules.change(request.access, schedule, _given(body))
    return schemas.ScheduleOut.of(request.access, row)


@routes.post(f"{SCHEDULE}/run", permission="people:export", response=JobOut)
def run_export_schedule(request: ApiRequest, slug: str, schedule: str) -> JobOut:
    """Make and deliver the export now, beside its times, with the rights of the schedule's owner."""
    return shown(schedules.run_now(request.access, schedule))[0]


@routes.delete(SCHEDULE, permission="people:export", status=204, response=None)
def delete_export_schedule(request: ApiRequest, slug: str, schedule: str) -> Status[None]:
    """Remove a schedule; what was delivered stays where it is."""
    schedules.delete(request.access, schedule)
    return Status(204, None)


def _given(body: Body) -> dict[str, Any]:
    """What was sent, with null as not sent; the export as the body that it is."""
    return {name: value for name in type(body).model_fields if (value := getattr(body, name)) is not None}
