"""The numbered form: conditions and an expression over their numbers."""

import json
from pathlib import Path
from typing import Any

import pytest

from coterie.filters.check import MAX_CONDITIONS
from coterie.filters.errors import InvalidFilter, SyntaxProblem
from coterie.filters.numbered import checked, from_tree, to_tree
from coterie.filters.printing import print_filter
from coterie.filters.sentence import parse
from coterie.filters.tree import Condition, FieldCondition, Node, children
from tests.support.trees import CATALOGUE

CONDITIONS: list[Condition] = [
    parse(text, CATALOGUE).root  # type: ignore[misc]
    for text in ("vip is true", "email is known", 'did "e" where a = 1')
]
A, B, C = "vip is true", "email is known", 'did "e" where a = 1'

EXPRESSIONS = [
    ("(1 and 2) or 3", f"({A} and {B}) or {C}"),
    ("1 and 2 or 3", f"({A} and {B}) or {C}"),
    ("1 and (2 or 3) or (3 and 1)", f"({A} and ({B} or {C})) or (({C}) and {A})"),
    ("1 AND NOT 2 And 3", f"{A} and not ({B}) and ({C})"),
    ("not (1 or 2 or 3)", f"not ({A} or {B} or {C})"),
    ("match all", f"{A} and {B} and ({C})"),
    ("Match  Any", f"{A} or {B} or {C}"),
    ("1 and 1 and 2 and 3", f"{A} and {A} and {B} and ({C})"),
]
# Expression, column, found.
WRONG = [
    ("1 and 4 and 2 and 3", 7, "4"),
    ("0 or 1 or 2 or 3", 1, "0"),
    ("1 and 2", 8, "the end"),
    ("1 and", 6, "the end"),
    ("1 2 3", 3, "2"),
    ("(1 and 2 and 3", 15, "the end"),
    ("1 and two", 7, "t"),
    ("", 1, "the end"),
    ("99999999999999999999", 1, "99999999999999999999"),
    ("1.5 and 2 and 3", 2, "."),
]


def test_it_works() -> None:
    filter = to_tree(CONDITIONS, "(1 and 2) or 3")
    assert from_tree(filter) == (CONDITIONS, "(1 and 2) or 3")


@pytest.mark.parametrize(("expression", "sentence"), EXPRESSIONS)
def test_expressions(expression: str, sentence: str) -> None:
    filter = to_tree(CONDITIONS, expression)
    assert print_filter(filter, CATALOGUE) == sentence
    assert to_tree(*from_tree(filter)) == filter


FIELD = {"type": "field", "field": "name", "op": "is", "value": "x"}


@pytest.mark.parametrize("expression", ["match all", "1 and (2 or not 3)", "not 1 or (2 and 3) or (3 and 2)"])
def test_a_fault_has_its_place_among_the_conditions(expression: str) -> None:
    conditions = [FIELD, {**FIELD, "value": 5}, {**FIELD, "op": "is_one_of", "value": ["x", ""]}]
    with pytest.raises(InvalidFilter) as caught:
        checked(conditions, expression, CATALOGUE)
    assert {each.path for each in caught.value.problems} == {"conditions[1].value", "conditions[2].value[1]"}
    assert len(caught.value.problems) == 2


def test_a_fault_of_the_whole_has_no_condition() -> None:
    with pytest.raises(InvalidFilter) as caught:
        checked([FIELD] * (MAX_CONDITIONS + 1), None, CATALOGUE)
    assert [each.path for each in caught.value.problems] == ["root"]
    assert checked([FIELD, FIELD], "1 or 2", CATALOGUE) == to_tree([FIELD, FIELD], "1 or 2")


@pytest.mark.parametrize(("expression", "column", "found"), WRONG)
def test_what_is_refused(expression: str, column: int, found: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        to_tree(CONDITIONS, expression)
    assert (caught.value.column, caught.value.found) == (column, found)
    assert caught.value.expected


def test_nothing_given_is_everyone_and_any_of_nothing_nobody() -> None:
    assert print_filter(to_tree([]), CATALOGUE) == "everyone"
    assert print_filter(to_tree([], "match any"), CATALOGUE) == "nobody"
    assert from_tree(to_tree([], "nobody")) == ([], "nobody")


def test_a_condition_used_twice_has_one_number() -> None:
    conditions, expression = from_tree(parse(f"{A} and {B} or {A}", CATALOGUE))
    assert len(conditions) == 2
    assert expression == "(1 and 2) or 1"


def test_conditions_as_json() -> None:
    given = [{"type": "field", "field": "email", "op": "is_known"}, {"type": "field", "field": "email", "op": "nope"}]
    with pytest.raises(InvalidFilter) as caught:
        to_tree(given, "1 or 2")
    assert caught.value.problems[0].path == "conditions[1].op"
    with pytest.raises(InvalidFilter, match="A group"):
        to_tree([{"type": "all", "of": []}])


# The filter bar reads expressions too, to edit them; its test has the same table.
TABLE = json.loads((Path(__file__).parents[1] / "conformance" / "expressions.json").read_text())
NUMBERED = [FieldCondition(field="email", op="is", value=str(at)) for at in range(TABLE["conditions"])]


def parts(node: Node) -> Any:
    """A tree over NUMBERED as the table has it."""
    if isinstance(node, FieldCondition):
        return NUMBERED.index(node) + 1
    kind = {"all": "and", "any": "or", "not": "not"}[node.type]
    return [kind, *(parts(child) for child in children(node))]


@pytest.mark.parametrize(("text", "expected"), TABLE["read"])
def test_expressions_as_the_web_app_reads_them(text: str, expected: Any) -> None:
    assert parts(to_tree(NUMBERED, text).root) == expected


@pytest.mark.parametrize("text", TABLE["refused"])
def test_what_the_web_app_refuses_too(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        to_tree(NUMBERED, text)
