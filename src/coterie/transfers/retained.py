"""What this room keeps for a time; see jobs/retaining.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs.models import OPEN
from coterie.jobs.retained import files_of
from coterie.jobs.retaining import Cut, Removed, Retained, Rows
from coterie.transfers import actions, ledger
from coterie.transfers.models import Import, Phase


def _imports(workspace: Workspace, before: datetime) -> QuerySet[Import]:
    rows = Import.objects.of(workspace).filter(created_at__lt=before).select_related("upload", "table")
    return rows.exclude(run__state__in=OPEN).exclude(undo__state__in=OPEN).exclude(rehearsal__state__in=OPEN)


class Imports(Rows):
    """Imports with their files. What was noted about its rows, perhaps a million, goes first and in steps."""

    def next(self, cut: Cut, mark: int) -> Sequence[int]:
        return super().next(cut, mark)[:1]

    def drop(self, cut: Cut, keys: Sequence[int]) -> Removed:
        rows = self.going(cut)
        source = rows.filter(pk=keys[0]).first() if rows is not None else None
        if source is None:
            return Removed(0, keys[0])
        if ledger.forget_some(source, *Phase):
            return Removed(0, keys[0] - 1)
        actions.remove_rows(source)
        return Removed(1, keys[0])


# For so long an import can be undone; then its file and what was noted about its rows go.
IMPORTS: Final = Retained(
    "imports",
    ("transfers_import", "transfers_importrow", "files.upload", "files.table"),
    Imports(_imports, "created_at"),
    default=lambda: 90,
)
EXPORTS: Final = files_of("exports", "export", days=7)
RETAINED: Final = (IMPORTS, EXPORTS)
