"""The routes that show and replay what was set aside, and ids used twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coterie.tracking.drain import Drained
from tests.support.tracked import events_of
from tests.support.world import World
from tests.tracking.test_drain import accept, track

pytestmark = [pytest.mark.django_db, pytest.mark.server]

BASE = "/workspaces/acme/tracking"
DrainAll = Callable[..., list[Drained]]


def _bad(number: int) -> dict[str, Any]:
    return {"type": "track", "userId": "u1", "messageId": f"bad{number}"}


def test_it_works(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [_bad(1), track()]})
    drain_all(world.acme)
    body = world.api("vera").get(f"{BASE}/quarantine").json()
    (row,) = body["events"]
    assert body["open"] == 1
    assert (row["source"], row["message_id"], row["code"], row["state"]) == ("web page", "bad1", "no_name", "open")
    assert row["event"] == _bad(1)
    assert row["id"].startswith("qua_")


def test_pages_newest_first(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [_bad(number) for number in range(5)]})
    drain_all(world.acme)
    api, seen, cursor = world.api("secret"), [], ""
    while cursor is not None:
        body = api.get(f"{BASE}/quarantine?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [row["message_id"] for row in body["events"]]
        cursor = body["next_cursor"]
    assert seen == [f"bad{number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=eyJiZWZvcmUiOiJ4In0", "limit=0", "limit=201", "state=gone", "cursor=eyJiZWZvcmUiOnRydWV9"],
)
def test_bad_parameters_are_refused(world: World, query: str) -> None:
    assert world.api("alice").get(f"{BASE}/quarantine?{query}").status_code == 400


def test_replay_sends_it_through_again(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [_bad(1)]})
    drain_all(world.acme)
    api = world.api("bob")
    (row,) = api.get(f"{BASE}/quarantine?state=open").json()["events"]
    replayed = api.post(f"{BASE}/quarantine/{row['id']}/replay")
    assert (replayed.status_code, replayed.json()["state"]) == (200, "replayed")
    assert api.post(f"{BASE}/quarantine/{row['id']}/replay").status_code == 409
    drain_all(world.acme)
    assert api.get(f"{BASE}/quarantine?state=open").json()["open"] == 1
    assert events_of(world.acme) == []


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("charlie", 404), ("write", 403), ("nobody", 401)])
def test_who_may_not_replay(world: World, drain_all: DrainAll, who: str, status: int) -> None:
    accept(world.write_key, {"batch": [_bad(1)]})
    drain_all(world.acme)
    (row,) = world.api("alice").get(f"{BASE}/quarantine").json()["events"]
    assert world.api(who).post(f"{BASE}/quarantine/{row['id']}/replay").status_code == status


def test_another_workspaces_event_does_not_exist(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [_bad(1)]})
    drain_all(world.acme)
    (row,) = world.api("alice").get(f"{BASE}/quarantine").json()["events"]
    stranger = world.api("charlie")
    theirs = stranger.post(f"/workspaces/other/tracking/quarantine/{row['id']}/replay")
    unknown = stranger.post("/workspaces/other/tracking/quarantine/qua_x/replay")
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json() == unknown.json()
    assert stranger.get("/workspaces/other/tracking/quarantine").json()["events"] == []


def test_conflicts_are_listed(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [track("a", id="m1"), track("b", id="m1"), track("c", id="m1")]})
    drain_all(world.acme)
    (row,) = world.api("vera").get(f"{BASE}/conflicts").json()["conflicts"]
    assert (row["source"], row["count"], row["message_id"]) == ("web page", 2, "m1")
    assert '"c"' in row["sample"]
    assert world.api("charlie").get("/workspaces/other/tracking/conflicts").json()["conflicts"] == []
