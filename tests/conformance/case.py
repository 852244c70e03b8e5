"""What a conformance case is, and short names to write one with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Tree = dict[str, Any]
NOW = "2026-03-15T12:00:00Z"


@dataclass(frozen=True)
class Event:
    """One event, `at` an ISO instant; events of a person are accepted in the order given."""

    name: str
    at: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Raw writes, one after the other, and events."""

    writes: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Case:
    """One trap: people as written, a filter as a tree (and where given as the sentence that means it), and who matches.

    Trees name segments by name; `with_segment_ids` puts real ids in. A segment is a tree, a set of people by name
    (static), or None: deleted while the filter uses it. `broken`: the filter is an error, refused where it is saved,
    and matches nobody where it is already stored. `retype` and `deleted` change fields after the writes. `then`: later
    moments, in order, with no write between.
    """

    trap: str
    name: str
    fields: Mapping[str, str]
    people: Mapping[str, Person]
    tree: Tree
    expected: frozenset[str]
    sentence: str | None = None
    now: str = NOW
    zone: str = "UTC"
    segments: Mapping[str, Tree | frozenset[str] | None] = field(default_factory=dict)
    broken: bool = False
    retype: Mapping[str, str] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    then: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.trap}: {self.name}"


def with_segment_ids(tree: Any, ids: Mapping[str, str]) -> Any:
    """The same tree with every segment's name replaced by its id; a name without one stays."""
    if isinstance(tree, list):
        return [with_segment_ids(item, ids) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("type") == "segment":
        return {**tree, "segments": [ids.get(name, name) for name in tree["segments"]]}
    return {key: with_segment_ids(value, ids) if key in ("of", "root") else value for key, value in tree.items()}


def cases(
    trap: str, fields: Mapping[str, str], people: Mapping[str, Person], *rows: tuple[Any, ...], **rest: Any
) -> list[Case]:
    """Cases about the same people; a row is (name, tree, who matches) or (name, tree, who matches, sentence)."""
    return [Case(trap, row[0], fields, people, row[1], names(row[2]), *row[3:], **rest) for row in rows]


def names(text: str) -> frozenset[str]:
    """A set of people: `ann bob`."""
    return frozenset(text.split())


def person(*writes: Mapping[str, Any], events: Iterable[Event] = ()) -> Person:
    return Person(writes, tuple(events))


def values(attribute: str, /, **people: Any) -> dict[str, Person]:
    """One person for each keyword, with that value of the attribute; `...` for a person who never had one."""
    return {name: person() if raw is ... else person({attribute: raw}) for name, raw in people.items()}


def doers(**people: Iterable[Event]) -> dict[str, Person]:
    """One person for each keyword, with those events."""
    return {name: person(events=events) for name, events in people.items()}


def ev(name: str, at: str, /, **properties: Any) -> Event:
    return Event(name, at if "T" in at else f"{at}T00:00:00Z", properties)


def f(name: str, op: str, value: Any = None, *, or_unknown: bool = False) -> Tree:
    node = {"type": "field", "field": name, "op": op}
    return _complete(node, value, or_unknown=or_unknown)


def every(*of: Tree) -> Tree:
    return {"type": "all", "of": list(of)}


def some(*of: Tree) -> Tree:
    return {"type": "any", "of": list(of)}


def not_(of: Tree) -> Tree:
    return {"type": "not", "of": of}


def in_segment(*segments: str, op: str = "in") -> Tree:
    return {"type": "segment", "op": op, "segments": list(segments)}


def did(event: str, op: str = "did", count: int | None = None, *, window: Tree | None = None, where: Any = ()) -> Tree:
    node: Tree = {"type": "event", "event": event, "op": op, "window": window, "where": list(where)}
    return node if count is None else {**node, "count": count}


def where(name: str, op: str, value: Any = None) -> Tree:
    node = {"property": name, "op": op}
    return node if value is None else {**node, "value": value}


def last(n: int, unit: str) -> Tree:
    return {"kind": "last", "n": n, "unit": unit}


def span(n: int, unit: str) -> Tree:
    return {"n": n, "unit": unit}


def aggregate(
    function: str, name: str, event: str, op: str, value: Any = None, *, or_unknown: bool = False, **rest: Any
) -> Tree:
    node = {"type": "aggregate", "function": function, "property": name, "event": event, "window": None, "where": []}
    return _complete({**node, **rest, "op": op}, value, or_unknown=or_unknown)


def event_time(
    which: str, event: str, op: str, value: Any = None, *, or_unknown: bool = False, where: Any = ()
) -> Tree:
    node = {"type": "event_time", "which": which, "event": event, "where": list(where), "op": op}
    return _complete(node, value, or_unknown=or_unknown)


def of_last(name: str, event: str, op: str, value: Any = None, *, or_unknown: bool = False) -> Tree:
    node = {"type": "event_property", "event": event, "property": name, "op": op}
    return _complete(node, value, or_unknown=or_unknown)


def then(first: str, second: str, n: int, unit: str) -> Tree:
    return {"type": "sequence", "first": first, "then": second, "within": span(n, unit)}


def _complete(node: Tree, value: Any, *, or_unknown: bool) -> Tree:
    if value is not None:
        node = {**node, "value": value}
    return {**node, "or_unknown": True} if or_unknown else node
