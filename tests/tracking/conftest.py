"""Fixtures of the tracking tests: the endpoints with and without a database behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.tracking import endpoints, keys
from coterie.tracking.committer import COMMITTER, Committer
from coterie.tracking.drain import Drained, drain_once
from coterie.tracking.models import RawBatch
from coterie.tracking.reading import Source
from coterie.tracking.throttle import BUCKETS
from tests.support.asgi import App, Reply, basic, send
from tests.support.world import World, make_world

KEY = "wk_the-write-key-of-these-tests"
SOURCE = Source(1, 1, "key_test", "web page", trusted=False)


async def not_found(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What stands behind the endpoints: answers 404 to all that they hand on."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"handed on"})


class Endpoints:
    """The endpoints with one known key; `stored` are the rows they would have committed."""

    def __init__(self, app: App, stored: list[RawBatch]) -> None:
        self.app = app
        self.stored = stored

    def post(self, path: str, body: Any = b"", *, key: str | None = KEY, **options: Any) -> Reply:
        headers = (basic(key) if key else {}) | options.pop("headers", {})
        return send(self.app, path, body, headers=headers, **options)


@pytest.fixture(autouse=True)
def _fresh_state() -> Iterator[None]:
    BUCKETS.clear()
    keys.KEYS.clear()
    yield
    COMMITTER.stop()
    COMMITTER._backlog = 0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Endpoints:
    """The endpoints without a database: keys and commits are stood in for."""
    stored: list[RawBatch] = []

    async def find(self: Any, token: str) -> Source:
        if token != KEY:
            raise keys.unknown_key()
        return SOURCE

    async def commit(self: Any, row: RawBatch) -> None:
        stored.append(row)

    monkeypatch.setattr(keys.KeyBook, "find", find)
    monkeypatch.setattr(Committer, "commit", commit)
    return Endpoints(endpoints.tracking(not_found), stored)


@pytest.fixture
def live(transactional_db: None) -> tuple[World, App]:
    """The shared world and the endpoints with a real database behind them."""
    return make_world(), endpoints.tracking(not_found)


Take = Callable[..., RawBatch]


@pytest.fixture
def drain_all() -> Callable[[Workspace], list[Drained]]:
    """Drains a workspace until nothing is left."""

    def run(workspace: Workspace, limit: int | None = None) -> list[Drained]:
        done = []
        while not (drained := drain_once(workspace, limit)).idle:
            done.append(drained)
        return done

    return run
