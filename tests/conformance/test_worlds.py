"""The random worlds: every operator is reached, Coterie accepts every filter, and the oracle obeys algebra."""

import ast
import math
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from coterie.filters.bucket import bucket
from coterie.filters.check import validate
from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS, WINDOWS
from coterie.filters.fields import Catalogue, Field, FieldType
from coterie.filters.operators import OPERATORS
from coterie.filters.tree import Filter
from coterie.filters.values import NO_VALUE, Rejected, normalise
from tests.support import oracle, oracle_values
from tests.support.oracle import NODES, Tree, bucket_of, evaluate, members
from tests.support.oracle_values import Lossy
from tests.support.random_trees import random_leaf
from tests.support.world_pools import EMPTIES, LOSSY_NUMBERS, NUMBER_TEXTS, NUMBERS, TEXTS
from tests.support.worlds import CUSTOM, FIELDS, LOSSY, MadeWorld, make_world, random_tree, worlds_with_trees

SEEDS = range(12)
DEPTH = 5


def nodes(tree: Any) -> Iterator[Tree]:
    """Every part of a filter that is a JSON object."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from nodes(item)


def depth(tree: Tree) -> int:
    below = tree["of"] if tree["type"] in ("all", "any") else [tree["of"]] if tree["type"] == "not" else []
    return 1 + max((depth(node) for node in below), default=0)


def catalogue(made: MadeWorld) -> Catalogue:
    custom = [Field(name, name, FieldType(kind)) for name, kind in CUSTOM.items()]
    return Catalogue.of(custom, segments={name: name for name in made.world.segments})


@pytest.fixture(scope="module")
def leaves() -> list[Tree]:
    """Conditions of many worlds."""
    found = []
    for seed in SEEDS:
        rng = Random(seed)
        world = make_world(rng, people=3).world
        found += [random_leaf(rng, world) for _ in range(400)]
    return found


def test_it_works() -> None:
    rng = Random(1)
    made = make_world(rng)
    tree = random_tree(rng, made.world)
    assert members(tree, made.people, made.world) <= {person.number for person in made.people}


def test_the_same_seed_gives_the_same_world() -> None:
    assert make_world(Random(7)) == make_world(Random(7))
    assert make_world(Random(7)) != make_world(Random(8))


def test_every_operator_is_reached(leaves: list[Tree]) -> None:
    parts = [part for leaf in leaves for part in nodes(leaf)]
    compared = [part for part in parts if part.get("type") not in ("event", "segment")]
    assert {part["op"] for part in compared if "op" in part} == set(OPERATORS)
    assert {part["op"] for part in parts if part.get("type") == "event"} == set(EVENT_OPERATORS)
    assert {part["op"] for part in parts if part.get("type") == "segment"} == set(SEGMENT_OPERATORS)
    assert {part["function"] for part in parts if "function" in part} == set(AGGREGATES)
    assert {part["which"] for part in parts if "which" in part} == set(EVENT_TIMES)
    assert {part["kind"] for part in parts if "kind" in part} == set(WINDOWS)


def test_every_operator_is_reached_on_every_type_it_is_for(leaves: list[Tree]) -> None:
    reached = {(leaf["op"], FIELDS[leaf["field"]]) for leaf in leaves if leaf["type"] == "field"}
    assert reached == {(row.key, str(type)) for row in OPERATORS.values() for type in row.types}


def test_every_node_is_reached() -> None:
    rng = Random(3)
    world = make_world(rng, people=3).world
    trees = [random_tree(rng, world, depth=DEPTH) for _ in range(600)]
    kinds = {part["type"] for tree in trees for part in nodes(tree) if "type" in part}
    assert kinds == set(NODES)
    assert max(depth(tree) for tree in trees) == DEPTH
    assert any(part.get("of") == [] for tree in trees for part in nodes(tree))


@pytest.mark.parametrize("seed", SEEDS)
def test_coterie_accepts_every_filter(seed: int) -> None:
    rng = Random(seed)
    made = make_world(rng, people=3)
    known = catalogue(made)
    for tree in [random_tree(rng, made.world, depth=DEPTH) for _ in range(60)]:
        found = Filter.model_validate({"version": 1, "root": tree})
        assert validate(found, known) == [], tree


@pytest.mark.parametrize("seed", SEEDS)
def test_not_and_or_obey_algebra(seed: int) -> None:
    rng = Random(seed)
    made = make_world(rng)
    everyone = {person.number for person in made.people}

    def who(tree: Tree) -> set[int]:
        return members(tree, made.people, made.world)

    for _ in range(30):
        a, b = random_tree(rng, made.world), random_tree(rng, made.world)
        assert who({"type": "not", "of": a}) == everyone - who(a)
        assert who({"type": "all", "of": [a, b]}) == who(a) & who(b)
        assert who({"type": "any", "of": [a, b]}) == who(a) | who(b)


def test_every_operator_holds_for_some_and_not_for_others() -> None:
    holds: dict[str, set[bool]] = {key: set() for key in OPERATORS}
    for seed in range(40):
        rng = Random(seed)
        made = make_world(rng, people=30)
        for leaf in [random_leaf(rng, made.world) for _ in range(150)]:
            if leaf["type"] == "field":
                holds[leaf["op"]] |= {evaluate(leaf, person, made.world) for person in made.people}
    assert {key for key, seen in holds.items() if seen != {True, False}} == set()


@settings(max_examples=60, deadline=None)
@given(worlds_with_trees())
def test_a_person_matches_a_filter_or_its_complement(both: tuple[MadeWorld, Tree]) -> None:
    made, tree = both
    for person in made.people:
        assert evaluate(tree, person, made.world) != evaluate({"type": "not", "of": tree}, person, made.world)


def test_the_oracle_shares_no_code_with_coterie() -> None:
    for module in (oracle, oracle_values):
        imports = [node for node in ast.walk(ast.parse(Path(module.__file__).read_text())) if _imports(node)]
        names = [node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports]
        assert [name for name in names if name.startswith("coterie")] == []


def _imports(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def test_buckets_are_the_same() -> None:
    numbers = [*range(1, 2000), 2**31, 2**32 - 1]
    assert [bucket_of(number) for number in numbers] == [bucket(number) for number in numbers]
    assert bucket_of(1) != bucket_of(2)


RAWS = [
    *(*EMPTIES, *TEXTS, *NUMBERS, *NUMBER_TEXTS, *LOSSY_NUMBERS),
    *(raw for raws in LOSSY.values() for raw in raws),
    *(math.nan, math.inf, "007", ".5", "5.", "1e400", "0.1000000000000000055", "-", "1 000", "TRUE", " false ", 9e15),
    *("2026-01-31T09:00Z", "2026-01-31 09:00:00+05:30", "2026-01-31T09:00:00.123456Z", "20260131", "2026-1-31", 1e11),
    *(1769850000, 1769850000123, 99999999999, -1, 1769850000.5, "2026-W05", "2024-02-29", "2023-02-29", "24:00"),
    *([1, "1", 1.0, True], ["b", "a", "b", " "], [None], [["a"]], {"a": 1}, "  padded\u00a0", "e\u0301", ("a",), [""]),
]  # fmt: skip


@pytest.mark.parametrize("kind", [str(kind) for kind in FieldType])
def test_raw_values_are_read_alike(kind: str) -> None:
    def mine(raw: Any) -> Any:
        try:
            return oracle_values.normalise(kind, raw)
        except Lossy:
            return Lossy

    def theirs(raw: Any) -> Any:
        try:
            value = normalise(FieldType(kind), raw)
        except Rejected:
            return Lossy
        return None if value is NO_VALUE else list(value) if isinstance(value, tuple) else value

    read = [(raw, mine(raw), theirs(raw)) for raw in RAWS]
    assert [row for row in read if row[1] != row[2] or type(row[1]) is not type(row[2])] == []
    assert {type(row[1]) for row in read} >= {type(None), type(Lossy)}
