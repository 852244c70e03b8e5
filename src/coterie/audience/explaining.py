"""Why one person meets a filter or does not: each condition with the value, event or membership that decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pyroaring import BitMap

from coterie.accounts.permissions import Access
from coterie.audience import upkeep
from coterie.audience.index import PeopleIndex
from coterie.audience.predicates import Bound, EventPredicate, counted, predicate
from coterie.audience.queries import ready_index
from coterie.filters import tree
from coterie.filters.bucket import percent
from coterie.filters.events import AGGREGATES
from coterie.filters.normal import conditions_of, leaves_of, positive_tree
from coterie.filters.values import plain_number
from coterie.kit import clock
from coterie.people.models import Person


@dataclass(frozen=True)
class Reason:
    """One condition about one person: whether it holds, what decided, and where a field's value came from."""

    condition: tree.Node
    matches: bool
    value: Any
    origin: list[Any] | None


@dataclass(frozen=True)
class Explanation:
    """Whether one person meets a filter, and every condition's part in it."""

    matches: bool
    reasons: list[Reason]
    now: int


@dataclass(frozen=True)
class _Asked:
    """Whom it is about, and when."""

    access: Access
    person: Person
    index: PeopleIndex
    now_ms: int


def explain(access: Access, person: Person, root: tree.Node) -> Explanation:
    """Why one person meets a filter or does not."""
    index = ready_index(access.workspace)
    now = index.present()
    one = BitMap([person.number])
    asked = _Asked(access, person, index, now)
    reasons = []
    for condition in conditions_of(root):
        holds = bool(index.evaluate(condition, among=one, now_ms=now))
        value, origin = _DECIDING[type(condition)](condition, asked)
        reasons.append(Reason(condition, holds, value, origin))
    return Explanation(bool(index.evaluate(root, among=one, now_ms=now)), reasons, now)


_Decided = tuple[Any, list[Any] | None]


def _field(condition: tree.FieldCondition, asked: _Asked) -> _Decided:
    if condition.field == "created_at":
        return clock.iso(asked.person.created_at), None
    return asked.person.data.get(condition.field), asked.person.origins.get(condition.field)


def _bucket(_condition: tree.BucketCondition, asked: _Asked) -> _Decided:
    return percent(asked.person.number), None


def _segment(condition: tree.SegmentCondition, asked: _Asked) -> _Decided:
    """Of each segment: whether the person is in it, since when they are or are not, and why."""
    found = upkeep.memberships_of(asked.access, asked.person.number, condition.segments)
    told = []
    for key in condition.segments:
        if (membership := found.get(key)) is not None:
            since = membership.since and clock.iso(membership.since)
            told.append({"id": key, **vars(membership), "since": since})
    return {"segments": told}, None


def _events(condition: tree.Condition, asked: _Asked) -> _Decided:
    """What the condition's own query sees of this one person.

    `events` are those that it counts, in its window and with its properties, `first` and `last` their times, `event`
    the one that decided, and `value` what it compares. `ever` are all of the name, whenever and whatever they were.
    """
    leaf = next(leaves_of(positive_tree(condition)))
    assert isinstance(leaf, tree.EVENT_LEAVES)
    index, bound = asked.index, Bound()
    moment = index.moment(asked.now_ms)
    made = predicate(leaf, index.names, moment, bound)
    assert isinstance(made, EventPredicate)
    fits = counted(leaf, index.names, moment, bound)
    source = index.reader.events_sql(bound, BitMap([asked.person.number]))
    sql = (
        f"SELECT {made.aggregate}, countIf({fits}), minIf(time, {fits}), maxIf(time, {fits}), "
        f"{_deciding(leaf, fits, index)}, count(), max(time) FROM ({source}) "
        f"WHERE event IN {bound.add('Array(UInt32)', list(made.events))} "
        f"AND person = {bound.add('UInt32', asked.person.number)}"
    )
    value, size, first, last, (event, at, raw), ever, ever_last = index.reader.page(sql, bound)[0]
    told: dict[str, Any] = {"events": int(size)}
    if size:
        told |= {"first": clock.iso_ms(int(first)), "last": clock.iso_ms(int(last))}
        if event:
            told["event"] = {"id": event, "at": clock.iso_ms(int(at))}
        if type(leaf) in _VALUES:
            told["value"] = _VALUES[type(leaf)](leaf, value, raw, index)
    if ever > size:
        told |= {"ever": int(ever), "ever_last": clock.iso_ms(int(ever_last))}
    return told, None


def _deciding(leaf: tree.Leaf, fits: str, index: PeopleIndex) -> str:
    """SQL: id, time and properties of the event that decided: the last one, where the condition is about no other."""
    order, which, best = "(time, seq, pos)", fits, "argMax"
    if isinstance(leaf, tree.EventTimeCondition):
        best = _BEST.get(leaf.which, best)
    elif isinstance(leaf, tree.AggregateCondition) and leaf.function in _BEST:
        best = _BEST[leaf.function]
        column = index.names.property_column(leaf.property, AGGREGATES[leaf.function].operand)
        if column is not None:
            order, which = f"(assumeNotNull({column.x}), time, seq, pos)", f"{fits} AND isNotNull({column.x})"
    return f"{best}If((message_id, time, raw), {order}, {which})"


_BEST: Final = {"first": "argMin", "minimum": "argMin", "maximum": "argMax"}


def _aggregate_value(_leaf: tree.AggregateCondition, value: Any, _raw: str, _index: PeopleIndex) -> Any:
    return None if value is None else plain_number(value)


def _time_value(_leaf: tree.EventTimeCondition, value: Any, _raw: str, _index: PeopleIndex) -> Any:
    return clock.iso_ms(int(value))


def _property_value(leaf: tree.EventPropertyCondition, _value: Any, raw: str, index: PeopleIndex) -> Any:
    # As it was sent: the index compares folded text.
    return orjson.loads(raw).get(str(index.names.properties.get(leaf.property)))


# How often something was done is its own value.
_VALUES: Final[Mapping[type, Callable[[Any, Any, str, PeopleIndex], Any]]] = {
    tree.AggregateCondition: _aggregate_value,
    tree.EventTimeCondition: _time_value,
    tree.EventPropertyCondition: _property_value,
}
_DECIDING: Final[Mapping[type, Callable[[Any, _Asked], _Decided]]] = {
    tree.FieldCondition: _field,
    tree.BucketCondition: _bucket,
    tree.SegmentCondition: _segment,
    **dict.fromkeys(tree.EVENT_LEAVES, _events),
}
