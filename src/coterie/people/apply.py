"""The one write path of people: a batch of edits in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Literal

from django.db import connection, transaction

from coterie.accounts.models import Workspace
from coterie.filters.fields import FieldType
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people import changes, tombstones
from coterie.people.batch import Batch
from coterie.people.edits import SYSTEM, Origin, Outcome, PersonEdit
from coterie.people.fields import attribute_rule
from coterie.people.flush import flush
from coterie.people.models import WorkspaceLog
from coterie.people.prepare import Ready, prepare
from coterie.people.resolve import resolve
from coterie.people.values import Writer


def apply_edits(
    workspace: Workspace,
    edits: Sequence[PersonEdit],
    *,
    origin: Origin = SYSTEM,
    on_reject: Literal["keep", "refuse", "tell"] = "keep",
    names_holders: bool = True,
    tells_values: bool = False,
) -> list[Outcome]:
    """Apply edits in order, in one transaction, and add what they changed to the change log; one outcome per edit.

    `origin` is that of edits which name none. Each edit sees what those before it did. With `on_reject="keep"` a
    value that can't be taken is kept as a rejected value, and a new key makes an attribute (new_names.py says how
    many); with "refuse" nothing is written when any value can't be taken, names a field that is not there, or its
    person is unknown: InvalidInput with `details.fields` (key to reason), or NotFound. With "tell" the outcomes say
    what was not taken and the rest is written: nothing is kept as rejected, and a new key makes no attribute. An edit
    that changes nothing writes nothing. Without `names_holders` no reason names another person's number. resolve.py
    says which person an edit is about. Nothing is done for someone who was erased (tombstones.py): the outcome says so,
    and with "refuse" it is a Conflict.
    """
    if not edits:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        batch = Batch(workspace, cursor, changes.lock(workspace))
        batch.asked = on_reject != "keep"
        batch.names_holders = names_holders
        batch.tells_values = tells_values
        outcomes = [_apply(batch, ready) for ready in prepare(batch, edits, origin)]
        if on_reject == "refuse":
            _refuse(outcomes)
        if on_reject == "tell":
            batch.forget_new_rejections()
        flush(batch)
    batch.new_names.count_refused()
    return outcomes


def preview_edits(
    workspace: Workspace,
    edits: Sequence[PersonEdit],
    *,
    origin: Origin = SYSTEM,
    attributes: Mapping[str, FieldType] | None = None,
) -> list[Outcome]:
    """What `apply_edits` would do with `on_reject="tell"`, as things stand now; nothing is written or locked.

    `attributes` are types by key of attributes that are to be made first. The number of someone who would be created
    is not the one that they will have.
    """
    with connection.cursor() as cursor:
        log = WorkspaceLog.objects.filter(workspace=workspace).first() or WorkspaceLog(workspace=workspace)
        batch = Batch(workspace, cursor, log)
        batch.asked = batch.tells_values = batch.tells_new = True
        batch.rules.update({key: attribute_rule(key, type) for key, type in (attributes or {}).items()})
        return [_apply(batch, ready) for ready in prepare(batch, edits, origin)]


def _apply(batch: Batch, ready: Ready) -> Outcome:
    outcome = Outcome()
    if ready.edit.events and (why := batch.new_names.event_refused(ready.origin.kind, ready.edit)):
        outcome.error, outcome.code = why, "too_many_event_names"
        return outcome
    if ready.erased:
        outcome.error, outcome.code = tombstones.REASON, tombstones.ERASED
        return outcome
    person = resolve(batch, ready, outcome)
    if person is None:
        return outcome
    edit, origin = ready.edit, ready.origin
    outcome.number = person.number
    before = dict(person.data) if batch.tells_values and not outcome.created else {}
    for problem in ready.problems:
        batch.keep_rejected(person, problem, origin)
    writer = Writer(batch, person, origin, outcome, stored=edit.stored)
    for key in edit.clear:
        writer.clear(key)
    if edit.stored and outcome.created:
        writer.fill(ready.set)
    else:
        for key, raw in ready.set.items():
            writer.set(key, raw)
    for key, raw in ready.set_once.items():
        writer.set_once(key, raw)
    if edit.add_tags or edit.remove_tags:
        writer.change_tags(edit.add_tags, edit.remove_tags)
    for key in edit.reread:
        writer.reread(key)
    if outcome.changed_keys:
        writer.derive()
    if edit.seen_at is not None:
        writer.seen(edit.seen_at)
    for record in edit.events:
        batch.events.append((person, record))
    if batch.tells_values and (batch.tells_new or not outcome.created):
        outcome.values = {key: (before.get(key), person.data.get(key)) for key in outcome.changed_keys}
    return outcome


def _refuse(outcomes: list[Outcome]) -> None:
    """Raise for the first outcome that is not wholly good; the transaction is rolled back by that."""
    for outcome in outcomes:
        if outcome.code == tombstones.ERASED:
            raise Conflict(tombstones.REASON.sentence(), code=tombstones.ERASED)
        if outcome.error is not None:
            raise NotFound(outcome.error.capitalize() + ".", code="person_not_found")
        if outcome.rejected:
            problems = {rejection.key: rejection.reason for rejection in outcome.rejected}
            shown = "; ".join(f"{key}: {reason}" for key, reason in problems.items())
            raise rejected_values(f"Nothing was changed. {shown}.", problems)


def rejected_values(message: str, problems: Mapping[str, Reason]) -> InvalidInput:
    """The error about values that were not taken; its details have the reason of each field."""
    fields = {key: str(reason) for key, reason in problems.items()}
    reasons = [reason.of(key).as_json() for key, reason in problems.items()]
    return InvalidInput(message, code="rejected_values", details={"fields": fields, "reasons": reasons})
