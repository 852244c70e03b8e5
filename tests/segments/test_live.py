"""The stream that a screen follows: what its reader may know, of all or of one person, until the access ends."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db.models import F

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import Role, User
from coterie.kit.errors import InvalidInput, NotFound
from coterie.people.actions import merge_people
from coterie.segments import live
from coterie.segments.live import Place
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server

# Seconds for what must come.
PATIENCE = 20.0


@pytest.fixture
def steps(stage: Stage) -> dict[str, Any]:
    """Ada and Bob are there; places before Ada enters two segments, before Bob gets a city, and after it."""
    stage.dynamic("Open", 'country is "Italy"')
    hidden = stage.dynamic("Hidden", "country is known")
    stage.hide(hidden, Role.VIEWER)
    ada, bob = stage.put("ada"), stage.put("bob")
    stage.settle()
    first = live._now(stage.workspace)
    stage.put("ada", country="Italy")
    stage.settle()
    second = live._now(stage.workspace)
    stage.put("bob", city="Rome")
    stage.settle()
    return {"ada": ada, "bob": bob, "first": first, "second": second, "last": live._now(stage.workspace)}


def told(stage: Stage, who: str, after: Place, number: int | None = None) -> dict[str, Any] | None:
    found = live._next(live.follower(stage.access(who), number), after)
    assert found is not None
    assert found[0] == live._now(stage.workspace)
    return found[1]


def sizes(stage: Stage, data: dict[str, Any]) -> dict[str, int]:
    from coterie.segments.models import Segment

    names = dict(Segment.objects.of(stage.workspace).values_list("public_id", "name"))
    return {names[row["id"]]: row["size"] for row in data["segments"]}


def test_it_works(stage: Stage, steps: dict[str, Any]) -> None:
    data = told(stage, "alice", steps["first"])
    assert data is not None
    assert (data["seq"], data["position"]) == steps["last"]
    assert (data["people"], data["all"], sizes(stage, data)) == (True, False, {"Open": 1, "Hidden": 1})
    after = told(stage, "alice", steps["second"])
    assert after is not None
    assert (after["people"], after["segments"]) == (True, [])
    assert told(stage, "alice", steps["last"]) is None


def test_a_hidden_segment_is_not_told(stage: Stage, steps: dict[str, Any]) -> None:
    data = told(stage, "vera", steps["first"])
    assert data is not None
    assert sizes(stage, data) == {"Open": 1}


def test_one_person(stage: Stage, steps: dict[str, Any]) -> None:
    ada, bob = steps["ada"], steps["bob"]
    data = told(stage, "alice", steps["first"], ada)
    assert data is not None
    assert (data["people"], set(sizes(stage, data))) == (True, {"Open", "Hidden"})
    assert told(stage, "alice", steps["second"], ada) is None
    data = told(stage, "alice", steps["first"], bob)
    assert data is not None
    assert (data["people"], data["segments"]) == (True, [])
    before = live._now(stage.workspace)
    merge_people(stage.workspace, ada, bob)
    stage.settle()
    assert told(stage, "alice", before, ada) is not None
    assert told(stage, "alice", before, bob) is not None
    with pytest.raises(NotFound):
        live.follower(stage.access(), 99)


@pytest.mark.parametrize("ahead", [Place(10**9, 0), Place(0, 10**9)])
def test_a_place_that_was_never_reached_reads_all_anew(stage: Stage, steps: dict[str, Any], ahead: Place) -> None:
    data = told(stage, "alice", ahead)
    assert data is not None
    assert (data["all"], data["people"]) == (True, True)


def test_far_behind_reads_all_anew(stage: Stage, steps: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_ENTRIES", 0)
    data = told(stage, "alice", steps["first"], steps["bob"])
    assert data is not None
    assert data["all"]


def read(stage: Stage, start: Place | None, *, wanted: int = 1, meanwhile: Any = None) -> tuple[list[str], float]:
    """The parts that come, `wanted` of them at least, until the stream ends or nothing comes for 1.5 s; how long."""

    async def run() -> tuple[list[str], float]:
        source = live.events(live.Follower(stage.access("vera"), None), start)
        parts = [(await anext(source)).decode()]
        if meanwhile:
            await sync_to_async(meanwhile)()
        began = time.monotonic()
        while True:
            try:
                parts.append((await asyncio.wait_for(anext(source), PATIENCE if len(parts) < wanted else 1.5)).decode())
            except StopAsyncIteration:
                parts.append("end")
                break
            except TimeoutError:
                break
        return parts, time.monotonic() - began

    return async_to_sync(run)()


def test_it_is_told_and_resumed(stage: Stage, steps: dict[str, Any]) -> None:
    [connected, tick], _ = read(stage, steps["first"], wanted=2)
    assert connected.startswith(f"id: {steps['first'].id}\n")
    fields = dict(line.split(": ", 1) for line in tick.strip().splitlines())
    assert (fields["event"], fields["id"]) == ("changed", steps["last"].id)
    assert json.loads(fields["data"])["seq"] == steps["last"].seq
    assert read(stage, None)[0] == [f"id: {steps['last'].id}\n: connected\n\n"]


@pytest.mark.parametrize("how", ["session", "member"])
def test_it_ends_within_a_second(stage: Stage, steps: dict[str, Any], how: str) -> None:
    vera = stage.users["vera"]

    def revoke() -> None:
        if how == "session":
            User.objects.filter(pk=vera.pk).update(session_epoch=F("session_epoch") + 1)
        else:
            accounts.remove_member(audit.SYSTEM, stage.workspace, user_id=vera.public_id)

    parts, seconds = read(stage, None, wanted=2, meanwhile=revoke)
    assert parts[-1] == "end"
    # Within a second where nothing else runs: it looks twice as often.
    assert live.POLL_SECONDS <= 0.5
    assert seconds < PATIENCE / 2


@pytest.mark.parametrize("wrong", ["x", "1", "1-", "-1-2", "1-2-3", "٣-٣", "9" * 20 + "-1"])
def test_a_wrong_last_event_id_is_refused(stage: Stage, wrong: str) -> None:
    with pytest.raises(InvalidInput):
        async_to_sync(live.answer)(stage.access(), wrong, None)
