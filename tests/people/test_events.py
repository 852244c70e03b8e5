"""Events on their way into the change log."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.accounts.models import Workspace
from coterie.kit import clock
from coterie.people import changes
from coterie.people.actions import EventRecord, Outcome, PersonEdit, apply_edits
from coterie.people.events import clean_properties
from coterie.people.models import EventName, EventProperty
from tests.people.conftest import TRUSTED, anon, user

Write = Callable[..., Outcome]


def rows(workspace: Workspace) -> list[list[Any]]:
    """All events of the log, with names for ids."""
    names = dict(EventName.objects.of(workspace).values_list("id", "name"))
    properties = {str(id): name for id, name in EventProperty.objects.of(workspace).values_list("id", "name")}
    found = []
    for change in changes.read(workspace, 0, 100):
        for number, name, *middle, text in changes.body_of(change).get("events", []):
            values = {properties[id]: value for id, value in orjson.loads(text).items()}
            found.append([number, names[name], *middle, values])
    return found


@pytest.mark.server
def test_it_works(workspace: Workspace, write: Write) -> None:
    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)) as now:
        write(user("u1"), events=[EventRecord("buy", 1000, "m1", properties={"amount": 5}, source="web")])
        received = clock.to_ms(now.at)
    assert rows(workspace) == [[1, "buy", 1000, received, "m1", "track", "web", {"amount": 5}]]


@pytest.mark.server
def test_an_edit_that_changes_nothing_still_counts_its_event(workspace: Workspace, write: Write) -> None:
    write(user("u1"))
    before = changes.head(workspace)
    write(user("u1"), events=[EventRecord("buy", 1000, "m1", received_ms=2000)])
    (change,) = changes.read(workspace, before, 10)
    assert changes.body_of(change)["people"] == []
    assert rows(workspace) == [[1, "buy", 1000, 2000, "m1", "track", "", {}]]


@pytest.mark.server
def test_names_are_counted(workspace: Workspace) -> None:
    day = 86_400_000
    events = [EventRecord(" buy ", at * day, f"m{at}") for at in (3, 1, 2)]
    for event in events:
        apply_edits(workspace, [PersonEdit([user("u1")], events=[event, EventRecord("see", day, "s")])])
    apply_edits(workspace, [PersonEdit([user("u1")], events=events)])
    row = EventName.objects.of(workspace).get(name="buy")
    assert row.count == 6
    assert (row.first_seen, row.last_seen) == (datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 1, 4, tzinfo=UTC))
    assert EventName.objects.of(workspace).get(name="see").count == 3


@pytest.mark.server
def test_the_type_of_a_property_is_that_of_its_last_value(workspace: Workspace, write: Write) -> None:
    for value, kind in ((5, "number"), ("five", "text"), (True, "boolean"), ("2026-01-31T09:00Z", "datetime")):
        write(user("u1"), events=[EventRecord("buy", 1, "m", properties={"amount": value})])
        assert EventProperty.objects.of(workspace).get().type == kind


@pytest.mark.server
def test_events_of_a_merged_person_count_for_the_survivor(workspace: Workspace) -> None:
    apply_edits(
        workspace,
        [
            PersonEdit([anon("a1")], events=[EventRecord("see", 1, "m1")]),
            PersonEdit([user("u1")]),
            PersonEdit([user("u1"), anon("a1")]),
        ],
    )
    assert [row[0] for row in rows(workspace)] == [2]


@pytest.mark.server
def test_nobody_known_means_no_event(workspace: Workspace, write: Write) -> None:
    write(user("u1"), create=False, events=[EventRecord("buy", 1, "m")], origin=TRUSTED)
    assert rows(workspace) == []
    assert not EventName.objects.of(workspace).exists()


@pytest.mark.server
@pytest.mark.parametrize("name", ["a.b", '"', "x\0y", "", "n" * 300, "\ud800", "買う"])
def test_hostile_names(workspace: Workspace, write: Write, name: str) -> None:
    write(user("u1"), events=[EventRecord(name, 10**15, "m", properties={name: name or 1, "at": 1})])
    ((_, kept, *_, properties),) = rows(workspace)
    assert 1 <= len(kept) <= 200
    assert "at" in properties


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"a": " x ", "b": "", "c": None, "d": "  ", "e": [], "f": {}}, {"a": "x"}),
        ({"a": 1, "b": 1.5, "c": True, "d": 2**62}, {"a": 1, "b": 1.5, "c": True, "d": 2**62}),
        ({"a": 2**64, "b": math.nan, "c": math.inf}, {"a": str(2**64)}),
        ({"a": {"b": {"c": 1}}}, {"a.b.c": 1}),
        ({"a": {"b": {"c": {"d": 1}}}}, {"a.b.c": '{"d":1}'}),
        ({"a": ["x", 1, " ", "x"]}, {"a": ["x", "1"]}),
        ({"a": [{"b": 1}]}, {"a": '[{"b":1}]'}),
        ({"a": "e\u0301"}, {"a": "\u00e9"}),
        ({"a": "x\ud800y"}, {"a": "x?y"}),
        ({" a ": 1}, {"a": 1}),
    ],
)
def test_properties(sent: dict[str, Any], kept: dict[str, Any]) -> None:
    assert clean_properties(sent) == kept


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(), max_size=5), JSON, max_size=4))
def test_whatever_is_sent_can_be_written(sent: dict[str, Any]) -> None:
    kept = clean_properties(sent)
    orjson.dumps(kept)
    assert clean_properties(kept) == kept
