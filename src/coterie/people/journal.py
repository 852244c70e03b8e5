"""The journal of merges: who was merged into whom, when, by whom, and whether it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.kit.reasons import Reason
from coterie.people.actions import merge_people
from coterie.people.edits import Origin
from coterie.people.models import MergeRecord, Person
from coterie.people.unmerging import why_not


@dataclass(frozen=True)
class Entry:
    """One merge; `why_not` says why it can't be undone, None when it can."""

    row: MergeRecord
    why_not: Reason | None


def merges_page(workspace: Workspace, *, number: int | None, before: int | None, limit: int) -> list[Entry]:
    """Merges with an id below `before`, newest first, of everyone or of one person, on either side."""
    rows = MergeRecord.objects.of(workspace)
    if number is not None:
        rows = rows.filter(Q(survivor=number) | Q(merged=number))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[:limit])
    numbers = {number for row in found for number in (row.survivor, row.merged)}
    people = Person.objects.of(workspace).filter(number__in=numbers).values_list("number", "state", "merged_into")
    states = {number: (state, into) for number, state, into in people}
    return [Entry(row, why_not(row, states)) for row in found]


@transaction.atomic
def merge_with_choices(
    access: Access, one: int, two: int, choices: Mapping[str, int], *, origin: Origin
) -> MergeRecord:
    """Merge two people and return the journal's row of it; errors as for `merge_people`."""
    survivor = merge_people(access.workspace, one, two, choices=choices, origin=origin, actor=access.actor)
    return MergeRecord.objects.of(access.workspace).filter(survivor=survivor).order_by("-pk")[:1].get()
