"""What a public write key can't do; a secret key in its place can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coterie.filters.fields import FieldType
from coterie.people.actions import create_attribute
from coterie.people.models import Identity, MergeSuggestion, RejectedValue
from coterie.tracking.drain import Drained
from tests.support.tracked import people_of, person_by
from tests.support.world import World
from tests.tracking.test_drain import accept

pytestmark = [pytest.mark.django_db, pytest.mark.server]
DrainAll = Callable[..., list[Drained]]

ATTACKS = [
    pytest.param({"traits": {"credit": 1_000_000}}, "credit", id="protected attribute"),
    pytest.param({"context": {"traits": {"credit": 1}}}, "credit", id="protected attribute in the context"),
    pytest.param({"traits": {"banned": False}}, "banned", id="ban lifted"),
    pytest.param({"traits": {"user_id": "boss"}}, "user_id", id="user id as a trait"),
    pytest.param({"traits": {"last_message": "Hi"}}, "last_message", id="message"),
]
GOOD: dict[str, Any] = {"credit": 5, "banned": True}


def identify(**more: Any) -> dict[str, Any]:
    return {"batch": [{"type": "identify", "anonymousId": "a1", **more}]}


@pytest.fixture(autouse=True)
def protected(world: World) -> None:
    create_attribute(world.acme, key="credit", type=FieldType.NUMBER, protected=True)


@pytest.mark.parametrize(("attack", "key"), ATTACKS)
def test_it_works(world: World, drain_all: DrainAll, attack: dict[str, Any], key: str) -> None:
    accept(world.secret_key, identify(traits=GOOD))
    accept(world.write_key, identify(**attack))
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert (person.get("credit"), person.get("banned"), person.get("user_id")) == (5, True, None)
    kept = RejectedValue.objects.of(world.acme).get()
    assert kept.key == key
    assert kept.reason


def test_a_secret_key_may(world: World, drain_all: DrainAll) -> None:
    accept(world.secret_key, identify(traits={**GOOD, "user_id": "boss"}))
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert (person["credit"], person["banned"], person["user_id"]) == (5, True, "boss")


def test_what_another_inbox_knows_of_messages(world: World, drain_all: DrainAll) -> None:
    """A bot's server tells it with a secret key; the time of the last message only moves forward."""
    told = {"last_message": "Is it in stock?", "current_message": "Is it in stock?", "channel": "telegram"}
    accept(world.secret_key, identify(traits=told | {"last_message_at": "2026-03-02T10:00:00.000Z"}))
    accept(world.secret_key, identify(traits={"last_message_at": "2026-03-01T10:00:00.000Z"}))
    drain_all(world.acme)
    (person,) = people_of(world.acme)
    assert person["last_message_at"] == "2026-03-02T10:00:00.000Z"
    assert {key: person[key] for key in told} == told
    assert not RejectedValue.objects.of(world.acme).exists()


def test_it_is_nobody_by_an_email(world: World, drain_all: DrainAll) -> None:
    """Whoever knows an address is not the person, and gets none of their identities."""
    accept(world.secret_key, {"batch": [{"type": "identify", "userId": "ann", "traits": {"email": "ann@example.com"}}]})
    accept(world.write_key, identify(traits={"email": "ann@example.com", "city": "Bonn"}))
    drain_all(world.acme)
    ann, other = people_of(world.acme)
    assert "city" not in ann
    assert (other["email"], other["city"]) == ("ann@example.com", "Bonn")
    assert person_by(world.acme, "email", "ann@example.com") == 1
    assert set(Identity.objects.of(world.acme).filter(number=2).values_list("kind", flat=True)) == {"anonymous_id"}
    assert MergeSuggestion.objects.of(world.acme).get().reason == "same email"
