"""Setting, clearing and deriving fields."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.filters.fields import FIELD_ALIASES, FieldType
from coterie.kit import clock
from coterie.people.actions import Origin, Outcome, PersonEdit, apply_edits, create_attribute
from coterie.people.models import Attribute, RejectedValue
from tests.people.conftest import PUBLIC, TRUSTED, owner, person, user
from tests.support.reserved import KEPT_AS_SENT, RESERVED

pytestmark = pytest.mark.server
Write = Callable[..., Outcome]
ME = user("me")


def stored(workspace: Workspace) -> dict[str, Any]:
    """What is kept of person 1 besides the user id."""
    return {key: value for key, value in person(workspace, 1).data.items() if key != "user_id"}


def reasons(workspace: Workspace) -> dict[str, str]:
    return dict(RejectedValue.objects.of(workspace).values_list("key", "reason"))


def test_it_works(workspace: Workspace, write: Write) -> None:
    write(ME, set={"plan": " pro ", "orders": 3.0, "beta": True, "langs": ["a", "b", "a"]})
    assert stored(workspace) == {"plan": "pro", "orders": 3, "beta": True, "langs": ["a", "b"]}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"name": " Ann "}, {"name": "Ann"}),
        ({"email": " Ann@Example.com "}, {"email": "Ann@Example.com"}),
        ({"country": "de"}, {"country": "Germany"}),
        ({"country": "Atlantis"}, {"country": "Atlantis"}),
        ({"language": "pt-BR"}, {"language": "Portuguese"}),
        ({"timezone": "europe/paris"}, {"timezone": "Europe/Paris"}),
        ({"address": {"city": "Bonn", "country": "DE"}}, {"city": "Bonn", "country": "Germany"}),
        ({"ip": "8.8.8.8"}, {"ip": "8.8.8.8", "country": "United States"}),
        ({"ip": "8.8.8.8", "country": "France"}, {"ip": "8.8.8.8", "country": "France"}),
        ({"ip": "10.0.0.1"}, {"ip": "10.0.0.1"}),
        (
            {"phone": "0151 12345678"},
            {"phone": "+4915112345678", "country": "Germany", "timezone": "Europe/Berlin"},
        ),
        (
            {"country": "US", "phone": "(212) 555-0100"},
            {"phone": "+12125550100", "country": "United States", "timezone": "America/New_York"},
        ),
        ({"firstName": "Ann", "lastName": "Lee"}, {"firstName": "Ann", "lastName": "Lee", "name": "Ann Lee"}),
        ({"firstName": "Ann", "name": "A. Lee"}, {"firstName": "Ann", "name": "A. Lee"}),
        ({"a.b": 1, "a b": 2, "$x": 3, '"': 4, "x" * 200: 5}, {"a.b": 1, "a b": 2, "$x": 3, '"': 4, "x" * 200: 5}),
        ({"a": {"b": 1}}, {"a.b": 1}),
        ({"at": "2026-01-31T10:00:00+01:00"}, {"at": "2026-01-31T09:00:00.000Z"}),
        ({"born": "1990-12-31"}, {"born": "1990-12-31"}),
        ({"zip": "01234"}, {"zip": "01234"}),
        ({"cafe": "cafe\u0301"}, {"cafe": "caf\u00e9"}),
        ({"tags": ["vip", "VIP", "vip"]}, {"tags": ["vip", "VIP"]}),
    ],
)
def test_set(workspace: Workspace, write: Write, sent: dict[str, Any], kept: dict[str, Any]) -> None:
    outcome = write(ME, set=sent)
    assert stored(workspace) == kept
    assert outcome.rejected == []
    assert set(outcome.changed_keys) == {*kept, "user_id"}
    assert write(ME, set=sent).changed_keys == []


@pytest.mark.parametrize("alias", RESERVED)
def test_a_reserved_name_is_the_built_in_field(workspace: Workspace, write: Write, alias: str) -> None:
    field = FIELD_ALIASES[alias]
    outcome = write(ME, set={alias: KEPT_AS_SENT[field]})
    assert outcome.rejected == []
    assert stored(workspace)[field] == KEPT_AS_SENT[field]
    assert not Attribute.objects.of(workspace).exists()


@pytest.mark.parametrize("empty", [None, "", "  \t", []])
def test_an_empty_value_clears(workspace: Workspace, write: Write, empty: Any) -> None:
    write(ME, set={"plan": "pro", "email": "ann@example.com"})
    assert write(ME, set={"plan": empty, "email": empty}).changed_keys == ["plan", "email"]
    assert stored(workspace) == {}
    assert owner(workspace, "email", "ann@example.com") is None
    assert person(workspace, 1).origins.keys() == {"user_id"}


@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_an_empty_value_makes_no_attribute(workspace: Workspace, write: Write, empty: Any) -> None:
    write(ME, set={"plan": empty}, set_once={"beta": empty}, clear=["other"])
    assert not Attribute.objects.of(workspace).exists()
    assert reasons(workspace) == {}


@pytest.mark.parametrize(
    ("key", "good", "bad", "reason"),
    [
        ("orders", 3, "three", "expected a number"),
        ("orders", 3, 2**53 + 1, "beyond 2"),
        ("beta", True, "maybe", "expected true or false"),
        ("born", "1990-12-31", "soon", "expected a calendar date"),
        ("plan", "pro", {"a": {"b": {"c": 1}}}, ""),
        ("plan", "pro", "a\0b", "NUL"),
        ("plan", "pro", "\ud800", "surrogate"),
        ("langs", ["a"], [["b"]], "single values"),
        ("langs", ["a"], ["b\0"], "NUL"),
        ("email", "ann@example.com", "ann", "not an email"),
        ("phone", "+4915112345678", "none", "not a phone number"),
        ("timezone", "Europe/Paris", "Mars", "not an IANA time zone"),
        ("ip", "8.8.8.8", "8.8.8", "not an IP address"),
        ("banned", True, False, "can't ban"),
        ("last_message", "Hi", "Ho", "comes with messages"),
        ("last_seen", "2026-01-01", "soon", "expected a time"),
    ],
)
def test_what_does_not_convert_is_kept_as_rejected(
    workspace: Workspace, write: Write, key: str, good: Any, bad: Any, reason: str
) -> None:
    write(ME, set={key: good}, origin=Origin("system"))
    before = stored(workspace)
    write(ME, set={key: bad})
    assert stored(workspace) == before
    if not reason:
        assert reasons(workspace) == {"plan.a.b": "no type follows from {'c': 1}"}
        return
    assert list(reasons(workspace)) == [key]
    assert reason in reasons(workspace)[key]
    row = RejectedValue.objects.of(workspace).get()
    assert row.raw == bad
    assert row.origin[0] == "tracking"
    write(ME, set={key: bad})
    assert RejectedValue.objects.of(workspace).count() == 1
    write(ME, set={key: good}, origin=Origin("system"))
    assert reasons(workspace) == {}


def test_clearing_removes_the_rejected_value(workspace: Workspace, write: Write) -> None:
    write(ME, set={"orders": 3})
    write(ME, set={"orders": "x"})
    write(ME, clear=["orders"])
    assert (stored(workspace), reasons(workspace)) == ({}, {})


def test_a_key_that_can_not_be_used_is_rejected_under_a_cleaned_one(workspace: Workspace, write: Write) -> None:
    write(ME, set={"x\0y": 1, "k" * 201: 2})
    assert stored(workspace) == {}
    assert reasons(workspace).keys() == {"x\ufffdy", "k" * 200}


def test_nul_in_a_key_does_not_reach_another_attribute(workspace: Workspace, write: Write) -> None:
    write(ME, set={"x": "mine", "x\0y": "theirs"})
    assert stored(workspace) == {"x": "mine"}


@pytest.mark.parametrize(
    ("raw", "type", "kept"),
    [
        ("pro", "text", "pro"),
        ("123", "text", "123"),
        (5, "number", 5),
        (5.5, "number", 5.5),
        (True, "boolean", True),
        (False, "boolean", False),
        (["a"], "list", ["a"]),
        ("2026-01-31", "date", "2026-01-31"),
        ("2026-01-31T09:00Z", "datetime", "2026-01-31T09:00:00.000Z"),
    ],
)
def test_the_first_value_makes_the_type(workspace: Workspace, write: Write, raw: Any, type: str, kept: Any) -> None:
    write(ME, set={"x": raw})
    assert Attribute.objects.of(workspace).get().type == type
    assert stored(workspace) == {"x": kept}


def test_a_first_value_that_can_not_be_stored_makes_no_attribute(workspace: Workspace, write: Write) -> None:
    write(ME, set={"big": 2**60, "nul": "\0", "deep": {"a": {"b": {"c": 1}}}})
    assert not Attribute.objects.of(workspace).exists()
    assert reasons(workspace).keys() == {"big", "nul", "deep.a.b"}


def test_one_attribute_for_all_spellings_of_a_key(workspace: Workspace, write: Write) -> None:
    write(ME, set={"e\u0301": 1, "\u00e9": 2, " \u00e9 ": 3})
    assert stored(workspace) == {"\u00e9": 3}
    assert Attribute.objects.of(workspace).count() == 1


def test_set_once(workspace: Workspace, write: Write) -> None:
    write(ME, set_once={"plan": "pro", "city": "Bonn"})
    outcome = write(ME, set_once={"plan": "free", "city": "", "team": "red"})
    assert stored(workspace) == {"plan": "pro", "city": "Bonn", "team": "red"}
    assert outcome.changed_keys == ["team"]


def test_clear_comes_before_set(workspace: Workspace, write: Write) -> None:
    write(ME, set={"plan": "pro"})
    write(ME, clear=["plan"], set_once={"plan": "free"})
    assert stored(workspace) == {"plan": "free"}


def test_tags(workspace: Workspace, write: Write) -> None:
    write(ME, add_tags=[" vip ", "VIP", "beta", "", "a\0b"])
    assert stored(workspace) == {"tags": ["vip", "beta"]}
    assert list(reasons(workspace)) == ["tags"]
    assert write(ME, add_tags=["Vip"], remove_tags=["unknown"]).changed_keys == []
    write(ME, remove_tags=["BETA", "vip"])
    assert stored(workspace) == {}


def test_seen_moves_outwards_only(workspace: Workspace, write: Write) -> None:
    for at in (2_000_000, 3_000_000, 1_000_000, 2_500_000, 10**18):
        write(ME, seen_at=at)
    assert stored(workspace) == {
        "first_seen": "1970-01-01T00:16:40.000Z",
        "last_seen": "1970-01-01T00:50:00.000Z",
    }
    assert write(ME, set={"last_seen": "1960-01-01", "first_seen": "2030-01-01"}).changed_keys == []
    assert write(ME, clear=["last_seen"]).rejected[0].reason == "this can't be cleared"


def test_created_at_moves_back_only(workspace: Workspace, write: Write) -> None:
    with clock.frozen(datetime(2026, 5, 1, tzinfo=UTC)):
        write(ME, set={"createdAt": "2027-01-01"})
        assert stored(workspace) == {}
        write(ME, set={"createdAt": "2019-01-01"})
    assert stored(workspace) == {"created_at": "2019-01-01T00:00:00.000Z"}
    assert person(workspace, 1).created_at == datetime(2019, 1, 1, tzinfo=UTC)
    assert write(ME, set={"createdAt": "2020-01-01"}).changed_keys == []


def test_protected_attributes(workspace: Workspace, write: Write) -> None:
    create_attribute(workspace, key="credit", type=FieldType.NUMBER, protected=True)
    write(ME, set={"credit": 5}, origin=TRUSTED)
    for attempt in ({"set": {"credit": 1000}}, {"set": {"credit": None}}, {"clear": ["credit"]}):
        assert write(ME, **attempt).rejected
        assert stored(workspace) == {"credit": 5}
        assert "protected" in reasons(workspace)["credit"]
    assert not write(ME, set={"credit": 5}).rejected
    assert not write(ME, set_once={"credit": 1}).rejected


def test_derived_values_give_way(workspace: Workspace, write: Write) -> None:
    write(ME, set={"ip": "8.8.8.8"})
    assert person(workspace, 1).origins["country"][:2] == ["derived", "ip"]
    write(ME, set={"ip": "2a00:1450:4001::1"})
    assert stored(workspace)["country"] == "Ireland"
    write(ME, set={"country": "Ireland"})
    write(ME, set={"ip": "8.8.8.8"})
    assert stored(workspace)["country"] == "Ireland"


def test_a_name_follows_its_parts_until_it_is_given(workspace: Workspace, write: Write) -> None:
    write(ME, set={"first_name": "Ann"})
    write(ME, set={"last_name": "Lee"})
    assert stored(workspace)["name"] == "Ann Lee"
    write(ME, set={"name": "Dr. Lee"})
    write(ME, set={"last_name": "Fox"})
    assert stored(workspace)["name"] == "Dr. Lee"


def test_each_edit_sees_those_before_it(workspace: Workspace) -> None:
    apply_edits(
        workspace,
        [
            PersonEdit([ME], set={"x": "text first"}),
            PersonEdit([ME], set={"x": 5}),
            PersonEdit([ME], clear=["x"]),
            PersonEdit([ME], set_once={"x": 6}),
        ],
        origin=PUBLIC,
    )
    assert stored(workspace) == {"x": "6"}
    assert Attribute.objects.of(workspace).get().type == "text"
