"""Notes that members keep on a person. They follow merges, and go when the person is deleted."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from coterie.accounts.models import Role
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.kit.errors import Conflict, Forbidden, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people.kin import all_numbers
from coterie.people.models import Note
from coterie.people.queries import get_person

MOST_NOTES = 1_000
MAY_CHANGE_OTHERS = frozenset({Role.OWNER, Role.ADMIN})


def notes_of(access: Access, number: int) -> list[Note]:
    """The notes on a person and on those merged into them, pinned ones first, then the newest first."""
    return list(_notes(access, number).select_related("author").order_by("-pinned", "-created_at", "-pk"))


@transaction.atomic
def add_note(access: Access, number: int, *, text: str, pinned: bool = False) -> Note:
    """Keep a note on a person. Conflict when the person has 1,000 already."""
    person = get_person(access.workspace, number)
    if _notes(access, number).count() >= MOST_NOTES:
        raise Conflict(f"A person has at most {MOST_NOTES} notes.", code="too_many_notes")
    return Note.objects.create(
        workspace=access.workspace,
        number=person.number,
        text=_written(text),
        pinned=pinned,
        author=access.user,
        by=access.actor.name,
    )


@transaction.atomic
def change_note(access: Access, number: int, note: str, *, text: str | None, pinned: bool | None) -> Note:
    """Change the text of a note of one's own, or pin any note; what is None stays.

    NotFound when the person has no such note, Forbidden for the text of another's unless the caller leads.
    """
    row = _get(access, number, note)
    if text is not None and _written(text) != row.text:
        _check_own(access, row)
        row.text, row.edited_at = _written(text), clock.now()
    if pinned is not None:
        row.pinned = pinned
    row.save(update_fields=["text", "edited_at", "pinned"])
    return row


@transaction.atomic
def delete_note(access: Access, number: int, note: str) -> None:
    """Delete a note: its text is gone, who wrote it and when stays. Errors as for `change_note`."""
    row = _get(access, number, note)
    _check_own(access, row)
    row.text, row.pinned, row.deleted_at = "", False, clock.now()
    row.save(update_fields=["text", "pinned", "deleted_at"])


def _notes(access: Access, number: int) -> QuerySet[Note]:
    person = get_person(access.workspace, number)
    numbers = all_numbers(access.workspace, [person.number])
    return Note.objects.of(access.workspace).filter(number__in=numbers, deleted_at=None)


def _get(access: Access, number: int, note: str) -> Note:
    row = _notes(access, number).select_related("author").filter(public_id=note).first()
    if row is None:
        raise NotFound("There is no such note.", code="note_not_found")
    return row


def _check_own(access: Access, row: Note) -> None:
    if row.by != access.actor.name and access.role not in MAY_CHANGE_OTHERS:
        raise Forbidden("Only its author, an admin or an owner can change this note.", code="not_your_note")


def _written(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput(Reason("empty_note", "A note needs some text."), details={"field": "text"})
    return text
