"""Writing what a batch has changed: a handful of statements, then one change row."""

from typing import Any

import orjson
from django.db.models import Max

from coterie.kit import clock
from coterie.people import belongings, changes, store
from coterie.people.batch import Batch
from coterie.people.edits import Origin
from coterie.people.events import event_rows
from coterie.people.models import Attribute, MergeRecord, SuggestionState
from coterie.people.names import read_key
from coterie.people.state import PersonState
from coterie.people.suggestions import kept_reason, told_apart


def flush(batch: Batch) -> None:
    """Write the batch. The log is locked, so nobody else writes the workspace's people meanwhile."""
    _write_attributes(batch)
    _write_merges(batch)
    _write_identities(batch)
    _write_people(batch, event_rows(batch))
    _write_rejected(batch)
    _write_suggestions(batch)


def _write_attributes(batch: Batch) -> None:
    if not batch.fresh:
        return
    last = Attribute.objects.of(batch.workspace).aggregate(last=Max("position"))["last"] or 0
    rows = Attribute.objects.bulk_create(
        [
            Attribute(workspace=batch.workspace, key=key, type=rule.type.value, position=last + place)
            for place, (key, rule) in enumerate(batch.fresh.items(), start=1)
        ]
    )
    body = [{"id": row.pk, "key": row.key, "type": row.type, "what": "created"} for row in rows]
    # Before the people who have values for them: whoever follows the log knows the attribute first.
    changes.write(batch.log, "definition", {"attributes": body})


def _write_merges(batch: Batch) -> None:
    """Move what belongs to people who were merged away, in the order of the merges."""
    workspace, records = batch.workspace, []
    belongings.note(workspace, batch.merges)
    for survivor, loser, origin, snapshot in batch.merges:
        # One by one: who survives here may be merged away by the next.
        store.run(batch.cursor, store.MOVE_IDENTITIES, [(survivor.number, workspace.pk, loser.number)])
        low, high = sorted((survivor.number, loser.number))
        merged = SuggestionState.MERGED.value
        store.run(batch.cursor, store.CLOSE_SUGGESTIONS, [(merged, workspace.pk, low, high)])
        records.append(
            MergeRecord(
                workspace=workspace,
                survivor=survivor.number,
                merged=loser.number,
                at=batch.now,
                origin=list(origin),
                snapshot=snapshot,
            )
        )
    MergeRecord.objects.bulk_create(records)


def _write_identities(batch: Batch) -> None:
    workspace, now = batch.workspace.pk, store.instant(batch.now)
    store.run(batch.cursor, store.DELETE_IDENTITIES, [(workspace, *key) for key in batch.released])
    rows = []
    for (kind, value), (person, origin) in batch.claimed.items():
        live = batch.live(person.number) or person
        rows.append((workspace, kind, value, live.number, now, origin))
    store.run(batch.cursor, store.INSERT_IDENTITIES, rows)


def _write_people(batch: Batch, events: list[list[Any]]) -> None:
    changed = [person for person in batch.people.values() if person.changed]
    if not changed and not events:
        return
    did = _did(batch) if events else {}
    body: dict[str, Any] = {"people": [[person.number, *_cause(person, did)] for person in changed]}
    if events:
        body["events"] = events
    if batch.merges:
        body["merged"] = [[loser.number, survivor.number] for survivor, loser, _, _ in batch.merges]
    seq = changes.write(batch.log, "people", body)
    now, workspace = store.instant(batch.now), batch.workspace.pk
    fresh, known, moved = [], [], []
    for person in changed:
        row = (
            orjson.dumps(person.data).decode(),
            orjson.dumps(person.origins).decode(),
            person.state,
            person.merged_into,
            seq,
            now,
        )
        created = now
        if person.created_at is not None and person.created_at != batch.now_ms:
            created = store.instant(clock.from_ms(person.created_at))
            if not person.fresh:
                moved.append((created, workspace, person.number))
        if person.fresh:
            fresh.append((*row, created, workspace, person.number))
        else:
            known.append((*row, workspace, person.number))
    store.run(batch.cursor, store.INSERT_PEOPLE, fresh)
    store.run(batch.cursor, store.UPDATE_PEOPLE, known)
    store.run(batch.cursor, store.UPDATE_CREATED, moved)


# These follow from events and messages: they say when, never why.
_TIMES = frozenset({"last_seen", "first_seen"})
_CAUSE_LENGTH = 200


def _cause(person: PersonState, did: dict[int, dict[str, None]]) -> tuple[str, str]:
    """Why a person's memberships may change: what they did, which fields changed, or who touched them otherwise."""
    if person.merged_into is not None:
        return "merge", str(person.merged_into)
    fields = ", ".join(key for key in person.keys if key not in _TIMES)
    events = ", ".join(did.get(person.number, ()))
    if events:
        return "event", (f"{events}; {fields}" if fields else events)[:_CAUSE_LENGTH]
    if fields:
        return "field", fields[:_CAUSE_LENGTH]
    cause = person.cause or Origin("system")
    return cause.kind, cause.ref


def _did(batch: Batch) -> dict[int, dict[str, None]]:
    """The names of each person's events in the batch, in order."""
    found: dict[int, dict[str, None]] = {}
    for person, record in batch.events:
        live = batch.live(person.number) or person
        found.setdefault(live.number, {})[read_key(record.name).name] = None
    return found


def _write_rejected(batch: Batch) -> None:
    workspace, before, after = batch.workspace.pk, batch.rejected_before, batch.rejected
    gone = [(workspace, *at) for at in before if at not in after]
    store.run(batch.cursor, store.DELETE_REJECTED, gone)
    rows = [
        (workspace, number, key, row.value, row.reason, store.instant(row.at), row.origin, row.code, row.details)
        for (number, key), row in after.items()
        if before.get((number, key)) is not row
    ]
    store.run(batch.cursor, store.UPSERT_REJECTED, rows)


def _write_suggestions(batch: Batch) -> None:
    now = store.instant(batch.now)
    rows = {}
    for (low, high), reason in batch.suggestions.items():
        one, two = batch.live(low), batch.live(high)
        # A later edit of the batch may have merged them.
        if one is not None and two is not None and one is not two:
            a, b = sorted((one.number, two.number))
            rows[a, b] = (batch.workspace.pk, a, b, *kept_reason(reason), now, SuggestionState.OPEN.value)
    for pair in told_apart(batch.workspace, rows) if rows else ():
        rows.pop(pair, None)
    store.run(batch.cursor, store.UPSERT_SUGGESTIONS, list(rows.values()))
