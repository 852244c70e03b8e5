"""Tasks that run by the clock: each runs in one worker at a time, however many workers there are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from coterie.jobs.models import TaskRun
from coterie.kit import clock
from coterie.kit.traces import said

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One row of a room's table of tasks. `run` must be safe to run twice: a worker may die in the middle."""

    name: str
    every: timedelta
    run: Callable[[], object]


def run_due(tasks: Iterable[Task]) -> list[str]:
    """Run the tasks whose time has come, one after the other; the names of those that ran.

    A task that fails is logged and runs again at its next time.
    """
    return [task.name for task in tasks if _run(task)]


def _run(task: Task) -> bool:
    now = clock.now()
    TaskRun.objects.get_or_create(name=task.name, defaults={"due_at": now})
    # The row count tells who won: of several workers one moves the time on.
    due = TaskRun.objects.filter(name=task.name, due_at__lte=now)
    if not due.update(due_at=now + task.every, started_at=now):
        return False
    error = ""
    try:
        task.run()
    except Exception as raised:
        _log.exception("task %s failed", task.name)
        error = said(raised)
    TaskRun.objects.filter(name=task.name, started_at=now).update(finished_at=clock.now(), error=error)
    return True
