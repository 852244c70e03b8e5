"""Finding rows by the names that tests know them by."""

from __future__ import annotations

from coterie.accounts.models import Workspace
from coterie.people import identities, lookups
from coterie.people.models import Attribute, Identity, Person


def find_by_identity(workspace: Workspace, kind: str, value: str) -> Person | None:
    """The person who has an identity, None when nobody has it."""
    kept = identities.normalise(kind, value, lookups.country_of_zone(workspace.timezone))
    held = Identity.objects.of(workspace).filter(kind=kind, value=kept).first()
    return None if held is None else Person.objects.of(workspace).get(number=held.number)


def attribute_ids(workspace: Workspace) -> dict[str, int]:
    """Ids by key of the attributes that are not deleted."""
    return dict(Attribute.objects.of(workspace).filter(deleted_at=None).values_list("key", "id"))
