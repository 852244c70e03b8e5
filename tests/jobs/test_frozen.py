"""Whom a job is about, kept beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from pyroaring import BitMap

from coterie.jobs import files, frozen
from coterie.kit import clock
from coterie.kit.errors import Conflict
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def test_it_works(world: World) -> None:
    place = frozen.freeze(world.acme, BitMap([3, 70_000, 2**32 - 1]))
    path = settings.COTERIE_FILES / place
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(frozen.read(place)) == [3, 70_000, 2**32 - 1]
    frozen.forget(world.acme, place)
    frozen.forget(world.acme, place)
    assert not path.exists()
    with pytest.raises(Conflict) as caught:
        frozen.read(place)
    assert caught.value.code == "people_gone"


def test_it_stays_as_long_as_a_job_may_go_on(world: World) -> None:
    place = frozen.freeze(world.acme, BitMap([1]))
    with clock.frozen(clock.now() + timedelta(days=29)):
        files.forget_unfinished()
        # Other tests' files may go here: the folder is that of the whole run.
        files.forget_orphans()
        assert list(frozen.read(place)) == [1]
    with clock.frozen(clock.now() + timedelta(days=31)):
        files.forget_unfinished()
    assert not (settings.COTERIE_FILES / place).exists()
