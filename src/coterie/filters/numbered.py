"""The numbered form: a flat list of conditions and an expression over their numbers, as the filter bar edits it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from lark import Lark
from pydantic import BaseModel

from coterie.filters import drafts
from coterie.filters.check import read_filter, validate
from coterie.filters.drafts import Draft, Group, Number
from coterie.filters.errors import THE_END, InvalidFilter, Problem, SyntaxProblem, characters
from coterie.filters.fields import Catalogue
from coterie.filters.grammar import expression_grammar
from coterie.filters.normal import conditions_of
from coterie.filters.printing import Words, print_tree
from coterie.filters.syntax import parsed
from coterie.filters.tree import All, Condition, Filter, Node, Not, split_path, walk
from coterie.filters.tree import Any as AnyOf
from coterie.kit.reasons import Reason

MAX_EXPRESSION = 20_000

_MATCH = {"match all": All, "all": All, "match any": AnyOf, "any": AnyOf}


class Numbered(NamedTuple):
    """Conditions, numbered from 1, and what is said of them, such as `(1 and 2) or 3`."""

    conditions: list[Condition]
    expression: str


def to_tree(conditions: Sequence[Condition | Mapping[str, Any]], expression: str | None = None) -> Filter:
    """The tree of conditions and an expression over their numbers; `match all` (as when none is given) joins them all.

    Conditions may be JSON values; InvalidFilter tells which one does not fit. SyntaxProblem, with the place in the
    expression, when it can't be read, names a number that is not there, or leaves a condition out.
    """
    return _joined(
        [_read(each, i) for i, each in enumerate(conditions)], "match all" if expression is None else expression
    )


def checked(
    conditions: Sequence[Condition | Mapping[str, Any]], expression: str | None, catalogue: Catalogue
) -> Filter:
    """The tree of conditions and an expression when it can be used; InvalidFilter when not.

    A fault of a condition is told at its place among them, such as `conditions[1].value`.
    """
    filter = to_tree(conditions, expression)
    problems = validate(filter, catalogue)
    if problems:
        raise InvalidFilter(_placed(problems, filter, [_read(each, i) for i, each in enumerate(conditions)]))
    return filter


def _placed(problems: Sequence[Problem], filter: Filter, conditions: Sequence[Condition]) -> list[Problem]:
    nodes = {path: node for path, node, _ in walk(filter.root)}
    found: dict[Problem, None] = {}
    for problem in problems:
        path, inside = split_path(problem.path, nodes)
        node = nodes.get(path)
        at = conditions.index(node) if node in conditions else None
        placed = problem if at is None else replace(problem, path=f"conditions[{at}]{inside}")
        # A condition that the expression names twice is wrong once.
        found[placed] = None
    return list(found)


def _read(condition: Condition | Mapping[str, Any], i: int) -> Condition:
    if isinstance(condition, BaseModel):
        return condition
    try:
        node = read_filter({"root": condition}).root
    except InvalidFilter as error:
        moved = [replace(each, path=each.path.replace("root", f"conditions[{i}]", 1)) for each in error.problems]
        raise InvalidFilter(moved) from None
    if isinstance(node, All | AnyOf | Not):
        raise InvalidFilter([_group_at(i)])
    return node


def _group_at(i: int) -> Problem:
    message = Reason("no_group_here", "A group can't stand here.")
    return Problem(f"conditions[{i}]", message, Reason("one_condition", "one condition"))


def _joined(conditions: Sequence[Condition], expression: str) -> Filter:
    joined = _MATCH.get(" ".join(expression.lower().split()))
    if joined is not None:
        return Filter(root=joined(of=tuple(conditions)))
    if len(expression) > MAX_EXPRESSION:
        most = Reason("at_most", "at most {most}", most=MAX_EXPRESSION)
        raise _problem(1, characters(len(expression)), most)
    used: set[int] = set()
    root = _node(parsed(_parser(), expression), conditions, used)
    unused = sorted(set(range(1, len(conditions) + 1)) - used)
    if unused:
        expected = Reason("condition_numbered", "condition {number}", number=unused[0])
        left_out = Reason("condition_left_out", "A condition is left out of the expression.")
        raise _problem(len(expression) + 1, THE_END, expected, left_out)
    return Filter(root=root)


def from_tree(filter: Filter) -> Numbered:
    """The conditions of a filter in order of appearance, each once, and the expression that makes the tree anew."""
    conditions = conditions_of(filter)
    numbers = {condition: i for i, condition in enumerate(conditions, 1)}
    return Numbered(conditions, print_tree(filter.root, lambda leaf: Words(str(numbers[leaf]))))


@cache
def _parser() -> Lark:
    return Lark(expression_grammar(), parser="lalr", maybe_placeholders=False, transformer=drafts.callbacks())


def _node(draft: Draft, conditions: Sequence[Condition], used: set[int]) -> Node:
    if isinstance(draft, Number):
        number = int(draft.token) if len(draft.token) < 10 else 0
        if not 1 <= number <= len(conditions):
            expected = Reason("a_condition_first", "a condition first")
            if conditions:
                expected = Reason("a_number_from_to", "a number from {least} to {most}", least=1, most=len(conditions))
            raise _problem(draft.token.column or 1, str(draft.token), expected, line=draft.token.line or 1)
        used.add(number)
        return conditions[number - 1]
    assert isinstance(draft, Group)
    of = tuple(_node(each, conditions, used) for each in draft.of)
    if draft.kind == "not":
        return Not(of=of[0])
    return All(of=of) if draft.kind == "all" else AnyOf(of=of)


def _problem(
    column: int, found: str, expected: Reason, message: Reason | None = None, *, line: int = 1
) -> SyntaxProblem:
    return SyntaxProblem(line=line, column=column, found=found, expected=[expected], message=message)
