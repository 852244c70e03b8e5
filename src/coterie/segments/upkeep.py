"""Memberships kept current: each projected batch gives exactly who entered and who left which segment.

The membership log in SQL is the truth (docs/adr/0008). A plan compares what definitions say about the people of a
batch with the memberships folded from that log, so a batch that is done again finds nothing left to do.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience.engine import Engine
from coterie.audience.index import PeopleIndex
from coterie.audience.upkeep import Touched
from coterie.segments import book as books
from coterie.segments import log, memberships, shipping
from coterie.segments.book import Book
from coterie.segments.log import Entry, Move
from coterie.segments.models import Kind, MembershipHead, Segment
from coterie.segments.moves import Moves
from coterie.segments.visibility import whole_catalogue


class OtherWriter(Exception):
    """Someone else wrote memberships of the workspace meanwhile: nothing of this batch was saved."""


@dataclass
class Standing:
    """What upkeep knows of one index.

    `members` are memberships by segment pk as the log has them, those of broken segments too until everyone has left.
    `shipped` is the last log position that is in ClickHouse for sure, `at_ms` the time of the last log row, `moved`
    holds pks of segments whose members changed after the snapshots at `snapshot`.
    """

    book: Book = books.EMPTY
    members: dict[int, BitMap] = field(default_factory=dict)
    shipped: int = 0
    snapshot: int = 0
    at_ms: int = 0
    moved: set[int] = field(default_factory=set)


class MembershipUpkeep:
    """Keeps the segments of every workspace current; one object for the process."""

    def __init__(self) -> None:
        # By index and not by workspace: a dropped index takes what was known about it along.
        self._standings: weakref.WeakKeyDictionary[PeopleIndex, Standing] = weakref.WeakKeyDictionary()

    def load(self, workspace: Workspace, index: PeopleIndex) -> None:
        """Put every membership into the index, or apply what the log has gained since; pin conditions."""
        standing = self._standings.get(index)
        if standing is None:
            self._standings[index] = self._start(workspace, index)
        else:
            self._follow(workspace, index, standing)

    def plan(self, workspace: Workspace, index: PeopleIndex, touched: Touched) -> MembershipPlan:
        """Work out who enters and leaves; changes nothing."""
        standing = self._standings[index]
        # Another worker may have held the workspace since this process wrote last.
        if memberships.position(workspace.pk) > index.named_position:
            self._follow(workspace, index, standing)
        book, defined, gone = standing.book, list[int](), dict[str, int]()
        if touched.definitions or touched.fields:
            book, defined, gone = _amended(workspace, standing.book, touched)
        defined = sorted({*defined, *(book.definitions[public_id].pk for public_id in book.unsettled)})
        # A field of another type holds other values for everyone, and in another time zone days begin elsewhere.
        anew = {
            row.id
            for row in book.definitions.values()
            if row.fields.intersection(touched.fields) or (touched.zone and row.is_zoned)
        }
        redefined = anew.union(touched.definitions)
        moves = Moves(index, book, touched, members=standing.members, redefined=redefined).work_out()
        entry = Entry(moves=moves, people=_causes(moves, touched), defined=defined, gone=list(gone.values()))
        return MembershipPlan(workspace, index, standing, book, touched, entry, gone)

    def reship(self, workspace: Workspace, engine: Engine) -> None:
        """Write every transition of the log to an empty index."""
        shipping.reship(workspace, engine)

    def rest(self, workspace: Workspace, index: PeopleIndex) -> None:
        """Save a snapshot of every membership that changed since the last one."""
        standing = self._standings.get(index)
        if standing is None or index.named_position <= standing.snapshot:
            return
        with index.lock:
            position, moved = index.named_position, set(standing.moved)
            live = (row.pk for row in standing.book.definitions.values())
            members = {pk: standing.members.get(pk, BitMap()) for pk in live if pk in moved}
        memberships.save_snapshots(workspace.pk, position, members, shipped=standing.shipped)
        standing.snapshot = position
        with index.lock:
            if index.named_position == position:
                standing.moved -= moved

    def _start(self, workspace: Workspace, index: PeopleIndex) -> Standing:
        folded = memberships.load(workspace.pk)
        rows = Segment.objects.of(workspace).filter(deleted_at=None)
        book = books.amend(books.EMPTY, rows, gone=(), fields=(), catalogue=whole_catalogue(workspace))
        with index.lock:
            index.named = _named(folded.members, book)
            index.named_position = folded.position
        _pin(index, book, book.definitions)
        return Standing(book, folded.members, folded.shipped, folded.snapshot, folded.at_ms, folded.moved)

    def _follow(self, workspace: Workspace, index: PeopleIndex, standing: Standing) -> None:
        rows = list(log.read(workspace.pk, index.named_position))
        if not rows:
            return
        if any(row.entry.defined or row.entry.gone for row in rows):
            known = {row.pk: row.id for row in standing.book.definitions.values()}
            gone = [known[pk] for row in rows for pk in row.entry.gone if pk in known]
            pks = {pk for row in rows for pk in row.entry.defined}
            fresh = Segment.objects.of(workspace).filter(pk__in=pks, deleted_at=None)
            catalogue = whole_catalogue(workspace)
            standing.book = books.amend(standing.book, fresh, gone=gone, fields=(), catalogue=catalogue)
            _pin(index, standing.book, {row.public_id for row in fresh}, gone=gone)
        with index.lock:
            members = dict(standing.members)
            index.named_position = log.fold(rows, members)
            index.named = _named(members, standing.book)
            standing.members = members
            standing.at_ms = rows[-1].at_ms
            standing.moved |= {pk for row in rows for pk in row.entry.moves}


@dataclass
class MembershipPlan:
    """What one batch means for memberships."""

    workspace: Workspace
    index: PeopleIndex
    standing: Standing
    book: Book
    touched: Touched
    entry: Entry
    gone: Mapping[str, int]
    position: int = 0
    at_ms: int = 0

    def save(self) -> None:
        """Append to the log and write what follows from it; raises OtherWriter when the log has moved on."""
        self.position = self.index.named_position
        # Rows of the log are in order of time even when the clock of the machine is set back.
        self.at_ms = max(self.touched.at_ms, self.standing.at_ms)
        memberships.drop_static_members(self.workspace.pk, self._left_for_good())
        if not self.entry:
            return
        self.position += 1
        head = MembershipHead.objects.filter(workspace=self.workspace, position=self.position - 1)
        if not head.update(position=self.position, shipped=self.standing.shipped):
            if self.position > 1 or MembershipHead.objects.filter(workspace=self.workspace).exists():
                raise OtherWriter(f"workspace {self.workspace.pk}, position {self.position}")
            MembershipHead.objects.create(workspace=self.workspace, position=self.position)
        memberships.save_entry(self.workspace.pk, self.position, self.touched.seq, self.at_ms, self.entry)
        memberships.inherit_static_members(self.workspace.pk, self._inherited(), at_ms=self.at_ms)
        for pk, entered, left in self._given_back():
            memberships.give_back_static_members(self.workspace.pk, pk, entered, left, at_ms=self.at_ms)
        for public_id in self.book.unsettled:
            row = self.book.definitions[public_id]
            why = {"broken_reason": row.reason, "broken_code": row.reason.code if row.reason else ""}
            Segment.objects.of(self.workspace).filter(pk=row.pk).update(**why)

    def apply(self, index: PeopleIndex) -> None:
        """Move the sets in memory."""
        before, standing = self.standing.book, self.standing
        with index.lock:
            members = dict(standing.members)
            for pk, move in self.entry.moves.items():
                members[pk] = move.after(members.get(pk, BitMap()))
            for pk in self.entry.gone:
                members.pop(pk, None)
            standing.members = members
            index.named = _named(members, self.book)
            index.named_position = self.position
            standing.book = books.settled(self.book) if self.book.unsettled else self.book
            standing.at_ms = max(standing.at_ms, self.at_ms if self.entry else 0)
            standing.moved |= set(self.entry.moves)
        if self.book is not before:
            changed = {id for id, row in self.book.definitions.items() if before.get(id) != row}
            _pin(index, self.book, changed, gone=self.gone)

    def ship(self, engine: Engine) -> None:
        """Write this batch's transitions to ClickHouse, after those that are still missing there."""
        standing, before = self.standing, self.position - (1 if self.entry else 0)
        if standing.shipped < before:
            # A process that ended may have shipped them: SQL learns of it with the next batch only.
            there = shipping.stored(engine, self.workspace.pk, standing.shipped, upto=before)
            for row in log.read(self.workspace.pk, standing.shipped, upto=before):
                if there.get(row.position, 0) < len(row.entry):
                    shipping.insert(engine, self.workspace.pk, row)
                standing.shipped = row.position
        if self.entry:
            row = log.LogRow(self.position, self.touched.seq, self.at_ms, self.entry)
            shipping.insert(engine, self.workspace.pk, row)
            standing.shipped = self.position

    def _left_for_good(self) -> BitMap:
        """The people of the batch who are no more: deleted, or merged into someone."""
        people = self.touched.people | self.touched.deleted
        return people - self.index.everyone()

    def _inherited(self) -> list[tuple[int, int, str]]:
        """Static memberships that came by merging: segment pk, number, ref of the cause."""
        static = {row.pk for row in self.book.definitions.values() if row.kind is Kind.STATIC}
        return [
            (pk, number, ref)
            for pk, move in self.entry.moves.items()
            if pk in static
            for (kind, ref), who in move.causes
            if kind == "merge" and who is not None
            for number in move.entered & who
        ]

    def _given_back(self) -> Iterator[tuple[int, BitMap, BitMap]]:
        """Static memberships that moved since a merge was undone: segment pk, who entered and who left."""
        for row in self.book.definitions.values():
            move = self.entry.moves.get(row.pk) if row.kind is Kind.STATIC else None
            for (kind, _), who in move.causes if move is not None else ():
                if kind == "unmerge" and who is not None and move is not None:
                    yield row.pk, move.entered & who, move.left & who


def _amended(workspace: Workspace, book: Book, touched: Touched) -> tuple[Book, list[int], dict[str, int]]:
    """The book after the batch, the pks of those defined anew, and those gone: public id and pk."""
    ids = set(touched.definitions)
    rows = list(Segment.objects.of(workspace).filter(public_id__in=ids)) if ids else []
    live = [row for row in rows if row.deleted_at is None]
    gone = {row.public_id: row.pk for row in rows if row.deleted_at is not None}
    amended = books.amend(book, live, gone=gone, fields=touched.fields, catalogue=whole_catalogue(workspace))
    return amended, [row.pk for row in live], gone


def _causes(moves: Mapping[int, Move], touched: Touched) -> list[tuple[tuple[str, str], BitMap]]:
    """Why each person who moved was looked at, one set per cause."""
    moved = BitMap()
    for move in moves.values():
        moved |= move.entered
        moved |= move.left
    found: dict[tuple[str, str], BitMap] = {}
    for number in moved & touched.people:
        found.setdefault(touched.causes.get(number, log.NO_CAUSE), BitMap()).add(number)
    return sorted(found.items(), key=lambda pair: pair[0])


def _named(members: Mapping[int, BitMap], book: Book) -> dict[str, BitMap]:
    """The sets that a filter may name: those of every live segment that is not broken."""
    return {row.id: members.get(row.pk, BitMap()) for row in book.definitions.values() if row.reason is None}


def _pin(index: PeopleIndex, book: Book, ids: Iterable[str], gone: Iterable[str] = ()) -> None:
    """Keep the conditions of these segments current, and let go of those of segments that are gone or broken."""
    for public_id in {*ids, *gone}:
        row = book.get(public_id)
        if row is None or row.root is None or row.reason is not None:
            index.unpin(f"segment:{public_id}")
        else:
            index.pin(f"segment:{public_id}", [row.root])
