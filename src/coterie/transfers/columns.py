"""What the columns of a file hold: samples, types with the share that fits, and the field that each may mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from coterie.filters.fields import FieldType
from coterie.kit.formulas import restored
from coterie.people.fields import Rule, attribute_rule, builtin_rule
from coterie.people.lookups import country_code
from coterie.people.queries import ShownField
from coterie.transfers import cells, names
from coterie.transfers.cells import DateOrder, Decimal, Writing
from coterie.transfers.limits import CELL, TRIED_IN_ALL, TRIED_VALUES

SAMPLES: Final = 5
SAMPLE_LENGTH: Final = 120
# A value or two that are wrong in a file don't change what its column is.
MOST: Final = 0.95
LONGEST_DAY: Final = 100
# libphonenumber takes no number with fewer.
LEAST_DIGITS: Final = 3
_DIGIT: Final = re.compile(r"\d")
_CODE: Final = re.compile(r"0\d+", re.ASCII)
_DATED: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2\d{4}\b.*", re.ASCII)
_WITH_COMMA: Final = re.compile(r"[+-]?\d{1,3}(?:\.?\d{3})*,\d{1,2}", re.ASCII)
_AT: Final = re.compile(r"\S+@[^\s@]+\.[^\s@]+")
_DIALLED: Final = re.compile(r"(?:\+|00)[\d ()/.-]{6,24}|\(?0\d[\d ()/.-]{5,24}", re.ASCII)


@dataclass(frozen=True)
class Suggestion:
    """What a column may be: a field there is (`exists`), or a new attribute with a key and a type."""

    field: str
    type: FieldType
    exists: bool
    why: str


@dataclass
class Column:
    """One column: its place from 1, what its header says, and what its cells hold.

    `types` maps each type to the share of non-empty cells in the sample that fit it, 0 to 1; where there are many
    different ones, of those that were tried.
    """

    place: int
    header: str
    samples: list[str] = field(default_factory=list)
    filled: int = 0
    distinct: int = 0
    types: dict[str, float] = field(default_factory=dict)
    date_order: DateOrder = "ymd"
    decimal: Decimal = "."
    suggestion: Suggestion | None = None


def look_at(
    headers: Sequence[str], rows: Sequence[Sequence[str]], fields: Iterable[ShownField], *, region: str | None
) -> list[Column]:
    """The columns of a sample of rows with suggestions; each field is suggested for one column."""
    known = {row.field.name: row for row in fields}
    width = max([len(headers), *(len(row) for row in rows)], default=0)
    found = []
    most = max(1, min(TRIED_VALUES, TRIED_IN_ALL // max(1, width)))
    for place in range(1, width + 1):
        header = headers[place - 1].strip() if place <= len(headers) else ""
        values = [restored(row[place - 1]) for row in rows if len(row) >= place and row[place - 1].strip()]
        found.append(_column(place, header, values, region, most=most))
    taken: set[str] = set()
    for by in (_by_name, _by_values, _as_new):
        for column in found:
            if column.suggestion is None and column.filled:
                suggestion = by(column, known)
                if suggestion is not None and suggestion.field not in taken:
                    column.suggestion = suggestion
                    taken.add(suggestion.field)
    return found


def _column(place: int, header: str, values: Sequence[str], region: str | None, *, most: int) -> Column:
    column = Column(place, header, filled=len(values))
    counts = Counter(values)
    distinct = list(counts)
    column.distinct = len(distinct)
    column.samples = [value[:SAMPLE_LENGTH] for value in distinct[:SAMPLES]]
    column.date_order = _date_order(distinct)
    column.decimal = "," if distinct and all(_WITH_COMMA.fullmatch(value.strip()) for value in distinct) else "."
    writing = Writing(date_order=column.date_order, decimal=column.decimal, region=region)
    # Spread over the sample: what is wrong further down is seen too.
    tried = distinct[:: -(-len(distinct) // most) or 1]
    total = sum(counts[value] for value in tried)
    for name, rule in _TRIED.items() if tried else ():
        read, may = cells.reader(rule, writing), _MAY_BE.get(name, _always)
        fit = sum(counts[value] for value in tried if len(value) <= CELL and may(value) and cells.fits(read, value))
        column.types[name] = round(fit / total, 4)
    return column


def _always(_value: str) -> bool:
    return True


def _may_be_day(value: str) -> bool:
    return len(value) <= LONGEST_DAY and _DIGIT.search(value) is not None


def _may_be_phone(value: str) -> bool:
    return len(_DIGIT.findall(value)) >= LEAST_DIGITS


# What a value has at least, told cheaply, where trying the rule is dear.
_MAY_BE: Final[dict[str, Callable[[str], bool]]] = {
    "date": _may_be_day,
    "datetime": _may_be_day,
    "phone": _may_be_phone,
}


def _tried() -> dict[str, Rule]:
    rules = {kind.value: attribute_rule("x", kind) for kind in FieldType if kind is not FieldType.LIST}
    return rules | {"email": builtin_rule("email"), "phone": builtin_rule("phone"), "ip": builtin_rule("ip")}


_TRIED: Final = _tried()


def _date_order(values: Sequence[str]) -> DateOrder:
    dated = [found for value in values if (found := _DATED.fullmatch(value.strip()))]
    if not dated:
        return "ymd"
    if any(int(found[1]) > 12 for found in dated):
        return "dmy"
    if any(int(found[3]) > 12 for found in dated):
        return "mdy"
    # With points and hyphens the day comes first everywhere; with strokes most files of programs are American.
    return "mdy" if dated[0][2] == "/" else "dmy"


def _by_name(column: Column, known: Mapping[str, ShownField]) -> Suggestion | None:
    header = column.header.removeprefix("'")
    if not header:
        return None
    wanted = names.plain(header)
    for name, row in known.items():
        if header == name or (wanted and wanted in (names.plain(name), names.plain(row.field.label))):
            return Suggestion(name, row.field.type, exists=True, why="the name")
    meaning = names.meant(header)
    if meaning == names.NUMBER:
        return None if column.types.get("number", 0) < 1 else Suggestion(meaning, FieldType.NUMBER, True, "the name")
    if meaning is not None and meaning in known:
        # A column called "Phone" may still say which phone they have.
        fitting = column.types.get({"email": "email", "phone": "phone", "ip": "ip"}.get(meaning, ""), 1.0)
        return Suggestion(meaning, known[meaning].field.type, exists=True, why="the name") if fitting >= 0.5 else None
    return None


def _by_values(column: Column, known: Mapping[str, ShownField]) -> Suggestion | None:
    tests: dict[str, Any] = {
        "email": lambda text: bool(_AT.fullmatch(text)),
        "phone": lambda text: bool(_DIALLED.fullmatch(text)),
    }
    for name, test in tests.items():
        share = sum(test(sample.strip()) for sample in column.samples) / max(1, len(column.samples))
        if name in known and share == 1 and column.types.get(name, 0) >= MOST:
            return Suggestion(name, FieldType.TEXT, exists=True, why="the values")
    words = [sample.strip() for sample in column.samples if len(sample.strip()) > 2]
    if len(words) > 1 and "country" in known and all(country_code(word) for word in words):
        return Suggestion("country", FieldType.TEXT, exists=True, why="the values")
    return None


def _as_new(column: Column, known: Mapping[str, ShownField]) -> Suggestion | None:
    key = column.header.strip()[:200]
    if not key or key in known:
        return None
    return Suggestion(key, type_of(column), exists=False, why="a new attribute")


def type_of(column: Column) -> FieldType:
    """The type of a new attribute: the narrowest that nearly all cells fit; numbers that are codes stay text."""
    share = column.types
    codes = any(_CODE.fullmatch(sample.strip()) for sample in column.samples)
    if share.get("number", 0) >= MOST and not codes:
        return FieldType.NUMBER
    for kind in (FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME):
        if share.get(kind.value, 0) >= MOST:
            return kind
    return FieldType.TEXT
