"""Whatever tree there is: it is valid, and its sentence, its numbers and its JSON read back as the same tree."""

import json

from hypothesis import given, settings

from coterie.filters.check import read_filter, validate
from coterie.filters.numbered import from_tree, to_tree
from coterie.filters.sentence import parse, print_filter
from coterie.filters.tree import Filter
from tests.support.trees import CATALOGUE, trees


def test_it_works() -> None:
    text = 'country is "Germany" and not in segment "VIP"'
    assert print_filter(parse(text, CATALOGUE), CATALOGUE) == text


@settings(max_examples=400, deadline=None)
@given(trees())
def test_parse_of_print_is_the_same_tree(filter: Filter) -> None:
    assert parse(print_filter(filter, CATALOGUE), CATALOGUE) == filter


@settings(max_examples=100, deadline=None)
@given(trees())
def test_strategies_make_valid_trees(filter: Filter) -> None:
    assert validate(filter, CATALOGUE) == []


@settings(max_examples=100, deadline=None)
@given(trees())
def test_numbers_and_json_give_the_same_tree(filter: Filter) -> None:
    conditions, expression = from_tree(filter)
    assert to_tree(conditions, expression) == filter
    sent = json.loads(json.dumps([condition.model_dump(mode="json") for condition in conditions]))
    assert to_tree(sent, expression) == filter
    assert read_filter(json.loads(filter.model_dump_json())) == filter
