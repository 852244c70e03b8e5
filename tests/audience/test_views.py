"""Saved views: whose they are, who sees and changes them, and how a broken one says so."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.accounts.models import Role
from coterie.filters.fields import FieldType
from coterie.people.actions import create_attribute, delete_attribute
from tests.segments.conftest import SegmentsApi, Stage, make_workspace, stage, workspace

__all__ = ["make_workspace", "stage", "workspace"]
pytestmark = pytest.mark.server
GERMANY = 'country is "Germany"'


def names(api: SegmentsApi) -> list[str]:
    return [row["name"] for row in api.call("GET", "/views")["items"]]


def save(api: SegmentsApi, name: str, **body: Any) -> Any:
    return api.call("POST", "/views", {"name": name, **body}, expect=201)


def test_it_works(stage: Stage) -> None:
    bob = stage.api("bob")
    columns = [{"field": "name", "width": 200}, {"field": "city"}]
    made = save(bob, "Germany", where=GERMANY, columns=columns, sort="name")
    assert (made["where"], made["sort"], made["broken"], made["own"]) == (GERMANY, "name", None, True)
    assert made["columns"] == [{"field": "name", "width": 200}, {"field": "city", "width": None}]
    assert made["filter"]["root"]["field"] == "country"
    changed = bob.call("PATCH", f"/views/{made['id']}", {"where": ""})
    assert (changed["where"], changed["filter"], changed["columns"]) == ("", None, made["columns"])
    assert names(bob) == ["Germany"]
    bob.call("DELETE", f"/views/{made['id']}", expect=204)
    assert names(bob) == []


def test_who_sees_and_changes(stage: Stage) -> None:
    bob, vera, ada = (stage.api(who) for who in ("bob", "vera", "ada"))
    own = save(vera, "Mine")["id"]
    shared = save(bob, "Ours", shared=True)["id"]
    assert (names(vera), names(bob), names(ada)) == (["Mine", "Ours"], ["Ours"], ["Ours"])
    vera.call("POST", "/views", {"name": "All", "shared": True}, expect=403)
    vera.call("PATCH", f"/views/{own}", {"shared": True}, expect=403)
    vera.call("PATCH", f"/views/{shared}", {"name": "X"}, expect=403)
    bob.call("PATCH", f"/views/{own}", {"name": "X"}, expect=404)
    ada.call("PATCH", f"/views/{shared}", {"name": "All of us"})
    assert names(vera) == ["All of us", "Mine"] or names(vera) == ["Mine", "All of us"]


def test_names_are_once_per_owner(stage: Stage) -> None:
    bob = stage.api("bob")
    save(bob, "Paying")
    other = save(bob, "Other")["id"]
    assert bob.call("POST", "/views", {"name": " paying "}, expect=409)["code"] == "name_taken"
    assert bob.call("PATCH", f"/views/{other}", {"name": "PAYING"}, expect=409)["code"] == "name_taken"
    save(stage.api("vera"), "Paying")


def test_one_default(stage: Stage) -> None:
    ada, bob = stage.api("ada"), stage.api("bob")
    first = save(ada, "First", shared=True, is_default=True)["id"]
    second = save(bob, "Second", shared=True)["id"]
    bob.call("PATCH", f"/views/{second}", {"is_default": True}, expect=403)
    ada.call("PATCH", f"/views/{second}", {"is_default": True})
    assert {row["id"]: row["is_default"] for row in bob.call("GET", "/views")["items"]} == {first: False, second: True}
    ada.call("PATCH", f"/views/{second}", {"shared": False}, expect=400)
    ada.call("POST", "/views", {"name": "Own", "is_default": True}, expect=400)


def test_a_broken_one_says_so(stage: Stage) -> None:
    create_attribute(stage.workspace, key="plan", type=FieldType.TEXT)
    bob = stage.api("bob")
    save(bob, "Plan", where='plan is "pro"', columns=[{"field": "plan"}], shared=True)
    attribute = next(row["attribute"] for row in bob.call("GET", "/fields") if row["name"] == "plan")
    delete_attribute(stage.workspace, attribute)
    [view] = bob.call("GET", "/views")["items"]
    assert "plan" in view["broken"]
    assert (view["where"], view["missing"], view["filter"]["root"]["field"]) == (None, ["plan"], "plan")


def test_a_hidden_segment_is_not_told(stage: Stage) -> None:
    secret = stage.dynamic("Secret", GERMANY)
    save(stage.api("alice"), "With it", where='in segment "Secret"', shared=True)
    stage.hide(secret, Role.VIEWER)
    [view] = stage.api("vera").call("GET", "/views")["items"]
    assert "cannot see" in view["broken"]
    assert (view["where"], view["filter"]) == (None, None)
    assert secret.public_id not in str(view)
    [view] = stage.api("bob").call("GET", "/views")["items"]
    assert view["where"] == 'in segment "Secret"'


@pytest.mark.parametrize(
    "body",
    [
        {"where": "nothing is 1"},
        {"columns": [{"field": "nothing"}]},
        {"columns": [{"field": "city"}, {"field": "default_city"}]},
        {"sort": "tags"},
        {"sort": "-nothing"},
        {"name": "\n"},
    ],
)
def test_what_cannot_be_saved(stage: Stage, body: dict[str, Any]) -> None:
    stage.api("bob").call("POST", "/views", {"name": "X", **body}, expect=400)
    assert names(stage.api("bob")) == []
