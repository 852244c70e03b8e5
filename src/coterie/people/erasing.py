"""Forgetting a person in the truth: who they were known as, their rows, and their events in the change log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q

from coterie.accounts.models import Workspace
from coterie.people import changes
from coterie.people.edits import Origin
from coterie.people.forgetting import take_events
from coterie.people.models import Identity, MergeRecord, Person, State
from coterie.people.removal import remove_all
from coterie.people.state import IdentityKey

_PAGE: Final = 200
# Numbers in one statement.
_CHUNK: Final = 500


def known_as(workspace: Workspace, numbers: Collection[int]) -> set[IdentityKey]:
    """Every identity of these people, with those that they had when they were merged."""
    some = list(numbers)
    found: set[IdentityKey] = set()
    for start in range(0, len(some), _CHUNK):
        part = some[start : start + _CHUNK]
        found.update(Identity.objects.of(workspace).filter(number__in=part).values_list("kind", "value"))
        merges = MergeRecord.objects.of(workspace).filter(Q(survivor__in=part) | Q(merged__in=part))
        for record in merges.values_list("snapshot", flat=True):
            for who in ("survivor", "merged"):
                found.update((kind, value) for kind, value in record.get(who, {}).get("identities", ()))
    return found


@transaction.atomic
def remove_people(workspace: Workspace, numbers: Sequence[int], origin: Origin) -> dict[str, int]:
    """Remove these people's rows in one change; how many, by table. Once they are gone, nothing more happens."""
    changes.lock(workspace)
    active = Person.objects.of(workspace).filter(number__in=list(numbers), state=State.ACTIVE)
    roots = list(active.order_by("number").values_list("number", flat=True))
    if not roots:
        return {}
    return remove_all(workspace, roots, origin)


class Stripped(NamedTuple):
    """How far the log was gone through, and what was taken out of it."""

    seq: int
    changes: int
    events: int


def strip_page(workspace: Workspace, numbers: Collection[int], *, after: int, upto: int) -> Stripped | None:
    """Take the events of these people out of the next page of the change log; None when there is no more.

    Only what the index has taken over may be named by `upto`: it tells events by their place in an entry.
    """
    found = [change for change in changes.read(workspace, after, _PAGE) if change.seq <= upto]
    if not found:
        return None
    gone = set(numbers)
    rewritten = events = 0
    for change in found:
        taken = take_events(change, lambda row: row[0] in gone)
        rewritten += bool(taken)
        events += len(taken)
    return Stripped(found[-1].seq, rewritten, events)
