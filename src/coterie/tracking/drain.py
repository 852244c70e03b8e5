"""The drain: accepted batches become people and events, each event once, whatever happens in between.

One transaction remembers the message ids, writes people and events, and takes the batches out of the log. Killed
anywhere, all of it happened or none of it, and the next drain starts where this one did.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import transaction

from coterie.accounts.models import ApiKey, KeyKind, Workspace
from coterie.kit import clock, failpoints, turns
from coterie.tracking import leases, limits, quarantine
from coterie.tracking.applying import apply
from coterie.tracking.conflicts import note_conflicts
from coterie.tracking.ids import SeenId, body_hashes, forget_ids, note_ids
from coterie.tracking.leases import Lease, LeaseLost
from coterie.tracking.metrics import EVENTS
from coterie.tracking.models import RawBatch
from coterie.tracking.reading import Arrival, Entry, Source, read_entries, unpack
from coterie.tracking.wire import Flavour, Route

_log = logging.getLogger(__name__)

# Enough rows to choose from: a batch with one event is the smallest.
_LOOK_AHEAD = 1_000


@dataclass(frozen=True)
class Drained:
    """What one drain did. `conflicts` are among the duplicates; `ignored` events say nothing of a known person."""

    workspace_id: int | None = None
    batches: int = 0
    events: int = 0
    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    ignored: int = 0
    quarantined: int = 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return self.events == 0 and self.batches == 0


class Portion(NamedTuple):
    """A batch, or the part of it from where the last drain stopped."""

    row: RawBatch
    last: int

    @property
    def whole(self) -> bool:
        """Whether nothing of the batch is left after this."""
        return self.last >= self.row.item_count


@dataclass(slots=True)
class Work:
    """An event on its way through a drain."""

    portion: Portion
    source: Source
    around: Mapping[str, Any]
    entry: Entry

    @property
    def id(self) -> tuple[int, bytes]:
        """What names the event within the workspace."""
        return self.source.key_id, self.entry.id_hash


@dataclass
class _Sorted:
    """Events by what is to become of them."""

    new: list[Work] = field(default_factory=list)
    duplicates: list[Work] = field(default_factory=list)
    conflicts: list[Work] = field(default_factory=list)
    refused: list[quarantine.Refusal] = field(default_factory=list)


def drain_once(
    workspace: Workspace | int | None = None, limit: int | None = None, *, lease: Lease | None = None
) -> Drained:
    """Drain the oldest batches of one workspace: up to `limit` events, at least one.

    Without a workspace, the one that has waited longest. Without a lease, one is claimed and given back; nothing is
    done when another worker holds it. Raises LeaseLost when a given lease was lost; nothing was written then.
    """
    if lease is not None:
        return _drain(lease, limit)
    workspace_ids = leases.waiting_workspaces() if workspace is None else [_number(workspace)]
    for workspace_id in workspace_ids:
        claimed = leases.claim(workspace_id)
        if claimed is None:
            continue
        try:
            return _drain(claimed, limit)
        finally:
            leases.release(claimed)
    return Drained()


def _number(workspace: Workspace | int) -> int:
    return workspace if isinstance(workspace, int) else workspace.pk


def _drain(lease: Lease, limit: int | None) -> Drained:
    portions = _oldest(lease.workspace_id, limit or limits.current().drain_items)
    if not portions:
        return Drained(lease.workspace_id)
    work, damaged = _read(portions)
    failpoints.hit("tracking.drain.before")
    with turns.patient(), transaction.atomic():
        leases.hold(lease)
        drained = _write(lease.workspace_id, portions, work, damaged)
        failpoints.hit("tracking.drain.deleted")
    failpoints.hit("tracking.drain.committed")
    note_drained(drained)
    return drained


def note_drained(drained: Drained) -> None:
    """Count what a drain did, in the metrics of this process."""
    for outcome in ("accepted", "duplicates", "conflicts", "ignored", "quarantined"):
        EVENTS.labels(outcome).inc(getattr(drained, outcome))


# Reading: no transaction, nothing is written


def _oldest(workspace_id: int, limit: int) -> list[Portion]:
    """The oldest batches with up to `limit` events; the last one may be taken in part."""
    rows = RawBatch.objects.of(workspace_id).order_by("id")
    chosen: list[tuple[int, int]] = []
    left = limit
    for row_id, count, done in rows.values_list("id", "item_count", "done")[:_LOOK_AHEAD]:
        chosen.append((row_id, min(count, done + left)))
        left -= count - done
        if left <= 0:
            break
    lasts = dict(chosen)
    return [Portion(row, lasts[row.pk]) for row in rows.filter(pk__in=lasts)]


def _read(portions: Sequence[Portion]) -> tuple[list[Work], list[quarantine.Refusal]]:
    """The events of these batches in order, and the batches that can't be read at all."""
    sources = _sources({portion.row.source_id for portion in portions})
    work: list[Work] = []
    damaged: list[quarantine.Refusal] = []
    for portion in portions:
        source = sources[portion.row.source_id]
        arrival = arrival_of(portion.row)
        try:
            value = orjson.loads(unpack(portion.row.body, portion.row.packed))
            around = quarantine.without_events(value)
            entries = list(
                read_entries(value, arrival, source, limits=limits.current(), first=portion.row.done, last=portion.last)
            )
        except Exception:
            # It was readable when it was accepted, so the row is damaged or our reading has changed.
            _log.exception("raw batch %s can't be read", portion.row.pk)
            damaged.append(quarantine.unreadable(portion.row))
            continue
        work += [Work(portion, source, around, entry) for entry in entries]
    return work, damaged


def _sources(key_ids: set[int]) -> dict[int, Source]:
    # A key's rights were checked when the request came: a batch that was acknowledged counts, whatever became of it.
    keys = ApiKey.objects.filter(pk__in=key_ids)
    return {
        key.pk: Source(key.workspace_id, key.pk, key.public_id, key.name, key.kind == KeyKind.SECRET) for key in keys
    }


def arrival_of(row: RawBatch) -> Arrival:
    """How and when a stored batch came."""
    return Arrival(Route(Flavour(row.flavour), row.call), clock.to_ms(row.received_at), row.peer, row.token)


# Writing: inside the drain's one transaction


def _write(
    workspace_id: int, portions: Sequence[Portion], work: Sequence[Work], damaged: list[quarantine.Refusal]
) -> Drained:
    sorted_work = _sort(workspace_id, work)
    failpoints.hit("tracking.drain.ids")
    applied = apply(workspace_id, [one.entry for one in sorted_work.new])
    failpoints.hit("tracking.drain.applied")
    by_entry = {id(one.entry): one for one in sorted_work.new}
    failed = [_refusal(by_entry[id(entry)], code, reason) for entry, code, reason in applied.failed]
    forget_ids(workspace_id, [(failure.source_id, failure.id_hash) for failure in failed])
    note_conflicts(
        workspace_id,
        [(one.source.key_id, one.entry.message_id, one.entry.item) for one in sorted_work.conflicts],
    )
    refused = [*damaged, *sorted_work.refused, *failed]
    quarantine.keep(workspace_id, refused)
    _take_out(workspace_id, portions)
    return Drained(
        workspace_id=workspace_id,
        batches=sum(portion.whole for portion in portions),
        events=len(work) + len(damaged),
        accepted=len(sorted_work.new) - len(failed) - applied.ignored,
        duplicates=len(sorted_work.duplicates),
        conflicts=len(sorted_work.conflicts),
        ignored=applied.ignored,
        quarantined=len(refused),
    )


def _sort(workspace_id: int, work: Sequence[Work]) -> _Sorted:
    """Tell new events from repeated and unusable ones; the ids of the new ones are remembered."""
    result = _Sorted()
    first: dict[tuple[int, bytes], Work] = {}
    repeated: list[Work] = []
    for one in work:
        if one.entry.refused is not None:
            result.refused.append(_refusal(one, one.entry.refused.code, one.entry.refused.reason))
        elif one.id in first:
            repeated.append(one)
        else:
            first[one.id] = one
    ids = [SeenId(*key, one.entry.body_hash) for key, one in first.items()]
    new = note_ids(workspace_id, ids, at_ms=clock.to_ms(clock.now()))
    result.new = [one for key, one in first.items() if key in new]
    result.duplicates = [*(one for key, one in first.items() if key not in new), *repeated]
    seen = {key: first[key].entry.body_hash for key in new}
    seen.update(body_hashes(workspace_id, (key for key in first if key not in new)))
    result.conflicts = [
        one for one in result.duplicates if seen.get(one.id, one.entry.body_hash) != one.entry.body_hash
    ]
    return result


def _refusal(one: Work, code: str, reason: str) -> quarantine.Refusal:
    return quarantine.refusal(one.portion.row, one.entry, around=one.around, code=code, reason=reason)


def _take_out(workspace_id: int, portions: Sequence[Portion]) -> None:
    """Take what was done out of the log. When something is missing, another worker did it first: undo all of this."""
    rows = RawBatch.objects.of(workspace_id)
    whole = [portion.row.pk for portion in portions if portion.whole]
    gone = rows.filter(pk__in=whole).delete()[0] if whole else 0
    if gone != len(whole):
        raise LeaseLost
    for portion in _partly(portions):
        if not rows.filter(pk=portion.row.pk, done=portion.row.done).update(done=portion.last):
            raise LeaseLost


def _partly(portions: Sequence[Portion]) -> Iterator[Portion]:
    return (portion for portion in portions if not portion.whole)
