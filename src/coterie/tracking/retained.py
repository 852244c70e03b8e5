"""What this room keeps for a time; see jobs/retaining.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs.retaining import Retained, Rows
from coterie.kit import clock
from coterie.tracking import limits
from coterie.tracking.models import IdConflict, Quarantine, QuarantineState

# What was sent again is there to be looked at for so long.
_REPLAYED: Final = timedelta(days=7)


def _set_aside(workspace: Workspace, before: datetime) -> QuerySet[Quarantine]:
    replayed = Q(state=QuarantineState.REPLAYED, at__lt=clock.now() - _REPLAYED)
    return Quarantine.objects.of(workspace).filter(Q(at__lt=before) | replayed)


def _conflicts(workspace: Workspace, before: datetime) -> QuerySet[IdConflict]:
    return IdConflict.objects.of(workspace).filter(day__lt=before.date())


QUARANTINE: Final = Retained(
    "quarantine",
    ("tracking_quarantine",),
    Rows(_set_aside, "at"),
    default=lambda: limits.current().keep_quarantine_days,
)
RETAINED: Final = (
    QUARANTINE,
    Retained("id_conflicts", ("tracking_idconflict",), Rows(_conflicts, "day", shown="pk")),
)
