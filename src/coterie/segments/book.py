"""The definitions of a workspace's segments, read once: trees, what they use, in which order, and what is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from coterie.filters import tree
from coterie.filters.check import validate
from coterie.filters.fields import Catalogue
from coterie.filters.normal import fields_used, leaf_key, leaves_of, positive_tree, segments_used, uses_zone
from coterie.kit.reasons import Reason
from coterie.segments.models import Kind, Segment

_UNREADABLE: Final = Reason("unreadable_filter", "Its filter can't be read.")
_CYCLE: Final = Reason("uses_itself", "It uses itself through other segments.")
_DELETED: Final = Reason("uses_deleted", "It uses a segment that was deleted.")


@dataclass(frozen=True)
class Definition:
    """One live segment as upkeep needs it.

    `positive` is its filter in positive conditions, None for a static segment and for a filter that can't be read;
    `keyed` holds its conditions with their keys.
    `fault` is what is wrong with the filter itself, `reason` why it is broken for whatever cause; in a reason a
    segment is named by its public id. `saved_reason` is the reason that memberships already follow.
    """

    pk: int
    id: str
    kind: Kind
    revision: int
    root: tree.Node | None = None
    positive: tree.Node | None = None
    keyed: tuple[tuple[str, tree.Leaf], ...] = ()
    uses: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    fault: Reason | None = None
    reason: Reason | None = None
    saved_reason: str | None = None

    @property
    def leaves(self) -> dict[str, tree.Leaf]:
        """Its conditions other than memberships, by key."""
        return dict(self.keyed)

    @property
    def is_zoned(self) -> bool:
        """Whether the workspace's time zone decides about who is in it."""
        return any(uses_zone(leaf) for _, leaf in self.keyed)


@dataclass(frozen=True)
class Book:
    """Every live definition of a workspace by public id, in an order in which a segment follows those it uses.

    `keys` maps the identity of each condition object to its key: hashing a condition anew for every batch would cost
    more than evaluating it.
    """

    definitions: Mapping[str, Definition]
    keys: Mapping[int, str]

    def get(self, public_id: str) -> Definition | None:
        """The definition with this id, None when it is not a live segment."""
        return self.definitions.get(public_id)

    @property
    def unsettled(self) -> set[str]:
        """Ids of those whose memberships do not follow their present state, broken or whole."""
        return {row.id for row in self.definitions.values() if row.reason != row.saved_reason}


EMPTY: Final = Book({}, {})


def amend(
    book: Book, rows: Iterable[Segment], *, gone: Iterable[str], fields: Iterable[str], catalogue: Catalogue
) -> Book:
    """The book with these rows read anew, without those that are gone; filters over changed fields are checked anew."""
    mine = dict(book.definitions)
    for public_id in gone:
        mine.pop(public_id, None)
    changed = set(fields)
    for known in mine.values():
        if changed & known.fields:
            mine[known.id] = replace(known, fault=_fault_of(known.root, catalogue))
    for row in rows:
        mine[row.public_id] = _read(row, catalogue)
    ordered = _settle(mine)
    keys = {id(leaf): key for row in ordered.values() for key, leaf in row.keyed}
    return Book(ordered, keys)


def settled(book: Book) -> Book:
    """The book once memberships follow it."""
    mine = {row.id: replace(row, saved_reason=row.reason) for row in book.definitions.values()}
    return Book(mine, book.keys)


def read_filter(stored: Any) -> tree.Filter:
    """A stored filter as a tree; ValueError when it is not one."""
    return tree.Filter.model_validate(stored)


def _read(row: Segment, catalogue: Catalogue) -> Definition:
    plain = Definition(row.pk, row.public_id, Kind(row.kind), row.revision, saved_reason=row.broken_reason)
    if plain.kind is Kind.STATIC:
        return plain
    try:
        found = read_filter(row.filter)
    except ValidationError:
        return replace(plain, fault=_UNREADABLE)
    positive = positive_tree(found.root)
    return replace(
        plain,
        root=found.root,
        positive=positive,
        keyed=tuple(
            (leaf_key(leaf), leaf) for leaf in leaves_of(positive) if not isinstance(leaf, tree.SegmentCondition)
        ),
        uses=frozenset(segments_used(found)),
        fields=frozenset(fields_used(found)),
        fault=_fault_of(found.root, catalogue),
    )


def _fault_of(root: tree.Node | None, catalogue: Catalogue) -> Reason | None:
    """What is wrong with a filter by itself: segments it uses are looked at by `_settle`."""
    if root is None:
        return _UNREADABLE
    found = tree.Filter(root=root)
    any_segment = Catalogue(catalogue.fields, dict.fromkeys(segments_used(found), ""), catalogue.events)
    problems = validate(found, any_segment)
    return Reason("filter_fault", "{fault}", fault=problems[0].message) if problems else None


def _settle(definitions: Mapping[str, Definition]) -> dict[str, Definition]:
    """The definitions in order, each with its reason: its own fault, or that of a segment it uses."""
    waiting = {id: sum(used in definitions for used in row.uses) for id, row in definitions.items()}
    users: dict[str, list[str]] = {}
    for row in definitions.values():
        for used in row.uses:
            users.setdefault(used, []).append(row.id)
    ready = [id for id, count in waiting.items() if count == 0]
    ordered: dict[str, Definition] = {}
    while ready:
        row = definitions[ready.pop()]
        ordered[row.id] = replace(row, reason=row.fault or _inherited(row, ordered))
        for user in users.get(row.id, ()):
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)
    # What is left waits for itself.
    for row in definitions.values():
        if row.id not in ordered:
            ordered[row.id] = replace(row, reason=_CYCLE)
    return ordered


def _inherited(row: Definition, ordered: Mapping[str, Definition]) -> Reason | None:
    for used in sorted(row.uses):
        inner = ordered.get(used)
        if inner is None:
            return _DELETED
        if inner.reason is not None:
            return Reason("uses_broken", "It uses {segment}, which is broken.", segment=used)
    return None
