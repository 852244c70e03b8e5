"""Merging two people: who survives, what stays, what moves."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coterie.accounts.models import AuditEntry, Workspace
from coterie.filters.fields import FieldType
from coterie.kit import clock
from coterie.kit.errors import InvalidInput, NotFound
from coterie.people import actions, changes
from coterie.people.actions import Origin, Outcome, PersonEdit, apply_edits
from coterie.people.models import Identity, Person, RejectedValue
from tests.people.conftest import TRUSTED, anon, person, user

pytestmark = pytest.mark.server
Write = Callable[..., Outcome]


def two(workspace: Workspace, one: dict[str, Any], other: dict[str, Any], **more: Any) -> None:
    """Persons 1 and 2 with these values, the second one's written later."""
    edits = [
        PersonEdit([("telegram", "1")], set=one, origin=Origin("api", "one", 1_000), **more),
        PersonEdit([("telegram", "2")], set=other, origin=Origin("api", "two", 2_000), **more),
    ]
    apply_edits(workspace, edits)


def test_it_works(workspace: Workspace) -> None:
    two(workspace, {"plan": "pro", "city": "Bonn"}, {"plan": "free", "team": "red"})
    assert actions.merge_people(workspace, 2, 1, origin=TRUSTED) == 1
    assert person(workspace, 1).data == {"plan": "free", "city": "Bonn", "team": "red", "channels": ["telegram"]}
    assert person(workspace, 1).origins["plan"] == ["api", "two", 2_000]
    assert Identity.objects.of(workspace).filter(number=1).count() == 2
    assert AuditEntry.objects.of(workspace).get().target == "person:1"


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ({"langs": ["de", "en"]}, {"langs": ["EN", "fr"]}, {"langs": ["de", "en", "fr"]}),
        ({"tags": ["vip"]}, {"tags": ["beta", "VIP"]}, {"tags": ["vip", "beta"]}),
        ({}, {"tags": ["beta"]}, {"tags": ["beta"]}),
        ({"first_seen": "2026-01-02"}, {"first_seen": "2026-01-01"}, {"first_seen": "2026-01-01T00:00:00.000Z"}),
        ({"last_seen": "2026-01-02"}, {"last_seen": "2026-01-01"}, {"last_seen": "2026-01-02T00:00:00.000Z"}),
        ({"banned": True}, {"banned": False}, {"banned": True}),
        ({}, {"banned": True}, {"banned": True}),
        ({"user_id": "u1"}, {"user_id": "u2"}, {"user_id": "u1"}),
        ({"email": "a@x.de"}, {"email": "b@x.de"}, {"email": "b@x.de"}),
    ],
)
def test_values(workspace: Workspace, one: dict[str, Any], other: dict[str, Any], merged: dict[str, Any]) -> None:
    two(workspace, one, other)
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    assert person(workspace, 1).data == merged | {"channels": ["telegram"]}


def test_the_older_value_gives_way_whoever_survives(workspace: Workspace) -> None:
    two(workspace, {"plan": "old"}, {"plan": "new", "user_id": "u2"})
    assert actions.merge_people(workspace, 1, 2, origin=TRUSTED) == 2
    assert person(workspace, 2).data["plan"] == "new"


def test_the_change_names_both(workspace: Workspace) -> None:
    two(workspace, {}, {})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    (last,) = changes.read(workspace, changes.head(workspace) - 1, 10)
    body = changes.body_of(last)
    assert body["merged"] == [[2, 1]]
    assert sorted(row[0] for row in body["people"]) == [1, 2]


def test_created_at_of_the_earlier_one(workspace: Workspace) -> None:
    two(workspace, {}, {"created_at": "2019-01-01"})
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    assert clock.iso(person(workspace, 1).created_at) == "2019-01-01T00:00:00.000Z"


def test_a_public_key_carries_no_ban_and_no_protected_value(workspace: Workspace, write: Write) -> None:
    actions.create_attribute(workspace, key="credit", type=FieldType.NUMBER, protected=True)
    write(anon("a1"), set={"banned": True, "credit": 5, "plan": "pro"}, origin=TRUSTED)
    write(user("victim"))
    outcome = write(user("victim"), anon("a1"))
    assert outcome.merged == [1]
    assert person(workspace, 2).data == {"user_id": "victim", "plan": "pro"}
    kept = {row.key: row.raw for row in RejectedValue.objects.of(workspace).filter(number=2)}
    assert kept == {"banned": True, "credit": 5}


def test_rejected_values_move(workspace: Workspace) -> None:
    two(workspace, {"n": 1, "m": 1}, {"n": 2, "m": 2})
    apply_edits(
        workspace,
        [
            PersonEdit(number=1, set={"n": "of one"}),
            PersonEdit(number=2, set={"n": "of two", "m": "of two"}),
        ],
    )
    actions.merge_people(workspace, 1, 2, origin=TRUSTED)
    rows = RejectedValue.objects.of(workspace).order_by("key").values_list("number", "key", "value")
    assert list(rows) == [(1, "m", '"of two"'), (1, "n", '"of one"')]


def test_errors(workspace: Workspace) -> None:
    two(workspace, {}, {})
    with pytest.raises(NotFound):
        actions.merge_people(workspace, 1, 7)
    with pytest.raises(InvalidInput):
        actions.merge_people(workspace, 1, 1)
    actions.merge_people(workspace, 1, 2)
    with pytest.raises(InvalidInput):
        actions.merge_people(workspace, 1, 2)
    assert AuditEntry.objects.of(workspace).count() == 1


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from(["free", "pro"]),
        "tags": st.lists(st.sampled_from(["a", "A", "b"]), max_size=3),
        "email": st.sampled_from(["x@example.com", "y@example.com"]),
        "user_id": st.sampled_from(["u1", "u2"]),
        "last_seen": st.sampled_from(["2026-01-01", "2026-01-02"]),
        "banned": st.booleans(),
    },
)
TIMES = st.integers(1, 3)


@given(one=VALUES, other=VALUES, early=TIMES, late=TIMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(one={"plan": "free"}, other={"plan": "pro"}, early=1, late=1)
def test_merging_is_symmetric(
    workspace: Workspace, one: dict[str, Any], other: dict[str, Any], early: int, late: int
) -> None:
    results = []
    for order in ((1, 2), (2, 1)):
        space = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W")
        with clock.frozen(clock.from_ms(1_000_000_000_000)):
            edits = [
                PersonEdit([("telegram", "1")], set=one, origin=Origin("api", "", early)),
                PersonEdit([("telegram", "2")], set=other, origin=Origin("api", "", late)),
            ]
            apply_edits(space, edits)
            actions.merge_people(space, *order, origin=TRUSTED)
        people = Person.objects.of(space).order_by("number").values("number", "state", "merged_into", "data", "origins")
        names = Identity.objects.of(space).order_by("kind", "value").values_list("kind", "value", "number")
        results.append((list(people), list(names)))
    assert results[0] == results[1]
