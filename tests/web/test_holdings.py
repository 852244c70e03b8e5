"""One process projects a workspace, and another takes over when it is gone."""

from datetime import UTC, datetime, timedelta

import pytest

from coterie.accounts.models import Workspace
from coterie.audience.models import IndexPosition
from coterie.kit import clock
from coterie.web.holdings import Holdings

pytestmark = pytest.mark.server
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Seconds that do not pass in a test, however it is held up: for tests whose clock goes on.
LONG = 3600.0


@pytest.fixture
def workspaces(db: None) -> list[Workspace]:
    return [Workspace.objects.create(slug=slug, name=slug) for slug in ("one", "two", "three")]


def holder(workspace: Workspace) -> str:
    return str(IndexPosition.objects.of(workspace).get().lease_token)


def token(holdings: Holdings, workspace: Workspace) -> str:
    projector = holdings.projector(workspace.pk)
    return projector.lease if projector is not None else ""


def test_it_works(workspaces: list[Workspace]) -> None:
    mine, other = Holdings(), Holdings()
    assert mine.claim(workspaces[0])
    assert not other.claim(workspaces[0])
    assert other.projector(workspaces[0].pk) is None
    assert [projector.lease for projector in mine.held()] == [holder(workspaces[0])] != [""]
    mine.release()
    assert other.claim(workspaces[0])


def test_claiming_twice_changes_nothing(workspaces: list[Workspace]) -> None:
    mine = Holdings()
    assert mine.claim(workspaces[0])
    first = mine.projector(workspaces[0].pk)
    assert mine.claim(workspaces[0])
    assert mine.projector(workspaces[0].pk) is first


@pytest.mark.parametrize(("seconds", "taken"), [(9.999, False), (10.0, True), (11.0, True)])
def test_a_lease_ends_with_its_time(workspaces: list[Workspace], seconds: float, taken: bool) -> None:
    with clock.frozen(AT) as stopped:
        mine, other = Holdings(seconds=10), Holdings(seconds=10)
        assert mine.claim(workspaces[0])
        stopped.move(timedelta(seconds=seconds))
        assert other.claim(workspaces[0]) is taken
        mine.renew()
        assert (mine.projector(workspaces[0].pk) is None) is taken
        assert holder(workspaces[0]) == token(other if taken else mine, workspaces[0])


def test_renewing_keeps_it(workspaces: list[Workspace]) -> None:
    with clock.frozen(AT) as stopped:
        mine, other = Holdings(seconds=10), Holdings(seconds=10)
        assert mine.claim(workspaces[0])
        for _ in range(5):
            stopped.move(timedelta(seconds=8))
            mine.renew()
            assert not other.claim(workspaces[0])


def test_several_workers_share(workspaces: list[Workspace]) -> None:
    mine, other = Holdings(), Holdings()
    mine.claim_some(workspaces, most=2)
    other.claim_some(workspaces, most=2)
    assert [len(mine.held()), len(other.held())] == [2, 1]


def test_all_or_none(workspaces: list[Workspace]) -> None:
    mine, other = Holdings(), Holdings()
    assert other.claim(workspaces[2])
    assert not mine.claim_all(workspaces)
    assert mine.held() == []
    assert [holder(workspace) for workspace in workspaces] == ["", "", token(other, workspaces[2])]
    other.release()
    assert mine.claim_all(workspaces)
    assert len(mine.held()) == 3


def test_giving_back_leaves_what_others_took(workspaces: list[Workspace]) -> None:
    with clock.frozen(AT) as stopped:
        mine, other = Holdings(seconds=10), Holdings(seconds=10)
        assert mine.claim(workspaces[0])
        stopped.move(timedelta(seconds=20))
        assert other.claim(workspaces[0])
        mine.release()
        assert holder(workspaces[0]) == token(other, workspaces[0]) != ""


def test_a_claim_lends_nothing_to_an_earlier_one(workspaces: list[Workspace]) -> None:
    """A thread slept in a batch; meanwhile the workspace was lost to another process, and taken again from it."""
    with clock.frozen(AT) as stopped:
        mine, other = Holdings(seconds=10), Holdings(seconds=10)
        assert mine.claim(workspaces[0])
        asleep = mine.projector(workspaces[0].pk)
        assert asleep is not None
        stopped.move(timedelta(seconds=20))
        assert other.claim(workspaces[0])
        mine.renew()
        other.release()
        assert mine.claim(workspaces[0])
        assert asleep.lease != holder(workspaces[0]) == token(mine, workspaces[0])
        # What it finds out at its end does not cost the new claim.
        mine.drop(asleep)
        assert token(mine, workspaces[0]) == holder(workspaces[0])


def test_a_second_worker_gets_its_share(workspaces: list[Workspace]) -> None:
    workspaces += [Workspace.objects.create(slug=slug, name=slug) for slug in ("four", "five")]
    first, second = Holdings(seconds=LONG), Holdings(seconds=LONG)
    first.claim_some(workspaces, most=9)
    first.renew()
    assert len(first.held()) == 5
    second.claim_some(workspaces)
    assert second.held() == []
    second.renew()
    for _ in range(4):
        first.renew()
        first.claim_some(workspaces)
        assert not any(first.claim(workspace) for workspace in workspaces if first.projector(workspace.pk) is None)
        second.claim_some(workspaces)
        second.renew()
    assert (len(first.held()), len(second.held())) == (3, 2)
    held = {projector.workspace.pk for projector in (*first.held(), *second.held())}
    assert held == {workspace.pk for workspace in workspaces}
    for projector in (*first.held(), *second.held()):
        assert holder(projector.workspace) == projector.lease


def test_what_is_being_worked_on_is_not_given_up(workspaces: list[Workspace]) -> None:
    first, second = Holdings(seconds=LONG), Holdings(seconds=LONG)
    first.claim_some(workspaces, most=3)
    busy = first.held()
    second.renew()
    for projector in busy:
        projector.lock.acquire()
    first.renew()
    assert first.held() == busy
    for projector in busy:
        projector.lock.release()
    first.renew()
    assert len(first.held()) == 2


def test_a_worker_that_ends_or_falls_silent_counts_no_more(workspaces: list[Workspace]) -> None:
    with clock.frozen(AT) as stopped:
        first, second, third = Holdings(seconds=10), Holdings(seconds=10), Holdings(seconds=10)
        second.renew()
        third.renew()
        second.leave()
        stopped.move(timedelta(seconds=11))
        first.claim_some(workspaces, most=3)
        first.renew()
        assert len(first.held()) == 3


def test_while_all_are_held_for_a_rebuild_none_is_given_up(workspaces: list[Workspace]) -> None:
    first, second = Holdings(seconds=LONG), Holdings(seconds=LONG)
    assert first.claim_all(workspaces)
    second.renew()
    first.renew()
    assert len(first.held()) == 3
    first.release()
    assert first.claim(workspaces[0])
    first.renew()
    assert first.held()
