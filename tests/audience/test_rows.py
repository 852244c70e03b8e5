"""What the index holds of a value: the stored form as conditions compare it."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.audience.rows import CELLS
from coterie.filters.fields import FieldType
from coterie.filters.values import normalise, to_json

T = FieldType


@pytest.mark.parametrize(
    ("type", "raw", "cell"),
    [
        (T.TEXT, " Straße ", "straße"),
        (T.TEXT, "U\u0308ber", "\u00fcber"),
        (T.NUMBER, 5, 5.0),
        (T.NUMBER, "0.5", 0.5),
        (T.BOOLEAN, "TRUE", True),
        (T.BOOLEAN, False, False),
        (T.DATETIME, "1970-01-01T01:00:00.001+01:00", 1),
        (T.DATETIME, "1969-12-31T23:59:59.999Z", -1),
        (T.DATE, "1970-01-02", 1),
        (T.DATE, "1969-12-31", -1),
        (T.LIST, ["A", "b"], ["a", "b"]),
    ],
)
def test_it_works(type: FieldType, raw: Any, cell: Any) -> None:
    """From what was sent, through what SQL keeps."""
    found = CELLS[type](to_json(type, normalise(type, raw)))
    assert found == cell
    assert found.__class__ is cell.__class__


def test_every_type_has_a_row() -> None:
    assert set(CELLS) == set(FieldType)
