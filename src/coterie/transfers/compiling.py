"""A plan checked against the file, the workspace and the caller, and made ready for reading rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.filters.fields import BUILTIN_FIELDS, TYPE_WORDS, FieldType
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people import identities, lookups, queries
from coterie.people.actions import create_attribute
from coterie.people.fields import Rule, attribute_rule, builtin_rule, canonical
from coterie.people.names import read_key
from coterie.segments.models import Kind
from coterie.segments.visibility import segments_for
from coterie.transfers import cells
from coterie.transfers.deciding import Reading, Target
from coterie.transfers.models import Import
from coterie.transfers.names import NUMBER
from coterie.transfers.plan import ImportPlan, PlanColumn

# A column of these says who someone is; they are no fields.
_CHANNELS = frozenset(identities.KINDS) - {"email", "phone", "user_id"}


def checked(access: Access, source: Import, plan: ImportPlan) -> ImportPlan:
    """The plan, when everything in it can be done by this caller; InvalidInput says what can't be and where."""
    width = int(source.found.get("columns", 0))
    for place, column in enumerate(plan.columns):
        if column.column > width:
            raise _wrong(
                Reason(
                    "no_such_column",
                    "There is no column {column}; the file has {columns}.",
                    column=column.column,
                    columns=width,
                ),
                "columns",
                place,
            )
    for what in ("column", "field"):
        twice = [name for name, count in Counter(getattr(each, what) for each in plan.columns).items() if count > 1]
        if twice:
            raise _wrong(Reason("twice_there", "{name!r} is there twice.", name=twice[0]), "columns")
    _check_key(plan)
    known = {row.field.name: row.field.type for row in queries.shown_fields(access.workspace)}
    for place, column in enumerate(plan.columns):
        _check_field(access, column, place, plan, known)
    if plan.tags or plan.existing == "tags":
        _check_tags(plan)
    if plan.country and lookups.country_code(plan.country) is None:
        raise _wrong(Reason("no_country", "There is no country {country!r}.", country=plan.country), "country")
    if plan.sheet and plan.sheet not in source.found.get("sheets", []):
        raise _wrong(Reason("no_sheet", "There is no such sheet in the file."), "sheet")
    channels = [each.channel for each in plan.consents]
    if len(set(channels)) < len(channels):
        raise _wrong(Reason("channel_twice", "A channel is there twice."), "consents")
    if plan.segments:
        access.require("segments:write")
        for segment in segments_for(access, plan.segments):
            if segment.kind != Kind.STATIC:
                raise _wrong(
                    Reason(
                        "follows_filter",
                        "{segment!r} follows its filter: nobody can be put into it.",
                        segment=segment.name,
                    ),
                    "segments",
                )
    return plan


def _check_key(plan: ImportPlan) -> None:
    if not plan.key:
        if plan.missing == "skip":
            raise InvalidInput(
                Reason("all_are_new", "Without a key everyone is new: 'missing' can't be skip."),
                details={"field": "missing"},
            )
        return
    if plan.key not in identities.KINDS and plan.key != NUMBER:
        known = [*identities.KINDS, NUMBER]
        raise InvalidInput(
            Reason("names_nobody", "{field!r} does not name a person.", field=plan.key),
            code="bad_plan",
            details={"field": "key", "expected": known},
        )
    if plan.key not in [column.field for column in plan.columns]:
        raise _wrong(Reason("key_without_column", "No column goes to the key."), "key")


def _check_field(
    access: Access, column: PlanColumn, place: int, plan: ImportPlan, known: Mapping[str, FieldType]
) -> None:
    name = column.field
    if name == NUMBER or name in _CHANNELS:
        if name != plan.key:
            raise _wrong(Reason("only_as_key", "{field!r} can only be the key.", field=name), "columns", place)
        return
    if name in BUILTIN_FIELDS:
        denial = builtin_rule(name).denial("import", asked=True)
        if denial:
            said = Reason("not_imported", "{field!r} can't be imported: {reason}.", field=name, reason=denial)
            raise _wrong(said, "columns", place)
    if name not in known:
        if column.type is None:
            said = Reason("field_without_type", "There is no field {field!r}; give a type to make it.", field=name)
            raise _wrong(said, "columns", place)
        kept, problem = read_key(name)
        if problem or kept != name or canonical(name) != name:
            raise _wrong(
                Reason(
                    "unusable_name",
                    "An attribute can't be called {name!r}: {problem}.",
                    name=name,
                    problem=problem or Reason("reserved_name", "the name is reserved"),
                ),
                "columns",
                place,
            )
        access.require("attributes:write")
    elif column.type is not None and column.type != known[name]:
        said = Reason("of_type", "{field!r} is of type {type}.", field=name, type=TYPE_WORDS[known[name]])
        raise _wrong(said, "columns", place)


def _check_tags(plan: ImportPlan) -> None:
    if any("\0" in tag or not tag.strip() for tag in plan.tags):
        raise _wrong(Reason("empty_tag", "A tag can't be empty."), "tags")
    if plan.existing == "tags" and not plan.tags and "tags" not in [column.field for column in plan.columns]:
        raise _wrong(Reason("no_tags", "There are no tags to add."), "existing")


def new_attributes(workspace: Workspace, plan: ImportPlan) -> dict[str, FieldType]:
    """The attributes that a plan needs and that are not there, with their types."""
    known = {row.field.name for row in queries.shown_fields(workspace)} | _CHANNELS | {NUMBER}
    wanted = {column.field: column.type for column in plan.columns if column.type is not None}
    for consent in plan.consents:
        base = f"consent.{consent.channel}"
        wanted |= {base: FieldType.BOOLEAN, f"{base}.source": FieldType.TEXT, f"{base}.at": FieldType.DATETIME}
    return {name: type for name, type in wanted.items() if name not in known}


def make_attributes(access: Access, plan: ImportPlan) -> list[str]:
    """Make the attributes that are missing; their keys. One that somebody has made meanwhile is taken as it is."""
    labels = {column.field: column.label for column in plan.columns}
    made = []
    for name, type in new_attributes(access.workspace, plan).items():
        create_attribute(
            access.workspace,
            key=name,
            type=type,
            label=labels.get(name, ""),
            # Consent is not for the page that a visitor sees to say.
            protected=name.startswith("consent."),
            actor=access.actor,
        )
        made.append(name)
    return made


def compiled(source: Import, plan: ImportPlan) -> Reading:
    """A checked plan, ready for reading rows."""
    workspace = source.workspace
    types = {row.field.name: row.field.type for row in queries.shown_fields(workspace)}
    types |= new_attributes(workspace, plan)
    code = lookups.country_code(plan.country) if plan.country else None
    region = code or lookups.country_of_zone(workspace.timezone)
    targets, key = [], None
    for column in plan.columns:
        if column.field == plan.key:
            key = Target(column.column - 1, column.field, str.strip)
            continue
        writing = cells.Writing(column.date_order, column.decimal, plan.list_delimiter, region)
        rule = _rule(column.field, types[column.field])
        # What every text can be needs no reader, since `check` has looked at the cell.
        plain = rule.type is FieldType.TEXT and rule.special.read is None
        targets.append(Target(column.column - 1, column.field, cells.reader(rule, writing), plain))
    return Reading(
        plan=plan,
        targets=tuple(targets),
        key=key,
        consents=tuple((each.channel, each.column - 1 if each.column else None) for each in plan.consents),
        region=region,
        source=source.public_id,
        at=clock.iso(source.planned_at or clock.now()),
    )


def _rule(name: str, type: FieldType) -> Rule:
    return builtin_rule(name) if name in BUILTIN_FIELDS else attribute_rule(name, type)


def _wrong(reason: Reason, field: str, place: int | None = None) -> InvalidInput:
    details: dict[str, Any] = {"field": field} if place is None else {"field": field, "place": place}
    return InvalidInput(reason, code="bad_plan", details=details)
