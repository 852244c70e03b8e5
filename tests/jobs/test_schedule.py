"""Tasks that run by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coterie.jobs.models import TaskRun
from coterie.jobs.schedule import Task, run_due
from coterie.kit import clock

pytestmark = [pytest.mark.django_db, pytest.mark.server]

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_it_works() -> None:
    ran: list[datetime] = []
    task = Task("test.task", timedelta(minutes=10), lambda: ran.append(clock.now()))
    with clock.frozen(START) as now:
        for _ in range(25):
            run_due([task])
            now.move(timedelta(minutes=1))
    assert ran == [START, START + timedelta(minutes=10), START + timedelta(minutes=20)]


def test_a_task_that_fails_is_noted_and_runs_again() -> None:
    def fail() -> None:
        raise RuntimeError("Ann is no number")

    other: list[int] = []
    tasks = [Task("test.bad", timedelta(hours=1), fail), Task("test.good", timedelta(hours=1), lambda: other.append(1))]
    with clock.frozen(START) as now:
        assert run_due(tasks) == ["test.bad", "test.good"]
        row = TaskRun.objects.get(name="test.bad")
        assert (row.error, row.started_at, row.finished_at) == ("RuntimeError", START, START)
        now.move(timedelta(hours=1))
        assert run_due(tasks) == ["test.bad", "test.good"]
    assert other == [1, 1]
    assert TaskRun.objects.get(name="test.good").error == ""


def test_another_worker_that_was_first_is_respected() -> None:
    ran: list[int] = []
    task = Task("test.task", timedelta(minutes=10), lambda: ran.append(1))
    with clock.frozen(START):
        TaskRun.objects.create(name="test.task", due_at=START + timedelta(seconds=1))
        assert run_due([task]) == []
    assert ran == []
