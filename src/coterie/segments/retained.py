"""What this room keeps for a time; see jobs/retaining.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from coterie.jobs.retaining import Cut, Found, Removed, Retained
from coterie.segments import memberships
from coterie.segments.models import MembershipHead, MembershipLog

_CHUNK: Final = 1_000


class History:
    """Who entered and left which segment, by rows of the log: sets of many people, so any hold keeps them all."""

    def look(self, cut: Cut) -> Found:
        if cut.held:
            return Found(paused=True)
        rows = _old(cut)
        # The newest one stays: it tells that nothing moved until the one after it.
        count = max(0, rows.count() - 1)
        oldest = rows.order_by("position").values_list("at", flat=True).first() if count else None
        return Found(count, oldest=oldest)

    def next(self, cut: Cut, mark: int) -> Sequence[int]:
        if cut.held:
            return []
        rows = _old(cut).filter(position__gt=mark).order_by("position")
        return list(rows.values_list("position", flat=True)[: _CHUNK + 1])[:-1]

    def drop(self, cut: Cut, keys: Sequence[int]) -> Removed:
        if cut.held:
            return Removed(0, keys[-1])
        return Removed(memberships.prune(cut.workspace.pk, before=cut.before, chunk=len(keys)), keys[-1])


def _old(cut: Cut) -> QuerySet[MembershipLog]:
    head = MembershipHead.objects.filter(workspace=cut.workspace).first()
    return (
        memberships.prunable(head, cut.before) if head is not None else MembershipLog.objects.of(cut.workspace).none()
    )


MEMBERSHIPS: Final = Retained(
    "memberships",
    ("segments_membershiplog",),
    History(),
    default=lambda: int(settings.COTERIE_KEEP_MEMBERSHIPS_DAYS),
)
RETAINED: Final = (MEMBERSHIPS,)
