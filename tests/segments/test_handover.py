"""What follows two people who are merged, and comes back when that is undone: memberships, events, links."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.audience import inputs
from coterie.people import actions
from coterie.people.models import MergeRecord
from coterie.segments.models import StaticMember
from coterie.segments.upkeep import MembershipPlan, MembershipUpkeep
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server

BOUGHT = 'did "purchase" at least 2 times'


def buys(count: int) -> list[tuple[str, int, dict[str, Any]]]:
    return [("purchase", 1_780_000_000_000 + i, {"amount": i}) for i in range(count)]


def rows(stage: Stage) -> list[dict[str, Any]]:
    """The rows of static members, as they say since when, by whom and why."""
    found = StaticMember.objects.of(stage.workspace).order_by("segment_id", "number")
    return list(found.values("segment_id", "number", "since", "by", "cause"))


def merge(stage: Stage, one: int = 1, two: int = 2) -> int:
    assert actions.merge_people(stage.workspace, one, two) == one
    return MergeRecord.objects.of(stage.workspace).latest("pk").pk


def found(stage: Stage, where: str) -> set[int]:
    made = inputs.read_filter(inputs.catalogue_for(stage.access()), where=where)
    return set(stage.index.evaluate(made.root))


@pytest.fixture
def world(stage: Stage) -> Stage:
    """1 and 2, who bought once each; 2 is in Beta by hand, both are in Gamma; dynamic: who bought twice, whose plan."""
    stage.put("one", plan="free", events=buys(1))
    stage.put("two", plan="pro", events=buys(1))
    stage.put("three", events=buys(2))
    stage.settle()
    return stage


def test_memberships_and_events_come_back(world: Stage) -> None:
    beta, gamma = world.static("Beta", [2], who="bob"), world.static("Gamma", [1, 2])
    twice, pro = world.dynamic("Twice", BOUGHT), world.dynamic("Pro", 'plan is "pro"')
    world.settle()
    before = rows(world)
    merge_id = merge(world)
    world.settle()
    assert (world.members(beta), world.members(gamma)) == ({1}, {1})
    assert (world.members(twice), world.members(pro)) == ({1, 3}, {1})
    actions.unmerge_people(world.workspace, merge_id)
    world.settle()
    assert (world.members(beta), world.members(gamma)) == ({2}, {1, 2})
    assert (world.members(twice), world.members(pro)) == ({3}, {2})
    assert rows(world) == before
    assert found(world, 'did "purchase" at least 1 times') == {1, 2, 3}
    assert found(world, BOUGHT) == {3}
    assert world.index.merges == {}
    world.restart()
    world.settle()
    assert (world.members(beta), world.members(gamma)) == ({2}, {1, 2})
    assert found(world, BOUGHT) == {3}


def test_what_happened_since_stays_with_the_survivor(world: Stage) -> None:
    beta, gamma, delta = world.static("Beta", [2]), world.static("Gamma", [1, 2]), world.static("Delta", [])
    world.settle()
    merge_id = merge(world)
    world.settle()
    # An event by the other's name goes to the survivor; by hand they join Delta and leave Gamma.
    world.put("two", events=[("purchase", 1_790_000_000_000, {})])
    api = world.api("bob")
    api.call("POST", f"/segments/{delta.public_id}/members", {"add": [1]})
    api.call("POST", f"/segments/{gamma.public_id}/members", {"remove": [1]})
    world.settle()
    actions.unmerge_people(world.workspace, merge_id)
    world.settle()
    assert (world.members(beta), world.members(gamma), world.members(delta)) == ({2}, {2}, {1})
    assert found(world, BOUGHT) == {1, 3}
    assert {(row["number"], row["cause"]) for row in rows(world)} == {(2, "hand"), (1, "hand")}


@pytest.mark.parametrize("settled", [False, True])
def test_with_and_without_the_projector_in_between(world: Stage, settled: bool) -> None:  # parametrized
    beta, twice = world.static("Beta", [2]), world.dynamic("Twice", BOUGHT)
    world.settle()
    before = rows(world)
    merge_id = merge(world)
    if settled:
        world.settle()
    actions.unmerge_people(world.workspace, merge_id)
    world.settle()
    assert (world.members(beta), world.members(twice), rows(world)) == ({2}, {3}, before)


def test_undone_while_the_projector_is_at_the_merge(world: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its batch has read the people as merged, and saves after the undo was committed."""
    beta = world.static("Beta", [2])
    world.settle()
    merge_id = merge(world)
    plan, left = MembershipUpkeep.plan, [merge_id]

    def late(upkeep: MembershipUpkeep, *given: Any) -> MembershipPlan:
        made = plan(upkeep, *given)
        if left:
            actions.unmerge_people(world.workspace, left.pop())
        return made

    monkeypatch.setattr(MembershipUpkeep, "plan", late)
    world.settle()
    assert world.members(beta) == {2}
    assert [(row["number"], row["cause"]) for row in rows(world)] == [(2, "unmerge")]


def test_merged_undone_and_merged_again(world: Stage) -> None:
    beta, twice = world.static("Beta", [2]), world.dynamic("Twice", BOUGHT)
    world.settle()
    actions.unmerge_people(world.workspace, merge(world))
    merge(world)
    world.settle()
    assert (world.members(beta), world.members(twice), world.index.merges) == ({1}, {1, 3}, {2: 1})
    world.restart()
    assert found(world, BOUGHT) == {1, 3}


def test_a_chain_in_the_index(world: Stage) -> None:
    """3 into 2, 2 into 1; undone, the events of 3 are 2's again."""
    first = merge(world, 2, 3)
    second = merge(world, 1, 2)
    world.settle()
    assert found(world, 'did "purchase" exactly 4 times') == {1}
    actions.unmerge_people(world.workspace, second)
    world.settle()
    assert found(world, 'did "purchase" exactly 3 times') == {2}
    assert found(world, 'did "purchase" exactly 1 times') == {1}
    world.restart()
    world.settle()
    assert found(world, 'did "purchase" exactly 3 times') == {2}
    actions.unmerge_people(world.workspace, first)
    world.settle()
    assert found(world, 'did "purchase" exactly 2 times') == {3}
    assert found(world, 'did "purchase" exactly 1 times') == {1, 2}


def test_a_segment_that_is_gone_meanwhile(world: Stage) -> None:
    beta = world.static("Beta", [2])
    world.settle()
    merge_id = merge(world)
    world.api("bob").call("DELETE", f"/segments/{beta.public_id}", expect=204)
    world.settle()
    actions.unmerge_people(world.workspace, merge_id)
    world.settle()
    assert rows(world) == []


def test_links_lead_to_the_survivor_and_back(world: Stage) -> None:
    api = world.api("bob")
    merged = api.call("POST", "/people/2/merge", {"other": 1})
    world.settle()
    assert (merged["number"], merged["merged"]) == (1, 2)
    seen = api.call("GET", "/people/2")
    assert (seen["number"], seen["merged"]) == (1, [2])
    api.call("POST", f"/merges/{merged['merge']}/unmerge")
    world.settle()
    assert [api.call("GET", f"/people/{number}")["number"] for number in (1, 2)] == [1, 2]
