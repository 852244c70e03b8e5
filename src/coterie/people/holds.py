"""Legal holds: nothing of a held person goes, by age, by deletion or by erasure, as long as a hold stands."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs.retaining import Held
from coterie.kit import clock
from coterie.kit.errors import Conflict
from coterie.kit.reasons import Reason
from coterie.people.kin import every_number
from coterie.people.models import LegalHold

ON_HOLD = "on_hold"


def standing(workspace: Workspace) -> QuerySet[LegalHold]:
    """The holds that are in force, the oldest first."""
    rows = LegalHold.objects.of(workspace).filter(Q(until=None) | Q(until__gt=clock.now()))
    return rows.order_by("pk")


def held(workspace: Workspace) -> Held:
    """Whom the holds keep now, with the people merged into them and those they were merged into."""
    numbers = list(standing(workspace).values_list("number", flat=True))
    named = [number for number in numbers if number is not None]
    everyone = len(named) < len(numbers)
    return Held(everyone, frozenset(every_number(workspace, named)) if named else frozenset())


def why_held(workspace: Workspace, numbers: Collection[int]) -> dict[int, LegalHold]:
    """The hold of each of these people who is held; the first where there are several."""
    found: dict[int, LegalHold] = {}
    for hold in standing(workspace):
        kept = numbers if hold.number is None else every_number(workspace, [hold.number])
        for number in kept:
            if number in numbers:
                found.setdefault(number, hold)
    return found


def refuse_held(workspace: Workspace, numbers: Collection[int]) -> None:
    """Raise Conflict when one of these people is held; it tells the reason."""
    for number, hold in sorted(why_held(workspace, numbers).items(), key=lambda pair: pair[0]):
        raise Conflict(
            reason_of(number, hold),
            code=ON_HOLD,
            details={"person": number, "hold": hold.public_id},
        )


def reason_of(number: int, hold: LegalHold) -> Reason:
    """The sentence that says why a person stays."""
    return Reason("held", "Person {person} is under a legal hold: {hold}.", person=number, hold=hold.reason)
