"""Changing the type of a field, and trying rejected values again: at once for few people, by jobs for many.

The change of a type has three parts. First the index is given each value in the form of the new type too; then, in one
transaction, the type is changed; then the values themselves are. So filters find every value all the time, under the
old type until the change and under the new one from it on. A job that ends before the second part has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final

from django.db import transaction

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.filters.fields import FieldType
from coterie.jobs import actions as jobs
from coterie.jobs import queries as job_queries
from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import OPEN, Job, JobState
from coterie.jobs.turn import Turn
from coterie.jobs.wording import titled
from coterie.kit import failpoints, turns
from coterie.kit.errors import Conflict, RetryLater
from coterie.people import attributes, changes, queries
from coterie.people.apply import apply_edits
from coterie.people.attributes import Reapplied, TypeReport
from coterie.people.edits import PersonEdit
from coterie.people.models import Attribute, Person
from coterie.people.origins import origin_of

# For more people, or more rejected values, it is a job.
AT_ONCE: Final = 5_000
# People in one transaction: on SQLite other writers wait for it.
STEP: Final = 1_000
_LOOKED_AT: Final = 5_000
_PERMISSION: Final = "attributes:write"

Part = Generator[None, None, None]
Reached = Callable[[Workspace, int], bool]
_reached: list[Reached] = []


def provide_reached(reached: Reached) -> None:
    """Have a room above say whether it has followed the change log up to a change."""
    _reached.append(reached)


def change_type(
    access: Access, attribute: int, type: FieldType, *, dry_run: bool, rehearsal: str | None = None
) -> TypeReport:
    """Change the type of an attribute, or say what would not convert; at once or by a job.

    A change by a job needs the `rehearsal`, a job that has said what becomes of this attribute's values under this
    type: Conflict without it, and while the type is being changed already.
    """
    workspace = access.workspace
    row = attributes.get_attribute(workspace, attribute)
    made = job_queries.visible(access, rehearsal) if rehearsal is not None else None
    if not dry_run:
        _refuse_second(workspace, attribute)
    many = Person.objects.of(workspace).order_by("pk")[AT_ONCE : AT_ONCE + 1].exists()
    if not many:
        origin, actor = origin_of(access), access.actor
        return attributes.change_attribute_type(workspace, attribute, type, dry_run=dry_run, origin=origin, actor=actor)
    params = {"attribute": attribute, "type": type.value}
    if dry_run:
        return TypeReport(job=_start(access, "fields.check_type", "type_check", row.key, params))
    if made is None or (made.kind, made.state, made.params) != ("fields.check_type", JobState.DONE, params):
        raise Conflict(
            "Look first at what converts: ask with 'dry_run', and name that job as 'rehearsal' when it is done.",
            code="rehearsal_needed",
        )
    with transaction.atomic():
        changes.lock(workspace)
        _refuse_second(workspace, attribute)
        return TypeReport(job=_start(access, "fields.change_type", "type_change", row.key, params))


def reapply(access: Access, key: str, *, dry_run: bool) -> Reapplied:
    """Try the rejected values of a field again, at once or by a job; a `dry_run` looks at the first 5,000."""
    workspace = access.workspace
    if dry_run or not attributes.rejected_of(workspace, key).order_by("pk")[AT_ONCE : AT_ONCE + 1].exists():
        return attributes.reapply_rejected(workspace, key, dry_run=dry_run, origin=origin_of(access))
    attributes.require_field(workspace, key)
    return Reapplied(job=_start(access, "fields.reapply", "another_try", key, {"key": key}))


def _start(access: Access, kind: str, code: str, key: str, params: dict[str, Any]) -> Job:
    title = titled(code, name=key)
    return jobs.start(access, kind, title=title, permission=_PERMISSION, params=params, unit="people")


def _refuse_second(workspace: Workspace, attribute: int) -> None:
    """Raise Conflict while a job changes the attribute's type."""
    open_ones = Job.objects.of(workspace).filter(kind="fields.change_type", state__in=OPEN)
    if open_ones.filter(params__attribute=attribute).exists():
        raise Conflict("The type of this field is being changed already.", code="type_changing")


def _before_retry(job: Job) -> None:
    attributes.get_attribute(job.workspace, job.params.get("attribute", 0))
    _refuse_second(job.workspace, job.params.get("attribute", 0))


def _check_type(turn: Turn) -> Steps:
    workspace, type = turn.access().workspace, FieldType(turn.params["type"])
    row = attributes.get_attribute(workspace, turn.params["attribute"])
    report = TypeReport(**turn.checkpoint.get("report", {}))
    total = _count_people(turn)
    while people := queries.iterate_people(workspace, turn.checkpoint.get("after", 0), _LOOKED_AT):
        attributes.count_values(report, type, attributes.holders(people, row.key))
        turn.checkpoint["after"] = people[-1].number
        _keep(turn, report)
        turn.save(done=turn.job.done + len(people), total=total, phase="values")
        yield
    return turn.result


def _change_type(turn: Turn) -> Steps:
    turn.checkpoint.setdefault("people", Person.objects.of(turn.access().workspace).count())
    for part in (_prepare, _switch, _convert)[turn.checkpoint.get("part", 0) :]:
        yield from part(turn)
    return turn.result


def _prepare(turn: Turn) -> Part:
    """Have the index made to hold the values in the new form beside the old one."""
    workspace, (kind, ref, _) = turn.access().workspace, origin_of(turn.access())
    row = _row(turn)
    # Whoever is written from here on is in the index in both forms.
    Attribute.objects.of(workspace).filter(pk=row.pk).update(other_type=turn.params["type"])
    while people := queries.iterate_people(workspace, turn.checkpoint.get("after", 0), STEP):
        held = [[number, kind, ref] for number, _ in attributes.holders(people, _row(turn).key)]
        with turns.patient(), transaction.atomic():
            if held:
                turn.checkpoint["seq"] = changes.append(workspace, "people", {"people": held})
            _step(turn, people, phase="preparing")
        failpoints.hit("retyping.step")
        yield
    _next_part(turn)


def _switch(turn: Turn) -> Part:
    """Change the type, once the index has every value in the new form."""
    workspace = turn.access().workspace
    if not all(reached(workspace, turn.checkpoint.get("seq", 0)) for reached in _reached):
        raise RetryLater("The index is not so far yet.", retry_after=1)
    with turns.patient(), transaction.atomic():
        changes.lock(workspace)
        row, type = _row(turn), FieldType(turn.params["type"])
        attributes.set_type(workspace, row.pk, type, other=row.type, actor=turn.access().actor)
        _next_part(turn)
    failpoints.hit("retyping.step")
    yield


def _convert(turn: Turn) -> Part:
    """Put the values themselves into the new form; what does not convert is kept as rejected."""
    access = turn.access()
    workspace, report = access.workspace, TypeReport(**turn.checkpoint.get("report", {}))
    while people := queries.iterate_people(workspace, turn.checkpoint.get("after", 0), STEP):
        with turns.patient(), transaction.atomic():
            changes.lock(workspace)
            key = _row(turn).key
            held = dict(attributes.holders(people, key))
            edits = [PersonEdit(number=number, reread=(key,), create=False) for number in held]
            outcomes = apply_edits(workspace, edits, origin=origin_of(access))
            report.values += len(held)
            for (number, value), outcome in zip(held.items(), outcomes, strict=True):
                if outcome.rejected:
                    report.reject(number, value, outcome.rejected[0].reason)
                else:
                    report.converted += 1
            _keep(turn, report)
            _step(turn, people, phase="converting")
        failpoints.hit("retyping.step")
        yield
    Attribute.objects.of(workspace).filter(pk=_row(turn).pk).update(other_type="")


def _reapply(turn: Turn) -> Steps:
    workspace, key = turn.access().workspace, turn.params["key"]
    attributes.require_field(workspace, key)
    result = Reapplied(**turn.checkpoint.get("result", {}))
    if turn.job.total is None:
        turn.save(total=attributes.rejected_of(workspace, key).count())
    while True:
        with turns.patient(), transaction.atomic():
            after, origin = turn.checkpoint.get("after", 0), origin_of(turn.access())
            last = attributes.reapply_some(workspace, key, result, after=after, most=STEP, origin=origin)
            if not last:
                return turn.result
            turn.checkpoint |= {"after": last, "result": _stored(result)}
            turn.result = {
                "counts": {"taken": result.taken, "rejected": result.rejected},
                "samples": result.samples,
            }
            turn.save(done=result.taken + result.rejected, phase="trying")
        failpoints.hit("retyping.step")
        yield


def _row(turn: Turn) -> Attribute:
    """The attribute as it is now; NotFound when it was deleted meanwhile."""
    return attributes.get_attribute(turn.job.workspace, turn.params["attribute"])


def _count_people(turn: Turn) -> int:
    return turn.job.total if turn.job.total is not None else Person.objects.of(turn.job.workspace).count()


def _step(turn: Turn, people: list[queries.StoredPerson], *, phase: str) -> None:
    """Note that some people are done; each is gone through twice."""
    turn.checkpoint["after"] = people[-1].number
    turn.save(done=turn.job.done + len(people), total=2 * turn.checkpoint["people"], phase=phase)


def _next_part(turn: Turn) -> None:
    turn.checkpoint |= {"part": turn.checkpoint.get("part", 0) + 1, "after": 0}
    turn.save()


def _keep(turn: Turn, report: TypeReport) -> None:
    turn.checkpoint["report"] = _stored(report)
    counts = {"values": report.values, "converted": report.converted, "rejected": report.rejected}
    turn.result = {"counts": counts, "samples": report.samples}


def _stored(report: TypeReport | Reapplied) -> dict[str, Any]:
    """A report as a checkpoint holds it."""
    names = [name for name in report.__slots__ if name != "job"]
    return {name: getattr(report, name) for name in names}


def _about(job: Job) -> str:
    return str(job.params.get("attribute", ""))


KINDS: Final = (
    Kind("fields.check_type", _check_type, mail="long", about=_about),
    Kind("fields.change_type", _change_type, before_retry=_before_retry, about=_about),
    Kind("fields.reapply", _reapply),
)
