"""Reading people: by number, by identity, in order, for the index."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from coterie.accounts.models import Workspace
from coterie.filters.errors import UnknownField
from coterie.kit import clock
from coterie.kit.errors import NotFound
from coterie.people import actions, queries
from coterie.people.actions import EventRecord, Outcome, PersonEdit, apply_edits
from coterie.people.queries import StoredPerson
from tests.people.conftest import TRUSTED, anon, user

pytestmark = pytest.mark.server
Write = Callable[..., Outcome]


def test_it_works(workspace: Workspace, write: Write) -> None:
    write(user("u1"), anon("a1"), set={"timezone": "Asia/Tokyo", "phone": "x"})
    with clock.frozen(datetime(2026, 1, 1, 12, tzinfo=UTC)):
        profile = queries.profile(workspace, 1)
    assert [(row.kind, row.value) for row in profile.identities] == [("anonymous_id", "a1"), ("user_id", "u1")]
    assert [row.key for row in profile.rejected] == ["phone"]
    assert profile.local_time is not None
    assert profile.local_time.isoformat() == "2026-01-01T21:00:00+09:00"


def test_a_merged_number_leads_to_the_survivor(workspace: Workspace, write: Write) -> None:
    for name in ("u1", "u2", "u3"):
        write(user(name))
    actions.merge_people(workspace, 2, 3)
    actions.merge_people(workspace, 1, 2)
    assert queries.get_person(workspace, 3).number == 1
    assert queries.profile(workspace, 3).merged == [2]
    actions.delete_person(workspace, 1)
    for number in (1, 2, 3, 4):
        with pytest.raises(NotFound):
            queries.get_person(workspace, number)


def test_people_by_numbers_keep_the_order(workspace: Workspace, write: Write) -> None:
    for name in ("u1", "u2", "u3", "u4"):
        write(user(name))
    actions.delete_person(workspace, 2)
    found = queries.people_by_numbers(workspace, [4, 2, 1, 99, 3])
    assert [person.number for person in found] == [4, 1, 3]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ann@example.com", [1]),
        ("ANN@Example.com", [1]),
        ("ann", [1, 2]),
        ("0151 12345678", [3]),
        ("+4915112345678", [3]),
        ("user-7", [2]),
        ("2", [2]),
        ("#3", [3]),
        ("nobody", []),
        ("  ", []),
        ("%", []),
        ("9" * 30, []),
        ("Ünal", [4]),
    ],
)
def test_find_people(workspace: Workspace, write: Write, text: str, numbers: list[int]) -> None:
    write(anon("a1"), set={"email": "Ann@example.com"})
    write(user("user-7"), set={"email": "anna@example.com"})
    write(anon("a3"), set={"phone": "+4915112345678"})
    write(user("Ünal"))
    assert [person.number for person in queries.find_people(workspace, text)] == numbers


def test_rows_for_the_index(workspace: Workspace) -> None:
    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)) as now:
        at = clock.to_ms(now.at)
        edits = [PersonEdit([anon("a1")]), PersonEdit([user("u1")], set={"city": "Bonn"}), PersonEdit([user("u2")])]
        apply_edits(workspace, edits)
    apply_edits(workspace, [PersonEdit([user("u1"), anon("a1")])])
    actions.delete_person(workspace, 3)
    everyone = [
        StoredPerson(1, 2, "merged", 2, {}, at),
        StoredPerson(2, 2, "active", None, {"city": "Bonn", "user_id": "u1"}, at),
        StoredPerson(3, 3, "deleted", None, {}, at),
    ]
    assert sorted(queries.states(workspace, [1, 2, 3, 99])) == everyone
    assert queries.iterate_people(workspace, 0, 2) == everyone[:2]
    assert queries.iterate_people(workspace, 2, 2) == everyone[2:]
    assert queries.iterate_people(workspace, 3, 2) == []


def test_catalogue(workspace: Workspace, write: Write) -> None:
    write(user("u1"), set={"plan": "pro", "a.b": 1}, events=[EventRecord("buy", 1, "m", properties={"amount": 1})])
    catalogue = queries.catalogue(workspace)
    assert catalogue.field("a.b").type == "number"
    assert catalogue.field("userId").name == "user_id"
    with pytest.raises(UnknownField):
        catalogue.field("plans")
    assert [row.name for row in queries.event_names(workspace)] == ["buy"]
    assert [(row.name, row.type) for row in queries.event_properties(workspace)] == [("amount", "number")]


def test_rejected_values(workspace: Workspace, write: Write) -> None:
    for name in ("u1", "u2"):
        write(user(name), set={"ip": "x", "email": "y" if name == "u1" else None})
    assert queries.rejected_counts(workspace) == [("ip", 2), ("email", 1)]
    first, *_ = page = queries.rejected_page(workspace, key=None, after=0, limit=2)
    assert len(page) == 2
    assert len(queries.rejected_page(workspace, key=None, after=page[-1].pk, limit=2)) == 1
    assert [row.number for row in queries.rejected_page(workspace, key="ip", after=0, limit=9)] == [1, 2]
    assert first.raw in ("x", "y")


def test_deleting_leaves_nothing(workspace: Workspace, write: Write) -> None:
    write(anon("needle-a"), set={"city": "needle-b"})
    write(user("needle-c"), set={"email": "needle-d@example.com", "ip": "needle-e"})
    write(user("needle-c"), anon("needle-a"))
    write(user("u9"), set={"email": "needle-d@example.com"})
    actions.delete_person(workspace, 2, origin=TRUSTED)
    assert needles(workspace) == ["people_person"]
    actions.delete_person(workspace, 3, origin=TRUSTED)
    assert needles(workspace) == []
    assert write(user("needle-c")).number == 4


def needles(workspace: Workspace) -> list[str]:
    """The tables of people in which a planted value still stands; the change log is pruned by whoever follows it."""
    from django.apps import apps

    found = []
    for model in apps.get_app_config("people").get_models():
        rows = list(model._default_manager.filter(workspace=workspace).values())  # type: ignore[attr-defined]
        if any("needle" in repr(row) for row in rows):
            found.append(model._meta.db_table)
    return sorted(found)
