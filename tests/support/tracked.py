"""What tracking has left in the database: people, events, ids; read without the rooms' own queries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import orjson

from coterie.accounts.models import Workspace
from coterie.people.models import Change, EventName, EventProperty, Identity, Person


@dataclass(frozen=True)
class Event:
    """One event of the change log, with its names put back."""

    number: int
    name: str
    time_ms: int
    received_ms: int
    message_id: str
    kind: str
    source: str
    properties: dict[str, Any]


def events_of(workspace: Workspace) -> list[Event]:
    """Every event of the workspace's change log, in order."""
    names = {row.pk: row.name for row in EventName.objects.of(workspace)}
    properties = {str(row.pk): row.name for row in EventProperty.objects.of(workspace)}
    found = []
    for change in Change.objects.of(workspace).order_by("seq"):
        for number, name, time, received, message_id, kind, source, values in orjson.loads(change.body).get(
            "events", ()
        ):
            named = {properties[key]: value for key, value in json.loads(values).items()}
            found.append(Event(number, names[name], time, received, message_id, kind, source, named))
    return found


def people_of(workspace: Workspace) -> list[dict[str, Any]]:
    """The data of every active person, oldest first."""
    return [row.data for row in Person.objects.of(workspace).filter(state="active").order_by("number")]


def person_by(workspace: Workspace, kind: str, value: str) -> int | None:
    """The number of the person who has an identity."""
    return Identity.objects.of(workspace).filter(kind=kind, value=value).values_list("number", flat=True).first()
