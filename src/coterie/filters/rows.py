"""The operator row: everything there is to know about one operator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, Literal, NamedTuple, Protocol

from coterie.filters.fields import PROPERTY_TYPES, FieldType, Semantic
from coterie.filters.moment import Moment
from coterie.filters.shapes import (
    MAX_VALUES,
    NO_VALUE,
    Fault,
    Range,
    ShapeKey,
    Value,
    count_faults,
    is_number,
    range_faults,
    scalar_faults,
    span_faults,
)
from coterie.filters.values import fold
from coterie.kit.reasons import Reason


class Bound(NamedTuple):
    """One value to bind to a predicate: the placeholder's name, its ClickHouse type, the Python value."""

    name: str
    type: str
    value: Any


class EdgeRule(Protocol):
    """The instants where the truth of a time row changes.

    Milliseconds since 1970 for a datetime, days since 1970 for a date, in the order e0, e1.
    """

    def __call__(self, value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]: ...


class Binding(Protocol):
    """What a row binds when its shape alone does not say."""

    def __call__(self, value: Value, moment: Moment | None, type: FieldType) -> list[Bound]: ...


Clock = Literal["edges", "daily"]


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """One operator.

    `sentence` is its form: `{f}` the field (or what stands for it), `{v}` the value, `{from}` and `{to}`, `{n}` and
    `{unit}`; `also` are further forms that are read and never written.

    `predicate` is a ClickHouse expression over `{x}`, the column with NULL where there is no value, and over what
    `bind` names; NULL counts as false. It is None for a complement, whose truth is that of `complement_of` turned
    round. `predicates` holds another expression for single types: `on` picks it.

    `clock` says how truth changes when only time passes: "edges" when a value crosses one of `edges`, "daily" when the
    local day changes. `companion` is a second column that the predicate reads as `{x_<companion>}`.
    """

    key: str
    label: str
    sentence: str
    example: str
    types: frozenset[FieldType] = frozenset()
    shape: ShapeKey = ShapeKey.NONE
    predicate: str | None = None
    predicates: Mapping[FieldType, str] = field(default_factory=dict)
    complement_of: str | None = None
    also: tuple[str, ...] = ()
    edges: EdgeRule | None = None
    clock: Clock | None = None
    binding: Binding | None = None
    semantic: Semantic | None = None
    companion: str | None = None
    units: tuple[str, ...] = ()
    verify: Callable[[str], Fault | None] | None = None
    minimum: int = 0
    # Text inside a longer text keeps its outer spaces; a whole value never has any.
    trims: bool = True
    # Whether "or is unknown" says something new: not where people without a value are already told apart.
    joins_unknown: bool = True
    # The type of the column that the row is for; set by `on`.
    operand: FieldType = FieldType.DATETIME

    @property
    def is_negative(self) -> bool:
        """True for the exact complement of another row: people without a value match it."""
        return self.complement_of is not None

    def on(self, type: FieldType) -> "Operator":
        """The row for a field of that type: its `predicate`, `edges` and `bind` are that type's.

        A row as it stands in the table is that of a datetime, where the types differ.
        """
        return _on(self, type)

    def bind(self, value: Value, moment: Moment | None) -> list[Bound]:
        """What to bind to the predicate for a value that was checked.

        A complement binds what its positive twin binds. Time rows need the moment.
        """
        if self.binding:
            return self.binding(value, moment, self.operand)
        if self.edges:
            assert moment is not None, "a time row needs the moment"
            return [Bound(f"e{i}", "Int64", instant) for i, instant in enumerate(self.edges(value, moment))]
        return _bind_by_shape(self, value)

    def faults(self, value: Value, type: FieldType) -> list[Fault]:
        """What is wrong with a value under a field of that type."""
        found = list(_SHAPE_FAULTS[self.shape](self, value, type))
        if not found and self.verify and isinstance(value, str):
            fault = self.verify(value)
            found = [fault] if fault else []
        return found

    def property_type(self, value: Value) -> FieldType:
        """How an event's property, which has no declared type, is read under this operator and value."""
        types = self.types & PROPERTY_TYPES
        if len(types) == 1:
            return next(iter(types))
        sample = value[0] if isinstance(value, tuple) and value else value
        if is_number(sample) and FieldType.NUMBER in types:
            return FieldType.NUMBER
        return FieldType.TEXT


@cache
def _on(row: Operator, type: FieldType) -> Operator:
    return replace(
        row,
        operand=type,
        predicate=row.predicates.get(type, row.predicate),
        edges=partial(row.edges, type=type) if row.edges else None,
    )


def twin(row: Operator, key: str, label: str, sentence: str, *, also: tuple[str, ...] = ()) -> Operator:
    """The exact complement of a positive row, as a row."""
    return replace(
        row,
        key=key,
        label=label,
        sentence=sentence,
        example=_twin_example(row, sentence),
        also=also,
        predicate=None,
        predicates={},
        complement_of=row.key,
        joins_unknown=False,
    )


def table(rows: Sequence[Operator]) -> Mapping[str, Operator]:
    """The rows by key; ValueError when a key comes twice or a complement has no positive twin."""
    by_key = {row.key: row for row in rows}
    if len(by_key) != len(rows):
        raise ValueError("an operator key comes twice")
    for row in rows:
        if row.complement_of and by_key[row.complement_of].complement_of:
            raise ValueError(f"{row.key} is the complement of a complement")
    return by_key


def folded(row: Operator, text: object) -> str:
    """A text value as the predicate compares it."""
    assert isinstance(text, str)
    return fold(text.strip() if row.trims else text)


def _twin_example(row: Operator, sentence: str) -> str:
    """The positive example with the complement's words: the parts between the placeholders are exchanged."""
    rest, values = row.example, []
    pieces = _pieces(row.sentence)
    for i, piece in enumerate(pieces):
        if not piece.startswith("{"):
            rest = rest.removeprefix(piece)
            continue
        after = pieces[i + 1] if i + 1 < len(pieces) else ""
        cut = rest.index(after) if after else len(rest)
        values.append(rest[:cut])
        rest = rest[cut:]
    found = iter(values)
    return "".join(next(found) if piece.startswith("{") else piece for piece in _pieces(sentence))


def _pieces(sentence: str) -> list[str]:
    return [piece for part in sentence.replace("{", "\0{").replace("}", "}\0").split("\0") if (piece := part)]


def _bind_by_shape(row: Operator, value: Value) -> list[Bound]:
    match row.shape:
        case ShapeKey.NONE:
            return []
        case ShapeKey.COUNT:
            return [Bound("v", "UInt64", value)]
        case ShapeKey.ONE if is_number(value):
            return [Bound("v", "Float64", float(value))]
        case ShapeKey.ONE:
            return [Bound("v", "String", folded(row, value))]
        case ShapeKey.MANY:
            assert isinstance(value, tuple)
            if value and is_number(value[0]):
                return [Bound("vs", "Array(Float64)", sorted({float(item) for item in value}))]
            return [Bound("vs", "Array(String)", sorted({folded(row, item) for item in value}))]
        case ShapeKey.RANGE:
            assert isinstance(value, Range)
            return [Bound("v0", "Float64", float(value.from_)), Bound("v1", "Float64", float(value.to))]
        case ShapeKey.SPAN:
            raise AssertionError(f"{row.key} needs a binding or edges")


def _none_faults(row: Operator, value: Value, type: FieldType) -> list[Fault]:
    if value is None:
        return []
    return [Fault("", Reason("takes_no_value", "`{label}` takes no value.", label=row.label), NO_VALUE)]


def _one_faults(row: Operator, value: Value, type: FieldType) -> list[Fault]:
    if isinstance(value, tuple | Range):
        return [Fault("", Reason("no_list_here", "A list can't stand here."), Reason("one_value", "one value"))]
    return list(scalar_faults(value, type, blank=not row.trims))


def _many_faults(row: Operator, value: Value, type: FieldType) -> list[Fault]:
    if not isinstance(value, tuple):
        return [
            Fault(
                "",
                Reason("list_needed", "A list of values is needed here."),
                Reason("values_in_parentheses", 'values in parentheses, such as ("a", "b")'),
            )
        ]
    if not 1 <= len(value) <= MAX_VALUES:
        has = Reason("long_list", "The list has {count} values.", count=len(value))
        return [Fault("", has, Reason("from_to", "{least} to {most}", least=1, most=MAX_VALUES))]
    return [
        fault
        for i, item in enumerate(value)
        for fault in scalar_faults(item, type, blank=not row.trims, place=f"[{i}]")
    ]


def _range_faults(row: Operator, value: Value, type: FieldType) -> list[Fault]:
    return list(range_faults(value, type))


def _span_faults(row: Operator, value: Value, type: FieldType) -> list[Fault]:
    return list(span_faults(value, row.units, type))


def _count_faults(row: Operator, value: Value, type: FieldType) -> list[Fault]:
    return list(count_faults(value, row.minimum))


_SHAPE_FAULTS: Mapping[ShapeKey, Callable[[Operator, Value, FieldType], list[Fault]]] = {
    ShapeKey.NONE: _none_faults,
    ShapeKey.ONE: _one_faults,
    ShapeKey.MANY: _many_faults,
    ShapeKey.RANGE: _range_faults,
    ShapeKey.SPAN: _span_faults,
    ShapeKey.COUNT: _count_faults,
}
