"""What /readyz and `coterie doctor` look at: the stores, how far the index is behind, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Sum

from coterie.accounts.models import Workspace
from coterie.audience.engine import engine
from coterie.audience.models import IndexPosition, IndexState
from coterie.audience.startup import require_ready
from coterie.kit import clock
from coterie.kit.errors import Unavailable
from coterie.kit.health import Health, register
from coterie.people.models import Change, WorkspaceLog
from coterie.tracking import limits
from coterie.tracking.models import RawBatch

# A list that is older than this is not what people expect to see.
MOST_LAG: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Lag:
    """How far the index of a workspace is behind: changes, and the age of the oldest of them in seconds."""

    workspace: Workspace
    changes: int
    seconds: float


def positions() -> dict[int, int]:
    """The last projected change of each workspace."""
    return dict(IndexPosition.objects.values_list("workspace_id", "seq"))


def holds_anything() -> bool:
    """Whether any workspace has ever written something: an index of nothing is not missing."""
    return WorkspaceLog.objects.filter(head_seq__gt=0).exists()


def behind() -> list[Workspace]:
    """Workspaces with changes that are not in the index yet."""
    done = positions()
    heads = WorkspaceLog.objects.values_list("workspace_id", "head_seq")
    wanted = [workspace_id for workspace_id, head in heads if head > done.get(workspace_id, 0)]
    return list(Workspace.objects.filter(pk__in=wanted).order_by("pk")) if wanted else []


def lags() -> list[Lag]:
    """How far each workspace that is behind is behind."""
    done = positions()
    heads = dict(WorkspaceLog.objects.values_list("workspace_id", "head_seq"))
    found = []
    for workspace in behind():
        seq = done.get(workspace.pk, 0)
        at = Change.objects.of(workspace).filter(seq=seq + 1).values_list("at", flat=True).first()
        age = (clock.now() - at).total_seconds() if at else 0.0
        found.append(Lag(workspace, heads[workspace.pk] - seq, max(0.0, age)))
    return found


def backlog() -> int:
    """Accepted events that are not drained yet, of all workspaces."""
    return int(RawBatch.objects.aggregate(waiting=Sum("item_count"))["waiting"] or 0)


def _clickhouse() -> Health:
    engine().ping()
    return Health(ready=True)


def _index() -> Health:
    try:
        require_ready()
    except Unavailable as error:
        if error.code != "index_rebuilding":
            raise
        state = IndexState.objects.filter(pk=1).first()
        done = f"; {state.progress_done:,} of {state.progress_total:,} changes" if state else ""
        return Health(ready=False, note=f"the index is being rebuilt{done}")
    return Health(ready=True)


def _projector() -> Health:
    found = lags()
    if not found:
        return Health(ready=True, note="0 changes behind")
    worst = max(lag.seconds for lag in found)
    note = f"{sum(lag.changes for lag in found):,} changes behind, the oldest for {worst:.1f} s"
    return Health(ready=worst <= MOST_LAG.total_seconds(), note=note)


def _backlog() -> Health:
    waiting = backlog()
    return Health(ready=waiting < limits.current().backlog_items, note=f"{waiting:,} events wait")


# Name, check, and the check of another store without which it can't be answered.
CHECKS: Final = (
    ("clickhouse", _clickhouse, ""),
    ("index", _index, "database"),
    ("projector", _projector, "database"),
    ("backlog", _backlog, "database"),
)


def watch() -> None:
    """Have /readyz ask these too; a process calls it when it starts to serve."""
    for name, check, needs in CHECKS:
        register(name, check, needs=needs)
