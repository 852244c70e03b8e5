"""A workspace with members of every role, and kinds of job that only tests know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from coterie.accounts.models import Role, User, Workspace
from coterie.accounts.permissions import Access, Caller
from coterie.jobs import actions, kinds
from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import Job
from coterie.jobs.turn import Turn
from coterie.jobs.wording import Title
from tests.support.world import World

ROLES = {"alice": Role.OWNER, "ada": Role.ADMIN, "bob": Role.AGENT, "vera": Role.VIEWER}


@dataclass
class Lab:
    """Starts jobs that count to a number; `seen` has what ran, as (job's title, count)."""

    world: World
    seen: list[tuple[str, int]] = field(default_factory=list)
    fail_at: dict[str, Exception] = field(default_factory=dict)

    def access(self, who: str = "alice") -> Access:
        user: User = getattr(self.world, who)
        workspace: Workspace = self.world.other if who == "charlie" else self.world.acme
        return Access(workspace, Caller(ip="127.0.0.1", user=user), ROLES.get(who, Role.OWNER))

    def start(self, title: str | Title = "Counting", *, who: str = "alice", to: int = 3, **more: Any) -> Job:
        more = {"permission": "people:read", "kind": "test.count"} | more
        kind = more.pop("kind")
        named = title if isinstance(title, Title) else Title(title, "", {})
        return actions.start(self.access(who), kind, title=named, params={"to": to}, **more)

    def run(self, turn: Turn) -> Steps:
        turn.access()
        to = turn.params["to"]
        for count in range(turn.checkpoint.get("count", 0) + 1, to + 1):
            self.seen.append((turn.job.title, count))
            failure = self.fail_at.get(f"{turn.job.title} {count}")
            if failure is not None:
                raise failure
            turn.checkpoint["count"] = count
            turn.result["counts"] = {"counted": count}
            turn.save(done=count, total=to, phase="Counting")
            yield
        return {"counts": {"counted": to}}


@pytest.fixture
def lab(world: World, monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = Lab(world)
    rows = [
        Kind("test.count", lab.run, mail="never"),
        Kind("test.step", lab.run, mail="long"),
        Kind("test.mailed", lab.run),
    ]
    monkeypatch.setattr(kinds, "_kinds", {row.name: row for row in rows})
    return lab
