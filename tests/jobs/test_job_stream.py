"""Progress as server-sent events, only of what its reader may see."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.jobs import stream
from tests.jobs.conftest import Lab
from tests.support.jobs import run_all

pytestmark = [pytest.mark.django_db, pytest.mark.server]

# Seconds for what must come, and for what must not.
PATIENCE = 60.0
A_MOMENT = 1.0


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "POLL_SECONDS", 0.01)


def read(
    lab: Lab, who: str, *, count: int, between: Any = None, follow: str | None = None, wait: float = A_MOMENT
) -> list[dict[str, Any]]:
    """The first events, until nothing comes for so many seconds; `between` runs after the first."""

    async def run() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        source = stream.events(lab.access(who), follow)
        while len(found) < count:
            try:
                text = (await asyncio.wait_for(anext(source), wait if found else PATIENCE)).decode()
            except (TimeoutError, StopAsyncIteration):
                break
            lines = dict(line.split(": ", 1) for line in text.strip().splitlines())
            if "data" in lines:
                found.append(json.loads(lines["data"]))
                if between is not None and len(found) == 1:
                    await sync_to_async(between)()
        await source.aclose()  # type: ignore[attr-defined]
        return found

    return async_to_sync(run)()


def test_it_works(lab: Lab) -> None:
    lab.start("Counting", to=2)
    first, last = read(lab, "alice", count=2, between=run_all, wait=PATIENCE)
    assert (first["state"], first["progress"]["done"]) == ("queued", 0)
    assert (last["state"], last["progress"]["done"], last["result"]) == ("done", 2, {"counts": {"counted": 2}})


def test_what_is_not_seen_is_not_told(lab: Lab) -> None:
    lab.start("secret", permission="people:export", private=True)
    seen = lab.start("seen")
    assert [job["title"] for job in read(lab, "vera", count=2)] == ["seen"]
    other = lab.start("other")
    assert [job["title"] for job in read(lab, "vera", count=2, follow=other.public_id)] == ["other"]
    assert [job["id"] for job in read(lab, "alice", count=1, follow=seen.public_id)] == [seen.public_id]


def test_it_ends_with_the_access(lab: Lab) -> None:
    lab.start("seen")

    def leave() -> None:
        accounts.remove_member(audit.SYSTEM, lab.world.acme, user_id=lab.world.vera.public_id)

    assert len(read(lab, "vera", count=5, between=leave)) == 1
