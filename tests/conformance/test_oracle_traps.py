"""The oracle against answers worked out by hand: every trap of the filter language, one small case each."""

import pytest

from tests.conformance.case import Case, Tree
from tests.conformance.cases import CASES, TRAPS
from tests.support.oracle import BrokenFilter, OracleEvent, OraclePerson, World, check, evaluate, members, written
from tests.support.oracle_values import read_when, reread

ON_EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def people_of(case: Case) -> dict[str, OraclePerson]:
    """The case's people as they stand when it is evaluated."""
    found = {}
    for number, (name, person) in enumerate(case.people.items(), start=1):
        events = [OracleEvent(e.name, instant(e.at), e.properties) for e in person.events]
        made = written(number, person.writes, types_of(case), events)
        for field, kind in case.retype.items():
            value = reread(kind, made.values.get(field))
            made = OraclePerson(number, {**made.values, field: value} if value is not None else {}, made.events)
        found[name] = made
    return found


def types_of(case: Case) -> dict[str, str]:
    return {"tags": "list", "email": "text", "phone": "text", **case.fields}


def world_of(case: Case, now: str) -> World:
    numbers = {name: number for number, name in enumerate(case.people, start=1)}
    segments = {}
    for name, meaning in case.segments.items():
        if isinstance(meaning, frozenset):
            segments[name] = frozenset(numbers[member] for member in meaning)
        elif meaning is not None:
            segments[name] = meaning
    types = {name: kind for name, kind in {**types_of(case), **case.retype}.items() if name not in case.deleted}
    return World(instant(now), case.zone, types, segments)


def instant(text: str) -> int:
    at = read_when(text, zone="UTC")
    assert isinstance(at, int), text
    return at


def matching(case: Case, tree: Tree, now: str) -> set[str]:
    people, world = people_of(case), world_of(case, now)
    return {name for name, person in people.items() if evaluate(tree, person, world)}


def test_it_works() -> None:
    world = World(0, "UTC", {"city": "text"})
    ann, bob = OraclePerson(1, {"city": "Berlin"}), OraclePerson(2)
    tree = {"version": 1, "root": {"type": "field", "field": "city", "op": "is", "value": "berlin"}}
    assert members(tree, [ann, bob], world) == {1}
    assert members({"type": "not", "of": tree["root"]}, [ann, bob], world) == {2}


@ON_EACH
def test_who_matches(case: Case) -> None:
    assert matching(case, case.tree, case.now) == case.expected
    for now, expected in case.then:
        assert matching(case, case.tree, now) == expected, now


@ON_EACH
def test_not_is_the_exact_complement(case: Case) -> None:
    others = set() if case.broken else case.people.keys() - case.expected
    assert matching(case, {"type": "not", "of": case.tree}, case.now) == others


@ON_EACH
def test_only_a_broken_filter_is_an_error(case: Case) -> None:
    world = world_of(case, case.now)
    if case.broken:
        with pytest.raises(BrokenFilter):
            check(case.tree, world)
    else:
        check(case.tree, world)


def test_every_trap_has_a_case() -> None:
    assert set(TRAPS) - {case.trap for case in CASES} == set()


def test_case_ids_are_unique() -> None:
    ids = [case.id for case in CASES]
    assert sorted(set(ids)) == sorted(ids)
