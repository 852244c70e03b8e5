"""Memberships in SQL: snapshots, the log after them, sizes over time, and the rows of static members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from pyroaring import BitMap

from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.segments import log
from coterie.segments.log import Entry
from coterie.segments.models import (
    MembershipHead,
    MembershipLog,
    MembershipSnapshot,
    Segment,
    SegmentSize,
    StaticMember,
)

_CHUNK: Final = 500
_POINT: Final = (
    'INSERT INTO segments_segmentsize (workspace_id, segment_id, at, size, entered, "left") '
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (segment_id, at) DO UPDATE SET size = excluded.size, "
    "entered = segments_segmentsize.entered + excluded.entered, "
    '"left" = segments_segmentsize."left" + excluded."left"'
)


@dataclass
class Folded:
    """Memberships by segment pk as the log leaves them, and what is known of the log.

    `moved` are pks of segments with moves after the snapshots.
    """

    members: dict[int, BitMap] = field(default_factory=dict)
    position: int = 0
    shipped: int = 0
    snapshot: int = 0
    at_ms: int = 0
    moved: set[int] = field(default_factory=set)


def load(workspace_id: int) -> Folded:
    """Every membership: its snapshot, folded with the rows of the log after it."""
    head = MembershipHead.objects.filter(workspace_id=workspace_id).first()
    if head is None:
        return Folded()
    since: dict[int, int] = {}
    found = Folded(shipped=head.shipped)
    # A snapshot saved by another process just now may be newer than `head`: then its own position counts.
    for pk, position, members in MembershipSnapshot.objects.of(workspace_id).values_list(
        "segment_id", "position", "members"
    ):
        found.members[pk] = BitMap.deserialize(bytes(members))
        since[pk] = position
    if since:
        found.position = found.snapshot = head.snapshot
    # Without any snapshot the log alone tells: snapshots only make the way shorter.
    for row in log.read(workspace_id, found.position):
        log.fold([row], found.members, since=since)
        found.position, found.at_ms = row.position, row.at_ms
        found.moved |= set(row.entry.moves)
        found.moved -= set(row.entry.gone)
    found.position = max(found.position, head.pruned)
    if not found.at_ms:
        last = MembershipLog.objects.of(workspace_id).order_by("-position").values_list("at", flat=True).first()
        found.at_ms = clock.to_ms(last) if last else 0
    return found


def position(workspace_id: int) -> int:
    """Where the workspace's log ends."""
    found = MembershipHead.objects.filter(workspace_id=workspace_id).values_list("position", flat=True).first()
    return found or 0


def save_entry(workspace_id: int, position: int, seq: int, at_ms: int, entry: Entry) -> None:
    """Write one row of the log, its points of size, and forget snapshots of segments that are gone."""
    at = clock.from_ms(at_ms)
    MembershipLog.objects.create(workspace_id=workspace_id, position=position, seq=seq, at=at, body=log.pack(entry))
    minute = connection.ops.adapt_datetimefield_value(at.replace(second=0, microsecond=0))
    points = [
        (workspace_id, pk, minute, move.size, len(move.entered), len(move.left)) for pk, move in entry.moves.items()
    ]
    if points:
        with connection.cursor() as cursor:
            cursor.executemany(_POINT, points)
    if entry.gone:
        MembershipSnapshot.objects.of(workspace_id).filter(segment_id__in=entry.gone).delete()


def save_snapshots(workspace_id: int, position: int, members: dict[int, BitMap], *, shipped: int) -> None:
    """Save the members of the segments that changed since the last snapshots, as they are at `position`."""
    with transaction.atomic():
        head = MembershipHead.objects.select_for_update().get(workspace_id=workspace_id)
        if head.snapshot >= position:
            return
        rows = []
        for pk, who in members.items():
            who = who.copy()
            who.run_optimize()
            body = who.serialize()
            rows.append(
                MembershipSnapshot(
                    workspace_id=workspace_id, segment_id=pk, position=position, members=body, size=len(who)
                )
            )
        MembershipSnapshot.objects.bulk_create(
            rows,
            batch_size=50,
            update_conflicts=True,
            unique_fields=["segment"],
            update_fields=["position", "members", "size"],
        )
        MembershipHead.objects.filter(pk=head.pk).update(snapshot=position, shipped=max(shipped, head.shipped))


def drop_static_members(workspace_id: int, numbers: BitMap) -> None:
    """Forget the static memberships of people who are no more."""
    for some in _chunks(numbers):
        StaticMember.objects.of(workspace_id).filter(number__in=some).delete()


def inherit_static_members(workspace_id: int, rows: list[tuple[int, int, str]], *, at_ms: int) -> None:
    """Note static memberships that came by merging: segment pk, survivor's number, number that was merged."""
    if rows:
        StaticMember.objects.bulk_create(
            [
                StaticMember(
                    workspace_id=workspace_id,
                    segment_id=pk,
                    number=number,
                    since=clock.from_ms(at_ms),
                    by="system",
                    cause=f"merge:{merged}",
                )
                for pk, number, merged in rows
            ],
            batch_size=_CHUNK,
            ignore_conflicts=True,
        )


def give_back_static_members(workspace_id: int, pk: int, entered: BitMap, left: BitMap, *, at_ms: int) -> None:
    """Have the rows of a segment follow an undone merge, where the batch of the merge itself has written over them."""
    rows = StaticMember.objects.of(workspace_id).filter(segment_id=pk)
    for some in _chunks(left):
        rows.filter(number__in=some, cause__startswith="merge:").delete()
    StaticMember.objects.bulk_create(
        [
            StaticMember(
                workspace_id=workspace_id,
                segment_id=pk,
                number=number,
                since=clock.from_ms(at_ms),
                by="system",
                cause="unmerge",
            )
            for number in entered
        ],
        batch_size=_CHUNK,
        ignore_conflicts=True,
    )


def members_at(workspace_id: int, pk: int, at: datetime) -> BitMap:
    """Who was in a segment at an instant: from its snapshot, later rows of the log are applied or earlier ones undone.

    Raises InvalidInput for an instant before the rows that retention removed.
    """
    rows = MembershipLog.objects.of(workspace_id)
    cut = rows.filter(at__lte=at).order_by("-position").values_list("position", flat=True).first() or 0
    pruned = MembershipHead.objects.filter(workspace_id=workspace_id).values_list("pruned", flat=True).first() or 0
    if cut < pruned:
        raise InvalidInput(
            Reason("before_history", "The history of memberships does not reach back that far."),
            details={"field": "at"},
        )
    # No transaction is needed: a snapshot is one row, the log only grows, and its cut is fixed.
    snapshot = MembershipSnapshot.objects.of(workspace_id).filter(segment_id=pk).first()
    position = snapshot.position if snapshot else pruned
    members = BitMap.deserialize(bytes(snapshot.members)) if snapshot else BitMap()
    if cut < position:
        return log.unfold(log.read_back(workspace_id, position, downto=cut), pk, members)
    found = {pk: members}
    log.fold(log.read(workspace_id, position, upto=cut), found)
    return found.get(pk, BitMap())


def last_sizes(workspace_id: int, pks: Sequence[int]) -> dict[int, int]:
    """How many members each of these segments had after its last move; 0 where nobody has ever moved."""
    points = SegmentSize.objects.of(workspace_id).filter(segment=OuterRef("pk")).order_by("-at").values("size")[:1]
    rows = Segment.objects.of(workspace_id).filter(pk__in=pks).annotate(last=Subquery(points))
    return {pk: size or 0 for pk, size in rows.values_list("pk", "last")}


def compact_sizes(workspace_id: int, *, before: datetime) -> int:
    """Join the points of every whole hour that ended before an instant; the answer is how many points went."""
    hour = before.replace(minute=0, second=0, microsecond=0)
    old = SegmentSize.objects.of(workspace_id).filter(at__lt=hour).exclude(at__minute=0).order_by("segment_id", "at")
    hours = {(point.segment_id, point.at.replace(minute=0)) for point in old.only("segment_id", "at").iterator()}
    removed = 0
    for pk, start in sorted(hours):
        with transaction.atomic():
            points = list(_hour_of(workspace_id, pk, start))
            joined = points[-1]
            gone = [point.pk for point in points[:-1]]
            joined.entered = sum(point.entered for point in points)
            joined.left = sum(point.left for point in points)
            joined.at = start
            SegmentSize.objects.of(workspace_id).filter(pk__in=gone).delete()
            joined.save(update_fields=["at", "entered", "left"])
            removed += len(gone)
    return removed


def prune(workspace_id: int, *, before: datetime, chunk: int = 1_000) -> int:
    """Remove rows of the log from before an instant that snapshots hold and ClickHouse has; returns how many went.

    At most `chunk`, the oldest first. The newest of them stays: it tells that nothing moved until the one after it.
    """
    with transaction.atomic():
        head = MembershipHead.objects.select_for_update().filter(workspace_id=workspace_id).first()
        if head is None:
            return 0
        positions = list(prunable(head, before).order_by("position").values_list("position", flat=True)[: chunk + 1])
        if len(positions) <= 1:
            return 0
        removed, _ = prunable(head, before).filter(position__lte=positions[-2]).delete()
        MembershipHead.objects.filter(pk=head.pk).update(pruned=positions[-2])
    return removed


def prunable(head: MembershipHead, before: datetime) -> QuerySet[MembershipLog]:
    """Rows from before an instant that snapshots hold and ClickHouse has; the newest of them stays."""
    upto = min(head.snapshot, head.shipped)
    return MembershipLog.objects.of(head.workspace_id).filter(at__lt=before, position__lte=upto)


def _hour_of(workspace_id: int, pk: int, start: datetime) -> list[SegmentSize]:
    points = SegmentSize.objects.of(workspace_id).filter(segment_id=pk, at__gte=start)
    return list(points.filter(at__lt=start.replace(minute=59, second=59, microsecond=999_999)).order_by("at"))


def _chunks(numbers: BitMap) -> list[list[int]]:
    flat = list(numbers)
    return [flat[start : start + _CHUNK] for start in range(0, len(flat), _CHUNK)]
