"""The routes of merging: suggestions, previews, choices, the journal and undoing, as callers of each role see them."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.accounts.models import AuditEntry, Workspace
from coterie.kit.reasons import Reason
from coterie.people import actions
from coterie.people.actions import Origin, PersonEdit, apply_edits
from coterie.people.models import Note
from coterie.people.suggestions import Alike, propose
from tests.people.conftest import person
from tests.support.world import World

WHY = Reason("same_name", "the same name")

pytestmark = [pytest.mark.django_db, pytest.mark.server]

BASE = "/workspaces/acme"


@pytest.fixture
def acme(world: World) -> Workspace:
    """Four people: 1 and 2 share an email, 3 has a note, 4 an event's worth of nothing."""
    workspace: Workspace = world.acme
    sets: list[dict[str, Any]] = [
        {"name": "Ada", "email": "ada@x.de", "city": "Bonn"},
        {"name": "Ada L.", "email": "ada@x.de", "city": "Berlin", "gender": "female"},
        {"name": "Bea", "country": "Italy"},
        {"name": "Bee", "country": "Italy"},
    ]
    edits = [
        PersonEdit([("telegram", str(i))], set=values, add_tags=[f"t{i}"], origin=Origin("api", f"k{i}", i * 1_000))
        for i, values in enumerate(sets, 1)
    ]
    apply_edits(workspace, edits)
    Note.objects.create(workspace=workspace, number=2, text="of two", by="cli")
    return workspace


def call(world: World, who: str, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
    answer = world.api(who).call(method, BASE + path, body)
    assert answer.status_code == expect, (answer.status_code, answer.content)
    return answer.json()


def test_it_works(world: World, acme: Workspace) -> None:
    """From a suggestion through the preview to a merge with a choice, and back."""
    (seen,) = call(world, "bob", "GET", "/people/merge-suggestions")["items"]
    assert [each["number"] for each in seen["people"]] == [1, 2]
    assert (seen["people"][1]["name"], seen["score"], seen["reason"], seen["code"]) == (
        "Ada L.",
        100,
        "same email",
        "same_email",
    )
    preview = call(world, "bob", "POST", "/people/2/merge/preview", {"other": 1})
    assert (preview["survivor"]["number"], preview["merged"]["number"]) == (1, 2)
    assert (preview["survivor"]["notes"], preview["merged"]["notes"]) == (0, 1)
    assert [row["kind"] for row in preview["merged"]["identities"]] == ["telegram"]
    fields = {row["field"]: row for row in preview["fields"]}
    city = fields["city"]
    assert (city["survivor"]["value"], city["merged"]["value"], city["result"]) == ("Bonn", "Berlin", "Berlin")
    assert (city["takes"], city["choosable"], city["label"]) == ("merged", True, "City")
    assert city["survivor"]["origin"] == {"kind": "api", "ref": "k1", "at": "1970-01-01T00:00:01.000Z"}
    assert (fields["email"]["takes"], fields["email"]["choosable"]) == ("same", False)
    assert (fields["gender"]["survivor"], fields["gender"]["takes"]) == (None, "merged")
    assert (fields["tags"]["takes"], fields["tags"]["result"]) == ("both", ["t1", "t2"])
    merged = call(world, "bob", "POST", "/people/2/merge", {"other": 1, "choices": {"city": 1, "gender": 1}})
    assert (merged["number"], merged["merged"]) == (1, 2)
    known = {"email": "ada@x.de", "city": "Bonn", "channels": ["telegram"]}
    assert person(acme, 1).data == known | {"name": "Ada L.", "tags": ["t1", "t2"]}
    assert call(world, "bob", "GET", "/people/merge-suggestions")["items"] == []
    assert [note["text"] for note in call(world, "bob", "GET", "/people/1/notes")["items"]] == ["of two"]
    (row,) = call(world, "vera", "GET", "/merges?person=2")["items"]
    assert (row["id"], row["survivor"], row["merged"], row["undoable"]) == (merged["merge"], 1, 2, True)
    assert (row["survivor_name"], row["merged_name"], row["origin"]) == ("Ada", "Ada L.", "agent")
    actions.update_person(acme, 1, values={"name": "Countess"})
    done = call(world, "bob", "POST", f"/merges/{merged['merge']}/unmerge")
    assert done["conflicts"] == [{"field": "name", "now": "Countess", "survivor": "Ada", "merged": "Ada L."}]
    assert person(acme, 1).data == known | {"name": "Countess", "tags": ["t1"]}
    assert person(acme, 2).data["gender"] == "female"
    assert [note["text"] for note in call(world, "bob", "GET", "/people/2/notes")["items"]] == ["of two"]
    (row,) = call(world, "bob", "GET", "/merges")["items"]
    assert (row["undoable"], row["why_not"]["code"]) == (False, "undone_before")
    again = call(world, "bob", "POST", f"/merges/{merged['merge']}/unmerge", expect=409)
    assert again["code"] == "merge_not_undoable"
    kinds = AuditEntry.objects.of(acme).values_list("action", flat=True)
    assert {"person.merged", "person.unmerged"} <= set(kinds)


def test_told_apart(world: World, acme: Workspace) -> None:
    (seen,) = call(world, "bob", "GET", "/people/merge-suggestions?person=2")["items"]
    assert call(world, "bob", "GET", "/people/merge-suggestions?person=3")["items"] == []
    path = f"/people/merge-suggestions/{seen['id']}"
    assert call(world, "bob", "POST", f"{path}/dismiss")["state"] == "dismissed"
    assert call(world, "bob", "GET", "/people/merge-suggestions")["items"] == []
    actions.update_person(acme, 2, values={"email": "other@x.de"})
    actions.update_person(acme, 2, values={"email": "ada@x.de"})
    assert call(world, "bob", "GET", "/people/merge-suggestions")["items"] == []
    (row,) = call(world, "bob", "GET", "/people/merge-suggestions?state=dismissed")["items"]
    assert row["id"] == seen["id"]
    assert call(world, "bob", "POST", f"{path}/reopen")["state"] == "open"
    assert len(call(world, "bob", "GET", "/people/merge-suggestions")["items"]) == 1
    actions.merge_people(acme, 1, 2)
    assert call(world, "bob", "POST", f"{path}/dismiss", expect=409)["code"] == "suggestion_merged"
    entries = AuditEntry.objects.of(acme).filter(action__startswith="merge_suggestion")
    assert list(entries.order_by("number").values_list("action", flat=True)) == [
        "merge_suggestion.dismissed",
        "merge_suggestion.reopened",
    ]


def test_told_apart_they_stay_apart_when_one_is_merged(world: World, acme: Workspace) -> None:
    """2, who shares an email with 1, becomes one with 3; that they share it comes up with every event."""
    (seen,) = call(world, "bob", "GET", "/people/merge-suggestions")["items"]
    call(world, "bob", "POST", f"/people/merge-suggestions/{seen['id']}/dismiss")
    apply_edits(acme, [PersonEdit([("user_id", "bea")], number=3)])
    assert actions.merge_people(acme, 2, 3) == 3
    apply_edits(acme, [PersonEdit(number=3, set={"email": "x@x.de"}), PersonEdit(number=3, set={"email": "ada@x.de"})])
    assert call(world, "bob", "GET", "/people/merge-suggestions")["items"] == []
    actions.update_person(acme, 4, values={"email": "ada@x.de"})
    assert len(call(world, "bob", "GET", "/people/merge-suggestions")["items"]) == 1


def test_pages_of_suggestions(world: World, acme: Workspace) -> None:
    made = [Alike(1, 3, 90, WHY), Alike(1, 4, 95, WHY), Alike(3, 4, 95, WHY), Alike(2, 3, 88, WHY)]
    assert propose(acme, made) == 4
    assert propose(acme, made) == 0
    seen, cursor = [], ""
    while cursor is not None:
        page = call(world, "vera", "GET", f"/people/merge-suggestions?limit=2{cursor}")
        seen += [(row["score"], [each["number"] for each in row["people"]]) for row in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None  # type: ignore[assignment]
    assert seen == [(100, [1, 2]), (95, [1, 4]), (95, [3, 4]), (90, [1, 3]), (88, [2, 3])]
    # Of those who are not there nothing is shown.
    actions.delete_person(acme, 3)
    actions.merge_people(acme, 1, 4)
    left = call(world, "vera", "GET", "/people/merge-suggestions")["items"]
    assert [[each["number"] for each in row["people"]] for row in left] == [[1, 2]]


def test_pages_of_the_journal(world: World, acme: Workspace) -> None:
    for other in (2, 3, 4):
        actions.merge_people(acme, 1, other)
    page = call(world, "bob", "GET", "/merges?limit=2")
    rest = call(world, "bob", "GET", f"/merges?limit=2&cursor={page['next']}")
    assert [row["merged"] for row in page["items"] + rest["items"]] == [4, 3, 2]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "body", "code", "status"),
    [
        ("/people/1/merge", {"other": 1}, "same_person", 400),
        ("/people/1/merge", {"other": 77}, "person_not_found", 404),
        ("/people/77/merge", {"other": 1}, "person_not_found", 404),
        ("/people/1/merge", {"other": 2, "choices": {"nothing": 1}}, "unknown_field", 400),
        ("/people/1/merge", {"other": 2, "choices": {"city": 3}}, "invalid", 400),
        ("/people/1/merge", {"other": 2, "choices": {"banned": 1}}, "invalid", 400),
        ("/people/1/merge/preview", {"other": 1}, "same_person", 400),
        ("/people/1/merge/preview", {"other": 77}, "person_not_found", 404),
        ("/merges/77/unmerge", None, "merge_not_found", 404),
        ("/people/merge-suggestions/77/dismiss", None, "suggestion_not_found", 404),
    ],
)
def test_errors(world: World, acme: Workspace, path: str, body: Any, code: str, status: int) -> None:
    answer = call(world, "bob", "POST", path, body, expect=status)
    assert code in (answer["code"], "invalid")


def test_viewers_look_and_change_nothing(world: World, acme: Workspace) -> None:
    call(world, "vera", "POST", "/people/1/merge/preview", {"other": 2})
    call(world, "vera", "POST", "/people/1/merge", {"other": 2}, expect=403)
    call(world, "vera", "POST", "/people/merge-suggestions/find", expect=403)
    call(world, "vera", "POST", "/merges/1/unmerge", expect=403)


def test_the_answer_of_an_old_number_is_the_survivor(world: World, acme: Workspace) -> None:
    actions.merge_people(acme, 1, 2)
    seen = call(world, "vera", "GET", "/people/2")
    assert (seen["number"], seen["merged"]) == (1, [2])
    # A preview or a merge by the old number is about the survivor too.
    assert call(world, "vera", "POST", "/people/3/merge/preview", {"other": 2})["survivor"]["number"] == 1
    assert call(world, "bob", "POST", "/people/2/merge", {"other": 3, "choices": {"name": 2}})["merged"] == 3
    assert person(acme, 1).data["name"] == "Ada L."
