"""The operators as menus: what a filter bar needs to know of each row."""

from typing import Any

from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS, WINDOWS
from coterie.filters.fields import FieldType
from coterie.filters.operators import OPERATORS
from coterie.filters.rows import Operator


def menus() -> dict[str, Any]:
    """All rows as JSON values: operators on fields by type, on segments and events, functions, times and windows."""
    return {
        "fields": {type.value: [_entry(row) for row in OPERATORS.values() if type in row.types] for type in FieldType},
        "segments": [_entry(row) for row in SEGMENT_OPERATORS.values()],
        "events": [_entry(row) for row in EVENT_OPERATORS.values()],
        "functions": [{"key": row.key, "label": row.label, "example": row.example} for row in AGGREGATES.values()],
        "times": [{"key": row.key, "label": row.label, "example": row.example} for row in EVENT_TIMES.values()],
        "windows": [{"kind": row.kind, "label": row.label, "operator": row.operator} for row in WINDOWS.values()],
    }


def _entry(row: Operator) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "sentence": row.sentence,
        "value": row.shape.value,
        "units": list(row.units),
        "minimum": row.minimum,
        "semantic": row.semantic,
        "complement_of": row.complement_of,
        "or_unknown": row.joins_unknown,
        "example": row.example,
    }
