"""Taking bulk actions back: what nobody has changed since returns, the rest stays and is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.jobs.models import OPEN
from coterie.kit import clock
from coterie.kit.errors import Conflict, NotFound
from coterie.people import changes
from coterie.people.actions import PersonEdit, apply_edits
from coterie.people.edits import changed_since
from coterie.people.origins import origin_of
from coterie.people.queries import living, people_by_numbers
from coterie.segments import static
from coterie.segments.bulk import GONE, Done, Failure, Step, reason_of
from coterie.segments.models import BulkUndo

UNDO_FOR: Final = timedelta(hours=1)
# A job is looked at when it has ended, perhaps on Monday.
UNDO_JOBS_FOR: Final = timedelta(days=7)


@transaction.atomic
def undo(access: Access, public_id: str) -> Done:
    """Take a bulk action back, where nothing else has changed the same value since; that of a job is a job too.

    NotFound when there is none or its time is over, Conflict when it was taken back already and while its job goes on,
    Forbidden without the permission that the action needed. People whose value is another one by now are failures.
    """
    # Only now: the jobs of this room call what is here.
    from coterie.segments import bulk_jobs

    changes.lock(access.workspace)
    row = BulkUndo.objects.of(access.workspace).filter(public_id=public_id).exclude(_expired()).first()
    if row is None:
        message = (
            "There is nothing to undo: an action can be taken back for an hour, one that was a job for seven days."
        )
        raise NotFound(message, code="undo_not_found")
    access.require(row.permission)
    if row.undone_at is not None:
        raise Conflict("This was taken back already, or is about to be.", code="undone_already")
    if row.job is not None and row.job.state in OPEN:
        raise Conflict("It goes on: cancel it first.", code="bulk_going_on", details={"job": row.job.public_id})
    row.undone_at = clock.now()
    row.save(update_fields=["undone_at"])
    if row.job is not None:
        return bulk_jobs.start_undo(access, row)
    step = take_back(access, row.body)
    return Done(step.selected, step.changed, step.failures)


def take_back(access: Access, body: Mapping[str, Any]) -> Step:
    """Undo what one step has done, as far as it is still so; call it in a transaction."""
    changes.lock(access.workspace)
    return _undo_members(access, body) if "segment" in body else _undo_values(access, body)


def forget_old(workspace: Workspace) -> int:
    """Drop what can't be taken back any more; returns how many entries went."""
    rows = BulkUndo.objects.of(workspace).filter(_expired()).exclude(undo_job__state__in=OPEN)
    return rows.delete()[1].get("segments.BulkUndo", 0)


def _expired() -> Q:
    now = clock.now()
    return Q(job=None, at__lte=now - UNDO_FOR) | Q(at__lte=now - UNDO_JOBS_FOR)


def _undo_members(access: Access, body: Mapping[str, Any]) -> Step:
    added, removed = body["added"], body["removed"]
    back = living(access.workspace, removed)
    put, taken = static.change_members(access, body["segment"], add=sorted(back), remove=added, cause="filter")
    failures = [Failure(number, GONE) for number in removed if number not in back]
    return Step(len(added) + len(removed), put + taken, failures)


def _undo_values(access: Access, body: Mapping[str, Any]) -> Step:
    values, tags = body["values"], body["tags"]
    numbers = sorted({int(number) for number in (*values, *tags)})
    people = {person.number: person for person in people_by_numbers(access.workspace, numbers)}
    edits, failures = [], [Failure(number, GONE) for number in numbers if number not in people]
    for number, person in people.items():
        mine = values.get(str(number), {})
        same = {key: was for key, (was, then) in mine.items() if person.data.get(key) == then}
        if len(same) < len(mine):
            failures.append(Failure(number, changed_since(set(mine) - set(same))))
        added, removed = tags.get(str(number), ((), ()))
        edits.append(
            PersonEdit(
                number=number,
                set={key: was for key, was in same.items() if was is not None},
                clear=[key for key, was in same.items() if was is None],
                add_tags=removed,
                remove_tags=added,
                create=False,
            )
        )
    outcomes = apply_edits(access.workspace, edits, origin=origin_of(access), on_reject="tell")
    banned = [number for number, each in zip(people, outcomes, strict=True) if "banned" in each.changed_keys]
    if banned:
        audit.record(access.actor, "people.ban_changed", workspace=access.workspace, details={"people": banned})
    failed = {failure.number for failure in failures}
    for number, outcome in zip(people, outcomes, strict=True):
        if (reason := reason_of(outcome)) and number not in failed:
            failures.append(Failure(number, reason))
            failed.add(number)
    moved = [number for number, outcome in zip(people, outcomes, strict=True) if outcome.changed_keys]
    return Step(len(numbers), len(set(moved) - failed), failures)
