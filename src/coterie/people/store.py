"""The write path's own SQL: whole batches in one statement, on SQLite and PostgreSQL.

Django's ORM makes one object per row, which alone costs more than the budget of an edit. Every value is bound; the
statements are put together from the names in this file. A list travels as one parameter: as JSON read by json_each
on SQLite (which allows few parameters), as an array on PostgreSQL.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class Bulk:
    """One statement over many rows: SQLite runs it once per row, PostgreSQL takes each column as an array."""

    sqlite: str
    postgres: str


def _columns(spec: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in (part.split(":") for part in spec.split())]


def _source(columns: Sequence[tuple[str, str]]) -> str:
    # jsonb has no array form that takes JSON text, so it travels as text and is cast in the statement.
    arrays = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for _, kind in columns)
    return f"unnest({arrays}) AS v({', '.join(name for name, _ in columns)})"


def _value(name: str, kind: str) -> str:
    return f"v.{name}::jsonb" if kind == "jsonb" else f"v.{name}"


def _insert(table: str, spec: str, conflict: str = "") -> Bulk:
    columns = _columns(spec)
    names = ", ".join(name for name, _ in columns)
    into = f"INSERT INTO {table} ({names})"
    marks = ", ".join(["%s"] * len(columns))
    values = ", ".join(_value(*column) for column in columns)
    return Bulk(
        f"{into} VALUES ({marks}) {conflict}",
        f"{into} SELECT {values} FROM {_source(columns)} {conflict}",  # noqa: S608 - names of this file only
    )


def _update(table: str, spec: str, keys: str) -> Bulk:
    """The rows hold the columns of `spec`, then those of `keys`."""
    sets, wheres = _columns(spec), _columns(keys)
    one = ", ".join(f"{name} = %s" for name, _ in sets)
    where = " AND ".join(f"{name} = %s" for name, _ in wheres)
    many = ", ".join(f"{name} = {_value(name, kind)}" for name, kind in sets)
    # The old values get names of their own: a column may be both searched by and set.
    keyed = [(f"old_{name}", kind) for name, kind in wheres]
    match = " AND ".join(f"t.{name} = v.old_{name}" for name, _ in wheres)
    return Bulk(
        f"UPDATE {table} SET {one} WHERE {where}",  # noqa: S608 - names of this file only, every value is bound
        f"UPDATE {table} AS t SET {many} FROM {_source([*sets, *keyed])} WHERE {match}",  # noqa: S608 - as above
    )


def _delete(table: str, keys: str) -> Bulk:
    wheres = _columns(keys)
    where = " AND ".join(f"{name} = %s" for name, _ in wheres)
    match = " AND ".join(f"t.{name} = v.{name}" for name, _ in wheres)
    return Bulk(
        f"DELETE FROM {table} WHERE {where}",  # noqa: S608 - names of this file only, every value is bound
        f"DELETE FROM {table} AS t USING {_source(wheres)} WHERE {match}",  # noqa: S608 - as above
    )


_PERSON: Final = "data:jsonb origins:jsonb state:text merged_into:bigint seq:bigint updated_at:timestamptz"
INSERT_PEOPLE: Final = _insert("people_person", f"{_PERSON} created_at:timestamptz workspace_id:bigint number:bigint")
UPDATE_PEOPLE: Final = _update("people_person", _PERSON, "workspace_id:bigint number:bigint")
MOVE_IDENTITIES: Final = _update("people_identity", "number:bigint", "workspace_id:bigint number:bigint")
CLOSE_SUGGESTIONS: Final = _update("people_mergesuggestion", "state:text", "workspace_id:bigint a:bigint b:bigint")
UPDATE_CREATED: Final = _update("people_person", "created_at:timestamptz", "workspace_id:bigint number:bigint")
INSERT_IDENTITIES: Final = _insert(
    "people_identity",
    "workspace_id:bigint kind:text value:text number:bigint created_at:timestamptz origin:text",
)
DELETE_IDENTITIES: Final = _delete("people_identity", "workspace_id:bigint kind:text value:text")
UPSERT_REJECTED: Final = _insert(
    "people_rejectedvalue",
    "workspace_id:bigint number:bigint key:text value:text reason:text at:timestamptz origin:jsonb "
    "code:text details:text",
    "ON CONFLICT (workspace_id, number, key) DO UPDATE SET value = excluded.value, reason = excluded.reason, "
    "at = excluded.at, origin = excluded.origin, code = excluded.code, details = excluded.details",
)
DELETE_REJECTED: Final = _delete("people_rejectedvalue", "workspace_id:bigint number:bigint key:text")
UPSERT_SUGGESTIONS: Final = _insert(
    "people_mergesuggestion",
    "workspace_id:bigint a:bigint b:bigint reason:text code:text details:text at:timestamptz state:text",
    "ON CONFLICT (workspace_id, a, b) DO NOTHING",
)
UPSERT_EVENT_NAMES: Final = _insert(
    "people_eventname",
    "workspace_id:bigint name:text first_seen:timestamptz last_seen:timestamptz count:bigint",
    # CASE and not MIN or LEAST: the two databases have no name in common for the smaller of two values.
    "ON CONFLICT (workspace_id, name) DO UPDATE SET count = people_eventname.count + excluded.count, "
    "first_seen = CASE WHEN excluded.first_seen < people_eventname.first_seen THEN excluded.first_seen "
    "ELSE people_eventname.first_seen END, "
    "last_seen = CASE WHEN excluded.last_seen > people_eventname.last_seen THEN excluded.last_seen "
    "ELSE people_eventname.last_seen END",
)
UPSERT_EVENT_PROPERTIES: Final = _insert(
    "people_eventproperty",
    "workspace_id:bigint name:text type:text",
    "ON CONFLICT (workspace_id, name) DO UPDATE SET type = excluded.type",
)


def on_postgres() -> bool:
    """Whether the truth is in PostgreSQL."""
    return connection.vendor == "postgresql"


def instant(at: datetime) -> Any:
    """A time as the database's driver takes it in raw SQL."""
    return connection.ops.adapt_datetimefield_value(at)


def aware(at: datetime) -> datetime:
    """A time as raw SQL gives it, with its zone: SQLite's driver leaves it out, it is UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def run(cursor: CursorWrapper, bulk: Bulk, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement over many rows."""
    if not rows:
        return
    if on_postgres():
        cursor.execute(bulk.postgres, [list(column) for column in zip(*rows, strict=True)])
    else:
        cursor.executemany(bulk.sqlite, rows)


def _among(values: Iterable[Any]) -> tuple[str, Any]:
    """A condition's right side for "is one of these" and the one parameter it binds."""
    if on_postgres():
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(%s))", orjson.dumps(list(values)).decode()


def _rows(cursor: CursorWrapper, sql: str, bound: Sequence[Any]) -> list[Any]:
    cursor.execute(sql, bound)
    rows: list[Any] = cursor.fetchall()
    return rows


def owners(cursor: CursorWrapper, workspace_id: int, kind: str, values: Iterable[str]) -> list[tuple[str, int]]:
    """(value, number) of the identities of one kind that are among `values`."""
    among, bound = _among(values)
    return _rows(
        cursor,
        f"SELECT value, number FROM people_identity WHERE workspace_id = %s AND kind = %s AND value {among}",  # noqa: S608 - `among` is one of two constants
        [workspace_id, kind, bound],
    )


def identities(cursor: CursorWrapper, workspace_id: int, numbers: Iterable[int]) -> list[tuple[int, str, str]]:
    """(number, kind, value) of all identities of these people."""
    among, bound = _among(numbers)
    return _rows(
        cursor,
        f"SELECT number, kind, value FROM people_identity WHERE workspace_id = %s AND number {among}",  # noqa: S608 - as above
        [workspace_id, bound],
    )


def tombstones(cursor: CursorWrapper, workspace_id: int, digests: Iterable[str]) -> list[str]:
    """Those of these digests that stand for identities of erased people."""
    among, bound = _among(digests)
    found = _rows(
        cursor,
        f"SELECT digest FROM people_tombstone WHERE workspace_id = %s AND digest {among}",  # noqa: S608 - as above
        [workspace_id, bound],
    )
    return [row[0] for row in found]


def people(
    cursor: CursorWrapper, workspace_id: int, numbers: Iterable[int]
) -> list[tuple[int, str, int | None, str, str]]:
    """(number, state, merged_into, data as JSON text, origins as JSON text) of these people."""
    among, bound = _among(numbers)
    return _rows(
        cursor,
        f"SELECT number, state, merged_into, data, origins FROM people_person WHERE workspace_id = %s AND number {among}",  # noqa: S608, E501 - as above
        [workspace_id, bound],
    )


def values(cursor: CursorWrapper, workspace_id: int, numbers: Iterable[int]) -> list[tuple[int, str]]:
    """(number, data as JSON text) of those of these numbers that are active people, by number."""
    among, bound = _among(numbers)
    return _rows(
        cursor,
        f"SELECT number, data FROM people_person WHERE workspace_id = %s AND state = 'active' AND number {among} ORDER BY number",  # noqa: S608, E501 - as above
        [workspace_id, bound],
    )


def active(cursor: CursorWrapper, workspace_id: int, numbers: Iterable[int]) -> list[int]:
    """Those of these numbers that are active people."""
    among, bound = _among(numbers)
    found = _rows(
        cursor,
        f"SELECT number FROM people_person WHERE workspace_id = %s AND state = 'active' AND number {among}",  # noqa: S608 - as above
        [workspace_id, bound],
    )
    return [row[0] for row in found]


def states(
    cursor: CursorWrapper, workspace_id: int, numbers: Iterable[int]
) -> list[tuple[int, int, str, int | None, str, datetime]]:
    """(number, seq, state, merged_into, data as JSON text, created_at) of these people."""
    among, bound = _among(numbers)
    return _rows(
        cursor,
        f"SELECT number, seq, state, merged_into, data, created_at FROM people_person WHERE workspace_id = %s AND number {among}",  # noqa: S608, E501 - as above
        [workspace_id, bound],
    )


def states_after(
    cursor: CursorWrapper, workspace_id: int, after: int, limit: int
) -> list[tuple[int, int, str, int | None, str, datetime]]:
    """The same for the next `limit` people by number."""
    return _rows(
        cursor,
        "SELECT number, seq, state, merged_into, data, created_at FROM people_person "
        "WHERE workspace_id = %s AND number > %s ORDER BY number LIMIT %s",
        [workspace_id, after, limit],
    )


def created_at(cursor: CursorWrapper, workspace_id: int, number: int) -> datetime:
    """When the row of a person was made."""
    cursor.execute(
        "SELECT created_at FROM people_person WHERE workspace_id = %s AND number = %s", [workspace_id, number]
    )
    (at,) = cursor.fetchone()
    return aware(at)


def attributes(
    cursor: CursorWrapper, workspace_id: int, keys: Iterable[str]
) -> list[tuple[str, str, bool, str, datetime | None]]:
    """(key, type, protected, allowed as JSON text, deleted_at) of the attributes of these keys."""
    among, bound = _among(keys)
    return _rows(
        cursor,
        f"SELECT key, type, protected, allowed, deleted_at FROM people_attribute WHERE workspace_id = %s AND key {among}",  # noqa: S608, E501 - as above
        [workspace_id, bound],
    )


def rejected(
    cursor: CursorWrapper, workspace_id: int, numbers: Iterable[int]
) -> list[tuple[tuple[int, str], tuple[str, str, datetime, str, str, str]]]:
    """(number, key) and (value, reason, at, origin, code, details) of these people's rejected values; value, origin
    and details as JSON text."""
    among, bound = _among(numbers)
    rows = _rows(
        cursor,
        f"SELECT number, key, value, reason, at, origin, code, details FROM people_rejectedvalue WHERE workspace_id = %s AND number {among}",  # noqa: S608, E501 - as above
        [workspace_id, bound],
    )
    return [((row[0], row[1]), (row[2], row[3], aware(row[4]), *row[5:])) for row in rows]


def event_ids(cursor: CursorWrapper, workspace_id: int, names: Iterable[str]) -> dict[str, int]:
    """Ids of event names; those without a row are left out."""
    among, bound = _among(names)
    rows = _rows(
        cursor,
        f"SELECT name, id FROM people_eventname WHERE workspace_id = %s AND name {among}",  # noqa: S608 - as above
        [workspace_id, bound],
    )
    return dict(rows)


def property_types(cursor: CursorWrapper, workspace_id: int, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    """(id, type) by name of event properties; those without a row are left out."""
    among, bound = _among(names)
    rows = _rows(
        cursor,
        f"SELECT name, id, type FROM people_eventproperty WHERE workspace_id = %s AND name {among}",  # noqa: S608 - as above
        [workspace_id, bound],
    )
    return {name: (id, type) for name, id, type in rows}
