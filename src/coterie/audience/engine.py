"""ClickHouse: in this process (chDB) or over HTTP on one or several nodes. The same client, the same SQL."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import clickhouse_connect
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError, ProgrammingError
from django.conf import settings
from pyroaring import BitMap

from coterie.audience.bitmaps import read_keyed_states, read_state_and_numbers, read_states
from coterie.audience.schema import TABLES
from coterie.kit.errors import Unavailable

log = structlog.get_logger(__name__)

# Text stays text: without these ClickHouse would take "2026-01-31" inside JSON for a date.
_TEXT_STAYS_TEXT = {
    "input_format_try_infer_dates": "0",
    "input_format_try_infer_datetimes": "0",
    "input_format_json_try_infer_numbers_from_strings": "0",
}
# readonly comes last: it refuses any further setting.
_READING = {**_TEXT_STAYS_TEXT, "readonly": "1"}


class EngineUnavailable(Unavailable):
    """ClickHouse does not answer; nothing is lost, the index catches up when it is back."""

    default_code = "index_unavailable"
    default_message = "The audience index does not answer now. Nothing is lost; try again soon."


class IndexInUse(EngineUnavailable):
    """Another process holds the embedded index."""

    default_code = "index_in_use"


class IndexDamaged(EngineUnavailable):
    """The embedded index can't be read as it was written; startup.py makes it anew from SQL."""

    default_code = "index_rebuilding"
    default_message = "The audience index is damaged and is rebuilt from the database. Nothing is lost; try again soon."


class Engine:
    """A pool of clients on one ClickHouse.

    Reads go through clients that are set `readonly=1`: such a client can neither write nor call `file()` or change
    settings. Every value is bound; SQL text is made of our own words only.
    """

    def __init__(self, *, path: str | None = None, nodes: Sequence[str] = (), cluster: str | None = None) -> None:
        if bool(path) == bool(nodes):
            raise ValueError("an engine has either a path or nodes")
        self.path = path
        self.nodes = tuple(nodes)
        self.cluster = cluster or None
        # By whether they only read, and the node; None: any node.
        self._idle: dict[tuple[bool, str | None], queue.LifoQueue[Client]] = {
            (reading, node): queue.LifoQueue() for reading in (True, False) for node in (None, *self.nodes)
        }
        self._changed = threading.Condition()
        self._busy = 0
        self._opened = self._closed = False

    # Reading

    def bitmaps(self, sql: str, params: Mapping[str, Any], *, count: int) -> list[BitMap]:
        """The sets of a query that answers one row of `count` groupBitmap states."""
        data = self._raw(sql, params, "RowBinary")
        return read_states(data, count) if data else [BitMap() for _ in range(count)]

    def keyed_bitmaps(self, sql: str, params: Mapping[str, Any]) -> list[tuple[int, BitMap]]:
        """The rows of a query that answers a UInt32 and a groupBitmap state each."""
        return read_keyed_states(self._raw(sql, params, "RowBinary"))

    def bitmap_and_numbers(self, sql: str, params: Mapping[str, Any]) -> tuple[BitMap, list[int]]:
        """The set and the numbers of a query that answers one row: a groupBitmap state and an Array(Int64)."""
        data = self._raw(sql, params, "RowBinary")
        return read_state_and_numbers(data) if data else (BitMap(), [])

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._client(reading=True) as client:
            return [tuple(row) for row in client.query(sql, parameters=dict(params or {})).result_rows]

    def rows_by_node(self, sql: str) -> list[list[tuple[Any, ...]]]:
        """The rows of a query on each node, in the nodes' order; embedded there is one."""
        found = []
        for node in self.nodes or (None,):
            with self._client(reading=True, node=node) as client:
                found.append([tuple(row) for row in client.query(sql).result_rows])
        return found

    def _raw(self, sql: str, params: Mapping[str, Any], fmt: str) -> bytes:
        with self._client(reading=True) as client:
            return bytes(client.raw_query(sql, parameters=dict(params), fmt=fmt))

    # Writing

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]], *, token: str | None = None) -> None:
        """Write one block, durable when this returns.

        `token` names an immutable block: the same token twice stores it once (within schema.py's window).
        Every column has the same length; an empty block writes nothing.
        """
        names = list(columns)
        if not names or not columns[names[0]]:
            return
        types = TABLES[table].types
        extra = dict(_TEXT_STAYS_TEXT)
        if token:
            extra["insert_deduplication_token"] = token
        whole = self.cluster is not None and not TABLES[table].sharded
        for node in self.nodes if whole else (None,):
            with self._client(reading=False, node=node) as client:
                client.insert(
                    table,
                    [columns[name] for name in names],
                    column_names=names,
                    column_type_names=[types[name].split(" CODEC")[0] for name in names],
                    column_oriented=True,
                    settings=extra,
                )

    def command(self, sql: str, params: Mapping[str, Any] | None = None, *, every_node: bool = False) -> None:
        """Run a statement of ours that answers nothing; on each node when asked."""
        for node in self.nodes if every_node and self.nodes else (None,):
            with self._client(reading=False, node=node) as client:
                client.command(sql, parameters=dict(params or {}))

    def ping(self) -> None:
        """Raise EngineUnavailable when it does not answer."""
        self.rows("SELECT 1")

    def close(self, *, seconds: float = 10.0) -> bool:
        """Close every client; those at work when they are done, which is waited for.

        For chDB the last one frees the folder: False means that it is not free yet.
        """
        end = time.monotonic() + seconds
        with self._changed:
            self._closed = True
            for idle in self._idle.values():
                while not idle.empty():
                    idle.get_nowait().close()
            while self._busy and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._busy

    # Clients

    @contextlib.contextmanager
    def _client(self, *, reading: bool, node: str | None = None) -> Iterator[Client]:
        with self._changed:
            if self._closed:
                raise EngineUnavailable(retry_after=2)
            self._busy += 1
        try:
            yield from self._lend(reading=reading, node=node)
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _lend(self, *, reading: bool, node: str | None) -> Iterator[Client]:
        idle = self._idle[reading, node]
        try:
            client = self._take(reading, node)
        except (ClickHouseError, OSError) as error:
            raise self._unavailable(error) from error
        try:
            yield client
        except BaseException as error:
            # The client may hold half an answer: it is not used again.
            with contextlib.suppress(Exception):
                client.close()
            if _passes(error):
                raise self._unavailable(error) from error
            if _is_damage(error):
                raise self._damaged(error) from error
            raise
        with self._changed:
            if not self._closed:
                idle.put(client)
                return
        client.close()

    def _take(self, reading: bool, node: str | None) -> Client:
        try:
            return self._idle[reading, node].get_nowait()
        except queue.Empty:
            return self._open(reading=reading, node=node)

    def _open(self, *, reading: bool, node: str | None) -> Client:
        if self.path:
            client = clickhouse_connect.get_client(interface="chdb", path=self.path)
            self._opened = True
            if reading:
                for name, value in _READING.items():
                    client.command(f"SET {name} = {value}")  # sql: names and values of the table above
            return client
        last: Exception | None = None
        for url in (node,) if node else self.nodes:
            try:
                return clickhouse_connect.get_client(
                    dsn=url,
                    autogenerate_session_id=False,
                    form_encode_query_params=True,
                    connect_timeout=5,
                    send_receive_timeout=120,
                    settings={**_TEXT_STAYS_TEXT, "readonly": "1"}
                    if reading
                    else {"distributed_foreground_insert": "1"},
                )
            except (ClickHouseError, OSError) as error:
                last = error
        raise last or OSError("no node is named")

    def _unavailable(self, error: BaseException) -> EngineUnavailable:
        text = str(error)
        if self.path and isinstance(error, ProgrammingError) and "Unable to open" in text and not self._opened:
            # chDB says the same of a folder that is in use and of one that it can't read.
            if _is_locked(os.path.join(self.path, "status")):
                return IndexInUse(f"Another process uses the index in {self.path}; stop it first.", details={})
            return self._damaged(error)
        log.warning("clickhouse_unavailable", error=text[:300])
        return EngineUnavailable(retry_after=2)

    def _damaged(self, error: BaseException) -> EngineUnavailable:
        """Tell whoever mends the index. A server's tables are its operator's: there the answer is just that."""
        text = str(error)[:300]
        if not self.path:
            log.error("clickhouse_cannot_read", error=text)
            return EngineUnavailable(retry_after=5)
        if _on_damage is not None:
            _on_damage(text)
        return IndexDamaged(retry_after=5)


def _is_locked(path: str) -> bool:
    """Whether a process has locked the file by which ClickHouse marks a folder as its own."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


_on_damage: Callable[[str], object] | None = None


def on_damage(step: Callable[[str], object]) -> None:
    """Have a function called, with the reason, whenever the embedded index turns out to be damaged."""
    global _on_damage
    _on_damage = step


# ClickHouse error codes of a state that passes: network, shards, memory, disk, too many queries.
_PASSING = frozenset({202, 209, 210, 236, 241, 243, 252, 279, 425, 439, 999})
# A shard that dies in the middle of its answer.
_PASSING_SAID = {32: "while receiving packet from"}
# Codes that a statement of ours can only get from files that are gone or were changed: missing tables (60, 81), data
# that is short, has another checksum, an impossible length (39) or no longer parses, files and parts that are not
# there, tables that do not load.
_DAMAGE = frozenset({33, 39, 40, 60, 81, 107, 117, 226, 227, 228, 233, 246, 271, 432, 695, 722, 740})
# Codes that mean it only with these words: otherwise 32 is a value that can't be read, 1001 anything that C++ throws.
_DAMAGE_SAID = {32: "Attempt to read after eof. (", 1001: "filesystem_error"}


def _passes(error: BaseException) -> bool:
    return isinstance(error, OperationalError | OSError) or _is_one_of(error, _PASSING, _PASSING_SAID)


def _is_damage(error: BaseException) -> bool:
    return _is_one_of(error, _DAMAGE, _DAMAGE_SAID)


def _is_one_of(error: BaseException, codes: Collection[int], said: Mapping[int, str]) -> bool:
    """Whether ClickHouse answered with one of these codes, or with one of the others and its words."""
    code: Any = getattr(error, "code", None) if isinstance(error, ClickHouseError) else None
    return code in codes or (code in said and said[code] in str(error))


_engine: Engine | None = None
_lock = threading.Lock()


def engine() -> Engine:
    """The process's one engine, as settings name it."""
    global _engine
    with _lock:
        if _engine is None:
            if settings.COTERIE_CLICKHOUSE_URLS:
                _engine = Engine(nodes=settings.COTERIE_CLICKHOUSE_URLS, cluster=settings.COTERIE_CLICKHOUSE_CLUSTER)
            else:
                path = settings.COTERIE_DATA / "index"
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
                _engine = Engine(path=str(path))
        return _engine


def close_engine() -> bool:
    """Close the process's engine; the next call to `engine` opens it anew.

    False when statements of other threads still run on it: then it answers no new ones, and stays until it is free.
    """
    global _engine
    with _lock:
        if _engine is not None and not _engine.close():
            return False
        _engine = None
        return True
