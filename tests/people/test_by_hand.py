"""What each built-in field does when it is set through each way in: by hand, by a program, by tracking."""

from typing import Any, NamedTuple

import pytest

from coterie.accounts import actions, audit
from coterie.accounts.models import AuditEntry, KeyKind
from coterie.filters.fields import BUILTIN_FIELDS
from coterie.people.actions import Origin, PersonEdit, apply_edits
from coterie.people.fields import TRAIT_ALIASES
from coterie.people.models import MergeSuggestion, Person
from tests.support.world import Api, World

pytestmark = [pytest.mark.django_db, pytest.mark.server]
PEOPLE = "/workspaces/acme/people"
PERSON = f"{PEOPLE}/1"
BULK = "/workspaces/acme/people/bulk/change"
SYSTEM = "this field is set by the system"
TAGS = "tags are added and removed: use 'add_tags' and 'remove_tags'"
ONLY_ONE = "names one person: it can't be set for many"


class Row(NamedTuple):
    """A field, a value for it, and why it is refused: by hand, for many, from a public key, tracked with a secret one.

    Empty: it is set.
    """

    key: str
    value: Any
    by_hand: str = ""
    for_many: str = ""
    public: str = ""
    secret: str = ""


TABLE = (
    Row("name", "Ann"),
    Row("email", "ann@example.com", for_many=ONLY_ONE),
    Row("phone", "+4915112345678", for_many=ONLY_ONE),
    Row("gender", "female"),
    Row("avatar", "https://example.com/a.png"),
    Row("username", "ann"),
    Row("user_id", "u-7", for_many=ONLY_ONE, public="by identify only"),
    Row("tags", ["vip"], by_hand=TAGS, for_many=TAGS),
    Row("banned", True, public="can't ban"),
    Row("tester", True, public="can't make someone a tester"),
    Row("city", "Bonn"),
    Row("country", "Germany"),
    Row("language", "German"),
    Row("timezone", "Europe/Berlin"),
    Row("ip", "203.0.113.5"),
    Row("referrer", "https://example.com/"),
    Row("integration", "website"),
    Row("source_url", "https://example.com/chat"),
    Row("source", "ad"),
    Row("channel", "telegram"),
    Row("channels", ["sms"], by_hand=SYSTEM, for_many=SYSTEM, public=SYSTEM, secret=SYSTEM),
    Row("campaign", "spring"),
    Row("created_at", "2020-01-01T00:00:00.000Z", by_hand=SYSTEM, for_many=SYSTEM),
    Row("first_seen", "2020-01-01T00:00:00.000Z", by_hand=SYSTEM, for_many=SYSTEM),
    Row("last_seen", "2020-01-01T00:00:00.000Z", by_hand=SYSTEM, for_many=SYSTEM),
    Row("last_message_at", "2020-01-01T00:00:00.000Z", by_hand=SYSTEM, for_many=SYSTEM, public=SYSTEM),
    Row("last_message", "Hi", by_hand=SYSTEM, for_many=SYSTEM, public=SYSTEM),
    Row("current_message", "Hi", by_hand=SYSTEM, for_many=SYSTEM, public=SYSTEM),
)


def someone(world: World, **values: Any) -> int:
    """A further person's number."""
    name = f"a{Person.objects.of(world.acme).count() + 1}"
    (outcome,) = apply_edits(world.acme, [PersonEdit([("anonymous_id", name)], set={"plan": "pro", **values})])
    assert outcome.number is not None
    assert not outcome.rejected
    return outcome.number


def data_of(world: World, number: int = 1) -> dict[str, Any]:
    return Person.objects.of(world.acme).get(number=number).data


def test_it_works(world: World) -> None:
    assert {row.key for row in TABLE} == set(BUILTIN_FIELDS)


@pytest.mark.parametrize("who", ["bob", "secret"])
def test_a_change_by_hand(world: World, who: str) -> None:
    api = world.api(who)
    for row in TABLE:
        number = someone(world)
        answer = api.patch(f"{PEOPLE}/{number}", {"set": {row.key: row.value}})
        if row.by_hand:
            assert (answer.status_code, answer.json()["code"]) == (400, "rejected_values"), row.key
            (reason,) = answer.json()["details"]["fields"].values()
            assert reason.startswith(row.by_hand)
            assert row.key not in data_of(world, number)
        else:
            assert answer.status_code == 200, row.key
            assert answer.json()["data"][row.key] == data_of(world, number)[row.key] == row.value


@pytest.mark.parametrize("row", [row for row in TABLE if row.by_hand], ids=lambda row: row.key)
def test_what_the_system_sets_can_t_be_cleared_or_emptied(world: World, row: Row) -> None:
    someone(world)
    secret = world.api("secret")
    aliases = [name for name, target in TRAIT_ALIASES.items() if target == row.key]
    for key in (row.key, *aliases):
        for body in ({"clear": [key]}, {"set": {key: None}}, {"set": {key: ""}}, {"set": {key: row.value}}):
            answer = secret.patch(PERSON, body)
            assert answer.status_code == 400, (key, body)
            assert answer.json()["details"]["fields"][row.key].startswith(row.by_hand)
    creating = secret.post(PEOPLE, {"set": {"city": "Bonn", row.key: row.value}})
    assert creating.status_code == 400
    assert Person.objects.of(world.acme).count() == 1


def test_what_is_there_already_may_be_sent_back(world: World) -> None:
    someone(world, last_seen="2026-01-01", tags=["a"], city="Bonn")
    before = data_of(world)
    answer = world.api("bob").patch(PERSON, {"set": {**before, "city": "Kiel"}})
    assert answer.status_code == 200
    assert answer.json()["data"] == {**before, "city": "Kiel"}


def test_a_change_of_many(world: World) -> None:
    bob = world.api("bob")
    for row in TABLE:
        number = someone(world)
        answer = bob.post(BULK, {"selection": {"numbers": [number]}, "set": {row.key: row.value}})
        if row.for_many:
            assert answer.status_code == 400, row.key
            assert row.for_many in answer.json()["message"]
            assert answer.json()["details"]["field"] == row.key
        else:
            assert (answer.status_code, answer.json()["changed"]) == (200, 1), row.key
            assert data_of(world, number)[row.key] == row.value


@pytest.mark.parametrize("kind", ["tracking", "api"])
def test_a_trait_of_tracking(world: World, kind: Any) -> None:
    """Nobody waits for the answer: what a key may not set is kept as rejected, times still move their one way."""
    for row in TABLE:
        number = someone(world)
        edit = PersonEdit([("anonymous_id", f"a{number}")], set={row.key: row.value}, origin=Origin(kind, "key_x"))
        (outcome,) = apply_edits(world.acme, [edit])
        refused = row.public if kind == "tracking" else row.secret
        if refused:
            assert [(one.key, refused in one.reason) for one in outcome.rejected] == [(row.key, True)]
            assert row.key not in data_of(world, number)
        else:
            assert not outcome.rejected, row.key
            assert data_of(world, number)[row.key] == row.value


def test_a_ban_is_in_the_audit_log_whichever_call_it_came_by(world: World) -> None:
    someone(world)
    bob, secret = world.api("bob"), world.api("secret")
    for call in (
        lambda: bob.patch(PERSON, {"set": {"banned": True}}),
        lambda: secret.patch(PERSON, {"set": {"banned": "false"}}),
        lambda: bob.post(f"{PERSON}/ban"),
        lambda: bob.patch(PERSON, {"set": {"banned": True, "city": "Bonn"}}),
        lambda: bob.patch(PERSON, {"clear": ["banned"]}),
    ):
        assert call().status_code == 200
    made = bob.post("/workspaces/acme/people", {"set": {"name": "Bea", "banned": True}})
    assert made.status_code == 201
    assert bob.post("/workspaces/acme/people", {"set": {"name": "Cy", "banned": False}}).status_code == 201
    entries = AuditEntry.objects.of(world.acme).filter(target__startswith="person:").order_by("number")
    user, key = f"user:{world.bob.public_id}", f"key:{world.secret_key.public_id}"
    assert [(entry.action, entry.actor, entry.target) for entry in entries] == [
        ("person.banned", user, "person:1"),
        ("person.unbanned", key, "person:1"),
        ("person.banned", user, "person:1"),
        ("person.unbanned", user, "person:1"),
        ("person.banned", user, f"person:{made.json()['number']}"),
    ]


def test_a_ban_of_many_is_logged_and_so_is_its_end(world: World) -> None:
    someone(world)
    body = {"selection": {"numbers": [1]}, "set": {"banned": True, "city": "Bonn"}}
    undo = world.api("bob").post(BULK, body).json()["undo"]
    assert world.api("bob").post(f"/workspaces/acme/bulk/undo/{undo}").json()["changed"] == 1
    assert "banned" not in data_of(world)
    entries = AuditEntry.objects.of(world.acme).filter(action="people.ban_changed").order_by("number")
    assert [entry.details for entry in entries] == [{"people": [1]}, {"people": [1]}]


TAKEN = {"email": "Ann@Example.com", "phone": "+49 151 12345678"}
KEPT = {"email": "Ann@Example.com", "phone": "+4915112345678"}


def holder(world: World) -> None:
    someone(world)
    apply_edits(world.acme, [PersonEdit([("user_id", "u2")], set=TAKEN)])


def blind(world: World) -> Api:
    """A key that may change people but not look at them."""
    _, token = actions.create_key(audit.SYSTEM, world.acme, kind=KeyKind.SECRET, name="w", scopes=["people:write"])
    return Api(token=token)


@pytest.mark.parametrize("key", list(TAKEN))
def test_an_address_of_somebody_else_is_kept_with_a_warning(world: World, key: str) -> None:
    holder(world)
    answer = world.api("bob").patch(PERSON, {"set": {key: TAKEN[key], "city": "Bonn"}}).json()
    assert (answer["data"][key], answer["data"]["city"]) == (KEPT[key], "Bonn")
    assert answer["warnings"] == [
        {
            "field": key,
            "value": KEPT[key],
            "message": f"Person 2 has this {key}: the value was kept, but finds that person.",
            "holder": 2,
            "suggestion": {"people": [1, 2], "reason": f"same {key}", "code": f"same_{key}", "details": {}},
        }
    ]
    assert [row["kind"] for row in answer["identities"]] == ["anonymous_id"]
    suggestion = MergeSuggestion.objects.of(world.acme).get()
    assert (suggestion.a, suggestion.b, suggestion.reason, suggestion.code) == (1, 2, f"same {key}", f"same_{key}")
    assert world.api("bob").patch(PERSON, {"set": {"city": "Kiel"}}).json()["warnings"] == []


def test_who_may_not_look_is_not_told_whose_address_it_is(world: World) -> None:
    holder(world)
    key = blind(world)
    (warning,) = key.patch(PERSON, {"set": {"email": "ann@example.com"}}).json()["warnings"]
    assert (warning["field"], warning["value"], warning["holder"], warning["suggestion"]) == (
        "email",
        "ann@example.com",
        None,
        None,
    )
    assert "2" not in warning["message"]
    refused = key.patch(PERSON, {"set": {"user_id": "u2"}}).json()
    assert refused["details"]["fields"] == {"user_id": "another person has this user id"}
    conflict = key.post("/workspaces/acme/people", {"set": {"email": "ann@example.com"}}).json()
    assert (conflict["message"], conflict["details"]) == ("Another person has this email.", {"identity": "email"})


def test_a_user_id_of_somebody_else_is_refused_with_their_number(world: World) -> None:
    holder(world)
    answer = world.api("bob").patch(PERSON, {"set": {"user_id": "u2"}})
    assert answer.status_code == 400
    assert answer.json()["details"]["fields"] == {"user_id": "person 2 has this user id"}
