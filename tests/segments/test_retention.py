"""What is removed by the clock, and that nothing that is promised goes with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from coterie.audience import startup
from coterie.audience import tasks as audience_tasks
from coterie.audience.projector import projector_of
from coterie.jobs.retaining import Cut, Held, edge
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.people import changes
from coterie.people.models import Change
from coterie.privacy.classes import CLASSES
from coterie.segments import memberships
from coterie.segments.models import MembershipLog
from coterie.segments.retained import MEMBERSHIPS
from coterie.web.runtime import TASKS
from tests.segments.conftest import Stage

pytestmark = pytest.mark.server


@pytest.fixture
def years(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ada enters and changes often, Abe enters a day later, Bob after two years; hardly any change is kept as new."""
    monkeypatch.setattr(audience_tasks, "NEWEST_KEPT", 1)
    with clock.frozen(clock.now()) as now:
        segment = stage.dynamic("Buyers", 'did "bought" at least 1 time')
        stage.put("ada", events=[("bought", clock.to_ms(clock.now()), {"amount": 5})])
        stage.settle()
        for number in range(5):
            stage.put("ada", score=number)
            stage.settle()
        now.move(timedelta(days=1))
        stage.put("abe", events=[("bought", clock.to_ms(clock.now()), {"amount": 6})])
        stage.settle()
        start = clock.now()
        now.move(timedelta(days=720))
        stage.put("bob", events=[("bought", clock.to_ms(clock.now()), {"amount": 7})])
        stage.settle()
        yield segment, now, start


def test_the_index_is_made_anew_from_what_is_left(stage: Stage, years: Any) -> None:
    segment, _, _ = years
    before = Change.objects.of(stage.workspace).count()
    assert audience_tasks.prune_changes() > 5
    left = [changes.body_of(row) for row in changes.read(stage.workspace, 0, 100)]
    assert len(left) < before - 5
    assert sum(len(body.get("events", ())) for body in left) == 3
    assert audience_tasks.prune_changes() == 0
    stage.put("cleo", events=[("bought", 1_000, {})])
    startup.rebuild()
    stage.restart()
    stage.settle()
    assert len(stage.members(segment)) == 4
    counted = stage.index.reader.engine.rows(
        "SELECT count() FROM events WHERE workspace = {w:UInt32}", {"w": stage.workspace.pk}
    )
    assert int(counted[0][0]) == 4


def test_what_the_projector_has_not_done_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience_tasks, "NEWEST_KEPT", 0)
    with clock.frozen(clock.now()) as now:
        stage.put("ada", score=1)
        stage.settle()
        done = changes.head(stage.workspace)
        stage.put("bob", score=1)
        now.move(timedelta(days=100))
        assert audience_tasks.prune_changes() == done
    assert [row.seq for row in changes.read(stage.workspace, 0, 100)] == list(
        range(done + 1, changes.head(stage.workspace) + 1)
    )
    stage.settle()
    assert stage.index.seq == changes.head(stage.workspace)


def test_old_memberships_go_and_members_stay(stage: Stage, years: Any) -> None:
    segment, now, start = years
    now.move(timedelta(days=20))
    history = MEMBERSHIPS.source
    days = MEMBERSHIPS.default()
    assert days == settings.COTERIE_KEEP_MEMBERSHIPS_DAYS
    cut = Cut(stage.workspace, edge(days), Held())
    assert history.look(cut).rows == 0, "snapshots do not hold them yet"
    projector_of(stage.workspace).rest()
    rows = MembershipLog.objects.of(stage.workspace).count()
    found = history.look(cut)
    assert 0 < found.rows < rows
    for held in (Held(everyone=True), Held(numbers=frozenset({1}))):
        assert history.look(cut._replace(held=held)).paused
        assert not history.next(cut._replace(held=held), 0)
    removed = history.drop(cut, history.next(cut, 0))
    assert (removed.rows, MembershipLog.objects.of(stage.workspace).count()) == (found.rows, rows - found.rows)
    assert not history.next(cut, 0)
    stage.restart()
    stage.settle()
    assert len(stage.members(segment)) == 3
    with pytest.raises(InvalidInput, match="does not reach back"):
        memberships.members_at(stage.workspace.pk, segment.pk, start - timedelta(hours=30))
    middle = memberships.members_at(stage.workspace.pk, segment.pk, start + timedelta(days=100))
    assert len(middle) == 2


def test_both_are_scheduled() -> None:
    assert {"audience.prune_changes", "privacy.retain"} <= {task.name for task in TASKS}
    assert CLASSES["memberships"] is MEMBERSHIPS
