"""The rival: the same people as JSONB documents in PostgreSQL, asked the same filter."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench import population
from bench.figures import milliseconds
from bench.folder import Filled

DEFAULT_URL: Final = "postgres://postgres@127.0.0.1:5432/postgres"
# filters.SENTENCE. Equality and tags are asked with @>, which the GIN index can serve; the rest as text and numbers.
# Instants are stored in one form, so comparing their text is right, and faster than reading them.
_COUNT: Final = """
SELECT count(*) FROM people WHERE
  (data @> '{"country": "Germany"}' OR data @> '{"country": "United States"}' OR data @> '{"country": "France"}'
   OR data @> '{"tags": ["vip"]}' OR data @> '{"tags": ["beta"]}')
  AND (data->>'lifetime_value')::float8 > 100
  AND data->>'last_seen' >= %(since)s AND data->>'last_seen' < %(now)s
  AND NOT coalesce(data->>'plan' = 'free', false) AND NOT coalesce(data->>'subscribed' = 'false', false)
"""


def measure(filled: Filled, *, repeats: int) -> dict[str, float] | None:
    """Load the people, ask the filter; None where no PostgreSQL answers."""
    url = os.environ.get("COTERIE_BENCH_POSTGRES_URL", DEFAULT_URL)
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    with _database(url) as own, psycopg.connect(own, autocommit=True) as connection:
        started = time.perf_counter()
        _load(connection, filled)
        loaded = time.perf_counter() - started
        took, total = [], 0
        for _ in range(repeats + 3):
            now = datetime.now(UTC)
            bound = {"now": _text(now), "since": _text(now - timedelta(days=30))}
            started = time.perf_counter()
            row = connection.execute(_COUNT, bound).fetchone()
            took.append(time.perf_counter() - started)
            total = row[0] if row else 0
        version = connection.info.server_version
    return {"total": total, "load_seconds": loaded, "server_version": version, **milliseconds(took[3:])}


def _load(connection: psycopg.Connection[Any], filled: Filled) -> None:
    connection.execute("CREATE TABLE people (data jsonb NOT NULL)")
    with connection.cursor() as cursor, cursor.copy("COPY people (data) FROM STDIN") as copy:
        for block in population.people(filled.people, anchor_ms=filled.anchor_ms):
            for person in block:
                copy.write_row((json.dumps(person.document()),))
    connection.execute("CREATE INDEX people_data ON people USING gin (data jsonb_path_ops)")
    connection.execute("VACUUM (ANALYZE) people")


@contextmanager
def _database(url: str) -> Iterator[str]:
    name = f"coterie_bench_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _text(at: datetime) -> str:
    return population.iso(int(at.timestamp() * 1000))
