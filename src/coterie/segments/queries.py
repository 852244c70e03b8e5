"""Reads of segments: the ones a caller may see, their people, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.audience import queries as audience
from coterie.audience.queries import Page, Region, ready_index
from coterie.audience.startup import position_of
from coterie.audience.upkeep import Membership
from coterie.filters import tree
from coterie.filters.errors import InvalidFilter
from coterie.filters.fields import Catalogue
from coterie.filters.sentence import print_filter
from coterie.kit import clock
from coterie.kit.errors import Conflict, Unavailable
from coterie.people import queries as people
from coterie.segments import book, cycles, uses
from coterie.segments.memberships import last_sizes
from coterie.segments.models import Kind, Segment, SegmentHidden, SegmentStar, StaticMember
from coterie.segments.uses import Use
from coterie.segments.visibility import (
    UNSEEN,
    HiddenFrom,
    masked,
    names_for,
    names_in_definitions,
    segment_for,
    segments_for,
    told,
    told_ref,
    visible_segments,
)


@dataclass(frozen=True)
class SegmentView:
    """A segment as its viewer sees it.

    `filter` and `sentence` show no segment that the viewer can't see; then `partly_hidden` is true. `size` is the last
    computed membership, `computed_at` its time. While `rebuilding` is set both are from the log in SQL: the index is
    being made anew, and what came since is not in them. `uses` are those that the viewer may
    know of.
    """

    row: Segment
    size: int
    computed_at: datetime
    rebuilding: bool
    starred: bool
    filter: dict[str, Any] | None
    sentence: str | None
    partly_hidden: bool
    broken_reason: str | None
    uses: list[Use]


@dataclass(frozen=True)
class PersonSegment:
    """One segment of a person: since when and why they are in it; None where that is not known."""

    row: Segment
    since: datetime | None
    cause: str
    ref: str


def member_of(public_id: str) -> tree.SegmentCondition:
    """The condition of being in one segment."""
    return tree.SegmentCondition(op="in", segments=(public_id,))


def list_segments(
    access: Access, *, kind: str = "", search: str = "", starred: bool | None = None
) -> list[SegmentView]:
    """The segments that the caller may see, favourites first, then by name; narrowed by what is given."""
    rows = visible_segments(access)
    if kind:
        rows = rows.filter(kind=kind)
    stars = _stars(access)
    wanted = search.strip().casefold()
    found = [
        row
        for row in rows.order_by("name_key", "pk")
        if wanted in row.name_key and (starred is None or starred == (row.pk in stars))
    ]
    found.sort(key=lambda row: row.pk not in stars)
    return _views(access, found, stars)


def view(access: Access, public_id: str) -> SegmentView:
    """One segment; NotFound when there is none that the caller may see."""
    return _views(access, [segment_for(access, public_id)], _stars(access))[0]


def view_of(access: Access, row: Segment) -> SegmentView:
    """A segment that the caller has just written."""
    return _views(access, [row], _stars(access))[0]


def hidden_from(access: Access, public_id: str) -> HiddenFrom:
    """From whom a segment is hidden."""
    rows = SegmentHidden.objects.of(access.workspace).filter(segment=segment_for(access, public_id))
    pairs = list(rows.select_related("user"))
    roles = sorted(row.role for row in pairs if row.role)
    return HiddenFrom(roles, sorted(row.user.public_id for row in pairs if row.user))


def people_of(
    access: Access, public_id: str, *, catalogue: Catalogue, sort: str, limit: int, cursor: str | None
) -> Page:
    """A page of a segment's people; nobody while it is broken."""
    segment = segment_for(access, public_id)
    root: tree.Node = member_of(public_id) if is_whole(access.workspace, segment) else tree.Any(of=())
    return audience.list_people(access.workspace, root, catalogue=catalogue, sort=sort, limit=limit, cursor=cursor)


def frozen(workspace: Workspace, filter: tree.Filter) -> list[int]:
    """Numbers of the people of a filter, as it is now."""
    return list(ready_index(workspace).evaluate(filter.root))


def regions(access: Access, public_ids: Sequence[str]) -> list[Region]:
    """How many people are in exactly each combination of two to five segments.

    NotFound for one that the caller can't see, Conflict for a broken one.
    """
    rows = segments_for(access, list(public_ids))
    broken = [row.public_id for row in rows if not is_whole(access.workspace, row)]
    if broken:
        raise Conflict("A broken segment can't be compared.", code="broken_segment", details={"segments": broken})
    return audience.regions(access.workspace, {row.public_id: member_of(row.public_id) for row in rows})


def is_whole(workspace: Workspace, segment: Segment) -> bool:
    """Whether the segment's members are known: it is not broken, and the projector has come by since it was made."""
    return segment.public_id in ready_index(workspace).named


def segments_of_person(access: Access, number: int) -> list[PersonSegment]:
    """The segments of a person that the caller may see, by name, since when and why."""
    person = people.get_person(access.workspace, number)
    named = ready_index(access.workspace).named
    rows = [
        row
        for row in visible_segments(access).order_by("name_key", "pk")
        if row.public_id in named and person.number in named[row.public_id]
    ]
    known = memberships_of(access, person.number, [row.public_id for row in rows])
    return [
        PersonSegment(row, how.since, how.cause, how.ref)
        for row in rows
        if (how := known.get(row.public_id)) is not None
    ]


def memberships_of(access: Access, number: int, public_ids: Sequence[str]) -> dict[str, Membership]:
    """How a person stands to these segments, those that the caller may see: in or not, since when, and why."""
    rows = list(visible_segments(access).filter(public_id__in=public_ids))
    named = ready_index(access.workspace).named
    moved = _moved(access.workspace, [row.pk for row in rows], number)
    moved |= {
        pk: (True, *put)
        for pk, put in _by_hand(access.workspace, [row.pk for row in rows if row.kind == Kind.STATIC], number).items()
    }
    names = names_for(access)
    found = {}
    for row in rows:
        inside = number in named.get(row.public_id, ())
        entered, since, cause, ref = moved.get(row.pk, (inside, None, "", ""))
        # The copy of transitions may be a moment behind.
        known = (since, cause, told_ref(cause, ref, names)) if entered == inside else (None, "", "")
        found[row.public_id] = Membership(row.name, inside, *known)
    return found


def computed_at(workspace: Workspace) -> datetime:
    """When memberships were last brought up to date."""
    position = position_of(workspace)
    return position.updated_at or clock.from_ms(position.clock_ms)


def sentence_of(stored: Any, names: Mapping[str, str], catalogue: Catalogue) -> str | None:
    """A stored filter as a sentence in which segments that are not in `names` can't be told apart."""
    shown = Catalogue(catalogue.fields, {**names, UNSEEN: UNSEEN}, catalogue.events)
    try:
        return print_filter(book.read_filter(masked(stored, names)), shown)
    except (ValueError, InvalidFilter):
        return None


def _views(access: Access, rows: Iterable[Segment], stars: set[int]) -> list[SegmentView]:
    rows = list(rows)
    sizes, rebuilding = _sizes(access.workspace, rows)
    names = names_for(access)
    named = names_in_definitions(access, cycles.named_in(*(row.filter for row in rows)), names)
    catalogue = people.catalogue(access.workspace)
    at = computed_at(access.workspace)
    found = uses.by_segment(access.workspace)
    return [
        SegmentView(
            row=row,
            size=sizes.get(row.pk, 0),
            computed_at=at,
            rebuilding=rebuilding,
            starred=row.pk in stars,
            filter=masked(row.filter, named),
            sentence=None if row.filter is None else sentence_of(row.filter, named, catalogue),
            partly_hidden=bool(cycles.named_in(row.filter) - set(named)),
            broken_reason=told(row.broken_reason, names),
            uses=uses.shown(found.get(row.public_id, []), access, names),
        )
        for row in rows
    ]


def _sizes(workspace: Workspace, rows: Sequence[Segment]) -> tuple[dict[int, int], bool]:
    """How many members each has, and whether that is the last that SQL knows since the index is being made anew."""
    try:
        named = ready_index(workspace).named
    except Unavailable:
        return last_sizes(workspace.pk, [row.pk for row in rows if not row.broken_reason]), True
    return {row.pk: len(named.get(row.public_id, ())) for row in rows}, False


def _stars(access: Access) -> set[int]:
    if access.user is None:
        return set()
    rows = SegmentStar.objects.of(access.workspace).filter(user=access.user)
    return set(rows.values_list("segment_id", flat=True))


def joined(segment: Segment, numbers: Sequence[int]) -> dict[int, tuple[datetime | None, str, str]]:
    """Since when and why these people are in a segment; one who never entered it is left out."""
    if not numbers:
        return {}
    if segment.kind == Kind.STATIC:
        rows = StaticMember.objects.of(segment.workspace_id).filter(segment=segment, number__in=numbers)
        return {row.number: (row.since, *_put(row.cause, row.by)) for row in rows}
    found = ready_index(segment.workspace).reader.engine.rows(
        "SELECT number, argMax((at, cause, ref), (position, at)) AS last FROM transitions "
        "WHERE workspace = {workspace:UInt32} AND segment = {segment:UInt32} AND number IN {numbers:Array(UInt32)} "
        "AND entered = 1 GROUP BY number",
        {"workspace": segment.workspace_id, "segment": segment.pk, "numbers": list(numbers)},
    )
    return {int(number): (clock.from_ms(last[0]), last[1], last[2]) for number, last in found}


def _put(cause: str, by: str) -> tuple[str, str]:
    kind, _, ref = cause.partition(":")
    return kind, ref or by


def _moved(workspace: Workspace, pks: Sequence[int], number: int) -> dict[int, tuple[bool, datetime | None, str, str]]:
    """Whether a person last entered or left each of these segments, when, and why."""
    if not pks:
        return {}
    rows = ready_index(workspace).reader.engine.rows(
        "SELECT segment, argMax((entered, at, cause, ref), (position, at)) AS last FROM transitions "
        "WHERE workspace = {workspace:UInt32} AND segment IN {segments:Array(UInt32)} AND number = {number:UInt32} "
        "GROUP BY segment",
        {"workspace": workspace.pk, "segments": list(pks), "number": number},
    )
    return {int(pk): (bool(last[0]), clock.from_ms(last[1]), last[2], last[3]) for pk, last in rows}


def _by_hand(workspace: Workspace, pks: Sequence[int], number: int) -> dict[int, tuple[datetime | None, str, str]]:
    rows = StaticMember.objects.of(workspace).filter(segment_id__in=pks, number=number)
    found: dict[int, tuple[datetime | None, str, str]] = {}
    for pk, since, by, cause in rows.values_list("segment_id", "since", "by", "cause"):
        found[pk] = (since, *_put(cause, by))
    return found
