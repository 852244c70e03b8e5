"""Setting, changing and ending legal holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people import changes
from coterie.people.kin import every_number
from coterie.people.models import LegalHold
from coterie.people.queries import get_person
from coterie.privacy.models import Erasure, ErasureState

MOST_HOLDS: Final = 1_000
_LAST: Final = datetime(3000, 1, 1, tzinfo=UTC)


def list_holds(workspace: Workspace) -> list[LegalHold]:
    """Every hold, the newest first; one whose time is over is listed until it is taken away."""
    return list(LegalHold.objects.of(workspace).order_by("-pk"))


@transaction.atomic
def add_hold(access: Access, *, number: int | None, reason: str, until: datetime | None) -> LegalHold:
    """Hold a person, or everyone for None: from now on nothing of them goes.

    NotFound when there is no such person, InvalidInput when `until` is past, Conflict while they are being erased and
    beyond 1,000 holds.
    """
    workspace = access.workspace
    # Deleting, erasing and retention take the same lock: what they have begun is done, and they see the hold next time.
    changes.lock(workspace)
    until = _future(until)
    if LegalHold.objects.of(workspace).count() >= MOST_HOLDS:
        raise Conflict(f"A workspace has at most {MOST_HOLDS:,} holds.", code="too_many_holds")
    person = get_person(workspace, number) if number is not None else None
    _refuse_erased(workspace, person.number if person is not None else None)
    hold = LegalHold.objects.create(
        workspace=workspace,
        number=person.number if person is not None else None,
        reason=reason,
        until=until,
        by=access.actor.name,
    )
    _note(access, "hold.set", hold)
    return hold


@transaction.atomic
def change_hold(access: Access, public_id: str, *, reason: str, until: datetime | None) -> LegalHold:
    """Change until when and why a hold stands; errors as for `add_hold`, NotFound when there is none of that id."""
    hold = _get(access.workspace, public_id)
    hold.reason, hold.until = reason, _future(until)
    hold.save(update_fields=["reason", "until"])
    _note(access, "hold.changed", hold)
    return hold


@transaction.atomic
def end_hold(access: Access, public_id: str) -> None:
    """Take a hold away; NotFound when there is none of that id. The audit log keeps that it was there."""
    hold = _get(access.workspace, public_id)
    _note(access, "hold.ended", hold)
    hold.delete()


def _get(workspace: Workspace, public_id: str) -> LegalHold:
    found = LegalHold.objects.of(workspace).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such hold.", code="hold_not_found")
    return found


def _future(until: datetime | None) -> datetime | None:
    if until is None:
        return None
    # As everywhere, a time without a zone is one of UTC.
    at = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    if not clock.now() < at < _LAST:
        raise InvalidInput(
            Reason("until_when", "`until` must be in the future, and before the year 3000."), details={"field": "until"}
        )
    return at


def _refuse_erased(workspace: Workspace, number: int | None) -> None:
    rows = Erasure.objects.of(workspace).filter(state=ErasureState.OPEN).values_list("numbers", flat=True)
    going = {each for numbers in rows for each in numbers}
    if going and (number is None or not going.isdisjoint(every_number(workspace, [number]))):
        raise Conflict("An erasure goes on, and can't be stopped any more.", code="erasure_going_on")


def _note(access: Access, action: str, hold: LegalHold) -> None:
    target = f"person:{hold.number}" if hold.number is not None else "everyone"
    details = {"hold": hold.public_id, "until": clock.iso(hold.until) if hold.until is not None else None}
    audit.record(access.actor, action, workspace=access.workspace, target=target, details=details)
