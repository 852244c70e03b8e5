"""Many conditions about few people, asked for together.

ClickHouse takes longer to analyse a thousand expressions than to evaluate them. Conditions that differ in their values
alone read alike, so they are one expression over arrays of those values: a lambda for a condition over people, an
aggregate `-ForEach` and a lambda for one over events. Each row of the answer is a condition's number and its set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from coterie.audience.predicates import Bound, EventPredicate, PeoplePredicate

_PLACE = re.compile(r"\{p(\d+):([^}]+)\}")
# ClickHouse wants these as constants, so they can't come from an array.
_CONSTANT = re.compile(r" IN \{p|match\(")
# Aggregates of one argument, which have a form over arrays.
_ONE_ARGUMENT = re.compile(r"(countIf|sumOrNull|avgOrNull|minOrNull|maxOrNull|min|max)\((.*)\)")

Values = list[Any]
PeopleMember = tuple[int, PeoplePredicate, Values]
EventMember = tuple[int, EventPredicate, Values]


def people_sql(members: Sequence[PeopleMember], source: str, bound: Bound) -> str:
    """The query for conditions over people: their numbers, predicates and values as each was bound alone.

    `source` is what follows FROM: rows with `number` and `a`.
    """
    families: dict[str, list[tuple[int, Values]]] = {}
    for number, made, values in members:
        families.setdefault(made.sql, []).append((number, values))
    parts = [part for sql, mine in families.items() for part in _holding(sql, mine, bound)]
    return (
        "SELECT leaf, groupBitmapState(number) FROM ("
        f"SELECT number, arrayJoin(arrayConcat({', '.join(parts)})) AS leaf "
        f"FROM {source}) GROUP BY leaf"
    )


def events_sql(members: Sequence[EventMember], source: str, bound: Bound) -> str:
    """The query for conditions over events; `source` answers events with their `person`."""
    columns = _Aggregates(bound)
    families: dict[tuple[str, str], list[tuple[int, int, Values]]] = {}
    for number, made, values in members:
        column, place = columns.add(made.aggregate, values)
        families.setdefault((column, made.having), []).append((number, place, values))
    parts = []
    for (column, having), rows in families.items():
        if column in columns.arrays:
            places = bound.add("Array(UInt32)", [place + 1 for _, place, _ in rows])
            mine = [(number, values) for number, _, values in rows]
            parts += _holding(having, mine, bound, aggregate=f"{column}[place]", places=places)
        else:
            parts += [_alone(number, having, values, bound, aggregate=column) for number, _, values in rows]
    wanted = bound.add("Array(UInt32)", sorted({event for _, made, _ in members for event in made.events}))
    return (
        "SELECT leaf, groupBitmapState(person) FROM ("
        f"SELECT person, arrayJoin(arrayConcat({', '.join(parts)})) AS leaf FROM ("
        f"SELECT person, {', '.join(columns.sql())} FROM ({source}) WHERE event IN {wanted} GROUP BY person"
        ")) GROUP BY leaf"
    )


class _Aggregates:
    """The aggregates that conditions ask for, each once: `arrays` of those that read alike, and single ones."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.arrays: dict[str, tuple[str, dict[str, tuple[int, Values]]]] = {}
        self.single: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def add(self, aggregate: str, values: Values) -> tuple[str, int]:
        """The column that will hold the aggregate, and its place in the column's array."""
        if not _ONE_ARGUMENT.fullmatch(aggregate) or _CONSTANT.search(aggregate) or not _PLACE.search(aggregate):
            sql = _with_values(aggregate, values, self.bound)
            return self.single.setdefault(sql, f"s{len(self.single)}"), 0
        column = self._names.setdefault(aggregate, f"g{len(self._names)}")
        _, rows = self.arrays.setdefault(column, (aggregate, {}))
        mine = {place: values[int(place)] for place, _ in _PLACE.findall(aggregate)}
        place, _ = rows.setdefault(repr(mine), (len(rows), values))
        return column, place

    def sql(self) -> list[str]:
        """The columns."""
        columns = [f"{sql} AS {name}" for sql, name in self.single.items()]
        for name, (aggregate, rows) in self.arrays.items():
            found = _ONE_ARGUMENT.fullmatch(aggregate)
            assert found is not None
            variables, arrays = _arrays(aggregate, [values for _, values in rows.values()], self.bound)
            argument = _PLACE.sub(r"v\1", found[2])
            columns.append(f"{found[1]}ForEach(arrayMap(({variables}) -> {argument}, {arrays})) AS {name}")
        return columns


def _holding(
    sql: str, members: list[tuple[int, Values]], bound: Bound, *, aggregate: str = "", places: str = ""
) -> list[str]:
    """Expressions of arrays: which of a family's conditions, by number, hold for a row.

    With `aggregate` the family is about an element of an array, named by the variable `place`, of `places`.
    """
    text = sql.replace("{agg}", aggregate) if aggregate else sql
    has_values = bool(_PLACE.search(sql))
    if not aggregate and (len(members) == 1 or not has_values or _CONSTANT.search(sql)):
        return [_alone(number, sql, values, bound) for number, values in members]
    if _CONSTANT.search(sql):
        # One by one, each with its own place in the array.
        return [
            _alone(number, sql, values, bound, aggregate=aggregate.replace("place", f"{places}[{i}]"))
            for i, (number, values) in enumerate(members, start=1)
        ]
    ids = bound.add("Array(UInt32)", [number for number, _ in members])
    variables, arrays = _arrays(sql, [values for _, values in members], bound) if has_values else ("", "")
    names = ", ".join(each for each in ("i", "place" if aggregate else "", variables) if each)
    inputs = ", ".join(each for each in (ids, places, arrays) if each)
    body = _PLACE.sub(r"v\1", text)
    return [f"arrayFilter(({names}) -> {body}, {inputs})"]


def _arrays(sql: str, rows: list[Values], bound: Bound) -> tuple[str, str]:
    kinds = dict(_PLACE.findall(sql))
    arrays = [bound.add(f"Array({kind})", [values[int(place)] for values in rows]) for place, kind in kinds.items()]
    return ", ".join(f"v{place}" for place in kinds), ", ".join(arrays)


def _alone(number: int, sql: str, values: Values, bound: Bound, *, aggregate: str = "") -> str:
    holds = _with_values(sql, values, bound).replace("{agg}", aggregate)
    return f"if({holds}, [toUInt32({number})], [])"


def _with_values(sql: str, values: Values, bound: Bound) -> str:
    return _PLACE.sub(lambda place: bound.add(place[2], values[int(place[1])]), sql)
