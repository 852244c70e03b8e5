"""Who writes next: SQLite has one writer, and an answer to a client goes before the next drain.

SQLite itself makes a waiting writer poll with growing sleeps, so a busy drain could keep answers waiting for seconds.
The kernel hands a lock of a file on at once, between threads and between processes, and frees it when its holder dies.
PostgreSQL has many writers and needs no turns.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connection

_TURN: Final = "turn.lock"
_NEXT: Final = "turn-next.lock"
_MOST_PATIENCE: Final = 0.1


@contextmanager
def urgent() -> Iterator[None]:
    """Write as soon as the present writer is done."""
    if connection.vendor != "sqlite":
        yield
        return
    # Whoever holds this is next, and keeps patient writers from the turn meanwhile.
    following = _lock(_NEXT)
    try:
        turn = _lock(_TURN)
    finally:
        os.close(following)
    try:
        yield
    finally:
        os.close(turn)


@contextmanager
def patient() -> Iterator[None]:
    """Write when nobody urgent waits; after a tenth of a second as an equal, so that it gets on at all."""
    if connection.vendor != "sqlite":
        yield
        return
    until = None
    turn = _lock(_TURN)
    while is_wanted():
        until = until or time.monotonic() + _MOST_PATIENCE
        if time.monotonic() >= until:
            break
        os.close(turn)
        os.close(_lock(_NEXT))
        turn = _lock(_TURN)
    try:
        yield
    finally:
        os.close(turn)


def _lock(name: str) -> int:
    """Wait for a lock and take it; closing the answer frees it."""
    descriptor = _opened(name)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_wanted() -> bool:
    """Whether someone urgent waits for the turn."""
    descriptor = _opened(_NEXT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _opened(name: str) -> int:
    # Anew each time: a lock belongs to what was opened, so threads of one process exclude each other too.
    return os.open(settings.COTERIE_DATA / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
