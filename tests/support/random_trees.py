"""Random filters that are not broken in their world: every node, every operator, nested at will."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.support import oracle
from tests.support.oracle import Tree, World
from tests.support.world_pools import (
    AMOUNTS,
    DAY_SPANS,
    EVENTS,
    EXACT_SPANS,
    PATTERNS,
    PROPERTIES,
    SPANS,
    Edges,
    any_number,
    any_text,
    edges_of,
)


def _span(rng: Random, spans: Sequence[tuple[int, str]]) -> dict[str, Any]:
    n, unit = rng.choice(spans)
    return {"n": n, "unit": unit}


def _day_or_instant(rng: Random, edges: Edges, kind: str) -> str:
    if kind == "date" or rng.random() < 0.5:
        return rng.choice(edges.days).isoformat()
    return edges.iso(rng.choice(edges.instants))


def _ends(rng: Random, edges: Edges, kind: str) -> dict[str, Any]:
    """Two ends of a time range, the first before the second."""
    if kind == "date" or rng.random() < 0.5:
        first, second = sorted(rng.sample(edges.days, 2))
        return {"from": first.isoformat(), "to": second.isoformat()}
    first, second = sorted(rng.sample(edges.instants, 2))
    return {"from": edges.iso(first), "to": edges.iso(second)}


def _number(rng: Random) -> float:
    return rng.choice(AMOUNTS) if rng.random() < 0.3 else any_number(rng)


def _range(rng: Random) -> dict[str, float]:
    low, high = sorted((_number(rng), _number(rng)))
    return {"from": low, "to": high}


def _texts(rng: Random) -> list[str]:
    return [any_text(rng) for _ in range(rng.randrange(1, 4))]


def _piece(rng: Random) -> str:
    """A part of some text of the pool, or all of it; one that starts or ends in a space is left out on purpose."""
    text = any_text(rng)
    start = rng.randrange(len(text))
    return text[start : start + rng.randrange(1, 5)].strip() or text.strip()


# What stands after each positive operator: (rng, edges, type of the field) -> the value, None for none.
OPERANDS: dict[str, Callable[[Random, Edges, str], Any]] = {
    "is": lambda rng, e, k: any_text(rng),
    "is_one_of": lambda rng, e, k: [_number(rng) for _ in range(3)] if k == "number" else _texts(rng),
    "contains": lambda rng, e, k: _piece(rng),
    "starts_with": lambda rng, e, k: _piece(rng),
    "ends_with": lambda rng, e, k: _piece(rng),
    "matches": lambda rng, e, k: rng.choice(PATTERNS),
    "domain_is": lambda rng, e, k: rng.choice(("example.com", "EXAMPLE.org", "exämple.de", "sub.example.com")),
    "country_is": lambda rng, e, k: rng.choice(("DE", "us", "CA", "GB", "+1", "+49", "France")),
    **dict.fromkeys(("equals", "greater", "at_least", "less", "at_most"), lambda rng, e, k: _number(rng)),
    "between": lambda rng, e, k: _range(rng),
    **dict.fromkeys(("is_true", "is_false", "is_known", "is_not_empty"), lambda rng, e, k: None),
    **dict.fromkeys(("today", "yesterday", "this_week", "this_month", "this_year"), lambda rng, e, k: None),
    **dict.fromkeys(("before", "after"), _day_or_instant),
    "on": lambda rng, e, k: rng.choice(e.days).isoformat(),
    "time_between": _ends,
    **dict.fromkeys(
        ("in_last", "more_than_ago", "in_next", "more_than_ahead"),
        lambda rng, e, k: _span(rng, DAY_SPANS if k == "date" else SPANS),
    ),
    **dict.fromkeys(("exactly_ago", "anniversary_in_next"), lambda rng, e, k: _span(rng, DAY_SPANS)),
    **dict.fromkeys(("has_any_of", "has_all_of"), lambda rng, e, k: _texts(rng)),
    **dict.fromkeys(("count_equals", "count_greater"), lambda rng, e, k: rng.randrange(4)),
    "count_less": lambda rng, e, k: rng.randrange(1, 4),
}


def _with_twins(positive: Sequence[str]) -> list[str]:
    return sorted([*positive, *(op for op, of in oracle.NEGATIVE.items() if of in positive and op != "is_empty")])


_ANY = ["is_known"]
FIELD_OPERATORS = {
    **{kind: _with_twins([*ops - {"domain_is", "country_is"}, *_ANY]) for kind, ops in oracle.POSITIVE.items()},
    "email": _with_twins(["domain_is"]),
    "phone": _with_twins(["country_is"]),
}
FIELD_OPERATORS["list"] += ["is_empty", "is_not_empty"]
PROPERTY_OPERATORS = [(kind, op) for kind in ("text", "number", "boolean", "datetime") for op in FIELD_OPERATORS[kind]]


def _condition(rng: Random, edges: Edges, kind: str, op: str, *, may_join: bool = True) -> Tree:
    """The op, value and or_unknown of a condition."""
    positive = oracle.NEGATIVE.get(op, op)
    value = OPERANDS["is_known" if op == "is_empty" else positive](rng, edges, kind)
    found: Tree = {"op": op} if value is None else {"op": op, "value": value}
    says_more = op not in oracle.NEGATIVE and op not in oracle.COUNT and op not in ("is_known", "is_not_empty")
    if may_join and says_more and rng.random() < 0.2:
        found["or_unknown"] = True
    return found


def _field_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    name = rng.choice(list(world.field_types))
    kind = world.field_types[name]
    operators = FIELD_OPERATORS[name] if name in ("email", "phone") and rng.random() < 0.7 else FIELD_OPERATORS[kind]
    return {"type": "field", "field": name, **_condition(rng, edges, kind, rng.choice(operators))}


def _where(rng: Random, edges: Edges) -> list[Tree]:
    found = []
    while rng.random() > 0.6:
        kind, op = rng.choice(PROPERTY_OPERATORS)
        condition = _condition(rng, edges, kind, op, may_join=False)
        found.append({"property": rng.choice(PROPERTIES), **condition})
    return found


def _window(rng: Random, edges: Edges) -> Tree | None:
    kind = rng.choice((None, None, "last", "before", "after", "between"))
    if kind is None:
        return None
    if kind == "last":
        return {"kind": kind, **_span(rng, SPANS)}
    if kind == "between":
        return {"kind": kind, **_ends(rng, edges, "datetime")}
    return {"kind": kind, "at": _day_or_instant(rng, edges, "datetime")}


def _event_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    op = rng.choice(list(oracle.COUNTS))
    node: Tree = {"type": "event", "event": rng.choice(EVENTS), "op": op}
    if op not in ("did", "did_not"):
        node["count"] = rng.randrange(1 if op in ("at_least", "fewer_than") else 0, 4)
    return {**node, "window": _window(rng, edges), "where": _where(rng, edges)}


def _aggregate_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    return {
        "type": "aggregate",
        "function": rng.choice((*oracle.FUNCTIONS, "distinct")),
        "property": rng.choice(("amount", "$p", "a.b", "sku")),
        "event": rng.choice(EVENTS),
        "window": _window(rng, edges),
        "where": _where(rng, edges),
        **_condition(rng, edges, "number", rng.choice(FIELD_OPERATORS["number"])),
    }


def _event_time_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    return {
        "type": "event_time",
        "which": rng.choice(("first", "last")),
        "event": rng.choice(EVENTS),
        "where": _where(rng, edges),
        **_condition(rng, edges, "datetime", rng.choice(FIELD_OPERATORS["datetime"])),
    }


def _event_property_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    kind, op = rng.choice(PROPERTY_OPERATORS)
    where = {"event": rng.choice(EVENTS), "property": rng.choice(PROPERTIES)}
    return {"type": "event_property", **where, **_condition(rng, edges, kind, op)}


def _sequence_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    first, second = rng.choice(EVENTS), rng.choice(EVENTS)
    return {"type": "sequence", "first": first, "then": second, "within": _span(rng, EXACT_SPANS)}


def _segment_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    op = rng.choice(("in", "not_in", "in_any", "in_all"))
    names = list(world.segments)
    return {"type": "segment", "op": op, "segments": rng.sample(names, 1 if op in ("in", "not_in") else 2)}


def _bucket_leaf(rng: Random, edges: Edges, world: World) -> Tree:
    start = rng.choice((0, 10, 33.25, 50))
    return {"type": "bucket", "from": start, "to": rng.choice((60, 75.5, 100))}


LEAVES = {
    _field_leaf: 50,
    _event_leaf: 14,
    _aggregate_leaf: 8,
    _event_time_leaf: 7,
    _event_property_leaf: 7,
    _sequence_leaf: 4,
    _segment_leaf: 7,
    _bucket_leaf: 3,
}


def random_leaf(rng: Random, world: World) -> Tree:
    """One condition that is not broken in this world."""
    leaf = rng.choice([leaf for leaf, weight in LEAVES.items() for _ in range(weight)])
    return leaf(rng, edges_of(world.clock), world)


def random_tree(rng: Random, world: World, *, depth: int = 5) -> Tree:
    """A filter that is not broken in this world, nested at most `depth` deep, with empty all and any now and then."""
    if depth <= 1 or rng.random() < 0.3:
        return random_leaf(rng, world)
    kind = rng.choice(("all", "all", "any", "any", "not"))
    if kind == "not":
        return {"type": "not", "of": random_tree(rng, world, depth=depth - 1)}
    size = rng.choice((0, 1, 2, 2, 2, 3, 3))
    return {"type": kind, "of": [random_tree(rng, world, depth=depth - 1) for _ in range(size)]}
