"""Deleting people: all that is kept of them goes, the numbers stay taken."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import Workspace
from coterie.accounts.scope import WorkspaceScoped
from coterie.kit import clock
from coterie.kit.errors import NotFound
from coterie.people import changes
from coterie.people.edits import SYSTEM, Origin
from coterie.people.holds import refuse_held, why_held
from coterie.people.kin import all_numbers, chunks
from coterie.people.models import Identity, MergeRecord, MergeSuggestion, Note, Person, RejectedValue, State

# Rows of a person, by the column that holds the person's number.
_ROWS: tuple[tuple[type[WorkspaceScoped], str], ...] = (
    (Identity, "number"),
    (RejectedValue, "number"),
    (Note, "number"),
    (MergeRecord, "survivor"),
    (MergeRecord, "merged"),
    (MergeSuggestion, "a"),
    (MergeSuggestion, "b"),
)


def delete_person(workspace: Workspace, number: int, *, origin: Origin = SYSTEM, actor: Actor = audit.SYSTEM) -> None:
    """Delete a person; a merged one means the survivor. NotFound when there is no such person,
    Conflict when a legal hold keeps them.

    Events go when the change is followed.
    """
    with transaction.atomic():
        changes.lock(workspace)
        person = Person.objects.of(workspace).filter(number=number).first()
        while person is not None and person.merged_into is not None:
            person = Person.objects.of(workspace).filter(number=person.merged_into).first()
        if person is None or person.state != State.ACTIVE:
            raise NotFound(f"There is no person {number}.", code="person_not_found")
        refuse_held(workspace, [person.number])
        remove_all(workspace, [person.number], origin)
        audit.record(actor, "person.deleted", workspace=workspace, target=f"person:{person.number}")


def delete_people(
    workspace: Workspace, numbers: Iterable[int], *, origin: Origin = SYSTEM, actor: Actor = audit.SYSTEM
) -> list[int]:
    """Delete many people in one change; returns the numbers of those who were there and are gone now.

    Whom a legal hold keeps stays: holds.py tells why.
    """
    with transaction.atomic():
        changes.lock(workspace)
        wanted = sorted(set(numbers) - why_held(workspace, set(numbers)).keys())
        there: list[int] = []
        for some in chunks(wanted):
            active = Person.objects.of(workspace).filter(number__in=some, state=State.ACTIVE)
            there += active.order_by("number").values_list("number", flat=True)
        if there:
            remove_all(workspace, there, origin)
            audit.record(actor, "people.deleted", workspace=workspace, details={"people": there})
    return there


def remove_all(workspace: Workspace, numbers: Sequence[int], origin: Origin) -> dict[str, int]:
    """Remove what is kept of people, and of those merged into them; how many rows, by table. In a transaction."""
    log = changes.lock(workspace)
    gone = all_numbers(workspace, numbers)
    counts: dict[str, int] = {}
    for some in chunks(gone):
        for model, column in _ROWS:
            table = model._meta.db_table
            removed, _ = model.objects.of(workspace).filter(**{f"{column}__in": some}).delete()
            counts[table] = counts.get(table, 0) + removed
    body = {"people": [[number, "deleted", origin.kind] for number in numbers], "deleted": gone}
    seq = changes.write(log, "people", body)
    for some in chunks(numbers):
        Person.objects.of(workspace).filter(number__in=some).update(
            state=State.DELETED, data={}, origins={}, seq=seq, updated_at=clock.now()
        )
    counts["people_person"] = len(gone)
    return counts
