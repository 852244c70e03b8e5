"""What tracking does by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from coterie.jobs.schedule import Task
from coterie.kit import clock
from coterie.tracking import limits
from coterie.tracking.ids import prune_ids

_CHUNK: Final = 5_000
# A minute's work at most: the next run goes on.
_MOST_CHUNKS: Final = 200


def forget_old_ids() -> int:
    """Remove message ids that are older than the time they are kept; how many.

    In chunks, each its own transaction, so that nobody waits long for the writer.
    """
    before = clock.to_ms(clock.now() - timedelta(days=limits.current().keep_ids_days))
    removed = 0
    for _ in range(_MOST_CHUNKS):
        gone = prune_ids(before, chunk=_CHUNK)
        removed += gone
        if gone < _CHUNK:
            break
    return removed


TASKS: Final[tuple[Task, ...]] = (Task("tracking.forget_old_ids", timedelta(minutes=10), forget_old_ids),)
