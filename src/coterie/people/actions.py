"""Every write to people: what other rooms and the API call.

Programs and SDKs go through `apply_edits`, which keeps what it can't take as rejected values. The other actions are
for people who are waiting for an answer: they raise, and write nothing when anything is wrong.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import Workspace
from coterie.filters.errors import UnknownField
from coterie.filters.fields import nearest
from coterie.kit.errors import Conflict, InvalidInput
from coterie.kit.reasons import Reason
from coterie.people import changes, identities, lookups
from coterie.people.apply import apply_edits, preview_edits, rejected_values
from coterie.people.attributes import (
    TypeReport,
    change_attribute_type,
    create_attribute,
    delete_attribute,
    reapply_rejected,
    set_field,
    update_attribute,
)
from coterie.people.edits import SYSTEM, EventRecord, Origin, Outcome, PersonEdit, Rejection
from coterie.people.fields import canonical
from coterie.people.merging import SETTLED
from coterie.people.models import Identity, Person
from coterie.people.prepare import flat
from coterie.people.queries import get_person, shown_fields
from coterie.people.removal import delete_people, delete_person
from coterie.people.unmerging import unmerge_people

__all__ = [
    "EventRecord",
    "Origin",
    "Outcome",
    "PersonEdit",
    "Rejection",
    "TypeReport",
    "apply_edits",
    "ban_person",
    "change_attribute_type",
    "create_attribute",
    "create_person",
    "delete_attribute",
    "delete_people",
    "delete_person",
    "merge_people",
    "preview_edits",
    "reapply_rejected",
    "set_field",
    "unban_person",
    "unmerge_people",
    "update_attribute",
    "update_person",
]


def create_person(
    workspace: Workspace,
    *,
    values: Mapping[str, Any],
    names: Sequence[tuple[str, str]] = (),
    tags: Sequence[str] = (),
    origin: Origin = SYSTEM,
    actor: Actor = audit.SYSTEM,
    names_holders: bool = True,
    shared: bool = False,
) -> Outcome:
    """Make a person by hand.

    `names` are identities as (kind, value); an email, phone or user id among the values is one too. Conflict when
    somebody has one of them, with that person's number if `names_holders`; InvalidInput with `details.fields` for bad
    values. With `shared`, an email or phone that somebody has is no conflict: it is kept as a value, which
    `outcome.taken` tells.
    """
    region = lookups.country_of_zone(workspace.timezone)
    claims = [*names, *_claims(values)]
    problems: dict[str, Reason] = {}
    keys = []
    for kind, value in claims:
        try:
            keys.append((kind, identities.normalise(kind, value, region)))
        except identities.Unusable as unusable:
            problems[kind] = unusable.reason
    if problems:
        raise rejected_values("Nothing was created.", problems)
    if not keys and not values:
        raise InvalidInput("A person needs at least one value or identity.", code="empty_person")
    with transaction.atomic():
        # Under the lock, so that of two requests at once one is told about the other.
        changes.lock(workspace)
        free = []
        for kind, value in keys:
            if not (shared and kind in _SHARED and _holder(workspace, kind, value)):
                _refuse_duplicate(workspace, kind, value, names_holders=names_holders)
                free.append((kind, value))
        edit = PersonEdit(identities=free, set=values, add_tags=tags)
        (outcome,) = apply_edits(workspace, [edit], origin=origin, on_reject="refuse", names_holders=names_holders)
        assert outcome.number is not None
        _note_ban(workspace, outcome, actor)
    return outcome


# Two people may have one of these, such as a family's number; any other identity is one person's.
_SHARED = ("email", "phone")


def update_person(
    workspace: Workspace,
    number: int,
    *,
    values: Mapping[str, Any] | None = None,
    clear: Sequence[str] = (),
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
    origin: Origin = SYSTEM,
    actor: Actor = audit.SYSTEM,
    names_holders: bool = True,
) -> Outcome:
    """Change fields and tags of one person; a merged one means the survivor.

    NotFound when there is no such person. InvalidInput with `details.fields` (key to reason) when any value can't be
    taken or any field is not there; then nothing is written. A ban or its end is in the audit log. Reasons name the
    number of another person only with `names_holders`; `outcome.taken` always does.
    """
    edit = PersonEdit(
        number=number, set=values or {}, clear=clear, add_tags=add_tags, remove_tags=remove_tags, create=False
    )
    with transaction.atomic():
        (outcome,) = apply_edits(workspace, [edit], origin=origin, on_reject="refuse", names_holders=names_holders)
        _note_ban(workspace, outcome, actor)
    return outcome


def ban_person(workspace: Workspace, number: int, *, origin: Origin = SYSTEM, actor: Actor = audit.SYSTEM) -> int:
    """Ban a person: no reply and no broadcast reaches them. Returns the number, the survivor's for a merged one."""
    return _set_banned(workspace, number, banned=True, origin=origin, actor=actor)


def unban_person(workspace: Workspace, number: int, *, origin: Origin = SYSTEM, actor: Actor = audit.SYSTEM) -> int:
    """Lift a ban. Returns the number, the survivor's for a merged one."""
    return _set_banned(workspace, number, banned=False, origin=origin, actor=actor)


def _set_banned(workspace: Workspace, number: int, *, banned: bool, origin: Origin, actor: Actor) -> int:
    outcome = update_person(workspace, number, values={"banned": banned}, origin=origin, actor=actor)
    assert outcome.number is not None
    return outcome.number


def _note_ban(workspace: Workspace, outcome: Outcome, actor: Actor) -> None:
    """Put a ban, or its end, into the audit log, whichever call it came by."""
    if "banned" not in outcome.changed_keys:
        return
    assert outcome.number is not None
    banned = Person.objects.of(workspace).get(number=outcome.number).data.get("banned") is True
    if outcome.created and not banned:
        return
    action = "person.banned" if banned else "person.unbanned"
    audit.record(actor, action, workspace=workspace, target=f"person:{outcome.number}")


def merge_people(
    workspace: Workspace,
    one: int,
    two: int,
    *,
    choices: Mapping[str, int] | None = None,
    origin: Origin = SYSTEM,
    actor: Actor = audit.SYSTEM,
) -> int:
    """Merge two people and return the survivor's number; the order of the two makes no difference.

    `choices` maps fields to the number of the one whose value stays; merging.py says what stays without one. NotFound
    when one of them is not there, InvalidInput when they are one person already or for a field that can't be chosen.
    The journal keeps both as they were.
    """
    with transaction.atomic():
        changes.lock(workspace)
        prefer = _preferred(workspace, one, two, choices or {})
        edit = PersonEdit(number=one, same_as=(two,), create=False, merge="explicit", prefer=prefer)
        (outcome,) = apply_edits(workspace, [edit], origin=origin, on_reject="refuse")
        if not outcome.merged:
            raise InvalidInput("These two are one person already.", code="same_person")
        # The edit's own person may be the one that was merged away.
        survivor = int(
            Person.objects.of(workspace).values_list("merged_into", flat=True).get(number=outcome.merged[-1]) or 0
        )
        audit.record(
            actor,
            "person.merged",
            workspace=workspace,
            target=f"person:{survivor}",
            details={"merged": outcome.merged},
        )
    return survivor


def _preferred(workspace: Workspace, one: int, two: int, choices: Mapping[str, int]) -> dict[str, int]:
    """The choices with the numbers of today: either may have been merged itself since they were looked at."""
    if not choices:
        return {}
    live = {number: get_person(workspace, number).number for number in (one, two)}
    known = {row.field.name for row in shown_fields(workspace)}
    for key, number in choices.items():
        if key not in known:
            raise UnknownField(key, nearest(key, known))
        if key in SETTLED:
            raise InvalidInput(
                Reason("not_chosen", "{field!r} follows from both people: it can't be chosen.", field=key),
                details={"field": key},
            )
        if number not in live:
            raise InvalidInput(
                Reason("neither_person", "{person} is neither of the two people.", person=number),
                details={"field": key, "people": [one, two]},
            )
    return {key: live[number] for key, number in choices.items()}


def _claims(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The identities among values given by hand."""
    claims = []
    for key, raw in flat(values).items():
        kind = canonical(key)
        if kind in ("email", "phone", "user_id") and isinstance(raw, str) and raw.strip():
            claims.append((kind, raw))
    return claims


def _holder(workspace: Workspace, kind: str, value: str) -> Identity | None:
    return Identity.objects.of(workspace).filter(kind=kind, value=value).first()


def _refuse_duplicate(workspace: Workspace, kind: str, value: str, *, names_holders: bool) -> None:
    held = _holder(workspace, kind, value)
    if held is not None:
        who = f"Person {held.number}" if names_holders else "Another person"
        number = {"number": held.number} if names_holders else {}
        raise Conflict(
            f"{who} has this {identities.KINDS[kind].label}.",
            code="person_exists",
            details={**number, "identity": kind},
        )
