"""Taking an import back: old values return, people it made go, and whatever was changed since stays and is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.db import transaction

from coterie.jobs.kinds import Steps
from coterie.jobs.turn import Turn
from coterie.kit import failpoints, turns
from coterie.kit.reasons import Reason
from coterie.people import changes, queries
from coterie.people.actions import Origin, PersonEdit, apply_edits, delete_people
from coterie.people.edits import changed_since
from coterie.people.holds import why_held
from coterie.people.models import Note
from coterie.people.queries import StoredPerson
from coterie.transfers import ledger, membership
from coterie.transfers.importing import source_of
from coterie.transfers.ledger import Entry
from coterie.transfers.models import Import, ImportRow, Phase, RowOutcome

# These go one way only: what the file has moved can't be told from what others have.
_ONE_WAY: Final = frozenset({"created_at", "first_seen", "last_seen"})
_HOLD: Final = Reason("kept_by_hold", "a legal hold keeps them")
_DELETED: Final = Reason("deleted_since", "they were deleted since")
_NOTED: Final = Reason("has_note", "there is a note on them")
_CHANGED: Final = Reason("active_since", "they were changed, or did something, since")
_GONE: Final = Reason("gone_since", "they were deleted or merged since")


@dataclass
class _Person:
    """One person while rows are taken back: the values as they are by then."""

    row: StoredPerson
    data: dict[str, Any]
    set: dict[str, Any] = field(default_factory=dict)
    clear: dict[str, None] = field(default_factory=dict)
    remove_tags: list[str] = field(default_factory=list)


def undo(turn: Turn) -> Steps:
    """Take back what the run has done, from its last row to its first."""
    turn.access()
    source = source_of(turn)
    if not turn.checkpoint.get("begun"):
        ledger.forget(source, Phase.UNDO)
        run = ledger.counts(source, Phase.RUN)
        turn.checkpoint["begun"] = True
        turn.save(done=0, total=run.get("created", 0) + run.get("updated", 0))
        yield
    for _ in membership.take_out(turn, source):
        yield
    while rows := ledger.walk_back(source, before=turn.checkpoint.get("line")):
        with turns.patient(), transaction.atomic():
            changes.lock(source.workspace)
            entries = _take_back(turn, source, rows)
            ledger.write(source, Phase.UNDO, entries)
            counts = turn.result.setdefault("counts", {})
            for entry in entries:
                name = "kept" if entry.outcome is RowOutcome.KEPT else "taken_back"
                counts[name] = counts.get(name, 0) + 1
            turn.checkpoint["line"] = rows[-1].line
            turn.save(done=turn.job.done + len(rows), phase="back")
        failpoints.hit("import.undo")
        yield
    return turn.result


def _take_back(turn: Turn, source: Import, rows: Sequence[ImportRow]) -> list[Entry]:
    numbers = sorted({row.number for row in rows if row.number is not None})
    people = {row.number: _Person(row, dict(row.data)) for row in queries.states(source.workspace, numbers)}
    seqs = ledger.last_seqs(source, numbers)
    made = [row.number for row in rows if row.outcome == RowOutcome.CREATED and row.number is not None]
    noted = set(
        Note.objects.of(source.workspace).filter(number__in=made, deleted_at=None).values_list("number", flat=True)
    )
    kept = why_held(source.workspace, set(made))
    entries, gone = [], []
    for row in rows:
        person = people.get(row.number or 0)
        if row.outcome == RowOutcome.CREATED:
            reason = _why_kept(person, seqs.get(row.number or 0), noted)
            if not reason and row.number in kept:
                reason = _HOLD
            if not reason:
                gone.append(row.number or 0)
            entries.append(_entry(row, {"reason": reason.as_json()} if reason else {}, kept=bool(reason)))
        else:
            entries.append(_restored(row, person))
    leaving = set(gone)
    origin = Origin("import", f"undo of {source.public_id}")
    edits = [_edit(person, origin) for number, person in people.items() if number not in leaving]
    apply_edits(source.workspace, [edit for edit in edits if edit is not None], on_reject="tell")
    if gone:
        delete_people(source.workspace, gone, origin=origin, actor=turn.access().actor)
    return entries


def _why_kept(person: _Person | None, seq: int | None, noted: set[int]) -> Reason | None:
    """Why someone whom the run has made stays; None when nobody has touched them since."""
    if person is None or person.row.state == "deleted":
        return _DELETED
    if person.row.merged_into is not None:
        return Reason("merged_into", "they were merged into person {person}", person=person.row.merged_into)
    if person.row.number in noted:
        return _NOTED
    return None if person.row.seq == seq else _CHANGED


def _restored(row: ImportRow, person: _Person | None) -> Entry:
    if person is None or person.row.state != "active":
        return _entry(row, {"reason": _GONE.as_json()}, kept=True)
    kept: dict[str, list[Any]] = {}
    for key, (old, new) in ledger.told(row).get("changes", {}).items():
        now = person.data.get(key)
        if key == "tags":
            _take_tags(person, old or [], new or [])
        elif now != new or key in _ONE_WAY:
            kept[key] = [new, now]
        elif old is None:
            person.data.pop(key, None)
            person.set.pop(key, None)
            person.clear[key] = None
        else:
            person.data[key] = old
            person.clear.pop(key, None)
            person.set[key] = old
    if not kept:
        return _entry(row, {}, kept=False)
    return _entry(row, {"kept": kept, "reason": changed_since(kept).as_json()}, kept=True)


def _take_tags(person: _Person, old: Sequence[str], new: Sequence[str]) -> None:
    ours = [tag for tag in new if tag not in old]
    person.remove_tags += ours
    person.data["tags"] = [tag for tag in person.data.get("tags", ()) if tag not in ours]


def _edit(person: _Person, origin: Origin) -> PersonEdit | None:
    if not (person.set or person.clear or person.remove_tags):
        return None
    return PersonEdit(
        number=person.row.number,
        set=person.set,
        clear=list(person.clear),
        remove_tags=person.remove_tags,
        create=False,
        origin=origin,
    )


def _entry(row: ImportRow, details: dict[str, Any], *, kept: bool) -> Entry:
    outcome = RowOutcome.KEPT if kept else RowOutcome.RESTORED
    return Entry(row.line, outcome, row.number, details=orjson.dumps(details).decode() if details else "")
