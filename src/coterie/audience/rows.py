"""Rows of the index, made from SQL's truth: what is written to ClickHouse for a person and for an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from itertools import compress
from typing import Any

import orjson
import phonenumbers

from coterie.audience.names import LETTERS, Column, Names
from coterie.filters.fields import FieldType
from coterie.filters.values import NO_VALUE, Rejected, day_number, fold, normalise, number_text
from coterie.people.fields import reader
from coterie.people.queries import StoredPerson

Cells = dict[str, Any]


def people_cells(states: Iterable[StoredPerson], names: Names) -> dict[int, Cells | None]:
    """Each person's values by path, by the person's number; None for those who are not live."""
    return {person.number: _cells(person, names) if person.state == "active" else None for person in states}


def people_columns(workspace_id: int, version: int, people: Mapping[int, Cells | None]) -> dict[str, list[Any]]:
    """Columns for the table `people` from each person's values."""
    return {
        "workspace": [workspace_id] * len(people),
        "number": list(people),
        "version": [version] * len(people),
        "live": [0 if cells is None else 1 for cells in people.values()],
        "a": ["{}" if cells is None else orjson.dumps(cells).decode() for cells in people.values()],
    }


def _cells(person: StoredPerson, names: Names) -> Cells:
    row: Cells = {"d_created_at": person.created_ms}
    for key, value in person.data.items():
        column = names.fields.get(key) or names.deleted.get(key)
        if column is None:
            continue
        if other := names.also.get(key):
            row |= _either(value, column, other)
            continue
        try:
            row[column.path] = CELLS[column.type](value)
        except (TypeError, ValueError):
            # The attribute's type was just changed, and the values with it: their own change follows.
            continue
        if key == "phone":
            row[column.region_path] = region(value)
    return row


def _either(value: Any, *columns: Column) -> Cells:
    """A value in each of the forms that it can be read in: while a field's type is changed, filters on it go on."""
    found: Cells = {}
    for column in columns:
        with suppress(Rejected):
            stored = reader(column.type)(value, None)
            if stored is not NO_VALUE:
                found[column.path] = CELLS[column.type](stored)
    return found


def _milliseconds(value: str) -> int:
    return round(datetime.fromisoformat(value).timestamp() * 1000)


def _days(value: str) -> int:
    return day_number(date.fromisoformat(value))


# One row a type: from the stored form (filters.values.to_json) to the index's form.
CELLS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: fold,
    FieldType.NUMBER: float,
    FieldType.BOOLEAN: bool,
    FieldType.DATETIME: _milliseconds,
    FieldType.DATE: _days,
    FieldType.LIST: lambda value: [fold(item) for item in value],
}


@lru_cache(maxsize=65536)
def region(phone: str) -> str:
    """The folded ISO region of an E.164 number; "" when it has none."""
    try:
        return fold(phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or "")
    except phonenumbers.NumberParseException:
        return ""


def event_columns(workspace_id: int, changes: Sequence[tuple[int, Sequence[Sequence[Any]]]]) -> dict[str, list[Any]]:
    """Columns for the table `events` from changes: each its seq and its rows.

    A row is [number, event id, time ms, received ms, message id, kind, source, properties]; properties are the text of
    a JSON object that maps property ids to values (people/changes.py).
    """
    rows = [row for _, events in changes for row in events]
    if not rows:
        return {}
    numbers, ids, times, received, messages, kinds, sources, texts = zip(*rows, strict=True)
    return {
        "workspace": [workspace_id] * len(rows),
        "event": list(ids),
        "number": list(numbers),
        "time": list(times),
        "seq": [seq for seq, events in changes for _ in events],
        "pos": [pos for _, events in changes for pos in range(len(events))],
        "received": list(received),
        "message_id": list(messages),
        "kind": list(kinds),
        "source": list(sources),
        "p": [_properties(text) for text in texts],
        "raw": [text or "{}" for text in texts],
    }


def without(columns: dict[str, list[Any]], present: set[tuple[int, int]]) -> dict[str, list[Any]]:
    """The columns less the events whose (seq, pos) are `present`."""
    if not present:
        return columns
    keep = [at not in present for at in zip(columns["seq"], columns["pos"], strict=True)]
    return {name: list(compress(values, keep)) for name, values in columns.items()}


def _properties(text: str | None) -> str:
    if not text or text == "{}":
        return "{}"
    row: dict[str, Any] = {}
    for number, value in orjson.loads(text).items():
        for type, cell in forms(value):
            row[f"{LETTERS[type]}{number}"] = cell
    return orjson.dumps(row).decode()


def forms(value: Any) -> list[tuple[FieldType, Any]]:
    """Every typed form of one event property: a number is also its text, an ISO time is also an instant."""
    return _FORMS.get(value.__class__, _no_forms)(value)


def _no_forms(_value: Any) -> list[tuple[FieldType, Any]]:
    return []


def _boolean_forms(value: bool) -> list[tuple[FieldType, Any]]:
    return [(FieldType.BOOLEAN, value), (FieldType.TEXT, "true" if value else "false")]


def _number_forms(value: int | float) -> list[tuple[FieldType, Any]]:
    number = _as(FieldType.NUMBER, value)
    if number is None:
        return [(FieldType.TEXT, str(value))]
    return [(FieldType.NUMBER, float(number)), (FieldType.TEXT, number_text(number))]


def _list_forms(value: list[Any]) -> list[tuple[FieldType, Any]]:
    items = _as(FieldType.LIST, value)
    return [(FieldType.LIST, [fold(item) for item in items])] if items else []


def _text_forms(value: str) -> list[tuple[FieldType, Any]]:
    # It is trimmed and in NFC since it was written (people/events.py).
    folded = fold(value)
    found: list[tuple[FieldType, Any]] = [(FieldType.TEXT, folded)]
    first = value[0]
    if first.isdigit() or first in "+-.":
        number = _as(FieldType.NUMBER, value)
        if number is not None:
            found.append((FieldType.NUMBER, float(number)))
        # Epoch numbers are not taken for times here: a bare number is a number.
        elif len(value) >= 10 and value[4] == "-":
            instant = _as(FieldType.DATETIME, value)
            if instant is not None:
                found.append((FieldType.DATETIME, int(instant)))
    elif folded in ("true", "false"):
        found.append((FieldType.BOOLEAN, folded == "true"))
    return found


_FORMS: dict[type, Callable[[Any], list[tuple[FieldType, Any]]]] = {
    bool: _boolean_forms,
    int: _number_forms,
    float: _number_forms,
    list: _list_forms,
    str: _text_forms,
}


def _as(type: FieldType, value: Any) -> Any:
    try:
        made = normalise(type, value)
    except Rejected:
        return None
    return made if isinstance(made, str | int | float | bool | tuple | list) else None
