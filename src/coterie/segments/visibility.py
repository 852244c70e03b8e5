"""Who sees which segments. Hidden means hidden: for whom it is hidden, a segment is as good as not there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from coterie.accounts.models import Role, Workspace, WorkspaceMember
from coterie.accounts.permissions import Access
from coterie.filters import tree
from coterie.filters.fields import Catalogue
from coterie.kit import ids
from coterie.kit.errors import NotFound
from coterie.people import queries as people
from coterie.segments.log import BROKEN
from coterie.segments.models import Segment, SegmentHidden

UNSEEN: Final = "a segment you cannot see"
"""What stands in place of a hidden segment's id and name inside the definition of a visible one."""
DELETED: Final = " (deleted)"
"""What stands after the name of a deleted segment there."""


@dataclass(frozen=True)
class HiddenFrom:
    """From whom a segment is hidden: roles, and public ids of users."""

    roles: list[str]
    users: list[str]


_ID: Final = ids.pattern("seg")


def visible_segments(access: Access) -> QuerySet[Segment]:
    """The workspace's segments that this caller may know of.

    Owners see all. A key sees what its maker sees.
    """
    return _shown_to(access, Segment.objects.of(access.workspace).filter(deleted_at=None))


def _shown_to(access: Access, rows: QuerySet[Segment]) -> QuerySet[Segment]:
    user_id, role = _viewer(access)
    if role is Role.OWNER:
        return rows
    hidden = SegmentHidden.objects.of(access.workspace).filter(Q(user_id=user_id, role=None) | Q(role=role))
    return rows.exclude(pk__in=hidden.values("segment_id"))


def segment_for(access: Access, public_id: str) -> Segment:
    """The segment with this id; the same NotFound when there is none, when it is deleted, hidden or foreign."""
    found = visible_segments(access).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such segment.", code="segment_not_found")
    return found


def segments_for(access: Access, public_ids: list[str]) -> list[Segment]:
    """The segments with these ids, in this order; NotFound as `segment_for` when one is missing."""
    found = {row.public_id: row for row in visible_segments(access).filter(public_id__in=public_ids)}
    if set(public_ids) - set(found):
        raise NotFound("There is no such segment.", code="segment_not_found")
    return [found[public_id] for public_id in public_ids]


def names_for(access: Access) -> dict[str, str]:
    """Names of the visible segments by public id."""
    return dict(visible_segments(access).values_list("public_id", "name"))


def names_in_definitions(access: Access, used: Collection[str], live: Mapping[str, str]) -> dict[str, str]:
    """How definitions that are shown to the caller name the segments that they use: deleted ones, too.

    `live` are those of `names_for`. One that was deleted, and not hidden from the caller, is marked, so that it can be
    found and replaced.
    """
    gone = set(used) - set(live)
    if not gone:
        return dict(live)
    rows = Segment.objects.of(access.workspace).filter(public_id__in=gone).exclude(deleted_at=None)
    found = _shown_to(access, rows).values_list("public_id", "name")
    return {public_id: name + DELETED for public_id, name in found} | dict(live)


def names_of(access: Access, wanted: Collection[str]) -> dict[str, str]:
    """Names of those of these segments that the caller may see, or might while they were there."""
    rows = _shown_to(access, Segment.objects.of(access.workspace).filter(public_id__in=wanted))
    return dict(rows.values_list("public_id", "name"))


def definition_of(access: Access, public_id: str) -> tree.Filter | None:
    """The filter behind a segment that the caller may see, checked; NotFound as `segment_for`.

    None for a static segment, and where the definition uses a segment that the caller can't see: its conditions can't
    be told then, only whether someone is in it.
    """
    segment = segment_for(access, public_id)
    if segment.filter is None or segment.broken_reason is not None:
        return None
    if masked(segment.filter, names_for(access)) != segment.filter:
        return None
    return tree.Filter.model_validate(segment.filter)


def whole_catalogue(workspace: Workspace) -> Catalogue:
    """Everything a filter of the workspace may name, hidden segments too: for upkeep, never for an answer.

    What a caller may name is `audience.inputs.catalogue_for`, which asks `names_for`.
    """
    names = Segment.objects.of(workspace).filter(deleted_at=None).values_list("public_id", "name")
    base = people.catalogue(workspace)
    return Catalogue(base.fields, dict(names), base.events)


def masked(stored: Any, names: Mapping[str, str]) -> Any:
    """A stored filter in which segments that are not in `names` can't be told apart."""
    if isinstance(stored, list):
        return [masked(value, names) for value in stored]
    if not isinstance(stored, dict):
        return stored
    if stored.get("type") == "segment":
        return stored | {"segments": [one if one in names else UNSEEN for one in stored["segments"]]}
    return {key: masked(value, names) for key, value in stored.items()}


def told(reason: str | None, names: Mapping[str, str]) -> str | None:
    """A reason with names in place of segments' ids, as far as they may be seen."""

    def name(found: re.Match[str]) -> str:
        seen = names.get(found[0])
        return UNSEEN if seen is None else f'the segment "{seen}"'

    return None if reason is None else _ID.sub(name, reason)


def told_ref(cause: str, ref: str, names: Mapping[str, str]) -> str:
    """What the cause of a transition refers to, as far as it may be told."""
    if cause == "segment":
        return ref if ref in names else UNSEEN
    # Before there were codes, what broke a segment was told as a change of its definition.
    return told(ref, names) or "" if cause in ("definition", BROKEN) else ref


def _viewer(access: Access) -> tuple[int | None, Role]:
    if access.role is not None:
        assert access.user is not None
        return access.user.pk, access.role
    assert access.key is not None
    maker = access.key.created_by_id
    if maker is None:
        return None, Role.OWNER
    member = WorkspaceMember.objects.of(access.workspace).filter(user_id=maker).first()
    # A maker who has left can't be asked for a role: the key sees no more than an admin.
    return maker, Role(member.role) if member is not None else Role.ADMIN
