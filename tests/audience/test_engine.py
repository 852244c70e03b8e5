"""What an error of ClickHouse means: it passes, the index is damaged, or the statement is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from coterie.audience.engine import _DAMAGE, Engine, _is_damage, _passes


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


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """How the clients of two nodes that are not there were opened."""
    made: list[Mapping[str, Any]] = []

    def get_client(**how: Any) -> Any:
        made.append(how)
        answer = SimpleNamespace(result_rows=[(how["dsn"],)])
        return SimpleNamespace(
            query=lambda sql, **_: answer,
            command=lambda sql, **_: None,
            insert=lambda *_, **__: None,
            close=lambda: None,
        )

    monkeypatch.setattr(clickhouse_connect, "get_client", get_client)
    return made


def test_clients_of_each_node_are_kept(opened: list[Mapping[str, Any]]) -> None:
    """To open one takes several questions to the node."""
    engine = Engine(nodes=["http://a:1", "http://b:1"], cluster="two")
    for _ in range(3):
        assert engine.rows_by_node("SELECT 1") == [[("http://a:1",)], [("http://b:1",)]]
        engine.command("SYSTEM FLUSH LOGS", every_node=True)
    # Those that read may do nothing else.
    assert [(how["dsn"], how["settings"].get("readonly")) for how in opened] == [
        ("http://a:1", "1"),
        ("http://b:1", "1"),
        ("http://a:1", None),
        ("http://b:1", None),
    ]
    assert engine.rows("SELECT 1") == [("http://a:1",)]
    assert len(opened) == 5
    assert engine.close()
