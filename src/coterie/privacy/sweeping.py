"""The job of retention: removes what is older than its class is kept for, in all classes, one step after the other.

Each step removes some entries in one transaction with the checkpoint and the counts, so a job that was killed goes on
where it was. Holds are read in that transaction: one that is set meanwhile wins.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.jobs import actions as jobs
from coterie.jobs.kinds import Steps
from coterie.jobs.models import OPEN, Job
from coterie.jobs.retaining import Cut, Retained, edge
from coterie.jobs.turn import Turn
from coterie.jobs.wording import titled
from coterie.kit import clock, failpoints, turns
from coterie.kit.errors import Conflict
from coterie.people import changes, holds
from coterie.privacy.actions import PERMISSION
from coterie.privacy.classes import CLASSES
from coterie.privacy.retention import in_force

KIND: Final = "privacy.retain"
_TITLE: Final = titled("retention")


def start(access: Access) -> Job:
    """Remove now what is too old; Conflict when that goes on already."""
    if _open(access.workspace):
        raise Conflict("It is being removed already.", code="retention_going_on")
    return jobs.start(access, KIND, title=_TITLE, permission=PERMISSION, params=_params(), unit="entries")


def start_due() -> int:
    """Start a job in each workspace where something is too old; how many."""
    count = 0
    for workspace in Workspace.objects.order_by("pk"):
        if not _open(workspace) and any(_begins(workspace, kept) for kept in CLASSES.values()):
            jobs.start_own(workspace, KIND, title=_TITLE, permission=PERMISSION, params=_params(), unit="entries")
            count += 1
    return count


def sweep(turn: Turn) -> Steps:
    """Go through the classes; the result counts what went of each."""
    workspace, at = turn.job.workspace, datetime.fromisoformat(turn.params["at"])
    turn.result.setdefault("counts", {})
    done: list[str] = turn.checkpoint.setdefault("classes", [])
    for name, kept in CLASSES.items():
        if name in done:
            continue
        while _step(turn, workspace, kept, at):
            failpoints.hit("privacy.retain.step")
            yield
        done.append(name)
        turn.checkpoint["mark"] = 0
        turn.save()
        yield
    return turn.result


def _step(turn: Turn, workspace: Workspace, kept: Retained, at: datetime) -> bool:
    """Remove some entries of a class; False when none are left."""
    mark = int(turn.checkpoint.get("mark", 0))
    cut = _cut(workspace, kept, at)
    keys = kept.source.next(cut, mark) if cut is not None else ()
    if not keys:
        return False
    with turns.patient(), transaction.atomic():
        # Whoever sets a hold takes the same lock.
        changes.lock(workspace)
        cut = _cut(workspace, kept, at)
        if cut is None:
            return False
        removed = kept.source.drop(cut, keys)
        counts: dict[str, int] = turn.result["counts"]
        if removed.rows:
            counts[kept.name] = counts.get(kept.name, 0) + removed.rows
        turn.checkpoint["mark"] = removed.mark
        turn.save(done=sum(counts.values()), phase="aged")
    return True


def _cut(workspace: Workspace, kept: Retained, at: datetime) -> Cut | None:
    """What is to go of a class by what is in force now; None when it is kept for ever."""
    _, days, action = in_force(workspace, kept)
    return Cut(workspace, edge(days, at), holds.held(workspace), action) if days is not None else None


def _begins(workspace: Workspace, kept: Retained) -> bool:
    cut = _cut(workspace, kept, clock.now())
    return cut is not None and bool(kept.source.next(cut, 0))


def _open(workspace: Workspace) -> bool:
    return Job.objects.of(workspace).filter(kind=KIND, state__in=OPEN).exists()


def _params() -> dict[str, str]:
    return {"at": clock.iso(clock.now())}
