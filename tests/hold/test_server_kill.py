"""The server shape under load while its parts die: a web process, the worker in charge, a ClickHouse node, sessions."""

from __future__ import annotations

import asyncio

import pytest

from tests.hold.harness import Report
from tests.hold.server_loop import FAULTS, ServerLoop
from tests.hold.stack import running_stack
from tests.support.shape import shape

pytestmark = [
    pytest.mark.kill,
    pytest.mark.server,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shape() != "server", reason="kills parts of the server shape: run by `make test-server`"),
]
WANTED = [
    "kill a ClickHouse node",
    "kill web at a commit",
    "cut all PostgreSQL sessions",
    "kill workers, one at a named point",
    "crash PostgreSQL",
    "kill the worker that holds the workspace",
    "kill a ClickHouse node",
    "kill web",
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    with running_stack(tmp_path_factory.mktemp("server") / "data") as stack:
        return asyncio.run(ServerLoop(stack, seed=7).run(WANTED))


def test_it_works(report: Report) -> None:
    """Nothing acknowledged is lost, nothing is doubled, sets equal recomputed sets."""
    assert report.problems == []


def test_it_was_under_load(report: Report) -> None:
    assert report.faults == WANTED
    assert len(report.kills) == sum(FAULTS[name].kills for name in WANTED) >= 10
    assert {"PostgreSQL", "a worker", "a ClickHouse node", "the web process"} <= set(report.kills)
    assert report.acknowledged > 200
    assert report.writes > 30
