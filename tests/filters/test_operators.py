"""The rows: each is one place from which sentence, menu, schema and page follow."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import validator_for

from coterie.filters import grammar
from coterie.filters.events import AGGREGATES, BUCKET, EVENT_OPERATORS, EVENT_PROPERTY, EVENT_TIMES, SEQUENCE
from coterie.filters.events import SEGMENT_OPERATORS as SEGMENTS
from coterie.filters.fields import FieldType
from coterie.filters.menus import menus
from coterie.filters.moment import Moment
from coterie.filters.operators import OPERATORS, operators_for, property_type
from coterie.filters.reference import refreshed
from coterie.filters.rows import Operator, table, twin
from coterie.filters.sentence import parse, print_filter
from coterie.filters.shapes import ShapeKey
from coterie.filters.tree import Filter, PropertyCondition
from tests.support.trees import CATALOGUE

ROWS = {
    **OPERATORS,
    **{f"event {key}": row for key, row in EVENT_OPERATORS.items()},
    **{f"segment {key}": row for key, row in SEGMENTS.items()},
}
PAGE = Path(__file__).parents[2] / "docs" / "filters.md"


def test_it_works() -> None:
    assert OPERATORS["is"].bind("Straße ", None) == [("v", "String", "straße")]


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_the_example_is_a_sentence_of_this_operator(row: Operator) -> None:
    found = parse(row.example, CATALOGUE)
    assert found.root.op == row.key  # type: ignore[union-attr]
    assert print_filter(found, CATALOGUE) == row.example


@pytest.mark.parametrize("form", [*AGGREGATES.values(), *EVENT_TIMES.values(), EVENT_PROPERTY, SEQUENCE, BUCKET])
def test_the_example_of_a_form_is_a_sentence(form: Any) -> None:
    assert print_filter(parse(form.example, CATALOGUE), CATALOGUE) == form.example


@pytest.mark.parametrize("row", OPERATORS.values(), ids=list(OPERATORS))
def test_a_row_has_a_predicate_or_a_positive_twin(row: Operator) -> None:
    if row.complement_of:
        assert row.predicate is None
        assert not row.joins_unknown
        positive = OPERATORS[row.complement_of]
        assert (positive.types, positive.shape) == (row.types, row.shape)
    else:
        assert row.predicate
    assert row.types


@pytest.mark.parametrize("row", [row for row in OPERATORS.values() if row.predicate], ids=lambda row: row.key)
def test_a_predicate_needs_nothing_but_what_is_bound(row: Operator) -> None:
    samples: dict[ShapeKey, Any] = {
        ShapeKey.NONE: None,
        ShapeKey.ONE: {"country_is": "DE", "on": "2026-01-31", "before": "2026-01-31", "after": "2026-01-31"}.get(
            row.key, 5 if FieldType.NUMBER in row.types else "a"
        ),
        ShapeKey.COUNT: 2,
    }
    value = samples.get(row.shape, parse(row.example, CATALOGUE).root.value)  # type: ignore[union-attr]
    for type in row.types:
        on = row.on(type)
        names = {bound.name for bound in on.bind(value, Moment(0, "UTC"))}
        assert on.predicate is not None
        filled = on.predicate.format(x="X", x_region="R", **dict.fromkeys(names, "B"))
        assert "{" not in filled
        assert all(f"{{{name}}}" in on.predicate for name in names)


def test_a_new_row_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up operator reads, prints and shows in the menu with nothing changed but the table."""
    sounds = replace(OPERATORS["is"], key="sounds_like", sentence="{f} sounds like {v}", example='name sounds like "x"')
    deaf = twin(sounds, "does_not_sound_like", "does not sound like", "{f} does not sound like {v}")
    for row in (sounds, deaf):
        monkeypatch.setitem(OPERATORS, row.key, row)  # type: ignore[arg-type]
    grammar.patterns.cache_clear()
    grammar.sentence_grammar.cache_clear()
    try:
        text = grammar.sentence_grammar()
        assert "W_SOUNDS" in text
        assert {"sounds_like", "does_not_sound_like"} <= {entry["key"] for entry in menus()["fields"]["text"]}
    finally:
        monkeypatch.undo()
        grammar.patterns.cache_clear()
        grammar.sentence_grammar.cache_clear()
    assert "W_SOUNDS" not in grammar.sentence_grammar()


def test_a_table_refuses_a_key_that_comes_twice() -> None:
    with pytest.raises(ValueError, match="comes twice"):
        table((OPERATORS["is"], OPERATORS["is"]))


def test_the_docs_page_is_current() -> None:
    """Mend it with: python -c "from pathlib import Path; from coterie.filters.reference import refreshed as r;
    p = Path('docs/filters.md'); p.write_text(r(p.read_text()))"
    """
    page = PAGE.read_text("utf-8")
    assert refreshed(page) == page
    with pytest.raises(ValueError, match="no part between"):
        refreshed("# Filters")


def test_menus_are_json_and_offer_each_row_under_its_types() -> None:
    found = json.loads(json.dumps(menus()))
    for type in FieldType:
        assert [entry["key"] for entry in found["fields"][type]] == [
            row.key for row in OPERATORS.values() if type in row.types
        ]
    assert "domain_is" not in [row.key for row in operators_for(FieldType.TEXT)]
    assert "domain_is" in [row.key for row in operators_for(FieldType.TEXT, "email")]


SCHEMA_CASES = [
    ({"op": "is", "value": "x"}, True),
    ({"op": "is", "value": ["x"]}, False),
    ({"op": "is"}, False),
    ({"op": "is_known"}, True),
    ({"op": "is_known", "value": 5}, False),
    ({"op": "is_one_of", "value": ["x"]}, True),
    ({"op": "is_one_of", "value": []}, False),
    ({"op": "between", "value": {"from": 1, "to": 2}}, True),
    ({"op": "between", "value": {"from": 1}}, False),
    ({"op": "in_last", "value": {"n": 3, "unit": "days"}}, True),
    ({"op": "in_last", "value": {"n": 0, "unit": "days"}}, False),
    ({"op": "in_last", "value": {"n": 3, "unit": "fortnights"}}, False),
    ({"op": "count_less", "value": 3}, True),
    ({"op": "count_less", "value": -3}, False),
    ({"op": "sounds_like", "value": "x"}, False),
    ({"op": "is", "value": "x", "more": 1}, False),
]


@pytest.mark.parametrize(("said", "good"), SCHEMA_CASES)
def test_the_json_schema_knows_the_rows(said: dict[str, Any], good: bool) -> None:
    schema = validator_for(Filter.model_json_schema())
    tree = {"version": 1, "root": {"type": "field", "field": "name", **said}}
    assert schema.is_valid(tree) is good


@pytest.mark.parametrize(
    ("op", "value", "type"),
    [
        ("is", "5", FieldType.TEXT),
        ("equals", 5, FieldType.NUMBER),
        ("is_one_of", ["5"], FieldType.TEXT),
        ("is_none_of", [5], FieldType.NUMBER),
        ("is_true", None, FieldType.BOOLEAN),
        ("today", None, FieldType.DATETIME),
        ("is_known", None, FieldType.TEXT),
    ],
)
def test_a_property_is_read_as_operator_and_value_need_it(op: str, value: Any, type: FieldType) -> None:
    assert property_type(PropertyCondition(property="p", op=op, value=value)) is type


@pytest.mark.parametrize(
    ("op", "value", "bound"),
    [
        ("contains", " X ", [("v", "String", " x ")]),
        ("is", " X ", [("v", "String", "x")]),
        ("is_one_of", ["B", "a", "b"], [("vs", "Array(String)", ["a", "b"])]),
        ("is_one_of", [2, 1, 2], [("vs", "Array(Float64)", [1.0, 2.0])]),
        ("matches", "A.b", [("v", "String", "(?i-s)A.b")]),
        ("domain_is", "@ACME.com", [("v", "String", "@acme.com")]),
        ("country_is", "Germany", [("vs", "Array(String)", ["de"])]),
        ("country_is", "+1", None),
        ("between", {"from": 1, "to": 2}, [("v0", "Float64", 1.0), ("v1", "Float64", 2.0)]),
        ("count_less", 3, [("v", "UInt64", 3)]),
    ],
)
def test_what_is_bound(op: str, value: Any, bound: list[Any] | None) -> None:
    held = PropertyCondition(property="p", op=op, value=value).value
    found = [tuple(each) for each in OPERATORS[op].bind(held, None)]
    if bound is None:
        assert {"us", "ca"} <= set(found[0][2])
    else:
        assert found == bound
