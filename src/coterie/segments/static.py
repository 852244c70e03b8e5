"""People of static segments: put in and taken out by someone, never by a filter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import orjson
from django.db import connection, transaction

from coterie.accounts import audit
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.kit.errors import Conflict, InvalidInput
from coterie.kit.reasons import Reason
from coterie.people import changes
from coterie.people.queries import living
from coterie.segments.models import Kind, Segment, StaticMember
from coterie.segments.visibility import segment_for

# Numbers in one change: the projector takes a change whole.
_CHUNK: Final = 50_000

# A list travels as one parameter: as JSON on SQLite, as an array on PostgreSQL.
_LIST: Final = {"sqlite": "(SELECT value AS number FROM json_each(%s))", "postgresql": "unnest(%s::bigint[])"}
_INSERT: Final = (
    'INSERT INTO segments_staticmember (workspace_id, segment_id, number, since, "by", cause) '
    "SELECT %s, %s, v.number, {since}, %s, %s FROM {list} AS v{columns} WHERE true "
    "ON CONFLICT (segment_id, number) DO NOTHING"
)
_DELETE: Final = (
    "DELETE FROM segments_staticmember WHERE segment_id = %s AND number IN (SELECT v.number FROM {list} AS v{columns})"
)


def change_members(
    access: Access, public_id: str, *, add: Collection[int] = (), remove: Collection[int] = (), cause: str = "hand"
) -> tuple[int, int]:
    """Put people into a static segment and take others out; the answer is how many were added and removed.

    Conflict for a dynamic segment. InvalidInput for numbers of nobody, and for one that is to go both ways.
    """
    both = sorted(set(add) & set(remove))
    if both:
        raise InvalidInput(
            Reason("both_ways", "The same people can't be added and removed at once."), details={"people": both[:20]}
        )
    with transaction.atomic():
        changes.lock(access.workspace)
        segment = segment_for(access, public_id)
        added = put(segment, add, by=access.actor.name, cause=cause)
        removed = take(segment, remove, by=access.actor.name, cause=cause)
        if added or removed:
            audit.record(
                access.actor,
                "segment.members_changed",
                workspace=access.workspace,
                target=public_id,
                details={"added": added, "removed": removed, "cause": cause},
            )
    return added, removed


@transaction.atomic
def put(segment: Segment, numbers: Collection[int], *, by: str, cause: str) -> int:
    """Put people into a static segment; those in it already stay as they are. The answer is how many are new.

    Numbers of nobody are refused when people were picked by hand, and left out otherwise: who was deleted since a
    filter was evaluated is no mistake of the caller.
    """
    refuse_dynamic(segment)
    alive = living(segment.workspace, list(numbers)) if numbers else set()
    if cause == "hand":
        _refuse_strangers(set(numbers) - alive)
    wanted = sorted(alive)
    now = connection.ops.adapt_datetimefield_value(clock.now())
    sql = _sql(_INSERT)
    added = 0
    for some in _chunks(wanted):
        with connection.cursor() as cursor:
            cursor.execute(sql, [segment.workspace_id, segment.pk, now, by, cause, _parameter(some)])
            added += cursor.rowcount
        _log(segment, "added", some, by=by, cause=cause)
    return added


@transaction.atomic
def take(segment: Segment, numbers: Collection[int], *, by: str, cause: str) -> int:
    """Take people out of a static segment; the answer is how many were in it."""
    refuse_dynamic(segment)
    removed = 0
    sql = _sql(_DELETE)
    for some in _chunks(sorted(set(numbers))):
        with connection.cursor() as cursor:
            cursor.execute(sql, [segment.pk, _parameter(some)])
            removed += cursor.rowcount
        _log(segment, "removed", some, by=by, cause=cause)
    return removed


def forget(segment: Segment) -> None:
    """Drop the rows of a segment that is deleted."""
    StaticMember.objects.of(segment.workspace_id).filter(segment=segment).delete()


def numbers_of(segment: Segment) -> list[int]:
    """Numbers of the people in a static segment, as written last."""
    rows = StaticMember.objects.of(segment.workspace_id).filter(segment=segment)
    return list(rows.order_by("number").values_list("number", flat=True))


def refuse_dynamic(segment: Segment) -> None:
    """Raise Conflict for a segment whose members can't be chosen by hand."""
    if segment.kind != Kind.STATIC:
        raise Conflict(
            "A dynamic segment follows its filter: change the filter, or duplicate the segment as a static one.",
            code="dynamic_segment",
        )


def _refuse_strangers(strangers: set[int]) -> None:
    if strangers:
        some = sorted(strangers)[:20]
        raise InvalidInput(
            f"There is nobody with the number {some[0]}." if len(strangers) == 1 else "Some numbers are nobody's.",
            code="unknown_people",
            details={"people": some},
        )


def _log(segment: Segment, key: str, numbers: Sequence[int], *, by: str, cause: str) -> None:
    body = {"segment": segment.public_id, key: numbers, "cause": [cause, by]}
    changes.append(segment.workspace, "members", body)


def _sql(template: str) -> str:
    vendor = connection.vendor
    since = "%s" if vendor == "sqlite" else "%s::timestamptz"
    return template.format(list=_LIST[vendor], columns="" if vendor == "sqlite" else "(number)", since=since)


def _parameter(numbers: Sequence[int]) -> str | list[int]:
    return orjson.dumps(numbers).decode() if connection.vendor == "sqlite" else list(numbers)


def _chunks(numbers: Sequence[int]) -> list[Sequence[int]]:
    return [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]
