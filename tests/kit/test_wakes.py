"""Processes wake each other through PostgreSQL; where they can't, they look by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from django.db import connection

from coterie.accounts.models import Workspace
from coterie.kit import wakes
from coterie.people.actions import Origin, PersonEdit, apply_edits

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
SECONDS = 30.0


@pytest.fixture(autouse=True)
def _no_pause() -> Iterator[None]:
    wakes._sent.clear()
    yield
    wakes._sent.clear()


@pytest.fixture
def listening() -> Iterator[tuple[wakes.Listener, dict[str, Event]]]:
    """A listener in a thread of its own, as in another process; connected, with every event clear."""
    if not wakes.works():
        pytest.skip("SQLite has one process")
    heard = {channel: Event() for channel in (wakes.ARRIVED, wakes.CHANGED, wakes.PROJECTED)}
    listener = wakes.Listener({channel: event.set for channel, event in heard.items()})
    stopping = Event()

    def run() -> None:
        while not stopping.is_set():
            try:
                listener.listen()
            except psycopg.OperationalError:
                continue
        listener.close()
        connection.close()

    thread = Thread(target=run)
    thread.start()
    for event in heard.values():
        assert event.wait(SECONDS)
        event.clear()
    yield listener, heard
    stopping.set()
    thread.join(SECONDS)


Listening = tuple[wakes.Listener, dict[str, Event]]


def test_it_works(listening: Listening) -> None:
    _, heard = listening
    wakes.send(wakes.ARRIVED)
    assert heard[wakes.ARRIVED].wait(SECONDS)
    assert not heard[wakes.PROJECTED].is_set()


def test_a_change_wakes_whoever_projects(listening: Listening) -> None:
    _, heard = listening
    workspace = Workspace.objects.create(slug="acme", name="Acme")
    apply_edits(workspace, [PersonEdit([("user_id", "u1")], origin=Origin("api"))])
    assert heard[wakes.CHANGED].wait(SECONDS)


def test_a_broken_connection_is_made_anew(listening: Listening) -> None:
    listener, heard = listening
    source: Any = listener._connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [source.info.backend_pid])
    # What was sent meanwhile is lost, so everything is looked at once.
    for event in heard.values():
        assert event.wait(SECONDS)
        event.clear()
    wakes.send(wakes.PROJECTED)
    assert heard[wakes.PROJECTED].wait(SECONDS)


def test_many_in_a_moment_are_one(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    monkeypatch.setattr(wakes.time, "monotonic", lambda: 1_000.0 + len(said) * 0.015)
    for _ in range(4):
        before = wakes._sent.get(wakes.ARRIVED)
        wakes.send(wakes.ARRIVED)
        said.append(wakes._sent[wakes.ARRIVED] != before)
    assert said == [True, False, True, False]


def test_without_postgresql_nothing_is_said() -> None:
    if wakes.works():
        pytest.skip("for SQLite")
    wakes.send(wakes.ARRIVED)
    assert wakes._sent == {}
