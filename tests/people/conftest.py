"""A workspace in Berlin, and short ways to write and to look."""

from collections.abc import Callable
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.people.actions import Origin, Outcome, PersonEdit, apply_edits
from coterie.people.models import Identity, Person

PUBLIC = Origin("tracking", "key_public")
TRUSTED = Origin("api", "key_secret")


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(slug="acme", name="Acme", timezone="Europe/Berlin")


@pytest.fixture
def write(workspace: Workspace) -> Callable[..., Outcome]:
    """Applies one edit; from a public write key unless told otherwise."""

    def one(*identities: tuple[str, str], origin: Origin = PUBLIC, **more: Any) -> Outcome:
        (outcome,) = apply_edits(workspace, [PersonEdit(identities=identities, origin=origin, **more)])
        return outcome

    return one


def person(workspace: Workspace, number: int) -> Person:
    return Person.objects.of(workspace).get(number=number)


def owner(workspace: Workspace, kind: str, value: str) -> int | None:
    """The number of whoever has an identity."""
    return Identity.objects.of(workspace).filter(kind=kind, value=value).values_list("number", flat=True).first()


def user(value: str) -> tuple[str, str]:
    return "user_id", value


def anon(value: str) -> tuple[str, str]:
    return "anonymous_id", value
