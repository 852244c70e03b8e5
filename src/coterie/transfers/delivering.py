"""The job of a scheduled export: select with the owner's rights of this moment, write the file, deliver it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from coterie.jobs import files
from coterie.jobs.kinds import Steps
from coterie.jobs.models import Job, StoredFile
from coterie.jobs.turn import Turn
from coterie.kit import failpoints, s3
from coterie.kit.errors import Conflict, CoterieError, Forbidden, RetryLater
from coterie.kit.reasons import Reason
from coterie.transfers import choosing, destinations, exporting, folders, schedules
from coterie.transfers.models import DestinationKind, ExportDelivery, ExportDestination, ExportSchedule
from coterie.transfers.schemas import ExportBody

PAUSES: Final = (10, 30, 60, 120, 300, 600, 1_200, 1_800)
"""Seconds to wait after each failure in a row that may pass; after the last one the job fails."""
_PIECE: Final = 4 << 20


def run(turn: Turn) -> Steps:
    """Make the file and deliver it under the name of its slot; each may be gone on with after a kill."""
    schedule = _schedule_of(turn.job)
    if schedule is None:
        raise Conflict("The schedule is gone.", code="schedule_gone")
    _need_rights(turn, schedule)
    if "settled" not in turn.checkpoint:
        _settle(turn, schedule)
        yield
    yield from exporting.export(turn)
    try:
        yield from _deliver(turn, schedule)
    except RetryLater as error:
        _wait(turn, error)
    return turn.result


def refuse_retry(job: Job) -> None:
    """Raise Conflict when the schedule of a job, or its destination, is gone."""
    if _schedule_of(job) is None or _destination_of(job) is None:
        raise Conflict("The schedule or its destination is gone.", code="schedule_gone")


def _schedule_of(job: Job) -> ExportSchedule | None:
    rows = ExportSchedule.objects.of(job.workspace_id).select_related("workspace")
    return rows.filter(public_id=job.params.get("schedule", "")).first()


def _destination_of(job: Job) -> ExportDestination | None:
    rows = ExportDestination.objects.of(job.workspace_id).select_related("workspace")
    return rows.filter(pk=job.params.get("destination") or 0).first()


def _need_rights(turn: Turn, schedule: ExportSchedule) -> None:
    """Ask anew in each turn whether the owner may still export; a right that was lost pauses the schedule."""
    try:
        turn.access()
    except Forbidden as error:
        raise _paused(schedule, Reason("no_right", "Its owner may not export any more. {error}", error=error)) from None


def _settle(turn: Turn, schedule: ExportSchedule) -> None:
    """Freeze who is exported. A filter or a segment that is broken, gone or hidden pauses the schedule: it never means
    everyone.
    """
    try:
        settled = choosing.settled(turn.access(), ExportBody.model_validate(turn.params["body"]))
    except RetryLater:
        raise
    except CoterieError as error:
        raise _paused(schedule, error.why()) from None
    except ValueError:
        raise _paused(schedule, Reason("unreadable_export", "What it exports can't be read any more.")) from None
    settled["name"] = turn.params["object"].removesuffix(f".{settled['format']}")
    turn.checkpoint["settled"] = settled
    turn.save(total=settled["total"])


def _paused(schedule: ExportSchedule, reason: Reason) -> CoterieError:
    schedules.pause(schedule, reason)
    return Conflict(Reason("paused_since", "{reason} The schedule is paused.", reason=reason), code="schedule_paused")


def _deliver(turn: Turn, schedule: ExportSchedule) -> Iterator[None]:
    mark = turn.checkpoint
    if mark.get("delivered"):
        return
    destination = _destination_of(turn.job)
    if destination is None:
        raise Conflict("The destination is gone.", code="destination_gone")
    made = StoredFile.objects.of(turn.job.workspace).filter(job=turn.job, purpose="export", removed_at=None)
    # With a workbook there may be its table, for what no cell can hold.
    file = made.filter(place__endswith=f".{exporting.asked(turn)['format']}").first()
    if file is None:
        raise Conflict("The file is gone: run the schedule again.", code="file_gone")
    path = files.path_of(file)
    if "sha256" not in mark:
        mark["sha256"] = _digest(turn, path)
        turn.save(phase="delivering")
        yield
    yield from _WAYS[DestinationKind(destination.kind)](turn, destination, path)
    failpoints.hit("delivery.done")
    with transaction.atomic():
        ExportDelivery.objects.of(turn.job.workspace).update_or_create(
            workspace=turn.job.workspace,
            destination=destination,
            object=turn.params["object"],
            defaults={
                "schedule": schedule,
                "place": destination.place,
                "job": turn.job,
                "size": file.size,
                "rows": mark["rows"],
                "sha256": mark["sha256"],
            },
        )
        mark["delivered"] = True
        turn.result["delivery"] = {"destination": destination.name, "object": turn.params["object"]}
        turn.save(done=mark["done"])
    yield


def _digest(turn: Turn, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            turn.beat()
    return digest.hexdigest()


def _to_folder(turn: Turn, destination: ExportDestination, path: Path) -> Iterator[None]:
    for _ in folders.deliver(destination.workspace, destination.folder, turn.params["object"], path):
        turn.beat()
        yield


def _to_storage(turn: Turn, destination: ExportDestination, path: Path) -> Iterator[None]:
    bucket, mark = destinations.bucket_of(destination), turn.checkpoint
    key, size = destinations.object_key(destination, turn.params["object"]), path.stat().st_size
    if size <= s3.PART:
        bucket.put(key, path.read_bytes(), digest=mark["sha256"])
        return
    # Parts are alike, but for the last; larger ones where there would be too many.
    length = max(s3.PART, -(-size // s3.MOST_PARTS))
    if "upload" not in mark:
        mark["upload"], mark["tags"] = bucket.begin(key, digest=mark["sha256"]), []
        turn.save()
        yield
    try:
        with path.open("rb") as file:
            while len(mark["tags"]) * length < size:
                file.seek(len(mark["tags"]) * length)
                tag = bucket.put_part(key, mark["upload"], len(mark["tags"]) + 1, file.read(length))
                failpoints.hit("delivery.part")
                mark["tags"].append(tag)
                mark["tries"] = 0
                turn.save()
                yield
        bucket.finish(key, mark["upload"], mark["tags"])
    except s3.Refusal as refusal:
        if refusal.word != "NoSuchUpload":
            raise
        if bucket.digest_of(key) == mark["sha256"]:
            # Put together by a worker that ended before it could say so.
            return
        # The storage has thrown the parts away: begun anew.
        del mark["upload"], mark["tags"]
        raise RetryLater("The storage has forgotten the upload.", retry_after=1) from None


def _wait(turn: Turn, error: RetryLater) -> None:
    """Have the job try again after a while; raises the error for good when it has failed too often in a row."""
    tries = turn.checkpoint.get("tries", 0)
    if tries >= len(PAUSES):
        turn.checkpoint["tries"] = 0
        turn.save()
        raise Conflict(error.message, code=error.code, details=error.details)
    turn.checkpoint["tries"] = tries + 1
    turn.save()
    raise RetryLater(error.message, code=error.code, details=error.details, retry_after=PAUSES[tries])


_WAYS: Final[dict[DestinationKind, Any]] = {DestinationKind.FOLDER: _to_folder, DestinationKind.S3: _to_storage}
