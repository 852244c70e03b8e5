"""The pytest plugin that gives a run its stores before Django reads its settings.

`COTERIE_TEST_SHAPE=server` starts PostgreSQL and ClickHouse (see server_shape.py); without it the stores are embedded,
in the temporary folder of tests/settings.py. Either way the COTERIE_* variables of the shell are put aside: tests must
never reach a live installation whose address is in a developer's environment.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.support import postgres, server_shape
from tests.support.clickhouse_node import NodeFailed
from tests.support.postgres import Database

SHAPES = ("embedded", "server")
# What the tests themselves may be told.
_KEPT_PREFIX = "COTERIE_TEST_"

_running: server_shape.ServerShape | None = None


def shape() -> str:
    """`embedded` or `server`."""
    name = os.environ.get("COTERIE_TEST_SHAPE", "").strip() or "embedded"
    if name not in SHAPES:
        raise pytest.UsageError(f"COTERIE_TEST_SHAPE: expected {' or '.join(SHAPES)}, found {name!r}")
    return name


def cluster() -> server_shape.ClickHouseCluster:
    """The ClickHouse shards of this run, for tests that kill one; skips where the run has none of its own."""
    if _running is None or _running.cluster is None:
        pytest.skip("needs the ClickHouse nodes that `make test-server` starts")
    return _running.cluster


def database() -> Database:
    """The database of this run in the server shape."""
    assert _running is not None, "the run is embedded"
    return _running.database


@contextmanager
def _stores() -> Iterator[None]:
    global _running
    for name in [name for name in os.environ if name.startswith("COTERIE_") and not name.startswith(_KEPT_PREFIX)]:
        del os.environ[name]
    try:
        if shape() == "server":
            try:
                _running = server_shape.start()
            except (postgres.NoPostgres, NodeFailed) as error:
                raise pytest.UsageError(str(error)) from None
            os.environ.update(_running.environment)
        yield
    finally:
        if _running is not None:
            _running.stop()
            _running = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    # pytest-django imports the settings in this same hook; a wrapper runs before it.
    # With `-n`, each worker has stores of its own, and the process that hands out the tests needs none.
    hands_out = early_config.known_args_namespace.numprocesses and "PYTEST_XDIST_WORKER" not in os.environ
    if hands_out and shape() == "server" and os.environ.get("COTERIE_TEST_CLICKHOUSE_URL", "").strip():
        raise pytest.UsageError("COTERIE_TEST_CLICKHOUSE_URL is one index: run with -n 0 (make test-server TESTERS=0)")
    with ExitStack() as started:
        if not hands_out:
            started.enter_context(_stores())
        early_config.add_cleanup(started.pop_all().close)
    return (yield)


def pytest_report_header() -> str:
    return f"shape: {shape()}"
