"""Folders for what a job writes on the way to its file: inside the folder of files, and never longer than its turn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from coterie.jobs.models import Job, JobState
from coterie.kit import clock

_NAME: Final = "scratch"


@contextmanager
def folder(job: Job) -> Iterator[Path]:
    """A folder of this turn's own, which goes with it. Its name is the lease's token, so no other turn has it."""
    path: Path = settings.COTERIE_FILES / _NAME / job.token
    path.mkdir(mode=0o700, parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def sweep() -> int:
    """Remove the folders of turns that were killed; how many."""
    count = 0
    for path in sorted((settings.COTERIE_FILES / _NAME).glob("*")):
        turn = Job.objects.filter(token=path.name, state=JobState.RUNNING, lease_until__gt=clock.now())
        if not turn.exists():
            shutil.rmtree(path, ignore_errors=True)
            count += 1
    return count
