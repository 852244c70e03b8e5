"""What an error of ClickHouse means: it passes, the index is damaged, or the statement is wrong."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from coterie.audience.engine import _DAMAGE, _is_damage, _passes


def told(code: int, text: str = "") -> DatabaseError:
    return DatabaseError(f"Received ClickHouse exception, code: {code}, server response: {text}", code=code)


def test_it_works() -> None:
    assert _passes(OperationalError("the connection was refused"))
    assert not _passes(told(62, "Syntax error"))


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (told(210, "NETWORK_ERROR"), True),
        (told(279, "ALL_CONNECTION_TRIES_FAILED"), True),
        (told(241, "MEMORY_LIMIT_EXCEEDED"), True),
        (
            told(32, "Attempt to read after eof: while receiving packet from 127.0.0.1:44693: While executing Remote."),
            True,
        ),
        (told(32, "Attempt to read after eof: Cannot parse UInt32 from String"), False),
        (told(33, "CANNOT_READ_ALL_DATA"), False),
        (ConnectionResetError("reset"), True),
        (ValueError("ours"), False),
    ],
)
def test_each_error(error: Exception, passes: bool) -> None:
    assert _passes(error) is passes


def test_no_code_means_two_things() -> None:
    assert not [code for code in _DAMAGE if _passes(told(code))]


@pytest.mark.parametrize(
    ("error", "damage"),
    [
        (told(39, "Too large size_compressed_without_checksum: 3523215427. Most likely corrupted data"), True),
        (told(40, "Checksum doesn't match"), True),
        (told(32, "Attempt to read after eof. (ATTEMPT_TO_READ_AFTER_EOF)"), True),
        (told(32, "Attempt to read after eof: Cannot parse UInt32 from String"), False),
        (told(1001, "filesystem_error: in file_size: No such file or directory"), True),
        (told(1001, "std::bad_function_call"), False),
        (told(241, "MEMORY_LIMIT_EXCEEDED"), False),
        (ValueError("ours"), False),
    ],
)
def test_which_errors_mean_damage(error: Exception, damage: bool) -> None:
    assert _is_damage(error) is damage
