"""What the web app proposes while a sentence is typed, held against the grammar; `make schema` writes the operators.

Its own tests take proposals by chance and write down the sentences that come of it.
"""

import json
from pathlib import Path

import pytest

from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS, WINDOWS
from coterie.filters.fields import Catalogue, Field, FieldType
from coterie.filters.grammar import rules
from coterie.filters.menus import menus
from coterie.filters.operators import OPERATORS
from coterie.filters.printing import print_filter
from coterie.filters.sentence import parse
from coterie.filters.tree import (
    AggregateCondition,
    Condition,
    EventCondition,
    EventTimeCondition,
    SegmentCondition,
    walk,
)

FILTER = Path(__file__).parents[2] / "ui/src/features/people/filter"
SENTENCES = json.loads((FILTER / "sentences.fixture.json").read_text(encoding="utf-8"))
CATALOGUE = Catalogue.of(
    [
        Field("orders", "Orders", FieldType.NUMBER),
        Field("birthday", "Birthday", FieldType.DATE),
        Field("my field", "My field", FieldType.TEXT),
        Field("count", "Count", FieldType.NUMBER),
    ],
    segments={"a": "Churned", "b": 'The "best"'},
    events={"purchase", "signup"},
)


def test_it_works() -> None:
    """The web app's tests have the operators as the server gives them out."""
    written = json.loads((FILTER / "operators.fixture.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(menus())), "Run `make schema`, and the web app's tests with -u."


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_made_of_proposals_reads(sentence: str) -> None:
    found = parse(sentence, CATALOGUE)
    assert parse(print_filter(found, CATALOGUE), CATALOGUE) == found


def test_chance_comes_by_all_of_the_language() -> None:
    nodes = [node for sentence in SENTENCES for _, node, _ in walk(parse(sentence, CATALOGUE).root)]
    assert {type(node) for node in nodes} >= set(Condition.__args__)
    found = [(node, getattr(node, "op", None)) for node in nodes]
    assert {op for node, op in found if isinstance(node, EventCondition)} == set(EVENT_OPERATORS)
    assert {op for node, op in found if isinstance(node, SegmentCondition)} == set(SEGMENT_OPERATORS)
    assert {node.function for node in nodes if isinstance(node, AggregateCondition)} == set(AGGREGATES)
    assert {node.which for node in nodes if isinstance(node, EventTimeCondition)} == set(EVENT_TIMES)
    assert {node.window.kind for node in nodes if isinstance(node, EventCondition) and node.window} == set(WINDOWS)
    said = {op for _, op in found} | {each.op for node in nodes for each in getattr(node, "where", ())}
    assert len(said & set(OPERATORS)) > len(OPERATORS) * 0.9
    assert any(getattr(node, "or_unknown", False) for node in nodes)


def test_every_part_of_the_rules_has_forms() -> None:
    """A placeholder is another part, one of the groups of rows, or a value."""
    rows = {"form_any", "form_number", "form_time", "form_property", "event_head", "window", "aggregate", "event_time"}
    rows |= {"event_property", "segment", "counting", "sequence", "bucket"}
    parts = {part for forms in rules().values() for form in forms for part in form.split() if part.startswith("{")}
    assert {part.strip("{?}") for part in parts} - {"f", "p", "item"} <= rules().keys() | rows
