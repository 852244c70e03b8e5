"""The order of fields set as a whole, and seeing what would become of rejected values."""

from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.filters.fields import FieldType
from coterie.people import actions, changes, queries
from coterie.people.actions import PersonEdit, apply_edits
from coterie.people.models import RejectedValue
from tests.people.conftest import TRUSTED
from tests.support.lookup import attribute_ids
from tests.support.world import World

pytestmark = pytest.mark.server
FIELDS = "/workspaces/acme/fields"


def names(world: World) -> list[str]:
    return [row["name"] for row in world.api("vera").get(FIELDS).json()]


def test_it_works(world: World) -> None:
    for key in ("plan", "orders"):
        actions.create_attribute(world.acme, key=key, type=FieldType.TEXT)
    before = names(world)
    body = {"fields": [{"name": "orders", "label": "Orders"}, {"name": "city", "visible": False}, {"name": "name"}]}
    answer = world.api("ada").put(f"{FIELDS}/order", body)
    assert answer.status_code == 200, answer.content
    rest = [name for name in before if name not in ("orders", "city", "name")]
    assert names(world) == ["orders", "city", "name", *rest]
    assert answer.json()[0]["label"] == "Orders"
    shown = [row["name"] for row in world.api("vera").get(f"{FIELDS}/order").json()]
    assert shown == ["orders", "name", *rest]
    # One more comes last; a place given alone still counts.
    actions.create_attribute(world.acme, key="late", type=FieldType.TEXT)
    assert names(world)[-1] == "late"
    plan = next(row["attribute"] for row in answer.json() if row["name"] == "plan")
    world.api("ada").patch(f"/workspaces/acme/attributes/{plan}", {"position": 0})
    assert names(world)[:2] in (["orders", "plan"], ["plan", "orders"])


def test_a_label_of_ones_own_is_told_from_the_built_in_one(world: World) -> None:
    def told() -> tuple[str, bool]:
        row = next(row for row in world.api("vera").get(FIELDS).json() if row["name"] == "city")
        return row["label"], row["renamed"]

    assert told() == ("City", False)
    world.api("ada").patch(f"{FIELDS}/city", {"label": "Town"})
    assert told() == ("Town", True)
    world.api("ada").patch(f"{FIELDS}/city", {"label": ""})
    assert told() == ("City", False)


@pytest.mark.parametrize(
    ("fields", "code"),
    [([{"name": "nothing"}], "unknown_field"), ([{"name": "city"}, {"name": "city"}], "field_twice")],
)
def test_a_wrong_order_changes_nothing(world: World, fields: list[dict[str, Any]], code: str) -> None:
    before = names(world)
    answer = world.api("ada").put(f"{FIELDS}/order", {"fields": [{"name": "email", "visible": False}, *fields]})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert names(world) == before
    assert all(row.visible for row in queries.shown_fields(world.acme))


def test_a_dry_run_tells_and_changes_nothing(workspace: Workspace) -> None:
    actions.create_attribute(workspace, key="orders", type=FieldType.NUMBER)
    edits = [PersonEdit(identities=[("user_id", f"u{i}")], set={"orders": raw}) for i, raw in enumerate(["x", "three"])]
    apply_edits(workspace, edits, origin=TRUSTED)
    attribute = attribute_ids(workspace)["orders"]
    actions.change_attribute_type(workspace, attribute, FieldType.TEXT, dry_run=False)
    head = changes.head(workspace)
    with changes.noting() as noted:
        seen = actions.reapply_rejected(workspace, "orders", dry_run=True, origin=TRUSTED)
    assert (seen.taken, seen.rejected, seen.unseen, noted) == (2, 0, 0, {})
    assert (changes.head(workspace), RejectedValue.objects.of(workspace).count()) == (head, 2)
    assert actions.reapply_rejected(workspace, "orders", origin=TRUSTED).taken == 2
    assert not RejectedValue.objects.of(workspace).exists()
