"""What became of a segment over time: its size, who entered and left and why, its members at a past instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from coterie.accounts.permissions import Access
from coterie.audience.queries import ready_index
from coterie.kit import clock, pagination
from coterie.people import queries as people
from coterie.people.models import Person
from coterie.segments import cycles, memberships
from coterie.segments.models import Segment, SegmentRevision, SegmentSize
from coterie.segments.queries import sentence_of
from coterie.segments.visibility import masked, names_for, names_in_definitions, segment_for, told_ref

MOST_POINTS: Final = 5_000
_NEWEST: Final = {"position": 2**63 - 1, "number": 2**32 - 1, "entered": 2}


@dataclass(frozen=True)
class TransitionView:
    """One person who entered or left, when and why."""

    number: int
    entered: bool
    at: datetime
    cause: str
    ref: str


@dataclass(frozen=True)
class RevisionView:
    """What a segment was from an instant on, as its viewer may see it."""

    row: SegmentRevision
    filter: dict[str, Any] | None
    sentence: str | None


@dataclass(frozen=True)
class Flow:
    """How many entered and left in a time."""

    entered: int
    left: int


def sizes(segment: Segment, *, since: datetime | None = None, until: datetime | None = None) -> Sequence[SegmentSize]:
    """Points of the segment's size in order, [since, until): the latest ones when there are more than MOST_POINTS."""
    rows = SegmentSize.objects.of(segment.workspace_id).filter(segment=segment)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return list(rows.order_by("-at")[:MOST_POINTS])[::-1]


def revisions(access: Access, segment: Segment) -> list[RevisionView]:
    """Every definition the segment had, newest first."""
    catalogue = people.catalogue(access.workspace)
    rows = list(SegmentRevision.objects.of(access.workspace).filter(segment=segment).order_by("-revision"))
    names = names_in_definitions(access, cycles.named_in(*(row.filter for row in rows)), names_for(access))
    return [
        RevisionView(
            row, masked(row.filter, names), None if row.filter is None else sentence_of(row.filter, names, catalogue)
        )
        for row in rows
    ]


def transitions(
    access: Access, segment: Segment, *, limit: int = 50, cursor: str | None = None
) -> tuple[list[TransitionView], str | None]:
    """Who entered and left, newest first, and the cursor of the rest."""
    bound = {"workspace": segment.workspace_id, "segment": segment.pk, "limit": limit + 1}
    bound |= _place(cursor) if cursor else _NEWEST
    rows = ready_index(access.workspace).reader.engine.rows(
        "SELECT number, entered, at, cause, ref, position FROM transitions FINAL "
        "WHERE workspace = {workspace:UInt32} AND segment = {segment:UInt32} "
        "AND (position, number, entered) < ({position:UInt64}, {number:UInt32}, {entered:UInt8}) "
        "ORDER BY position DESC, number DESC, entered DESC LIMIT {limit:UInt32}",
        bound,
    )
    names = names_for(access)
    found = [
        TransitionView(int(number), bool(entered), clock.from_ms(at), cause, told_ref(cause, ref, names))
        for number, entered, at, cause, ref, _ in rows[:limit]
    ]
    if len(rows) <= limit:
        return found, None
    last = rows[limit - 1]
    place = {"position": int(last[5]), "number": int(last[0]), "entered": int(last[1])}
    return found, pagination.encode(place)


def flow(segment: Segment, *, since: datetime, until: datetime) -> Flow:
    """How many entered and left in [since, until), to the millisecond."""
    rows = ready_index(segment.workspace).reader.engine.rows(
        "SELECT countIf(entered = 1), countIf(entered = 0) FROM transitions FINAL "
        "WHERE workspace = {workspace:UInt32} AND segment = {segment:UInt32} "
        "AND at >= {since:Int64} AND at < {until:Int64}",
        {
            "workspace": segment.workspace_id,
            "segment": segment.pk,
            "since": clock.to_ms(since),
            "until": clock.to_ms(until),
        },
    )
    return Flow(int(rows[0][0]), int(rows[0][1]))


def members_at(
    access: Access, public_id: str, at: datetime, *, limit: int = 50, cursor: str | None = None
) -> tuple[int, list[Person], str | None]:
    """Who was in a segment at a past instant: how many, a page of them by number, and the cursor of the rest.

    People who were deleted since count, and are not on the page.
    """
    segment = segment_for(access, public_id)
    members = memberships.members_at(segment.workspace_id, segment.pk, at)
    after = pagination.number(pagination.decode(cursor), "after", most=2**32 - 1) if cursor else 0
    start = members.rank(after)
    numbers = list(members[start : start + limit])
    more = start + limit < len(members)
    place = pagination.encode({"after": numbers[-1]}) if more else None
    return len(members), people.people_by_numbers(access.workspace, numbers), place


def _place(cursor: str) -> dict[str, int]:
    place = pagination.decode(cursor)
    limits = {"position": 2**63 - 1, "number": 2**32 - 1, "entered": 1}
    return {key: pagination.number(place, key, most=most) for key, most in limits.items()}
