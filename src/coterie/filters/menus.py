"""The operators as menus: what a filter bar needs to know of each row."""

from typing import Any

from coterie.filters.events import (
    AGGREGATES,
    BUCKET,
    EVENT_OPERATORS,
    EVENT_PROPERTY,
    EVENT_TIMES,
    POSITIVE_FORMS,
    SEGMENT_OPERATORS,
    SEQUENCE,
    WINDOWS,
    Aggregate,
    EventTime,
    Form,
)
from coterie.filters.fields import FieldType
from coterie.filters.grammar import rules
from coterie.filters.operators import OPERATORS
from coterie.filters.rows import Operator
from coterie.filters.shapes import units_for


def menus() -> dict[str, Any]:
    """All rows as JSON values: operators on fields by type, on segments and events, functions, times and windows.

    `forms` are the other conditions that are rows of their own, and `rules` say how sentences are made of it all.
    """
    return {
        "fields": {
            type.value: [_field_entry(row, type) for row in OPERATORS.values() if type in row.types]
            for type in FieldType
        },
        "segments": [_entry(row) for row in SEGMENT_OPERATORS.values()],
        "events": [_event_entry(row) for row in EVENT_OPERATORS.values()],
        "functions": [_word(row) for row in AGGREGATES.values()],
        "times": [_word(row) for row in EVENT_TIMES.values()],
        "windows": [{"kind": row.kind, "label": row.label, "operator": row.operator} for row in WINDOWS.values()],
        "forms": [_word(row) for row in (EVENT_PROPERTY, SEQUENCE, BUCKET)],
        "rules": rules(),
    }


def _word(row: Aggregate | EventTime | Form) -> dict[str, str]:
    return {"key": row.key, "label": row.label, "sentence": row.sentence, "example": row.example}


def _field_entry(row: Operator, type: FieldType) -> dict[str, Any]:
    return {**_entry(row), "units": list(units_for(row.units, type))}


def _event_entry(row: Operator) -> dict[str, Any]:
    turned = [form for form, key in POSITIVE_FORMS.items() if key == row.key]
    return {**_entry(row), "also": [*row.also, *turned]}


def _entry(row: Operator) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "sentence": row.sentence,
        "also": list(row.also),
        "value": row.shape.value,
        "units": list(row.units),
        "minimum": row.minimum,
        "semantic": row.semantic,
        "complement_of": row.complement_of,
        "or_unknown": row.joins_unknown,
        "example": row.example,
    }
