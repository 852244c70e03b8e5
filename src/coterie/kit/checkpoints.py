"""SQLite's write-ahead log goes into the database in the background, and not while someone waits for a commit.

By itself SQLite does that in the commit which takes the log over 1,000 pages: with many small writes in nearly every
one. Commits are as durable without it, since they sync the log.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from coterie.kit import turns

_UID: Final = "coterie.kit.checkpoints"
# Pages of 4 KiB. A commit moves them itself from here on, in case the background has stopped.
_MOST_PAGES: Final = 50_000
# From here on writers are held up for a moment, so that the log can begin anew.
_RESTART_PAGES: Final = 8_000


def in_background() -> None:
    """From now on connections of this process leave the log alone: the caller calls `checkpoint` again and again."""
    connection_created.connect(_leave, dispatch_uid=_UID)


def by_commits() -> None:
    """As SQLite does it by itself, for connections that are opened from now on."""
    connection_created.disconnect(dispatch_uid=_UID)


def checkpoint() -> int:
    """Move what is in the log into the database; the pages that the log held."""
    if connection.vendor != "sqlite":
        return 0
    pages = _checkpoint("PASSIVE")
    if pages >= _RESTART_PAGES:
        # Most of it has just been moved, so this is short.
        with turns.urgent():
            _checkpoint("RESTART")
    return pages


def empty() -> bool:
    """Move all of the log into the database and cut its file; False while somebody still reads from it."""
    if connection.vendor != "sqlite":
        return True
    with turns.urgent(), connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _pages, _moved = cursor.fetchone()
    return not busy


def _checkpoint(mode: str) -> int:
    with connection.cursor() as cursor:
        # sql: the mode is one of two words of this file
        cursor.execute(f"PRAGMA wal_checkpoint({mode})")
        _busy, pages, _moved = cursor.fetchone()
        return max(0, int(pages))


def _leave(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {_MOST_PAGES}")
