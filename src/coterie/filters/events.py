"""Conditions on events, segments and the rest that is no field: rows like those of the fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from coterie.filters.fields import FieldType
from coterie.filters.rows import Operator, table, twin
from coterie.filters.shapes import ShapeKey

_COUNT = ShapeKey.COUNT


def _times(key: str, words: str, predicate: str, *, minimum: int) -> Operator:
    return Operator(
        key,
        f"did {words}",
        f"did {{e}} {words} {{n}} times",
        f'did "purchase" {words} 3 times',
        shape=_COUNT,
        predicate=predicate,
        minimum=minimum,
        joins_unknown=False,
    )


# {x} is the number of the person's events that fit; people with none have no row, so every positive row needs one.
_did = Operator("did", "did", "did {e}", 'did "purchase"', predicate="{x} > 0", joins_unknown=False)
_at_least = _times("at_least", "at least", "{x} >= {v}", minimum=1)
_more_than = _times("more_than", "more than", "{x} > {v}", minimum=0)
_exactly = _times("exactly", "exactly", "{x} = {v}", minimum=0)
EVENT_OPERATORS: Mapping[str, Operator] = table(
    (
        _did,
        twin(_did, "did_not", "did not do", "did not do {e}"),
        _at_least,
        twin(
            _at_least,
            "fewer_than",
            "did fewer than",
            "did {e} fewer than {n} times",
            also=("did not do {e} at least {n} times",),
        ),
        _more_than,
        twin(
            _more_than,
            "at_most",
            "did at most",
            "did {e} at most {n} times",
            also=("did not do {e} more than {n} times",),
        ),
        _exactly,
        twin(_exactly, "not_exactly", "did not do exactly", "did not do {e} exactly {n} times"),
    )
)
# Forms that turn a complement round again: they read as the positive row.
POSITIVE_FORMS: Mapping[str, str] = {
    "did not do {e} fewer than {n} times": "at_least",
    "did not do {e} at most {n} times": "more_than",
}

_in = Operator("in", "in segment", "in segment {v}", 'in segment "Customers"', shape=ShapeKey.ONE, joins_unknown=False)
SEGMENT_OPERATORS: Mapping[str, Operator] = table(
    (
        _in,
        twin(_in, "not_in", "not in segment", "not in segment {v}"),
        Operator(
            "in_any",
            "in any segment of",
            "in any segment of {v}",
            'in any segment of ("Customers", "Trial")',
            shape=ShapeKey.MANY,
            joins_unknown=False,
        ),
        Operator(
            "in_all",
            "in all segments of",
            "in all segments of {v}",
            'in all segments of ("Customers", "Berlin")',
            shape=ShapeKey.MANY,
            joins_unknown=False,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number made of a property of a person's events.

    `expression` is a ClickHouse aggregate over `{x}`, the property read as `operand`; it is NULL when no event has it.
    """

    key: str
    label: str
    sentence: str
    expression: str
    operand: FieldType
    example: str


AGGREGATES: Mapping[str, Aggregate] = {
    row.key: row
    for row in (
        Aggregate(
            "sum",
            "sum",
            "sum of {p} over {e}",
            "sumOrNull({x})",
            FieldType.NUMBER,
            'sum of amount over "purchase" in the last 90 days > 500',
        ),
        Aggregate(
            "average",
            "average",
            "average of {p} over {e}",
            "avgOrNull({x})",
            FieldType.NUMBER,
            'average of amount over "purchase" >= 20',
        ),
        Aggregate(
            "minimum",
            "minimum",
            "minimum of {p} over {e}",
            "minOrNull({x})",
            FieldType.NUMBER,
            'minimum of score over "survey" < 3',
        ),
        Aggregate(
            "maximum",
            "maximum",
            "maximum of {p} over {e}",
            "maxOrNull({x})",
            FieldType.NUMBER,
            'maximum of amount over "purchase" where currency is "EUR" > 100',
        ),
        Aggregate(
            "distinct",
            "distinct values",
            "distinct {p} over {e}",
            "nullIf(uniqExact({x}), 0)",
            FieldType.TEXT,
            'distinct product over "purchase" >= 3',
        ),
    )
}


@dataclass(frozen=True, slots=True)
class EventTime:
    """The first or the last time of an event; `expression` is a ClickHouse aggregate over `{t}`, its time."""

    key: str
    label: str
    sentence: str
    expression: str
    example: str


EVENT_TIMES: Mapping[str, EventTime] = {
    row.key: row
    for row in (
        EventTime("first", "first time", "first {e}", "min({t})", 'first "purchase" before 2026-01-31'),
        EventTime("last", "last time", "last {e}", "max({t})", 'last "purchase" more than 30 days ago'),
    )
}


@dataclass(frozen=True, slots=True)
class WindowKind:
    """A stretch of time that events are taken from; it means what the time operator `operator` means."""

    kind: str
    label: str
    operator: str


WINDOWS: Mapping[str, WindowKind] = {
    row.kind: row
    for row in (
        WindowKind("last", "in the last", "in_last"),
        WindowKind("before", "before", "before"),
        WindowKind("after", "after", "after"),
        WindowKind("between", "between", "time_between"),
    )
}


@dataclass(frozen=True, slots=True)
class Form:
    """A condition that is one row of its own."""

    key: str
    label: str
    sentence: str
    example: str


EVENT_PROPERTY = Form("event_property", "property of the last", "{p} of last {e}", 'amount of last "purchase" > 5')
SEQUENCE = Form(
    "sequence",
    "did one, then another",
    "did {a} then {b} within {n} {unit}",
    'did "signup" then "purchase" within 3 days',
)
BUCKET = Form("bucket", "random bucket", "random bucket {from} to {to}", "random bucket 0 to 10")
