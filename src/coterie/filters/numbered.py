"""The numbered form: a flat list of conditions and an expression over their numbers, as the filter bar edits it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from lark import Lark
from pydantic import BaseModel

from coterie.filters import drafts
from coterie.filters.check import read_filter
from coterie.filters.drafts import Draft, Group, Number
from coterie.filters.errors import InvalidFilter, Problem, SyntaxProblem
from coterie.filters.grammar import expression_grammar
from coterie.filters.normal import conditions_of
from coterie.filters.printing import Words, print_tree
from coterie.filters.syntax import parsed
from coterie.filters.tree import All, Condition, Filter, Node, Not
from coterie.filters.tree import Any as AnyOf

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


def _read(condition: Condition | Mapping[str, Any], i: int) -> Condition:
    if isinstance(condition, BaseModel):
        return condition
    try:
        node = read_filter({"root": condition}).root
    except InvalidFilter as error:
        moved = [replace(each, path=each.path.replace("root", f"conditions[{i}]", 1)) for each in error.problems]
        raise InvalidFilter(moved) from None
    if isinstance(node, All | AnyOf | Not):
        raise InvalidFilter([Problem(f"conditions[{i}]", "A group can't stand here.", "one condition")])
    return node


def _joined(conditions: Sequence[Condition], expression: str) -> Filter:
    joined = _MATCH.get(" ".join(expression.lower().split()))
    if joined is not None:
        return Filter(root=joined(of=tuple(conditions)))
    if len(expression) > MAX_EXPRESSION:
        raise _problem(1, f"{len(expression)} characters", f"at most {MAX_EXPRESSION}")
    used: set[int] = set()
    root = _node(parsed(_parser(), expression), conditions, used)
    unused = sorted(set(range(1, len(conditions) + 1)) - used)
    if unused:
        raise _problem(
            len(expression) + 1, "the end", f"condition {unused[0]}", "A condition is left out of the expression."
        )
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
            expected = f"a number from 1 to {len(conditions)}" if conditions else "a condition first"
            raise _problem(draft.token.column or 1, str(draft.token), expected, line=draft.token.line or 1)
        used.add(number)
        return conditions[number - 1]
    assert isinstance(draft, Group)
    of = tuple(_node(each, conditions, used) for each in draft.of)
    if draft.kind == "not":
        return Not(of=of[0])
    return All(of=of) if draft.kind == "all" else AnyOf(of=of)


def _problem(column: int, found: str, expected: str, message: str = "", *, line: int = 1) -> SyntaxProblem:
    return SyntaxProblem(line=line, column=column, found=found, expected=[expected], message=message)
