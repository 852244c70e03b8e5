"""One process wakes another through PostgreSQL, so that new work is not found only by looking for it.

Nothing depends on it: whoever waits looks by itself too, a little later. On SQLite the second process tells the server
through their pipe (`told_to`).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.db import Error, connection
from psycopg import sql

_log = logging.getLogger(__name__)

ARRIVED: Final = "coterie_arrived"
"""Events were accepted and wait for the drain."""
CHANGED: Final = "coterie_changed"
"""A change log has grown, so there is something to project."""
PROJECTED: Final = "coterie_projected"
"""An index has moved, so what was written may be visible."""

# A message is a transaction of its own, and PostgreSQL commits them one by one: more often is of no use to anyone.
_LEAST_PAUSE: Final = 0.02
_WAIT: Final = 0.5
_sent: dict[str, float] = {}
_tell: Callable[[str], object] | None = None


def works() -> bool:
    """Whether the database can do it."""
    return connection.vendor == "postgresql"


def send(channel: str) -> None:
    """Wake who listens to a channel, after the commit of what there is to find. A failure costs only time."""
    if _tell is not None:
        _tell(channel)
        return
    now = time.monotonic()
    if not works() or now - _sent.get(channel, -math.inf) < _LEAST_PAUSE:
        return
    _sent[channel] = now
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [channel])
    except Error as error:
        _log.debug("nobody was woken: %s", error)


@contextmanager
def told_to(tell: Callable[[str], object]) -> Iterator[None]:
    """While the block runs, what any thread sends is told to `tell` instead."""
    global _tell
    _tell = tell
    try:
        yield
    finally:
        _tell = None


class Listener:
    """Calls the handler of each channel when someone sends there; on a connection of its own."""

    def __init__(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        self._handlers = dict(handlers)
        self._connection: psycopg.Connection[Any] | None = None

    def listen(self) -> None:
        """Listen for half a second; to be called again and again. Raises when the connection breaks.

        After a new connection every handler is called: what was sent meanwhile is lost.
        """
        try:
            source = self._connected()
            for message in source.notifies(timeout=_WAIT):
                self._handlers[message.channel]()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the connection; the next `listen` makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            options = connection.get_connection_params()
            self._connection = psycopg.connect(**options, autocommit=True)
            for channel, handler in self._handlers.items():
                self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                handler()
        return self._connection
