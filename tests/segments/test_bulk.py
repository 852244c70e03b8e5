"""Bulk actions: whom they are about, what they tell, and taking them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from coterie.accounts.models import AuditEntry
from coterie.filters.fields import FieldType
from coterie.kit import clock
from coterie.people.actions import create_attribute, delete_person, update_person
from coterie.people.models import Attribute, Person, RejectedValue
from coterie.people.queries import get_person
from coterie.segments import bulk_undo
from coterie.segments.models import BulkUndo
from tests.segments.conftest import SegmentsApi, Stage

pytestmark = pytest.mark.server
BULK = "/people/bulk"


@pytest.fixture
def people(stage: Stage) -> list[int]:
    """Five people with the numbers 1 to 5; 1 and 2 in Italy, 2 a vip, 3 with a plan."""
    create_attribute(stage.workspace, key="plan", type=FieldType.TEXT)
    create_attribute(stage.workspace, key="orders", type=FieldType.NUMBER)
    numbers = [stage.put("a", country="Italy"), stage.put("b", country="Italy"), stage.put("c", plan="free")]
    numbers += [stage.put("d"), stage.put("e")]
    update_person(stage.workspace, numbers[1], add_tags=["vip"])
    stage.settle()
    return numbers


def change(api: SegmentsApi, selection: dict[str, Any], expect: int = 200, **body: Any) -> Any:
    return api.call("POST", f"{BULK}/change", {"selection": selection, **body}, expect=expect)


def data(stage: Stage, number: int) -> dict[str, Any]:
    return dict(get_person(stage.workspace, number).data)


def shown(stage: Stage, *keys: str) -> list[tuple[Any, ...]]:
    rows = Person.objects.of(stage.workspace).order_by("number")
    return [tuple(row.data.get(key) for key in keys) for row in rows]


def counts(done: dict[str, Any]) -> tuple[int, int, int, int]:
    return done["selected"], done["changed"], done["unchanged"], done["failed"]


def test_it_works(stage: Stage, people: list[int]) -> None:
    before = shown(stage, "plan", "tags", "country")
    done = change(
        stage.api("bob"), {"numbers": people[:3]}, set={"plan": "pro"}, clear=["country"], add_tags=["vip", "x"]
    )
    assert (counts(done), done["failures"]) == ((3, 3, 0, 0), [])
    assert shown(stage, "plan", "tags", "country")[:3] == [("pro", ["vip", "x"], None)] * 3
    assert get_person(stage.workspace, 1).origins["plan"][:2] == ["agent", stage.users["bob"].public_id]
    undone = stage.api("bob").call("POST", f"/bulk/undo/{done['undo']}")
    assert counts(undone) == (3, 3, 0, 0)
    assert shown(stage, "plan", "tags", "country") == before
    again = stage.api("bob").call("POST", f"/bulk/undo/{done['undo']}", expect=409)
    assert again["code"] == "undone_already"


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({"numbers": [2, 3, 3]}, [2, 3]),
        ({"numbers": [2, 3], "except": [3, 9]}, [2]),
        ({"where": "everyone"}, [1, 2, 3, 4, 5]),
        ({"where": "everyone", "except": [1, 5]}, [2, 3, 4]),
        ({"where": 'country is "Italy"'}, [1, 2]),
        ({"filter": {"version": 1, "root": {"type": "field", "field": "plan", "op": "is_known"}}}, [3]),
        ({"conditions": [{"type": "field", "field": "plan", "op": "is_unknown"}], "expression": "1"}, [1, 2, 4, 5]),
    ],
)
def test_selections(stage: Stage, people: list[int], chosen: dict[str, Any], wanted: list[int]) -> None:
    done = change(stage.api("bob"), chosen, add_tags=["new"])
    tagged = [number for number in people if "new" in data(stage, number).get("tags", [])]
    assert (tagged, done["selected"]) == (wanted, len(wanted))


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({}, "no_selection"),
        ({"where": ""}, "no_selection"),
        ({"except": [1]}, "no_selection"),
        ({"numbers": [1], "where": "everyone"}, "no_selection"),
        ({"where": "contry is 1"}, "unknown_field"),
    ],
)
def test_nobody_is_changed_by_mistake(stage: Stage, people: list[int], chosen: dict[str, Any], code: str) -> None:
    for path, body in (("change", {"add_tags": ["x"]}), ("delete", {})):
        answer = stage.api("ada").call("POST", f"{BULK}/{path}", {"selection": chosen, **body}, expect=400)
        assert answer["code"] == code
    assert [tags for (tags,) in shown(stage, "tags")] == [None, ["vip"], None, None, None]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"set": {"nothing": 1}},
        {"clear": ["nothing"]},
        {"set": {"email": "a@example.com"}},
        {"clear": ["user_id"]},
        {"set": {"tags": ["x"]}},
    ],
)
def test_what_cannot_be_done_to_many(stage: Stage, people: list[int], body: dict[str, Any]) -> None:
    change(stage.api("bob"), {"where": "everyone"}, expect=400, **body)
    assert not Attribute.objects.of(stage.workspace).filter(key="nothing").exists()
    assert not BulkUndo.objects.of(stage.workspace).exists()


def test_failures_are_told_and_leave_nothing(stage: Stage, people: list[int]) -> None:
    delete_person(stage.workspace, 5)
    done = change(stage.api("bob"), {"numbers": [3, 5, 77]}, set={"plan": "free"}, add_tags=["x"])
    assert counts(done) == (3, 1, 0, 2)
    assert [each["number"] for each in done["failures"]] == [5, 77]
    done = change(stage.api("bob"), {"numbers": [1, 2]}, set={"orders": "three"})
    assert (counts(done), done["undo"]) == ((2, 0, 0, 2), None)
    failure = done["failures"][0]
    assert (failure["reason"], failure["code"]) == ("orders: expected a number, got 'three'", "of_field")
    assert failure["details"]["reason"]["code"] == "no_number"
    assert not RejectedValue.objects.of(stage.workspace).exists()
    assert counts(change(stage.api("bob"), {"numbers": [3]}, set={"plan": "free"})) == (1, 0, 1, 0)


def test_undo_leaves_what_changed_since(stage: Stage, people: list[int]) -> None:
    done = change(stage.api("bob"), {"numbers": [1, 3]}, set={"plan": "pro", "city": "Bonn"}, add_tags=["x"])
    update_person(stage.workspace, 1, values={"plan": "own"}, add_tags=["y"])
    undone = stage.api("bob").call("POST", f"/bulk/undo/{done['undo']}")
    assert (undone["changed"], [each["number"] for each in undone["failures"]]) == (1, [1])
    assert "plan" in undone["failures"][0]["reason"]
    one, three = data(stage, 1), data(stage, 3)
    assert (one["plan"], one.get("city"), one["tags"]) == ("own", None, ["y"])
    assert (three["plan"], three.get("city"), three.get("tags")) == ("free", None, None)


def test_banning(stage: Stage, people: list[int]) -> None:
    change(stage.api("bob"), {"numbers": [1, 2]}, set={"banned": True})
    assert [banned for (banned,) in shown(stage, "banned")][:3] == [True, True, None]
    entry = AuditEntry.objects.filter(workspace=stage.workspace, action="people.ban_changed").get()
    assert entry.details == {"people": [1, 2]}


def test_members_and_back(stage: Stage, people: list[int]) -> None:
    segment = stage.static("Beta", [1])
    stage.settle()
    body = {"segment": segment.public_id, "selection": {"numbers": [1, 2, 3, 99]}}
    added = stage.api("bob").call("POST", f"{BULK}/members", {**body, "action": "add"})
    stage.settle()
    assert (counts(added), stage.members(segment)) == ((4, 2, 1, 1), {1, 2, 3})
    stage.api("bob").call("POST", f"/bulk/undo/{added['undo']}")
    stage.settle()
    assert stage.members(segment) == {1}
    removed = stage.api("bob").call("POST", f"{BULK}/members", {**body, "action": "remove"})
    stage.settle()
    assert (counts(removed), stage.members(segment)) == ((4, 1, 3, 0), set())
    stage.api("bob").call("POST", f"/bulk/undo/{removed['undo']}")
    stage.settle()
    assert stage.members(segment) == {1}
    rule = stage.dynamic("Rule", 'country is "Italy"')
    body = {"segment": rule.public_id, "selection": {"numbers": [3]}, "action": "add"}
    assert stage.api("bob").call("POST", f"{BULK}/members", body, expect=409)["code"] == "dynamic_segment"


def test_deleting(stage: Stage, people: list[int]) -> None:
    segment = stage.static("Beta", [1, 2])
    stage.settle()
    stage.api("bob").call("POST", f"{BULK}/delete", {"selection": {"numbers": [1]}}, expect=403)
    done = stage.api("ada").call("POST", f"{BULK}/delete", {"selection": {"numbers": [1, 3, 99]}})
    stage.settle()
    assert (counts(done), done["undo"]) == ((3, 2, 0, 1), None)
    assert sorted(stage.index.everyone()) == [2, 4, 5]
    assert stage.members(segment) == {2}
    assert shown(stage, "plan")[2] == (None,)
    entry = AuditEntry.objects.filter(workspace=stage.workspace, action="people.deleted").get()
    assert entry.details == {"people": [1, 3]}


def test_undo_needs_the_right_and_ends(stage: Stage, people: list[int]) -> None:
    undo = change(stage.api("bob"), {"numbers": [1]}, add_tags=["x"])["undo"]
    stage.api("vera").call("POST", f"/bulk/undo/{undo}", expect=403)
    with clock.frozen(clock.now() + timedelta(minutes=59)):
        assert bulk_undo.forget_old(stage.workspace) == 0
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        with pytest.raises(bulk_undo.NotFound):
            bulk_undo.undo(stage.access("bob"), undo)
        assert bulk_undo.forget_old(stage.workspace) == 1
    assert data(stage, 1)["tags"] == ["x"]
