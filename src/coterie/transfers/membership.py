"""Putting the people of an import into static segments, and taking them out again."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Final

from django.db import transaction
from pyroaring import BitMap

from coterie.jobs.turn import Turn
from coterie.kit import turns
from coterie.kit.errors import NotFound
from coterie.people.queries import living
from coterie.segments import static
from coterie.segments.models import StaticMember
from coterie.segments.visibility import segment_for
from coterie.transfers import ledger
from coterie.transfers.models import Import, Phase, RowOutcome

_CHUNK: Final = 5_000
_TAKEN: Final = (RowOutcome.CREATED, RowOutcome.UPDATED, RowOutcome.UNCHANGED)


def put(turn: Turn, source: Import, segments: Sequence[str]) -> Iterator[None]:
    """Put everyone whom the run has created, updated or found as they should be into the segments.

    Who was a member before is not noted, so that an undo leaves them in.
    """
    for public_id in segments:
        after = turn.checkpoint.get(f"members {public_id}", 0)
        if after < 0:
            continue
        for chunk in ledger.walk(source, Phase.RUN, *_TAKEN, after=after):
            numbers = sorted({row.number for row in chunk if row.number is not None})
            with turns.patient(), transaction.atomic():
                _put_some(turn, source, public_id, numbers)
                turn.checkpoint[f"members {public_id}"] = chunk[-1].line
                turn.save(phase="members")
            yield
        turn.checkpoint[f"members {public_id}"] = -1
        turn.save()


def foresee(turn: Turn, source: Import, segments: Sequence[str]) -> Iterator[None]:
    """Count who would be put into the segments by a run of what was rehearsed: `would_join`, of all segments."""
    known = BitMap()
    for chunk in ledger.walk(source, Phase.REHEARSAL, *_TAKEN):
        known |= BitMap(row.number for row in chunk if row.number is not None)
        turn.beat()
        yield
    alive = BitMap()
    numbers = list(known)
    for start in range(0, len(numbers), _CHUNK):
        alive |= BitMap(living(source.workspace, numbers[start : start + _CHUNK]))
    created = turn.result.get("counts", {}).get("created", 0)
    joining = 0
    for public_id in segments:
        segment = segment_for(turn.access(), public_id)
        there = StaticMember.objects.of(source.workspace).filter(segment=segment).values_list("number", flat=True)
        joining += created + len(alive - BitMap(there.iterator(chunk_size=_CHUNK)))
        turn.beat()
        yield
    if segments:
        turn.result.setdefault("counts", {})["would_join"] = joining
        turn.save()


def _put_some(turn: Turn, source: Import, public_id: str, numbers: Sequence[int]) -> None:
    access = turn.access()
    segment = segment_for(access, public_id)
    alive = living(source.workspace, numbers)
    there: set[int] = set()
    ordered = sorted(alive)
    for start in range(0, len(ordered), 500):
        rows = StaticMember.objects.of(source.workspace).filter(
            segment=segment, number__in=ordered[start : start + 500]
        )
        there.update(rows.values_list("number", flat=True))
    new = alive - there
    if not new:
        return
    static.change_members(access, public_id, add=sorted(new), cause="import")
    noted = noted_members(source, public_id)
    noted |= BitMap(new)
    source.members = {**source.members, public_id: base64.b64encode(noted.serialize()).decode()}
    source.save(update_fields=["members"])
    counts = turn.result.setdefault("counts", {})
    counts["added_to_segments"] = counts.get("added_to_segments", 0) + len(new)


def noted_members(source: Import, public_id: str) -> BitMap:
    """Who was put into a segment by this import."""
    text = source.members.get(public_id)
    return BitMap.deserialize(base64.b64decode(text)) if text else BitMap()


def take_out(turn: Turn, source: Import) -> Iterator[None]:
    """Take those out again whom the import put in; a segment that is gone meanwhile, or hidden, is counted."""
    for public_id in source.members:
        if turn.checkpoint.get(f"out {public_id}"):
            continue
        numbers = list(noted_members(source, public_id))
        with turns.patient(), transaction.atomic():
            counts = turn.result.setdefault("counts", {})
            try:
                with transaction.atomic():
                    _, taken = static.change_members(turn.access(), public_id, remove=numbers, cause="import")
            except NotFound:
                taken = 0
                counts["segments_not_found"] = counts.get("segments_not_found", 0) + 1
            counts["taken_out_of_segments"] = counts.get("taken_out_of_segments", 0) + taken
            turn.checkpoint[f"out {public_id}"] = True
            turn.save(phase="members")
        yield
