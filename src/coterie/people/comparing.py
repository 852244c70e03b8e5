"""Two people side by side, and what a merge would make of them: found out by merging them in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from coterie.accounts.models import Workspace
from coterie.kit.errors import InvalidInput, NotFound
from coterie.people.batch import Batch
from coterie.people.edits import Origin, Outcome
from coterie.people.kin import all_numbers
from coterie.people.merging import SETTLED, merge
from coterie.people.models import Identity, Note, WorkspaceLog
from coterie.people.queries import shown_fields
from coterie.people.state import PersonState

Takes = Literal["same", "survivor", "merged", "both"]


@dataclass(frozen=True)
class Compared:
    """One field of two people: value and origin [kind, ref, at in ms] of each, and what would stay.

    `takes` says whose value that is; it can be chosen otherwise where the field is `choosable`.
    """

    field: str
    label: str
    survivor: Any
    survivor_origin: list[Any] | None
    merged: Any
    merged_origin: list[Any] | None
    result: Any
    takes: Takes
    choosable: bool


@dataclass(frozen=True)
class Comparison:
    """Who would survive, field by field what would stay, and what else each of the two has."""

    survivor: int
    merged: int
    fields: list[Compared]
    identities: list[Identity]
    notes: dict[int, int]


def compare_people(workspace: Workspace, one: int, two: int) -> Comparison:
    """What merging two people would come to, as things stand now; nothing is written.

    NotFound when one of them is not there, InvalidInput when they are one person already.
    """
    with connection.cursor() as cursor:
        log = WorkspaceLog.objects.filter(workspace=workspace).first() or WorkspaceLog(workspace=workspace)
        batch = Batch(workspace, cursor, log)
        first, second = _live(batch, one), _live(batch, two)
        if first is second:
            raise InvalidInput("These two are one person already.", code="same_person")
        survivor = merge(batch, first, second, Origin("agent", at=batch.now_ms), Outcome())
        snapshot = batch.merges[-1][3]
    mine, theirs = snapshot["survivor"], snapshot["merged"]
    labels = {row.field.name: row.field.label for row in shown_fields(workspace)}
    keys = [key for key in labels if key in mine["data"] or key in theirs["data"]]
    # Attributes that are deleted keep their values, and merging moves them; nobody is asked about them.
    fields = [_compared(key, labels[key], mine, theirs, survivor.data.get(key)) for key in keys]
    pair = [int(mine["number"]), int(theirs["number"])]
    rows = Identity.objects.of(workspace).filter(number__in=pair).order_by("kind", "value")
    return Comparison(pair[0], pair[1], fields, list(rows), {number: _notes(workspace, number) for number in pair})


def _live(batch: Batch, number: int) -> PersonState:
    person = batch.live(number)
    if person is None:
        raise NotFound(f"There is no person {number}.", code="person_not_found")
    return person


def _compared(key: str, label: str, mine: dict[str, Any], theirs: dict[str, Any], result: Any) -> Compared:
    one, two = mine["data"].get(key), theirs["data"].get(key)
    takes: Takes = "both"
    if one == two:
        takes = "same"
    elif result == one:
        takes = "survivor"
    elif result == two:
        takes = "merged"
    choosable = key not in SETTLED and one != two
    return Compared(
        key, label, one, mine["origins"].get(key), two, theirs["origins"].get(key), result, takes, choosable
    )


def _notes(workspace: Workspace, number: int) -> int:
    numbers = all_numbers(workspace, [number])
    return Note.objects.of(workspace).filter(number__in=numbers, deleted_at=None).count()
