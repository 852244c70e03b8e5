"""Cases and random filters as the language reads them: sentences, what it refuses, and the way there and back."""

from random import Random

import pytest

from coterie.filters.check import validate
from coterie.filters.errors import Problem
from coterie.filters.fields import Catalogue, Field, FieldType
from coterie.filters.normal import clock_of, leaf_key, leaves_of, positive_tree, segments_used
from coterie.filters.numbered import from_tree, to_tree
from coterie.filters.printing import print_filter
from coterie.filters.sentence import parse
from coterie.filters.tree import Filter
from tests.conformance.case import Case, Tree
from tests.conformance.cases import CASES
from tests.conformance.test_oracle_traps import matching, types_of
from tests.support.oracle import World, members
from tests.support.random_trees import random_leaf
from tests.support.worlds import CUSTOM, make_world, random_tree

GOOD = [case for case in CASES if not case.broken]
SAID = [case for case in CASES if case.sentence is not None]


def catalogue_of(case: Case) -> Catalogue:
    types = {name: kind for name, kind in {**types_of(case), **case.retype}.items() if name not in case.deleted}
    there = {name: name for name, meaning in case.segments.items() if meaning is not None}
    return Catalogue.of([Field(name, name, FieldType(kind)) for name, kind in types.items()], segments=there)


def filter_of(tree: Tree) -> Filter:
    return Filter.model_validate({"version": 1, "root": tree})


def problems_of(case: Case) -> list[Problem]:
    """What is wrong with the case's filter or with any segment that it leads to."""
    catalogue = catalogue_of(case)
    dynamic = {name: filter_of(meaning) for name, meaning in case.segments.items() if isinstance(meaning, dict)}
    reached: dict[str, Filter] = {"": filter_of(case.tree)}
    waiting = [""]
    while waiting:
        for name in segments_used(reached[waiting.pop()]) & dynamic.keys() - reached.keys():
            reached[name] = dynamic[name]
            waiting.append(name)
    return [problem for found in reached.values() for problem in validate(found, catalogue, segment_trees=dynamic)]


def test_it_works() -> None:
    catalogue = Catalogue.of()
    assert parse('city is "Berlin"', catalogue) == filter_of(
        {"type": "field", "field": "city", "op": "is", "value": "Berlin"}
    )


@pytest.mark.parametrize("case", SAID, ids=lambda case: case.id)
def test_the_sentence_means_the_same(case: Case) -> None:
    assert case.sentence is not None
    tree = parse(case.sentence, catalogue_of(case)).model_dump(mode="json")["root"]
    for now, expected in ((case.now, case.expected), *case.then):
        assert matching(case, tree, now) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_filter_is_refused_only_where_it_is_broken(case: Case) -> None:
    assert bool(problems_of(case)) == case.broken, problems_of(case)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.id)
def test_a_printed_case_reads_back_the_same(case: Case) -> None:
    catalogue, found = catalogue_of(case), filter_of(case.tree)
    assert parse(print_filter(found, catalogue), catalogue) == found


@pytest.mark.parametrize("seed", range(12))
def test_a_printed_filter_reads_back_the_same(seed: int) -> None:
    rng = Random(seed)
    made = make_world(rng, people=3)
    custom = [Field(name, name, FieldType(kind)) for name, kind in CUSTOM.items()]
    catalogue = Catalogue.of(custom, segments={name: name for name in made.world.segments})
    for tree in [random_tree(rng, made.world) for _ in range(25)]:
        found = filter_of(tree)
        text = print_filter(found, catalogue)
        assert parse(text, catalogue) == found, text


@pytest.mark.parametrize("seed", range(12))
def test_the_normal_and_the_numbered_form_mean_the_same(seed: int) -> None:
    rng = Random(seed)
    made = make_world(rng)
    for tree in [random_tree(rng, made.world) for _ in range(40)]:
        normal = positive_tree(filter_of(tree)).model_dump(mode="json")
        numbered = to_tree(*from_tree(filter_of(tree))).model_dump(mode="json")
        assert members(normal, made.people, made.world) == members(tree, made.people, made.world), tree
        assert members(numbered, made.people, made.world) == members(tree, made.people, made.world), tree


def test_conditions_of_one_key_mean_the_same() -> None:
    rng = Random(5)
    made = make_world(rng)
    sets: dict[str, set[int]] = {}
    for tree in [random_tree(rng, made.world) for _ in range(1500)]:
        for leaf in leaves_of(positive_tree(filter_of(tree))):
            found = members(leaf.model_dump(mode="json"), made.people, made.world)
            assert sets.setdefault(leaf_key(leaf), found) == found, leaf
    assert len(sets) > 500


def test_only_a_condition_with_a_clock_changes_as_time_passes() -> None:
    """A segment's clock is that of its own filter, so conditions on segments are left out."""
    rng = Random(6)
    made = make_world(rng)
    world = made.world
    moved = set()
    for _ in range(1200):
        tree = random_leaf(rng, world)
        clock = clock_of(next(leaves_of(filter_of(tree))))
        if tree["type"] == "segment":
            continue
        later = World(world.now_ms + rng.randrange(400) * 86_400_000, world.zone, world.field_types, world.segments)
        if members(tree, made.people, later) != members(tree, made.people, world):
            assert clock, tree
            moved.add(clock)
    assert moved == {"edges", "daily"}
