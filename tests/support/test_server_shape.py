"""The stores of the server shape start, survive a kill, and leave nothing behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres, server_shape
from tests.support.clickhouse_node import Address, Node, NodeFailed, free_addresses


@pytest.fixture
def shards() -> Iterator[server_shape.ClickHouseCluster]:
    cluster = server_shape.start_cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def server_url() -> Iterator[str]:
    try:
        url, private = postgres.server()
    except postgres.NoPostgres as error:
        pytest.skip(str(error))
    yield url
    if private is not None:
        private.stop()


def test_it_works() -> None:
    assert os.environ["COTERIE_DATA"].startswith("/")
    has_server = bool(os.environ.get("COTERIE_DATABASE_URL"))
    assert has_server == (os.environ.get("COTERIE_TEST_SHAPE") == "server")


def test_rows_spread_over_the_shards_and_survive_a_kill(shards: server_shape.ClickHouseCluster) -> None:
    first, second = shards.nodes
    for node in shards.nodes:
        node.query("CREATE TABLE seen (number UInt32) ENGINE = MergeTree ORDER BY number")
    first.query(f"CREATE TABLE seen_all AS seen ENGINE = Distributed({server_shape.CLUSTER}, default, seen, number)")
    first.query("INSERT INTO seen_all SELECT number FROM numbers(1000) SETTINGS distributed_foreground_insert = 1")
    assert [node.query("SELECT count() FROM seen") for node in shards.nodes] == ["500", "500"]
    second.kill()
    with pytest.raises(NodeFailed, match="ALL_CONNECTION_TRIES_FAILED"):
        first.query("SELECT count() FROM seen_all")
    second.start()
    assert first.query("SELECT sum(number) FROM seen_all") == "499500"


def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    address = free_addresses(1)[0]
    node = Node(tmp_path, address, cluster="<not-closed>")
    with pytest.raises(NodeFailed, match=r"Tag mismatch in 'config\.xml'"):
        node.start()
    node.stop()


def test_a_node_does_not_take_anothers_port_for_its_own(tmp_path: Path) -> None:
    address = free_addresses(1)[0]
    first = Node(tmp_path / "first", address)
    first.start()
    try:
        with pytest.raises(NodeFailed):
            Node(tmp_path / "second", address).start()
    finally:
        first.stop()


def test_a_node_ends_with_its_starter(tmp_path: Path) -> None:
    address = free_addresses(1)[0]
    program = (
        "import os, pathlib; from tests.support.clickhouse_node import Address, Node;"
        f"Node(pathlib.Path({str(tmp_path)!r}), Address({address.http_port}, {address.tcp_port})).start();"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    deadline = time.monotonic() + 20
    while _listens(address):
        assert time.monotonic() < deadline, "the node outlived the process that started it"
        time.sleep(0.05)


def _listens(address: Address) -> bool:
    local = f"0100007F:{address.http_port:04X}"
    return any(local in line and " 0A " in line for line in Path("/proc/net/tcp").read_text().splitlines())


def test_a_database_is_made_and_dropped_with_its_twin(server_url: str) -> None:
    database = postgres.Database(server_url)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "test_{database.name}"')
        assert _databases(server) >= {database.name, f"test_{database.name}"}
        database.drop()
        assert not _databases(server) & {database.name, f"test_{database.name}"}


def test_a_database_of_a_killed_run_is_swept_and_a_live_one_is_not(server_url: str) -> None:
    abandoned = postgres.PREFIX + "abandoned"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{abandoned}"')
        server.execute(f'CREATE DATABASE "{abandoned}"')
        live = postgres.Database(server_url)
        other = postgres.Database(server_url)
        names = _databases(server)
        other.drop()
        live.drop()
    assert abandoned not in names
    assert {live.name, other.name} <= names


def _databases(server: psycopg.Connection) -> set[str]:
    return {row[0] for row in server.execute("SELECT datname FROM pg_database").fetchall()}


@pytest.mark.skipif(postgres.installed_programs() is None, reason="needs PostgreSQL's programs: apt install postgresql")
def test_a_private_server_starts_durable_and_leaves_nothing() -> None:
    programs = postgres.installed_programs()
    assert programs is not None
    private = postgres.PrivateServer(programs)
    private.start()
    with psycopg.connect(private.url) as server:
        settings = [server.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
    private.stop()
    assert settings == [("on",), ("on",)]
    assert not postgres.reachable(private.url)


def test_a_named_server_that_is_gone_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTERIE_TEST_DATABASE_URL", "postgres://me:secret@127.0.0.1:1/postgres")
    with pytest.raises(postgres.NoPostgres, match="nothing answers at 127") as caught:
        postgres.server()
    assert "secret" not in str(caught.value)
