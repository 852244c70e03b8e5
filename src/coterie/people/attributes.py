"""Writing attributes: their definition, their type, and the values that a type does not take."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, QuerySet

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import Workspace
from coterie.filters.errors import Rejected
from coterie.filters.fields import BUILTIN_FIELDS, TYPE_WORDS, FieldType
from coterie.filters.values import NO_VALUE
from coterie.jobs.models import Job
from coterie.kit import clock
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people import allowed, changes, queries
from coterie.people.allowed import Allowed
from coterie.people.apply import apply_edits
from coterie.people.edits import SYSTEM, Origin, Outcome, PersonEdit
from coterie.people.fields import is_reserved, reader
from coterie.people.models import Attribute, FieldSetting, RejectedValue
from coterie.people.names import read_key

CHUNK: Final = 5000
SAMPLES: Final = 20


@dataclass(slots=True)
class TypeReport:
    """What a change of type does: how many values there are, how many convert, and some that do not.

    With a `job` nothing is counted here: its result has the numbers.
    """

    values: int = 0
    converted: int = 0
    rejected: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    job: Job | None = None

    def reject(self, number: int, value: Any, reason: Reason) -> None:
        """Count a value that does not convert."""
        self.rejected += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(_sample(number, value, reason))


def create_attribute(
    workspace: Workspace,
    *,
    key: str,
    type: FieldType,
    label: str = "",
    description: str = "",
    protected: bool = False,
    visible: bool = True,
    limits: Allowed | None = None,
    actor: Actor = audit.SYSTEM,
) -> Attribute:
    """Make an attribute, or restore a deleted one of this key and type with its values.

    InvalidInput for a bad or reserved key and for `limits` that can't be said of the type, Conflict when there is one,
    or a deleted one of another type.
    """
    kept = allowed.read(type, limits).stored() if limits is not None else {}
    name, problem = read_key(key)
    if problem:
        said = Reason("unusable_key", "The key can't be used: {problem}.", problem=problem)
        raise InvalidInput(said, code="attribute_key", details={"field": "key"})
    if is_reserved(name):
        raise InvalidInput(f"{name!r} is a built-in field.", code="reserved_key", details={"field": "key"})
    with transaction.atomic():
        changes.lock(workspace)
        row = Attribute.objects.of(workspace).filter(key=name).first()
        what = "created" if row is None else "restored"
        if row is None:
            last = Attribute.objects.of(workspace).aggregate(last=Max("position"))["last"] or 0
            row = Attribute(workspace=workspace, key=name, type=type.value, position=last + 1)
        elif row.deleted_at is None:
            raise Conflict(f"There is an attribute {name!r} already.", code="attribute_exists", details={"id": row.pk})
        elif row.type != type.value:
            raise _of_another_type(row)
        row.label, row.description, row.protected, row.visible = label, description, protected, visible
        row.allowed, row.deleted_at = kept, None
        row.save()
        _log(row, what, actor)
    return row


def _of_another_type(row: Attribute) -> Conflict:
    return Conflict(
        Reason(
            "was_of_type",
            "There was an attribute {field!r} of type {type}; restore it with that type, then change the type.",
            field=row.key,
            type=TYPE_WORDS[FieldType(row.type)],
        ),
        code="attribute_type",
        details={"id": row.pk, "type": row.type},
    )


def update_attribute(
    workspace: Workspace,
    attribute: int,
    *,
    label: str | None = None,
    description: str | None = None,
    position: int | None = None,
    visible: bool | None = None,
    protected: bool | None = None,
    limits: Allowed | None = None,
    actor: Actor = audit.SYSTEM,
) -> Attribute:
    """Change how an attribute is shown, who may set it and to which values; what is None stays.

    NotFound when there is none, InvalidInput for `limits` that can't be said of its type. People's present values stay
    as they are.
    """
    wanted: dict[str, Any] = {
        "label": label,
        "description": description,
        "position": position,
        "visible": visible,
        "protected": protected,
    }
    with transaction.atomic():
        changes.lock(workspace)
        row = get_attribute(workspace, attribute)
        if limits is not None:
            wanted["allowed"] = allowed.read(FieldType(row.type), limits).stored()
        changed = [name for name, value in wanted.items() if value is not None and getattr(row, name) != value]
        for name in changed:
            setattr(row, name, wanted[name])
        if changed:
            row.save(update_fields=changed)
            _log(row, "changed", actor, fields=changed)
        if position is not None:
            FieldSetting.objects.of(workspace).filter(field=row.key).update(position=position)
    return row


def delete_attribute(workspace: Workspace, attribute: int, *, actor: Actor = audit.SYSTEM) -> None:
    """Delete an attribute. Filters on it fail closed from now on; create_attribute brings it and its values back."""
    with transaction.atomic():
        changes.lock(workspace)
        row = get_attribute(workspace, attribute)
        row.deleted_at = clock.now()
        row.save(update_fields=["deleted_at"])
        _log(row, "deleted", actor)


def change_attribute_type(
    workspace: Workspace,
    attribute: int,
    type: FieldType,
    *,
    dry_run: bool,
    origin: Origin = SYSTEM,
    actor: Actor = audit.SYSTEM,
) -> TypeReport:
    """Give an attribute another type: every stored value is read anew, what does not convert is kept as rejected.

    With `dry_run` nothing is written and the report says what would happen. Otherwise it is one transaction, so it is
    for few people; retyping.py does it for many.
    """
    report = TypeReport()
    with transaction.atomic():
        row = get_attribute(workspace, attribute) if dry_run else set_type(workspace, attribute, type, actor=actor)
        after = 0
        while people := queries.iterate_people(workspace, after, CHUNK):
            after = people[-1].number
            held = holders(people, row.key)
            count_values(report, type, held)
            if held and not dry_run:
                edits = [PersonEdit(number=number, reread=(row.key,), create=False) for number, _ in held]
                apply_edits(workspace, edits, origin=origin)
    return report


def set_type(
    workspace: Workspace, attribute: int, type: FieldType, *, other: str = "", actor: Actor = audit.SYSTEM
) -> Attribute:
    """Give an attribute another type; its values are the caller's to read anew. `other` as in `Attribute`."""
    with transaction.atomic():
        changes.lock(workspace)
        row = get_attribute(workspace, attribute)
        row.type, row.other_type, row.allowed = type.value, other, allowed.for_type(type, row.allowed)
        row.save(update_fields=["type", "other_type", "allowed"])
        _log(row, "changed", actor, fields=["type"])
    return row


def holders(people: Sequence[queries.StoredPerson], key: str) -> list[tuple[int, Any]]:
    """Who of these people has a value for a key, and which."""
    return [(person.number, person.data[key]) for person in people if key in person.data]


def count_values(report: TypeReport, type: FieldType, held: Sequence[tuple[int, Any]]) -> None:
    """Count in a report what becomes of values when they are read under a type."""
    read = reader(type)
    report.values += len(held)
    for number, value in held:
        try:
            if read(value, None) is not NO_VALUE:
                report.converted += 1
        except Rejected as rejected:
            report.reject(number, value, rejected.reason)


@dataclass(slots=True)
class Reapplied:
    """What became of rejected values that were tried again; `unseen` were not looked at by a preview.

    With a `job` nothing is counted here: its result has the numbers.
    """

    taken: int = 0
    rejected: int = 0
    unseen: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    job: Job | None = None


def reapply_rejected(workspace: Workspace, key: str, *, dry_run: bool = False, origin: Origin = SYSTEM) -> Reapplied:
    """Try the rejected values of a field again, in batches of 5,000; with `dry_run` only see what would become of
    the first 5,000.

    A protected field's values count as sent by `origin` now. NotFound when there is no such field.
    """
    require_field(workspace, key)
    result, after = Reapplied(), 0
    while last := reapply_some(workspace, key, result, after=after, most=CHUNK, dry_run=dry_run, origin=origin):
        after = last
        if dry_run:
            result.unseen = rejected_of(workspace, key).filter(number__gt=after).count()
            break
    return result


def reapply_some(
    workspace: Workspace,
    key: str,
    result: Reapplied,
    *,
    after: int,
    most: int,
    dry_run: bool = False,
    origin: Origin = SYSTEM,
) -> int:
    """Try the rejected values of the next people by number; the last one's number, 0 when there were none."""
    rows = rejected_of(workspace, key).filter(number__gt=after).order_by("number")[:most]
    edits = [PersonEdit(number=row.number, set={key: row.raw}, create=False) for row in rows]
    outcomes = _tried(workspace, edits, origin) if dry_run else apply_edits(workspace, edits, origin=origin)
    for edit, outcome in zip(edits, outcomes, strict=True):
        if not outcome.rejected and not outcome.error:
            result.taken += 1
            continue
        result.rejected += 1
        if len(result.samples) < SAMPLES:
            reason = outcome.error or outcome.rejected[0].reason
            result.samples.append(_sample(edit.number or 0, edit.set[key], reason))
    return max((edit.number or 0 for edit in edits), default=0)


def _sample(number: int, value: Any, reason: Reason) -> dict[str, Any]:
    return {"number": number, "value": value, **reason.as_json()}


def rejected_of(workspace: Workspace, key: str) -> QuerySet[RejectedValue]:
    """The rejected values of a field."""
    return RejectedValue.objects.of(workspace).filter(key=key)


def require_field(workspace: Workspace, key: str) -> None:
    """Raise NotFound when there is no such field."""
    if key not in BUILTIN_FIELDS and not Attribute.objects.of(workspace).filter(key=key, deleted_at=None).exists():
        raise NotFound(f"There is no field {key!r}.", code="field_not_found")


def _tried(workspace: Workspace, edits: list[PersonEdit], origin: Origin) -> list[Outcome]:
    # Nobody waits for changes that are undone: they are noted apart.
    with changes.noting(), transaction.atomic():
        outcomes = apply_edits(workspace, edits, origin=origin)
        transaction.set_rollback(True)
    return outcomes


def set_field(
    workspace: Workspace,
    name: str,
    *,
    label: str | None = None,
    visible: bool | None = None,
    position: int | None = None,
) -> None:
    """Change how a workspace shows a built-in field; what is None stays, an empty label is the field's own again."""
    if name not in BUILTIN_FIELDS:
        raise NotFound(f"There is no built-in field {name!r}.", code="field_not_found")
    wanted: dict[str, Any] = {"visible": visible, "position": position}
    values = {key: value for key, value in wanted.items() if value is not None}
    if label is not None:
        values["label"] = label or None
    with transaction.atomic():
        changes.lock(workspace)
        start = {"position": list(BUILTIN_FIELDS).index(name), **values}
        FieldSetting.objects.of(workspace).update_or_create(
            workspace=workspace, field=name, defaults=values, create_defaults=start
        )


def get_attribute(workspace: Workspace, attribute: int) -> Attribute:
    """The attribute with this id; NotFound when there is none."""
    row = Attribute.objects.of(workspace).filter(pk=attribute, deleted_at=None).first()
    if row is None:
        raise NotFound("There is no such attribute.", code="attribute_not_found")
    return row


def _log(row: Attribute, what: str, actor: Actor, *, fields: list[str] | None = None) -> None:
    """Tell those who follow the change log, and the audit log; the key is no personal value."""
    entry = {"id": row.pk, "key": row.key, "type": row.type, "what": what}
    changes.append(row.workspace, "definition", {"attributes": [entry]})
    details: dict[str, Any] = {"key": row.key, "type": row.type}
    if fields:
        details["fields"] = fields
    audit.record(actor, f"attribute.{what}", workspace=row.workspace, target=f"attribute:{row.pk}", details=details)
