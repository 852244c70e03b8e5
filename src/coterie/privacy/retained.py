"""What this room keeps for a time, and people who were not seen for long; see jobs/retaining.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from coterie.accounts import audit
from coterie.jobs.retained import files_of
from coterie.jobs.retaining import CHUNK, SAMPLE, Cut, Found, Removed, Retained
from coterie.kit import clock
from coterie.people import changes
from coterie.people.actions import delete_people
from coterie.people.edits import Origin
from coterie.people.models import Person, State
from coterie.privacy import actions
from coterie.privacy.models import Erasure, ErasureState

REASON: Final = "Not seen for longer than the rule of retention keeps"
_ORIGIN: Final = Origin("system", "retention")
# Each erasure writes parts of the index anew, so few large ones are better.
_ERASED_TOGETHER: Final = 5_000


class Inactive:
    """People who were seen, but not since an instant. Who was never seen is not chosen."""

    def look(self, cut: Cut) -> Found:
        if cut.held.everyone:
            return Found(paused=True)
        rows = _unseen(cut)
        count = rows.count()
        oldest = rows.order_by("data__last_seen").values_list("data__last_seen", flat=True).first()
        sample = rows.order_by("number").values_list("number", flat=True)[:SAMPLE]
        return Found(count, count, datetime.fromisoformat(oldest) if oldest else None, list(sample))

    def next(self, cut: Cut, mark: int) -> Sequence[int]:
        if cut.held.everyone:
            return []
        most = _ERASED_TOGETHER if cut.action == "erase" else CHUNK
        rows = _unseen(cut).filter(number__gt=mark).order_by("number")
        return list(rows.values_list("number", flat=True)[:most])

    def drop(self, cut: Cut, keys: Sequence[int]) -> Removed:
        changes.lock(cut.workspace)
        if cut.held.everyone:
            return Removed(0, keys[-1])
        rows = _unseen(cut).filter(number__gte=keys[0], number__lte=keys[-1])
        numbers = list(rows.order_by("number").values_list("number", flat=True))
        if numbers and cut.action == "erase":
            actions.erase_by_age(cut.workspace, numbers, reason=REASON)
        elif numbers:
            delete_people(cut.workspace, numbers, origin=_ORIGIN, actor=audit.SYSTEM)
        return Removed(len(numbers), keys[-1])


def _unseen(cut: Cut) -> QuerySet[Person]:
    rows = Person.objects.of(cut.workspace).filter(state=State.ACTIVE, data__last_seen__lt=clock.iso(cut.before))
    going = Erasure.objects.of(cut.workspace).filter(state=ErasureState.OPEN).values_list("numbers", flat=True)
    kept = cut.held.numbers.union(*going)
    return rows.exclude(number__in=kept) if kept else rows


COPIES: Final = files_of("copies", "copy", days=7)
PEOPLE: Final = Retained("people", ("people_person", "people_identity"), Inactive(), actions=("delete", "erase"))
RETAINED: Final = (COPIES, PEOPLE)
