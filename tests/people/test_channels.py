"""On which channels someone is known: it follows from their identities, whatever becomes of these."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps

from coterie.people import actions
from coterie.people.actions import PersonEdit, apply_edits
from coterie.people.identities import KINDS
from coterie.people.models import MergeRecord, Person
from tests.audience.conftest import make_workspace, workspace
from tests.people.conftest import PUBLIC, TRUSTED
from tests.segments.conftest import Stage, stage
from tests.support.oracle import OraclePerson, World, evaluate

__all__ = ["make_workspace", "stage", "workspace"]
pytestmark = pytest.mark.server

PEOPLE = {
    1: ["telegram:1", "webchat:a"],
    2: ["webchat:b"],
    3: ["user_id:3"],
    4: ["telegram:4", "telegram:5", "sms:+4915112345678"],
}
FILTERS = (
    ('channels has any of ("telegram", "voice")', {"op": "has_any_of", "value": ["telegram", "voice"]}),
    ('channels has all of ("Telegram", "webchat")', {"op": "has_all_of", "value": ["Telegram", "webchat"]}),
    ('channels has none of ("webchat")', {"op": "has_none_of", "value": ["webchat"]}),
    ("count of channels > 1", {"op": "count_greater", "value": 1}),
    ("channels is unknown", {"op": "is_unknown"}),
)


def names(text: list[str]) -> list[tuple[str, str]]:
    return [(kind, value) for kind, _, value in (each.partition(":") for each in text)]


@pytest.fixture
def people(stage: Stage) -> Stage:
    apply_edits(stage.workspace, [PersonEdit(names(ids), origin=TRUSTED) for ids in PEOPLE.values()])
    stage.settle()
    return stage


def channels(stage: Stage) -> dict[int, list[str]]:
    rows = Person.objects.of(stage.workspace).filter(state="active").order_by("number")
    return {row.number: row.data.get("channels", []) for row in rows}


def test_it_works(people: Stage) -> None:
    assert channels(people) == {1: ["telegram", "webchat"], 2: ["webchat"], 3: [], 4: ["sms", "telegram"]}
    world = World(0, "UTC", {"channels": "list"})
    for where, condition in FILTERS:
        meant = {"type": "field", "field": "channels", **condition}
        expected = set()
        for number, ids in PEOPLE.items():
            kinds = [kind for kind, _ in names(ids) if kind != "user_id"]
            person = OraclePerson(number, {"channels": kinds} if kinds else {})
            # The same channel twice is one channel.
            person = OraclePerson(number, {"channels": sorted(set(kinds))}) if kinds else person
            expected |= {number} if evaluate(meant, person, world) else set()
        found = people.api("vera").call("POST", "/people/count", {"where": where})["total"]
        assert found == len(expected), where


def test_merging_and_undoing_it(people: Stage) -> None:
    before = channels(people)
    actions.merge_people(people.workspace, 1, 4)
    assert channels(people)[1] == ["sms", "telegram", "webchat"]
    # A channel of both, and one that the survivor got since, stay.
    apply_edits(people.workspace, [PersonEdit([("sms", "+4915112345679")], number=1, origin=TRUSTED)])
    undone = actions.unmerge_people(people.workspace, MergeRecord.objects.of(people.workspace).get().pk)
    assert undone.conflicts == []
    assert channels(people) == before | {1: ["sms", "telegram", "webchat"]}


def test_nobody_writes_them(people: Stage) -> None:
    refused = people.api("bob").call("PATCH", "/people/3", {"set": {"channels": ["sms"]}}, expect=400)
    assert "follows from the person's identities" in refused["details"]["fields"]["channels"]
    (outcome,) = apply_edits(people.workspace, [PersonEdit(number=3, set={"channels": ["sms"]}, origin=PUBLIC)])
    assert outcome.rejected[0].key == "channels"
    assert channels(people)[3] == []


def test_testers_are_not_made_by_a_public_key(people: Stage) -> None:
    (outcome,) = apply_edits(people.workspace, [PersonEdit(number=3, set={"tester": True}, origin=PUBLIC)])
    assert outcome.rejected[0].key == "tester"
    people.api("bob").call("PATCH", "/people/3", {"set": {"tester": True}})
    people.settle()
    assert people.api("vera").call("POST", "/people/count", {"where": "tester is true"})["total"] == 1
    assert people.api("vera").call("POST", "/people/count", {"where": "tester is not true"})["total"] == 3


def test_those_from_before_the_field_get_it(people: Stage) -> None:
    before = channels(people)
    for row in Person.objects.of(people.workspace):
        row.data.pop("channels", None)
        row.save(update_fields=["data"])
    step = importlib.import_module("coterie.people.migrations.0007_channels_of_people")
    assert set(step.CHANNELS) == {kind.key for kind in KINDS.values() if kind.channel}
    step.fill(apps, None)
    assert channels(people) == before
