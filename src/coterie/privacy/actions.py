"""Every write of this room that a caller asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.jobs import actions as jobs
from coterie.jobs.models import Job
from coterie.jobs.wording import titled
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.people import changes, erasing, identities, lookups, tombstones
from coterie.people.holds import refuse_held
from coterie.people.kin import every_number
from coterie.people.models import Person
from coterie.people.queries import get_person
from coterie.privacy.models import Erasure

PERMISSION: Final = "people:delete"


def start_copy(access: Access, number: int) -> Job:
    """Start to put together everything that is kept of one person; NotFound when there is no such person.

    The job and its file are seen by the requester and by owners alone.
    """
    person = get_person(access.workspace, number)
    audit.record(access.actor, "person.copied", workspace=access.workspace, target=f"person:{person.number}")
    return jobs.start(
        access,
        "privacy.copy",
        title=titled("copy", person=person.number),
        permission="people:export",
        params={"number": person.number},
        unit="rows",
        private=True,
    )


def start_erasure(access: Access, numbers: Collection[int], *, reason: str = "") -> Erasure:
    """Start to erase people, with all who were merged into them. From now on nothing that comes of them is taken.

    NotFound names the numbers that there never were, Conflict those that were erased already or that a legal hold
    keeps. `reason` must not name
    the person: a reference to the request is what it is for.
    """
    with transaction.atomic():
        erasure = _ask(access.workspace, numbers, reason=reason, actor=access.actor)
        erasure.job = jobs.start(
            access,
            "privacy.erase",
            title=titled("erasure", count=len(erasure.numbers)),
            permission=PERMISSION,
            params={"erasure": erasure.public_id},
            unit="steps",
        )
        erasure.save(update_fields=["job"])
    return erasure


@transaction.atomic
def erase_by_age(workspace: Workspace, numbers: Collection[int], *, reason: str) -> Erasure:
    """Ask for the erasure of people as a rule of retention says; it has no job and is done by the clock."""
    return _ask(workspace, numbers, reason=reason, actor=audit.SYSTEM)


def _ask(workspace: Workspace, numbers: Collection[int], *, reason: str, actor: Actor) -> Erasure:
    changes.lock(workspace)
    everyone = _there(workspace, sorted(set(numbers)))
    refuse_held(workspace, everyone)
    digests = sorted(tombstones.digest(workspace.pk, key) for key in erasing.known_as(workspace, everyone))
    erasure = Erasure.objects.create(
        workspace=workspace, numbers=everyone, scope=scope_of(digests), reason=reason, by=actor.name
    )
    tombstones.bury(workspace, digests, erasure.public_id)
    audit.record(
        actor, "people.erasure_asked", workspace=workspace, target=erasure.public_id, details={"people": everyone}
    )
    return erasure


def scope_of(digests: Sequence[str]) -> str:
    """What the certificate names the erased identities by: a hash of their keyed hashes."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def let_come_again(access: Access, kind: str, value: str) -> None:
    """Lift the tombstone of an identity: its person may be known again, for instance since they agreed anew.

    InvalidInput when it can't be an identity, NotFound when nobody with it was erased.
    """
    workspace = access.workspace
    try:
        kept = identities.normalise(kind, value, lookups.country_of_zone(workspace.timezone))
    except identities.Unusable as unusable:
        raise InvalidInput(unusable.reason.sentence(), details={"field": "value"}) from None
    with transaction.atomic():
        if not tombstones.lift(workspace, (kind, kept)):
            raise NotFound("Nobody with this identity was erased.", code="not_erased")
        audit.record(access.actor, "tombstone.lifted", workspace=workspace, details={"kind": kind})


def _there(workspace: Workspace, wanted: Sequence[int]) -> list[int]:
    known = set(Person.objects.of(workspace).filter(number__in=wanted).values_list("number", flat=True))
    missing = [number for number in wanted if number not in known]
    if missing:
        raise NotFound(f"There is no person {missing[0]}.", code="person_not_found", details={"missing": missing})
    everyone = sorted(every_number(workspace, wanted))
    erased = {number for row in Erasure.objects.of(workspace).values_list("numbers", flat=True) for number in row}
    again = [number for number in everyone if number in erased]
    if again:
        raise Conflict(f"Person {again[0]} was erased already.", code="erased_already", details={"people": again})
    return everyone
