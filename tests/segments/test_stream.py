"""The stream of transitions: in order, resumed where it was, and only what its reader may see."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import Role
from coterie.accounts.renewal import renewed
from coterie.audience.projector import projector_of
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.segments import stream
from coterie.segments.models import MembershipHead
from coterie.segments.visibility import UNSEEN
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "POLL_SECONDS", 0.01)


def read(stage: Stage, who: str, start: int | None, *, count: int) -> list[dict[str, Any]]:
    """The first events that the stream gives, comments left out; fewer where it ends."""

    async def run() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        source = stream.events(stage.access(who), start)
        while len(found) < count:
            try:
                text = (await asyncio.wait_for(anext(source), 20)).decode()
            except (TimeoutError, StopAsyncIteration):
                break
            fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
            if "data" in fields:
                found.append(fields | {"data": json.loads(fields["data"])})
        await source.aclose()  # type: ignore[attr-defined]
        return found

    return async_to_sync(run)()


def moved(event: dict[str, Any]) -> dict[str, tuple[list[int], list[int]]]:
    return {row["name"]: (row["entered"], row["left"]) for row in event["data"]["segments"]}


@pytest.fixture
def numbers(stage: Stage) -> tuple[int, int]:
    """Two batches: Ada enters both segments, then Bob enters and Ada leaves the open one."""
    stage.dynamic("Open", 'country is "Italy"')
    hidden = stage.dynamic("Hidden", "country is known")
    stage.hide(hidden, Role.VIEWER)
    stage.settle()
    ada = stage.put("ada", country="Italy")
    stage.settle()
    bob = stage.put("bob", country="Italy")
    stage.put("ada", country="Peru")
    stage.settle()
    return ada, bob


def test_it_works(stage: Stage, numbers: tuple[int, int]) -> None:
    ada, bob = numbers
    first, second = read(stage, "alice", 0, count=2)
    assert first["event"] == "transitions"
    assert int(first["id"]) < int(second["id"])
    assert moved(first) == {"Open": ([ada], []), "Hidden": ([ada], [])}
    assert moved(second) == {"Open": ([bob], [ada]), "Hidden": ([bob], [])}
    assert second["data"]["segments"][0]["size"] == 1


def test_it_resumes(stage: Stage, numbers: tuple[int, int]) -> None:
    first, second = read(stage, "alice", 0, count=2)
    assert read(stage, "alice", int(first["id"]), count=1) == [second]


def test_only_visible_segments(stage: Stage, numbers: tuple[int, int]) -> None:
    ada, bob = numbers
    first, second = read(stage, "vera", 0, count=2)
    assert (moved(first), moved(second)) == ({"Open": ([ada], [])}, {"Open": ([bob], [ada])})


def why(event: dict[str, Any], name: str) -> list[tuple[str, str, list[int], list[int]]]:
    """The causes that one event tells of one segment."""
    [row] = [row for row in event["data"]["segments"] if row["name"] == name]
    for side in ("entered", "left"):
        assert sorted(number for each in row["causes"] for number in each[side]) == row[side]
        assert sum(each[f"{side}_count"] for each in row["causes"]) == row[f"{side}_count"]
    return [(each["cause"], each["ref"], each["entered"], each["left"]) for each in row["causes"]]


def test_each_move_tells_why(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        buyers = stage.dynamic("Buyers", 'did "buy" in the last 7 days or country is "Italy"')
        stage.settle()
        ada = stage.put("ada", events=[("buy", clock.to_ms(time.at - timedelta(days=1)), {})])
        bob = stage.put("bob", country="Italy")
        stage.settle()
        time.move(timedelta(days=7))
        projector_of(stage.workspace).tick()
        stage.redefine(buyers, 'country is "Peru"')
        stage.settle()
    came, passed, changed = read(stage, "vera", 0, count=3)
    assert sorted(why(came, "Buyers")) == [
        ("event", "buy; user_id", [ada], []),
        ("field", "user_id, country", [bob], []),
    ]
    assert why(passed, "Buyers") == [("clock", "", [], [ada])]
    assert why(changed, "Buyers") == [("definition", "2", [], [bob])]


def test_a_cause_does_not_name_what_is_hidden(stage: Stage) -> None:
    one, two = stage.put("one", country="Peru"), stage.put("two", country="Chile")
    secret, other = stage.dynamic("Secret", 'country is "Italy"'), stage.dynamic("Other", 'country is "Spain"')
    for each in (secret, other):
        stage.hide(each, Role.VIEWER)
    stage.dynamic("Outer", 'in any segment of ("Secret", "Other")')
    stage.settle()
    head = MembershipHead.objects.get(workspace=stage.workspace).position
    stage.redefine(secret, 'country is "Peru"')
    stage.redefine(other, 'country is "Chile"')
    stage.settle()
    [seen], [hidden] = (read(stage, who, head, count=1) for who in ("alice", "vera"))
    by_ref = sorted([("segment", secret.public_id, [one], []), ("segment", other.public_id, [two], [])])
    assert sorted(why(seen, "Outer")) == by_ref
    assert why(hidden, "Outer") == [("segment", UNSEEN, [one, two], [])]
    assert secret.public_id not in json.dumps(hidden)


def test_few_causes_and_numbers_are_named_and_all_counted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_CAUSES", 1)
    monkeypatch.setattr(stream, "MOST_NUMBERS", 2)
    stage.dynamic("Known", "city is known")
    stage.settle()
    one, two, _ = (stage.put(f"p{n}", city="Ulm") for n in range(3))
    stage.put("with", city="Ulm", country="Italy")
    stage.settle()
    [event] = read(stage, "vera", 0, count=1)
    [row] = event["data"]["segments"]
    assert (row["entered"], row["entered_count"]) == ([one, two], 4)
    [cause] = row["causes"]
    assert (cause["ref"], cause["entered"], cause["entered_count"]) == ("user_id, city", [one, two], 3)


def test_a_position_that_is_gone_starts_anew(stage: Stage, numbers: tuple[int, int]) -> None:
    head = MembershipHead.objects.get(workspace=stage.workspace)
    MembershipHead.objects.filter(pk=head.pk).update(pruned=head.position)
    [reset] = read(stage, "alice", 0, count=1)
    assert (reset["event"], int(reset["id"])) == ("reset", head.position)


def test_it_ends_with_the_access(stage: Stage, numbers: tuple[int, int]) -> None:
    access = stage.access("vera")
    assert renewed(access, "segments:read") == access
    accounts.remove_member(audit.SYSTEM, stage.workspace, user_id=stage.users["vera"].public_id)
    assert read(stage, "vera", 0, count=1) == []


def test_it_is_served(stage: Stage, numbers: tuple[int, int]) -> None:
    user = stage.users["vera"]
    client = AsyncClient()
    client.force_login(user)
    url = f"/api/v1/workspaces/{stage.workspace.slug}/segments/stream"

    async def run() -> tuple[Any, bytes]:
        answer: Any = await client.get(url, headers={"Last-Event-ID": "0"})
        source = aiter(answer.streaming_content)
        parts = [await asyncio.wait_for(anext(source), 20) for _ in range(2)]
        await source.aclose()
        return answer, b"".join(parts)

    answer, text = async_to_sync(run)()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert b"event: transitions\n" in text
    assert b"Hidden" not in text


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "٣", "9" * 20])
def test_a_wrong_last_event_id_is_refused(stage: Stage, wrong: str) -> None:
    with pytest.raises(InvalidInput):
        stream.answer(stage.access(), wrong)
