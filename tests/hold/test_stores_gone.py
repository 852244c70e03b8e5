"""PostgreSQL or ClickHouse is gone for a while: clear refusals, nothing lost, and all of it is caught up with."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.hold.load import EVENT, SEGMENTS
from tests.hold.program import Program, Reply
from tests.hold.stack import Stack, running_stack
from tests.support.shape import shape

pytestmark = [
    pytest.mark.kill,
    pytest.mark.server,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shape() != "server", reason="stops stores of the server shape: run by `make test-server`"),
]
# A request waits 8 seconds for a connection to PostgreSQL, and is refused soon after, as soon as a busy machine can.
PATIENCE = 25.0
# Who needs no connection does not wait behind those who do.
AT_ONCE = 5.0
BUYERS = SEGMENTS["buyers"]


class Scene:
    """A stack with one server, and the events that were acknowledged."""

    def __init__(self, stack: Stack, server: Program) -> None:
        self.stack, self.server = stack, server
        self.acknowledged: list[str] = []
        self._taken: Counter[str] = Counter()
        self._sent = self._asked = 0

    def send(self, count: int = 10) -> Reply:
        calls: list[dict[str, Any]] = []
        for _ in range(count):
            self._sent += 1
            who = {"userId": f"u{self._sent % 20}", "messageId": f"m{self._sent}"}
            calls.append({"type": "track", "event": EVENT, "properties": {"amount": 5}} | who)
        reply = self.server.track(calls)
        if reply.status == 200:
            self.acknowledged += [call["messageId"] for call in calls]
            self._taken.update(call["userId"] for call in calls)
        return reply

    def count(self) -> Reply:
        """Count by a condition that nobody has asked for: its set is not in memory."""
        self._asked += 1
        return self.server.api("POST", "/people/count", {"where": f'did "{EVENT}" at most {1000 + self._asked} times'})

    def patch(self, name: str) -> Reply:
        return self.server.api("PATCH", "/people/1", {"set": {"name": name}})

    def caught_up(self) -> None:
        """Every acknowledged event is counted and nothing waits."""
        self.server.wait_ready()
        self.server.wait_projected()
        most = max(self._taken.values())
        for times in (most, most - 1):
            expected = sum(count >= times for count in self._taken.values())
            assert self.server.count(f'did "{EVENT}" at least {times} times') == expected


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with running_stack(tmp_path_factory.mktemp("gone") / "data") as stack:
        stack.home.found()
        server = stack.serve()
        try:
            server.wait_ready()
            made = Scene(stack, server)
            for _ in range(8):
                assert made.send().status == 200
            server.wait_projected()
            assert server.api("POST", "/segments", {"name": "buyers", "where": BUYERS}).status == 201
            yield made
        finally:
            server.close()


def refused(reply: Reply, began: float) -> None:
    """503 with the time to come back, and soon."""
    assert (reply.status, time.monotonic() - began < PATIENCE) == (503, True), (reply, time.monotonic() - began)
    assert int(reply.headers["retry-after"]) > 0


def cluster_nodes(scene: Scene) -> list[Any]:
    assert scene.stack.cluster is not None
    return scene.stack.cluster.nodes


def test_it_works(scene: Scene) -> None:
    assert scene.count().body["total"] == 20
    scene.caught_up()


@pytest.mark.parametrize("gone", ["one node", "every node"])
def test_clickhouse_is_gone_and_comes_back(scene: Scene, gone: str) -> None:
    nodes = cluster_nodes(scene)[: 1 if gone == "one node" else None]
    for node in nodes:
        node.kill()
    try:
        assert scene.send().status == 200
        # Half of the people is never shown as all of them.
        for _ in range(3):
            began = time.monotonic()
            refused(scene.count(), began)
        assert scene.server.api("GET", "/people/1").status == 200
        assert scene.patch(gone).status == 200
        assert scene.server.ask("GET", "/healthz").status == 200
        assert scene.server.ask("GET", "/readyz").status == 503
        assert scene.send().status == 200
    finally:
        for node in nodes:
            node.start()
    scene.caught_up()
    assert scene.server.count(f'name is "{gone}"') == 1


def test_a_node_that_lost_its_data_is_filled_again(scene: Scene) -> None:
    node = cluster_nodes(scene)[1]
    node.stop()
    shutil.rmtree(node.folder / "data")
    node.start()
    # A process looks at what it holds once a minute, and at once when something fails.
    assert scene.send().status == 200
    assert scene.count().status == 503
    scene.caught_up()
    assert "index_rebuild_started" in scene.server.log().partition("index_rebuilt")[2]


def test_postgres_is_gone_and_comes_back(scene: Scene) -> None:
    scene.stack.postgres.down()
    try:
        with ThreadPoolExecutor(20) as threads:
            # More than there are threads for requests: those who ask whether it is alive do not wait behind them.
            waiting = [threads.submit(scene.count) for _ in range(20)]
            time.sleep(0.5)
            began = time.monotonic()
            assert scene.server.ask("GET", "/healthz").status == 200
            assert time.monotonic() - began < AT_ONCE
            assert {each.result().status for each in waiting} == {503}
        for step in (scene.send, scene.count, lambda: scene.patch("lost")):
            began = time.monotonic()
            refused(step(), began)
        assert scene.server.ask("GET", "/readyz").status == 503
    finally:
        scene.stack.postgres.up()
    scene.server.wait_for(lambda: scene.send().status == 200, 90, "to take events again")
    scene.server.wait_for(lambda: scene.count().status == 200, 90, "to count again")
    scene.caught_up()


def test_a_postgres_that_may_forget_is_refused(scene: Scene) -> None:
    """One line that says what is wrong, before anything is acknowledged."""
    forgetful = f"{scene.stack.postgres.url}?options=-c%20synchronous_commit%3Doff"
    started = scene.stack.worker("forgetful", COTERIE_DATABASE_URL=forgetful)
    try:
        assert started.wait_dead(60) not in (None, 0)
        assert "synchronous_commit is off" in started.log()
        assert "Traceback" not in started.log()
    finally:
        started.close()


def test_nothing_was_lost(scene: Scene) -> None:
    """The last look: every acknowledged event once, and sets as computed anew."""
    assert scene.server.stop() == 0
    facts = scene.stack.home.facts()
    assert facts["problems"] == []
    for store in ("log_events", "index_events"):
        assert [name for name in scene.acknowledged if facts[store].get(name) != 1] == []
