"""Accepting with a real database: keys, group commit, answers only after the commit, pressure, the worker."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import ApiKey, KeyKind
from coterie.filters.fields import FIELD_ALIASES
from coterie.jobs.schedule import Task
from coterie.kit import clock, turns
from coterie.people.models import Attribute
from coterie.tracking import committer, keys, leases, limits
from coterie.tracking.committer import COMMITTER, Committer
from coterie.tracking.drain import Drained
from coterie.tracking.models import MessageId, RawBatch
from coterie.tracking.worker import Portions, Worker
from tests.support.asgi import App, Reply, basic, send, send_to
from tests.support.reserved import KEPT_AS_SENT, RESERVED
from tests.support.tracked import events_of, people_of
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

Live = tuple[World, App]


def batch(*ids: str) -> dict[str, Any]:
    return {"batch": [{"type": "track", "userId": "u1", "event": "e", "messageId": id} for id in ids]}


def test_it_works(live: Live, drain_all: Callable[..., list[Drained]]) -> None:
    world, app = live
    reply = send(app, "/v1/batch", batch("m1", "m2"), headers=basic(world.write_token))
    assert (reply.status, reply.json) == (200, {"success": True})
    assert RawBatch.objects.get().workspace_id == world.acme.pk
    drain_all(world.acme)
    assert len(events_of(world.acme)) == 2


# Keys


def test_each_kind_of_key(live: Live) -> None:
    world, app = live
    _, powerless = accounts.create_key(audit.SYSTEM, world.acme, kind=KeyKind.SECRET, name="x", scopes=["people:read"])
    statuses = {
        "write": send(app, "/v1/batch", batch("1"), headers=basic(world.write_token)).status,
        "secret": send(app, "/v1/batch", batch("2"), headers=basic(world.secret_token)).status,
        "secret without events:write": send(app, "/v1/batch", batch("3"), headers=basic(powerless)).status,
        "revoked": send(app, "/v1/batch", batch("4"), headers=basic(world.revoked_token)).status,
        "unknown": send(app, "/v1/batch", batch("5"), headers=basic("wk_" + "x" * 43)).status,
        "endless": send(app, "/v1/batch", batch("6"), headers=basic("wk_" + "x" * 5_000)).status,
    }
    assert statuses == {
        "write": 200,
        "secret": 200,
        "secret without events:write": 401,
        "revoked": 401,
        "unknown": 401,
        "endless": 401,
    }
    assert RawBatch.objects.count() == 2


def test_a_key_stops_when_it_is_revoked_and_starts_when_it_is_made(live: Live) -> None:
    world, app = live
    assert send(app, "/v1/t", {}, headers=basic(world.write_token)).status == 400
    accounts.revoke_key(audit.SYSTEM, world.acme, key_id=world.write_key.public_id)
    assert send(app, "/v1/t", {}, headers=basic(world.write_token)).status == 401


def test_a_key_revoked_elsewhere_stops_after_seconds(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live
    now = [1_000.0]
    monkeypatch.setattr(keys, "time", SimpleNamespace(monotonic=lambda: now[0]))
    assert send(app, "/v1/t", {}, headers=basic(world.write_token)).status == 400
    # An UPDATE by another process sends no signal here.
    ApiKey.objects.filter(pk=world.write_key.pk).update(revoked_at=clock.now())
    now[0] += keys.KEPT_SECONDS - 0.1
    assert send(app, "/v1/t", {}, headers=basic(world.write_token)).status == 400
    now[0] += 0.2
    assert send(app, "/v1/t", {}, headers=basic(world.write_token)).status == 401


def test_a_key_of_one_workspace_writes_to_that_one(live: Live, drain_all: Callable[..., list[Drained]]) -> None:
    world, app = live
    _, token = accounts.create_key(audit.SYSTEM, world.other, kind=KeyKind.WRITE, name="theirs")
    send(app, "/v1/batch", batch("m1"), headers=basic(token))
    send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token))
    drain_all(world.acme)
    drain_all(world.other)
    assert len(events_of(world.acme)) == len(events_of(world.other)) == 1


# Group commit


def _send_many(app: App, token: str, count: int) -> list[Reply]:
    async def run() -> list[Reply]:
        body = [json.dumps(batch(f"m{number}")).encode() for number in range(count)]
        return await asyncio.gather(*(send_to(app, "/v1/batch", [one], headers=basic(token)) for one in body))

    return asyncio.run(run())


@contextmanager
def _commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many requests each transaction held."""
    sizes: list[int] = []
    real = Committer._write

    def write(self: Committer, group: Any) -> None:
        sizes.append(len(group))
        real(self, group)

    with monkeypatch.context() as patch:
        patch.setattr(Committer, "_write", write)
        yield sizes


def test_requests_at_the_same_time_share_a_commit(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live
    with limits.changed(gather_ms=500.0), _commits(monkeypatch) as sizes:
        replies = _send_many(app, world.write_token, 50)
    assert [reply.status for reply in replies] == [200] * 50
    assert sum(sizes) == 50
    assert len(sizes) <= 10
    assert RawBatch.objects.count() == 50


def test_a_commit_is_not_larger_than_its_limit(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live
    with limits.changed(gather_ms=50.0, gather_bytes=250), _commits(monkeypatch) as sizes:
        _send_many(app, world.write_token, 10)
    assert sum(sizes) == 10
    assert max(sizes) <= 3


def test_the_answer_comes_after_the_commit(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live
    entered, go_on = threading.Event(), threading.Event()
    real = Committer._write

    def write(self: Committer, group: Any) -> None:
        entered.set()
        assert go_on.wait(60)
        real(self, group)

    monkeypatch.setattr(Committer, "_write", write)
    replies: list[Reply] = []
    sender = threading.Thread(
        target=lambda: replies.append(send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token)))
    )
    sender.start()
    assert entered.wait(60)
    time.sleep(0.1)
    assert replies == []
    go_on.set()
    sender.join(60)
    assert [reply.status for reply in replies] == [200]


def test_a_database_that_fails_gives_503_and_loses_nothing(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live

    def fail(self: Committer, group: Any) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Committer, "_write", fail)
        reply = send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token))
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "not_stored", "2")
    assert RawBatch.objects.count() == 0
    assert send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token)).status == 200


def test_a_row_that_the_database_refuses_does_not_cost_the_others(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live
    real = RawBatch.objects.bulk_create

    def picky(rows: list[RawBatch], **options: Any) -> Any:
        if any(b'"m3"' in bytes(row.body) for row in rows):
            raise committer.DataError("refused")
        return real(rows, **options)

    monkeypatch.setattr(RawBatch.objects, "bulk_create", picky)
    with limits.changed(gather_ms=100.0):
        replies = _send_many(app, world.write_token, 6)
    assert sorted(reply.status for reply in replies) == [200] * 5 + [503]
    assert RawBatch.objects.count() == 5


def test_a_slow_commit_is_not_waited_for_forever(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    world, app = live
    real, answered = Committer._write, threading.Event()

    def write(self: Committer, group: Any) -> None:
        assert answered.wait(60)
        real(self, group)

    monkeypatch.setattr(Committer, "_write", write)
    with limits.changed(commit_seconds=0.05):
        reply = send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token))
    answered.set()
    assert (reply.status, reply.json["code"]) == (503, "slow_commit")
    COMMITTER.stop()
    # It was stored after all; the client's retry is a duplicate of it.
    assert RawBatch.objects.count() == 1


# Pressure


def test_a_full_queue_is_said(live: Live) -> None:
    world, app = live
    with limits.changed(queued_requests=0):
        reply = send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token))
    assert (reply.status, reply.json["code"]) == (503, "busy")
    assert "retry-after" in reply.headers


def test_a_long_backlog_is_said_until_it_is_drained(live: Live, drain_all: Callable[..., list[Drained]]) -> None:
    world, app = live
    with limits.changed(backlog_items=3):
        assert send(app, "/v1/batch", batch("1", "2", "3", "4"), headers=basic(world.write_token)).status == 200
        reply = send(app, "/v1/batch", batch("5"), headers=basic(world.write_token))
        assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "backlog", "10")
        drain_all(world.acme)
        COMMITTER._checked = float("-inf")
        _until(lambda: send(app, "/v1/batch", batch("5"), headers=basic(world.write_token)).status == 200)


def test_reserved_names_are_built_in_fields(live: Live, drain_all: Callable[..., list[Drained]]) -> None:
    """As bots send them: each value is in the field that its name stands for, and in no attribute."""
    world, app = live
    assert len(RESERVED) == len(KEPT_AS_SENT) == 14
    body = {"userId": "ann", "traits": {alias: KEPT_AS_SENT[FIELD_ALIASES[alias]] for alias in RESERVED}}
    assert send(app, "/v1/identify", body, headers=basic(world.write_token)).status == 200
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert {name: person[name] for name in KEPT_AS_SENT} == KEPT_AS_SENT
    assert not Attribute.objects.of(world.acme).exists()


def test_the_urgent_go_first() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    order: list[str] = []
    release = threading.Event()
    holding = threading.Event()

    def write(name: str, turn: Any) -> None:
        with turn():
            order.append(name)

    def hold() -> None:
        with turns.patient():
            holding.set()
            release.wait(30)

    first = threading.Thread(target=hold)
    first.start()
    holding.wait(30)
    patient = threading.Thread(target=write, args=("patient", turns.patient))
    patient.start()
    urgent = threading.Thread(target=write, args=("urgent", turns.urgent))
    urgent.start()
    _until(lambda: turns.is_wanted())
    release.set()
    for thread in (first, patient, urgent):
        thread.join(30)
    assert order == ["urgent", "patient"]


def test_drains_shrink_while_they_take_long_and_grow_again() -> None:
    with limits.changed(drain_items=400):
        portions, sizes = Portions(), []
        for took in [0.2] * 4 + [0.01] * 20:
            sizes.append(portions.next())
            portions.took(sizes[-1], took)
        assert sizes[:4] == [400, 300, 225, 200]
        assert sizes == sorted(sizes[:4], reverse=True) + sorted(sizes[4:])
        assert sizes[-1] == 400
        portions.took(399, 9.0)
        assert portions.next() == 400, "a drain that was not full says nothing"
    with limits.changed(drain_items=1):
        assert Portions().next() == 1


# The worker


def test_the_worker_drains_and_hands_over(live: Live) -> None:
    world, app = live
    handed: list[int] = []
    ran: list[str] = []
    worker = Worker(after_drain=[handed.append], tasks=[Task("test.task", timedelta(days=1), lambda: ran.append("x"))])
    worker.start()
    try:
        for number in range(5):
            assert send(app, "/v1/batch", batch(f"m{number}"), headers=basic(world.write_token)).status == 200
        _until(lambda: MessageId.objects.count() == 5 and RawBatch.objects.count() == 0 and bool(handed))
    finally:
        worker.stop()
    assert set(handed) == {world.acme.pk}
    assert ran == ["x"]
    assert len(events_of(world.acme)) == 5


def test_a_follower_that_fails_is_called_again_and_holds_nobody_up(live: Live) -> None:
    world, app = live
    calls: list[int] = []
    worked: list[int] = []
    broken = True

    def follow(workspace_id: int) -> None:
        calls.append(workspace_id)
        if broken:
            raise RuntimeError("the index is away")
        worked.append(workspace_id)

    worker = Worker(after_drain=[follow], tasks=(), idle_seconds=0.02)
    worker.start()
    try:
        send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token))
        _until(lambda: len(calls) >= 2)
        send(app, "/v1/batch", batch("m2"), headers=basic(world.write_token))
        _until(lambda: MessageId.objects.count() == 2)
        broken = False
        _until(lambda: bool(worked))
        # It is owed nothing any more.
        time.sleep(0.2)
        assert worked == [world.acme.pk]
    finally:
        worker.stop()
    assert len(people_of(world.acme)) == 1
    assert len(events_of(world.acme)) == 2


def test_a_worker_takes_over_from_a_dead_one(live: Live) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only a process that owns its database may drop leases at its start")
    world, app = live
    send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token))
    assert leases.claim(world.acme.pk) is not None
    worker = Worker(tasks=())
    worker.start()
    try:
        _until(lambda: MessageId.objects.count() == 1)
    finally:
        worker.stop()


def test_nothing_is_written_while_another_writer_holds_the_database(live: Live) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    world, app = live
    replies: list[Reply] = []
    sender = threading.Thread(
        target=lambda: replies.append(send(app, "/v1/batch", batch("m1"), headers=basic(world.write_token)))
    )
    send(app, "/v1/t", {}, headers=basic(world.write_token))  # the key is known from here on
    with transaction.atomic():
        sender.start()
        time.sleep(0.2)
        assert replies == []
    sender.join(60)
    assert [reply.status for reply in replies] == [200]


def _until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
