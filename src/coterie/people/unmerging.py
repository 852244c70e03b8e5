"""Undoing a merge: both people are there again, and what was changed since stays with the survivor.

merging.py says what the journal holds. A field that the merge gave the survivor gets its former value back where it
still is what the merge made of it. Elsewhere somebody has changed it since: that stays, and is a conflict where the
other person had a value too, since nobody knows whom the change was about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import Workspace
from coterie.filters.fields import BUILTIN_FIELDS
from coterie.filters.values import fold
from coterie.kit import clock
from coterie.kit.errors import Conflict, NotFound
from coterie.kit.reasons import Reason
from coterie.people import belongings, changes, identities
from coterie.people.batch import Batch, RejectedRow
from coterie.people.edits import SYSTEM, Origin, Outcome
from coterie.people.flush import flush
from coterie.people.merging import rejected_of
from coterie.people.models import Identity, MergeRecord, MergeSuggestion, State, SuggestionState
from coterie.people.state import IdentityKey, PersonState, ms_of_iso
from coterie.people.suggestions import kept_reason
from coterie.people.values import Writer

# They move with what people do; that they moved is no edit.
_MOVING: Final = frozenset({"first_seen", "last_seen", "channels"})


@dataclass(frozen=True)
class Conflicting:
    """A field that was changed since the merge: its value now, and what both people had before."""

    field: str
    now: Any
    survivor: Any
    merged: Any


@dataclass(frozen=True)
class Held:
    """An identity of the merged person that somebody else has by now."""

    kind: str
    value: str
    holder: int


@dataclass
class Unmerged:
    """What undoing a merge came to."""

    survivor: int
    merged: int
    conflicts: list[Conflicting] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


def why_not(record: MergeRecord, states: Mapping[int, tuple[str, int | None]]) -> Reason | None:
    """Why a merge can't be undone, given (state, merged into) by number; None when it can."""
    if record.undone_at is not None:
        return Reason("undone_before", "It was undone already.")
    if states.get(record.merged) != (State.MERGED, record.survivor):
        return Reason(
            "parted",
            "Person {person} is not merged into person {other} any more.",
            person=record.merged,
            other=record.survivor,
        )
    state, into = states.get(record.survivor, (State.DELETED, None))
    if state == State.MERGED:
        return Reason(
            "merged_since",
            "Person {person} was merged into person {other} since: undo that first.",
            person=record.survivor,
            other=into,
        )
    if state != State.ACTIVE:
        return Reason("survivor_deleted", "Person {person} was deleted.", person=record.survivor)
    if "carried" not in record.snapshot:
        return Reason("thin_journal", "The journal does not hold enough of it.")
    return None


def unmerge_people(
    workspace: Workspace, merge: int, *, origin: Origin = SYSTEM, actor: Actor = audit.SYSTEM
) -> Unmerged:
    """Undo a merge of the journal; NotFound when there is none of this id, Conflict when it can't be undone.

    Events go back with the number that they were recorded under; notes stay with whom they were written about. That
    the two are the same person is not suggested again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        log = changes.lock(workspace)
        record = MergeRecord.objects.of(workspace).filter(pk=merge).first()
        if record is None:
            raise NotFound("There is no such merge.", code="merge_not_found")
        batch = Batch(workspace, cursor, log)
        batch.load_people([record.survivor, record.merged])
        states = {number: (person.state, person.merged_into) for number, person in batch.people.items()}
        reason = why_not(record, states)
        if reason is not None:
            raise Conflict(reason, code="merge_not_undoable")
        survivor, merged = batch.people[record.survivor], batch.people[record.merged]
        done = Unmerged(survivor.number, merged.number)
        # Before the people: whoever follows the log must know whose events are whose.
        changes.write(log, "people", {"unmerged": [[merged.number, survivor.number]]})
        _part(batch, record, survivor, merged, done)
        flush(batch)
        _amend_later(record)
        record.undone_at = clock.now()
        record.save(update_fields=["undone_at"])
        _dismiss(workspace, survivor.number, merged.number)
        belongings.give_back(workspace, survivor.number, merged.number, record.snapshot)
        audit.record(
            actor,
            "person.unmerged",
            workspace=workspace,
            target=f"person:{merged.number}",
            details={"survivor": survivor.number, "conflicts": [each.field for each in done.conflicts]},
        )
    return done


def _part(batch: Batch, record: MergeRecord, survivor: PersonState, merged: PersonState, done: Unmerged) -> None:
    snapshot = record.snapshot
    before, theirs, carried = snapshot["survivor"], snapshot["merged"], snapshot["carried"]
    merged.state, merged.merged_into = State.ACTIVE.value, None
    merged.data, merged.origins = dict(theirs["data"]), dict(theirs["origins"])
    changed = _without(survivor.data, survivor.origins, before, carried)
    for key in sorted(changed - _MOVING):
        if key in theirs["data"]:
            now, mine = survivor.data.get(key), before["data"].get(key)
            done.conflicts.append(Conflicting(key, now, mine, theirs["data"][key]))
    if "created_at" in carried and "created_at" not in changed and "created_at" in before:
        survivor.created_at = ms_of_iso(before["created_at"])
    survivor.touch(Origin("unmerge", str(merged.number)))
    merged.touch(Origin("unmerge", str(survivor.number)))
    _return_identities(batch, theirs, survivor, merged, done)
    for person in (survivor, merged):
        _settle_channels(batch, person)
    _return_rejected(batch, snapshot, survivor, merged)
    _reread(batch, survivor, carried)
    _reread(batch, merged, theirs["data"])


def _without(
    data: dict[str, Any], origins: dict[str, Any], before: Mapping[str, Any], carried: Mapping[str, list[Any] | None]
) -> set[str]:
    """Take out of values what a merge has brought; the answer is the fields that were changed since, and stay."""
    changed = set()
    for key, made in carried.items():
        value, was = (made[0] if made else None), before["data"].get(key)
        now = data.get(key)
        if now != value:
            changed.add(key)
            if not (isinstance(now, list) and isinstance(value, list)):
                continue
            # Of a list, only the entries that came by the merge go.
            mine = {fold(item) for item in was or ()}
            brought = {fold(item) for item in value} - mine
            was = [item for item in now if fold(item) not in brought]
        data.pop(key, None)
        origin = origins.pop(key, None) if key in changed else before["origins"].get(key)
        if was is not None and was != []:
            data[key] = was
            if origin is not None:
                origins[key] = origin
            else:
                origins.pop(key, None)
        else:
            origins.pop(key, None)
    return changed


def _return_identities(
    batch: Batch, theirs: Mapping[str, Any], survivor: PersonState, merged: PersonState, done: Unmerged
) -> None:
    keys: list[IdentityKey] = [(kind, value) for kind, value in theirs["identities"]]
    batch.load_owners(keys)
    for key in keys:
        holder = batch.owners[key]
        kind, value = key
        if holder == survivor.number:
            # The row itself, so that since when and by whom it is known stays.
            Identity.objects.of(batch.workspace).filter(kind=kind, value=value).update(number=merged.number)
            batch.owners[key] = merged.number
        elif holder is None:
            batch.claim(merged, key, Origin("unmerge", str(survivor.number)))
        else:
            done.held.append(Held(kind, value, holder))


def _settle_channels(batch: Batch, person: PersonState) -> None:
    """Have `channels` say what the person's identities say, however they were parted."""
    kinds = set(Identity.objects.of(batch.workspace).filter(number=person.number).values_list("kind", flat=True))
    kinds |= {kind for (kind, _), (holder, _) in batch.claimed.items() if holder is person}
    known = identities.channels(kinds)
    if known == person.data.get("channels", []):
        return
    person.data.pop("channels", None)
    person.origins.pop("channels", None)
    if known:
        assert person.cause is not None
        person.put("channels", known, person.cause)


def _return_rejected(batch: Batch, snapshot: Mapping[str, Any], survivor: PersonState, merged: PersonState) -> None:
    now = rejected_of(batch, survivor)
    before = snapshot["survivor"]["rejected"]
    for key, made in snapshot["rejected"].items():
        # The origin's JSON text is not the same in both databases.
        if key in now and now[key][:3] == made[:3]:
            batch.rejected.pop((survivor.number, key))
            if key in before:
                batch.rejected[survivor.number, key] = _row(before[key])
    for key, row in snapshot["merged"]["rejected"].items():
        batch.rejected[merged.number, key] = _row(row)


def _row(kept: list[str]) -> RejectedRow:
    # Merges of before there were codes have none.
    value, reason, at, *rest = kept
    return RejectedRow(value, reason, datetime.fromisoformat(at), *rest)


def _reread(batch: Batch, person: PersonState, keys: Mapping[str, Any]) -> None:
    """Bring values of attributes whose type was changed since the merge into their present form."""
    own = [key for key in keys if key not in BUILTIN_FIELDS]
    batch.load_rules(own)
    assert person.cause is not None
    writer = Writer(batch, person, person.cause, Outcome())
    for key in own:
        writer.reread(key)


def _amend_later(record: MergeRecord) -> None:
    """Take what this merge had brought out of the journal of later ones: undoing those must not bring it back."""
    snapshot = record.snapshot
    later = MergeRecord.objects.of(record.workspace_id).filter(survivor=record.survivor, pk__gt=record.pk)
    gone = [list(key) for key in snapshot["merged"]["identities"]]
    for row in later.filter(undone_at=None):
        picture = row.snapshot["survivor"]
        _without(picture["data"], picture["origins"], snapshot["survivor"], snapshot["carried"])
        picture["identities"] = [key for key in picture["identities"] if key not in gone]
        row.save(update_fields=["snapshot"])


def _dismiss(workspace: Workspace, one: int, two: int) -> None:
    low, high = sorted((one, two))
    reason, code, details = kept_reason(Reason("merge_undone", "their merge was undone"))
    state = {"state": SuggestionState.DISMISSED}
    made = state | {"reason": reason, "code": code, "details": details, "at": clock.now()}
    MergeSuggestion.objects.of(workspace).update_or_create(
        workspace=workspace, a=low, b=high, defaults=state, create_defaults=made
    )
