"""Bulk actions on more people than are changed at once: jobs over a set that is settled when they are asked for.

Each step changes some people by the code of bulk.py; what it did, how to take that back and the checkpoint are one
transaction. So a job that was killed, or cancelled and retried, does nobody twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.db import transaction
from pyroaring import BitMap

from coterie.accounts.permissions import Access
from coterie.jobs import actions as jobs
from coterie.jobs import frozen
from coterie.jobs.errors import add_errors
from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import Job
from coterie.jobs.turn import Turn
from coterie.jobs.wording import Title, titled
from coterie.kit import failpoints, turns
from coterie.kit.errors import Conflict
from coterie.kit.formulas import harmless
from coterie.segments import bulk, bulk_undo, static
from coterie.segments.bulk import Done, Edit, Failure, Step
from coterie.segments.models import BulkUndo, BulkUndoPart
from coterie.segments.selection import Selected
from coterie.segments.visibility import segment_for

# People in one transaction: on SQLite other writers wait for it.
STEP: Final = 1_000
_HEADER: Final = ("number", "reason")


def change_people(access: Access, chosen: Selected, edit: Edit) -> Done:
    """Change the selected people, at once or by a job; errors as for `bulk.change_people`."""
    if chosen.at_once:
        return bulk.change_people(access, chosen.numbers, edit)
    bulk.check_edit(access.workspace, edit)
    title = titled("change", count=len(chosen))
    return _start(access, chosen, "bulk.change", title, "people:write", {"edit": asdict(edit)})


def change_members(access: Access, chosen: Selected, public_id: str, *, action: str) -> Done:
    """Put the selected people into a static segment (`add`) or take them out (`remove`), at once or by a job."""
    if chosen.at_once:
        do = bulk.add_members if action == "add" else bulk.remove_members
        return do(access, public_id, chosen.numbers)
    segment = segment_for(access, public_id)
    static.refuse_dynamic(segment)
    into = "into_segment" if action == "add" else "out_of_segment"
    title = titled(into, count=len(chosen), name=segment.name)
    params = {"segment": public_id, "action": action}
    # Its title names a segment, which may be hidden from others.
    return _start(access, chosen, "bulk.members", title, "segments:write", params, private=True)


def delete(access: Access, chosen: Selected) -> Done:
    """Delete the selected people, at once or by a job; that can't be undone."""
    if chosen.at_once:
        return bulk.delete(access, chosen.numbers)
    return _start(access, chosen, "bulk.delete", titled("deletion", count=len(chosen)), "people:delete", {})


def start_undo(access: Access, row: BulkUndo) -> Done:
    """Start to take back what a job has done; `bulk_undo.undo` has checked that it may be."""
    assert row.job is not None
    sizes = list(row.parts.values_list("size", flat=True))
    job = jobs.start(
        access,
        "bulk.undo",
        title=titled("undo", undone=Title.of(row.job)),
        permission=row.permission,
        params={"undo": row.public_id},
        unit="people",
        total=sum(sizes),
        private=row.job.private,
    )
    row.undo_job = job
    row.save(update_fields=["undo_job"])
    return Done(sum(sizes), 0, job=job)


def refuse_retry(job: Job) -> None:
    """Raise Conflict when a bulk job that has ended must not go on: it was taken back."""
    if BulkUndo.objects.of(job.workspace_id).filter(job=job, undone_at__isnull=False).exists():
        raise Conflict("This was taken back already, or is about to be.", code="undone_already")


def _start(
    access: Access,
    chosen: Selected,
    kind: str,
    title: Title,
    permission: str,
    params: Mapping[str, Any],
    *,
    private: bool = False,
) -> Done:
    place = frozen.freeze(access.workspace, chosen.members)
    try:
        job = jobs.start(
            access,
            kind,
            title=title,
            permission=permission,
            params={**params, "people": place},
            unit="people",
            total=len(chosen),
            # How many match a filter may tell of a segment that is hidden from others.
            private=private or chosen.narrow,
        )
    except BaseException:
        frozen.forget(access.workspace, place)
        raise
    return Done(len(chosen), 0, job=job)


def _change(turn: Turn) -> Steps:
    edit = Edit(**turn.params["edit"])
    return (yield from _go_through(turn, lambda numbers: bulk.change_some(turn.access(), numbers, edit)))


def _members(turn: Turn) -> Steps:
    do = bulk.add_some if turn.params["action"] == "add" else bulk.remove_some
    segment = turn.params["segment"]
    return (yield from _go_through(turn, lambda numbers: do(turn.access(), segment, numbers)))


def _delete(turn: Turn) -> Steps:
    return (yield from _go_through(turn, lambda numbers: bulk.delete_some(turn.access(), numbers)))


def _go_through(turn: Turn, do: Callable[[Sequence[int]], Step]) -> Steps:
    """Do something to the people of the frozen set, some at a time, by number."""
    turn.access()
    place = turn.params["people"]
    # Killed after its last step, the job may have forgotten them already.
    people = frozen.read(place) if turn.checkpoint.get("done", 0) < (turn.job.total or 0) else BitMap()
    while (done := turn.checkpoint.get("done", 0)) < len(people):
        numbers = list(people[done : done + STEP])
        with turns.patient(), transaction.atomic():
            step = do(numbers)
            _keep_part(turn, step)
            _count(turn, "changed", step.changed)
            _count(turn, "unchanged", step.selected - step.changed - len(step.failures))
            _tell(turn, step.failures, "failed", "not changed")
            turn.checkpoint["done"] = done + len(numbers)
            turn.save(done=done + len(numbers), phase="through")
        failpoints.hit("bulk.step")
        yield
    frozen.forget(turn.job.workspace, place)
    return turn.result


def _undo(turn: Turn) -> Steps:
    """Take the parts back, from the last to the first."""
    access = turn.access()
    row = BulkUndo.objects.of(turn.job.workspace).filter(public_id=turn.params["undo"]).first()
    if row is None:
        raise Conflict("What it did is not known any more.", code="undo_not_found")
    before = turn.checkpoint.get("place")
    places = row.parts.order_by("-place").values_list("place", flat=True)
    for place in list(places if before is None else places.filter(place__lt=before)):
        with turns.patient(), transaction.atomic():
            part = row.parts.get(place=place)
            step = bulk_undo.take_back(access, part.body)
            _count(turn, "taken_back", step.selected - len(step.failures))
            _tell(turn, step.failures, "kept", "not taken back")
            turn.checkpoint["place"] = place
            turn.save(done=turn.job.done + part.size, phase="taking")
        failpoints.hit("bulk.undo")
        yield
    return turn.result


def _keep_part(turn: Turn, step: Step) -> None:
    if step.body is None:
        return
    job = turn.job
    row = BulkUndo.objects.of(job.workspace).filter(job=job).first()
    if row is None:
        row = BulkUndo.objects.create(workspace=job.workspace, by=job.by, permission=job.permission, job=job)
        turn.result["undo"] = row.public_id
    body = step.body
    people = (*body["added"], *body["removed"]) if "segment" in body else {*body["values"], *body["tags"]}
    place = turn.checkpoint.get("done", 0)
    BulkUndoPart.objects.create(workspace=job.workspace, undo=row, place=place, size=len(people), body=body)


def _tell(turn: Turn, failures: Sequence[Failure], name: str, file: str) -> None:
    _count(turn, name, len(failures))
    rows = [(each.number, harmless(each.reason)) for each in failures]
    add_errors(turn, _HEADER, rows, name=f"{turn.job.title} - {file}.csv")


def _count(turn: Turn, name: str, count: int) -> None:
    counts: dict[str, int] = turn.result.setdefault("counts", {})
    counts[name] = counts.get(name, 0) + count


KINDS: Final = (
    Kind("bulk.change", _change, before_retry=refuse_retry),
    Kind("bulk.members", _members, before_retry=refuse_retry, about=lambda job: str(job.params["segment"])),
    Kind("bulk.delete", _delete),
    Kind("bulk.undo", _undo),
)
