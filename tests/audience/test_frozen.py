"""Pages of a list are of one instant, and nobody's instant changes what others see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coterie.accounts.models import Workspace
from coterie.audience import queries
from coterie.audience.index import CLOCKS_APART_MS, index_of
from coterie.audience.projector import project, projector_of
from coterie.filters.sentence import parse
from coterie.filters.tree import Node
from coterie.kit import clock, pagination
from coterie.people.actions import apply_edits
from coterie.people.edits import Origin, PersonEdit
from coterie.people.queries import catalogue

pytestmark = pytest.mark.server

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
NOON_MS = clock.to_ms(NOON)
LATELY = ("last_seen in the last 5 hours", "last_seen today", "not last_seen more than 5 hours ago")


def fill(workspace: Workspace) -> None:
    """Person n was seen n hours before noon, half a minute less."""
    seen = [NOON_MS - n * 3_600_000 + 30_000 for n in range(1, 9)]
    edits = [PersonEdit(identities=[("user_id", f"u{at}")], seen_at=at, origin=Origin("api", "test")) for at in seen]
    apply_edits(workspace, edits)
    project(workspace)


def page(workspace: Workspace, root: Node, cursor: str | None = None) -> queries.Page:
    return queries.list_people(workspace, root, catalogue=catalogue(workspace), limit=2, cursor=cursor)


@pytest.mark.parametrize("where", LATELY)
@pytest.mark.parametrize("pinned", [True, False])
def test_pages_are_of_one_instant(workspace: Workspace, where: str, pinned: bool) -> None:
    with clock.frozen(NOON) as stopped:
        fill(workspace)
        root = parse(where, catalogue(workspace)).root
        if pinned:
            index_of(workspace).pin("segment", [root])
        first = page(workspace, root)
        frozen = set(index_of(workspace).evaluate(root))
        assert len(frozen) == first.total > 4
        # The clock takes everyone out, for whoever asks now.
        seen, found = [person.number for person in first.items], first
        while found.next:
            stopped.move(timedelta(hours=13))
            if pinned:
                projector_of(workspace).tick()
            assert page(workspace, root).total == 0
            found = page(workspace, root, found.next)
            assert (found.total, found.now) == (first.total, first.now)
            seen += [person.number for person in found.items]
        assert len(seen) == len(frozen)
        assert set(seen) == frozen
        assert queries.total(workspace, root) == 0


@pytest.mark.parametrize("asked", [True, False], ids=["asked before", "new"])
def test_an_instant_ahead_is_of_its_caller_alone(workspace: Workspace, asked: bool) -> None:
    """A cursor may be a little ahead, as another server's clock may be; nobody else is taken along."""
    with clock.frozen(NOON):
        fill(workspace)
        root = parse("last_seen in the last 5 hours", catalogue(workspace)).root
        if asked:
            assert queries.total(workspace, root) == 5
        ahead = {"sort": "-last_seen", "now": NOON_MS + CLOCKS_APART_MS, "number": 1, "value": NOON_MS}
        # The fifth leaves after half a minute.
        assert page(workspace, root, pagination.encode(ahead)).total == 4
        assert queries.total(workspace, root) == queries.count(workspace, root).total == 5
        assert all(state.as_of <= NOON_MS for state in index_of(workspace).held.states.values())


def test_a_process_with_a_slow_clock_answers_for_where_the_sets_are(workspace: Workspace) -> None:
    """Another process's clock is ahead: its sets are taken as they are, and answers name their instant."""
    with clock.frozen(NOON) as stopped:
        fill(workspace)
        root = parse("last_seen in the last 5 hours", catalogue(workspace)).root
        index_of(workspace).pin("segment", [root])
        assert page(workspace, root).total == 5
        projector_of(workspace).tick(NOON_MS + 60_000)
        asked = page(workspace, root)
        assert (asked.total, asked.now) == (4, NOON_MS + 60_000)
        # One that is hours ahead is not believed.
        projector_of(workspace).tick(NOON_MS + 4 * 3_600_000)
        stopped.move(timedelta(seconds=1))
        asked = page(workspace, root)
        assert (asked.total, asked.now) == (5, NOON_MS + 1_000)
