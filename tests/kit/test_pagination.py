"""Cursors: what goes in comes out, and nothing else is taken."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.kit import pagination
from coterie.kit.errors import InvalidInput

_text = st.text(st.characters(exclude_categories=["Cs"]))
_values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | _text


def test_it_works() -> None:
    position = {"after": [1_700_000_000_000, 42]}
    assert pagination.decode(pagination.encode(position)) == position


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), _values))
def test_round_trip(position: dict[str, object]) -> None:
    cursor = pagination.encode(position)
    assert cursor.isascii()
    assert "=" not in cursor
    assert pagination.decode(cursor) == position


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "é",
        "bm90IGpzb24",
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 2000).decode(),
        base64.urlsafe_b64encode(b'{"a": NaN}').decode(),
        base64.urlsafe_b64encode(b'{"a": 1e999}').decode(),
        base64.urlsafe_b64encode(b'{"a": "\\ud800"}').decode(),
        "A" * 5000,
    ],
)
def test_what_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        pagination.decode(cursor)
    assert caught.value.code == "cursor"


@pytest.mark.parametrize("value", [None, True, -1, 11, 1.0, "1", [1], 10**30])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    assert pagination.number({"at": 10}, "at", most=10) == 10
    for position in ({"at": value}, {}):
        with pytest.raises(InvalidInput) as caught:
            pagination.number(position, "at", most=10)
        assert caught.value.code == "cursor"
