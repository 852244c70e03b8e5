"""Attributes that take only some values: what may be said of each type, and what becomes of values that do not fit."""

from collections.abc import Callable
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.filters.fields import FieldType
from coterie.kit.errors import InvalidInput
from coterie.people import actions, attributes
from coterie.people.actions import Outcome
from coterie.people.allowed import Allowed
from coterie.people.models import Attribute, RejectedValue
from tests.people.conftest import TRUSTED, person, user

pytestmark = pytest.mark.server
Write = Callable[..., Outcome]


def limited(workspace: Workspace, type: FieldType, **said: Any) -> Attribute:
    return actions.create_attribute(workspace, key="x", type=type, limits=Allowed(**said))


@pytest.mark.parametrize(
    ("type", "said", "good", "bad", "reason"),
    [
        (FieldType.TEXT, {"choices": ("free", "Größer")}, ["free", "FREE", "größer"], ["gold"], "one of free, Größer"),
        (FieldType.TEXT, {"max_length": 3}, ["abc", " abc "], ["abcd"], "at most 3 characters, got 4"),
        (FieldType.LIST, {"choices": ("a", "b")}, [["a"], ["b", "A"]], [["a", "c"]], "got 'c'"),
        (FieldType.NUMBER, {"at_least": 0, "at_most": 10}, [0, 10, "5.5"], [-1, 11, "10.1"], "expected at"),
        (FieldType.NUMBER, {"whole": True}, [5, "5.0", -3], [5.5], "a whole number, got 5.5"),
        (FieldType.DATE, {"at_least": "2000-01-01"}, ["2000-01-01"], ["1999-12-31"], "at least 2000-01-01"),
        (
            FieldType.DATETIME,
            {"at_most": "2026-01-31T10:00:00+01:00"},
            ["2026-01-31T09:00:00Z"],
            ["2026-01-31T09:00:00.001Z"],
            "at most 2026-01-31T09:00:00.000Z",
        ),
    ],
    ids=str,
)
def test_values_that_fit_are_taken_and_others_kept_with_the_reason(
    workspace: Workspace,
    write: Write,
    type: FieldType,
    said: dict[str, Any],
    good: list[Any],
    bad: list[Any],
    reason: str,
) -> None:
    limited(workspace, type, **said)
    for place, value in enumerate(good):
        assert write(user(f"g{place}"), set={"x": value}).rejected == []
    for place, value in enumerate(bad):
        outcome = write(user(f"b{place}"), set={"x": value})
        assert "x" not in person(workspace, outcome.number or 0).data
        assert reason in outcome.rejected[0].reason
    assert RejectedValue.objects.of(workspace).count() == len(bad)


@pytest.mark.parametrize(
    ("type", "said", "field"),
    [
        (FieldType.NUMBER, {"choices": ("1",)}, "choices"),
        (FieldType.TEXT, {"at_least": 1}, "at_least"),
        (FieldType.DATE, {"whole": True}, "whole"),
        (FieldType.BOOLEAN, {"max_length": 1}, "max_length"),
        (FieldType.NUMBER, {"at_least": "much"}, "at_least"),
        (FieldType.DATE, {"at_most": ""}, "at_most"),
        (FieldType.NUMBER, {"at_least": 5, "at_most": 4}, "at_most"),
    ],
    ids=str,
)
def test_what_can_not_be_said_of_a_type(
    workspace: Workspace, type: FieldType, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as wrong:
        limited(workspace, type, **said)
    assert (wrong.value.details["field"], wrong.value.details["reason"]["code"]) == (f"allowed.{field}", "limit")
    assert not Attribute.objects.of(workspace).exists()


def test_present_values_stay_and_empty_ones_clear(workspace: Workspace, write: Write) -> None:
    row = limited(workspace, FieldType.TEXT)
    number = write(user("u"), set={"x": "gold"}).number or 0
    actions.update_attribute(workspace, row.pk, limits=Allowed(choices=("free",)))
    assert person(workspace, number).data["x"] == "gold"
    # An SDK repeats all traits every time: what is there already is no new value.
    assert write(user("u"), set={"x": "gold"}).rejected == []
    assert write(user("u"), set={"x": None}).rejected == []
    assert "x" not in person(workspace, number).data
    assert write(user("u"), set={"x": "gold"}).rejected != []


def test_kept_values_are_taken_once_the_limit_is_gone(workspace: Workspace, write: Write) -> None:
    row = limited(workspace, FieldType.NUMBER, at_most=10)
    number = write(user("u"), set={"x": 11}).number or 0
    actions.update_attribute(workspace, row.pk, label="Still limited")
    assert attributes.reapply_rejected(workspace, "x", origin=TRUSTED).rejected == 1
    actions.update_attribute(workspace, row.pk, limits=Allowed())
    assert attributes.reapply_rejected(workspace, "x", origin=TRUSTED).taken == 1
    assert person(workspace, number).data["x"] == 11


def test_another_type_keeps_what_can_be_said_of_it(workspace: Workspace) -> None:
    row = limited(workspace, FieldType.TEXT, choices=("a",), max_length=5)
    attributes.change_attribute_type(workspace, row.pk, FieldType.LIST, dry_run=False)
    row.refresh_from_db()
    assert row.allowed == {"choices": ["a"]}
    attributes.change_attribute_type(workspace, row.pk, FieldType.NUMBER, dry_run=False)
    row.refresh_from_db()
    assert row.allowed == {}
