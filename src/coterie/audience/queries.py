"""What is asked of the audience: count, list, facets, regions, timelines. Sets in memory; rows from SQL's truth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience import algebra
from coterie.audience.index import CLOCKS_APART_MS, PeopleIndex, index_of
from coterie.audience.names import Column
from coterie.audience.predicates import Bound, known
from coterie.audience.startup import require_ready
from coterie.filters import tree
from coterie.filters.fields import Catalogue, FieldType
from coterie.filters.normal import conditions_of
from coterie.filters.shapes import is_number
from coterie.filters.values import fold, plain_number
from coterie.kit import pagination
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people.models import Person
from coterie.people.queries import people_by_numbers

DEFAULT_SORT = "-last_seen"
MAX_PAGE = 500
FACETS = 50
MOST_FACETS = 1000
EVERYONE = tree.All(of=())


@dataclass(frozen=True)
class Page:
    """One page of people, the exact total, and how to go on. `now` is the instant (ms) everything was evaluated at."""

    total: int
    items: list[Person]
    next: str | None
    now: int


@dataclass(frozen=True)
class ConditionCount:
    """Of all live people: how many meet a condition, how many with a value do not, how many have no value.

    `no_match` are people who have a value that does not meet the condition. A positive condition splits everyone in
    three; people without a value meet a negative one and count in `match` and in `no_value`.
    """

    match: int
    no_match: int
    no_value: int


@dataclass(frozen=True)
class Count:
    """An exact total and the counts of each condition in the order they are written."""

    total: int
    conditions: list[ConditionCount]
    now: int


def ready_index(workspace: Workspace) -> PeopleIndex:
    """The workspace's index, up to date with what was projected; IndexRebuilding while it is being made anew."""
    require_ready()
    index = index_of(workspace)
    index.follow(workspace)
    return index


def count(workspace: Workspace, root: tree.Node) -> Count:
    """The exact total of a filter and of each of its conditions."""
    index = ready_index(workspace)
    now = index.present()
    total = len(index.evaluate(root, now_ms=now))
    everyone = index.everyone()
    counts = []
    for condition in conditions_of(root):
        members = index.evaluate(condition, now_ms=now)
        valued = has_value(condition)
        known_people = everyone if valued is None else index.evaluate(valued, now_ms=now)
        without = len(everyone) - len(known_people)
        counts.append(ConditionCount(len(members), known_people.difference_cardinality(members), without))
    return Count(total, counts, now)


def has_value(condition: tree.Condition) -> tree.Node | None:
    """The condition that its subject has a value; None where everyone has one (how often, which segment)."""
    if isinstance(condition, _VALUED):
        return condition.model_copy(update={"op": "is_known", "value": None, "or_unknown": False})
    return None


_VALUED = (tree.FieldCondition, tree.AggregateCondition, tree.EventTimeCondition, tree.EventPropertyCondition)


def total(workspace: Workspace, root: tree.Node) -> int:
    """The exact total of a filter."""
    return len(ready_index(workspace).evaluate(root))


def list_people(
    workspace: Workspace,
    root: tree.Node = EVERYONE,
    *,
    catalogue: Catalogue,
    sort: str = DEFAULT_SORT,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """A page of a filter's people in the order of any sortable field; people without the value come last.

    `sort` is a field's name, `-` before it for descending; equal values go by number. The cursor holds the last row's
    place and the instant of the first page, so that pages do not shift under a filter that the clock moves.
    """
    index = ready_index(workspace)
    column, descending = _sort_column(index, catalogue, sort)
    limit = max(1, min(limit, MAX_PAGE))
    now = index.present()
    after = _place(cursor, sort, column, now) if cursor else None
    now = after["now"] if after else now
    members = index.evaluate(root, now_ms=now)
    found = _page_numbers(index, members, column, descending, limit + 1, after) if members else []
    more = len(found) > limit
    found = found[:limit]
    items = people_by_numbers(workspace, [number for number, _ in found])
    place = None
    if more:
        number, value = found[-1]
        place = pagination.encode({"sort": sort, "now": now, "number": number, "value": value})
    return Page(len(members), items, place, now)


def _sort_column(index: PeopleIndex, catalogue: Catalogue, sort: str) -> tuple[Column, bool]:
    # An attribute's own name may begin with a dash.
    descending = sort.startswith("-") and (sort[1:] in catalogue.fields or sort not in catalogue.fields)
    field = catalogue.field(sort[1:] if descending else sort)
    column = index.names.fields.get(field.name)
    if column is None:
        index.reload_names()
        column = index.names.fields.get(field.name)
    if not field.sortable or column is None:
        raise InvalidInput(
            Reason("not_sortable", "People can't be sorted by {field!r}.", field=field.name), details={"place": "sort"}
        )
    return column, descending


def _place(cursor: str, sort: str, column: Column, now: int) -> dict[str, Any]:
    """Where a page ended, as its cursor says: checked, because anyone can write one."""
    after = pagination.decode(cursor)
    if after.get("sort") != sort:
        raise InvalidInput("The cursor belongs to another sort order.", code="cursor", details={"field": "cursor"})
    value = after.get("value")
    if value is not None and not _FITS[column.kind](value):
        raise pagination.broken()
    return {
        "now": pagination.number(after, "now", most=now + CLOCKS_APART_MS),
        "number": pagination.number(after, "number", most=MAX_NUMBER),
        "value": value,
    }


MAX_NUMBER = 2**32 - 1
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str) and "\0" not in value,
    "Float64": lambda value: is_number(value) and abs(value) <= sys.float_info.max,
    "Int64": lambda value: type(value) is int and -(2**63) <= value < 2**63,
    "Bool": lambda value: isinstance(value, bool),
}


def _page_numbers(
    index: PeopleIndex, members: BitMap, column: Column, descending: bool, limit: int, after: Mapping[str, Any] | None
) -> list[tuple[int, Any]]:
    bound = Bound()
    among = None if members == index.everyone() else members
    where = f"{index.reader.where(bound, among)} AND live = 1"
    x, sign, direction = column.x, *(("<", "DESC") if descending else (">", "ASC"))
    if after is not None:
        number = bound.add("UInt32", after["number"])
        if after["value"] is None:
            where += f" AND isNull({x}) AND number {sign} {number}"
        else:
            value = bound.add(column.kind, after["value"])
            where += f" AND ifNull({x} {sign} {value} OR ({x} = {value} AND number {sign} {number}), 1)"
    sql = (
        f"SELECT number, {x} AS value FROM people FINAL WHERE {where} "
        f"ORDER BY value {direction} NULLS LAST, number {direction} LIMIT {bound.add('UInt32', limit)}"
    )
    return [(int(number), value) for number, value in index.reader.page(sql, bound)]


@dataclass(frozen=True)
class Facet:
    """One value of a field and how many of the people have it."""

    value: Any
    count: int


@dataclass(frozen=True)
class Facets:
    """The values of a field among a filter's people, most frequent first; `known` people have any value."""

    field: str
    type: str
    total: int
    known: int
    values: list[Facet]
    now: int


def facets(
    workspace: Workspace,
    name: str,
    root: tree.Node = EVERYONE,
    *,
    catalogue: Catalogue,
    search: str = "",
    limit: int = FACETS,
) -> Facets:
    """The values of a field among a filter's people. Times are counted by calendar day of the workspace's zone."""
    index = ready_index(workspace)
    field = catalogue.field(name)
    column = index.names.fields.get(field.name)
    if column is None:
        index.reload_names()
        column = index.names.fields[field.name]
    now = index.present()
    members = index.evaluate(root, now_ms=now)
    if not members:
        return Facets(field.name, field.type.value, 0, 0, [], now)
    among = None if members == index.everyone() else members
    bound = Bound()
    where = f"{index.reader.where(bound, among)} AND live = 1 AND {known(column)}"
    value = _FACET_VALUE.get(column.type, "{x}").format(x=column.x, zone=bound.add("String", index.zone))
    match = ""
    if search:
        match = f"HAVING position(toString(value), {bound.add('String', fold(search))}) > 0"
    sql = (
        f"SELECT {value} AS value, count() AS size, min(number) AS one FROM people FINAL WHERE {where} "
        f"GROUP BY value {match} ORDER BY size DESC, value LIMIT {bound.add('UInt32', max(1, min(limit, MOST_FACETS)))}"
    )
    values = _originals(workspace, field.name, column, index.reader.page(sql, bound))
    having = len(index.evaluate(tree.FieldCondition(field=field.name, op="is_known"), now_ms=now) & members)
    return Facets(field.name, field.type.value, len(members), having, values, now)


_FACET_VALUE = {
    FieldType.LIST: "arrayJoin({x})",
    FieldType.DATETIME: "toString(toDate(fromUnixTimestamp64Milli(assumeNotNull({x}), {zone})))",
    FieldType.DATE: "toString(addDays(toDate32('1970-01-01'), assumeNotNull({x})))",
}


def _originals(workspace: Workspace, name: str, column: Column, rows: Sequence[tuple[Any, ...]]) -> list[Facet]:
    """The index holds folded text: each value is shown as one of its people has it written."""
    if column.type not in (FieldType.TEXT, FieldType.LIST):
        plain = plain_number if column.type is FieldType.NUMBER else lambda value: value
        return [Facet(plain(value), int(size)) for value, size, _ in rows]
    people = {person.number: person for person in people_by_numbers(workspace, [int(row[2]) for row in rows])}
    shown = []
    for value, size, one in rows:
        person = people.get(int(one))
        written = person.data.get(name) if person else None
        options = written if isinstance(written, list) else [written]
        shown.append(Facet(next((item for item in options if item and fold(item) == value), value), int(size)))
    return shown


@dataclass(frozen=True)
class Region:
    """The people who are in exactly these sets of those compared."""

    inside: list[str]
    count: int


def regions(workspace: Workspace, sets: Mapping[str, tree.Node]) -> list[Region]:
    """All 2^n - 1 regions of two to five sets of people, each given by a key and its filter."""
    if not 2 <= len(sets) <= 5:
        raise InvalidInput(
            Reason("compare_some", "Compare two to five segments."), details={"expected": "2 to 5", "found": len(sets)}
        )
    index = ready_index(workspace)
    now = index.present()
    keys = list(sets)
    found = algebra.regions([index.evaluate(sets[key], now_ms=now) for key in keys], index.everyone())
    return [Region([key for i, key in enumerate(keys) if mask >> i & 1], size) for mask, size in sorted(found.items())]


@dataclass(frozen=True)
class TimelineEvent:
    """One event of a person's timeline."""

    id: str
    name: str
    kind: str
    at: int
    received_at: int
    source: str
    properties: dict[str, Any]


def timeline(
    workspace: Workspace, number: int, *, limit: int = 50, cursor: str | None = None
) -> tuple[list[TimelineEvent], str | None]:
    """A person's events, newest first, with those of people merged into them."""
    import orjson

    index = ready_index(workspace)
    bound = Bound()
    source = index.reader.events_sql(bound, BitMap([number]))
    where = f"person = {bound.add('UInt32', number)}"
    if cursor:
        after = pagination.decode(cursor)
        if not _FITS["Int64"](after.get("t")):
            raise pagination.broken()
        at = bound.add("Int64", after["t"])
        seq = bound.add("UInt64", pagination.number(after, "s", most=2**63 - 1))
        pos = bound.add("UInt32", pagination.number(after, "p", most=MAX_NUMBER))
        where += f" AND (time, seq, pos) < ({at}, {seq}, {pos})"
    sql = (
        f"SELECT message_id, event, kind, time, received, source, raw, seq, pos FROM ({source}) WHERE {where} "
        f"ORDER BY time DESC, seq DESC, pos DESC LIMIT {bound.add('UInt32', limit + 1)}"
    )
    rows = index.reader.page(sql, bound)
    names = {pk: name for name, pk in index.names.properties.items()}
    events = []
    for message_id, event, kind, at, received, origin, raw, _seq, _pos in rows[:limit]:
        properties = {names.get(int(key), key): value for key, value in orjson.loads(raw).items()}
        events.append(
            TimelineEvent(message_id, index.names.labels.get(event, ""), kind, at, received, origin, properties)
        )
    place = None
    if len(rows) > limit:
        last = rows[limit - 1]
        place = pagination.encode({"t": last[3], "s": last[7], "p": last[8]})
    return events, place


__all__ = ["count", "facets", "list_people", "regions", "timeline", "total"]
