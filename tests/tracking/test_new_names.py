"""A public key can name anything, so the number of attributes and of names of events has an end; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from coterie.filters.fields import FieldType
from coterie.people.actions import Origin, PersonEdit, apply_edits, create_attribute
from coterie.people.models import Attribute, EventName, RejectedValue
from coterie.tracking import quarantine
from coterie.tracking.drain import Drained
from coterie.tracking.models import Quarantine, QuarantineState
from tests.support.tracked import events_of, people_of
from tests.support.world import World
from tests.tracking.test_drain import accept, track

pytestmark = [pytest.mark.django_db, pytest.mark.server]
DrainAll = Callable[..., list[Drained]]
QUALITY = "/workspaces/acme/attributes/rejected"


def refused(kind: str) -> float:
    return REGISTRY.get_sample_value("coterie_refused_names_total", {"kind": kind}) or 0.0


def identify(traits: dict[str, Any], *, user: str = "u1") -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": traits}


@pytest.fixture(autouse=True)
def limits(settings: Any) -> Any:
    settings.COTERIE_TRACKING_ATTRIBUTES = 3
    settings.COTERIE_TRACKING_EVENT_NAMES = 2
    return settings


def attributes(world: World) -> list[str]:
    rows = Attribute.objects.of(world.acme).filter(deleted_at=None)
    return sorted(rows.values_list("key", flat=True))


def test_it_works(world: World, drain_all: DrainAll) -> None:
    before = refused("attribute")
    create_attribute(world.acme, key="own", type=FieldType.TEXT)
    accept(world.write_key, {"batch": [identify({"a": 1, "own": "x"}), identify({"b": 2, "c": 3, "name": "Ann"})]})
    accept(world.write_key, {"batch": [identify({"d": [4], "a": 5}, user="u2")]})
    drain_all(world.acme)
    assert attributes(world) == ["a", "b", "own"]
    one, two = people_of(world.acme)
    assert (one["name"], one["own"], one["a"], one["b"], two["a"]) == ("Ann", "x", 1, 2, 5)
    page = world.api("vera").get(QUALITY).json()
    assert [(row["number"], row["key"], row["value"]) for row in page["values"]] == [(1, "c", 3), (2, "d", [4])]
    assert "the workspace has 3 attributes or more" in page["values"][0]["reason"]
    assert refused("attribute") - before == 2


def test_a_value_counts_as_soon_as_its_attribute_was_made(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [identify({"a": 1, "b": 2, "c": 3, "d": 4})]})
    drain_all(world.acme)
    key = RejectedValue.objects.of(world.acme).get().key
    path = "/workspaces/acme/attributes"
    assert world.api("ada").post(path, {"key": key, "type": "number"}).status_code == 201
    assert world.api("ada").post(f"{path}/rejected/reapply", {"key": key}).json()["taken"] == 1
    assert {people_of(world.acme)[0][name] for name in "abcd"} == {1, 2, 3, 4}


def test_a_secret_key_is_limited_alike_and_insiders_are_not(world: World, drain_all: DrainAll) -> None:
    accept(world.secret_key, {"batch": [identify({"a": 1, "b": 2, "c": 3, "d": 4})]})
    drain_all(world.acme)
    assert len(attributes(world)) == 3
    edit = PersonEdit([("user_id", "u9")], set={"x1": 1, "x2": 2}, origin=Origin("import", "imp"))
    apply_edits(world.acme, [edit])
    assert len(attributes(world)) == 5


def test_a_name_too_many_sets_the_event_aside(world: World, drain_all: DrainAll, limits: Any) -> None:
    before = refused("event")
    batch = [track("One"), track("Two", user="u2"), track("Three", user="u3", id="third"), track("One", user="u3")]
    accept(world.write_key, {"batch": batch})
    accept(world.write_key, {"batch": [track("Two", id="second"), track("Four", id="fourth")]})
    first, *_ = drain_all(world.acme)
    assert (first.accepted, first.quarantined) == (4, 2)
    assert sorted(EventName.objects.of(world.acme).values_list("name", flat=True)) == ["One", "Two"]
    rows = Quarantine.objects.of(world.acme).order_by("id")
    assert [(row.message_id, row.code) for row in rows] == [
        ("third", "too_many_event_names"),
        ("fourth", "too_many_event_names"),
    ]
    shown = world.api("vera").get("/workspaces/acme/tracking/quarantine").json()
    assert shown["open"] == 2
    assert shown["events"][0]["reason"] == "the workspace has 2 names of events: 'Four' would be one more"
    assert refused("event") - before == 2
    limits.COTERIE_TRACKING_EVENT_NAMES = 3
    quarantine.replay(world.acme, rows[0].public_id)
    drain_all(world.acme)
    assert "Three" in {event.name for event in events_of(world.acme)}
    assert Quarantine.objects.of(world.acme).filter(state=QuarantineState.OPEN).count() == 1


def test_another_workspace_has_its_own_names(world: World) -> None:
    for workspace in (world.acme, world.other):
        edit = PersonEdit([("user_id", "u")], set={"a": 1, "b": 1, "c": 1}, origin=Origin("tracking", "k"))
        (outcome,) = apply_edits(workspace, [edit])
        assert outcome.rejected == []
