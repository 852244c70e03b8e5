"""Every write to definitions of segments; they take effect through the projector, in the order of the change log."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.models import Role, Workspace, WorkspaceMember
from coterie.accounts.permissions import Access
from coterie.audience import inputs
from coterie.filters.tree import Filter
from coterie.kit import clock
from coterie.kit.errors import Conflict, Forbidden, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people import changes
from coterie.segments import cycles, static, uses
from coterie.segments.models import (
    NAME_LENGTH,
    Kind,
    Segment,
    SegmentHidden,
    SegmentRevision,
    SegmentStar,
)
from coterie.segments.visibility import HiddenFrom, names_for, names_of, segment_for, visible_segments

DESCRIPTION_LENGTH: Final = 2_000


@dataclass(frozen=True)
class Edit:
    """What to change about a segment; what is None stays.

    `revision` is the one the caller has seen: with another one in place nothing is changed.
    """

    name: str | None = None
    description: str | None = None
    filter: Filter | None = None
    revision: int | None = None


@transaction.atomic
def create_dynamic(
    access: Access, *, name: str, filter: Filter, description: str = "", hidden: HiddenFrom | None = None
) -> Segment:
    """A segment that follows a filter, which the caller has had checked against what they may name.

    It is `hidden` from its first moment; Forbidden for who may not hide segments.
    """
    segment = _create(access, Kind.DYNAMIC, name, description, stored=_stored(filter))
    _hide_new(access, segment, hidden)
    return segment


@transaction.atomic
def create_static(
    access: Access,
    *,
    name: str,
    numbers: Collection[int],
    cause: str = "hand",
    description: str = "",
    hidden: HiddenFrom | None = None,
) -> Segment:
    """A segment of these people, who must all exist; `cause` says how they were picked (`hand`, `filter`, `import`).

    `hidden` as for `create_dynamic`.
    """
    segment = _create(access, Kind.STATIC, name, description, stored=None)
    _hide_new(access, segment, hidden)
    static.put(segment, numbers, by=access.actor.name, cause=cause)
    return segment


@transaction.atomic
def change_segment(access: Access, public_id: str, edit: Edit) -> Segment:
    """Rename, describe or redefine a segment.

    Conflict when the name is taken, when the segment has another revision than the caller has seen, and when a static
    one is given a filter. InvalidInput when the filter would make the segment use itself. Forbidden to redefine what
    uses a segment that the caller can't see.
    """
    segment = _locked(access, public_id)
    if edit.revision is not None and edit.revision != segment.revision:
        raise Conflict(
            "Someone changed the segment meanwhile.", code="revision", details={"revision": segment.revision}
        )
    changed: dict[str, Any] = {}
    if edit.name is not None and edit.name != segment.name:
        changed |= _named(access, edit.name, besides=segment)
    if edit.description is not None and edit.description != segment.description:
        changed["description"] = _described(edit.description)
    if edit.filter is not None:
        changed |= _redefined(access, segment, edit.filter)
    return _save(access, segment, changed) if changed else segment


@transaction.atomic
def restore_revision(access: Access, public_id: str, *, revision: int) -> Segment:
    """Make a segment what it was at a revision, as a new revision; the filter must still be valid for the caller.

    Conflict when the filter uses a segment that was deleted, Forbidden when it uses one that the caller can't see.
    """
    segment = _locked(access, public_id)
    old = SegmentRevision.objects.of(access.workspace).filter(segment=segment, revision=revision).first()
    if old is None:
        raise NotFound("There is no such revision.", details={"revision": revision})
    changed: dict[str, Any] = {}
    if old.name != segment.name:
        changed |= _named(access, old.name, besides=segment)
    if old.description != segment.description:
        changed["description"] = old.description
    if old.filter is not None and old.filter != segment.filter:
        changed |= _redefined(access, segment, _checked(access, old.filter))
    return _save(access, segment, changed) if changed else segment


@transaction.atomic
def duplicate_segment(access: Access, public_id: str, *, name: str | None = None) -> Segment:
    """A copy with its filter or its people, hidden from the same; without a name it is called "... (copy)"."""
    source = _locked(access, public_id)
    copy = _create(
        access,
        Kind(source.kind),
        name if name is not None else _free_name(access, source.name),
        source.description,
        stored=source.filter,
    )
    rows = SegmentHidden.objects.of(access.workspace).filter(segment=source)
    for row in rows:
        SegmentHidden.objects.create(workspace=access.workspace, segment=copy, user_id=row.user_id, role=row.role)
    if source.kind == Kind.STATIC:
        static.put(copy, static.numbers_of(source), by=access.actor.name, cause="copy")
    return copy


@transaction.atomic
def delete_segment(access: Access, public_id: str, *, force: bool = False) -> None:
    """Delete a segment. Conflict with its uses while there are any, unless forced: then these are broken."""
    segment = _locked(access, public_id)
    found = uses.of(segment)
    if found and not force:
        seen = uses.shown(found, access, names_for(access))
        raise Conflict(
            "The segment is in use.",
            code="segment_in_use",
            details={"uses": [use.told for use in seen], "elsewhere": len(seen) < len(found)},
        )
    segment.deleted_at = clock.now()
    segment.save(update_fields=["deleted_at"])
    static.forget(segment)
    changes.append(access.workspace, "definition", {"segments": [segment.public_id]})
    audit.record(access.actor, "segment.deleted", workspace=access.workspace, target=public_id)


def star_segment(access: Access, public_id: str) -> None:
    """Keep a segment among the caller's favourites; a second time changes nothing."""
    segment = segment_for(access, public_id)
    user = _user(access)
    SegmentStar.objects.of(access.workspace).get_or_create(
        user_id=user, segment=segment, defaults={"workspace": access.workspace}
    )


def unstar_segment(access: Access, public_id: str) -> None:
    """Take a segment from the caller's favourites."""
    segment = segment_for(access, public_id)
    user = _user(access)
    SegmentStar.objects.of(access.workspace).filter(user_id=user, segment=segment).delete()


@transaction.atomic
def set_hidden(access: Access, public_id: str, *, roles: Sequence[Role], user_ids: Sequence[str]) -> HiddenFrom:
    """Hide a segment from exactly these roles and members. Owners can't be kept from seeing it: InvalidInput."""
    return _hide(access, _locked(access, public_id), roles=roles, user_ids=user_ids)


def _hide_new(access: Access, segment: Segment, hidden: HiddenFrom | None) -> None:
    if hidden is None or not (hidden.roles or hidden.users):
        return
    access.require("segments:hide")
    _hide(access, segment, roles=[Role(role) for role in hidden.roles], user_ids=hidden.users)


def _hide(access: Access, segment: Segment, *, roles: Sequence[Role], user_ids: Sequence[str]) -> HiddenFrom:
    if Role.OWNER in roles:
        raise InvalidInput(Reason("owners_see_all", "Owners see every segment."), details={"field": "roles"})
    members = {
        member.user.public_id: member
        for member in WorkspaceMember.objects.of(access.workspace)
        .select_related("user")
        .filter(user__public_id__in=user_ids)
    }
    unknown = sorted(set(user_ids) - set(members))
    if unknown:
        raise InvalidInput(
            Reason("no_such_members", "There are no such members."), details={"field": "users", "unknown": unknown}
        )
    if any(member.role == Role.OWNER for member in members.values()):
        raise InvalidInput(Reason("owners_see_all", "Owners see every segment."), details={"field": "users"})
    SegmentHidden.objects.of(access.workspace).filter(segment=segment).delete()
    rows = [SegmentHidden(workspace=access.workspace, segment=segment, role=role) for role in sorted(set(roles))]
    rows += [
        SegmentHidden(workspace=access.workspace, segment=segment, user_id=member.user_id)
        for member in members.values()
    ]
    SegmentHidden.objects.bulk_create(rows)
    hidden = HiddenFrom(sorted(set(roles)), sorted(members))
    audit.record(
        access.actor, "segment.hidden", workspace=access.workspace, target=segment.public_id, details=vars(hidden)
    )
    return hidden


def _create(access: Access, kind: Kind, name: str, description: str, *, stored: dict[str, Any] | None) -> Segment:
    workspace = access.workspace
    # Held until the commit: two segments can't take one name, nor two edits close a cycle.
    changes.lock(workspace)
    now = clock.now()
    segment = Segment.objects.create(
        workspace=workspace,
        kind=kind,
        filter=stored,
        description=_described(description),
        created_by=access.actor.name,
        created_at=now,
        updated_at=now,
        **_named(access, name),
    )
    _note(access, segment, "segment.created")
    return segment


def _save(access: Access, segment: Segment, changed: dict[str, Any]) -> Segment:
    for key, value in changed.items():
        setattr(segment, key, value)
    segment.revision += 1
    segment.updated_at = clock.now()
    segment.save(update_fields=[*changed, "revision", "updated_at"])
    _note(access, segment, "segment.changed", changed={*changed} & {"name", "description", "filter"})
    return segment


def _note(access: Access, segment: Segment, action: str, *, changed: Collection[str] = ()) -> None:
    """What goes with every new state of a segment: its revision, the change log, the audit log."""
    workspace = access.workspace
    SegmentRevision.objects.create(
        workspace=workspace,
        segment=segment,
        revision=segment.revision,
        name=segment.name,
        description=segment.description,
        filter=segment.filter,
        by=access.actor.name,
        at=segment.updated_at,
    )
    if not changed or "filter" in changed:
        changes.append(workspace, "definition", {"segments": [segment.public_id]})
    details = {"revision": segment.revision, "changed": sorted(changed)}
    audit.record(access.actor, action, workspace=workspace, target=segment.public_id, details=details)


def _locked(access: Access, public_id: str) -> Segment:
    changes.lock(access.workspace)
    return segment_for(access, public_id)


def _user(access: Access) -> int:
    if access.user is None:
        raise Forbidden("Favourites belong to a user; a key has none.")
    return access.user.pk


def _stored(filter: Filter) -> dict[str, Any]:
    return filter.model_dump(mode="json", by_alias=True)


def _checked(access: Access, stored: Any) -> Filter:
    used, live = cycles.named_in(stored), names_for(access)
    gone = names_of(access, used - set(live))
    if used - set(live) - set(gone):
        raise _unseen()
    if gone:
        raise Conflict(
            Reason(
                "revision_uses_deleted",
                "That revision uses what no longer exists: {segments}.",
                segments=sorted(gone.values()),
            )
        )
    return inputs.read_filter(inputs.catalogue_for(access), filter=stored)


def _redefined(access: Access, segment: Segment, filter: Filter) -> dict[str, Any]:
    if segment.kind == Kind.STATIC:
        raise Conflict("A static segment has no filter: add and remove its people.", code="static_segment")
    stored = _stored(filter)
    if stored == segment.filter:
        return {}
    if cycles.named_in(segment.filter) - set(names_for(access)) - _deleted(access.workspace, segment):
        raise _unseen()
    cycles.refuse(segment, filter, names_for(access))
    return {"filter": stored}


def _deleted(workspace: Workspace, segment: Segment) -> set[str]:
    used = cycles.named_in(segment.filter)
    live = Segment.objects.of(workspace).filter(public_id__in=used, deleted_at=None)
    return used - set(live.values_list("public_id", flat=True))


def _unseen() -> Forbidden:
    return Forbidden("The definition uses a segment that you cannot see.", code="unseen_segment")


def _described(text: str) -> str:
    text = text.strip()
    if len(text) > DESCRIPTION_LENGTH or "\0" in text:
        raise InvalidInput(
            Reason("long_description", "A description has at most {most} characters.", most=DESCRIPTION_LENGTH),
            details={"field": "description"},
        )
    return text


def _named(access: Access, name: str, *, besides: Segment | None = None) -> dict[str, Any]:
    """The columns of a name. Conflict when a segment that the caller sees has it, in any case."""
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= NAME_LENGTH or any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise InvalidInput(
            Reason(
                "segment_name",
                "A segment's name has 1 to {most} characters and no control characters.",
                most=NAME_LENGTH,
            ),
            details={"field": "name"},
        )
    key = name.casefold()
    same = Segment.objects.of(access.workspace).filter(name_key=key, deleted_at=None)
    if besides is not None:
        same = same.exclude(pk=besides.pk)
    twins = dict(same.values_list("pk", "name_twin"))
    seen = visible_segments(access).filter(pk__in=twins).first()
    if seen is not None:
        raise Conflict(
            f'There is a segment "{seen.name}" already.', code="name_taken", details={"segment": seen.public_id}
        )
    return {"name": name, "name_key": key, "name_twin": max(twins.values(), default=-1) + 1}


def _free_name(access: Access, name: str) -> str:
    taken = {known.casefold() for known in names_for(access).values()}
    number = 1
    while True:
        suffix = " (copy)" if number == 1 else f" (copy {number})"
        candidate = name[: NAME_LENGTH - len(suffix)] + suffix
        if candidate.casefold() not in taken:
            return candidate
        number += 1
