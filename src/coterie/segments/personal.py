"""What this room keeps about people; see accounts/holding.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from coterie.accounts.holding import Holding, Row, columns
from coterie.accounts.permissions import Access
from coterie.audience.queries import ready_index
from coterie.kit import clock
from coterie.segments.models import StaticMember
from coterie.segments.visibility import told_ref, visible_segments

_UNDO: Final = "Values that a bulk action has replaced, for seven days at most."


def _static(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    names = dict(visible_segments(access).values_list("pk", "name"))
    for row in StaticMember.objects.of(access.workspace).filter(number__in=numbers).order_by("since"):
        yield {
            "segment": names.get(row.segment_id),
            "since": clock.iso(row.since),
            "cause": row.cause.partition(":")[0],
        }


def _transitions(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    """Segments that the caller may not see have no name here: who is in them is told, not what they are."""
    seen = {row.pk: (row.public_id, row.name) for row in visible_segments(access)}
    ids = dict(seen.values())
    rows = ready_index(access.workspace).reader.engine.rows(
        "SELECT segment, number, entered, at, cause, ref FROM transitions FINAL "
        "WHERE workspace = {w:UInt32} AND number IN {n:Array(UInt32)} ORDER BY at, position, segment",
        {"w": access.workspace.pk, "n": list(numbers)},
    )
    for segment, _number, entered, at, cause, ref in rows:
        _, name = seen.get(segment, ("", None))
        yield {
            "segment": name,
            "what": "entered" if entered else "left",
            "at": clock.iso(clock.from_ms(at)),
            "cause": cause,
            "because_of": told_ref(cause, ref, ids),
        }


HOLDINGS: Final = (
    Holding(
        "segments_segment",
        "nobody",
        columns(
            none="id workspace public_id name name_key name_twin description kind filter revision broken_reason "
            "broken_code created_by created_at updated_at deleted_at"
        ),
    ),
    Holding(
        "segments_segmentrevision",
        "nobody",
        columns(none="id workspace segment revision name description filter by at"),
    ),
    Holding("segments_segmentstar", "member", columns(pseudonymous="user", none="id workspace segment")),
    Holding("segments_segmenthidden", "member", columns(pseudonymous="user", none="id workspace segment role")),
    Holding(
        "segments_staticmember",
        "person",
        columns(personal="since cause", pseudonymous="number by", none="id workspace segment"),
        erased="Removed when the projector follows the change.",
        read=_static,
        kept="As long as the person is in the segment.",
    ),
    Holding("segments_membershiphead", "nobody", columns(none="id workspace position shipped snapshot pruned")),
    Holding(
        "segments_membershiplog",
        "person",
        columns(pseudonymous="body", none="id workspace position seq at"),
        erased="Stays until it is pruned: sets of numbers, which lead to nobody any more.",
    ),
    Holding(
        "segments_membershipsnapshot",
        "person",
        columns(pseudonymous="members", none="id workspace segment position size"),
        erased="The number leaves the set when the projector follows the change.",
    ),
    Holding("segments_segmentsize", "nobody", columns(none="id workspace segment at size entered left")),
    Holding(
        "segments_bulkundo",
        "person",
        columns(personal="body", pseudonymous="by", none="id workspace public_id permission job undo_job at undone_at"),
        erased="The person is taken out of it.",
        not_told=_UNDO,
        kept="An hour, and seven days where a job did it: as long as it can be taken back.",
    ),
    Holding(
        "segments_bulkundopart",
        "person",
        columns(personal="body", none="id workspace undo place size"),
        erased="The person is taken out of it.",
        not_told=_UNDO,
        kept="An hour, and seven days where a job did it: as long as it can be taken back.",
    ),
    Holding(
        "index.transitions",
        "person",
        columns(pseudonymous="number ref", none="workspace segment entered at seq position cause"),
        erased="Removed from the index.",
        read=_transitions,
    ),
)
