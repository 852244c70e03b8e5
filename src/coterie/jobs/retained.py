"""What this room keeps for a time; see retaining.py."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs import files
from coterie.jobs.models import OPEN, Job, Notification
from coterie.jobs.retaining import Retained, Rows


def files_of(name: str, purpose: str, *, days: int) -> Retained:
    """The class of a kind of file; each file says when it expires, by the class's period."""
    return Retained(
        name,
        (f"files.{purpose}",),
        Rows(lambda workspace, before: files.aged(workspace, purpose, before), "created_at", remove=files.remove),
        default=lambda: days,
        follow=lambda workspace, days: files.keep_by_age(workspace, purpose, days),
    )


def _ended_jobs(workspace: Workspace, before: datetime) -> QuerySet[Job]:
    return Job.objects.of(workspace).filter(finished_at__lt=before).exclude(state__in=OPEN)


def _notifications(workspace: Workspace, before: datetime) -> QuerySet[Notification]:
    return Notification.objects.of(workspace).filter(created_at__lt=before)


ERRORS: Final = files_of("error_files", "errors", days=30)
JOBS: Final = Retained("jobs", ("jobs_job",), Rows(_ended_jobs, "finished_at"), default=lambda: 180)
NOTIFICATIONS: Final = Retained(
    "notifications", ("jobs_notification",), Rows(_notifications, "created_at"), default=lambda: 90
)
# Notifications go with their jobs: those of their own age first, so that they are counted.
RETAINED: Final = (ERRORS, NOTIFICATIONS, JOBS)
