"""PostgreSQL and a two-shard ClickHouse of a test's own, which it may kill, and the processes of the server shape."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.hold.program import Home, Program
from tests.support import postgres
from tests.support.clickhouse_node import NodeFailed
from tests.support.ports import free_port
from tests.support.postgres import NoPostgres, PrivateServer
from tests.support.server_shape import CLUSTER, ClickHouseCluster, start_cluster


class NoStack(Exception):
    """The stores can't be had on this machine; the message says why."""


class Stack:
    """The stores and one installation on them. Leases are short, so that what waits for their end does not take long.

    `lease_seconds`: how long a worker may be gone before another one takes over.
    """

    def __init__(self, folder: Path, *, lease_seconds: int = 5) -> None:
        self.lease_seconds = lease_seconds
        programs = postgres.installed_programs()
        if programs is None:
            raise NoStack("needs the server programs of PostgreSQL (Debian: apt-get install postgresql)")
        self.postgres = PrivateServer(programs)
        self.cluster: ClickHouseCluster | None = None
        try:
            self.postgres.start()
            self.cluster = start_cluster()
        except (NoPostgres, NodeFailed) as error:
            self.stop()
            raise NoStack(str(error)) from None
        self.home = Home(
            folder,
            {
                "COTERIE_DATABASE_URL": self.postgres.url,
                "COTERIE_CLICKHOUSE_URL": self.cluster.urls,
                "COTERIE_CLICKHOUSE_CLUSTER": CLUSTER,
                "COTERIE_LEASE_SECONDS": str(lease_seconds),
            },
        )
        self.port = free_port()

    def stop(self) -> None:
        """End the stores and remove what they hold."""
        if self.cluster is not None:
            self.cluster.stop()
        self.postgres.stop()

    def web(self, **variables: str) -> Program:
        """A process that answers requests and leaves the work to workers; it does not answer yet."""
        program = self.home.start(
            "serve", "--web-only", "--host", "127.0.0.1", "--port", str(self.port), name="web", **variables
        )
        program.port = self.port
        return program

    def serve(self, **variables: str) -> Program:
        """A process that answers and works."""
        return self.home.serve(self.port, **variables)

    def worker(self, name: str, **variables: str) -> Program:
        """A process that works and does not answer."""
        return self.home.start("worker", name=name, **variables)

    def ask_postgres(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of one statement, as the database's superuser."""
        with psycopg.connect(self.postgres.url, autocommit=True, connect_timeout=5) as connection:
            answer = connection.execute(sql.encode())
            return answer.fetchall() if answer.description else []

    def cut_connections(self) -> int:
        """End every session of the installation; how many there were."""
        return len(
            self.ask_postgres(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        )

    def leases(self) -> tuple[str, str]:
        """The tokens by which workers hold the workspace: to project it, and to drain it; "" is nobody."""
        (projector,) = self.ask_postgres("SELECT coalesce(max(lease_token), '') FROM audience_indexposition")
        (drain,) = self.ask_postgres("SELECT coalesce(max(token), '') FROM tracking_drainlease")
        return str(projector[0]), str(drain[0])

    def crash_postgres(self) -> None:
        """End PostgreSQL without a shutdown and start it again: it recovers from its log."""
        self.postgres.down(by=signal.SIGQUIT)
        self.postgres.up()


@contextlib.contextmanager
def running_stack(folder: Path, *, lease_seconds: int = 5) -> Iterator[Stack]:
    """A stack for a test; skips where it can't be had."""
    try:
        stack = Stack(folder, lease_seconds=lease_seconds)
    except NoStack as error:
        pytest.skip(str(error))
    try:
        yield stack
    finally:
        stack.stop()
