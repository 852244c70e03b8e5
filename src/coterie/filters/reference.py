"""The operators' part of `docs/filters.md`, made from the rows so that the page is never behind."""

from collections.abc import Iterable, Sequence

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
from coterie.filters.fields import BUILTIN_FIELDS, FieldType
from coterie.filters.operators import OPERATORS, Operator
from coterie.filters.shapes import SHAPES, ShapeKey

BEGIN = "<!-- operators: made from the operator rows, do not edit -->"
END = "<!-- end of operators -->"

_HEAD = ("form", "example", "key", "types", "value", "people with no value", "as time passes")


def refreshed(page: str) -> str:
    """The page with its operators' part made anew; ValueError when the page has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no part between {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{operator_tables()}\n{END}{after}"


def operator_tables() -> str:
    """Every row as Markdown tables: operators on fields by type, then segments, events, and the built-in fields."""
    parts = []
    for title, rows in _field_groups().items():
        parts += [f"### {title}", _table(_HEAD, (_cells(row) for row in rows))]
    parts += [
        "### Segments",
        _table(("form", "example", "key"), _plain(SEGMENT_OPERATORS.values())),
        "### Events: how often",
        _table(("form", "example", "key"), _plain(EVENT_OPERATORS.values())),
        "### Events: windows",
        _table(
            ("window", "kind", "means"),
            (
                (_form(OPERATORS[row.operator].sentence.removeprefix("{f} ")), f"`{row.kind}`", f"`{row.operator}`")
                for row in WINDOWS.values()
            ),
        ),
        "### Events: numbers, times, properties, sequences; random buckets",
        _table(
            ("form", "example", "key"),
            (
                (_form(sentence), f"`{example}`", f"`{key}`")
                for sentence, example, key in (
                    *((row.sentence, row.example, row.key) for row in AGGREGATES.values()),
                    *((row.sentence, row.example, row.key) for row in EVENT_TIMES.values()),
                    *((row.sentence, row.example, row.key) for row in (EVENT_PROPERTY, SEQUENCE, BUCKET)),
                )
            ),
        ),
        "### Built-in fields",
        _table(
            ("field", "type", "what it is"),
            ((f"`{row.name}`", str(row.type), row.description) for row in BUILTIN_FIELDS.values()),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _field_groups() -> dict[str, list[Operator]]:
    """The rows by the types they are for; each row stands once, under the first of its groups."""
    groups: dict[str, list[Operator]] = {}
    for row in OPERATORS.values():
        groups.setdefault(_group(row), []).append(row)
    return groups


def _group(row: Operator) -> str:
    if row.types == frozenset(FieldType):
        return "Any field"
    if FieldType.DATETIME in row.types:
        return "Times and dates"
    if FieldType.TEXT in row.types:
        return "Text"
    if FieldType.NUMBER in row.types:
        return "Numbers"
    return "Yes and no" if FieldType.BOOLEAN in row.types else "Lists and tags"


def _cells(row: Operator) -> tuple[str, ...]:
    types = "any" if len(row.types) == len(FieldType) else ", ".join(t for t in FieldType if t in row.types)
    if row.semantic:
        types += f" ({row.semantic})"
    value = "" if row.shape is ShapeKey.NONE else SHAPES[row.shape].words
    if row.units and len(row.units) < 6:
        value = "a number of " + ", ".join(row.units)
    return (
        _form(row.sentence),
        f"`{row.example}`",
        f"`{row.key}`",
        types,
        value,
        _without_value(row),
        {"edges": "changes", "daily": "changes daily"}.get(row.clock or "", "stays"),
    )


def _without_value(row: Operator) -> str:
    """What a row says of people with no value: a positive one needs a value, so its complement holds without one."""
    if row.shape is ShapeKey.COUNT:
        return "count as 0"
    return "match" if row.is_negative else "do not match"


def _form(sentence: str) -> str:
    return f"`{sentence.replace('{', '').replace('}', '')}`"


def _plain(rows: Iterable[Operator]) -> Iterable[tuple[str, ...]]:
    return ((_form(row.sentence), f"`{row.example}`", f"`{row.key}`") for row in rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)
