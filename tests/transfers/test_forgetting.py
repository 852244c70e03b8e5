"""What goes by its age: imports with their files, jobs with their notices; never what somebody still works on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from coterie.jobs import schedule
from coterie.jobs.files import path_of
from coterie.jobs.models import Job, Notification
from coterie.kit import clock
from coterie.privacy import sweeping
from coterie.transfers import actions
from coterie.transfers.models import Import, ImportRow
from coterie.web.runtime import TASKS
from tests.support.jobs import run_all
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server

FILE = "id,name\n1,Ada\n2,Bob\n"


def a_day_passes(now: Any, days: int) -> None:
    """Time moves on, and the clock's own tasks of files and jobs run as they would, with the jobs that they start."""
    now.move(timedelta(days=days))
    schedule.run_due([task for task in TASKS if task.name.partition(".")[0] in ("transfers", "jobs", "privacy")])
    run_all()


def imported(desk: Desk) -> Import:
    source = desk.plan(desk.upload(FILE), "user_id", "name", key="user_id")
    desk.run(source)
    return source


def of_imports(desk: Desk) -> QuerySet[Job]:
    """The jobs but for those that remove what is old."""
    return Job.objects.of(desk.workspace).exclude(kind=sweeping.KIND)


def test_imports(desk: Desk) -> None:
    """After three months an import is gone with file and rows, what it did is not."""
    with clock.frozen(clock.now()) as now:
        source = imported(desk)
        a_day_passes(now, 89)
        assert path_of(source.upload).exists()
        assert ImportRow.objects.of(desk.workspace).count() == 2
        a_day_passes(now, 2)
        assert not path_of(source.upload).exists()
        assert not ImportRow.objects.of(desk.workspace).exists()
        assert not Import.objects.of(desk.workspace).exists()
        assert [person.data["name"] for person in desk.people()] == ["Ada", "Bob"]


@pytest.mark.parametrize("start", [actions.start_rehearsal, actions.start_run])
def test_an_import_whose_job_is_open_stays(desk: Desk, start: Any) -> None:
    with clock.frozen(clock.now()) as now:
        source = desk.plan(desk.upload(FILE), "user_id", "name", key="user_id")
        now.move(timedelta(days=91))
        job = start(desk.access(), source.public_id)
        mine = Job.objects.filter(pk=job.pk)
        # Another worker has it.
        mine.update(state="running", token="theirs", lease_until=clock.now() + timedelta(days=2))
        a_day_passes(now, 1)
        assert Import.objects.filter(pk=source.pk).exists()
        mine.update(state="queued", token="", lease_until=None)
        run_all()
        job.refresh_from_db()
        assert (job.state, job.error) == ("done", "")
        a_day_passes(now, 1)
        assert not Import.objects.filter(pk=source.pk).exists()


def test_jobs_and_notices(desk: Desk) -> None:
    """Half a year for jobs that have ended, three months for notices; one that waits is not old."""
    with clock.frozen(clock.now()) as now:
        imported(desk)
        waiting = desk.plan(desk.upload(FILE), "user_id", "name", key="user_id")
        open_job = actions.start_rehearsal(desk.access(), waiting.public_id)
        lease = clock.now() + timedelta(days=400)
        Job.objects.filter(pk=open_job.pk).update(state="running", token="theirs", lease_until=lease)
        assert Notification.objects.of(desk.workspace).count() == 1
        a_day_passes(now, 89)
        assert Notification.objects.of(desk.workspace).count() == 1
        a_day_passes(now, 2)
        assert not Notification.objects.of(desk.workspace).exists()
        assert of_imports(desk).count() == 2
        a_day_passes(now, 91)
        assert list(of_imports(desk)) == [open_job]
