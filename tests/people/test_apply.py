"""Which person an edit is about: identify, alias and track calls as clients send them."""

from collections.abc import Callable
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.people import changes
from coterie.people.actions import Outcome, PersonEdit, apply_edits
from coterie.people.models import Change, Identity, MergeRecord, MergeSuggestion, Person, WorkspaceLog
from tests.people.conftest import PUBLIC, TRUSTED, anon, owner, person, user

pytestmark = pytest.mark.server
Write = Callable[..., Outcome]


def test_it_works(workspace: Workspace, write: Write) -> None:
    outcome = write(user("u1"), anon("a1"), set={"plan": "pro"}, seen_at=1_700_000_000_000)
    row = person(workspace, 1)
    assert (outcome.number, outcome.created, outcome.error) == (1, True, None)
    assert row.data == {
        "user_id": "u1",
        "plan": "pro",
        "first_seen": "2023-11-14T22:13:20.000Z",
        "last_seen": "2023-11-14T22:13:20.000Z",
    }
    assert row.origins["plan"][:2] == ["tracking", "key_public"]
    assert owner(workspace, "user_id", "u1") == owner(workspace, "anonymous_id", "a1") == 1


def test_nothing_to_do_writes_nothing(workspace: Workspace) -> None:
    assert apply_edits(workspace, []) == []
    assert not WorkspaceLog.objects.filter(workspace=workspace).exists()


def test_a_visitor_who_logs_in_keeps_their_profile(workspace: Workspace, write: Write) -> None:
    write(anon("a1"), set={"plan": "pro"})
    outcome = write(user("u1"), anon("a1"))
    assert (outcome.number, outcome.created, outcome.merged) == (1, False, [])
    assert person(workspace, 1).data == {"plan": "pro", "user_id": "u1"}


def test_a_visitor_is_merged_into_the_user_who_logs_in(workspace: Workspace, write: Write) -> None:
    write(anon("a1"), set={"city": "Berlin"})
    write(user("u1"))
    outcome = write(user("u1"), anon("a1"))
    assert (outcome.number, outcome.merged) == (2, [1])
    assert person(workspace, 2).data == {"user_id": "u1", "city": "Berlin"}
    assert (person(workspace, 1).state, person(workspace, 1).merged_into) == ("merged", 2)
    assert person(workspace, 1).data == {}
    assert owner(workspace, "anonymous_id", "a1") == 2


def test_a_second_user_of_a_device_gets_their_own_profile(workspace: Workspace, write: Write) -> None:
    write(user("u1"), anon("a1"))
    outcome = write(user("u2"), anon("a1"), set={"plan": "free"})
    assert (outcome.number, outcome.created) == (2, True)
    assert owner(workspace, "anonymous_id", "a1") == 1
    assert write(user("u2"), anon("a1"), set={"plan": "team"}).number == 2
    assert person(workspace, 1).data == {"user_id": "u1"}
    assert person(workspace, 2).data == {"user_id": "u2", "plan": "team"}
    assert not MergeSuggestion.objects.of(workspace).exists()


def test_a_new_user_on_a_device_with_two_people(workspace: Workspace, write: Write) -> None:
    write(user("u1"), anon("a1"))
    write(anon("a2"))
    outcome = write(user("u3"), anon("a1"), anon("a2"))
    assert outcome.number == 2
    assert person(workspace, 2).data == {"user_id": "u3"}
    assert owner(workspace, "anonymous_id", "a1") == 1


@pytest.mark.parametrize("order", [("u1", "u2"), ("u2", "u1")])
def test_an_alias_of_two_known_people_needs_a_trusted_origin(
    workspace: Workspace, write: Write, order: tuple[str, str]
) -> None:
    write(user("u1"))
    write(user("u2"))
    outcome = write(user(order[0]), user(order[1]), merge="explicit")
    assert [rejection.key for rejection in outcome.rejected] == ["merge"]
    assert outcome.merged == []
    suggestion = MergeSuggestion.objects.of(workspace).get()
    assert (suggestion.a, suggestion.b, suggestion.state) == (1, 2, "open")
    assert write(user(order[0]), user(order[1]), merge="explicit", origin=TRUSTED).merged == [2]
    suggestion.refresh_from_db()
    assert suggestion.state == "merged"
    assert owner(workspace, "user_id", "u2") == 1


def test_without_an_alias_two_known_people_stay_two(workspace: Workspace, write: Write) -> None:
    write(user("u1"))
    write(user("u2"))
    assert write(user("u2"), user("u1"), origin=TRUSTED).number == 2
    assert Person.objects.of(workspace).filter(state="active").count() == 2


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ([], {"user_id": 1}),
        ([user("x")], {"user_id": 1}),
        ([anon("x")], {"anonymous_id": 1}),
        # Somebody was anonymous under this id, and somebody else identified by it: the known one counts.
        ([anon("x"), user("x")], {"anonymous_id": 1, "user_id": 2}),
    ],
)
def test_an_id_of_either_kind(
    workspace: Workspace, write: Write, known: list[tuple[str, str]], wanted: dict[str, int]
) -> None:
    for identity in known:
        write(identity)
    outcome = write(("either", "x"))
    assert {kind: owner(workspace, kind, "x") for kind in wanted} == wanted
    assert outcome.number == max(wanted.values())


def test_someone_is_anonymous_until_identified(workspace: Workspace, write: Write) -> None:
    write(("someone", "x"), set={"plan": "pro"})
    assert owner(workspace, "anonymous_id", "x") == 1
    assert write(user("x"), ("someone", "x")).number == 1
    assert person(workspace, 1).data == {"plan": "pro", "user_id": "x"}


@pytest.mark.parametrize("first", ["a", "b"])
def test_an_alias_joins_both_ways(workspace: Workspace, write: Write, first: str) -> None:
    write(("someone", "a"))
    write(user("b"))
    second = "b" if first == "a" else "a"
    outcome = write(("someone", first), ("someone", second), merge="explicit")
    assert (outcome.number, outcome.merged) == (2, [1])


def test_a_public_key_is_not_known_by_email(workspace: Workspace, write: Write) -> None:
    write(("email", "ann@example.com"), origin=TRUSTED)
    outcome = write(anon("a1"), ("email", "ann@example.com"))
    assert outcome.number == 2
    suggestion = MergeSuggestion.objects.of(workspace).get()
    assert (suggestion.a, suggestion.b, suggestion.reason) == (1, 2, "same email")
    assert write(("email", "ann@example.com")).error == "a user_id or an anonymous_id is needed"
    assert write(("email", "ann@example.com"), origin=TRUSTED).number == 1


def test_channel_identities_merge_for_trusted_origins(workspace: Workspace, write: Write) -> None:
    write(("telegram", "1"), origin=TRUSTED)
    write(("whatsapp", "4915112345678"), origin=TRUSTED)
    outcome = write(("whatsapp", "+4915112345678"), ("telegram", "1"), origin=TRUSTED)
    assert (outcome.number, outcome.merged) == (1, [2])


def test_errors_leave_nothing(workspace: Workspace, write: Write) -> None:
    assert write().error == "a user_id or an anonymous_id is needed"
    assert write(user("x" * 513)).error == "the user id has 513 characters, at most 512 are allowed"
    assert write(user("u1"), create=False).error == "nobody is known by these identities"
    assert write(number=7).error == "there is no person 7"
    assert not Person.objects.of(workspace).exists()
    assert not Change.objects.of(workspace).exists()


def test_a_bad_identity_beside_a_good_one_is_rejected(workspace: Workspace, write: Write) -> None:
    outcome = write(user("u1"), anon("x" * 513))
    assert outcome.number == 1
    assert [rejection.key for rejection in outcome.rejected] == ["anonymous_id"]


def test_a_number_of_a_merged_person_means_the_survivor(workspace: Workspace, write: Write) -> None:
    for name in ("u1", "u2", "u3"):
        write(user(name))
    write(user("u2"), user("u3"), merge="explicit", origin=TRUSTED)
    write(user("u1"), user("u2"), merge="explicit", origin=TRUSTED)
    assert write(number=3, set={"plan": "pro"}, origin=TRUSTED).number == 1


def test_an_identity_given_up_is_free_at_once(workspace: Workspace) -> None:
    outcomes = apply_edits(
        workspace,
        [
            PersonEdit([user("u1")], set={"email": "old@example.com"}),
            PersonEdit([user("u1")], set={"email": "new@example.com"}),
            PersonEdit([user("u2")], set={"email": "old@example.com"}),
            PersonEdit([("email", "OLD@example.com")], set={"plan": "pro"}),
        ],
    )
    assert [outcome.number for outcome in outcomes] == [1, 1, 2, 2]
    assert not MergeSuggestion.objects.of(workspace).exists()
    assert owner(workspace, "email", "new@example.com") == 1


def test_an_email_of_somebody_else_stays_a_value(workspace: Workspace, write: Write) -> None:
    write(user("u1"), set={"email": "ann@example.com"})
    write(user("u2"), set={"email": "Ann@Example.com"})
    assert person(workspace, 2).data["email"] == "Ann@Example.com"
    assert owner(workspace, "email", "ann@example.com") == 1
    assert MergeSuggestion.objects.of(workspace).get().reason == "same email"


def test_a_user_id_of_somebody_else_is_rejected(workspace: Workspace, write: Write) -> None:
    write(user("u1"))
    write(user("u2"))
    outcome = write(number=2, set={"user_id": "u1"}, origin=TRUSTED)
    assert [rejection.reason for rejection in outcome.rejected] == ["person 1 has this user id"]
    assert person(workspace, 2).data["user_id"] == "u2"


def test_numbers_are_never_reused(workspace: Workspace, write: Write) -> None:
    write(anon("a1"))
    write(user("u1"))
    write(user("u1"), anon("a1"))
    assert write(user("u2")).number == 3


def test_workspaces_share_nothing(workspace: Workspace, write: Write) -> None:
    other = Workspace.objects.create(slug="other", name="Other")
    write(user("u1"), set={"email": "ann@example.com"})
    (outcome,) = apply_edits(other, [PersonEdit([user("u1")], set={"plan": "pro"})], origin=PUBLIC)
    assert (outcome.number, outcome.created) == (1, True)
    assert person(other, 1).data == {"user_id": "u1", "plan": "pro"}
    assert changes.head(other) == 2
    assert Identity.objects.of(other).count() == 1


def test_the_journal_keeps_both_people(workspace: Workspace, write: Write) -> None:
    write(anon("a1"), set={"city": "Berlin"})
    write(user("u1"), set={"city": "Paris"})
    write(user("u1"), anon("a1"))
    record = MergeRecord.objects.of(workspace).get()
    assert (record.survivor, record.merged) == (2, 1)
    assert record.snapshot["merged"]["data"] == {"city": "Berlin"}
    assert record.snapshot["merged"]["identities"] == [["anonymous_id", "a1"]]
    assert record.snapshot["survivor"]["data"] == {"user_id": "u1", "city": "Paris"}


def pool_edit(number: int) -> dict[str, Any]:
    return {"identities": [user(f"u{number}")], "set": {"n": number}}


def test_a_batch_is_larger_than_any_parameter_limit(workspace: Workspace) -> None:
    count = 3000
    outcomes = apply_edits(workspace, [PersonEdit(**pool_edit(number)) for number in range(count)])
    assert [outcome.number for outcome in outcomes] == list(range(1, count + 1))
    again = apply_edits(workspace, [PersonEdit(**pool_edit(number)) for number in range(count)])
    assert not any(outcome.changed_keys for outcome in again)
    assert changes.head(workspace) == 2
