"""Filters in their normal form: positive conditions under all, any and not; and what a filter uses.

The same condition, however it is written, has one key, so that its set is kept once.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any as Anything

from coterie.filters.events import EVENT_OPERATORS, SEGMENT_OPERATORS
from coterie.filters.moment import CALENDAR_UNITS
from coterie.filters.operators import OPERATORS, Operator
from coterie.filters.rows import Clock
from coterie.filters.shapes import Range, Span, Value
from coterie.filters.tree import (
    AggregateCondition,
    All,
    Any,
    BucketCondition,
    Condition,
    EventCondition,
    EventPropertyCondition,
    EventTimeCondition,
    FieldCondition,
    Filter,
    Node,
    Not,
    PropertyCondition,
    SegmentCondition,
    SequenceCondition,
    WindowLast,
    walk,
)
from coterie.filters.values import read_when

_Compared = FieldCondition | AggregateCondition | EventTimeCondition | EventPropertyCondition

# Two rows that mean the same on every field that both are for.
_SAME = {"is_not_empty": "is_known", "is_empty": "is_unknown"}
# A count of 0 is no value: "exactly 0" is the complement of having any.
_NONE_AT_ALL = {"count_equals": "is_known"}


def positive(node: Condition) -> tuple[Node, bool]:
    """The condition as a positive one, and whether that is to be turned round.

    A condition that says "or is unknown" becomes `any` of itself without it and of `not` is known: then the first
    item is that small group.
    """
    if isinstance(node, EventCondition):
        return _positive_event(node)
    if isinstance(node, SegmentCondition):
        return _positive_segment(node)
    if isinstance(node, SequenceCondition | BucketCondition):
        return node, False
    if node.or_unknown:
        plain = node.model_copy(update={"or_unknown": False})
        known = node.model_copy(update={"or_unknown": False, "op": "is_known", "value": None})
        inner, negated = positive(plain)
        return Any(of=(Not(of=inner) if negated else inner, Not(of=known))), False
    return _positive_compared(node)


def positive_tree(node: Node | Filter) -> Node:
    """The same filter with positive conditions only: every negative one stands as `not` over its positive twin."""
    if isinstance(node, Filter):
        return positive_tree(node.root)
    if isinstance(node, All | Any):
        return type(node)(of=tuple(positive_tree(child) for child in node.of))
    if isinstance(node, Not):
        inner = positive_tree(node.of)
        return inner.of if isinstance(inner, Not) else Not(of=inner)
    found, negated = positive(node)
    return Not(of=found) if negated else found


def leaf_key(node: Condition) -> str:
    """A stable key of a positive condition: equal for the same condition written in different ways.

    A date without a zone counts as itself: keys hold within one workspace, whose zone they take for granted.
    """
    canonical = json.dumps(_canonical(node), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def leaves_of(node: Node | Filter) -> Iterator[Condition]:
    """The conditions of a tree, in order, as often as they stand there."""
    for _, found, _ in walk(_root(node)):
        if not isinstance(found, All | Any | Not):
            yield found


def conditions_of(node: Node | Filter) -> list[Condition]:
    """The different conditions of a filter in order of first appearance: the numbers of the numbered form."""
    return list(dict.fromkeys(leaves_of(node)))


def fields_used(node: Node | Filter) -> set[str]:
    """Names of the fields that a filter's conditions are about."""
    return {leaf.field for leaf in leaves_of(node) if isinstance(leaf, FieldCondition)}


def segments_used(node: Node | Filter) -> set[str]:
    """Public ids of the segments that a filter names."""
    return {id for leaf in leaves_of(node) if isinstance(leaf, SegmentCondition) for id in leaf.segments}


def is_daily(leaf: Condition) -> bool:
    """True when a condition has to be looked at anew for everyone when the local day changes."""
    return clock_of(leaf) == "daily"


def clock_of(leaf: Condition) -> Clock | None:
    """How a condition's truth changes as time passes; "daily" where any part of it is daily."""
    if isinstance(leaf, SegmentCondition | SequenceCondition | BucketCondition):
        return None
    rows = _rows(leaf)
    if any(row.clock == "daily" for row in rows):
        return "daily"
    if isinstance(getattr(leaf, "window", None), WindowLast) or any(row.clock for row in rows):
        return "edges"
    return None


def uses_zone(leaf: Condition) -> bool:
    """True when who meets a condition may depend on the time zone that its days and its written times are read in."""
    if isinstance(leaf, SequenceCondition):
        return leaf.within.unit in CALENDAR_UNITS
    if isinstance(leaf, SegmentCondition | BucketCondition):
        return False
    return getattr(leaf, "window", None) is not None or any(_is_timed(row) for row in _rows(leaf))


def _rows(leaf: EventCondition | _Compared) -> list[Operator]:
    """The operators of fields that a condition applies, to itself or to properties of events."""
    rows = [OPERATORS[each.op] for each in getattr(leaf, "where", ())]
    return rows if isinstance(leaf, EventCondition) else [*rows, OPERATORS[leaf.op]]


def _is_timed(row: Operator) -> bool:
    return bool(row.edges or row.units)


def _root(node: Node | Filter) -> Node:
    return node.root if isinstance(node, Filter) else node


def _positive_event(node: EventCondition) -> tuple[Node, bool]:
    row = EVENT_OPERATORS[node.op]
    negated = row.complement_of is not None
    op, count = row.complement_of or row.key, node.count
    if op == "exactly" and count == 0:
        op, negated = "did", not negated
    elif op == "more_than" and count is not None:
        op, count = "at_least", count + 1
    if op == "at_least" and count == 1:
        op = "did"
    return node.model_copy(update={"op": op, "count": None if op == "did" else count}), negated


def _positive_segment(node: SegmentCondition) -> tuple[Node, bool]:
    row = SEGMENT_OPERATORS[node.op]
    segments = tuple(sorted(set(node.segments)))
    op = row.complement_of or row.key
    if len(segments) == 1:
        op = "in"
    return node.model_copy(update={"op": op, "segments": segments}), row.is_negative


def _positive_compared(node: _Compared) -> tuple[Node, bool]:
    row = OPERATORS[_SAME.get(node.op, node.op)]
    negated = row.complement_of is not None
    op, value = row.complement_of or row.key, node.value
    if op in _NONE_AT_ALL and value == 0:
        op, value, negated = _NONE_AT_ALL[op], None, not negated
    elif op == "count_greater" and isinstance(value, int):
        op, value = "count_at_least", value + 1
    if op == "count_at_least" and value == 1:
        op, value = "is_known", None
    return node.model_copy(update={"op": _SAME.get(op, op), "value": value}), negated


def _canonical(node: Condition | PropertyCondition) -> Anything:
    """A condition as JSON in which nothing is left to taste."""
    if isinstance(node, SegmentCondition):
        return ["segment", node.op, sorted(set(node.segments))]
    if isinstance(node, SequenceCondition):
        return ["sequence", node.first, node.then, _canonical_time(node.within)]
    if isinstance(node, BucketCondition):
        return ["bucket", float(node.from_), float(node.to)]
    # Parts that a kind of condition lacks are null.
    body: dict[str, Anything] = {
        key: getattr(node, key, None)
        for key in ("type", "field", "function", "which", "event", "property", "op", "count")
    }
    window = getattr(node, "window", None)
    if window is not None:
        body["window"] = [window.kind, _canonical_time(window.operand())]
    body["where"] = sorted((_canonical(each) for each in getattr(node, "where", ())), key=json.dumps)
    if not isinstance(node, EventCondition):
        body["value"] = _canonical_value(OPERATORS[node.op], node.value)
        body["or_unknown"] = getattr(node, "or_unknown", False)
    return {key: value for key, value in body.items() if value}


def _canonical_value(row: Operator, value: Value) -> Anything:
    if _is_timed(row):
        return _canonical_time(value)
    # What a row binds is already folded, sorted and free of doubles.
    return [list(bound) for bound in row.bind(value, None)]


_SMALLER = {"weeks": ("days", 7), "years": ("months", 12), "hours": ("minutes", 60)}


def _canonical_time(value: Value) -> Anything:
    if isinstance(value, Span):
        unit, times = _SMALLER.get(value.unit, (value.unit, 1))
        return [value.n * times, unit]
    if isinstance(value, Range):
        return [_canonical_time(value.from_), _canonical_time(value.to)]
    when = read_when(value) if isinstance(value, str) else None
    if isinstance(when, datetime):
        return (when.astimezone(UTC) if when.tzinfo else when).isoformat(timespec="milliseconds")
    return when.isoformat() if when else value
