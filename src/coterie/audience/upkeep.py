"""What rooms above add to a projected batch: the segments room keeps memberships current through this interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from pyroaring import BitMap

if TYPE_CHECKING:
    from coterie.accounts.models import Workspace
    from coterie.accounts.permissions import Access
    from coterie.audience.engine import Engine
    from coterie.audience.index import PeopleIndex
    from coterie.filters.tree import Filter

Cause = tuple[str, str]


@dataclass
class Touched:
    """What a batch changed, after the conditions' sets were patched.

    `causes` maps a person's number to why: ("event", name), ("field", "plan,city"), ("merge", number), ("clock", "").
    `definitions` are public ids of segments whose definition changed; `members` are explicit changes of static ones;
    `zone` is the workspace's time zone where it was changed.
    """

    seq: int
    at_ms: int
    people: BitMap
    causes: dict[int, Cause]
    definitions: list[str] = field(default_factory=list)
    members: list[tuple[str, list[int], list[int], Cause]] = field(default_factory=list)
    deleted: BitMap = field(default_factory=BitMap)
    fields: list[str] = field(default_factory=list)
    zone: str = ""


class Plan(Protocol):
    """What a batch means for memberships, worked out and not yet done."""

    def save(self) -> None:
        """Write rows, inside the transaction that moves the projector's position."""

    def apply(self, index: PeopleIndex) -> None:
        """Move the sets in memory, after that transaction."""

    def ship(self, engine: Engine) -> None:
        """Write transitions to ClickHouse; what was not shipped before goes first."""


class Upkeep(Protocol):
    """Keeps named sets of a workspace current."""

    def load(self, workspace: Workspace, index: PeopleIndex) -> None:
        """Put every named set into the index, or bring those it has up to date; pin their conditions."""

    def plan(self, workspace: Workspace, index: PeopleIndex, touched: Touched) -> Plan:
        """Work out what changes; changes nothing."""

    def reship(self, workspace: Workspace, engine: Engine) -> None:
        """Write every transition to an empty index."""

    def rest(self, workspace: Workspace, index: PeopleIndex) -> None:
        """Save snapshots: called now and then, and when the process stops."""


_registered: list[Upkeep] = []


def register(upkeep: Upkeep) -> None:
    """Have a room called for every batch of every workspace."""
    _registered.append(upkeep)


def registered() -> list[Upkeep]:
    """The rooms that are called."""
    return list(_registered)


# Which named sets a caller may name in a filter, public id -> name: given by the room that owns them.
Visible = Callable[["Access"], Mapping[str, str]]
_visible: list[Visible] = []


def provide_visible(visible: Visible) -> None:
    """Have a room say which of its named sets a caller may see."""
    _visible.append(visible)


class VisibleSets(Mapping[str, str]):
    """Public ids and names of the named sets that a caller may name; read when the first is asked for.

    Most filters name none, and are answered without asking.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    @cached_property
    def _names(self) -> dict[str, str]:
        return {key: name for each in _visible for key, name in each(self._access).items()}

    def __getitem__(self, key: str) -> str:
        return self._names[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


# What a named set that a caller may see means: its filter, or None for a list of people. Unknown ids raise NotFound.
Definition = Callable[["Access", str], "Filter | None"]
_definitions: list[Definition] = []


def provide_definition(definition: Definition) -> None:
    """Have a room tell the filter behind one of its named sets."""
    _definitions.append(definition)


def definition_of(access: Access, name: str) -> Filter | None:
    """The filter behind a named set that the caller may see; None when it is a list of people."""
    for each in _definitions:
        return each(access, name)
    return None


@dataclass(frozen=True)
class Membership:
    """Whether a person is in a named set, since when they are or are not, and why; None and empty where that is not
    known."""

    name: str
    inside: bool
    since: datetime | None
    cause: str
    ref: str


# How a person stands to named sets that a caller may see, by public id; others are left out.
Memberships = Callable[["Access", int, Sequence[str]], Mapping[str, Membership]]
_memberships: list[Memberships] = []


def provide_memberships(memberships: Memberships) -> None:
    """Have a room tell since when and why people are in its named sets."""
    _memberships.append(memberships)


def memberships_of(access: Access, number: int, names: Sequence[str]) -> dict[str, Membership]:
    """How a person stands to these named sets, as far as the caller may see them."""
    return {key: found for each in _memberships for key, found in each(access, number, names).items()}
