"""What a cell of a text file means as a value of a field: dates and numbers as people write them, lists, yes and no."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal

from coterie.filters.errors import Rejected
from coterie.filters.fields import FieldType
from coterie.filters.values import NO_VALUE
from coterie.kit.reasons import Reason
from coterie.people.fields import Rule

DateOrder = Literal["ymd", "dmy", "mdy"]
Decimal = Literal[".", ","]

TRUE: Final = frozenset({"true", "yes", "y", "1", "on", "x", "ja", "j", "wahr", "si", "sí", "oui", "vrai"})
FALSE: Final = frozenset({"false", "no", "n", "0", "off", "nein", "falsch", "non", "faux"})
# Several of these fit a file with dates; the order of day and month is told by the column's other cells.
_DAY: Final = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:[T ,]+(\d{1,2}:\d\d(?::\d\d)?)\s*([ap]\.?m\.?)?)?",
    re.IGNORECASE | re.ASCII,
)
_GROUPED: Final = {
    ".": re.compile(r"[+-]?\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?", re.ASCII),
    ",": re.compile(r"[+-]?\d{1,3}(?:[.' \u00a0\u202f]\d{3})+(?:,\d+)?", re.ASCII),
}
_COMMA: Final = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_BETWEEN: Final = re.compile(r"[,.' \u00a0\u202f]")

# Columns repeat what is in them: places, plans, days, whole numbers.
_KEPT: Final = 2_000

Reader = Callable[[str], Any]
"""A cell that is not empty -> the value to store; NO_VALUE, or Rejected with the reason."""


@dataclass(frozen=True)
class Writing:
    """How a column's cells are written. `region` is the country assumed for phone numbers without a code."""

    date_order: DateOrder = "ymd"
    decimal: Decimal = "."
    list_delimiter: str = ";"
    region: str | None = None


def reader(rule: Rule, writing: Writing) -> Reader:
    """Reads the cells of a column into values of a field, as the write path would take and store them."""
    prepare = _PREPARED.get(rule.type)
    region = writing.region

    def read(cell: str) -> Any:
        return rule.read(cell if prepare is None else prepare(cell, writing), region)

    # Each row gets a list of its own; anything else that is read never changes.
    return read if rule.type is FieldType.LIST else lru_cache(_KEPT)(read)


def number(cell: str, writing: Writing) -> str:
    """The text of a number with a decimal point and without signs between thousands."""
    text = cell.strip()
    if _GROUPED[writing.decimal].fullmatch(text):
        whole, mark, rest = text.partition(writing.decimal)
        return _BETWEEN.sub("", whole) + ("." + rest if mark else "")
    if writing.decimal == "," and _COMMA.fullmatch(text):
        return text.replace(",", ".")
    return text


def boolean(cell: str, _writing: Writing) -> Any:
    """True or false for the words of both in several languages; any other text as it is."""
    word = cell.strip().lower()
    return True if word in TRUE else False if word in FALSE else cell


def day(cell: str, writing: Writing) -> str:
    """ISO text of a day or a time in the column's order of day and month; other text as it is."""
    text = cell.strip()
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    first, _, second, third, clock, half = found.groups()
    if len(first) == 4:
        year, month, on = first, second, third
    elif writing.date_order == "mdy":
        month, on, year = first, second, third
    elif writing.date_order == "dmy":
        on, month, year = first, second, third
    else:
        return text
    if len(year) != 4:
        raise Rejected(Reason("short_year", "the year of {value} needs four digits", value=repr(text)))
    try:
        iso = date(int(year), int(month), int(on)).isoformat()
    except ValueError:
        raise Rejected(
            Reason("no_day", "there is no day {value}, read as {order}", value=repr(text), order=writing.date_order)
        ) from None
    return iso if clock is None else f"{iso}T{_time(clock, half)}"


def _time(clock: str, half: str | None) -> str:
    hour, _, rest = clock.partition(":")
    if half is not None:
        hour = str(int(hour) % 12 + (12 if half[0] in "pP" else 0))
    return f"{int(hour):02}:{rest}"


def only_day(cell: str, writing: Writing) -> str:
    """The same for a field of days: midnight, with which spreadsheets write a day, is left out."""
    text = day(cell, writing)
    return text[:10] if text.endswith(("T00:00:00", " 00:00:00", "T00:00")) else text


def members(cell: str, writing: Writing) -> list[str]:
    """The entries of a list, without blanks around them and without empty ones."""
    return [part for part in (each.strip() for each in cell.split(writing.list_delimiter)) if part]


_PREPARED: Final[dict[FieldType, Callable[[str, Writing], Any]]] = {
    FieldType.NUMBER: number,
    FieldType.BOOLEAN: boolean,
    FieldType.DATETIME: day,
    FieldType.DATE: only_day,
    FieldType.LIST: members,
}


def fits(read: Reader, cell: str) -> bool:
    """Whether a cell that is not empty can be taken."""
    try:
        return read(cell) is not NO_VALUE
    except Rejected:
        return False
