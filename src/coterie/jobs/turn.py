"""A job as the function that does its work sees it: where to begin, and how to say how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from coterie.accounts.permissions import Access
from coterie.jobs import leases
from coterie.jobs.models import Job
from coterie.jobs.requesters import access_of

# A rate over less than this is noise.
_LEAST_SECONDS: Final = 0.05
_BEAT_SECONDS: Final = 5.0


class Turn:
    """One worker's turn at a job.

    `checkpoint` is a copy that the job may change; `save` stores it. While `unbroken` is set the turn does not end for
    others who wait.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.checkpoint: dict[str, Any] = dict(job.checkpoint)
        self.result: dict[str, Any] = dict(job.result)
        self._begun = time.monotonic()
        self._beat = self._begun
        self._done_before = job.done
        self._access: Access | None = None
        self.unbroken = False

    @property
    def params(self) -> Mapping[str, Any]:
        """What the job was asked to do."""
        params: Mapping[str, Any] = self.job.params
        return params

    def access(self) -> Access:
        """The requester's access as it stands at the start of this turn; Forbidden when it is gone."""
        if self._access is None:
            self._access = access_of(self.job)
            self._access.require(self.job.permission)
        return self._access

    def save(self, *, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        """Store checkpoint, result so far and progress; in the transaction of the step whose progress it is.

        Raises LeaseLost when another worker has the job: then nothing of the step may be committed.
        """
        values: dict[str, Any] = {"checkpoint": self.checkpoint, "result": self.result}
        if phase is not None:
            if phase != self.job.phase:
                self._begun, self._done_before = time.monotonic(), 0 if done is None else done
            values["phase"] = self.job.phase = phase
        if total is not None:
            values["total"] = self.job.total = total
        if done is not None:
            values["done"] = self.job.done = done
            seconds = time.monotonic() - self._begun
            if seconds >= _LEAST_SECONDS and done > self._done_before:
                values["rate"] = self.job.rate = (done - self._done_before) / seconds
        leases.write(self.job, **values)
        self._beat = time.monotonic()

    def beat(self) -> None:
        """Say that the work goes on, inside a step that takes long; LeaseLost as for `save`."""
        if time.monotonic() - self._beat >= _BEAT_SECONDS:
            leases.write(self.job)
            self._beat = time.monotonic()
