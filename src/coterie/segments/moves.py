"""Who enters and who leaves in one batch: definitions asked about few people, compared with memberships before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from pyroaring import BitMap

from coterie.audience import algebra
from coterie.audience.index import PeopleIndex
from coterie.audience.upkeep import Cause, Touched
from coterie.filters import tree
from coterie.segments.book import Book, Definition
from coterie.segments.log import BROKEN, Move
from coterie.segments.models import Kind

_NOBODY: Final = BitMap()
_Causes = tuple[tuple[Cause, BitMap | None], ...]


class Moves:
    """The moves of one batch.

    `members` are memberships by segment pk as they are, `redefined` public ids whose definition changed: those, and
    those that became broken or whole, are asked about everyone. The others are asked about the people of the batch, and
    about those who moved in a segment that they use.
    """

    def __init__(
        self, index: PeopleIndex, book: Book, touched: Touched, *, members: Mapping[int, BitMap], redefined: set[str]
    ) -> None:
        self._index = index
        self._book = book
        self._touched = touched
        self._members = members
        self._redefined = redefined | book.unsettled
        self._people = touched.people | touched.deleted
        self._everyone = index.everyone()
        self._here = self._people & self._everyone
        self._found: dict[str, Move] = {}
        self._named = _Named(book, members, self._found)

    def work_out(self) -> dict[int, Move]:
        """Every move by segment pk; those where nobody moved are left out."""
        for row in self._book.definitions.values():
            move = self._move(row)
            if move:
                self._found[row.id] = move
        return {self._book.definitions[public_id].pk: move for public_id, move in self._found.items()}

    def _move(self, row: Definition) -> Move | None:
        before = self._members.get(row.pk, _NOBODY)
        if row.reason is not None or (row.positive is None and row.kind is Kind.DYNAMIC):
            return self._emptied(row, before) if before else None
        if row.kind is Kind.STATIC:
            return self._static(row, before)
        if row.id in self._redefined:
            after = self._fold(row, self._everyone, self._whole)
            return _between(before, after, before, ((("definition", str(row.revision)), None),))
        return self._followed(row, before)

    def _emptied(self, row: Definition, before: BitMap) -> Move:
        cause = ("definition", "") if row.reason is None else (BROKEN, f"{row.reason.code}: {row.reason}")
        return Move(BitMap(), before, 0, ((cause, None),))

    def _followed(self, row: Definition, before: BitMap) -> Move | None:
        """The move of a dynamic segment whose definition stayed as it was."""
        wider = [(used, self._found[used]) for used in row.uses if used in self._found]
        causes: list[tuple[Cause, BitMap | None]] = []
        among = self._people
        for used, move in sorted(wider):
            beyond = (move.entered | move.left) - self._people
            if beyond:
                causes.append((("segment", used), beyond))
                among = among | beyond
        if not among:
            return None
        if causes:
            sets = self._index.condition_sets(row.leaves, among=among, now_ms=self._touched.at_ms)
            after = self._fold(row, among & self._everyone, sets)
        else:
            after = self._fold(row, self._here, self._near)
        return _between(before & among, after, before, tuple(causes))

    def _static(self, row: Definition, before: BitMap) -> Move | None:
        after = before - (self._people - self._everyone)
        ever = before.copy()
        causes: list[tuple[Cause, BitMap | None]] = []
        for added, removed, cause in self._by_hand.get(row.id, ()):
            plus, minus = BitMap(added), BitMap(removed)
            after = ((after - minus) | plus) & self._everyone
            ever |= plus
            # The last change of a person is the one that counts, so it goes first.
            causes.insert(0, (cause, plus | minus))
        for number, survivor in self._survivors(ever - after):
            if survivor in self._everyone and survivor not in after:
                after.add(survivor)
                causes.append((("merge", str(number)), BitMap([survivor])))
        return _between(before, after, before, tuple(causes)) if after != before else None

    def _survivors(self, left: BitMap) -> Iterator[tuple[int, int]]:
        for number in left:
            survivor = self._index.merges.get(number)
            if survivor is not None:
                yield number, survivor

    def _fold(self, row: Definition, universe: BitMap, sets: Mapping[str, BitMap]) -> BitMap:
        assert row.positive is not None
        keys, named = self._book.keys, self._named

        def members(leaf: tree.Leaf | tree.SegmentCondition) -> BitMap:
            if isinstance(leaf, tree.SegmentCondition):
                return algebra.named_set(leaf, named)
            return sets[keys[id(leaf)]]

        return algebra.fold(row.positive, universe, members)

    @cached_property
    def _by_hand(self) -> dict[str, list[tuple[list[int], list[int], Cause]]]:
        found: dict[str, list[tuple[list[int], list[int], Cause]]] = {}
        for public_id, added, removed, cause in self._touched.members:
            found.setdefault(public_id, []).append((added, removed, cause))
        return found

    @cached_property
    def _near(self) -> dict[str, BitMap]:
        """Sets of the conditions of definitions that stayed, among the batch's people."""
        leaves: dict[str, tree.Leaf] = {}
        for row in self._book.definitions.values():
            if row.reason is None and row.id not in self._redefined:
                leaves.update(row.keyed)
        return self._index.condition_sets(leaves, among=self._people, now_ms=self._touched.at_ms)

    @cached_property
    def _whole(self) -> dict[str, BitMap]:
        """Sets of the conditions of new definitions, whole: read in one go."""
        leaves: dict[str, tree.Leaf] = {}
        for public_id in self._redefined:
            row = self._book.get(public_id)
            if row is not None and row.reason is None:
                leaves.update(row.keyed)
        return self._index.condition_sets(leaves, now_ms=self._touched.at_ms)


class _Named(Mapping[str, BitMap]):
    """Memberships by public id after the batch, as far as they are worked out; broken segments are not in it."""

    def __init__(self, book: Book, members: Mapping[int, BitMap], moves: Mapping[str, Move]) -> None:
        self._book, self._members, self._moves = book, members, moves
        self._after: dict[str, BitMap] = {}

    def __getitem__(self, public_id: str) -> BitMap:
        row = self._book.definitions[public_id]
        if row.reason is not None:
            raise KeyError(public_id)
        before = self._members.get(row.pk, _NOBODY)
        if public_id not in self._moves:
            return before
        if public_id not in self._after:
            self._after[public_id] = self._moves[public_id].after(before)
        return self._after[public_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.definitions)

    def __len__(self) -> int:
        return len(self._book.definitions)


def _between(was: BitMap, now: BitMap, members: BitMap, causes: _Causes) -> Move | None:
    """The move from `was` to `now`, which are the same part of `members` before and after."""
    entered, left = now - was, was - now
    if not entered and not left:
        return None
    return Move(entered, left, len(members) + len(entered) - len(left), causes)
