"""The projector: reads the change log in order, writes the index, patches sets, and has memberships follow.

Every step can be done again: people rows are versions, events carry their change's token, sets are computed from the
index, memberships are saved in the transaction that moves the position. Killed anywhere, the same work comes out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from prometheus_client import Counter, Gauge, Histogram
from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience import rows, upkeep
from coterie.audience.engine import Engine
from coterie.audience.index import PeopleIndex, index_of
from coterie.audience.leaves import Staged
from coterie.audience.models import IndexPosition
from coterie.audience.startup import (
    are_doubled,
    ensure_index,
    forget_events,
    forget_old_events,
    insert_merges,
    note_damage,
    position_of,
    stepping,
    stored_events,
)
from coterie.audience.upkeep import Cause, Touched
from coterie.kit import clock, wakes
from coterie.kit.failpoints import hit
from coterie.people import changes
from coterie.people.models import Change
from coterie.people.queries import states

log = structlog.get_logger(__name__)

# A batch ends with the change that takes it over this many people.
BATCH_PEOPLE = 5_000
BATCH_CHANGES = 500
PAGE_CHANGES = 16
# More people than this are looked up where they were written: their rows would be a large parameter.
MOST_STAGED = 10_000
# While the clock moves nobody, how far it has come is saved this often.
NOTE_CLOCK_MS = 10_000
# A look at the clock is followed by this many times its length without one, so it takes a tenth of the time at most.
CLOCK_REST = 9

_seconds = Histogram("coterie_projector_batch_seconds", "Time to project one batch")
_changes = Counter("coterie_projector_changes_total", "Changes projected")
_leases_lost = Counter("coterie_projector_leases_lost", "Batches that were undone since another worker had taken over")
_lag = Gauge("coterie_projector_lag_changes", "Changes not yet projected", ["workspace"])


class LeaseLost(Exception):
    """Another worker holds the workspace now: nothing of this batch was saved."""


@dataclass
class Batch:
    """Changes in a row, put together."""

    first: int
    last: int
    people: dict[int, Cause] = field(default_factory=dict)
    events: list[tuple[int, list[Any]]] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)
    unmerged: list[int] = field(default_factory=list)
    deleted: BitMap = field(default_factory=BitMap)
    forgotten: list[dict[str, Any]] = field(default_factory=list)
    # People known by an event alone, with the event's id.
    did: dict[int, int] = field(default_factory=dict)
    definitions: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    members: list[tuple[str, list[int], list[int], Cause]] = field(default_factory=list)
    # The workspace's time zone, where it was changed.
    zone: str = ""


class Projector:
    """Projects one workspace. One at a time: `lock` in a process, the lease across processes."""

    def __init__(self, workspace: Workspace, *, lease: str = "") -> None:
        self.workspace = workspace
        self.lease = lease
        self.lock = threading.Lock()
        self._noted = 0
        self._certain = False
        # Not before this (monotonic seconds) is the clock worth another look.
        self.rested_at = 0.0

    @property
    def index(self) -> PeopleIndex:
        """The process's sets of this workspace."""
        return index_of(self.workspace)

    def run(self, *, upto: int | None = None, wait: bool = True) -> int:
        """Project all that is there, or up to a change: more may come all the time. The answer is how many changes.

        Without `wait`, nothing is done while another thread projects: it does not stop as long as there is work.
        Raises IndexRebuilding when another thread begins to make the index anew.
        """
        total = 0
        if not self.lock.acquire(blocking=wait):
            return 0
        try:
            ensure_index()
            while upto is None or self.index.seq < upto:
                with stepping():
                    done = self._step()
                if not done:
                    break
                total += done
        finally:
            self.lock.release()
        return total

    def tick(self, now_ms: int | None = None) -> int:
        """Advance what depends on the clock; the answer is how many people were looked at again."""
        with self.lock:
            ensure_index()
            started = time.monotonic()
            with stepping():
                moved = self._tick(now_ms)
            self.rested_at = time.monotonic() + CLOCK_REST * (time.monotonic() - started)
            return moved

    def _tick(self, now_ms: int | None) -> int:
        index = self.index
        now = clock.to_ms(clock.now()) if now_ms is None else now_ms
        if now <= index.clock_ms:
            return 0
        index.follow(self.workspace)
        with index.moving:
            people = index.due(now)
            if people:
                index.apply(people, now)
                touched = Touched(index.seq, now, people, dict.fromkeys(people, ("clock", "")))
                self._settle(index, touched, clock_ms=now)
            else:
                self._note_clock(index.seq, now)
            index.advanced(now)
        return len(people)

    def rest(self) -> None:
        """Let rooms save snapshots of their sets."""
        with self.lock:
            for each in upkeep.registered():
                each.rest(self.workspace, self.index)

    def _step(self) -> int:
        index = self.index
        index.follow(self.workspace)
        batch = self._next(index.seq)
        if batch is None:
            _lag.labels(self.workspace.slug).set(0)
            return 0
        certain, self._certain = self._certain, False
        with _seconds.time(), index.moving:
            staged, reached = self._write(index, batch, certain=certain)
            people = BitMap(batch.people)
            if batch.fields:
                index.reload_names()
                for name in batch.fields:
                    index.drop_field(name)
            if batch.zone:
                index.change_zone(batch.zone)
            now = index.present()
            index.apply(people, now, staged)
            touched = Touched(
                batch.last,
                now,
                people,
                batch.people,
                batch.definitions,
                batch.members,
                batch.deleted,
                batch.fields,
                batch.zone,
            )
            try:
                self._settle(index, touched)
            except Exception:
                if self.lease:
                    # Perhaps because another worker was faster.
                    self._look_for_doubles(index, batch)
                raise
        if not certain:
            self._look_for_doubles(index, batch)
        self._certain = certain or reached <= batch.last
        _changes.inc(batch.last - batch.first + 1)
        _lag.labels(self.workspace.slug).set(max(0, changes.head(self.workspace) - batch.last))
        return batch.last - batch.first + 1

    def _next(self, after: int) -> Batch | None:
        """The changes that follow, put together up to a batch's size; None when there are none."""
        batch: Batch | None = None
        while batch is None or (len(batch.people) < BATCH_PEOPLE and batch.last - batch.first < BATCH_CHANGES):
            # Few at a time: one change may hold thousands of events.
            found = changes.read(self.workspace, batch.last if batch else after, PAGE_CHANGES)
            if found:
                batch = gather(found, batch)
            if len(found) < PAGE_CHANGES:
                break
        return batch

    def _write(self, index: PeopleIndex, batch: Batch, *, certain: bool) -> tuple[Staged | None, int]:
        """Put the batch into ClickHouse: people as they are now, events as they were sent, merges.

        The answer are the rows of its people, unless names are about to change under them, and up to which change
        events may be stored already.
        """
        source = index.reader.engine
        index.reload_names()
        for number, event in batch.did.items():
            if batch.people[number] == ("event", ""):
                batch.people[number] = ("event", index.names.labels.get(event, ""))
        hit("projector.write.before")
        numbers = sorted(batch.people)
        found = states(self.workspace, numbers)
        people = rows.people_cells(found, index.names)
        source.insert("people", rows.people_columns(self.workspace.pk, batch.last, people))
        hit("projector.write.people")
        reached = self._write_events(source, batch, certain=certain)
        hit("projector.write.events")
        if batch.deleted:
            forget_events(source, self.workspace.pk, batch.deleted)
        for each in batch.forgotten:
            forget_old_events(source, self.workspace.pk, **each)
        if batch.unmerged:
            # Which of the batch's merges still hold is in SQL; on the way there others may have come.
            concerned = {*batch.unmerged, *(number for number, _ in batch.merged)}
            insert_merges(source, self.workspace.pk, index.undo_merges(concerned), batch.last)
        elif batch.merged:
            insert_merges(source, self.workspace.pk, index.add_merges(batch.merged), batch.last)
        return None if batch.fields or len(found) > MOST_STAGED else Staged.of(people), reached

    def _write_events(self, source: Engine, batch: Batch, *, certain: bool) -> int:
        """Write the batch's events in one block; the answer is the last change of which events may be stored.

        Whether a batch that was not settled has stored them is not known, and the next one may be cut otherwise: the
        first write after a start or a failure looks at what is there. The token covers a client that sends twice.
        """
        columns = rows.event_columns(self.workspace.pk, batch.events)
        reached = batch.last
        if not certain:
            present = stored_events(source, self.workspace.pk, batch.first)
            columns = rows.without(columns, present) if columns else columns
            reached = max((seq for seq, _ in present), default=0)
        if columns.get("seq"):
            # Whoever slept past the end of the lease must not write what another worker has written meanwhile.
            if self.lease and not self._own().update(updated_at=clock.now()):
                raise self._lost()
            token = f"e:{self.workspace.pk}:{batch.first}-{batch.last}:{len(columns['seq'])}"
            source.insert("events", columns, token=token)
        return reached

    def _look_for_doubles(self, index: PeopleIndex, batch: Batch) -> None:
        """Where another worker may have written the same events: of two that did, the later one finds both here."""
        if batch.events and are_doubled(index.reader.engine, self.workspace.pk, batch.first, batch.last):
            note_damage(f"workspace {self.workspace.slug}: events of {batch.first} to {batch.last} are stored twice")

    def _settle(self, index: PeopleIndex, touched: Touched, *, clock_ms: int | None = None) -> None:
        """Save what follows for memberships with the new position, then move memory, then ship."""
        plans = [each.plan(self.workspace, index, touched) for each in upkeep.registered()]
        hit("projector.settle.before")
        with transaction.atomic():
            for plan in plans:
                plan.save()
            self._move(index.seq, touched.seq, clock_ms)
        hit("projector.settle.after")
        for plan in plans:
            plan.apply(index)
        index.seq = touched.seq
        announce()
        wakes.send(wakes.PROJECTED)
        for plan in plans:
            plan.ship(index.reader.engine)

    def _note_clock(self, seq: int, now: int) -> None:
        """Save that nobody moved, now and then: a restart looks again from there, which costs little."""
        if abs(now - self._noted) >= NOTE_CLOCK_MS:
            self._move(seq, seq, now)
            self._noted = now

    def _move(self, before: int, seq: int, clock_ms: int | None) -> None:
        """Move the position from where this projector read it; raises LeaseLost when it is not there any more."""
        values: dict[str, Any] = {"seq": seq, "updated_at": clock.now()}
        if clock_ms is not None:
            values["clock_ms"] = clock_ms
        if self._own().filter(seq=before).update(**values) != 1:
            raise self._lost()

    def _lost(self) -> LeaseLost:
        _leases_lost.inc()
        return LeaseLost(f"workspace {self.workspace.slug}")

    def _own(self) -> QuerySet[IndexPosition]:
        """The workspace's position as long as this projector may move it."""
        found = IndexPosition.objects.of(self.workspace)
        return found.filter(lease_token=self.lease) if self.lease else found


def gather(found: list[Change], batch: Batch | None = None) -> Batch:
    """Put changes in a row together, after those of `batch`; stops with the change that fills a batch."""
    if batch is None:
        batch = Batch(found[0].seq, found[0].seq)
    for change in found:
        batch.last = change.seq
        _add(batch, change, changes.body_of(change))
        if len(batch.people) >= BATCH_PEOPLE:
            break
    return batch


def _add(batch: Batch, change: Change, body: dict[str, Any]) -> None:
    for number, kind, ref in body.get("people", ()):
        batch.people[number] = (kind, ref)
    if events := body.get("events"):
        batch.events.append((change.seq, events))
        for event in events:
            if event[0] not in batch.people:
                batch.people[event[0]] = ("event", "")
                batch.did[event[0]] = event[1]
    for source, target in body.get("merged", ()):
        batch.merged.append((source, target))
        batch.people.setdefault(source, ("merge", str(target)))
        batch.people.setdefault(target, ("merge", str(source)))
    for number, survivor in body.get("unmerged", ()):
        batch.unmerged.append(number)
        batch.people.setdefault(number, ("unmerge", str(survivor)))
        batch.people.setdefault(survivor, ("unmerge", str(number)))
    for number in body.get("deleted", ()):
        batch.deleted.add(number)
        batch.people.setdefault(number, ("deleted", ""))
    if (forgotten := body.get("forgotten")) is not None:
        _forget(batch, forgotten)
    batch.definitions.extend(body.get("segments", ()))
    batch.fields.extend(attribute["key"] for attribute in body.get("attributes", ()))
    batch.zone = body.get("zone", batch.zone)
    if change.kind == "members":
        cause = body.get("cause") or ["members", ""]
        members = (body["segment"], body.get("added", []), body.get("removed", []), (cause[0], cause[1]))
        batch.members.append(members)


def _forget(batch: Batch, forgotten: dict[str, Any]) -> None:
    """Note which events go from the index; pages of one run are one statement: between them there is nothing as old."""
    last = batch.forgotten[-1] if batch.forgotten else None
    if last is not None and all(last[name] == forgotten[name] for name in ("before", "kept")):
        last["upto"] = max(last["upto"], forgotten["upto"])
    else:
        batch.forgotten.append(forgotten)


class _Announcer:
    """Wakes those who wait for a change to be visible."""

    def __init__(self) -> None:
        self._condition = threading.Condition()

    def announce(self) -> None:
        with self._condition:
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        with self._condition:
            self._condition.wait(seconds)


_projected = _Announcer()
_first: Callable[[Workspace, int], object] | None = None
_projectors: dict[int, Projector] = {}
_lock = threading.Lock()


def projector_of(workspace: Workspace) -> Projector:
    """The process's one projector of a workspace."""
    with _lock:
        found = _projectors.get(workspace.pk)
        if found is None:
            found = _projectors[workspace.pk] = Projector(workspace)
        return found


def forget_projectors() -> None:
    """Drop every projector from memory."""
    with _lock:
        _projectors.clear()


def project(workspace: Workspace) -> int:
    """Project all changes of a workspace now, in this thread."""
    return projector_of(workspace).run()


def let_go(workspace: Workspace) -> None:
    """Forget which process held the projecting of a workspace: whoever did so in a restored database is not there."""
    IndexPosition.objects.of(workspace).update(lease_token="", lease_until=None)


def project_first(step: Callable[[Workspace, int], object] | None) -> None:
    """Have `wait_until` call this first: a process that projects by itself does not wait for a thread to come by."""
    global _first
    _first = step


def announce() -> None:
    """Wake those who wait for a change to be visible: the index has moved, here or in another process."""
    _projected.announce()


def wait_until(workspace: Workspace, seq: int, *, seconds: float = 2.0) -> bool:
    """Wait until a change is visible to readers; False when the time is over."""
    end = time.monotonic() + seconds
    if _first is not None and position_of(workspace).seq < seq:
        _first(workspace, seq)
    while not _is_visible(workspace, seq):
        left = end - time.monotonic()
        if left <= 0:
            return False
        _projected.wait(min(left, 0.05))
    return True


def _is_visible(workspace: Workspace, seq: int) -> bool:
    """Whether readers of this process see a change: where it projects itself, memory moves just after the position."""
    return position_of(workspace).seq >= seq and (_first is None or index_of(workspace).seq >= seq)
