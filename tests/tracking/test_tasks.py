"""What is forgotten by the clock: message ids after 30 days, quarantine after 90."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from coterie.jobs.retaining import Cut, Held, edge
from coterie.kit import clock
from coterie.tracking import limits, tasks
from coterie.tracking.drain import Drained
from coterie.tracking.models import MessageId, Quarantine
from coterie.tracking.retained import QUARANTINE
from tests.support.tracked import events_of
from tests.support.world import World
from tests.tracking.test_drain import accept, track

pytestmark = [pytest.mark.django_db, pytest.mark.server]

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_ids_are_kept_for_30_days(world: World, drain_all: Callable[..., list[Drained]]) -> None:
    with clock.frozen(START) as now:
        for day in range(3):
            accept(world.write_key, {"batch": [track(id=f"m{day}")]})
            drain_all(world.acme)
            now.move(timedelta(days=1))
        now.move(timedelta(days=28))
        # 31, 30 and 29 days old: the limit itself is still inside.
        assert tasks.forget_old_ids() == 1
        assert MessageId.objects.count() == 2
        accept(world.write_key, {"batch": [track(id="m0"), track(id="m1")]})
        drain_all(world.acme)
    assert [event.message_id for event in events_of(world.acme)] == ["m0", "m1", "m2", "m0"]


def test_ids_go_in_chunks(
    world: World, drain_all: Callable[..., list[Drained]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_CHUNK", 3)
    with clock.frozen(START) as now:
        accept(world.write_key, {"batch": [track() for _ in range(10)]})
        drain_all(world.acme)
        now.move(timedelta(days=31))
        assert tasks.forget_old_ids() == 10


def test_old_and_replayed_quarantine_goes(world: World, drain_all: Callable[..., list[Drained]]) -> None:
    with clock.frozen(START) as now:
        accept(world.write_key, {"batch": ["bad"] * 3})
        drain_all(world.acme)
        first = Quarantine.objects.of(world.acme).order_by("id").first()
        assert first is not None
        Quarantine.objects.of(world.acme).filter(pk=first.pk).update(state="replayed")
        source = QUARANTINE.source
        for days, count in ((8, 1), (limits.current().keep_quarantine_days, 2)):
            now.move(timedelta(days=days))
            cut = Cut(world.acme, edge(QUARANTINE.default() or 0), Held())
            keys = source.next(cut, 0)
            assert (source.look(cut).rows, source.drop(cut, keys).rows) == (count, count)


def test_each_task_has_its_own_name() -> None:
    names = [task.name for task in tasks.TASKS]
    assert len(set(names)) == len(names)
