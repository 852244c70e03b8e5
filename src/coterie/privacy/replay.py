"""Erasing again, after a database was brought back from a backup: before anyone can read it.

The ledger (ledger.py) knows erasures that the restored database does not. Who they are about is found by their keyed
hashes, and by the number together with the time when the person was made: a number alone may be someone else's by now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction

from coterie.accounts.models import Workspace
from coterie.kit import clock
from coterie.people import changes, erasing, tombstones
from coterie.people.kin import every_number
from coterie.people.models import Identity, Person
from coterie.privacy import ledger
from coterie.privacy.actions import scope_of
from coterie.privacy.erasing import erase_truth
from coterie.privacy.ledger import Line
from coterie.privacy.models import Erasure
from coterie.transfers import erasing as transfers

BY: Final = "system"
_CHUNK: Final = 5_000


def replay() -> int:
    """Erase who the ledger names and this database does not know as erased; how many erasures.

    People are gone when this returns. What is left of them in the log and the index goes by the clock
    (tasks.finish_erasures).
    """
    lines = list(ledger.read())
    known = set(Erasure.objects.values_list("public_id", flat=True)) if lines else set()
    count = 0
    for line in lines:
        workspace = Workspace.objects.filter(slug=line.workspace).first()
        if workspace is None or line.erasure in known:
            continue
        erasure = _again(workspace, line)
        # Jobs that were open when the backup was made: nobody runs them now, and erasing waits for such imports.
        transfers.end_jobs(workspace, erasure.numbers, erasing.known_as(workspace, erasure.numbers))
        for _ in erase_truth(erasure):
            pass
        count += 1
    return count


@transaction.atomic
def _again(workspace: Workspace, line: Line) -> Erasure:
    changes.lock(workspace)
    found = _by_hash(workspace, frozenset(line.digests)) | _by_number(workspace, line.people)
    everyone = sorted(every_number(workspace, sorted(found)))
    own = {tombstones.digest(workspace.pk, key) for key in erasing.known_as(workspace, everyone)}
    digests = sorted(own | set(line.digests))
    tombstones.bury(workspace, digests, line.erasure)
    return Erasure.objects.create(
        workspace=workspace,
        public_id=line.erasure,
        numbers=everyone,
        scope=scope_of(digests),
        reason="repeated after a restore",
        by=BY,
    )


def _by_hash(workspace: Workspace, digests: Collection[str]) -> set[int]:
    rows = Identity.objects.of(workspace).values_list("kind", "value", "number")
    return {
        number
        for kind, value, number in rows.iterator(chunk_size=_CHUNK)
        if tombstones.digest(workspace.pk, (kind, value)) in digests
    }


def _by_number(workspace: Workspace, people: Sequence[tuple[int, int]]) -> set[int]:
    made = dict(people)
    rows = Person.objects.of(workspace).filter(number__in=list(made))
    return {row.number for row in rows if clock.to_ms(row.created_at) == made[row.number]}
