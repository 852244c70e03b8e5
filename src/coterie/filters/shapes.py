"""Shapes of an operator's value: what the JSON holds, and what each needs of it. One row each."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple, TypeAlias, TypeGuard

from pydantic import BaseModel, ConfigDict, PlainValidator, StrictInt, WithJsonSchema
from pydantic import Field as Key

from coterie.filters.fields import FieldType
from coterie.filters.moment import DAY_UNITS, UNITS, Unit
from coterie.filters.values import EXACT, plain_number, read_when
from coterie.kit.reasons import Reason

MAX_TEXT = 1_000
MAX_VALUES = 5_000
MAX_STEPS = 100_000
MAX_COUNT = 1_000_000_000

Scalar: TypeAlias = bool | int | float | str


def _scalar(raw: object) -> Scalar:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        try:
            raw.encode()
        except UnicodeEncodeError:
            raise ValueError("the text holds half a character (a lone surrogate)") from None
        return raw
    if isinstance(raw, int | float):
        if not math.isfinite(raw):
            raise ValueError("a number must be finite")
        return plain_number(raw)
    raise ValueError("expected text, a number, true or false")


_SCALAR_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}
ScalarField: TypeAlias = Annotated[Scalar, PlainValidator(_scalar), WithJsonSchema(_SCALAR_SCHEMA)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Range(_Part):
    """Two ends."""

    from_: ScalarField = Key(alias="from")
    to: ScalarField


class Span(_Part):
    """A length of time."""

    n: StrictInt
    unit: Unit


Value: TypeAlias = Scalar | tuple[Scalar, ...] | Range | Span | None


def read_value(raw: object) -> Value:
    """A raw JSON value as the tree holds it; ValueError when no operator takes such a thing."""
    if raw is None or isinstance(raw, Range | Span):
        return raw
    if isinstance(raw, Mapping):
        return Span.model_validate(raw) if "n" in raw or "unit" in raw else Range.model_validate(raw)
    if isinstance(raw, list | tuple):
        return tuple(_scalar(item) for item in raw)
    return _scalar(raw)


class Fault(NamedTuple):
    """What is wrong with a value: where inside it (`""`, `[1]`, `.from`), why, and what was expected."""

    place: str
    message: Reason
    expected: Reason


NO_VALUE: Final = Reason("no_value", "no value")
A_NUMBER: Final = Reason("a_number", "a number")
A_TEXT: Final = Reason("a_text", "text in double quotes")
A_DATE: Final = Reason("a_date", "a date such as 2026-01-31")
A_TIME: Final = Reason("a_time", "a date such as 2026-01-31, or a time such as 2026-01-31T09:00Z")


class ShapeKey(StrEnum):
    """The names of the shapes."""

    NONE = "none"
    ONE = "one"
    MANY = "many"
    RANGE = "range"
    SPAN = "span"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Shape:
    """One row: `words` say it to a person, `schema` to a program."""

    key: ShapeKey
    words: str
    schema: Mapping[str, Any]


SHAPES: Mapping[ShapeKey, Shape] = {
    row.key: row
    for row in (
        Shape(ShapeKey.NONE, "no value", {"type": "null"}),
        Shape(ShapeKey.ONE, "one value", {"anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]}),
        Shape(
            ShapeKey.MANY,
            "a list of values in parentheses",
            {
                "type": "array",
                "items": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]},
                "minItems": 1,
                "maxItems": MAX_VALUES,
            },
        ),
        Shape(
            ShapeKey.RANGE,
            "two values: from and to",
            {
                "type": "object",
                "properties": {"from": {"type": ["string", "number"]}, "to": {"type": ["string", "number"]}},
                "required": ["from", "to"],
                "additionalProperties": False,
            },
        ),
        Shape(
            ShapeKey.SPAN,
            "a number of minutes, hours, days, weeks, months or years",
            {
                "type": "object",
                "properties": {
                    "n": {"type": "integer", "minimum": 1, "maximum": MAX_STEPS},
                    "unit": {"enum": list(UNITS)},
                },
                "required": ["n", "unit"],
                "additionalProperties": False,
            },
        ),
        Shape(
            ShapeKey.COUNT,
            "a whole number, 0 or more",
            {"type": "integer", "minimum": 0, "maximum": MAX_COUNT},
        ),
    )
}


def is_number(value: object) -> TypeGuard[int | float]:
    """True for a number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def scalar_faults(value: object, type: FieldType, *, blank: bool, place: str = "") -> Iterator[Fault]:
    """What keeps one value from being compared with a field of that type; `blank` text is allowed where asked for."""
    if type in (FieldType.TEXT, FieldType.LIST):
        yield from _text_faults(value, place, blank=blank)
    elif type is FieldType.NUMBER:
        if not is_number(value):
            no_number = Reason("compared_with_number", "{value} can't be compared with a number.", value=_kind(value))
            yield Fault(place, no_number, A_NUMBER)
        elif isinstance(value, int) and abs(value) > EXACT:
            yield Fault(
                place,
                Reason("long_number", "The number has more digits than a number can hold."),
                Reason("at_most", "at most {most}", most="2^53"),
            )
    elif type is FieldType.BOOLEAN:
        yield Fault(
            place,
            Reason("boolean_takes_no_value", "A yes/no field takes no value."),
            Reason("is_true_or_false", "`is true` or `is false`"),
        )
    else:
        yield from _time_faults(value, type, place)


def units_for(units: tuple[str, ...], type: FieldType) -> tuple[str, ...]:
    """Those of the units that a field of that type can be measured in; a calendar date knows no hours."""
    return tuple(unit for unit in units if type is not FieldType.DATE or unit in DAY_UNITS)


def span_faults(value: object, units: tuple[str, ...], type: FieldType) -> Iterator[Fault]:
    """What is wrong with a length of time."""
    allowed = units_for(units, type)
    if not isinstance(value, Span):
        yield Fault(
            "",
            Reason("no_span", "{value} is not a length of time.", value=_kind(value)),
            Reason("a_span", "a number and a unit, such as 30 days"),
        )
        return
    if not 1 <= value.n <= MAX_STEPS:
        yield Fault(".n", _misplaced(value.n), _whole_number(1, MAX_STEPS))
    if value.unit not in allowed:
        yield Fault(".unit", _misplaced(value.unit.capitalize()), Reason.one_of(allowed) or NO_VALUE)


def count_faults(value: object, minimum: int) -> Iterator[Fault]:
    """What is wrong with a count."""
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= MAX_COUNT:
        yield Fault("", _misplaced(_kind(value)), _whole_number(minimum, MAX_COUNT))


def _misplaced(value: str | int) -> Reason:
    return Reason("misplaced", "{value} can't stand here.", value=value)


def _whole_number(least: int, most: int) -> Reason:
    return Reason("a_whole_number_from_to", "a whole number from {least} to {most}", least=least, most=most)


def range_faults(value: object, type: FieldType) -> Iterator[Fault]:
    """What is wrong with two ends: each of them, and their order where it can be told without a zone."""
    if not isinstance(value, Range):
        no_pair = Reason("no_pair", "{value} is not a pair of values.", value=_kind(value))
        yield Fault("", no_pair, Reason("from_and_to", "from and to"))
        return
    faults = [
        *scalar_faults(value.from_, type, blank=False, place=".from"),
        *scalar_faults(value.to, type, blank=False, place=".to"),
    ]
    yield from faults
    if faults:
        return
    if type is FieldType.NUMBER:
        assert is_number(value.from_)
        assert is_number(value.to)
        if value.from_ > value.to:
            empty = Reason("empty_range", "The range is empty.")
            yield Fault(".to", empty, Reason("from_not_above_to", "a `from` not above `to`"))
    elif not _in_order(str(value.from_), str(value.to)):
        empty = Reason("empty_time_range", "The range is empty: its end is not included.")
        yield Fault(".to", empty, Reason("from_before_to", "a `from` before `to`"))


def _in_order(start: str, end: str) -> bool:
    first, second = read_when(start), read_when(end)
    if isinstance(first, datetime) and isinstance(second, datetime):
        return (first.tzinfo is None) != (second.tzinfo is None) or first < second
    if isinstance(first, datetime) or isinstance(second, datetime) or first is None or second is None:
        return True
    return first < second


def _text_faults(value: object, place: str, *, blank: bool) -> Iterator[Fault]:
    if not isinstance(value, str):
        no_text = Reason("compared_with_text", "{value} can't be compared with text.", value=_kind(value))
        yield Fault(place, no_text, A_TEXT)
    elif not value or (not blank and not value.strip()):
        empty = Reason("empty_text", "Empty text is no value.")
        yield Fault(place, empty, Reason("text_or_unknown", "text, or the condition `is unknown`"))
    elif len(value) > MAX_TEXT:
        long = Reason("long_value", "The text has {length} characters.", length=len(value))
        yield Fault(place, long, Reason("at_most", "at most {most}", most=MAX_TEXT))


def _time_faults(value: object, type: FieldType, place: str) -> Iterator[Fault]:
    when = read_when(value) if isinstance(value, str) else None
    if when is None:
        no_day = Reason("no_date_here", "{value} is not a date.", value=_kind(value))
        yield Fault(place, no_day, A_TIME if type is FieldType.DATETIME else A_DATE)
    elif type is FieldType.DATE and isinstance(when, datetime):
        yield Fault(place, Reason("day_without_time", "A calendar date has no time of day."), A_DATE)


def _kind(value: object) -> str:
    """What stands there, at the beginning of a sentence."""
    if value is None:
        return Reason("kind_nothing", "No value")
    if isinstance(value, bool):
        return str(value).lower().capitalize()
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:57] + "..."}"'
    if isinstance(value, tuple):
        return Reason("kind_list", "A list")
    if isinstance(value, Range):
        return Reason("kind_range", "A range")
    if isinstance(value, Span):
        return f"{value.n} {value.unit}"
    return str(value)
