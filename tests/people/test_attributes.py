"""Attributes: their definition, their type, rejected values tried again."""

from collections.abc import Callable
from typing import Any

import pytest

from coterie.accounts.models import AuditEntry, Workspace
from coterie.filters.fields import BUILTIN_FIELDS, FieldType
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.people import actions, attributes, changes, queries
from coterie.people.actions import Outcome, PersonEdit, apply_edits
from coterie.people.models import Attribute, Person, RejectedValue
from tests.people.conftest import TRUSTED, person, user

pytestmark = pytest.mark.server
Write = Callable[..., Outcome]


def values(workspace: Workspace, key: str) -> dict[int, Any]:
    rows = Person.objects.of(workspace).order_by("number")
    return {row.number: row.data[key] for row in rows if key in row.data}


def last_definition(workspace: Workspace) -> dict[str, Any]:
    change = [row for row in changes.read(workspace, 0, 100) if row.kind == "definition"][-1]
    (row,) = changes.body_of(change)["attributes"]
    return dict(row)


def test_it_works(workspace: Workspace) -> None:
    row = actions.create_attribute(workspace, key=" plan ", type=FieldType.TEXT, label="Plan", protected=True)
    assert (row.key, row.type, row.label, row.protected) == ("plan", "text", "Plan", True)
    assert last_definition(workspace) == {"id": row.pk, "key": "plan", "type": "text", "what": "created"}
    assert AuditEntry.objects.of(workspace).get().action == "attribute.created"
    assert queries.catalogue(workspace).field("plan").label == "Plan"


@pytest.mark.parametrize("key", ["", "a\0b", "x" * 201, "email", "default_city", "userId", "address.city"])
def test_keys_that_can_not_be_used(workspace: Workspace, key: str) -> None:
    with pytest.raises(InvalidInput):
        actions.create_attribute(workspace, key=key, type=FieldType.TEXT)
    assert not Attribute.objects.of(workspace).exists()


def test_one_attribute_per_key(workspace: Workspace) -> None:
    actions.create_attribute(workspace, key="plan", type=FieldType.TEXT)
    with pytest.raises(Conflict):
        actions.create_attribute(workspace, key="plan", type=FieldType.TEXT)


def test_a_deleted_attribute_takes_no_values_and_comes_back_with_its_own(workspace: Workspace, write: Write) -> None:
    write(user("u1"), set={"plan": "pro"})
    row = Attribute.objects.of(workspace).get()
    actions.delete_attribute(workspace, row.pk)
    assert last_definition(workspace)["what"] == "deleted"
    assert "plan" not in queries.catalogue(workspace).fields
    outcome = write(user("u1"), set={"plan": "free"}, origin=TRUSTED)
    assert "deleted" in outcome.rejected[0].reason
    with pytest.raises(NotFound):
        actions.update_attribute(workspace, row.pk, label="Plan")
    with pytest.raises(Conflict):
        actions.create_attribute(workspace, key="plan", type=FieldType.NUMBER)
    assert actions.create_attribute(workspace, key="plan", type=FieldType.TEXT).pk == row.pk
    assert last_definition(workspace)["what"] == "restored"
    assert values(workspace, "plan") == {1: "pro"}


def test_update(workspace: Workspace) -> None:
    row = actions.create_attribute(workspace, key="plan", type=FieldType.TEXT)
    row = actions.update_attribute(workspace, row.pk, label="Plan", visible=False, protected=True, position=9)
    assert (row.label, row.visible, row.protected, row.position) == ("Plan", False, True, 9)
    head = changes.head(workspace)
    actions.update_attribute(workspace, row.pk, label="Plan")
    assert changes.head(workspace) == head
    with pytest.raises(NotFound):
        actions.update_attribute(workspace, row.pk + 1, label="x")


def test_another_workspace_has_no_such_attribute(workspace: Workspace) -> None:
    other = Workspace.objects.create(slug="other", name="Other")
    row = actions.create_attribute(workspace, key="plan", type=FieldType.TEXT)
    for call in (
        lambda: actions.delete_attribute(other, row.pk),
        lambda: actions.update_attribute(other, row.pk, label="x"),
        lambda: actions.change_attribute_type(other, row.pk, FieldType.NUMBER, dry_run=False),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_change_of_type_is_rehearsed(workspace: Workspace, write: Write) -> None:
    for number, value in enumerate(["5", "many", "7.5"]):
        write(user(f"u{number}"), set={"orders": value})
    row = Attribute.objects.of(workspace).get()
    head = changes.head(workspace)
    report = actions.change_attribute_type(workspace, row.pk, FieldType.NUMBER, dry_run=True)
    assert (report.values, report.converted, report.rejected) == (3, 2, 1)
    why = {"reason": "expected a number, got 'many'", "code": "no_number", "details": {"value": "'many'"}}
    assert report.samples == [{"number": 2, "value": "many", **why}]
    assert changes.head(workspace) == head
    assert values(workspace, "orders") == {1: "5", 2: "many", 3: "7.5"}


def test_a_change_of_type(workspace: Workspace, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "CHUNK", 2)
    for number, value in enumerate(["5", "many", "7.5", "x"]):
        write(user(f"u{number}"), set={"orders": value})
    row = Attribute.objects.of(workspace).get()
    before = changes.head(workspace)
    report = actions.change_attribute_type(workspace, row.pk, FieldType.NUMBER, dry_run=False, origin=TRUSTED)
    assert (report.values, report.converted, report.rejected) == (4, 2, 2)
    row.refresh_from_db()
    assert row.type == "number"
    assert values(workspace, "orders") == {1: 5, 3: 7.5}
    assert person(workspace, 1).origins["orders"][0] == "tracking"
    kept = {rejected.number: rejected.raw for rejected in RejectedValue.objects.of(workspace)}
    assert kept == {2: "many", 4: "x"}
    kinds = [change.kind for change in changes.read(workspace, before, 10)]
    assert kinds == ["definition", "people", "people"]
    # Run again, as after a crash: nothing more to do.
    head = changes.head(workspace)
    actions.change_attribute_type(workspace, row.pk, FieldType.NUMBER, dry_run=False, origin=TRUSTED)
    assert [change.kind for change in changes.read(workspace, head, 10)] == ["definition"]
    assert actions.reapply_rejected(workspace, "orders").rejected == 2
    actions.change_attribute_type(workspace, row.pk, FieldType.TEXT, dry_run=False, origin=TRUSTED)
    assert actions.reapply_rejected(workspace, "orders").taken == 2
    assert values(workspace, "orders") == {1: "5", 2: "many", 3: "7.5", 4: "x"}
    assert not RejectedValue.objects.of(workspace).exists()


@pytest.mark.parametrize("start", list(FieldType))
@pytest.mark.parametrize("end", list(FieldType))
def test_every_change_of_type_can_be_run_again(workspace: Workspace, start: FieldType, end: FieldType) -> None:
    samples: dict[FieldType, list[Any]] = {
        FieldType.TEXT: ["a", "5", "true", "2026-01-31", "2026-01-31T09:00Z"],
        FieldType.NUMBER: [5, 0.5, 1_700_000_000],
        FieldType.BOOLEAN: [True, False],
        FieldType.DATETIME: ["2026-01-31T09:00Z"],
        FieldType.DATE: ["2026-01-31"],
        FieldType.LIST: [["a", "b"], ["5"]],
    }
    row = actions.create_attribute(workspace, key="x", type=start)
    edits = [PersonEdit([user(str(place))], set={"x": value}) for place, value in enumerate(samples[start])]
    apply_edits(workspace, edits)
    report = actions.change_attribute_type(workspace, row.pk, end, dry_run=False)
    assert report.values == report.converted + report.rejected == len(edits)
    once = values(workspace, "x")
    assert len(once) == report.converted
    actions.change_attribute_type(workspace, row.pk, end, dry_run=False)
    assert values(workspace, "x") == once


def test_protected_values_can_be_taken_by_hand(workspace: Workspace, write: Write) -> None:
    actions.create_attribute(workspace, key="credit", type=FieldType.NUMBER, protected=True)
    write(user("u1"), set={"credit": 5})
    assert values(workspace, "credit") == {}
    assert actions.reapply_rejected(workspace, "credit", origin=TRUSTED).taken == 1
    assert values(workspace, "credit") == {1: 5}


def test_only_fields_are_tried_again(workspace: Workspace, write: Write) -> None:
    write(user("u1"), set={"x\0y": 1})
    with pytest.raises(NotFound):
        actions.reapply_rejected(workspace, "x\ufffdy")


def test_built_in_fields_are_shown_as_wished(workspace: Workspace) -> None:
    actions.create_attribute(workspace, key="plan", type=FieldType.TEXT)
    names = [row.field.name for row in queries.shown_fields(workspace)]
    assert names == [*BUILTIN_FIELDS, "plan"]
    actions.set_field(workspace, "city", label="Town", position=0)
    actions.set_field(workspace, "city", visible=False)
    first = queries.shown_fields(workspace)[0]
    shown = {row.field.name: row for row in queries.shown_fields(workspace)}
    assert {first.field.name, queries.shown_fields(workspace)[1].field.name} == {"city", "name"}
    assert (shown["city"].field.label, shown["city"].visible) == ("Town", False)
    assert queries.catalogue(workspace).field("city").label == "Town"
    actions.set_field(workspace, "city", label="")
    assert queries.catalogue(workspace).field("city").label == "City"
    with pytest.raises(NotFound):
        actions.set_field(workspace, "plan", label="x")
