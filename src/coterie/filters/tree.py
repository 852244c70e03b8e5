"""The tree of a filter: what is stored and sent. Whether its names and values fit is for `check` to say."""

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Container, Iterator, Mapping
from typing import Annotated, Final, Literal, TypeAlias
from typing import Any as Anything

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, PlainValidator, StrictInt, WithJsonSchema
from pydantic import Field as Key

from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS
from coterie.filters.fields import FIELD_ALIASES
from coterie.filters.moment import Unit
from coterie.filters.operators import OPERATORS
from coterie.filters.shapes import (
    SHAPES,
    Range,
    Scalar,
    ScalarField,
    ShapeKey,
    Span,
    Value,
    read_value,
)
from coterie.filters.values import plain_number

__all__ = [
    "EVENT_LEAVES",
    "AggregateCondition",
    "All",
    "Any",
    "BucketCondition",
    "Condition",
    "EventCondition",
    "EventPropertyCondition",
    "EventTimeCondition",
    "FieldCondition",
    "Filter",
    "Leaf",
    "Node",
    "Not",
    "PropertyCondition",
    "Range",
    "Scalar",
    "SegmentCondition",
    "SequenceCondition",
    "Span",
    "Value",
    "Window",
    "children",
    "walk",
]

LANGUAGE_VERSION: Literal[1] = 1
_LAST_PART: Final = re.compile(r"(\.\w+|\[\d+\])$")

Json: TypeAlias = dict[str, Anything]


def _known(rows: Mapping[str, object], kind: str) -> PlainValidator:
    """A check that a key is one of a table's rows."""

    def known(key: object) -> str:
        if isinstance(key, str) and key in rows:
            return key
        raise ValueError(f"there is no {kind} {key!r}; there are {', '.join(rows)}")

    return PlainValidator(known)


def _one_of(rows: Mapping[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(rows)})


OperatorKey: TypeAlias = Annotated[str, _known(OPERATORS, "operator"), _one_of(OPERATORS)]
SegmentOperatorKey: TypeAlias = Annotated[
    str, _known(SEGMENT_OPERATORS, "operator on segments"), _one_of(SEGMENT_OPERATORS)
]
EventOperatorKey: TypeAlias = Annotated[str, _known(EVENT_OPERATORS, "operator on events"), _one_of(EVENT_OPERATORS)]
FunctionKey: TypeAlias = Annotated[str, _known(AGGREGATES, "function"), _one_of(AGGREGATES)]
WhichKey: TypeAlias = Annotated[str, _known(EVENT_TIMES, "time of an event"), _one_of(EVENT_TIMES)]


def _value_schema() -> Json:
    return {"anyOf": [dict(shape.schema) for shape in SHAPES.values()], "default": None}


def _schema_by_operator(schema: Json) -> None:
    """Each operator's value in the JSON schema, made from the rows."""
    rules = []
    for shape in ShapeKey:
        keys = [row.key for row in OPERATORS.values() if row.shape is shape]
        rule: Json = {"properties": {"value": dict(SHAPES[shape].schema)}}
        if shape is not ShapeKey.NONE:
            rule["required"] = ["value"]
        rules.append({"if": {"properties": {"op": {"enum": keys}}}, "then": rule})
    schema["allOf"] = rules


def _exact_text(raw: object) -> object:
    """Names are kept in Unicode's NFC, so that is how a filter names them."""
    if isinstance(raw, str):
        try:
            raw.encode()
        except UnicodeEncodeError:
            raise ValueError("the text holds half a character (a lone surrogate)") from None
        return unicodedata.normalize("NFC", raw)
    return raw


def _own_name(raw: object) -> object:
    """A field under its own name: the tree holds no aliases."""
    return FIELD_ALIASES.get(raw, raw) if isinstance(raw, str) else raw


def _written(value: Value) -> Anything:
    return value.model_dump() if isinstance(value, Range | Span) else value


def _percent(raw: object) -> object:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError("expected a number from 0 to 100")
    return plain_number(raw)


ValueField: TypeAlias = Annotated[
    Value, PlainValidator(read_value), PlainSerializer(_written), WithJsonSchema(_value_schema())
]
Name: TypeAlias = Annotated[str, BeforeValidator(_exact_text), Key(strict=True, min_length=1, max_length=1_000)]
Percent: TypeAlias = Annotated[int | float, BeforeValidator(_percent)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class All(_Part):
    """True where each node is; empty, it is everyone."""

    type: Literal["all"] = "all"
    of: tuple["Node", ...]


class Any(_Part):
    """True where a node is; empty, it is nobody."""

    type: Literal["any"] = "any"
    of: tuple["Node", ...]


class Not(_Part):
    """True where the node is not."""

    type: Literal["not"] = "not"
    of: "Node"


class FieldCondition(_Part):
    """What is known about a person."""

    model_config = ConfigDict(json_schema_extra=_schema_by_operator)

    type: Literal["field"] = "field"
    field: Annotated[Name, BeforeValidator(_own_name)]
    op: OperatorKey
    value: ValueField = None
    or_unknown: bool = Key(default=False, strict=True)


class SegmentCondition(_Part):
    """Membership; `segments` are public ids."""

    type: Literal["segment"] = "segment"
    op: SegmentOperatorKey
    segments: tuple[Name, ...] = Key(min_length=1, max_length=100)


class PropertyCondition(_Part):
    """What one event must have to count."""

    model_config = ConfigDict(json_schema_extra=_schema_by_operator)

    property: Name
    op: OperatorKey
    value: ValueField = None


class _WindowPart(_Part):
    @abstractmethod
    def operand(self) -> Value:
        """The value of the time operator that the window means."""


class WindowLast(_WindowPart):
    """Events of the last n units up to, not including, now."""

    kind: Literal["last"] = "last"
    n: StrictInt
    unit: Unit

    def operand(self) -> Span:
        return Span(n=self.n, unit=self.unit)


class WindowBefore(_WindowPart):
    """Events before a date or a time."""

    kind: Literal["before"] = "before"
    at: ScalarField

    def operand(self) -> Scalar:
        return self.at


class WindowAfter(_WindowPart):
    """Events after a date or a time."""

    kind: Literal["after"] = "after"
    at: ScalarField

    def operand(self) -> Scalar:
        return self.at


class WindowBetween(_WindowPart):
    """Events from one date or time up to, not including, another."""

    kind: Literal["between"] = "between"
    from_: ScalarField = Key(alias="from")
    to: ScalarField

    def operand(self) -> Range:
        return Range(from_=self.from_, to=self.to)


Window: TypeAlias = Annotated[WindowLast | WindowBefore | WindowAfter | WindowBetween, Key(discriminator="kind")]


Where: TypeAlias = Annotated[tuple[PropertyCondition, ...], Key(max_length=20)]


class EventCondition(_Part):
    """How often a person did something."""

    type: Literal["event"] = "event"
    event: Name
    op: EventOperatorKey
    count: StrictInt | None = None
    window: Window | None = None
    where: Where = ()


class AggregateCondition(_Part):
    """A number made of a property of a person's events."""

    model_config = ConfigDict(json_schema_extra=_schema_by_operator)

    type: Literal["aggregate"] = "aggregate"
    function: FunctionKey
    property: Name
    event: Name
    window: Window | None = None
    where: Where = ()
    op: OperatorKey
    value: ValueField = None
    or_unknown: bool = Key(default=False, strict=True)


class EventTimeCondition(_Part):
    """The first or last time of an event."""

    model_config = ConfigDict(json_schema_extra=_schema_by_operator)

    type: Literal["event_time"] = "event_time"
    which: WhichKey
    event: Name
    where: Where = ()
    op: OperatorKey
    value: ValueField = None
    or_unknown: bool = Key(default=False, strict=True)


class EventPropertyCondition(_Part):
    """A property of the last such event."""

    model_config = ConfigDict(json_schema_extra=_schema_by_operator)

    type: Literal["event_property"] = "event_property"
    event: Name
    property: Name
    op: OperatorKey
    value: ValueField = None
    or_unknown: bool = Key(default=False, strict=True)


class SequenceCondition(_Part):
    """One event, then another within a time."""

    type: Literal["sequence"] = "sequence"
    first: Name
    then: Name
    within: Span


class BucketCondition(_Part):
    """A stable random share of people: percent from, up to and not including, to."""

    type: Literal["bucket"] = "bucket"
    from_: Percent = Key(alias="from")
    to: Percent


Leaf: TypeAlias = (
    FieldCondition
    | EventCondition
    | AggregateCondition
    | EventTimeCondition
    | EventPropertyCondition
    | SequenceCondition
    | BucketCondition
)
Condition: TypeAlias = Leaf | SegmentCondition
Node: TypeAlias = Annotated[
    All
    | Any
    | Not
    | FieldCondition
    | SegmentCondition
    | EventCondition
    | AggregateCondition
    | EventTimeCondition
    | EventPropertyCondition
    | SequenceCondition
    | BucketCondition,
    Key(discriminator="type"),
]
EVENT_LEAVES = (
    EventCondition,
    AggregateCondition,
    EventTimeCondition,
    EventPropertyCondition,
    SequenceCondition,
)


class Filter(_Part):
    """A filter with the version of the language it was written in."""

    version: Literal[1] = LANGUAGE_VERSION
    root: Node


All.model_rebuild()
Any.model_rebuild()
Not.model_rebuild()
Filter.model_rebuild()


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right under a node; none under a condition."""
    if isinstance(node, All | Any):
        return node.of
    return (node.of,) if isinstance(node, Not) else ()


def split_path(path: str, known: Container[str]) -> tuple[str, str]:
    """The longest known path that a place is in, and the way from there.

    `root.of[1].value.from` becomes `root.of[1]` and `.value.from` when the first is known; a place in none of the
    known ones stays whole.
    """
    here = path
    while here not in known and _LAST_PART.search(here):
        here = _LAST_PART.sub("", here)
    return (here, path[len(here) :]) if here in known else (path, "")


def walk(node: Node, path: str = "root") -> Iterator[tuple[str, Node, int]]:
    """Every node with its path and its depth, parents first; the root has depth 1."""
    waiting = [(path, node, 1)]
    while waiting:
        here, current, depth = waiting.pop()
        yield here, current, depth
        if isinstance(current, Not):
            waiting.append((f"{here}.of", current.of, depth + 1))
        else:
            below = [(f"{here}.of[{i}]", child, depth + 1) for i, child in enumerate(children(current))]
            waiting.extend(reversed(below))
