"""Every write to imports and exports that a caller asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.permissions import Access
from coterie.jobs import actions as jobs
from coterie.jobs import files, frozen
from coterie.jobs.models import OPEN, Job, JobState
from coterie.jobs.wording import titled
from coterie.kit import clock
from coterie.kit.errors import Conflict, TooLarge
from coterie.transfers import choosing, compiling, inspecting, ledger, limits, queries, sheets
from coterie.transfers.models import Import, Phase
from coterie.transfers.plan import ImportPlan
from coterie.transfers.schemas import ExportBody

PERMISSION = "people:write"


def upload(access: Access, name: str, pieces: Iterable[bytes]) -> Import:
    """Keep a file that is to be imported and say what is in it.

    Unreadable when it is no table, TooLarge beyond 1 GB (a spreadsheet 50 MB); then nothing is kept.
    """
    path = files.new_place(access.workspace, ".upload")
    size = files.write_pieces(path, pieces, most=limits.TEXT_FILE)
    try:
        with path.open("rb") as file:
            is_sheet = sheets.is_sheet(file.read(8))
        if is_sheet and size > limits.SHEET_FILE:
            raise TooLarge(details={"limit_bytes": limits.SHEET_FILE})
        found = inspecting.sheets_of(path) if is_sheet else {}
        with transaction.atomic():
            stored = files.keep(access.workspace, path, name=name, purpose="upload")
            source = Import.objects.create(
                workspace=access.workspace,
                name=stored.name,
                format="sheet" if is_sheet else "text",
                upload=stored,
                found=found,
                by=access.actor.name,
                user=access.user,
            )
        try:
            inspecting.inspect(source)
        except BaseException:
            remove_rows(source)
            raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    details = {"size": size, "format": source.format}
    audit.record(access.actor, "import.uploaded", workspace=access.workspace, target=source.public_id, details=details)
    return source


def inspect(access: Access, public_id: str, layout: dict[str, Any]) -> Import:
    """Look at the file again, with another sheet, header row, encoding or delimiter. Conflict once it has run."""
    source = queries.get_import(access, public_id)
    _refuse_run(source)
    inspecting.inspect(source, **layout)
    return source


@transaction.atomic
def set_plan(access: Access, public_id: str, plan: ImportPlan) -> Import:
    """Say what is to be done with the file; InvalidInput when it can't be. Conflict once it has run."""
    source = queries.get_import(access, public_id, lock=True)
    _refuse_run(source)
    source.plan = compiling.checked(access, source, plan).model_dump(mode="json")
    source.planned_at = clock.now()
    source.save(update_fields=["plan", "planned_at"])
    return source


@transaction.atomic
def start_rehearsal(access: Access, public_id: str) -> Job:
    """Start the rehearsal of the present plan. Conflict without a plan, while one is going on, and after the run."""
    source = queries.get_import(access, public_id, lock=True)
    _refuse_run(source)
    _need_plan(source)
    _refuse_open(source.rehearsal)
    job = _start(access, source, "import.rehearse", "rehearsal")
    source.rehearsal = job
    source.save(update_fields=["rehearsal"])
    return job


@transaction.atomic
def start_run(access: Access, public_id: str) -> Job:
    """Start the run. Conflict without a plan and when there was one: what failed or was cancelled is retried."""
    source = queries.get_import(access, public_id, lock=True)
    _refuse_run(source)
    _need_plan(source)
    _refuse_open(source.rehearsal)
    job = _start(access, source, "import.run", "import")
    source.run = job
    source.save(update_fields=["run"])
    return job


@transaction.atomic
def start_undo(access: Access, public_id: str) -> Job:
    """Start to take the run back. Conflict when there was none, while it goes on, and a second time."""
    source = queries.get_import(access, public_id, lock=True)
    if source.run is None:
        raise Conflict("The import has not run: there is nothing to undo.", code="import_not_run")
    _refuse_open(source.run)
    if source.undo is not None:
        raise Conflict("This was taken back already, or is about to be.", code="undone_already")
    job = _start(access, source, "import.undo", "import_undo")
    source.undo = job
    source.save(update_fields=["undo"])
    return job


def start_export(access: Access, body: ExportBody) -> Job:
    """Start to write people into a file, those who are selected now: numbers, a filter, a segment, or everyone.

    Unavailable while the index is being rebuilt, InvalidInput for a column that is not there.
    """
    params = choosing.settled(access, body)
    try:
        return jobs.start(
            access,
            "export",
            title=titled("export", count=params["total"], format=body.format.upper()),
            permission="people:export",
            params=params,
            unit="people",
            total=params["total"],
            # Who is in a segment may be hidden from others who may export.
            private=choosing.is_narrow(body),
        )
    except BaseException:
        frozen.forget(access.workspace, params["frozen"])
        raise


def remove(access: Access, public_id: str) -> None:
    """Remove an import with its file and what was noted about its rows; what it has done stays.

    Conflict while a job of it goes on.
    """
    with transaction.atomic():
        source = queries.get_import(access, public_id, lock=True)
        for job in (source.rehearsal, source.run, source.undo):
            _refuse_open(job)
        audit.record(access.actor, "import.removed", workspace=access.workspace, target=source.public_id)
    remove_rows(source)


def remove_rows(source: Import) -> None:
    """Remove an import as if it had never been uploaded."""
    ledger.forget(source, *Phase)
    stored = [file for file in (source.upload, source.table) if file is not None]
    with transaction.atomic():
        Import.objects.of(source.workspace_id).filter(pk=source.pk).delete()
    for file in stored:
        files.remove(file)


def refuse_retry(job: Job) -> None:
    """Raise Conflict when an import's job that has ended must not go on."""
    source = queries.import_of_job(job)
    if source is None:
        raise Conflict("The import is gone.", code="import_gone")
    if job.kind != "import.undo" and source.undo is not None:
        raise Conflict("The import was taken back.", code="undone_already")
    if job.kind == "import.rehearse" and (source.run is not None or source.rehearsal_id != job.pk):
        raise Conflict("There is a newer rehearsal, or the import has run.", code="import_ran")


def _start(access: Access, source: Import, kind: str, code: str) -> Job:
    title = titled(code, name=source.name)
    return jobs.start(access, kind, title=title, permission=PERMISSION, params={"import": source.public_id})


def _refuse_run(source: Import) -> None:
    if source.run is not None and source.run.state != JobState.CANCELLED:
        raise Conflict("The import has run, or is about to.", code="import_ran")
    if source.run is not None:
        raise Conflict("The run was cancelled: let it go on, or undo it and upload the file again.", code="import_ran")


def _refuse_open(job: Job | None) -> None:
    if job is not None and job.state in OPEN:
        raise Conflict("A job of this import is going on.", code="import_busy", details={"job": job.public_id})


def _need_plan(source: Import) -> None:
    if source.plan is None:
        raise Conflict("The import has no plan yet.", code="no_plan")
