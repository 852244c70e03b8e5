"""Every read of imports: what was found, what became of each row."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.jobs.models import Job, JobState
from coterie.kit.errors import NotFound
from coterie.segments.uses import Use
from coterie.transfers import ledger
from coterie.transfers.models import Import, ImportRow, Phase, RowOutcome
from coterie.transfers.plan import read_plan


def get_import(access: Access, public_id: str, *, lock: bool = False) -> Import:
    """The import with this id; the same NotFound when there is none and when it is foreign."""
    rows = Import.objects.of(access.workspace)
    if lock:
        # Locked without what it refers to: PostgreSQL locks no outer join.
        rows.select_for_update().filter(public_id=public_id).first()
    found = rows.select_related("workspace", "upload", "table", "rehearsal", "run", "undo")
    source = found.filter(public_id=public_id).first()
    if source is None:
        raise NotFound("There is no such import.", code="import_not_found")
    return source


def list_imports(access: Access, *, before: int | None, limit: int) -> list[Import]:
    """Imports, newest first."""
    rows = Import.objects.of(access.workspace).select_related("upload", "rehearsal", "run", "undo")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def import_of_job(job: Job) -> Import | None:
    """The import that a job is about; None when it is gone."""
    rows = Import.objects.of(job.workspace_id).select_related("run")
    return rows.filter(public_id=job.params.get("import", "")).first()


def rows_page(source: Import, phase: Phase, *, outcome: RowOutcome | None, after: int, limit: int) -> list[ImportRow]:
    """Outcomes of rows after a line, in the file's order."""
    return ledger.page(source, phase, outcome=outcome, after=after, limit=limit)


def that_name(workspace: Workspace) -> Iterable[tuple[str, Use]]:
    """The imports that have not done yet what they plan to, by the segments they are to put people into."""
    rows = Import.objects.of(workspace).filter(plan__isnull=False, undo=None)
    open_ones = rows.filter(Q(run=None) | ~Q(run__state=JobState.DONE)).order_by("-pk")
    for public_id, name, plan in open_ones.values_list("public_id", "name", "plan"):
        for named in read_plan(plan).segments:
            yield named, Use("import", public_id, name, needs="people:write")
