"""Conditions' sets straight from ClickHouse: computed whole, for some people, or asked what the clock has moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from pyroaring import BitMap

from coterie.audience import families, rows
from coterie.audience.bitmaps import Encoded, state_sql, to_state
from coterie.audience.engine import Engine
from coterie.audience.names import Column, Names
from coterie.audience.predicates import Bound, Edge, EventPredicate, PeoplePredicate, edges, predicate
from coterie.filters import tree
from coterie.filters.errors import InvalidFilter
from coterie.filters.fields import FieldType
from coterie.filters.moment import Moment

# Conditions in one query: more make ClickHouse's analysis slower than a second query.
CHUNK = 150
# Up to this many people a primary-key look-up beats a scan that tests a bitmap.
LOOKUP = 20_000

# From this many conditions on, those about few people are asked for in families.
FAMILIES_FROM = 8
# Later than any instant or day.
NEVER = 2**62

Leaves = Mapping[str, tree.Leaf]


class Range(NamedTuple):
    """An edge that has moved from its `at` to another instant."""

    edge: Edge
    to: int


@dataclass(frozen=True, eq=False)
class Staged:
    """Rows of the table `people` that were just written: the live ones' numbers, and their values by path."""

    numbers: list[int]
    cells: list[rows.Cells]

    @classmethod
    def of(cls, people: Mapping[int, rows.Cells | None]) -> Staged | None:
        """The rows of written people; None where none of them is live."""
        live = {number: cells for number, cells in people.items() if cells is not None}
        return cls(list(live), list(live.values())) if live else None

    def sql(self, leaves: Iterable[tree.Leaf], names: Names, bound: Bound) -> str:
        """What follows FROM: the rows, bound, with `number` and a column for each path that the conditions are about.

        Looked up where they were written, a few thousand rows take a scan of everyone's; as JSON documents, ten times
        as long to read as these columns.
        """
        paths: dict[str, FieldType] = {}
        for leaf in leaves:
            if isinstance(leaf, tree.FieldCondition) and (column := names.fields.get(leaf.field)):
                paths[column.path] = column.type
                if column.type is FieldType.TEXT:
                    paths[column.region_path] = FieldType.TEXT
        arrays = [f"{bound.add('Array(UInt32)', self.numbers)} AS number"]
        arrays += [f"{self._array(path, type, bound)} AS {path}" for path, type in paths.items()]
        return f"(SELECT {', '.join(arrays)}) ARRAY JOIN {', '.join(['number', *paths])}"

    def _array(self, path: str, type: FieldType, bound: Bound) -> str:
        missing: Any = [] if type is FieldType.LIST else None
        values = Encoded(orjson.dumps([cells.get(path, missing) for cells in self.cells]))
        kind = Column(path, type).kind
        element = kind if type is FieldType.LIST else f"Nullable({kind})"
        return f"JSONExtract(base64Decode({bound.add('String', values)}), 'Array({element})')"


class Reader:
    """Reads the index of one workspace."""

    def __init__(
        self, engine: Engine, workspace_id: int, merged: Callable[[BitMap], BitMap], has_merges: Callable[[], bool]
    ) -> None:
        self.engine = engine
        self.workspace_id = workspace_id
        self._merged = merged
        self._has_merges = has_merges

    def everyone(self, among: BitMap | None = None) -> BitMap:
        """The live people, all or among some."""
        bound = Bound()
        sql = f"SELECT groupBitmapState(number) FROM people FINAL WHERE {self.where(bound, among)} AND live = 1"
        return self.engine.bitmaps(sql, bound.values, count=1)[0]

    def compute(
        self,
        leaves: Leaves,
        names: Names,
        moment: Moment,
        among: BitMap | None = None,
        staged: Staged | None = None,
    ) -> dict[str, BitMap]:
        """The set of each condition by key: among everyone, or among some people.

        `staged` are the rows of just those people as they were written: they need not be looked up again.
        A condition that can't be compiled (its field is gone or of another type) is nobody.
        """
        result: dict[str, BitMap] = {}
        if among is not None and not among:
            return {key: BitMap() for key in leaves}
        if among is not None and (staged is not None or len(leaves) >= FAMILIES_FROM):
            return self._families(leaves, names, moment, among, staged)
        people: dict[str, tree.Leaf] = {}
        events: dict[str, tree.Leaf] = {}
        for key, leaf in leaves.items():
            (events if isinstance(leaf, tree.EVENT_LEAVES) else people)[key] = leaf
        for group, query in ((people, self._people), (events, self._events)):
            keys = list(group)
            for start in range(0, len(keys), CHUNK):
                result.update(query({key: group[key] for key in keys[start : start + CHUNK]}, names, moment, among))
        return result

    def where(self, bound: Bound, among: BitMap | None) -> str:
        """The SQL that keeps to the workspace and, when given, to some people."""
        sql = f"workspace = {bound.add('UInt32', self.workspace_id)}"
        if among is None:
            return sql
        state = self.state(bound, among)
        if len(among) <= LOOKUP:
            return f"{sql} AND number IN (SELECT arrayJoin(bitmapToArray({state})))"
        return f"{sql} AND bitmapContains({state}, number)"

    def state(self, bound: Bound, members: BitMap) -> str:
        """The SQL of a set, bound."""
        name = bound.add("String", to_state(members)).split(":")[0].strip("{")
        return state_sql(name)

    def _people(self, leaves: Leaves, names: Names, moment: Moment, among: BitMap | None) -> dict[str, BitMap]:
        bound = Bound()
        where = self.where(bound, among)
        result: dict[str, BitMap] = {}
        keys: list[str] = []
        columns: list[str] = []
        for key, leaf in leaves.items():
            made = _compiled(leaf, names, moment, bound)
            if made is None:
                result[key] = BitMap()
            elif isinstance(made, PeoplePredicate):
                keys.append(key)
                columns.append(f"groupBitmapStateIf(number, {made.sql})")
        if keys:
            sql = f"SELECT {', '.join(columns)} FROM people FINAL WHERE {where} AND live = 1"
            result.update(zip(keys, self.engine.bitmaps(sql, bound.values, count=len(keys)), strict=True))
        return result

    def _families(
        self, leaves: Leaves, names: Names, moment: Moment, among: BitMap, staged: Staged | None
    ) -> dict[str, BitMap]:
        """The same for many conditions about few people (families.py)."""
        keys = list(leaves)
        result = {key: BitMap() for key in keys}
        people: list[families.PeopleMember] = []
        events: list[families.EventMember] = []
        mine = names.plain() if staged else names
        for i, key in enumerate(keys):
            alone = Bound()
            made = _compiled(leaves[key], mine, moment, alone)
            if isinstance(made, PeoplePredicate):
                people.append((i, made, list(alone.values.values())))
            elif isinstance(made, EventPredicate):
                events.append((i, made, list(alone.values.values())))
        found: list[tuple[int, BitMap]] = []
        if people:
            bound = Bound()
            source = f"people FINAL WHERE {self.where(bound, among)} AND live = 1"
            if staged:
                source = staged.sql((leaves[keys[i]] for i, _, _ in people), names, bound)
            found += self.engine.keyed_bitmaps(families.people_sql(people, source, bound), bound.values)
        if events:
            bound = Bound()
            found += self.engine.keyed_bitmaps(
                families.events_sql(events, self.events_sql(bound, among), bound), bound.values
            )
        result.update((keys[i], members) for i, members in found)
        return result

    def _events(self, leaves: Leaves, names: Names, moment: Moment, among: BitMap | None) -> dict[str, BitMap]:
        bound = Bound()
        source = self.events_sql(bound, among)
        result: dict[str, BitMap] = {}
        keys: list[str] = []
        # Conditions often ask different things of the same aggregate.
        aggregates: dict[str, str] = {}
        columns: list[str] = []
        wanted: set[int] = set()
        for key, leaf in leaves.items():
            made = _compiled(leaf, names, moment, bound)
            if made is None:
                result[key] = BitMap()
            elif isinstance(made, EventPredicate):
                alias = aggregates.setdefault(made.aggregate, f"c{len(aggregates)}")
                keys.append(key)
                wanted.update(made.events)
                columns.append(f"groupBitmapStateIf(person, {made.having.replace('{agg}', alias)})")
        if keys:
            ids = bound.add("Array(UInt32)", sorted(wanted))
            named = ", ".join(f"{aggregate} AS {alias}" for aggregate, alias in aggregates.items())
            sql = (
                f"SELECT {', '.join(columns)} FROM (SELECT person, {named} FROM ({source}) "
                f"WHERE event IN {ids} GROUP BY person)"
            )
            found = self.engine.bitmaps(sql, bound.values, count=len(keys))
            result.update(zip(keys, found, strict=True))
        return result

    def events_sql(self, bound: Bound, among: BitMap | None = None) -> str:
        """The workspace's events with `person`: the number that an event's person has today, after merges."""
        merges = self._has_merges()
        reach = self._merged(among) if among is not None and merges else among
        where = self.where(bound, reach)
        if not merges:
            return f"SELECT *, number AS person FROM events WHERE {where}"
        workspace = bound.add("UInt32", self.workspace_id)
        return (
            "SELECT e.*, if(m.survivor = 0, e.number, m.survivor) AS person "
            f"FROM (SELECT * FROM events WHERE {where}) AS e LEFT ANY JOIN "
            f"(SELECT number, survivor FROM merges FINAL WHERE workspace = {workspace}) AS m ON e.number = m.number"
        )

    def crossed(self, ranges: Sequence[Range]) -> tuple[BitMap, list[int]]:
        """The people with a value that an edge has passed, [from, to) of some range, and for each range the lowest
        value from its end on (NEVER: none): nobody crosses that edge before it gets there."""
        found = BitMap()
        nexts = dict.fromkeys(ranges, NEVER)
        for table in ("people", "events"):
            mine = [each for each in nexts if each.edge.table == table]
            for start in range(0, len(mine), CHUNK):
                people, lowest = self._crossed(table, mine[start : start + CHUNK])
                found |= people
                nexts.update(zip(mine[start : start + CHUNK], lowest, strict=True))
        return found, [nexts[each] for each in ranges]

    def _crossed(self, table: str, ranges: Sequence[Range]) -> tuple[BitMap, list[int]]:
        bound = Bound()
        tests, lowest = [], []
        for edge, to in ranges:
            mine = f"event IN {bound.add('Array(UInt32)', list(edge.events))} AND " if edge.events else ""
            start, end = bound.add("Int64", edge.at), bound.add("Int64", to)
            tests.append(f"ifNull({mine}{edge.x} >= {start} AND {edge.x} < {end}, 0)")
            lowest.append(f"ifNull(minOrNullIf({edge.x}, ifNull({mine}{edge.x} >= {end}, 0)), {NEVER})")
        number = "number" if table == "people" else "person"
        columns = f"groupBitmapStateIf({number}, {' OR '.join(tests)}), [{', '.join(lowest)}]"
        if table == "people":
            sql = f"SELECT {columns} FROM people FINAL WHERE {self.where(bound, None)} AND live = 1"
        else:
            ids = bound.add("Array(UInt32)", sorted({id for edge, _ in ranges for id in edge.events}))
            sql = f"SELECT {columns} FROM ({self.events_sql(bound)}) WHERE event IN {ids}"
        return self.engine.bitmap_and_numbers(sql, bound.values)

    def page(self, sql: str, bound: Bound) -> list[tuple[Any, ...]]:
        """Rows of a query built with `where`."""
        return self.engine.rows(sql, bound.values)


def _compiled(leaf: tree.Leaf, names: Names, moment: Moment, bound: Bound) -> PeoplePredicate | EventPredicate | None:
    try:
        return predicate(leaf, names, moment, bound)
    except InvalidFilter:
        return None


def leaf_edges(leaf: tree.Leaf, names: Names, moment: Moment) -> list[Edge]:
    """The condition's edges; none for a condition that can't be compiled."""
    try:
        return edges(leaf, names, moment)
    except InvalidFilter:
        return []
