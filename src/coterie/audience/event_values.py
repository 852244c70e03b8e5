"""The values of a property of events: what is proposed for conditions on what people did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience.index import PeopleIndex
from coterie.audience.predicates import Bound
from coterie.audience.queries import FACETS, MOST_FACETS, Facet, ready_index
from coterie.filters.fields import FieldType
from coterie.filters.values import fold

# As many events are counted: a property may have another value in each.
MOST_EVENTS: Final = 1_000_000


def event_values(
    workspace: Workspace, event: str, property: str, *, search: str = "", limit: int = FACETS
) -> list[Facet]:
    """The values that a kind of event has of a property, as texts, with how many of today's people's events have each.

    The most frequent come first. None where nobody ever did this, or no event has the property.
    """
    index = ready_index(workspace)
    if event not in index.names.events or property not in index.names.properties:
        index.reload_names()
    column = index.names.property_column(property, FieldType.TEXT)
    # Also for everyone: events of people just deleted may still be there.
    members = index.everyone()
    if column is None or event not in index.names.events or not members:
        return []
    bound = Bound()
    source = index.reader.events_sql(bound, members)
    fits = f"event = {bound.add('UInt32', index.names.events[event])} AND {column.x} != ''"
    if search:
        fits += f" AND position({column.x}, {bound.add('String', fold(search))}) > 0"
    counted = f"SELECT {column.x} AS value, number, seq, pos FROM ({source}) WHERE {fits} LIMIT {MOST_EVENTS}"
    sql = (
        f"SELECT assumeNotNull(value) AS text, count() AS size, min((number, seq, pos)) AS one FROM ({counted}) "
        f"GROUP BY text ORDER BY size DESC, text LIMIT {bound.add('UInt32', max(1, min(limit, MOST_FACETS)))}"
    )
    return _originals(index, index.names.properties[property], index.reader.page(sql, bound))


def _originals(index: PeopleIndex, property: int, rows: Sequence[tuple[Any, ...]]) -> list[Facet]:
    """The index holds folded text: each value is shown as one of its events has it written."""
    bound = Bound()
    where = index.reader.where(bound, BitMap(one[0] for _, _, one in rows))
    seqs = bound.add("Array(UInt64)", sorted({one[1] for _, _, one in rows}))
    sql = f"SELECT number, seq, pos, raw FROM events WHERE {where} AND seq IN {seqs}"
    raw = {(number, seq, pos): text for number, seq, pos, text in index.reader.page(sql, bound)}
    shown = []
    for value, size, one in rows:
        written = orjson.loads(raw.get(tuple(one), "{}")).get(str(property))
        shown.append(Facet(written if isinstance(written, str) and fold(written) == value else value, int(size)))
    return shown
