"""Keys of attributes, events and properties; times as stored text."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.kit import clock
from coterie.people.names import LONGEST_KEY, flatten, read_key
from coterie.people.state import ms_of_iso


def test_it_works() -> None:
    assert read_key(" plan ") == ("plan", None)


@pytest.mark.parametrize("key", ["a.b", "a b", "$x", '"', "'", "\\", "ключ", "x" * 200, "[0]", "#", "🙂", "a/b"])
def test_hostile_keys_are_legal(key: str) -> None:
    assert read_key(key) == (key, None)


@pytest.mark.parametrize(
    ("raw", "name", "problem"),
    [
        ("e\u0301", "\u00e9", ""),
        ("", "(empty)", "empty"),
        ("  ", "(empty)", "empty"),
        ("x" * 201, "x" * 200, "201 characters"),
        ("x\0y", "x\ufffdy", "control character"),
        ("a\nb", "a\ufffdb", "control character"),
        ("\ud800", "\ufffd", "control character"),
    ],
)
def test_other_keys_are_cleaned(raw: str, name: str, problem: str) -> None:
    key = read_key(raw)
    assert key.name == name
    assert problem in (key.problem or "")
    assert bool(problem) == bool(key.problem)


@given(st.text(st.characters(), max_size=250))
def test_every_key_can_be_kept(raw: str) -> None:
    name = read_key(raw).name
    assert 1 <= len(name) <= LONGEST_KEY
    assert unicodedata.is_normalized("NFC", name) or read_key(raw).problem
    assert "\0" not in name
    name.encode()


@pytest.mark.parametrize(
    ("nested", "flat"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": {"b": 1, "c": {"d": 2}}}, {"a.b": 1, "a.c.d": 2}),
        ({"a": {"b": {"c": {"d": 1}}}}, {"a.b.c": {"d": 1}}),
        ({"a": {}}, {}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}]}),
    ],
)
def test_flatten(nested: dict[str, Any], flat: dict[str, Any]) -> None:
    assert dict(flatten(nested)) == flat


@given(st.datetimes(timezones=st.just(UTC)))
def test_stored_times_are_those_of_the_clock(at: datetime) -> None:
    ms = clock.to_ms(at)
    assert clock.iso_ms(ms) == at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    assert ms_of_iso(clock.iso_ms(ms)) == ms


@pytest.mark.parametrize("ms", [-(10**14), 253_402_300_800_000])
def test_times_that_no_calendar_has(ms: int) -> None:
    with pytest.raises(OverflowError):
        clock.iso_ms(ms)
