"""Single conditions as ClickHouse SQL. Nothing else of a filter becomes SQL: and, or, not are algebra on sets.

A condition over people is one boolean expression; a condition over events is one aggregate per person and one boolean
expression over it. Every value is bound; expressions come from the operators' rows, columns from names.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from coterie.audience.names import KINDS, Column, Names
from coterie.filters import tree
from coterie.filters.bucket import bucket_sql
from coterie.filters.errors import InvalidFilter, Problem, UnknownField, inapplicable
from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, WINDOWS
from coterie.filters.fields import TYPE_WORDS, FieldType, nearest, of_type
from coterie.filters.moment import EXACT_UNITS, Moment
from coterie.filters.operators import OPERATORS, Operator
from coterie.filters.shapes import Span, Value
from coterie.kit.reasons import Reason

_NO_REGION = "CAST(NULL AS Nullable(String))"


class Bound:
    """Bound values of one query: each different one gets a name of its own, so that equal conditions read alike."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[tuple[str, str], str] = {}

    def add(self, kind: str, value: Any) -> str:
        """Bind a value; the answer is its placeholder."""
        name = self._names.setdefault((kind, repr(value)), f"p{len(self.values)}")
        self.values[name] = value
        return f"{{{name}:{kind}}}"


@dataclass(frozen=True)
class PeoplePredicate:
    """True for the people of the condition; false where there is no value."""

    sql: str


@dataclass(frozen=True)
class EventPredicate:
    """An aggregate over one person's events of these ids, and what must hold for it (`{agg}` stands for it)."""

    events: tuple[int, ...]
    aggregate: str
    having: str


Predicate = PeoplePredicate | EventPredicate


@dataclass(frozen=True)
class Edge:
    """Where truth changes as time passes: values of `x` (ms, or days of a date) that the instant `at` passes over."""

    table: str
    x: str
    at: int
    events: tuple[int, ...] = ()


def predicate(leaf: tree.Leaf, names: Names, moment: Moment, bound: Bound) -> Predicate:
    """The SQL of one positive condition at one moment.

    Raises UnknownField for a field that is gone, InvalidFilter for one whose type the operator does not take.
    """
    return _PREDICATES[type(leaf)](leaf, names, moment, bound)


def counted(leaf: tree.Leaf, names: Names, moment: Moment, bound: Bound) -> str:
    """SQL: an event of those that `predicate` names is one that the condition counts, in its window, as it must be."""
    if isinstance(leaf, tree.SequenceCondition):
        return "1"
    event: Any = leaf
    return _fits(event.event, getattr(leaf, "window", None), getattr(leaf, "where", ()), names, moment, bound)


def edges(leaf: tree.Leaf, names: Names, moment: Moment) -> list[Edge]:
    """The instants at which this condition's truth changes for a value, as they lie at this moment."""
    return list(_EDGES[type(leaf)](leaf, names, moment))


def known(column: Column) -> str:
    """SQL: the person has a value."""
    row = OPERATORS["is_known"].on(column.type)
    assert row.predicate is not None
    return f"({row.predicate.format(x=column.x)})"


def _positive_row(op: str) -> tuple[Operator, bool]:
    row = OPERATORS[op]
    return (OPERATORS[row.complement_of], True) if row.complement_of else (row, False)


def _render(
    row: Operator, type: FieldType, x: str, value: Value, moment: Moment, bound: Bound, *, region: str = _NO_REGION
) -> str:
    """The row's predicate over `x`, with its values bound; false where there is no value."""
    typed = row.on(type)
    assert typed.predicate is not None, f"{row.key} is a complement"
    places = {each.name: bound.add(each.type, each.value) for each in typed.bind(value, moment)}
    return f"ifNull({typed.predicate.format(x=x, x_region=region, **places)}, 0)"


def _column(leaf: tree.FieldCondition, names: Names) -> Column:
    column = names.fields.get(leaf.field)
    if column is None:
        raise UnknownField(leaf.field, nearest(leaf.field, names.fields))
    row = OPERATORS[leaf.op]
    if column.type not in row.types:
        fault = inapplicable(row.label, of_type(leaf.field, column.type))
        fitting = [TYPE_WORDS[type] for type in sorted(row.types)]
        expected = Reason("a_field_of_type", "a field of type {types}", types=fitting)
        raise InvalidFilter([Problem("root", fault, expected)])
    return column


def _field(leaf: tree.FieldCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    column = _column(leaf, names)
    row = OPERATORS[leaf.op]
    return PeoplePredicate(_render(row, column.type, column.x, leaf.value, moment, bound, region=column.region))


def _bucket(leaf: tree.BucketCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    low, high = bound.add("Float64", float(leaf.from_)), bound.add("Float64", float(leaf.to))
    return PeoplePredicate(f"({bucket_sql('number')} >= {low} AND {bucket_sql('number')} < {high})")


# Events


def _fits(
    event: str, window: Any, where: Iterable[tree.PropertyCondition], names: Names, moment: Moment, bound: Bound
) -> str:
    """SQL: this event is one of those that the condition is about."""
    parts = [f"event = {bound.add('UInt32', names.events.get(event, 0))}"]
    if window is not None:
        row = OPERATORS[WINDOWS[window.kind].operator]
        parts.append(_render(row, FieldType.DATETIME, "time", window.operand(), moment, bound))
    parts.extend(_property(each, names, moment, bound) for each in where)
    return " AND ".join(parts)


def _property(node: tree.PropertyCondition, names: Names, moment: Moment, bound: Bound) -> str:
    """SQL: this event's property meets the condition; a negative one is the exact complement, event by event."""
    row, negated = _positive_row(node.op)
    type = row.property_type(node.value)
    sql = _render(row, type, _property_x(node.property, type, names), node.value, moment, bound)
    return f"NOT {sql}" if negated else sql


def _property_x(name: str, type: FieldType, names: Names) -> str:
    column = names.property_column(name, type)
    return column.x if column else f"CAST(NULL AS Nullable({KINDS[type]}))"


def _ids(names: Names, *events: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(names.events.get(event, 0) for event in events))


def _event(leaf: tree.EventCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    fits = _fits(leaf.event, leaf.window, leaf.where, names, moment, bound)
    row = EVENT_OPERATORS[leaf.op]
    assert row.predicate is not None, f"{row.key} is a complement"
    places = {each.name: bound.add(each.type, each.value) for each in row.bind(leaf.count, moment)}
    return EventPredicate(_ids(names, leaf.event), f"countIf({fits})", row.predicate.format(x="{agg}", **places))


def _aggregate(leaf: tree.AggregateCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    row = AGGREGATES[leaf.function]
    fits = _fits(leaf.event, leaf.window, leaf.where, names, moment, bound)
    x = f"if({fits}, {_property_x(leaf.property, row.operand, names)}, NULL)"
    having = _render(OPERATORS[leaf.op], FieldType.NUMBER, "{agg}", leaf.value, moment, bound)
    return EventPredicate(_ids(names, leaf.event), row.expression.format(x=x), having)


def _event_time(leaf: tree.EventTimeCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    fits = _fits(leaf.event, None, leaf.where, names, moment, bound)
    aggregate = EVENT_TIMES[leaf.which].expression.format(t=f"if({fits}, time, NULL)")
    having = _render(OPERATORS[leaf.op], FieldType.DATETIME, "{agg}", leaf.value, moment, bound)
    return EventPredicate(_ids(names, leaf.event), aggregate, having)


def _event_property(leaf: tree.EventPropertyCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    row = OPERATORS[leaf.op]
    type = row.property_type(leaf.value)
    fits = _fits(leaf.event, None, (), names, moment, bound)
    # In a tuple, because argMax passes over rows whose value is NULL: the last event may lack the property.
    x = _property_x(leaf.property, type, names)
    aggregate = f"tupleElement(argMaxIf(tuple({x}), (time, seq, pos), {fits}), 1)"
    return EventPredicate(_ids(names, leaf.event), aggregate, _render(row, type, "{agg}", leaf.value, moment, bound))


def _sequence(leaf: tree.SequenceCondition, names: Names, moment: Moment, bound: Bound) -> Predicate:
    first, then = names.events.get(leaf.first, 0), names.events.get(leaf.then, 0)
    ends_by = _until(leaf.within, "s", moment, bound)
    starts = f"arraySort(groupArrayIf(time, event = {bound.add('UInt32', first)}))"
    if first == then:
        held = f"arrayExists((s, e) -> e < {ends_by}, arrayPopBack({{agg}}), arrayPopFront({{agg}}))"
        return EventPredicate((first,), starts, held)
    ends = f"groupArrayIf(time, event = {bound.add('UInt32', then)})"
    held = f"arrayExists(s -> arrayExists(e -> e >= s AND e < {ends_by}, {{agg}}.2), {{agg}}.1)"
    return EventPredicate((first, then), f"({starts}, {ends})", held)


_CALENDAR_STEPS = {"months": "addMonths", "years": "addYears"}


def _until(span: Span, start: str, moment: Moment, bound: Bound) -> str:
    """SQL: the instant a span after `start` (ms); months and years are steps of the workspace's calendar."""
    if span.unit in EXACT_UNITS:
        return f"{start} + {bound.add('Int64', span.n * EXACT_UNITS[span.unit])}"
    local = f"fromUnixTimestamp64Milli({start}, {bound.add('String', moment.zone)})"
    return f"toUnixTimestamp64Milli({_CALENDAR_STEPS[span.unit]}({local}, {bound.add('Int32', span.n)}))"


_PREDICATES: dict[type, Callable[..., Predicate]] = {
    tree.FieldCondition: _field,
    tree.BucketCondition: _bucket,
    tree.EventCondition: _event,
    tree.AggregateCondition: _aggregate,
    tree.EventTimeCondition: _event_time,
    tree.EventPropertyCondition: _event_property,
    tree.SequenceCondition: _sequence,
}


# Edges


def _row_edges(
    row: Operator, type: FieldType, x: str, value: Value, moment: Moment, events: tuple[int, ...] = ()
) -> list[Edge]:
    typed = row.on(type)
    if typed.clock != "edges" or typed.edges is None:
        return []
    table = "events" if events else "people"
    return [Edge(table, x, at, events) for at in typed.edges(value, moment)]


def _field_edges(leaf: tree.FieldCondition, names: Names, moment: Moment) -> list[Edge]:
    column = _column(leaf, names)
    return _row_edges(OPERATORS[leaf.op], column.type, column.x, leaf.value, moment)


def _event_edges(leaf: Any, names: Names, moment: Moment) -> list[Edge]:
    events = _ids(names, leaf.event)
    found: list[Edge] = []
    window = getattr(leaf, "window", None)
    if window is not None:
        row = OPERATORS[WINDOWS[window.kind].operator]
        found.extend(_row_edges(row, FieldType.DATETIME, "time", window.operand(), moment, events))
    for condition in getattr(leaf, "where", ()):
        found.extend(_property_edges(condition, names, moment, events))
    if isinstance(leaf, tree.EventTimeCondition):
        found.extend(_row_edges(OPERATORS[leaf.op], FieldType.DATETIME, "time", leaf.value, moment, events))
    if isinstance(leaf, tree.EventPropertyCondition):
        found.extend(_property_edges(leaf, names, moment, events))
    return found


def _property_edges(node: Any, names: Names, moment: Moment, events: tuple[int, ...]) -> list[Edge]:
    row, _ = _positive_row(node.op)
    type = row.property_type(node.value)
    return _row_edges(row, type, _property_x(node.property, type, names), node.value, moment, events)


def _no_edges(leaf: tree.Leaf, names: Names, moment: Moment) -> list[Edge]:
    return []


_EDGES: dict[type, Callable[..., list[Edge]]] = {
    tree.FieldCondition: _field_edges,
    tree.BucketCondition: _no_edges,
    tree.EventCondition: _event_edges,
    tree.AggregateCondition: _event_edges,
    tree.EventTimeCondition: _event_edges,
    tree.EventPropertyCondition: _event_edges,
    tree.SequenceCondition: _no_edges,
}
