"""What is done for jobs by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from coterie.jobs import files, scratch
from coterie.jobs.notices import send_mails
from coterie.jobs.schedule import Task

TASKS: Final = (
    Task("jobs.send_mails", timedelta(minutes=1), send_mails),
    Task("jobs.forget_unfinished", timedelta(minutes=10), files.forget_unfinished),
    Task("jobs.forget_orphan_files", timedelta(hours=12), files.forget_orphans),
    Task("jobs.sweep_scratch", timedelta(hours=12), scratch.sweep),
)
