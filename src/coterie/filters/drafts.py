"""What the parser makes of a sentence before names and types are known: drafts, each with its place in the text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any as Anything
from typing import Literal

from lark import Token

from coterie.filters.errors import InvalidFilter, Problem
from coterie.filters.grammar import Pattern, patterns
from coterie.kit.reasons import Reason

# A guard for the recursion that builds the tree; the language's own limit is far below.
DEEPEST = 200


@dataclass(slots=True)
class Match:
    """One production that was found, with what stood at its placeholders."""

    pattern: Pattern
    slots: dict[str, Anything]
    token: Token
    # False inside parentheses: `not` right before a bare condition can belong to its operator.
    bare: bool = True
    depth: int = 1


@dataclass(slots=True)
class Compared:
    """A field, or what is made of events, and what is said of it."""

    subject: Anything
    form: Match
    token: Token
    window: Match | None = None
    where: "list[tuple[Token, Match]]" = field(default_factory=list)
    or_unknown: bool = False
    bare: bool = True
    depth: int = 1


@dataclass(slots=True)
class Happened:
    """An event and how often."""

    head: Match
    token: Token
    window: Match | None = None
    where: "list[tuple[Token, Match]]" = field(default_factory=list)
    bare: bool = True
    depth: int = 1


@dataclass(slots=True)
class Group:
    """`all`, `any` or `not` over drafts."""

    kind: Literal["all", "any", "not"]
    of: "list[Draft]"
    token: Token
    bare: bool = True
    depth: int = 1

    def __post_init__(self) -> None:
        self.depth = 1 + max((each.depth for each in self.of), default=0)
        if self.depth > DEEPEST:
            deep = Problem("", Reason("nested_too_deep", "The filter is nested too deep."))
            raise InvalidFilter([deep.at(self.token.line or 1, self.token.column or 1)])


@dataclass(slots=True)
class Number:
    """The number of a condition in an expression."""

    token: Token
    bare: bool = True
    depth: int = 1


Draft = Match | Compared | Happened | Group | Number
Children = list[Anything]


def callbacks() -> SimpleNamespace:
    """What the parser calls for each production."""
    rules: dict[str, Callable[[Children], Anything]] = {
        "start": _only,
        "any_of": partial(_group, "any"),
        "all_of": partial(_group, "all"),
        "any_of_one": partial(_group_of_one, "any"),
        "all_of_one": partial(_group_of_one, "all"),
        "everyone": lambda children: Group("all", [], children[0]),
        "nobody": lambda children: Group("any", [], children[0]),
        "negation": lambda children: Group("not", [children[1]], children[0]),
        "group": _in_parentheses,
        "number": lambda children: Number(children[0]),
        "literal": _only,
        "literals": lambda children: children,
        "name": _only,
        "where": lambda children: children,
        "property": lambda children: (children[0], children[1]),
        "happened": _happened,
        **dict.fromkeys(
            ("compared_field", "compared_property", "compared_aggregate", "compared_time"),
            _compared,
        ),
        **{rule: partial(_match, pattern) for rule, pattern in patterns().items()},
    }
    return SimpleNamespace(**rules)


def _only(children: Children) -> Anything:
    return children[0]


def _in_parentheses(children: Children) -> Draft:
    draft: Draft = children[0]
    draft.bare = False
    return draft


def _group(kind: Literal["all", "any"], children: Children) -> Group:
    return Group(kind, children, children[0].token)


def _group_of_one(kind: Literal["all", "any"], children: Children) -> Group:
    return Group(kind, [children[1]], children[0])


def _match(pattern: Pattern, children: Children) -> Match:
    values = [child for child in children if not _is_word(child)]
    names = [slot for slot in pattern.slots if slot]
    return Match(pattern, dict(zip(names, values, strict=True)), _token(children[0]))


def _is_word(child: object) -> bool:
    return isinstance(child, Token) and child.type.startswith(("W_", "S_"))


def _token(child: Anything) -> Token:
    if isinstance(child, Token):
        return child
    if isinstance(child, list):
        return _token(child[0])
    return child.token  # type: ignore[no-any-return]


def _tail(children: Children) -> dict[str, Anything]:
    """The window and the properties among what follows the head of a condition on events."""
    found: dict[str, Anything] = {}
    for child in children:
        if isinstance(child, list):
            found["where"] = child
        elif isinstance(child, Match) and child.pattern.kind == "window":
            found["window"] = child
    return found


def _happened(children: Children) -> Happened:
    return Happened(head=children[0], token=children[0].token, **_tail(children[1:]))


def _compared(children: Children) -> Compared:
    or_unknown = isinstance(children[-1], Token) and children[-1].type == "UNKNOWN"
    form = children[-2] if or_unknown else children[-1]
    return Compared(
        subject=children[0],
        form=form,
        token=_token(children[0]),
        or_unknown=or_unknown,
        **_tail(children[1:-1]),
    )
