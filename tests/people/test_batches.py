"""A batch of edits does what the same edits do one by one: what is kept in memory agrees with what is in the tables."""

from typing import Any

import pytest
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.accounts.models import Workspace
from coterie.filters.fields import FieldType
from coterie.kit import clock
from coterie.people import actions, changes
from coterie.people.actions import EventRecord, Origin, PersonEdit, apply_edits
from coterie.people.models import (
    Attribute,
    EventName,
    Identity,
    MergeRecord,
    MergeSuggestion,
    Person,
    RejectedValue,
)

pytestmark = pytest.mark.server

IDENTITIES = st.one_of(
    st.tuples(st.just("user_id"), st.sampled_from(["u1", "u2"])),
    st.tuples(st.just("anonymous_id"), st.sampled_from(["a1", "a2", "u1"])),
    st.tuples(st.just("email"), st.sampled_from(["x@example.com", "y@example.com"])),
    st.tuples(st.just("telegram"), st.sampled_from(["1", "2"])),
    st.tuples(st.sampled_from(["either", "someone"]), st.sampled_from(["u1", "a1"])),
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["x@example.com", "Y@example.com", "bad", ""]),
        "user_id": st.sampled_from(["u1", "u3"]),
        "plan": st.sampled_from(["pro", "free", "", 5]),
        "orders": st.sampled_from([1, "2", "many", None]),
        "credit": st.sampled_from([1, 2]),
        "banned": st.booleans(),
        "firstName": st.sampled_from(["Ann", "Bea"]),
        "ip": st.sampled_from(["8.8.8.8", "2a00:1450:4001::1"]),
        "created_at": st.sampled_from(["2019-01-01", "2018-01-01"]),
    },
)
EVENTS = st.lists(
    st.builds(
        EventRecord,
        name=st.sampled_from(["buy", "see"]),
        time_ms=st.integers(0, 10**6),
        message_id=st.just("m"),
        properties=st.fixed_dictionaries({}, optional={"amount": st.sampled_from([1, "x"])}),
    ),
    max_size=2,
)
EDITS = st.builds(
    PersonEdit,
    identities=st.lists(IDENTITIES, min_size=1, max_size=3),
    set=VALUES,
    set_once=VALUES,
    clear=st.lists(st.sampled_from(["email", "plan", "credit"]), max_size=1),
    add_tags=st.lists(st.sampled_from(["a", "A", "b"]), max_size=2),
    remove_tags=st.lists(st.sampled_from(["a", "b"]), max_size=1),
    events=EVENTS,
    seen_at=st.one_of(st.none(), st.integers(0, 10**6)),
    create=st.booleans(),
    merge=st.sampled_from(["identify", "explicit"]),
    origin=st.builds(Origin, st.sampled_from(["tracking", "api"]), st.just("x"), st.integers(1, 5)),
)

LEFT_OUT = {"id", "workspace", "seq"}
COMPARED: tuple[type[Model], ...] = (
    Person,
    Identity,
    RejectedValue,
    MergeRecord,
    Attribute,
    EventName,
)


def picture(workspace: Workspace) -> dict[str, list[Any]]:
    """All rows of a workspace without ids and seqs."""
    found = {}
    for model in COMPARED:
        columns = [field.name for field in model._meta.fields if field.name not in LEFT_OUT]
        rows = model._default_manager.filter(workspace=workspace).values(*columns)  # type: ignore[attr-defined]
        found[model.__name__] = sorted(rows, key=repr)
    return found


def suggested(workspace: Workspace) -> set[tuple[int, int]]:
    """Who may be who, followed through merges; whether a suggestion came before the merge makes no difference."""
    into = dict(Person.objects.of(workspace).filter(state="merged").values_list("number", "merged_into"))
    found = set()
    for pair in MergeSuggestion.objects.of(workspace).filter(state="open").values_list("a", "b"):
        a, b = (follow(number, into) for number in pair)
        if a != b:
            found.add((min(a, b), max(a, b)))
    return found


def follow(number: int, into: dict[int, int | None]) -> int:
    while (survivor := into.get(number)) is not None:
        number = survivor
    return number


def events(workspace: Workspace) -> list[Any]:
    """The events of the log with the number of who did them, followed through merges."""
    names = dict(EventName.objects.of(workspace).values_list("id", "name"))
    into = dict(Person.objects.of(workspace).filter(state="merged").values_list("number", "merged_into"))
    found = []
    for change in changes.read(workspace, 0, 1000):
        for number, name, at, *_ in changes.body_of(change).get("events", []):
            found.append((follow(number, into), names[name], at))
    return found


@given(st.lists(EDITS, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_equals_its_edits_one_by_one(workspace: Workspace, edits: list[PersonEdit]) -> None:
    pictures = []
    for sizes in ([len(edits)], [1] * len(edits)):
        space = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W", timezone="Europe/Berlin")
        with clock.frozen(clock.from_ms(1_600_000_000_000)):
            actions.create_attribute(space, key="credit", type=FieldType.NUMBER, protected=True)
            outcomes, start = [], 0
            for size in sizes:
                outcomes += apply_edits(space, edits[start : start + size])
                start += size
        log = changes.read(space, 0, 1000)
        assert [change.seq for change in log] == list(range(1, len(log) + 1))
        pictures.append((outcomes, picture(space), {"events": events(space), "suggested": suggested(space)}))
    (outcomes, rows, more), (single_outcomes, single_rows, single_more) = pictures
    assert outcomes == single_outcomes
    for table, found in rows.items():
        assert found == single_rows[table]
    assert more == single_more


@given(st.lists(EDITS, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_always_holds(workspace: Workspace, edits: list[PersonEdit]) -> None:
    space = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W", timezone="Europe/Berlin")
    apply_edits(space, edits)
    people = {person.number: person for person in Person.objects.of(space)}
    assert sorted(people) == list(range(1, len(people) + 1))
    for identity in Identity.objects.of(space):
        assert people[identity.number].state == "active"
    for person in people.values():
        assert all(value not in (None, "", [], {}) for value in person.data.values())
        assert (person.state == "active") or not person.data
        names = set(Identity.objects.of(space).filter(number=person.number).values_list("kind", "value"))
        if "user_id" in person.data:
            assert ("user_id", person.data["user_id"]) in names
        elif person.state == "active":
            assert not [name for name in names if name[0] == "user_id"]
    for row in RejectedValue.objects.of(space):
        assert people[row.number].state == "active"
