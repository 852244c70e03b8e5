"""Every read of people: profiles, fields and events of a workspace, rejected values, and rows for the index."""

import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import Count, Q

from coterie.accounts.models import Workspace
from coterie.filters.fields import BUILTIN_FIELDS, Catalogue, Field, FieldType
from coterie.kit import clock
from coterie.kit.errors import NotFound
from coterie.people import identities, lookups, store
from coterie.people.models import (
    Attribute,
    EventName,
    EventProperty,
    FieldSetting,
    Identity,
    Person,
    RejectedValue,
    State,
)


class StoredPerson(NamedTuple):
    """A person's row as the index takes it; `created_ms` is in milliseconds since 1970 UTC."""

    number: int
    seq: int
    state: str
    merged_into: int | None
    data: dict[str, Any]
    created_ms: int


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known about one person; `local_time` is theirs now, None while their time zone is unknown."""

    person: Person
    identities: list[Identity]
    rejected: list[RejectedValue]
    merged: list[int]
    local_time: datetime | None


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as a workspace shows it; `attribute` is None for a built-in one.

    `renamed` says that the label of a built-in field is the workspace's own.
    """

    field: Field
    position: int
    visible: bool
    attribute: Attribute | None = None
    renamed: bool = False


def get_person(workspace: Workspace, number: int) -> Person:
    """The person of that number, the survivor of a merged one; NotFound when unknown or deleted."""
    wanted: int | None = number
    while wanted is not None:
        person = Person.objects.of(workspace).filter(number=wanted).first()
        if person is None or person.state == State.DELETED:
            break
        if person.state == State.ACTIVE:
            return person
        wanted = person.merged_into
    raise NotFound(f"There is no person {number}.", code="person_not_found")


def profile(workspace: Workspace, number: int) -> Profile:
    """A person with identities, rejected values and local time; NotFound when unknown or deleted."""
    person = get_person(workspace, number)
    return Profile(
        person=person,
        identities=list(Identity.objects.of(workspace).filter(number=person.number).order_by("kind", "value")),
        rejected=list(RejectedValue.objects.of(workspace).filter(number=person.number).order_by("key")),
        merged=list(
            Person.objects.of(workspace)
            .filter(merged_into=person.number)
            .order_by("number")
            .values_list("number", flat=True)
        ),
        local_time=local_time(person),
    )


def local_time(person: Person) -> datetime | None:
    """The present in the person's time zone; None when that is unknown."""
    zone = person.data.get("timezone")
    try:
        return clock.now().astimezone(zoneinfo.ZoneInfo(zone)) if zone else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def people_by_numbers(workspace: Workspace, numbers: Sequence[int]) -> list[Person]:
    """The active people of these numbers, in the order given; others are left out."""
    # Not all in one statement: a number that no column can hold, which a caller may send, is no error there.
    active = list(living(workspace, numbers))
    found: dict[int, Person] = {}
    for start in range(0, len(active), 500):
        rows = Person.objects.of(workspace).filter(number__in=active[start : start + 500])
        found.update((person.number, person) for person in rows)
    return [found[number] for number in numbers if number in found]


def living(workspace: Workspace, numbers: Sequence[int]) -> set[int]:
    """Those of these numbers that are active people."""
    with connection.cursor() as cursor:
        return set(store.active(cursor, workspace.pk, numbers))


def values_of(workspace: Workspace, numbers: Iterable[int]) -> list[tuple[int, dict[str, Any]]]:
    """(number, values) of the active people of these numbers, by number."""
    with connection.cursor() as cursor:
        return [(number, orjson.loads(data)) for number, data in store.values(cursor, workspace.pk, numbers)]


def created_at(workspace: Workspace, numbers: Iterable[int]) -> dict[int, datetime]:
    """When each of these people was made."""
    return {row.number: clock.from_ms(row.created_ms) for row in states(workspace, numbers)}


def owners(workspace: Workspace, kind: str, values: Iterable[str]) -> dict[str, int]:
    """Numbers of the people who have these identities of one kind, in their kept form; nobody's are left out."""
    with connection.cursor() as cursor:
        return dict(store.owners(cursor, workspace.pk, kind, values))


def holders(workspace: Workspace, claims: Iterable[tuple[str, str]]) -> list[tuple[int, str]]:
    """(number, kind) of whoever has one of these identities; what can't be one is left out."""
    region = lookups.country_of_zone(workspace.timezone)
    found: dict[tuple[int, str], None] = {}
    for kind, value in claims:
        try:
            kept = identities.normalise(kind, value, region)
        except identities.Unusable:
            continue
        held = Identity.objects.of(workspace).filter(kind=kind, value=kept).first()
        if held is not None:
            found[held.number, kind] = None
    return list(found)


def find_people(workspace: Workspace, text: str, *, limit: int = 20) -> list[Person]:
    """People whose number, or the whole or the start of one of whose identities, is the text; exact matches first."""
    wanted = text.strip()
    if not wanted:
        return []
    numbers: dict[int, None] = {}
    if wanted.removeprefix("#").isascii() and wanted.removeprefix("#").isdecimal():
        number = int(wanted.removeprefix("#")[:20])
        if Person.objects.of(workspace).filter(number=min(number, 2**62), state=State.ACTIVE).exists():
            numbers[number] = None
    forms = {wanted, wanted.lower()}
    phone = lookups.phone_number(wanted, lookups.country_of_zone(workspace.timezone))
    if phone:
        forms.add(phone)
    held = Identity.objects.of(workspace).filter(kind__in=list(identities.KINDS))
    for condition in (Q(value__in=forms), _starts_with(sorted({wanted, wanted.lower()}))):
        rows = held.filter(condition).order_by("value").values_list("number", flat=True)[: limit * 4]
        numbers.update(dict.fromkeys(rows))
    return people_by_numbers(workspace, list(numbers)[:limit])


def _starts_with(starts: Sequence[str]) -> Q:
    """PostgreSQL's order of text is not that of code points, so there a range is not a prefix; SQLite's is."""
    condition = Q()
    for start in starts:
        if store.on_postgres():
            condition |= Q(value__startswith=start)
        else:
            condition |= Q(value__gte=start, value__lt=start + "\U0010ffff")
    return condition


def catalogue(workspace: Workspace) -> Catalogue:
    """What a filter of the workspace may name: built-in fields and attributes; segments are added by their room.

    Any event name may stand: a segment can wait for an event that has not happened yet.
    """
    return Catalogue(fields={row.field.name: row.field for row in shown_fields(workspace)}, events=None)


def shown_fields(workspace: Workspace) -> list[ShownField]:
    """All fields of a workspace with their labels, in the order in which the workspace shows them."""
    settings = {row.field: row for row in FieldSetting.objects.of(workspace)}
    rows = []
    for place, built_in in enumerate(BUILTIN_FIELDS.values()):
        setting = settings.get(built_in.name)
        if setting is None:
            rows.append(ShownField(built_in, place, visible=True))
        else:
            shown = replace(built_in, label=setting.label or built_in.label)
            rows.append(ShownField(shown, setting.position, setting.visible, renamed=bool(setting.label)))
    rows.sort(key=lambda row: row.position)
    attributes = Attribute.objects.of(workspace).filter(deleted_at=None).order_by("position", "id")
    ordered = False
    for row in attributes:
        setting = settings.get(row.key)
        ordered = ordered or setting is not None
        rows.append(ShownField(_field(row), setting.position if setting else row.position, row.visible, row))
    if ordered:
        # Built-in fields and attributes share one order; an attribute made since then comes last.
        rows.sort(key=lambda shown: (shown.attribute is not None and shown.field.name not in settings, shown.position))
    return rows


def _field(row: Attribute) -> Field:
    type = FieldType(row.type)
    return Field(
        name=row.key,
        label=row.label or row.key,
        type=type,
        sortable=type is not FieldType.LIST,
        description=row.description,
    )


def event_names(workspace: Workspace) -> list[EventName]:
    """The kinds of event seen, the most frequent first."""
    return list(EventName.objects.of(workspace).order_by("-count", "name"))


def event_properties(workspace: Workspace) -> list[EventProperty]:
    """The properties seen on events, by name."""
    return list(EventProperty.objects.of(workspace).order_by("name"))


def rejected_counts(workspace: Workspace) -> list[tuple[str, int]]:
    """How many people have a rejected value, per key, the most first."""
    rows = RejectedValue.objects.of(workspace).values_list("key").annotate(count=Count("id"))
    return [(key, count) for key, count in rows.order_by("-count", "key")]


def rejected_page(workspace: Workspace, *, key: str | None, after: int, limit: int) -> list[RejectedValue]:
    """Rejected values with an id above `after`, oldest first, of one key or of all."""
    rows = RejectedValue.objects.of(workspace).filter(pk__gt=after)
    if key is not None:
        rows = rows.filter(key=key)
    return list(rows.order_by("pk")[:limit])


def states(workspace: Workspace, numbers: Iterable[int]) -> list[StoredPerson]:
    """The rows of these people for the index, in any order, merged and deleted ones too; unknown ones are left out."""
    with connection.cursor() as cursor:
        return [_stored(row) for row in store.states(cursor, workspace.pk, numbers)]


def iterate_people(workspace: Workspace, after_number: int, limit: int) -> list[StoredPerson]:
    """The next rows by number, for a rebuild of the index; empty at the end."""
    with connection.cursor() as cursor:
        return [_stored(row) for row in store.states_after(cursor, workspace.pk, after_number, limit)]


def _stored(row: tuple[int, int, str, int | None, str, datetime]) -> StoredPerson:
    number, seq, state, merged_into, data, created_at = row
    return StoredPerson(number, seq, state, merged_into, orjson.loads(data), clock.to_ms(store.aware(created_at)))
