"""A filter as the sentence that reads back as the same tree."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any as Anything

from coterie.filters.events import (
    AGGREGATES,
    BUCKET,
    EVENT_OPERATORS,
    EVENT_PROPERTY,
    EVENT_TIMES,
    SEGMENT_OPERATORS,
    SEQUENCE,
    WINDOWS,
)
from coterie.filters.fields import Catalogue, FieldType
from coterie.filters.grammar import reserved
from coterie.filters.operators import OPERATORS, Operator
from coterie.filters.shapes import Range, Scalar, ShapeKey, Span, Value
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
    Window,
)
from coterie.filters.values import read_when

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """A condition in words; an `open` one would swallow an `and` that follows, so it stands in parentheses there."""

    text: str
    open: bool = False


def print_filter(filter: Filter, catalogue: Catalogue) -> str:
    """The sentence of a filter; `parse` makes the same tree of it."""
    return print_tree(filter.root, lambda leaf: _PRINTERS[type(leaf)](leaf, catalogue))


def print_tree(node: Node, leaf: Callable[[Condition], Words]) -> str:
    """The algebra in words, with each condition as `leaf` has it."""
    if isinstance(node, All | Any):
        word = "all" if isinstance(node, All) else "any"
        if not node.of:
            return "everyone" if word == "all" else "nobody"
        if len(node.of) == 1:
            return f"{word} ({print_tree(node.of[0], leaf)})"
        joint = " and " if word == "all" else " or "
        return joint.join(_member(child, leaf, followed=word == "all") for child in node.of)
    if isinstance(node, Not):
        return f"not ({print_tree(node.of, leaf)})"
    return leaf(node).text


def quoted(text: str) -> str:
    """Text in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def name_text(name: str) -> str:
    """A name of a field or property, in back-quotes unless it is a plain word that starts nothing else."""
    if _PLAIN.fullmatch(name) and name.lower() not in reserved():
        return name
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _member(node: Node, leaf: Callable[[Condition], Words], *, followed: bool) -> str:
    """One of several in a row; groups of several stand in parentheses, which is easier read than precedence."""
    if isinstance(node, All | Any):
        text = print_tree(node, leaf)
        return f"({text})" if len(node.of) > 1 else text
    if isinstance(node, Not):
        return print_tree(node, leaf)
    words = leaf(node)
    return f"({words.text})" if words.open and followed else words.text


def _filled(sentence: str, **slots: str) -> str:
    """A form with its placeholders filled in; `times` and units follow their number."""
    words = sentence.split()
    for i, word in enumerate(words):
        if word.startswith("{"):
            words[i] = slots[word.strip("{}")]
        elif word == "times" and slots.get("n") == "1":
            words[i] = "time"
    return " ".join(words)


def _literal(value: Scalar, *, time: bool) -> str:
    if isinstance(value, str):
        return value if time and read_when(value) is not None else quoted(value)
    return repr(value)


def _slots(row: Operator, value: Value) -> dict[str, str]:
    """What fills the placeholders of a row's form."""
    time = FieldType.DATETIME in row.types
    if isinstance(value, Span):
        return {"n": str(value.n), "unit": value.unit.removesuffix("s") if value.n == 1 else value.unit}
    if isinstance(value, Range):
        return {"from": _literal(value.from_, time=time), "to": _literal(value.to, time=time)}
    if isinstance(value, tuple):
        return {"v": "(" + ", ".join(_literal(item, time=time) for item in value) + ")"}
    return {} if value is None else {"v": _literal(value, time=time), "n": str(value)}


def _comparison(subject: str, node: Anything) -> str:
    row = OPERATORS[node.op]
    suffix = " (or unknown)" if getattr(node, "or_unknown", False) else ""
    return _filled(row.sentence, f=subject, **_slots(row, node.value)) + suffix


def _on_events(head: str, window: Window | None, where: Sequence[PropertyCondition]) -> str:
    parts = [head]
    if window is not None:
        row = OPERATORS[WINDOWS[window.kind].operator]
        parts.append(_filled(row.sentence.removeprefix("{f} "), **_slots(row, window.operand())))
    if where:
        parts.append("where " + " and ".join(_comparison(name_text(each.property), each) for each in where))
    return " ".join(parts)


def _field(node: FieldCondition, catalogue: Catalogue) -> Words:
    return Words(_comparison(name_text(node.field), node))


def _segment(node: SegmentCondition, catalogue: Catalogue) -> Words:
    row = SEGMENT_OPERATORS[node.op]
    names = [quoted(catalogue.segment_name(id)) for id in node.segments]
    return Words(_filled(row.sentence, v=names[0] if row.shape is ShapeKey.ONE else f"({', '.join(names)})"))


def _event(node: EventCondition, catalogue: Catalogue) -> Words:
    head = _filled(EVENT_OPERATORS[node.op].sentence, e=quoted(node.event), n=str(node.count))
    return Words(_on_events(head, node.window, node.where), open=bool(node.where))


def _aggregate(node: AggregateCondition, catalogue: Catalogue) -> Words:
    head = _filled(AGGREGATES[node.function].sentence, p=name_text(node.property), e=quoted(node.event))
    return Words(_comparison(_on_events(head, node.window, node.where), node))


def _event_time(node: EventTimeCondition, catalogue: Catalogue) -> Words:
    head = _filled(EVENT_TIMES[node.which].sentence, e=quoted(node.event))
    return Words(_comparison(_on_events(head, None, node.where), node))


def _event_property(node: EventPropertyCondition, catalogue: Catalogue) -> Words:
    head = _filled(EVENT_PROPERTY.sentence, p=name_text(node.property), e=quoted(node.event))
    return Words(_comparison(head, node))


def _sequence(node: SequenceCondition, catalogue: Catalogue) -> Words:
    slots = _slots(OPERATORS["in_last"], node.within)
    return Words(_filled(SEQUENCE.sentence, a=quoted(node.first), b=quoted(node.then), **slots))


def _bucket(node: BucketCondition, catalogue: Catalogue) -> Words:
    return Words(_filled(BUCKET.sentence, **{"from": repr(node.from_), "to": repr(node.to)}))


_PRINTERS: dict[type, Callable[[Anything, Catalogue], Words]] = {
    FieldCondition: _field,
    SegmentCondition: _segment,
    EventCondition: _event,
    AggregateCondition: _aggregate,
    EventTimeCondition: _event_time,
    EventPropertyCondition: _event_property,
    SequenceCondition: _sequence,
    BucketCondition: _bucket,
}
