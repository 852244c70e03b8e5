"""Bulk actions: the change of many people itself, and doing it at once. Larger selections are jobs (bulk_jobs.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.filters.errors import UnknownField
from coterie.filters.fields import nearest
from coterie.jobs.models import Job
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people import changes, holds
from coterie.people.actions import Outcome, PersonEdit, apply_edits, delete_people
from coterie.people.fields import not_by_hand
from coterie.people.models import Person
from coterie.people.origins import origin_of
from coterie.people.queries import living, people_by_numbers, shown_fields
from coterie.segments import static
from coterie.segments.models import BulkUndo, StaticMember
from coterie.segments.visibility import segment_for

MOST_FAILURES: Final = 1_000
GONE: Final = Reason("gone", "there is no such person")
# Each is one person's alone.
_NAMING: Final = frozenset({"email", "phone", "user_id"})


@dataclass(frozen=True)
class Failure:
    """One person for whom nothing, or not all, was done, and why."""

    number: int
    reason: Reason


@dataclass(frozen=True)
class Done:
    """What a bulk action did, or the `job` that does it.

    `changed` people are other than before, `unchanged` were so already. At most 1,000 of the `failed` are listed. Of a
    job, `selected` alone is known.
    """

    selected: int
    changed: int
    failures: list[Failure] = field(default_factory=list)
    undo: str | None = None
    job: Job | None = None

    @property
    def failed(self) -> int:
        return len(self.failures)

    @property
    def unchanged(self) -> int:
        return 0 if self.job is not None else self.selected - self.changed - self.failed


@dataclass(frozen=True)
class Edit:
    """What to do to each person: values to set by field, fields to clear, tags."""

    set: Mapping[str, Any] = field(default_factory=dict)
    clear: Sequence[str] = ()
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """What was done to some people at once. `body` says how to take it back, as BulkUndo keeps it; None: nothing to."""

    selected: int
    changed: int
    failures: list[Failure]
    body: dict[str, Any] | None = None


def change_people(access: Access, numbers: Sequence[int], edit: Edit) -> Done:
    """Set and clear fields, add and remove tags, of many people.

    InvalidInput, and nothing is done, when there is nothing to do, for a field that is not there, and for one that
    names a person. What can't be taken of a person is a failure of theirs; the others are changed.
    """
    check_edit(access.workspace, edit)
    with transaction.atomic():
        return _journaled(access, "people:write", change_some(access, numbers, edit))


def add_members(access: Access, public_id: str, numbers: Sequence[int]) -> Done:
    """Put many people into a static segment; Conflict for a dynamic one, NotFound for one that is not seen."""
    with transaction.atomic():
        return _journaled(access, "segments:write", add_some(access, public_id, numbers))


def remove_members(access: Access, public_id: str, numbers: Sequence[int]) -> Done:
    """Take many people out of a static segment; errors as for `add_members`."""
    with transaction.atomic():
        return _journaled(access, "segments:write", remove_some(access, public_id, numbers))


def delete(access: Access, numbers: Sequence[int]) -> Done:
    """Delete many people; that can't be undone."""
    return _journaled(access, "people:delete", delete_some(access, numbers))


def _journaled(access: Access, permission: str, step: Step) -> Done:
    undo = None
    if step.body is not None:
        row = BulkUndo.objects.create(
            workspace=access.workspace, by=access.actor.name, permission=permission, body=step.body
        )
        undo = row.public_id
    return Done(step.selected, step.changed, step.failures, undo)


def check_edit(workspace: Workspace, edit: Edit) -> None:
    """Raise InvalidInput for an edit that can't be done to many people, or does nothing."""
    if not (edit.set or edit.clear or edit.add_tags or edit.remove_tags):
        raise InvalidInput("Say what to change: 'set', 'clear', 'add_tags' or 'remove_tags'.", code="nothing_to_do")
    keys = {*edit.set, *edit.clear}
    naming = sorted(keys & _NAMING)
    if naming:
        raise InvalidInput(
            Reason("names_one", "{field!r} names one person: it can't be set for many.", field=naming[0]),
            details={"field": naming[0]},
        )
    for key in sorted(keys):
        if why := not_by_hand(key):
            raise InvalidInput(
                Reason("not_changed", "{field!r} can't be changed: {reason}.", field=key, reason=why),
                details={"field": key},
            )
    known = {row.field.name for row in shown_fields(workspace)}
    for key in sorted(keys - known):
        raise UnknownField(key, nearest(key, known))


@transaction.atomic
def change_some(access: Access, numbers: Sequence[int], edit: Edit) -> Step:
    """Do an edit that was checked to some people."""
    workspace = access.workspace
    changes.lock(workspace)
    before = {person.number: person for person in people_by_numbers(workspace, numbers)}
    edits = [
        PersonEdit(
            number=number,
            set=edit.set,
            clear=edit.clear,
            add_tags=edit.add_tags,
            remove_tags=edit.remove_tags,
            create=False,
        )
        for number in before
    ]
    outcomes = apply_edits(workspace, edits, origin=origin_of(access), on_reject="tell")
    after = {person.number: person for person in people_by_numbers(workspace, numbers)}
    failures = [Failure(number, GONE) for number in numbers if number not in before]
    reasons = zip(before, map(reason_of, outcomes), strict=True)
    failures += [Failure(number, reason) for number, reason in reasons if reason]
    body = _differences(before, after)
    moved = set(body["values"]) | set(body["tags"])
    if moved and "banned" in (*edit.set, *edit.clear):
        banned = [int(number) for number in sorted(moved, key=int)]
        audit.record(access.actor, "people.ban_changed", workspace=workspace, details={"people": banned})
    failed = {failure.number for failure in failures}
    changed = sum(int(number) not in failed for number in moved)
    return Step(len(numbers), changed, failures, body if moved else None)


@transaction.atomic
def add_some(access: Access, public_id: str, numbers: Sequence[int]) -> Step:
    """Put some people into a static segment."""
    changes.lock(access.workspace)
    segment = segment_for(access, public_id)
    alive = living(access.workspace, numbers)
    new = sorted(alive - set(_members(access.workspace, segment.pk, sorted(alive))))
    static.change_members(access, public_id, add=sorted(alive), cause="filter")
    failures = [Failure(number, GONE) for number in numbers if number not in alive]
    body = {"segment": public_id, "added": new, "removed": []} if new else None
    return Step(len(numbers), len(new), failures, body)


@transaction.atomic
def remove_some(access: Access, public_id: str, numbers: Sequence[int]) -> Step:
    """Take some people out of a static segment."""
    changes.lock(access.workspace)
    segment = segment_for(access, public_id)
    gone = _members(access.workspace, segment.pk, numbers)
    static.change_members(access, public_id, remove=numbers, cause="filter")
    body = {"segment": public_id, "added": [], "removed": gone} if gone else None
    return Step(len(numbers), len(gone), [], body)


def delete_some(access: Access, numbers: Sequence[int]) -> Step:
    """Delete some people, but those whom a legal hold keeps."""
    gone = set(delete_people(access.workspace, numbers, origin=origin_of(access), actor=access.actor))
    left = [number for number in numbers if number not in gone]
    held = holds.why_held(access.workspace, set(left)) if left else {}
    reasons = {number: holds.reason_of(number, hold) for number, hold in held.items()}
    return Step(len(numbers), len(gone), [Failure(number, reasons.get(number, GONE)) for number in left])


def reason_of(outcome: Outcome) -> Reason | None:
    """Why an edit was not done as a whole; None when it was."""
    if outcome.error or not outcome.rejected:
        return outcome.error
    return Reason.joined([each.reason.of(each.key) for each in outcome.rejected])


def _differences(before: Mapping[int, Person], after: Mapping[int, Person]) -> dict[str, Any]:
    """What an action changed, derived values among it, as BulkUndo keeps it."""
    values: dict[str, dict[str, list[Any]]] = {}
    tags: dict[str, list[list[str]]] = {}
    for number, person in before.items():
        now = after[number]
        for key in person.data.keys() | now.data.keys():
            was, is_now = person.data.get(key), now.data.get(key)
            if was == is_now:
                continue
            if key == "tags":
                old, new = was or [], is_now or []
                tags[str(number)] = [[tag for tag in new if tag not in old], [tag for tag in old if tag not in new]]
            else:
                values.setdefault(str(number), {})[key] = [was, is_now]
    return {"values": values, "tags": tags}


def _members(workspace: Workspace, segment: int, numbers: Sequence[int]) -> list[int]:
    rows = StaticMember.objects.of(workspace).filter(segment_id=segment)
    found: list[int] = []
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        found += rows.filter(number__in=some).order_by("number").values_list("number", flat=True)
    return found
