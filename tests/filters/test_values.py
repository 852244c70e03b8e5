"""Values as they are stored: what converts, what is rejected, what is no value, how text is compared."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.filters.errors import Rejected
from coterie.filters.fields import BUILTIN_FIELDS, FIELD_ALIASES, Catalogue, Field, FieldType, UnknownField
from coterie.filters.values import (
    NO_VALUE,
    fold,
    from_json,
    infer_type,
    normalise,
    plain_number,
    to_json,
)

T = FieldType
AT = 1769850000000  # 2026-01-31T09:00:00Z

GOOD = [
    (T.TEXT, " Zoe\u0301\u00a0", "Zo\u00e9"),
    (T.TEXT, 5, "5"),
    (T.TEXT, 5.0, "5"),
    (T.TEXT, 0.1, "0.1"),
    (T.TEXT, False, "false"),
    (T.TEXT, "C:\\", "C:\\"),
    (T.NUMBER, 5, 5.0),
    (T.NUMBER, " -1.5e3 ", -1500.0),
    (T.NUMBER, "+5", 5.0),
    (T.NUMBER, "007", 7.0),
    (T.NUMBER, Decimal("0.10"), 0.1),
    (T.NUMBER, 2**53, float(2**53)),
    (T.BOOLEAN, " TRUE ", True),
    (T.BOOLEAN, False, False),
    (T.DATETIME, "2026-01-31T09:00Z", AT),
    (T.DATETIME, "2026-01-31T10:00:00.000999+01:00", AT),
    (T.DATETIME, "2026-01-31 09:00:00", AT),
    (T.DATETIME, AT // 1000, AT),
    (T.DATETIME, AT, AT),
    (T.DATETIME, -1, -1000),
    (T.DATETIME, 0.0015, 1),
    (T.DATETIME, "1970-01-02", 86_400_000),
    (T.DATETIME, datetime(2026, 1, 31, 9, tzinfo=UTC), AT),
    (T.DATE, " 2024-02-29 ", "2024-02-29"),
    (T.DATE, date(1899, 12, 31), "1899-12-31"),
    (T.LIST, ["b", " a ", "b", None, "", 5, True], ("b", "a", "5", "true")),
    (T.LIST, ("VIP", "vip"), ("VIP", "vip")),
    (T.LIST, "one", ("one",)),
]
BAD = [
    (T.TEXT, ["a"]),
    (T.TEXT, {"a": 1}),
    (T.TEXT, float("nan")),
    (T.TEXT, "\ud800"),
    (T.NUMBER, True),
    (T.NUMBER, "1,5"),
    (T.NUMBER, "1_000"),
    (T.NUMBER, "0x10"),
    (T.NUMBER, "٣"),
    (T.NUMBER, "NaN"),
    (T.NUMBER, float("inf")),
    (T.NUMBER, "1e999"),
    (T.NUMBER, 2**53 + 1),
    (T.NUMBER, -(2**60)),
    (T.NUMBER, "9007199254740993"),
    (T.NUMBER, "0.12345678901234567890123"),
    (T.BOOLEAN, 1),
    (T.BOOLEAN, "yes"),
    (T.DATETIME, "yesterday"),
    (T.DATETIME, "2026-02-30"),
    (T.DATETIME, "2026-01-31T24:00Z"),
    (T.DATETIME, True),
    (T.DATETIME, 10**18),
    (T.DATETIME, "0001-01-01T00:00+23:00"),
    (T.DATETIME, float("nan")),
    (T.DATE, "2026-01-31T00:00Z"),
    (T.DATE, "31.01.2026"),
    (T.DATE, datetime(2026, 1, 31)),
    (T.DATE, 20260131),
    (T.LIST, [["a"]]),
    (T.LIST, [{"a": 1}]),
]


def test_it_works() -> None:
    assert normalise(T.TEXT, " a ") == "a"


@pytest.mark.parametrize(("type", "raw", "value"), GOOD)
def test_what_converts(type: FieldType, raw: Any, value: Any) -> None:
    found = normalise(type, raw)
    assert found == value
    assert found.__class__ is value.__class__


@pytest.mark.parametrize(("type", "raw"), BAD)
def test_what_is_rejected(type: FieldType, raw: Any) -> None:
    with pytest.raises(Rejected) as caught:
        normalise(type, raw)
    assert caught.value.reason


@pytest.mark.parametrize("type", FieldType)
@pytest.mark.parametrize("raw", [None, "", " \t\n\u00a0\u3000", [], (), NO_VALUE])
def test_five_kinds_of_empty(type: FieldType, raw: Any) -> None:
    assert normalise(type, raw) is NO_VALUE


def test_minus_zero_is_zero() -> None:
    for raw in (-0.0, "-0"):
        assert str(normalise(T.NUMBER, raw)) == "0.0"
    assert str(plain_number(-0.0)) == "0"


@pytest.mark.parametrize(("type", "raw", "_value"), GOOD)
def test_json_and_back(type: FieldType, raw: Any, _value: Any) -> None:
    value = normalise(type, raw)
    assert value is not NO_VALUE
    assert from_json(type, to_json(type, value)) == value  # type: ignore[arg-type]


def test_json_forms() -> None:
    assert to_json(T.NUMBER, 5.0).__class__ is int
    assert to_json(T.NUMBER, 5.5) == 5.5
    assert to_json(T.DATETIME, AT) == "2026-01-31T09:00:00.000Z"
    assert to_json(T.DATETIME, -62135596800000) == "0001-01-01T00:00:00.000Z"
    assert to_json(T.LIST, ("a",)) == ["a"]


@pytest.mark.parametrize(
    ("raw", "type"),
    [
        ("x", T.TEXT),
        ("123", T.TEXT),
        ("+49 30 1", T.TEXT),
        ("2026-01-31", T.DATE),
        ("2026-01-31T09:00:00Z", T.DATETIME),
        ("2026-02-30", T.TEXT),
        (True, T.BOOLEAN),
        (1, T.NUMBER),
        (1.5, T.NUMBER),
        (["a"], T.LIST),
    ],
)
def test_the_type_of_a_first_value(raw: Any, type: FieldType) -> None:
    assert infer_type(raw) is type


@pytest.mark.parametrize("raw", [None, "", {"a": 1}])
def test_no_type_follows(raw: Any) -> None:
    with pytest.raises(Rejected):
        infer_type(raw)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Straße", "STRAẞE", True),
        ("Straße", "STRASSE", False),
        ("İ", "i\u0307", True),
        ("I", "ı", False),
        ("ΟΔΟΣ", "οδος", True),
        ("ΟΔΟΣ", "οδοσ", False),
        ("ZOE\u0301", "zo\u00e9", True),
        ("Zoe", "zoé", False),
        ("\u212a", "k", True),
    ],
)
def test_text_is_compared_without_case_and_else_exactly(a: str, b: str, same: bool) -> None:
    assert (fold(a) == fold(b)) is same


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_built_in_fields_and_their_aliases() -> None:
    assert set(FIELD_ALIASES.values()) <= set(BUILTIN_FIELDS)
    catalogue = Catalogue.of([Field("email", "Mine", T.NUMBER)])
    assert catalogue.field("email").builtin
    assert catalogue.field("default_url").name == "source_url"
    with pytest.raises(UnknownField) as caught:
        catalogue.field("EMIAL")
    assert caught.value.nearest[0] == "email"


def test_segments_by_name_and_id() -> None:
    catalogue = Catalogue.of(segments={"seg_1": "VIP", "seg_2": "vip", "seg_3": "seg_1", "seg_4": "Trial"})
    assert [catalogue.segment_id(name) for name in ("VIP", "vip", "TRIAL", "seg_4")] == [
        "seg_1",
        "seg_2",
        "seg_4",
        "seg_4",
    ]
    assert catalogue.segment_id("seg_1") == "seg_3"
    for id in catalogue.segments:
        assert catalogue.segment_id(catalogue.segment_name(id)) == id
