"""Message ids seen: the raw SQL that tells new events from repeated ones, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper

_Row = TypeVar("_Row")

# Five parameters a row; SQLite takes 32,766 in one statement, PostgreSQL 65,535.
_ROWS: Final = 1_000
# {rows} and {hashes} stand for parameter marks only.
_INSERT: Final = """
    INSERT INTO tracking_messageid (workspace_id, source_id, id_hash, body_hash, at) VALUES {rows}
    ON CONFLICT DO NOTHING RETURNING source_id, id_hash
"""
_SELECT: Final = """
    SELECT id_hash, body_hash FROM tracking_messageid
    WHERE workspace_id = %s AND source_id = %s AND id_hash IN ({hashes})
"""
_DELETE: Final = """
    DELETE FROM tracking_messageid WHERE workspace_id = %s AND source_id = %s AND id_hash IN ({hashes})
"""


class SeenId(NamedTuple):
    """A message id of one source, and a hash of what came under it."""

    source_id: int
    id_hash: bytes
    body_hash: bytes


def note_ids(workspace_id: int, ids: Sequence[SeenId], *, at_ms: int) -> set[tuple[int, bytes]]:
    """Remember ids; the (source, id hash) pairs that were new. Part of the caller's transaction.

    `ids` names each pair once. Two workers at once can't both be told that an id is new: the unique index decides.
    """
    new: set[tuple[int, bytes]] = set()
    with connection.cursor() as cursor:
        for chunk in _chunks(ids):
            rows = ",".join(["(%s,%s,%s,%s,%s)"] * len(chunk))
            cursor.execute(
                _INSERT.replace("{rows}", rows),
                [value for seen in chunk for value in (workspace_id, *seen, at_ms)],
            )
            new.update((source_id, bytes(id_hash)) for source_id, id_hash in cursor.fetchall())
    return new


def body_hashes(workspace_id: int, ids: Iterable[tuple[int, bytes]]) -> dict[tuple[int, bytes], bytes]:
    """What was first seen under each of these ids."""
    found: dict[tuple[int, bytes], bytes] = {}
    with connection.cursor() as cursor:
        for source_id, hashes in _by_source(ids):
            _run(cursor, _SELECT, workspace_id, source_id, hashes)
            found.update({(source_id, bytes(id_hash)): bytes(body) for id_hash, body in cursor.fetchall()})
    return found


def forget_ids(workspace_id: int, ids: Iterable[tuple[int, bytes]]) -> None:
    """Unlearn ids whose events were set aside, so that they can be replayed. Part of the caller's transaction."""
    with connection.cursor() as cursor:
        for source_id, hashes in _by_source(ids):
            _run(cursor, _DELETE, workspace_id, source_id, hashes)


def prune_ids(before_ms: int, *, chunk: int = 5_000) -> int:
    """Remove up to `chunk` ids older than a time; how many there were. The oldest rows have the smallest numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tracking_messageid WHERE at < %s AND id IN "
            "(SELECT id FROM tracking_messageid ORDER BY id LIMIT %s)",
            [before_ms, chunk],
        )
        return int(cursor.rowcount)


def _run(cursor: CursorWrapper, statement: str, workspace_id: int, source_id: int, hashes: list[bytes]) -> None:
    marks = ",".join(["%s"] * len(hashes))
    cursor.execute(statement.replace("{hashes}", marks), [workspace_id, source_id, *hashes])


def _by_source(ids: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, list[bytes]]]:
    """The hashes of each source, at most as many as a statement takes."""
    grouped: dict[int, list[bytes]] = {}
    for source_id, id_hash in ids:
        grouped.setdefault(source_id, []).append(id_hash)
    for source_id, hashes in grouped.items():
        for chunk in _chunks(hashes):
            yield source_id, chunk


def _chunks(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    left = iter(rows)
    while chunk := list(islice(left, _ROWS)):
        yield chunk
