"""The routes of people, attributes and fields."""

from typing import Any

import pytest

from coterie.accounts.models import AuditEntry
from coterie.people.actions import Origin, PersonEdit, apply_edits
from coterie.people.models import Person, RejectedValue
from tests.support.world import World

pytestmark = pytest.mark.server
PEOPLE = "/workspaces/acme/people"
ATTRIBUTES = "/workspaces/acme/attributes"


def make(world: World, **values: Any) -> int:
    response = world.api("bob").post(PEOPLE, {"set": values})
    assert response.status_code == 201, response.content
    return int(response.json()["number"])


def test_it_works(world: World) -> None:
    body = {"set": {"email": "ann@example.com", "city": "Bonn"}, "tags": ["vip"]}
    response = world.api("bob").post(PEOPLE, body)
    assert (response.status_code, response.json()) == (201, {"number": 1, "warnings": []})
    found = world.api("vera").get(f"{PEOPLE}/1").json()
    assert found["data"] == {"email": "ann@example.com", "city": "Bonn", "tags": ["vip"]}
    assert found["tags"] == ["vip"]
    assert found["origins"]["city"]["kind"] == "agent"
    assert found["origins"]["city"]["ref"] == world.bob.public_id
    assert [(row["kind"], row["value"]) for row in found["identities"]] == [("email", "ann@example.com")]
    assert (found["rejected"], found["merged"], found["local_time"]) == ([], [], None)


def test_a_key_is_an_origin_of_its_own(world: World) -> None:
    assert world.api("secret").post(PEOPLE, {"set": {"city": "Bonn"}}).status_code == 201
    found = world.api("secret").get(f"{PEOPLE}/1").json()
    assert (found["origins"]["city"]["kind"], found["origins"]["city"]["ref"]) == ("api", world.secret_key.public_id)


@pytest.mark.parametrize(
    "body",
    [
        {"set": {"email": "ANN@example.com"}},
        {"set": {"phone": "+49 151 12345678"}},
        {"set": {"userId": "u1"}},
        {"identities": [{"kind": "telegram", "value": "7"}]},
    ],
)
def test_a_taken_identity_is_a_conflict(world: World, body: dict[str, Any]) -> None:
    values = {"email": "ann@example.com", "phone": "+4915112345678", "user_id": "u1"}
    world.api("bob").post(PEOPLE, {"set": values, "identities": [{"kind": "telegram", "value": "7"}]})
    response = world.api("bob").post(PEOPLE, body)
    assert response.status_code == 409
    assert response.json()["code"] == "person_exists"
    assert response.json()["details"]["number"] == 1
    assert Person.objects.of(world.acme).count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "empty_person"),
        ({"set": {"email": "ann"}}, "rejected_values"),
        ({"set": {"unknown": 1}}, "rejected_values"),
        ({"set": {"last_message": "x"}}, "rejected_values"),
        ({"set": {"first_seen": "2020-01-01"}}, "rejected_values"),
        ({"identities": [{"kind": "fax", "value": "1"}]}, "rejected_values"),
        ({"identities": [{"kind": "email", "value": "x"}]}, "rejected_values"),
    ],
)
def test_bad_people_are_not_made(world: World, body: dict[str, Any], code: str) -> None:
    response = world.api("bob").post(PEOPLE, body)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not Person.objects.of(world.acme).exists()


def test_patch(world: World) -> None:
    make(world, city="Bonn", name="Ann")
    body = {"set": {"name": "Bea", "timezone": "Europe/Paris"}, "clear": ["city"], "add_tags": ["a", "b"]}
    response = world.api("bob").patch(f"{PEOPLE}/1", body)
    assert response.status_code == 200
    assert response.json()["data"] == {"name": "Bea", "timezone": "Europe/Paris", "tags": ["a", "b"]}
    assert response.json()["local_time"] is not None
    tags = world.api("bob").patch(f"{PEOPLE}/1", {"remove_tags": ["A"]}).json()["tags"]
    assert tags == ["b"]


def test_patch_is_all_or_nothing(world: World) -> None:
    make(world, name="Ann")
    body = {"set": {"name": "Bea", "email": "bad", "nothing": 1}, "clear": ["neither", "created_at"]}
    response = world.api("bob").patch(f"{PEOPLE}/1", body)
    assert response.status_code == 400
    details = response.json()["details"]
    assert set(details["fields"]) == {"email", "nothing", "neither", "created_at"}
    told = {each["details"]["field"]: each["details"]["reason"] for each in details["reasons"]}
    assert {key: reason["code"] for key, reason in told.items()} == {
        "email": "no_email",
        "nothing": "no_attribute",
        "neither": "no_field",
        "created_at": "system_field",
    }
    assert {key: reason["reason"] for key, reason in told.items()} == details["fields"]
    found = world.api("bob").get(f"{PEOPLE}/1").json()
    assert (found["data"], found["rejected"]) == ({"name": "Ann"}, [])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/7", None),
        ("PATCH", "/7", {"set": {"name": "x"}}),
        ("DELETE", "/7", None),
        ("POST", "/7/ban", None),
        ("POST", "/merge", {"people": [1, 7]}),
    ],
)
def test_unknown_people(world: World, method: str, path: str, body: Any) -> None:
    make(world, name="Ann")
    response = world.api("alice").call(method, f"{PEOPLE}{path}", body)
    assert (response.status_code, response.json()["code"]) == (404, "person_not_found")


@pytest.mark.parametrize("number", ["0", "-1", "4294967296", "x", "1.5"])
def test_numbers_that_are_none(world: World, number: str) -> None:
    assert world.api("alice").get(f"{PEOPLE}/{number}").status_code in (400, 404)


def test_people_of_another_workspace_are_out_of_reach(world: World) -> None:
    apply_edits(world.other, [PersonEdit([("user_id", "u1")], origin=Origin("api"))])
    assert world.api("alice").get(f"{PEOPLE}/1").status_code == 404
    assert world.api("alice").get("/workspaces/other/people/1").status_code == 404
    assert world.api("charlie").get("/workspaces/other/people/1").status_code == 200


def test_ban_and_unban(world: World) -> None:
    make(world, name="Ann")
    for path, banned in (("ban", True), ("ban", True), ("unban", False)):
        assert world.api("bob").post(f"{PEOPLE}/1/{path}").json() == {"number": 1}
        assert world.api("bob").get(f"{PEOPLE}/1").json()["data"]["banned"] is banned
    entries = AuditEntry.objects.of(world.acme).filter(target="person:1").order_by("number")
    assert [entry.action for entry in entries] == ["person.banned", "person.unbanned"]


def test_merge(world: World) -> None:
    make(world, name="Ann")
    make(world, city="Bonn")
    assert world.api("bob").post(f"{PEOPLE}/merge", {"people": [2, 1]}).json() == {"number": 1}
    found = world.api("bob").get(f"{PEOPLE}/2").json()
    assert (found["number"], found["merged"], found["data"]) == (1, [2], {"name": "Ann", "city": "Bonn"})
    assert world.api("bob").post(f"{PEOPLE}/merge", {"people": [2, 1]}).status_code == 400


def test_delete(world: World) -> None:
    make(world, name="Ann")
    assert world.api("bob").delete(f"{PEOPLE}/1").status_code == 403
    assert world.api("alice").delete(f"{PEOPLE}/1").status_code == 204
    assert world.api("alice").delete(f"{PEOPLE}/1").status_code == 404
    assert AuditEntry.objects.of(world.acme).filter(action="person.deleted", target="person:1").exists()


@pytest.mark.parametrize(
    "body",
    [
        {"set": {"name": "x"}, "number": 5},
        {"set": {"name": "x"}, "workspace_id": 2},
        {"set": {"name": "x"}, "state": "deleted"},
        {"set": {"name": "x"}, "origin": {"kind": "system"}},
        {"set": []},
        {"add_tags": [1]},
        {"add_tags": ["x" * 201]},
    ],
)
def test_bodies_that_are_refused(world: World, body: dict[str, Any]) -> None:
    make(world, name="Ann")
    assert world.api("alice").patch(f"{PEOPLE}/1", body).status_code == 400
    assert Person.objects.of(world.acme).get().data == {"name": "Ann"}


def test_attributes(world: World) -> None:
    body = {"key": 'a/b "c"', "type": "number", "label": "Orders"}
    assert world.api("bob").post(ATTRIBUTES, body).status_code == 403
    response = world.api("ada").post(ATTRIBUTES, body)
    assert response.status_code == 201
    path = f"{ATTRIBUTES}/{response.json()['id']}"
    assert world.api("ada").patch(path, {"visible": False, "position": 4}).json()["visible"] is False
    make(world, **{'a/b "c"': 5})
    report = world.api("ada").post(f"{path}/type", {"type": "boolean"}).json()
    assert (report["values"], report["rejected"], report["samples"][0]["value"]) == (1, 1, 5)
    assert world.api("vera").get(ATTRIBUTES).json()[0]["type"] == "number"
    assert world.api("ada").post(f"{path}/type", {"type": "text", "dry_run": False}).json()["converted"] == 1
    assert world.api("vera").get(f"{PEOPLE}/1").json()["data"] == {'a/b "c"': "5"}
    assert world.api("ada").delete(path).status_code == 204
    assert world.api("vera").get(ATTRIBUTES).json() == []
    assert world.api("ada").patch(path, {"label": "x"}).status_code == 404


def test_rejected_values(world: World) -> None:
    edits = [PersonEdit([("user_id", f"u{number}")], set={"plan": "pro", "ip": "x"}) for number in range(3)]
    apply_edits(world.acme, edits, origin=Origin("tracking", "key"))
    page = world.api("vera").get(f"{ATTRIBUTES}/rejected?limit=2").json()
    assert page["counts"] == [{"key": "ip", "people": 3}]
    assert [row["number"] for row in page["values"]] == [1, 2]
    assert [page["values"][0][key] for key in ("reason", "code", "details")] == [
        "this is not an IP address",
        "no_ip",
        {},
    ]
    rest = world.api("vera").get(f"{ATTRIBUTES}/rejected?limit=2&cursor={page['next']}").json()
    assert ([row["number"] for row in rest["values"]], rest["next"]) == ([3], None)
    assert world.api("vera").get(f"{ATTRIBUTES}/rejected?key=plan").json()["values"] == []
    assert world.api("vera").get(f"{ATTRIBUTES}/rejected?cursor=x").status_code == 400
    found = world.api("ada").post(f"{ATTRIBUTES}/rejected/reapply", {"key": "ip"}).json()
    assert (found["taken"], found["rejected"], found["unseen"]) == (0, 3, 0)
    why = {"reason": "this is not an IP address", "code": "no_ip", "details": {}}
    assert found["samples"][0] == {"number": 1, "value": "x", **why}
    # One of before there were codes.
    RejectedValue.objects.of(world.acme).update(code="", details="{}")
    old = world.api("vera").get(f"{PEOPLE}/1").json()["rejected"][0]
    assert (old["reason"], old["code"], old["details"]) == ("this is not an IP address", "", {})


def test_fields(world: World) -> None:
    response = world.api("ada").patch("/workspaces/acme/fields/city", {"label": "Town", "visible": False})
    assert response.status_code == 200
    city = next(row for row in world.api("vera").get("/workspaces/acme/fields").json() if row["name"] == "city")
    assert (city["label"], city["visible"], city["kind"], city["attribute"]) == ("Town", False, "builtin", None)
    assert world.api("ada").patch("/workspaces/acme/fields/nothing", {"label": "x"}).status_code == 404


def test_event_names(world: World) -> None:
    assert world.api("vera").get("/workspaces/acme/events/names").json() == {"events": [], "properties": []}


def test_attributes_that_take_only_some_values(world: World) -> None:
    ada = world.api("ada")
    made = ada.post(ATTRIBUTES, {"key": "plan", "type": "text", "allowed": {"choices": ["free", "pro"]}})
    assert made.status_code == 201
    assert made.json()["allowed"]["choices"] == ["free", "pro"]
    make(world, name="Ann")
    refused = ada.patch(f"{PEOPLE}/1", {"set": {"plan": "gold"}})
    assert (refused.status_code, refused.json()["code"]) == (400, "rejected_values")
    assert "one of free, pro" in refused.json()["details"]["fields"]["plan"]
    one = f"{ATTRIBUTES}/{made.json()['id']}"
    wrong = ada.patch(one, {"allowed": {"at_least": 3}})
    assert (wrong.status_code, wrong.json()["details"]["field"]) == (400, "allowed.at_least")
    assert ada.patch(one, {"label": "Plan"}).json()["allowed"]["choices"] == ["free", "pro"]
    assert ada.patch(one, {"allowed": {}}).json()["allowed"]["choices"] is None
    assert ada.patch(f"{PEOPLE}/1", {"set": {"plan": "gold"}}).status_code == 200
