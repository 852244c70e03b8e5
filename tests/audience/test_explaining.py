"""Why a person meets a filter or does not: each condition tells the value, the event or the membership that decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from coterie.accounts.models import Role
from coterie.audience.projector import projector_of
from coterie.filters.bucket import percent
from coterie.kit import clock
from coterie.people.actions import merge_people
from coterie.segments.visibility import UNSEEN
from tests.segments.conftest import Stage, stage

__all__ = ["stage"]
pytestmark = pytest.mark.server
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
# Days ago, amount, currency, product: "ada-purchase-AT-PLACE" is the id of each.
PURCHASES = ((100, 900, "EUR", "Lamp"), (20, 60, "EUR", "Chair"), (10, 200, "USD", "Lamp"), (5, 40, "EUR", "Straße"))


def at(days: int) -> str:
    return clock.iso(NOW - timedelta(days=days))


def purchase(place: int) -> dict[str, str]:
    """What an answer says of one of the purchases."""
    days = PURCHASES[place][0]
    return {"id": f"ada-purchase-{clock.to_ms(NOW - timedelta(days=days))}-{place}", "at": at(days)}


def explained(stage: Stage, where: str, *, number: int = 1, who: str = "alice") -> list[dict[str, Any]]:
    """The reasons of a filter about a person."""
    reasons: list[dict[str, Any]] = stage.api(who).call("GET", f"/people/{number}/explain?where={quote(where)}")[
        "reasons"
    ]
    return reasons


@pytest.fixture
def time() -> Iterator[clock.Frozen]:
    with clock.frozen(NOW) as frozen:
        yield frozen


@pytest.fixture
def shop(stage: Stage, time: clock.Frozen) -> Stage:
    """Ada (1), who bought four times; Bob (2), who did nothing."""
    events = [
        ("purchase", clock.to_ms(NOW - timedelta(days=days)), {"amount": amount, "currency": currency, "product": what})
        for days, amount, currency, what in PURCHASES
    ]
    stage.put("ada", country="Italy", events=[*events, ("visit", clock.to_ms(NOW - timedelta(days=6)), {})])
    stage.put("bob", country="Peru")
    stage.settle()
    return stage


EVER = {"events": 4, "first": at(100), "last": at(5), "event": purchase(3)}
SOME = {"ever": 4, "ever_last": at(5)}
OLD = {"events": 0} | SOME
EUROS = EVER | SOME | {"events": 3}
LATELY = EUROS | {"first": at(20)}
CASES: list[tuple[str, bool, Any]] = [
    ('did "purchase"', True, EVER),
    ('did "purchase" at least 3 times in the last 30 days', True, LATELY),
    ('did "purchase" at least 4 times in the last 30 days', False, LATELY),
    ('did "purchase" fewer than 4 times in the last 30 days', True, LATELY),
    ('did not do "purchase" before 2025-01-01', True, OLD),
    ('did "purchase" where currency is "EUR"', True, EUROS),
    ('did "purchase" where currency is not "USD"', True, EUROS),
    (
        'did "purchase" exactly 1 times in the last 15 days where currency is "EUR" and amount < 50',
        True,
        EUROS | {"events": 1, "first": at(5)},
    ),
    ('did "purchase" where currency is "GBP"', False, OLD),
    ('did "nothing of the sort"', False, {"events": 0}),
    ('sum of amount over "purchase" > 1000', True, EVER | {"value": 1200}),
    ('sum of amount over "purchase" in the last 30 days > 500', False, LATELY | {"value": 300}),
    ('sum of amount over "purchase" where currency is "EUR" > 500', True, EUROS | {"value": 1000}),
    ('average of amount over "purchase" in the last 30 days = 100', True, LATELY | {"value": 100}),
    ('minimum of amount over "purchase" > 50', False, EVER | {"value": 40}),
    ('maximum of amount over "purchase" in the last 30 days > 50', True, LATELY | {"value": 200, "event": purchase(2)}),
    ('distinct product over "purchase" = 3', True, EVER | {"value": 3}),
    ('sum of weight over "purchase" is unknown', True, EVER | {"value": None}),
    ('sum of amount over "purchase" in the last 1 days > 5 (or unknown)', True, OLD),
    ('first "purchase" before 2026-01-01', True, EVER | {"value": at(100), "event": purchase(0)}),
    ('last "purchase" more than 30 days ago', False, EVER | {"value": at(5)}),
    (
        'last "purchase" where currency is "USD" before 2026-03-22',
        True,
        {"events": 1, "first": at(10), "last": at(10), "event": purchase(2), "value": at(10)} | SOME,
    ),
    ('product of last "purchase" is "STRASSE"', False, EVER | {"value": "Straße"}),
    ('weight of last "purchase" is unknown', True, EVER | {"value": None}),
    ('did "visit" then "purchase" within 3 days', True, EVER | {"events": 5}),
    ('country is "Italy"', True, "Italy"),
    ("created_at after 2026-01-01", True, at(0)),
    ("random bucket 0 to 100", True, percent(1)),
]


def test_what_decided(shop: Stage) -> None:
    found = {where: explained(shop, where)[0] for where, _, _ in CASES}
    assert {where: (each["matches"], each["value"]) for where, each in found.items()} == {
        where: (matches, value) for where, matches, value in CASES
    }


def test_who_did_nothing(shop: Stage) -> None:
    assert explained(shop, 'sum of amount over "purchase" > 5', number=2)[0]["value"] == {"events": 0}


def test_events_of_a_merged_person_count(shop: Stage) -> None:
    merge_people(shop.workspace, 2, 1)
    shop.settle()
    [reason] = explained(shop, 'sum of amount over "purchase" > 1000', number=2)
    assert reason["value"] == EVER | {"value": 1200}


def test_since_when_and_why_in_a_segment(shop: Stage, time: clock.Frozen) -> None:
    lately = shop.dynamic("Lately", 'did "purchase" in the last 7 days')
    shop.static("Picked", [1])
    shop.settle()
    time.move(timedelta(days=7))
    projector_of(shop.workspace).tick()
    [left, picked] = explained(shop, 'in segment "Lately" or in segment "Picked"')
    assert left["matches"] is False
    [gone] = left["value"]["segments"]
    assert gone == {
        "id": lately.public_id,
        "name": "Lately",
        "inside": False,
        "since": at(-7),
        "cause": "clock",
        "ref": "",
    }
    [put] = picked["value"]["segments"]
    by = f"user:{shop.users['alice'].public_id}"
    assert (put["inside"], put["since"], put["cause"], put["ref"]) == (True, at(0), "hand", by)
    # Who never came near it has neither a time nor a cause.
    [never] = explained(shop, 'in any segment of ("Lately", "Picked")', number=2)
    assert [(each["inside"], each["since"], each["cause"]) for each in never["value"]["segments"]] == [
        (False, None, "")
    ] * 2


def test_a_cause_does_not_name_what_is_hidden(shop: Stage) -> None:
    secret = shop.dynamic("Secret", 'country is "Italy"')
    shop.hide(secret, Role.AGENT)
    outer = shop.dynamic("Outer", 'in segment "Secret"')
    shop.settle()
    shop.redefine(secret, "country is known")
    shop.settle()
    for who, ref in (("alice", secret.public_id), ("bob", UNSEEN)):
        [reason] = found = explained(shop, 'in segment "Outer"', number=2, who=who)
        [membership] = reason["value"]["segments"]
        assert (membership["id"], membership["cause"], membership["ref"]) == (outer.public_id, "segment", ref)
        assert "Secret" not in str(found)
