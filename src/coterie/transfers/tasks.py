"""The kinds of job of this room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import Job
from coterie.jobs.schedule import Task
from coterie.jobs.turn import Turn
from coterie.transfers import actions, delivering, exporting, importing, schedules, undoing


def _schedule_of(job: Job) -> str:
    return str(job.params.get("schedule", ""))


def _import_of(job: Job) -> str:
    return str(job.params.get("import", ""))


def _of_import(name: str, run: Callable[[Turn], Steps], *, mail: Literal["chosen", "long"] = "chosen") -> Kind:
    return Kind(name, run, mail=mail, before_retry=actions.refuse_retry, about=_import_of, needs_index=False)


KINDS: Final = (
    _of_import("import.rehearse", importing.rehearse, mail="long"),
    _of_import("import.run", importing.run),
    _of_import("import.undo", undoing.undo),
    Kind("export", exporting.export),
    Kind(
        schedules.KIND,
        delivering.run,
        mail="failed",
        before_retry=delivering.refuse_retry,
        about=_schedule_of,
        by_clock=True,
    ),
)
TASKS: Final = (Task("transfers.start_due_exports", timedelta(minutes=1), schedules.start_due),)
