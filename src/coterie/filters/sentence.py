"""Sentences: text to tree and back. `parse(print_filter(filter)) == filter` for every filter that is valid."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any as Anything

from lark import Lark, Token

from coterie.filters import drafts
from coterie.filters.check import validate
from coterie.filters.drafts import Compared, Draft, Group, Happened, Match
from coterie.filters.errors import InvalidFilter, Problem, SyntaxProblem, UnknownField, UnknownSegment, characters
from coterie.filters.events import EVENT_OPERATORS, SEGMENT_OPERATORS
from coterie.filters.fields import Catalogue, FieldType
from coterie.filters.grammar import negative_of, sentence_grammar
from coterie.filters.operators import OPERATORS
from coterie.filters.printing import print_filter
from coterie.filters.rows import Operator
from coterie.filters.shapes import A_NUMBER, A_TEXT, Range, Scalar, ShapeKey, Span, Value
from coterie.filters.syntax import parsed
from coterie.filters.tree import (
    AggregateCondition,
    All,
    Any,
    BucketCondition,
    EventCondition,
    EventPropertyCondition,
    EventTimeCondition,
    FieldCondition,
    Filter,
    Node,
    Not,
    PropertyCondition,
    SegmentCondition,
    SequenceCondition,
    Window,
    WindowAfter,
    WindowBefore,
    WindowBetween,
    WindowLast,
    split_path,
    walk,
)
from coterie.filters.values import plain_number
from coterie.kit.reasons import Reason

__all__ = ["MAX_SENTENCE", "parse", "print_filter"]

MAX_SENTENCE = 100_000

_ESCAPED = re.compile(r"\\([\"`\\])")


def parse(text: str, catalogue: Catalogue) -> Filter:
    """The filter that a sentence says, checked against the catalogue.

    SyntaxProblem where it does not read as a sentence, UnknownField and UnknownSegment with the nearest names,
    InvalidFilter for anything else that `check` finds; all of them tell the line and the column.
    """
    if len(text) > MAX_SENTENCE:
        raise SyntaxProblem(
            line=1,
            column=1,
            found=characters(len(text)),
            expected=[Reason("at_most", "at most {most}", most=MAX_SENTENCE)],
            message=Reason("long_sentence", "The sentence is too long."),
        )
    builder = _Builder(catalogue)
    filter = Filter(root=builder.build(parsed(_parser(), text, catalogue)))
    problems = validate(filter, catalogue)
    if problems:
        raise InvalidFilter(builder.located(problems, filter))
    return filter


@cache
def _parser() -> Lark:
    return Lark(sentence_grammar(), parser="lalr", maybe_placeholders=False, transformer=drafts.callbacks())


@cache
def _negatives() -> dict[str, str]:
    """For each row whose complement is written with `not` before the whole condition: that complement."""
    found = {row.key: negative_of(row) for row in (*OPERATORS.values(), *SEGMENT_OPERATORS.values())}
    return {key: other for key, other in found.items() if other}


def _unescaped(token: Token) -> str:
    """The text between the quotes; a backslash before anything but a quote or itself stands for itself."""
    return _ESCAPED.sub(r"\1", token[1:-1])


def _name(token: Token) -> str:
    return _unescaped(token) if token.type == "QUOTED_NAME" else str(token)


def _expected(token: Token, expected: str) -> SyntaxProblem:
    return SyntaxProblem(line=token.line or 1, column=token.column or 1, found=str(token), expected=[expected])


def _scalar(token: Token) -> Scalar:
    if token.type == "NUMBER":
        value = int(token) if token.lstrip("-").isdigit() and len(token) < 400 else float(token)
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            raise _expected(token, Reason("a_smaller_number", "a smaller number"))
        return plain_number(value)
    return _unescaped(token) if token.type == "STRING" else str(token)


def _number(token: Token) -> int | float:
    if token.type != "NUMBER":
        raise _expected(token, A_NUMBER)
    value = _scalar(token)
    assert isinstance(value, int | float)
    return value


def _whole(token: Token) -> int:
    if token.type != "NUMBER" or not token.isdigit() or len(token) > 20:
        raise _expected(token, Reason("a_whole_number", "a whole number"))
    return int(token)


def _span(slots: dict[str, Token]) -> Span:
    unit = slots["unit"].lower().removesuffix("s") + "s"
    return Span.model_validate({"n": _whole(slots["n"]), "unit": unit})


class _Builder:
    """Makes nodes of drafts and remembers where each part of a node stands."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        # By identity of the node; the node is kept too, so that no other can have its identity.
        self.spots: dict[int, tuple[Node, dict[str, Token]]] = {}

    def build(self, draft: Draft) -> Node:
        if isinstance(draft, Group):
            return self._group(draft)
        if isinstance(draft, Compared):
            return self._compared(draft)
        if isinstance(draft, Happened):
            return self._happened(draft)
        assert isinstance(draft, Match)
        return _SINGLE[draft.pattern.kind](self, draft, False)

    def located(self, problems: list[Problem], filter: Filter) -> list[Problem]:
        """The problems with their places in the text."""
        nodes = {path: node for path, node, _ in walk(filter.root)}
        return [self._located(problem, nodes) for problem in problems]

    def _located(self, problem: Problem, nodes: dict[str, Node]) -> Problem:
        path, inside = split_path(problem.path, nodes)
        if path not in nodes:
            return problem
        _, spots = self.spots[id(nodes[path])]
        token = spots[split_path(inside, spots)[0]]
        return problem.at(token.line or 1, token.column or 1)

    def _keep(self, node: Node, token: Token, **spots: Anything) -> Node:
        """Note where a node and its parts stand; lists and mappings of tokens are parts of parts."""
        found: dict[str, Token] = {"": token}
        for name, spot in spots.items():
            _note(found, f".{name.rstrip('_')}", spot)
        self.spots[id(node)] = (node, found)
        return node

    def _group(self, draft: Group) -> Node:
        if draft.kind == "not":
            inner = draft.of[0]
            negated = self._negated(inner) if inner.bare else None
            return negated or self._keep(Not(of=self.build(inner)), draft.token)
        of = tuple(self.build(each) for each in draft.of)
        return self._keep(All(of=of) if draft.kind == "all" else Any(of=of), draft.token)

    def _negated(self, draft: Draft) -> Node | None:
        """The condition that `not` and this one make together, when the language has an operator for it."""
        if isinstance(draft, Compared) and not draft.or_unknown:
            op = self._op(draft)
            return self._compared(draft, op=_negatives()[op]) if op in _negatives() else None
        if isinstance(draft, Match) and draft.pattern.keys[0] in _negatives():
            return _SINGLE[draft.pattern.kind](self, draft, True)
        return None

    # Conditions on fields and on what is made of events

    def _type(self, draft: Compared) -> FieldType | None:
        if isinstance(draft.subject, Token):
            return self._field_type(draft.subject)
        return {"aggregate": FieldType.NUMBER, "event_time": FieldType.DATETIME}.get(draft.subject.pattern.kind)

    def _field_type(self, token: Token) -> FieldType:
        try:
            return self.catalogue.field(_name(token)).type
        except UnknownField as error:
            raise error.at(token.line or 1, token.column or 1) from None

    def _op(self, draft: Compared) -> str:
        return _chosen(draft.form, self._type(draft)).key

    def _compared(self, draft: Compared, *, op: str | None = None) -> Node:
        type = self._type(draft)
        row = OPERATORS[op] if op else _chosen(draft.form, type)
        value = _value(row, draft.form, type)
        spots = {"op": draft.form.token, "value": draft.form.slots, "or_unknown": draft.form.token}
        said: dict[str, Anything] = {"op": row.key, "value": value, "or_unknown": draft.or_unknown}
        if isinstance(draft.subject, Token):
            name = self.catalogue.field(_name(draft.subject)).name
            return self._keep(FieldCondition(field=name, **said), draft.token, field=draft.subject, **spots)
        slots, key = draft.subject.slots, draft.subject.pattern.keys[0]
        event = _unescaped(slots["e"])
        if draft.subject.pattern.kind == "event_property":
            node: Node = EventPropertyCondition(property=_name(slots["p"]), event=event, **said)
            return self._keep(node, draft.token, event=slots["e"], **spots)
        where = tuple(_property(token, form) for token, form in draft.where)
        if draft.subject.pattern.kind == "event_time":
            node = EventTimeCondition(which=key, where=where, event=event, **said)
        else:
            node = AggregateCondition(
                function=key,
                property=_name(slots["p"]),
                window=_window(draft.window),
                where=where,
                event=event,
                **said,
            )
        return self._keep(node, draft.token, event=slots["e"], **spots, **_tail_spots(draft))

    # Conditions that are one production

    def _counting(self, draft: Match, negated: bool) -> Node:
        row = OPERATORS[draft.pattern.keys[0]]
        self._field_type(draft.slots["f"])
        name = self.catalogue.field(_name(draft.slots["f"])).name
        node = FieldCondition(field=name, op=row.key, value=_whole(draft.slots["v"]))
        return self._keep(node, draft.token, field=draft.slots["f"], op=draft.token, value=draft.slots["v"])

    def _segment(self, draft: Match, negated: bool) -> Node:
        key = draft.pattern.keys[0]
        tokens = draft.slots["vs"] if "vs" in draft.slots else [draft.slots["v"]]
        ids = []
        for token in tokens:
            if token.type != "STRING":
                raise _expected(token, Reason("a_segment_name", "the name of a segment in double quotes"))
            try:
                ids.append(self.catalogue.segment_id(_unescaped(token)))
            except UnknownSegment as error:
                raise error.at(token.line or 1, token.column or 1) from None
        node = SegmentCondition(op=_negatives()[key] if negated else key, segments=tuple(ids))
        return self._keep(node, draft.token, segments=tokens)

    def _sequence(self, draft: Match, negated: bool) -> Node:
        slots = draft.slots
        node = SequenceCondition(first=_unescaped(slots["a"]), then=_unescaped(slots["b"]), within=_span(slots))
        return self._keep(node, draft.token, first=slots["a"], then=slots["b"], within=slots)

    def _bucket(self, draft: Match, negated: bool) -> Node:
        start, end = draft.slots["from"], draft.slots["to"]
        node = BucketCondition(from_=_number(start), to=_number(end))
        return self._keep(node, draft.token, from_=start, to=end)

    def _happened(self, draft: Happened) -> Node:
        row = EVENT_OPERATORS[draft.head.pattern.keys[0]]
        slots = draft.head.slots
        node = EventCondition(
            event=_unescaped(slots["e"]),
            op=row.key,
            count=_whole(slots["n"]) if "n" in slots else None,
            window=_window(draft.window),
            where=tuple(_property(token, form) for token, form in draft.where),
        )
        return self._keep(node, draft.token, event=slots["e"], count=slots.get("n", draft.token), **_tail_spots(draft))


_SINGLE: dict[str, Callable[[_Builder, Match, bool], Node]] = {
    "counting": _Builder._counting,
    "segment": _Builder._segment,
    "sequence": _Builder._sequence,
    "bucket": _Builder._bucket,
}


def _chosen(form: Match, type: FieldType | None) -> Operator:
    """The row a form means: by the field's type, or by what is written where no type is declared."""
    rows = [OPERATORS[key] for key in form.pattern.keys]
    if type is None:
        kinds = {token.type for token in _tokens(form.slots)}
        type = FieldType.DATETIME if "DATE" in kinds else FieldType.NUMBER if "NUMBER" in kinds else FieldType.TEXT
    return next((row for row in rows if type in row.types), rows[0])


def _value(row: Operator, form: Match, type: FieldType | None) -> Value:
    slots = form.slots
    if row.shape is ShapeKey.SPAN:
        return _span(slots)
    if row.shape is ShapeKey.NONE:
        return None
    # A date outside quotes is no text, also where the letters would do.
    if FieldType.DATETIME not in row.types:
        for token in _tokens(slots):
            if token.type == "DATE":
                text = type is None or type in row.types
                raise _expected(token, A_TEXT if text and FieldType.TEXT in row.types else row.label)
    if row.shape is ShapeKey.RANGE:
        return Range(from_=_scalar(slots["from"]), to=_scalar(slots["to"]))
    if row.shape is ShapeKey.MANY:
        return tuple(_scalar(token) for token in slots["vs"])
    return _scalar(slots["v"])


def _property(token: Token, form: Match) -> PropertyCondition:
    row = _chosen(form, None)
    return PropertyCondition(property=_name(token), op=row.key, value=_value(row, form, None))


def _window(found: Match | None) -> Window | None:
    if found is None:
        return None
    kind, slots = found.pattern.keys[0], found.slots
    if kind == "last":
        span = _span(slots)
        return WindowLast(n=span.n, unit=span.unit)
    if kind == "between":
        return WindowBetween(from_=_scalar(slots["from"]), to=_scalar(slots["to"]))
    return WindowBefore(at=_scalar(slots["v"])) if kind == "before" else WindowAfter(at=_scalar(slots["v"]))


def _tail_spots(draft: Compared | Happened) -> dict[str, Anything]:
    spots: dict[str, Anything] = {
        "where": [{"": token, "op": form.token, "value": form.slots} for token, form in draft.where]
    }
    if draft.window:
        spots["window"] = {"": draft.window.token, **draft.window.slots, "at": draft.window.slots.get("v")}
    return spots


def _tokens(found: Anything) -> list[Token]:
    if found is None or isinstance(found, Token):
        return [found] if found else []
    parts = found.values() if isinstance(found, dict) else found
    return [token for part in parts for token in _tokens(part)]


def _note(spots: dict[str, Token], path: str, spot: Anything) -> None:
    """Put the places of a part and of what is in it under their paths."""
    if isinstance(spot, Token):
        spots[path] = spot
    elif isinstance(spot, list):
        for i, each in enumerate(spot):
            _note(spots, f"{path}[{i}]", each)
    elif isinstance(spot, dict):
        # Until a part says better, the whole stands where its first part does.
        for token in _tokens(spot)[:1]:
            spots[path] = token
        for name, each in spot.items():
            _note(spots, path if name in ("", "v", "vs") else f"{path}.{name}", each)
