"""The kinds of job of this room, and what it does by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from coterie.accounts.audit import SYSTEM
from coterie.jobs import actions as jobs
from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import OPEN
from coterie.jobs.schedule import Task
from coterie.jobs.turn import Turn
from coterie.jobs.wording import titled
from coterie.kit import clock
from coterie.privacy import actions, copying, erasing, sweeping
from coterie.privacy.models import Erasure, ErasureState

_TRIED_AGAIN: Final = timedelta(minutes=10)


def _erase(turn: Turn) -> Steps:
    """Erase; whoever asked had the right to, so it goes on also when they have lost it since."""
    erasure = Erasure.objects.of(turn.job.workspace).select_related("workspace").get(public_id=turn.params["erasure"])
    if erasure.state == ErasureState.OPEN:
        for _ in erasing.erase(erasure, turn.beat):
            turn.save(phase=_PHASES.get(erasure.step, "noting"))
            yield
    result: dict[str, Any] = {"erasure": erasure.public_id, "counts": {"people": len(erasure.numbers)}}
    return result


_PHASES: Final = {
    "ledger": "arrived",
    "arrived": "counting",
    "counted": "named",
    "named": "files",
    "files": "removing",
    "people": "former",
    "undo": "made",
    "made": "log",
    "log": "index",
    "index": "pages",
    "pages": "signing",
}


def finish_erasures() -> int:
    """Have erasures go on that nobody works on: of a restored database, or whose job has ended early. How many.

    The job is the system's own. One that fails is tried again after a while.
    """
    count = 0
    rows = Erasure.objects.filter(state=ErasureState.OPEN).exclude(job__state__in=OPEN)
    for erasure in rows.select_related("workspace", "job").order_by("pk")[:20]:
        job = erasure.job
        if job is not None and job.by == SYSTEM.name:
            if job.finished_at is None or job.finished_at > clock.now() - _TRIED_AGAIN:
                continue
            jobs.go_on(job)
        else:
            _give_job(erasure)
        count += 1
    return count


@transaction.atomic
def _give_job(erasure: Erasure) -> None:
    erasure.job = jobs.start_own(
        erasure.workspace,
        "privacy.erase",
        title=titled("erasure", count=len(erasure.numbers)),
        permission=actions.PERMISSION,
        params={"erasure": erasure.public_id},
        unit="steps",
    )
    erasure.save(update_fields=["job"])


KINDS: Final = (
    Kind("privacy.copy", copying.copy),
    Kind(sweeping.KIND, sweeping.sweep, mail="never"),
    Kind("privacy.erase", _erase, about=lambda job: str(job.params.get("erasure", ""))),
)
TASKS: Final = (
    Task("privacy.finish_erasures", timedelta(minutes=1), finish_erasures),
    Task("privacy.retain", timedelta(days=1), sweeping.start_due),
)
