"""What a caller is told to try again."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError, ProgrammingError

from coterie.kit.passing import passes


def from_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by a test")
    error.sqlite_errorcode = code
    return error


def test_it_works() -> None:
    assert passes(OperationalError("the connection is closed"))
    assert not passes(ValueError("ours"))
    assert passes(OSError(errno.ENOSPC, "no room for a file"))
    assert not passes(FileNotFoundError(errno.ENOENT, "no such file"))


@pytest.mark.parametrize(
    ("kind", "cause", "expected"),
    [
        (OperationalError, psycopg.errors.QueryCanceled(), True),  # statement_timeout
        (OperationalError, psycopg.errors.DeadlockDetected(), True),
        (OperationalError, psycopg.errors.SerializationFailure(), True),
        (OperationalError, psycopg.errors.AdminShutdown(), True),  # pg_terminate_backend, a restart
        (OperationalError, psycopg.errors.CannotConnectNow(), True),
        (OperationalError, psycopg.errors.TooManyConnections(), True),
        (OperationalError, psycopg.errors.DiskFull(), True),
        (InternalError, psycopg.errors.IdleInTransactionSessionTimeout(), True),
        (InternalError, psycopg.errors.InFailedSqlTransaction(), False),
        (ProgrammingError, psycopg.errors.UndefinedTable(), False),
        (DataError, psycopg.errors.StringDataRightTruncation(), False),
        (IntegrityError, psycopg.errors.UniqueViolation(), False),
        (OperationalError, from_sqlite(sqlite3.SQLITE_BUSY), True),
        (OperationalError, from_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), True),
        (OperationalError, from_sqlite(sqlite3.SQLITE_FULL), True),
        (OperationalError, from_sqlite(sqlite3.SQLITE_IOERR_FSYNC), True),
        (OperationalError, from_sqlite(sqlite3.SQLITE_ERROR), False),
        (OperationalError, sqlite3.OperationalError("too many SQL variables"), False),
    ],
)
def test_each_error_of_a_database(kind: type[Exception], cause: Exception, expected: bool) -> None:
    error = kind("said by a test")
    error.__cause__ = cause
    assert passes(error) is expected
