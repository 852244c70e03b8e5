"""What is done for segments by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from coterie.accounts.models import Workspace
from coterie.jobs.schedule import Task
from coterie.kit import clock
from coterie.segments import bulk_undo, memberships

# Points of the last two days stay by the minute, older ones are joined by the hour.
MINUTES_FOR: Final = timedelta(days=2)


def compact_sizes() -> int:
    """Join old points of size in every workspace; the answer is how many went."""
    before = clock.now() - MINUTES_FOR
    return sum(memberships.compact_sizes(workspace.pk, before=before) for workspace in Workspace.objects.all())


def forget_undo() -> int:
    """Drop bulk actions that can't be taken back any more; the answer is how many went."""
    return sum(bulk_undo.forget_old(workspace) for workspace in Workspace.objects.all())


TASKS: Final = (
    Task("segments.compact_sizes", timedelta(hours=1), compact_sizes),
    Task("segments.forget_undo", timedelta(minutes=10), forget_undo),
)
