"""The order in which a workspace shows all fields, built-in ones and attributes mixed, set as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import Workspace
from coterie.kit.errors import InvalidInput
from coterie.people import attributes, changes, queries
from coterie.people.models import FieldSetting


@dataclass(frozen=True)
class Placed:
    """A field at its place: what is None stays; an empty label is the field's own again."""

    name: str
    visible: bool | None = None
    label: str | None = None


@transaction.atomic
def set_order(workspace: Workspace, placed: Sequence[Placed], *, actor: Actor = audit.SYSTEM) -> None:
    """Show the fields in this order; those that are not named follow in the order they have.

    InvalidInput for a field that is not there and for one that is named twice; then nothing is written.
    """
    changes.lock(workspace)
    shown = {row.field.name: row for row in queries.shown_fields(workspace)}
    names = [each.name for each in placed]
    unknown = sorted(set(names) - set(shown))
    twice = sorted({name for name in names if names.count(name) > 1})
    if unknown:
        raise InvalidInput(f"There is no field {unknown[0]!r}.", code="unknown_field", details={"field": "fields"})
    if twice:
        raise InvalidInput(f"The field {twice[0]!r} is named twice.", code="field_twice", details={"field": "fields"})
    for each in placed:
        if each.visible is None and each.label is None:
            continue
        attribute = shown[each.name].attribute
        if attribute is None:
            attributes.set_field(workspace, each.name, label=each.label, visible=each.visible)
        else:
            attributes.update_attribute(workspace, attribute.pk, label=each.label, visible=each.visible, actor=actor)
    order = [*names, *(name for name in shown if name not in set(names))]
    FieldSetting.objects.of(workspace).bulk_create(
        [FieldSetting(workspace=workspace, field=name, position=place) for place, name in enumerate(order)],
        update_conflicts=True,
        unique_fields=["workspace", "field"],
        update_fields=["position"],
    )
