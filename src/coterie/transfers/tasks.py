"""The kinds of job of this room."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from coterie.jobs.kinds import Kind
from coterie.jobs.models import Job
from coterie.jobs.schedule import Task
from coterie.transfers import actions, delivering, exporting, importing, schedules, undoing


def _schedule_of(job: Job) -> str:
    return str(job.params.get("schedule", ""))


def _import_of(job: Job) -> str:
    return str(job.params.get("import", ""))


KINDS: Final = (
    Kind("import.rehearse", importing.rehearse, mail="long", before_retry=actions.refuse_retry, about=_import_of),
    Kind("import.run", importing.run, mail="long", before_retry=actions.refuse_retry, about=_import_of),
    Kind("export", exporting.export, mail="always"),
    Kind(
        schedules.KIND,
        delivering.run,
        mail="failed",
        before_retry=delivering.refuse_retry,
        about=_schedule_of,
        by_clock=True,
    ),
    Kind("import.undo", undoing.undo, mail="long", before_retry=actions.refuse_retry, about=_import_of),
)
TASKS: Final = (Task("transfers.start_due_exports", timedelta(minutes=1), schedules.start_due),)
