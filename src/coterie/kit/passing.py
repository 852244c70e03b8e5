"""Which errors of the database pass: it is gone, locked or full, and the same statement may succeed later."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from django.db import InterfaceError, InternalError, OperationalError

# SQLite calls a bad value an OperationalError too. These are the ones that pass, or that stop everyone alike.
_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)

# A folder for files has no room now; of other errors with files, the caller or we are at fault.
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

# PostgreSQL has ended a transaction in which this process was asleep. Its other errors that pass are operational ones.
_ENDED_IDLE: Final = "25P03"


def passes(error: BaseException) -> bool:
    """Whether an error is no fault of the statement: it is worth trying again, and the caller is told to."""
    cause = error.__cause__
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if isinstance(error, InternalError):
        return getattr(cause, "sqlstate", None) == _ENDED_IDLE
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if not isinstance(cause, sqlite3.Error):
        return True
    code = getattr(cause, "sqlite_errorcode", None)
    # The lower byte is the primary code; errors without one come from the driver and not from the file.
    return code is not None and (code & 0xFF) in _SQLITE
