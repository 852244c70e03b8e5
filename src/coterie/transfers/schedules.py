"""Exports by the clock: every write to schedules, and what is due.

A schedule is run by whoever moves its `next_at` on, which one conditional UPDATE decides. Its job asks for its owner's
rights and selects people anew (delivering.py): nobody is exported whom the owner could not export by hand.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from coterie.accounts import audit
from coterie.accounts.audit import SYSTEM
from coterie.accounts.models import Role, Workspace
from coterie.accounts.permissions import Access
from coterie.audience import inputs
from coterie.jobs import actions as jobs
from coterie.jobs.models import Job
from coterie.jobs.requesters import Requester
from coterie.jobs.wording import titled
from coterie.kit import clock
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.segments.models import Segment
from coterie.segments.uses import Use
from coterie.transfers import choosing
from coterie.transfers.cadence import Cadence
from coterie.transfers.destinations import destination_for
from coterie.transfers.models import ExportSchedule
from coterie.transfers.schemas import ExportBody

MOST: Final = 100
KIND: Final = "export.scheduled"
PERMISSION: Final = "people:export"
_TIMES: Final = ("every", "at", "weekday", "day")
# What can be changed of an export alone, for the same people.
_OF_THE_FILE: Final = frozenset({"columns", "format"})
# What only says how a schedule is called, or stops it, leaves it with its owner.
_OWNER_STAYS: Final = frozenset({"name"})


def visible(access: Access) -> QuerySet[ExportSchedule]:
    """The schedules that a caller may know of: their own and those of everyone's people; owners see all.

    A filter or a segment of somebody else's could tell of a segment that is hidden from this caller.
    """
    rows = ExportSchedule.objects.of(access.workspace).select_related("workspace", "destination", "last_job")
    if access.role is Role.OWNER:
        return rows
    return rows.filter(Q(by=access.actor.name) | Q(private=False))


def schedule_for(access: Access, public_id: str, *, lock: bool = False) -> ExportSchedule:
    """The schedule with this id; the same NotFound when there is none, when it is foreign and when it is not seen."""
    row = visible(access).filter(public_id=public_id).first()
    if row is None:
        raise NotFound("There is no such schedule.", code="schedule_not_found")
    if lock:
        # Locked without what it refers to: PostgreSQL locks no outer join.
        ExportSchedule.objects.of(access.workspace).select_for_update().filter(pk=row.pk).first()
        row.refresh_from_db()
    return row


def listed(access: Access) -> list[ExportSchedule]:
    """The visible schedules by name."""
    return list(visible(access).order_by("name", "pk"))


def names_of(access: Access, wanted: Collection[str]) -> dict[str, str]:
    """The names of those of these schedules that are visible."""
    return dict(visible(access).filter(public_id__in=wanted).values_list("public_id", "name"))


@transaction.atomic
def create(access: Access, given: Mapping[str, Any]) -> ExportSchedule:
    """Make a schedule from a body's fields; its caller is its owner.

    Conflict when the name is taken, NotFound for a destination, InvalidInput for an export or a time that can't be.
    """
    if ExportSchedule.objects.of(access.workspace).count() >= MOST:
        raise Conflict(f"A workspace has at most {MOST} schedules.", code="too_many_schedules")
    row = ExportSchedule(workspace=access.workspace)
    _write(access, row, given)
    details = {"destination": row.destination.public_id, "every": row.every}
    audit.record(
        access.actor, "export_schedule.created", workspace=access.workspace, target=row.public_id, details=details
    )
    return row


@transaction.atomic
def change(access: Access, public_id: str, given: Mapping[str, Any]) -> ExportSchedule:
    """Change what is given of a schedule, pause it (`paused`) or let it go on; errors as for `create`.

    Whoever changes what is exported, where to or when, or lets it go on, is its owner from then on.
    """
    row = schedule_for(access, public_id, lock=True)
    paused = given.get("paused")
    changed = {name: value for name, value in given.items() if name != "paused"}
    if paused is True and row.paused_at is None:
        row.paused_at, row.paused_reason, row.paused_why = clock.now(), "", None
    if paused is False and row.paused_at is not None:
        row.paused_at, row.paused_reason, row.paused_why = None, "", None
        # As it is, it must be one that this caller may have.
        changed = {"export": ExportBody.model_validate(row.body), "every": row.every} | changed
    if others := {name: changed.pop(name) for name in _OF_THE_FILE & set(changed)}:
        same = changed.get("export") or ExportBody.model_validate(row.body)
        changed["export"] = same.model_copy(update=others)
    _write(access, row, changed)
    details = {"fields": sorted(given)}
    audit.record(
        access.actor, "export_schedule.changed", workspace=access.workspace, target=row.public_id, details=details
    )
    return row


@transaction.atomic
def delete(access: Access, public_id: str) -> None:
    """Remove a schedule; what it has delivered stays where it is, and a job of it that goes on ends."""
    row = schedule_for(access, public_id)
    ExportSchedule.objects.of(access.workspace).filter(pk=row.pk).delete()
    # Nobody else knows the name from now on.
    details = {} if row.private else {"name": row.name}
    audit.record(access.actor, "export_schedule.removed", workspace=access.workspace, target=public_id, details=details)


@transaction.atomic
def run_now(access: Access, public_id: str) -> Job:
    """Run a schedule beside its times, with its owner's rights. Conflict while it is paused."""
    row = schedule_for(access, public_id, lock=True)
    if row.paused_at is not None:
        raise Conflict(Reason("paused_now", "The schedule is paused: let it go on first."), code="schedule_paused")
    audit.record(access.actor, "export_schedule.run", workspace=access.workspace, target=row.public_id)
    return _start(row, clock.now())


def start_due() -> int:
    """Start the schedules whose slot has come, each once, however many slots went by meanwhile; how many."""
    follow_zones()
    count, now = 0, clock.now()
    due = ExportSchedule.objects.filter(next_at__lte=now, paused_at=None).select_related("workspace")
    for row in due.order_by("next_at", "pk")[:500]:
        with transaction.atomic():
            # The row count tells who won: of several workers one moves the slot on, and its job is made with that.
            mine = ExportSchedule.objects.of(row.workspace_id).filter(pk=row.pk, next_at=row.next_at, paused_at=None)
            if not mine.update(next_at=cadence_of(row).next_after(now, row.zone)):
                continue
            try:
                _start(row, row.next_at)
            except Conflict:
                # Too many jobs: the slot stays due.
                transaction.set_rollback(True)
                continue
        count += 1
    return count


def follow_zones() -> None:
    """Move the next slots of workspaces whose time zone was changed."""
    for row in ExportSchedule.objects.exclude(zone=F("workspace__timezone")).select_related("workspace")[:500]:
        zone = row.workspace.timezone
        due = cadence_of(row).next_after(clock.now(), zone)
        mine = ExportSchedule.objects.of(row.workspace_id).filter(pk=row.pk, zone=row.zone, next_at=row.next_at)
        mine.update(zone=zone, next_at=due)


def pause(row: ExportSchedule, reason: Reason) -> None:
    """Stop a schedule that can't run as it is; whoever lets it go on has to have the rights."""
    mine = ExportSchedule.objects.of(row.workspace_id).filter(pk=row.pk, paused_at=None)
    with transaction.atomic():
        if mine.update(paused_at=clock.now(), paused_reason=reason, paused_why=reason.as_json()):
            audit.record(SYSTEM, "export_schedule.paused", workspace=row.workspace, target=row.public_id)


def that_name(workspace: Workspace) -> Iterable[tuple[str, Use]]:
    """The schedules that export a segment, or a filter on it; one that is not for all is its owner's alone."""
    segments = list(Segment.objects.of(workspace).values_list("public_id", flat=True))
    for row in ExportSchedule.objects.of(workspace).order_by("name"):
        use = Use("export_schedule", row.public_id, row.name, (row.user_id or 0) if row.private else None)
        text = json.dumps(row.body)
        for named in segments:
            if named in text:
                yield named, use


def cadence_of(row: ExportSchedule) -> Cadence:
    """When a schedule is due."""
    return Cadence(row.every, time.fromisoformat(row.at), row.weekday or 1, row.day or 1)  # type: ignore[arg-type]


def _start(row: ExportSchedule, slot: datetime) -> Job:
    kind = row.body.get("format", "csv")
    job = jobs.start_later(
        row.workspace,
        KIND,
        requester=Requester(row.by, row.ip, row.user_id, row.key_id),
        title=titled("scheduled_export", name=row.name),
        permission=PERMISSION,
        params={
            "schedule": row.public_id,
            "destination": row.destination_id,
            "body": row.body,
            # One name for a slot: a second try writes over the first.
            "object": f"{row.stem}-{slot:%Y%m%dT%H%M%SZ}.{kind}",
        },
        unit="people",
        private=row.private,
    )
    ExportSchedule.objects.of(row.workspace_id).filter(pk=row.pk).update(last_job=job)
    return job


def _write(access: Access, row: ExportSchedule, given: Mapping[str, Any]) -> None:
    if "name" in given:
        _name(row, given["name"])
    if "destination" in given:
        row.destination = destination_for(access, given["destination"])
    if "export" in given:
        _body(access, row, given["export"])
    if set(given) & set(_TIMES):
        for name in _TIMES:
            setattr(row, name, given.get(name, getattr(row, name)))
        _check_times(row)
        row.zone = access.workspace.timezone
        row.next_at = cadence_of(row).next_after(clock.now(), row.zone)
    if set(given) - _OWNER_STAYS:
        owner = Requester.of(access)
        row.by, row.ip, row.user_id, row.key_id = owner.by, owner.ip, owner.user_id, owner.key_id
    row.save()


def _body(access: Access, row: ExportSchedule, body: ExportBody) -> None:
    """Keep what is exported: a filter as a tree, whose segments have ids, so that a new name breaks nothing."""
    if body.numbers is not None:
        raise InvalidInput(
            Reason(
                "no_numbers",
                "A schedule is about a filter, a segment or everyone: numbers chosen now would be the same for ever.",
            ),
            details={"field": "numbers"},
        )
    # As it will be asked for when it runs: what can't be exported is refused now.
    choosing.selected(access, body)
    choosing.columns_of(access, body)
    kept = body.model_dump(mode="json", by_alias=True, include={"segment", "without", "columns", "format"})
    given = choosing.filter_of(body)
    if given:
        made = inputs.read_filter(inputs.catalogue_for(access), **given)
        kept["filter"] = made.model_dump(mode="json", by_alias=True)
    row.body = {name: value for name, value in kept.items() if value not in ("", [])}
    row.private = choosing.is_narrow(body)


def _check_times(row: ExportSchedule) -> None:
    needed = {"week": "weekday", "month": "day"}.get(row.every)
    for name in ("weekday", "day"):
        if name == needed and getattr(row, name) is None:
            raise InvalidInput(
                Reason("no_day_said", "A schedule by the {every} needs a {field}.", every=row.every, field=name),
                details={"field": name},
            )
        if name != needed:
            setattr(row, name, None)


def _name(row: ExportSchedule, name: str) -> None:
    plain = unicodedata.normalize("NFC", name).lower()
    stem = re.sub(r"[^\w.]+", "-", plain).strip("-._")[:60].rstrip("-._")
    if not stem:
        raise InvalidInput(Reason("no_letter", "A name needs a letter or a digit."), details={"field": "name"})
    same = ExportSchedule.objects.of(row.workspace_id).filter(stem=stem).exclude(pk=row.pk)
    if same.exists():
        raise Conflict(f'There is a schedule whose files are called "{stem}" already.', code="name_taken")
    row.name, row.stem = name, stem
