"""Undoing a merge: both people exactly as they were when nothing changed, and newer edits kept when something did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coterie.accounts.models import AuditEntry, Workspace
from coterie.filters.fields import FieldType
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.people import actions, changes
from coterie.people.actions import Origin, PersonEdit, apply_edits
from coterie.people.comparing import compare_people
from coterie.people.models import (
    Identity,
    MergeRecord,
    MergeSuggestion,
    Note,
    Person,
    RejectedValue,
    SuggestionState,
)
from coterie.people.queries import get_person
from tests.people.conftest import TRUSTED, owner, person
from tests.people.test_merging import TIMES, VALUES, two

pytestmark = pytest.mark.server


def latest(workspace: Workspace) -> int:
    """The id of the newest merge."""
    return MergeRecord.objects.of(workspace).latest("pk").pk


def everything(workspace: Workspace) -> dict[str, Any]:
    """All that is stored of people, but for when it was written."""
    people = Person.objects.of(workspace).order_by("number")
    identities = Identity.objects.of(workspace).order_by("kind", "value")
    rejected = RejectedValue.objects.of(workspace).order_by("number", "key")
    return {
        "people": list(people.values("number", "state", "merged_into", "data", "origins", "created_at")),
        "identities": list(identities.values("pk", "kind", "value", "number", "created_at", "origin")),
        "rejected": list(rejected.values("number", "key", "value", "reason", "code", "details", "at", "origin")),
        "notes": list(Note.objects.of(workspace).order_by("pk").values("number", "text")),
    }


def test_it_works(workspace: Workspace) -> None:
    two(workspace, {"plan": "pro", "city": "Bonn"}, {"plan": "free", "team": "red"}, add_tags=["x"])
    Note.objects.create(workspace=workspace, number=2, text="of two", by="cli")
    before = everything(workspace)
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    assert get_person(workspace, 2).number == 1
    done = actions.unmerge_people(workspace, latest(workspace), origin=TRUSTED)
    assert (done.survivor, done.merged, done.conflicts, done.held) == (1, 2, [], [])
    assert everything(workspace) == before
    assert get_person(workspace, 2).number == 2
    entry = AuditEntry.objects.of(workspace).filter(action="person.unmerged").get()
    assert (entry.target, entry.details) == ("person:2", {"survivor": 1, "conflicts": []})
    with pytest.raises(Conflict, match="undone already"):
        actions.unmerge_people(workspace, latest(workspace))
    with pytest.raises(NotFound):
        actions.unmerge_people(workspace, 10**9)


def test_the_rejected_value_of_a_merge_from_before_reasons_had_codes_comes_back(workspace: Workspace) -> None:
    two(workspace, {"plan": "pro"}, {"ip": "x"})
    before = everything(workspace)
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    record = MergeRecord.objects.of(workspace).get()
    for picture in (record.snapshot["merged"], record.snapshot):
        picture["rejected"] = {key: row[:4] for key, row in picture["rejected"].items()}
    record.save()
    actions.unmerge_people(workspace, latest(workspace))
    [row] = everything(workspace)["rejected"]
    assert (row["reason"], row["code"], row["details"]) == ("this is not an IP address", "", "{}")
    assert {**row, "code": "no_ip"} == before["rejected"][0]


def test_the_log_names_both_before_their_values(workspace: Workspace) -> None:
    two(workspace, {"plan": "pro"}, {"plan": "free"})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    head = changes.head(workspace)
    actions.unmerge_people(workspace, latest(workspace))
    first, second = [changes.body_of(row) for row in changes.read(workspace, head, 10)]
    assert first == {"unmerged": [[2, 1]]}
    assert sorted(second["people"]) == [[1, "unmerge", "2"], [2, "unmerge", "1"]]


@given(one=VALUES, other=VALUES, early=TIMES, late=TIMES, rejected=st.booleans(), public=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(one={"user_id": "u1"}, other={"banned": True, "plan": "x"}, early=1, late=2, rejected=True, public=True)
@example(one={"plan": "free"}, other={"plan": "pro"}, early=1, late=1, rejected=True, public=False)
def test_merged_and_undone_both_are_as_they_were(
    workspace: Workspace,
    one: dict[str, Any],
    other: dict[str, Any],
    early: int,
    late: int,
    rejected: bool,  # hypothesis gives it
    public: bool,  # hypothesis gives it
) -> None:
    space = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W")
    actions.create_attribute(space, key="orders", type=FieldType.NUMBER)
    actions.create_attribute(space, key="credit", type=FieldType.NUMBER, protected=True)
    seed = [
        PersonEdit([("anonymous_id", "1")], set=one, origin=Origin("api", "", early), add_tags=["both", "One"]),
        PersonEdit([("anonymous_id", "2")], set=other, origin=Origin("api", "", late), add_tags=["BOTH", "two"]),
        PersonEdit([("anonymous_id", "2")], set={"created_at": "2019-01-01", "credit": 3}, origin=TRUSTED),
    ]
    apply_edits(space, seed)
    if rejected:
        apply_edits(space, [PersonEdit([("anonymous_id", each)], set={"orders": f"n{each}"}) for each in "12"])
    before = everything(space)
    if public and not ("user_id" in one and "user_id" in other):
        keys = [("anonymous_id", "1"), ("anonymous_id", "2")]
        apply_edits(space, [PersonEdit(keys, origin=Origin("tracking", "key"))])
    elif Person.objects.of(space).filter(state="active").count() == 2:
        actions.merge_people(space, 1, 2, origin=TRUSTED)
    if not MergeRecord.objects.of(space).exists():
        return
    done = actions.unmerge_people(space, latest(space))
    assert (done.conflicts, done.held) == ([], [])
    assert everything(space) == before


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "set": st.fixed_dictionaries(
            {},
            optional={
                "plan": st.sampled_from(["free", "pro", "own"]),
                "team": st.just("blue"),
                "email": st.just("z@example.com"),
                "banned": st.booleans(),
            },
        ),
        "add_tags": st.lists(st.sampled_from(["new", "a"]), max_size=2),
        "clear": st.lists(st.sampled_from(["plan", "last_seen"]), max_size=1),
    },
)


@given(one=VALUES, other=VALUES, edit=EDITS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_newer_edits_stay_and_what_cannot_be_told_is_listed(
    workspace: Workspace, one: dict[str, Any], other: dict[str, Any], edit: dict[str, Any]
) -> None:
    space = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W")
    apply_edits(
        space,
        [
            PersonEdit([("telegram", "1")], set=one, origin=Origin("api", "", 1)),
            PersonEdit([("telegram", "2")], set=other, origin=Origin("api", "", 2)),
        ],
    )
    if Person.objects.of(space).filter(state="active").count() < 2:
        return
    was = {number: person(space, number).data for number in (1, 2)}
    survivor = actions.merge_people(space, 1, 2, origin=TRUSTED)
    merged = 3 - survivor
    made = person(space, survivor).data
    apply_edits(space, [PersonEdit(number=survivor, origin=TRUSTED, **edit)])
    now = person(space, survivor).data
    done = actions.unmerge_people(space, latest(space))
    after = person(space, survivor).data
    # The other one has exactly what they had; an identity that the edit gave up is theirs again.
    assert person(space, merged).data == was[merged]
    assert done.held == []
    edited = {key for key in made.keys() | now.keys() if made.get(key) != now.get(key)}
    for key in made.keys() | now.keys() | after.keys():
        if key == "tags":
            continue
        wanted = now if key in edited else was[survivor]
        assert after.get(key) == wanted.get(key), (key, edited)
    tags = lower(after.get("tags", ()))
    assert lower(edit.get("add_tags", ())) - lower(made.get("tags", ())) <= tags
    assert not tags & (lower(was[merged].get("tags", ())) - lower(was[survivor].get("tags", ())))
    expected = {
        key
        for key in edited
        if key in was[merged] and made.get(key) != was[survivor].get(key) and key not in ("first_seen", "last_seen")
    }
    assert {each.field for each in done.conflicts} == expected


def lower(tags: Iterable[str]) -> set[str]:
    """Tags that differ only in case are one."""
    return {tag.lower() for tag in tags}


def test_conflicts_tell_all_three(workspace: Workspace) -> None:
    two(workspace, {"plan": "old", "city": "Bonn"}, {"plan": "new"})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    actions.update_person(workspace, 2, values={"plan": "own", "city": "Berlin"})
    done = actions.unmerge_people(workspace, latest(workspace))
    (conflict,) = done.conflicts
    assert vars(conflict) == {"field": "plan", "now": "own", "survivor": "old", "merged": "new"}
    assert person(workspace, 1).data == {"plan": "own", "city": "Berlin", "channels": ["telegram"]}
    assert person(workspace, 2).data == {"plan": "new", "channels": ["telegram"]}


def test_identities_of_meanwhile(workspace: Workspace) -> None:
    """One that came since stays; one that was given up comes back; one that somebody else has is told."""
    two(workspace, {"email": "a@x.de"}, {"email": "b@x.de", "phone": "+4915112345678"})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    apply_edits(workspace, [PersonEdit([("webchat", "new")], number=1)])
    actions.update_person(workspace, 1, values={"email": "c@x.de", "phone": "+4915112345679"})
    apply_edits(workspace, [PersonEdit([("email", "b@x.de")])])
    assert owner(workspace, "email", "b@x.de") == 3
    done = actions.unmerge_people(workspace, latest(workspace))
    assert [vars(each) for each in done.held] == [{"kind": "email", "value": "b@x.de", "holder": 3}]
    assert owner(workspace, "webchat", "new") == 1
    assert owner(workspace, "email", "c@x.de") == 1
    assert owner(workspace, "email", "a@x.de") == 1
    assert owner(workspace, "telegram", "2") == 2
    assert owner(workspace, "phone", "+4915112345678") == 2
    assert owner(workspace, "phone", "+4915112345679") == 1
    assert person(workspace, 2).data["email"] == "b@x.de"


def three(workspace: Workspace) -> tuple[int, int]:
    """1, 2 and 3, of whom 2 and then 3 were merged into 1; the ids of both merges."""
    edits = [
        PersonEdit([("telegram", str(i))], set={"plan": f"p{i}"}, add_tags=[f"t{i}"], origin=Origin("api", "", i))
        for i in (1, 2, 3)
    ]
    apply_edits(workspace, edits)
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    first = latest(workspace)
    actions.merge_people(workspace, 1, 3, origin=TRUSTED)
    return first, latest(workspace)


@pytest.mark.parametrize("turned", [False, True])
def test_two_merges_undone_in_any_order(workspace: Workspace, turned: bool) -> None:  # parametrized
    first, second = three(workspace)
    for merge in (first, second) if turned else (second, first):
        actions.unmerge_people(workspace, merge)
    data = [person(workspace, number).data for number in (1, 2, 3)]
    assert [each["tags"] for each in data] == [["t1"], ["t2"], ["t3"]]
    assert [each["plan"] for each in data] == ["p1", "p2", "p3"]
    assert [owner(workspace, "telegram", str(i)) for i in (1, 2, 3)] == [1, 2, 3]


def test_a_chain_is_undone_from_its_end(workspace: Workspace) -> None:
    two(workspace, {"plan": "a"}, {"plan": "b"})
    apply_edits(workspace, [PersonEdit([("user_id", "u")], set={"plan": "c"})])
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    first = latest(workspace)
    assert actions.merge_people(workspace, 1, 3, origin=TRUSTED) == 3
    with pytest.raises(Conflict, match="merged into person 3 since"):
        actions.unmerge_people(workspace, first)
    actions.unmerge_people(workspace, latest(workspace))
    assert (get_person(workspace, 2).number, get_person(workspace, 1).number) == (1, 1)
    actions.unmerge_people(workspace, first)
    assert [person(workspace, number).data["plan"] for number in (1, 2, 3)] == ["a", "b", "c"]


def test_a_survivor_who_was_deleted(workspace: Workspace) -> None:
    two(workspace, {}, {})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    merge = latest(workspace)
    actions.delete_person(workspace, 1)
    with pytest.raises(NotFound):
        actions.unmerge_people(workspace, merge)


def test_nothing_of_someone_deleted_after_an_undo_is_left(workspace: Workspace) -> None:
    two(workspace, {"plan": "a"}, {"plan": "b"})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    actions.unmerge_people(workspace, latest(workspace))
    actions.delete_person(workspace, 2)
    assert not MergeRecord.objects.of(workspace).exists()


def test_a_type_that_was_changed_since(workspace: Workspace) -> None:
    two(workspace, {"orders": "1"}, {"orders": "7", "size": "x"})
    for key in ("orders", "size"):
        assert person(workspace, 2).data[key] in ("7", "x")
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    from coterie.people.models import Attribute

    for row in Attribute.objects.of(workspace):
        actions.change_attribute_type(workspace, row.pk, FieldType.NUMBER, dry_run=False)
    actions.unmerge_people(workspace, latest(workspace))
    assert person(workspace, 2).data == {"orders": 7, "channels": ["telegram"]}
    assert RejectedValue.objects.of(workspace).filter(number=2).get().key == "size"


def test_they_are_not_suggested_again(workspace: Workspace) -> None:
    two(workspace, {"email": "a@x.de"}, {})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    actions.unmerge_people(workspace, latest(workspace))
    actions.update_person(workspace, 2, values={"email": "a@x.de"})
    row = MergeSuggestion.objects.of(workspace).get()
    assert (row.a, row.b, row.state) == (1, 2, SuggestionState.DISMISSED)


def test_choices(workspace: Workspace) -> None:
    two(workspace, {"plan": "old", "city": "Bonn", "langs": ["de"]}, {"plan": "new", "team": "red", "langs": ["fr"]})
    before = everything(workspace)
    choices = {"plan": 1, "team": 1, "city": 2, "langs": 2}
    actions.merge_people(workspace, 2, 1, choices=choices, origin=TRUSTED)
    assert person(workspace, 1).data == {"plan": "old", "langs": ["fr"], "channels": ["telegram"]}
    assert person(workspace, 1).origins["langs"] == ["api", "two", 2_000]
    actions.unmerge_people(workspace, latest(workspace))
    assert everything(workspace) == before


@pytest.mark.parametrize(
    "choices", [{"plan": 3}, {"nothing": 1}, {"banned": 1}, {"created_at": 2}, {"last_seen": 1}, {"first_seen": 1}]
)
def test_choices_that_cannot_be_made(workspace: Workspace, choices: dict[str, int]) -> None:
    two(workspace, {"plan": "old"}, {"plan": "new", "banned": True})
    with pytest.raises(InvalidInput):
        actions.merge_people(workspace, 1, 2, choices=choices)
    assert not MergeRecord.objects.of(workspace).exists()


@given(one=VALUES, other=VALUES, early=TIMES, late=TIMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_comparison_is_what_a_merge_does(
    workspace: Workspace, one: dict[str, Any], other: dict[str, Any], early: int, late: int
) -> None:
    space = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W")
    apply_edits(
        space,
        [
            PersonEdit([("telegram", "1")], set=one, origin=Origin("api", "", early)),
            PersonEdit([("telegram", "2")], set=other, origin=Origin("api", "", late)),
        ],
    )
    if Person.objects.of(space).filter(state="active").count() < 2:
        return
    before, was = everything(space), {number: person(space, number) for number in (1, 2)}
    found = compare_people(space, 2, 1)
    assert everything(space) == before
    survivor = actions.merge_people(space, 1, 2, origin=TRUSTED)
    assert (found.survivor, found.merged) == (survivor, 3 - survivor)
    assert {each.field: each.result for each in found.fields} == person(space, survivor).data
    for each in found.fields:
        assert (each.survivor, each.merged) == (
            was[found.survivor].data.get(each.field),
            was[found.merged].data.get(each.field),
        )
        assert each.survivor_origin == was[found.survivor].origins.get(each.field)
        assert each.merged_origin == was[found.merged].origins.get(each.field)
