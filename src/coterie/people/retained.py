"""What this room keeps for a time; see jobs/retaining.py. Nothing of it goes by itself: a workspace sets a rule."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs.retaining import Retained, Rows
from coterie.people.models import MergeRecord, Note, RejectedValue


def _notes(workspace: Workspace, before: datetime) -> QuerySet[Note]:
    return Note.objects.of(workspace).filter(created_at__lt=before)


def _rejected(workspace: Workspace, before: datetime) -> QuerySet[RejectedValue]:
    return RejectedValue.objects.of(workspace).filter(at__lt=before)


def _merges(workspace: Workspace, before: datetime) -> QuerySet[MergeRecord]:
    return MergeRecord.objects.of(workspace).filter(at__lt=before)


RETAINED: Final = (
    Retained("notes", ("people_note",), Rows(_notes, "created_at", ("number",))),
    Retained("rejected_values", ("people_rejectedvalue",), Rows(_rejected, "at", ("number",))),
    Retained("merges", ("people_mergerecord",), Rows(_merges, "at", ("survivor", "merged"))),
)
