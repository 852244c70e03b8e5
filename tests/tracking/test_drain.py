"""From an accepted request to people and events: each event once, in order, whatever else is in the batch."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import ApiKey, KeyKind, Workspace
from coterie.kit import clock
from coterie.people.edits import PersonEdit
from coterie.tracking import applying, drain, leases, quarantine
from coterie.tracking.drain import Drained, drain_once
from coterie.tracking.models import DrainLease, IdConflict, MessageId, Quarantine, QuarantineState, RawBatch
from coterie.tracking.reading import pack
from tests.support.tracked import events_of, people_of, person_by
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.server]

_numbers = itertools.count()
DrainAll = Callable[..., list[Drained]]


def accept(key: ApiKey, value: Any, *, flavour: str = "segment", call: str = "batch", **more: Any) -> RawBatch:
    """A request as the endpoints store it."""
    body, packed = pack(json.dumps(value).encode())
    count = len(value["batch"]) if call == "batch" else 1
    row = {"received_at": clock.now(), "token": f"bat_{next(_numbers)}", "item_count": count, **more}
    return RawBatch.objects.create(
        workspace=key.workspace, source=key, flavour=flavour, call=call, packed=packed, body=body, **row
    )


def track(event: str = "Purchased", *, user: str = "u1", id: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": event, "messageId": id or f"m{next(_numbers)}", **more}


def test_it_works(world: World) -> None:
    accept(world.write_key, {"batch": [{"type": "identify", "userId": "u1", "traits": {"plan": "pro"}}, track()]})
    drained = drain_once(world.acme)
    assert (drained.batches, drained.events, drained.accepted) == (1, 2, 2)
    (person,) = people_of(world.acme)
    assert (person["user_id"], person["plan"], person["source"]) == ("u1", "pro", "web page")
    (event,) = events_of(world.acme)
    assert (event.name, event.kind, event.source) == ("Purchased", "track", "web page")
    assert RawBatch.objects.count() == 0
    assert drain_once(world.acme).idle


def test_without_a_workspace_the_longest_waiting_goes_first(world: World) -> None:
    other_key, _ = accounts.create_key(audit.SYSTEM, world.other, kind=KeyKind.WRITE, name="theirs")
    accept(other_key, {"batch": [track()]})
    accept(world.write_key, {"batch": [track()]})
    assert [drain_once().workspace_id for _ in range(3)] == [world.other.pk, world.acme.pk, None]


def test_a_repeated_event_counts_once(world: World, drain_all: DrainAll) -> None:
    batch = {"batch": [track(id="m1"), track(id="m2"), track(id="m1")]}
    accept(world.write_key, batch)
    accept(world.write_key, {**batch, "sentAt": clock.iso(clock.now())})
    first, *_ = drain_all(world.acme)
    assert (first.accepted, first.duplicates, first.conflicts) == (2, 4, 0)
    accept(world.write_key, batch)
    (again,) = drain_all(world.acme)
    assert (again.accepted, again.duplicates) == (0, 3)
    assert [event.message_id for event in events_of(world.acme)] == ["m1", "m2"]
    assert MessageId.objects.of(world.acme).count() == 2


def test_the_same_id_elsewhere_is_another_event(world: World, drain_all: DrainAll) -> None:
    other_key, _ = accounts.create_key(audit.SYSTEM, world.other, kind=KeyKind.WRITE, name="theirs")
    second_key, _ = accounts.create_key(audit.SYSTEM, world.acme, kind=KeyKind.WRITE, name="app")
    for key in (world.write_key, second_key, other_key):
        accept(key, {"batch": [track(id="m1")]})
    drain_all(world.acme)
    drain_all(world.other)
    assert len(events_of(world.acme)) == 2
    assert len(events_of(world.other)) == 1


def test_long_ids_are_told_apart_by_their_ends(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [track(id="m" * 5_000 + end) for end in "aab"]})
    (drained,) = drain_all(world.acme)
    assert (drained.accepted, drained.duplicates) == (2, 1)


def test_one_id_for_two_events_is_counted_and_seen(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [track("first", id="m1"), track("second", id="m1")]})
    accept(world.write_key, {"batch": [track("first", id="m1"), track("third", id="m1")]})
    drained = drain_all(world.acme)
    assert sum(one.conflicts for one in drained) == 2
    assert [event.name for event in events_of(world.acme)] == ["first"]
    (row,) = IdConflict.objects.of(world.acme)
    assert (row.count, row.message_id, json.loads(row.sample)["event"]) == (2, "m1", "third")
    accept(world.write_key, {"batch": [track("fourth", id="m1")]})
    drain_all(world.acme)
    row.refresh_from_db()
    assert row.count == 3


def test_an_event_without_an_id_gets_the_same_one_every_time(world: World, drain_all: DrainAll) -> None:
    batch = {"batch": [{"type": "track", "userId": "u1", "event": "e"} for _ in range(3)]}
    accept(world.write_key, batch, token="bat_fixed")
    drain_all(world.acme, 1)
    assert [event.message_id for event in events_of(world.acme)] == ["bat_fixed-0", "bat_fixed-1", "bat_fixed-2"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
def test_a_large_batch_takes_several_drains_and_keeps_its_order(world: World, drain_all: DrainAll, limit: int) -> None:
    for number in range(3):
        accept(world.write_key, {"batch": [track(f"e{number}-{position}") for position in range(5)]})
    drained = drain_all(world.acme, limit)
    assert [event.name for event in events_of(world.acme)] == [f"e{a}-{b}" for a in range(3) for b in range(5)]
    assert all(one.events <= limit for one in drained)
    assert sum(one.batches for one in drained) == 3
    assert RawBatch.objects.count() == 0


def test_old_events_move_first_seen_back(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [track(timestamp=at) for at in ("1997-06-01", "1997-01-01", "1998-01-01")]})
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert person["first_seen"] == "1997-01-01T00:00:00.000Z"
    assert person["last_seen"] == "1998-01-01T00:00:00.000Z"


def test_inactive_calls_do_not_move_last_seen(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [track(timestamp="2020-01-01")]})
    accept(world.write_key, {"batch": [track(timestamp="2021-01-01", context={"active": False})]})
    drain_all(world.acme)
    assert people_of(world.acme)[0]["last_seen"] == "2020-01-01T00:00:00.000Z"


# People


def test_an_anonymous_visitor_becomes_a_user(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [{"type": "page", "anonymousId": "a1"}]})
    accept(world.write_key, {"batch": [{"type": "identify", "userId": "u1", "anonymousId": "a1"}]})
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert person["user_id"] == "u1"


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize(("first", "second"), [("a1", "u1"), ("u1", "a1")])
def test_aliases_of_posthog_join_both_ways(
    world: World, drain_all: DrainAll, first: str, second: str, batched: bool
) -> None:
    items = [
        {"event": "seen", "distinct_id": "a1", "uuid": "1"},
        {"event": "bought", "distinct_id": "u1", "uuid": "2"},
        {"event": "$set", "distinct_id": "u1", "uuid": "3", "$set": {"plan": "pro"}},
        {"event": "$create_alias", "distinct_id": first, "uuid": "4", "properties": {"alias": second}},
        {"event": "after", "distinct_id": "a1", "uuid": "5"},
    ]
    for batch in [items] if batched else [[item] for item in items]:
        accept(world.write_key, {"batch": batch}, flavour="posthog")
        if not batched:
            drain_all(world.acme)
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert (person["user_id"], person["plan"]) == ("u1", "pro")
    number = person_by(world.acme, "user_id", "u1")
    assert [event.name for event in events_of(world.acme)] == ["seen", "bought", "after"]
    assert events_of(world.acme)[-1].number == number


def test_an_id_first_seen_without_identify_is_joined_later(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [{"event": "e", "distinct_id": "u1", "uuid": "1"}]}, flavour="posthog")
    accept(world.write_key, {"batch": [{"type": "identify", "userId": "u1", "traits": {"plan": "pro"}}]})
    item = {"event": "$identify", "distinct_id": "u1", "uuid": "2", "properties": {"$anon_distinct_id": "b1"}}
    accept(world.write_key, {"batch": [item]}, flavour="posthog")
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert (person["user_id"], person["plan"]) == ("u1", "pro")


def test_a_group_of_posthog_makes_no_person(world: World, drain_all: DrainAll) -> None:
    item = {"event": "$groupidentify", "distinct_id": "$company_7", "uuid": "1", "properties": {"$group_key": "7"}}
    accept(world.write_key, {"batch": [item]}, flavour="posthog")
    (drained,) = drain_all(world.acme)
    assert (drained.accepted, drained.ignored, drained.quarantined) == (0, 1, 0)
    assert people_of(world.acme) == []


def test_a_public_key_does_not_merge_two_users_and_a_secret_key_does(world: World, drain_all: DrainAll) -> None:
    both = {"batch": [track(user="u1"), track(user="u2")]}
    alias = {"type": "alias", "previousId": "u1", "userId": "u2"}
    accept(world.write_key, both)
    accept(world.write_key, {"batch": [alias | {"messageId": "x1"}]})
    drain_all(world.acme)
    assert len(people_of(world.acme)) == 2
    accept(world.secret_key, {"batch": [alias | {"messageId": "x2"}]})
    drain_all(world.acme)
    assert len(people_of(world.acme)) == 1


def test_a_public_key_does_not_ban(world: World, drain_all: DrainAll) -> None:
    accept(world.write_key, {"batch": [{"type": "identify", "userId": "u1", "traits": {"banned": True}}]})
    drain_all(world.acme)
    assert "banned" not in people_of(world.acme)[0]


# Quarantine


def test_events_that_can_not_be_used_are_set_aside(world: World, drain_all: DrainAll) -> None:
    batch = [track("good"), {"type": "track", "userId": "u1", "messageId": "bad"}, "text", track("good too")]
    accept(world.write_key, {"batch": batch, "sentAt": "2026-01-31T12:00:00Z", "context": {"ip": "198.51.100.1"}})
    (drained,) = drain_all(world.acme)
    assert (drained.accepted, drained.quarantined) == (2, 2)
    assert [event.name for event in events_of(world.acme)] == ["good", "good too"]
    rows = list(Quarantine.objects.of(world.acme).order_by("id"))
    assert [(row.code, row.state) for row in rows] == [("no_name", "open"), ("bad_shape", "open")]
    assert rows[0].message_id == "bad"
    assert rows[0].reason


class Poison(Exception):
    """What a broken write path raises."""


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Events with these names make the write path fail, with all that are applied together with them."""
    names = {"poison"}
    real = applying.apply_edits

    def apply_edits(workspace: Workspace, edits: list[PersonEdit], **options: Any) -> Any:
        outcomes = real(workspace, edits, **options)
        if any(event.name in names for edit in edits for event in edit.events):
            raise Poison(f"can't be: {edits}")
        return outcomes

    monkeypatch.setattr(applying, "apply_edits", apply_edits)
    return names


@pytest.mark.parametrize("where", [[0], [99], [50, 51], [0, 33, 66, 99]])
def test_poison_is_found_by_halving(world: World, drain_all: DrainAll, poisoned: set[str], where: list[int]) -> None:
    names = ["poison" if position in where else f"e{position}" for position in range(100)]
    accept(world.write_key, {"batch": [track(name) for name in names]})
    (drained,) = drain_all(world.acme)
    assert (drained.accepted, drained.quarantined) == (100 - len(where), len(where))
    assert [event.name for event in events_of(world.acme)] == [name for name in names if name != "poison"]
    assert {row.code for row in Quarantine.objects.of(world.acme)} == {"not_applied"}
    assert MessageId.objects.count() == 100 - len(where)


def test_what_is_set_aside_is_in_no_log(
    world: World, drain_all: DrainAll, poisoned: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither whose event it is, nor what the error quotes: an erasure does not reach the log."""
    accept(world.write_key, {"batch": [track("poison", user="ann@example.org", id="of ann@example.org")]})
    drain_all(world.acme)
    (line,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.getMessage().startswith("event ")
    assert line.getMessage().endswith(" was set aside: it can't be applied: tests.tracking.test_drain.Poison")
    assert "ann@" not in caplog.text


def test_poison_does_not_hold_those_behind_it(world: World, drain_all: DrainAll, poisoned: set[str]) -> None:
    for name in ("poison", "next", "and next"):
        accept(world.write_key, {"batch": [track(name)]})
    drain_all(world.acme, 1)
    assert [event.name for event in events_of(world.acme)] == ["next", "and next"]


def test_a_replayed_event_counts_once(world: World, drain_all: DrainAll, poisoned: set[str]) -> None:
    at = clock.now() - timedelta(days=3)
    batch = {"batch": [track("poison", id="m1", context={"locale": "de"})], "context": {"timezone": "Europe/Berlin"}}
    accept(world.write_key, batch, received_at=at, peer="198.51.100.1")
    drain_all(world.acme)
    (row,) = Quarantine.objects.of(world.acme)
    # The reason is still there: it comes back, to the same place.
    quarantine.replay(world.acme, row.public_id)
    drain_all(world.acme)
    row.refresh_from_db()
    assert row.state == QuarantineState.OPEN
    poisoned.clear()
    quarantine.replay(world.acme, row.public_id)
    drain_all(world.acme)
    row.refresh_from_db()
    assert row.state == QuarantineState.REPLAYED
    (event,) = events_of(world.acme)
    assert (event.name, event.message_id, event.time_ms) == ("poison", "m1", clock.to_ms(at))
    (person,) = people_of(world.acme)
    assert (person["timezone"], person["ip"]) == ("Europe/Berlin", "198.51.100.1")
    # The client's own late retry of it is a duplicate now.
    accept(world.write_key, batch)
    assert drain_all(world.acme)[0].duplicates == 1


def test_a_replayed_event_keeps_the_id_made_for_it(world: World, drain_all: DrainAll, poisoned: set[str]) -> None:
    accept(world.write_key, {"batch": [{"type": "track", "userId": "u", "event": "poison"}]}, token="bat_old")
    drain_all(world.acme)
    poisoned.clear()
    (row,) = Quarantine.objects.of(world.acme)
    quarantine.replay(world.acme, row.public_id)
    drain_all(world.acme)
    assert [event.message_id for event in events_of(world.acme)] == ["bat_old-0"]


def test_a_batch_that_can_not_be_read_is_kept_whole(world: World, drain_all: DrainAll) -> None:
    row = accept(world.write_key, {"batch": [track()]})
    RawBatch.objects.filter(pk=row.pk).update(body=b"{not json", packed=False)
    accept(world.write_key, {"batch": [track("next")]})
    drain_all(world.acme)
    assert [event.name for event in events_of(world.acme)] == ["next"]
    assert [one.code for one in Quarantine.objects.of(world.acme)] == ["unreadable"]


# Failures: all of a drain happens, or nothing of it


def _state(workspace: Workspace) -> tuple[int, int, int]:
    return len(events_of(workspace)), MessageId.objects.count(), RawBatch.objects.count()


@pytest.mark.parametrize("place", ["note_conflicts", "_take_out", "forget_ids"])
def test_a_failure_anywhere_undoes_the_whole_drain(
    world: World, monkeypatch: pytest.MonkeyPatch, drain_all: DrainAll, place: str
) -> None:
    accept(world.write_key, {"batch": [track(), track()]})

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(drain, place, fail)
        with pytest.raises(OperationalError):
            drain_once(world.acme)
    assert _state(world.acme) == (0, 0, 1)
    drain_all(world.acme)
    assert _state(world.acme) == (2, 2, 0)


def test_a_database_that_fails_puts_nothing_in_quarantine(
    world: World, monkeypatch: pytest.MonkeyPatch, drain_all: DrainAll
) -> None:
    accept(world.write_key, {"batch": [track(), track()]})

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(applying, "apply_edits", fail)
        with pytest.raises(OperationalError):
            drain_once(world.acme)
    assert Quarantine.objects.count() == 0
    drain_all(world.acme)
    assert _state(world.acme) == (2, 2, 0)


# Leases


def test_one_worker_at_a_time(world: World) -> None:
    accept(world.write_key, {"batch": [track()]})
    lease = leases.claim(world.acme.pk)
    assert lease is not None
    assert leases.claim(world.acme.pk) is None
    assert drain_once(world.acme).idle
    assert leases.waiting_workspaces() == []
    leases.release(lease)
    assert leases.waiting_workspaces() == [world.acme.pk]
    assert drain_once(world.acme).accepted == 1


def test_a_lost_lease_writes_nothing(world: World) -> None:
    accept(world.write_key, {"batch": [track()]})
    lease = leases.claim(world.acme.pk)
    assert lease is not None
    # It expired, and another worker took over.
    DrainLease.objects.of(world.acme).update(expires_at=clock.now() - timedelta(seconds=1))
    thief = leases.claim(world.acme.pk)
    assert thief is not None
    with pytest.raises(leases.LeaseLost):
        drain_once(lease=lease)
    assert _state(world.acme) == (0, 0, 1)
    assert drain_once(lease=thief).accepted == 1
    leases.release(lease)
    assert DrainLease.objects.get().token == thief.token


def test_a_batch_that_another_worker_took_undoes_the_drain(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(world.write_key, {"batch": [track(), track()]})
    real = drain.apply

    def steal(*args: Any) -> Any:
        applied = real(*args)
        RawBatch.objects.of(world.acme).update(done=1)
        RawBatch.objects.of(world.acme).delete()
        return applied

    with monkeypatch.context() as patch:
        patch.setattr(drain, "apply", steal)
        with pytest.raises(leases.LeaseLost):
            drain_once(world.acme)
    assert _state(world.acme) == (0, 0, 1)
