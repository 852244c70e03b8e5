"""Values: what may be stored under each type, how text is compared, and how a value goes to JSON and back."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from coterie.filters.errors import Rejected
from coterie.filters.fields import FieldType
from coterie.kit.clock import from_ms, iso_ms, to_ms
from coterie.kit.reasons import Reason

__all__ = [
    "EXACT",
    "INSTANT_PATTERN",
    "NO_VALUE",
    "NoValue",
    "Rejected",
    "Stored",
    "day_number",
    "fold",
    "from_json",
    "infer_type",
    "normalise",
    "number_text",
    "plain_number",
    "read_when",
    "to_json",
]

EXACT = 2**53
"""Whole numbers up to here are exact in a 64-bit float."""
# So many decimal digits survive the way into a 64-bit float and back, whatever they are (C's DBL_DIG).
_ALWAYS_EXACT = 15

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT_PATTERN = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?"
_INSTANT = re.compile(INSTANT_PATTERN, re.ASCII)
_DAY_ZERO = date(1970, 1, 1).toordinal()

# 10^11 seconds is the year 5138 and 10^11 milliseconds is 1973: below it a number can only be seconds.
_SECONDS_BELOW = 1e11


class NoValue(Enum):
    """Missing, null, empty text, only white space, the empty list, a cleared field: one thing."""

    NO_VALUE = "no value"

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Final = NoValue.NO_VALUE

Stored: TypeAlias = str | float | bool | int | tuple[str, ...]


def fold(text: str) -> str:
    """Text as it is compared: full Unicode lower-casing, then NFC."""
    # ASCII is NFC already, and the index folds every text of every person.
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def normalise(type: FieldType, raw: object) -> Stored | NoValue:
    """The value to store for a raw one; Rejected when it does not convert without loss.

    Text is NFC and trimmed, a number is a float, a datetime is milliseconds since 1970 UTC, a date is `YYYY-MM-DD`,
    a list is a tuple of distinct text in order.
    """
    if raw is None or raw is NO_VALUE or (isinstance(raw, str) and not raw.strip()):
        return NO_VALUE
    if isinstance(raw, list | tuple) and not raw:
        return NO_VALUE
    return _READERS[type](raw)


def infer_type(raw: object) -> FieldType:
    """The type a new attribute takes from its first value; Rejected where a value has none.

    Text is a datetime or a date when it is ISO 8601 through and through; text of digits stays text.
    """
    if isinstance(raw, bool):
        return FieldType.BOOLEAN
    if isinstance(raw, int | float | Decimal):
        return FieldType.NUMBER
    if isinstance(raw, list | tuple):
        return FieldType.LIST
    if isinstance(raw, str) and raw.strip():
        when = read_when(raw.strip())
        if isinstance(when, datetime):
            return FieldType.DATETIME
        return FieldType.TEXT if when is None else FieldType.DATE
    raise Rejected(Reason("no_type", "no type follows from {value}", value=_shown(raw)))


def to_json(type: FieldType, value: Stored) -> Any:
    """A stored value as JSON: whole numbers as integers, datetimes as ISO text with milliseconds and Z."""
    if type is FieldType.NUMBER:
        assert isinstance(value, int | float)
        return plain_number(value)
    if type is FieldType.DATETIME:
        assert isinstance(value, int)
        return iso_ms(value)
    if type is FieldType.LIST:
        assert isinstance(value, tuple)
        return list(value)
    return value


def from_json(type: FieldType, data: object) -> Stored | NoValue:
    """What `to_json` wrote, as a value again; Rejected when it is not of that type."""
    return normalise(type, data)


def plain_number(value: int | float) -> int | float:
    """The one spelling of a number: an int when it is whole and exact, else a float; never minus zero."""
    if isinstance(value, int):
        if abs(value) <= EXACT:
            return value
        try:
            rounded = float(value)
        except OverflowError:
            return value
        return rounded if rounded == value else value
    if value.is_integer() and abs(value) <= EXACT:
        return int(value)
    return value


def number_text(value: int | float) -> str:
    """A number as text: digits where it is whole, else the shortest text that reads back the same."""
    return str(int(value)) if value == int(value) else repr(value)


def read_when(text: str) -> date | datetime | None:
    """ISO text as a calendar day or as a time (without a zone where none is written); None for anything else."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    return None


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _DAY_ZERO


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float) and math.isfinite(raw):
        return number_text(raw)
    if isinstance(raw, str):
        if not _is_unicode(raw):
            raise Rejected(Reason("half_character", "the text holds half a character (a lone surrogate)"))
        return unicodedata.normalize("NFC", raw).strip()
    raise Rejected(Reason("no_text", "expected text, got {value}", value=_shown(raw)))


def _number(raw: object) -> float:
    if isinstance(raw, Decimal):
        raw = str(raw)
    if isinstance(raw, str):
        return _number_from_text(raw.strip())
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _no_number(raw)
    if isinstance(raw, int) and abs(raw) > EXACT:
        raise Rejected(
            Reason("beyond_exact", "{value} is beyond 2^53: as a number it would lose digits", value=_shown(raw))
        )
    if not math.isfinite(raw):
        raise Rejected(Reason("not_finite", "{value} is not a finite number", value=str(raw)))
    return float(raw) + 0.0  # + 0.0 turns -0.0 into 0.0


def _number_from_text(text: str) -> float:
    if not _NUMBER.fullmatch(text) or len(text) > 400:
        raise _no_number(text)
    value = float(text)
    if not math.isfinite(value):
        raise Rejected(Reason("too_large_number", "{value} is too large for a number", value=_shown(text)))
    if len(text) <= _ALWAYS_EXACT and "e" not in text and "E" not in text:
        return value + 0.0
    exact = Decimal(text)
    whole = text.lstrip("+-").isdigit()
    if (whole and abs(exact) > EXACT) or exact != Decimal(repr(value)):
        raise Rejected(Reason("too_many_digits", "{value} has more digits than a number can hold", value=_shown(text)))
    return value + 0.0


def _no_number(raw: object) -> Rejected:
    return Rejected(Reason("no_number", "expected a number, got {value}", value=_shown(raw)))


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in ("true", "false"):
        return raw.strip().lower() == "true"
    raise Rejected(Reason("no_boolean", "expected true or false, got {value}", value=_shown(raw)))


def _datetime(raw: object) -> int:
    when: date | datetime | None = None
    if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
        return _in_range(math.floor(raw * 1000) if abs(raw) < _SECONDS_BELOW else math.floor(raw))
    if isinstance(raw, str):
        when = read_when(raw.strip())
    elif isinstance(raw, date):
        when = raw
    if when is None:
        raise Rejected(
            Reason(
                "no_time",
                "expected a time (ISO 8601, or epoch seconds or milliseconds), got {value}",
                value=_shown(raw),
            )
        )
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day, tzinfo=UTC)
    return _in_range(to_ms(when if when.tzinfo else when.replace(tzinfo=UTC)))


def _in_range(ms: int) -> int:
    try:
        from_ms(ms)
    except OverflowError:
        raise Rejected(Reason("time_out_of_range", "a time must lie in the years 1 to 9999")) from None
    return ms


def _date(raw: object) -> str:
    when: date | datetime | None = None
    if isinstance(raw, str):
        when = read_when(raw.strip())
    elif isinstance(raw, date):
        when = raw
    if when is None or isinstance(when, datetime):
        raise Rejected(Reason("no_date", "expected a calendar date such as 1990-12-31, got {value}", value=_shown(raw)))
    return when.isoformat()


def _list(raw: object) -> tuple[str, ...] | NoValue:
    items = raw if isinstance(raw, list | tuple) else [raw]
    members: dict[str, None] = {}
    for item in items:
        if isinstance(item, list | tuple | Mapping):
            raise Rejected(Reason("nested_list", "a list holds single values only, got {value}", value=_shown(item)))
        member = normalise(FieldType.TEXT, item)
        if isinstance(member, str):
            members.setdefault(member)
    return tuple(members) or NO_VALUE


_READERS: Mapping[FieldType, Callable[[object], Stored | NoValue]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATETIME: _datetime,
    FieldType.DATE: _date,
    FieldType.LIST: _list,
}


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "..."
