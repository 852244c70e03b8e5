"""What is done for the index by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from coterie.accounts.models import Workspace
from coterie.audience.follower import FAR
from coterie.audience.startup import position_of
from coterie.jobs.schedule import Task
from coterie.kit import clock
from coterie.people import changes

# Readers that are this far behind read everything anew; nearer ones find all they missed.
NEWEST_KEPT: Final = 5 * FAR
# Work for a minute or so: the next run goes on.
_MOST_CHUNKS: Final = 200


def prune_changes() -> int:
    """Remove old changes that everyone has passed; the answer is how many went.

    Kept are those with events, those of the last days, the newest ones, and all that the projector has not done.
    """
    before = clock.now() - timedelta(days=settings.COTERIE_KEEP_CHANGES_DAYS)
    removed = 0
    for workspace in Workspace.objects.order_by("pk"):
        upto = min(position_of(workspace).seq, changes.head(workspace) - NEWEST_KEPT)
        for _ in range(_MOST_CHUNKS):
            pruned = changes.prune(workspace, upto=upto, before=before)
            removed += pruned.removed
            if not pruned.looked:
                break
    return removed


TASKS: Final = (Task("audience.prune_changes", timedelta(hours=1), prune_changes),)
