"""The people that are measured on: made from a fixed seed, the same for Coterie and for its rivals.

Each person has twelve attributes beside built-in fields, and about three events. A block of 5,000 people depends only
on the seed and its place, so any part can be made without the rest.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

SEED: Final = 20_260_131
BLOCK: Final = 5_000
DAY_MS: Final = 86_400_000

# Key and type of each attribute.
ATTRIBUTES: Final[tuple[tuple[str, str], ...]] = (
    ("plan", "text"),
    ("company", "text"),
    ("industry", "text"),
    ("orders", "number"),
    ("lifetime_value", "number"),
    ("score", "number"),
    ("subscribed", "boolean"),
    ("beta", "boolean"),
    ("last_order_at", "datetime"),
    ("trial_ends", "datetime"),
    ("birthday", "date"),
    ("interests", "list"),
)
COUNTRIES: Final = (
    "United States", "Germany", "France", "United Kingdom", "Spain", "Italy", "Brazil", "India", "Japan", "Canada",
    "Mexico", "Poland", "Netherlands", "Sweden", "Austria", "Switzerland", "Portugal", "Belgium", "Norway", "Denmark",
    "Finland", "Ireland", "Greece", "Turkey", "Australia", "Argentina", "Chile", "Colombia", "Egypt", "Kenya",
)  # fmt: skip
LANGUAGES: Final = ("English", "German", "French", "Spanish", "Italian", "Portuguese", "Japanese", "Hindi")
CITIES: Final = tuple(f"City {number}" for number in range(200))
PLANS: Final = ("free", "free", "free", "pro", "pro", "team", "enterprise", None)
INDUSTRIES: Final = ("retail", "software", "health", "education", "finance", "travel", "media", "energy", None, None)
TAGS: Final = ("vip", "beta", "newsletter", "partner", "churn risk", "press", "investor", "student", "event", "webinar")
INTERESTS: Final = ("sport", "music", "books", "films", "food", "travel", "games", "garden", "art", "science")
EVENTS: Final = ("page viewed", "page viewed", "page viewed", "purchase", "purchase", "chat started", "link clicked")
_OLDEST_BIRTHDAY: Final = date(1945, 1, 1)


@dataclass(slots=True)
class Event:
    """Something a person did; the time is in milliseconds since 1970 UTC."""

    name: str
    time_ms: int
    message_id: str
    properties: dict[str, Any]


@dataclass(slots=True)
class Person:
    """One made-up person; `values` holds only what they have. `seen_ms` becomes last_seen."""

    number: int
    values: dict[str, Any]
    tags: list[str]
    seen_ms: int
    events: list[Event] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """All of the person as one JSON document, as a rival stores it."""
        found = {"user_id": user_id(self.number), "last_seen": iso(self.seen_ms), **self.values}
        if self.tags:
            found["tags"] = self.tags
        return found


def user_id(number: int) -> str:
    """The id under which the person with this number is known outside."""
    return f"u{number}"


def iso(ms: int) -> str:
    """An instant in the one form in which instants are stored; text of this form sorts by time."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def people(count: int, *, anchor_ms: int) -> Iterator[list[Person]]:
    """Blocks of people with the numbers from 1 to `count`; their times lie in the two years before the anchor."""
    for first in range(1, count + 1, BLOCK):
        yield block(first, min(BLOCK, count - first + 1), anchor_ms=anchor_ms)


def block(first: int, size: int, *, anchor_ms: int) -> list[Person]:
    """One block of people."""
    choose = random.Random(SEED * 1_000_003 + first)
    return [_person(choose, number, anchor_ms) for number in range(first, first + size)]


def _person(choose: random.Random, number: int, anchor_ms: int) -> Person:
    rnd = choose.random
    # Half of all people were seen in the last four months; the older, the fewer.
    seen = anchor_ms - int(rnd() ** 2.5 * 730 * DAY_MS) - 1
    orders = int(rnd() ** 3 * 40)
    values: dict[str, Any] = {
        "name": f"Person {number}",
        "country": COUNTRIES[int(rnd() ** 1.7 * len(COUNTRIES))],
        "language": LANGUAGES[int(rnd() ** 1.5 * len(LANGUAGES))],
        "city": CITIES[int(rnd() * len(CITIES))],
        "orders": orders,
        "score": int(rnd() * 101),
    }
    if rnd() < 0.8:
        values["email"] = f"person{number}@mail{number % 50}.example"
    if orders:
        values["lifetime_value"] = round(orders * (5 + rnd() * 95), 2)
        values["last_order_at"] = iso(seen - int(rnd() * 90 * DAY_MS))
    if (plan := PLANS[int(rnd() * len(PLANS))]) is not None:
        values["plan"] = plan
    if (industry := INDUSTRIES[int(rnd() * len(INDUSTRIES))]) is not None:
        values["industry"] = industry
    if rnd() < 0.5:
        values["company"] = f"Company {int(rnd() * 20_000)}"
    if rnd() < 0.7:
        values["subscribed"] = rnd() < 0.6
    if rnd() < 0.5:
        values["beta"] = rnd() < 0.2
    if rnd() < 0.3:
        values["trial_ends"] = iso(seen + int(rnd() * 60 * DAY_MS))
    if rnd() < 0.6:
        values["birthday"] = (_OLDEST_BIRTHDAY + timedelta(days=int(rnd() * 22_000))).isoformat()
    if rnd() < 0.7:
        start = int(rnd() * len(INTERESTS))
        values["interests"] = list(INTERESTS[start : start + 1 + int(rnd() * 3)])
    tags = [TAGS[int(rnd() ** 1.5 * len(TAGS))]] if rnd() < 0.6 else []
    if tags and rnd() < 0.3:
        tags = list(dict.fromkeys([*tags, TAGS[int(rnd() * len(TAGS))]]))
    # From none to six, three on average.
    events = [_event(choose, number, place, seen) for place in range(int(rnd() * 7))]
    return Person(number, values, tags, seen, events)


def _event(choose: random.Random, number: int, place: int, seen_ms: int) -> Event:
    rnd = choose.random
    name = EVENTS[int(rnd() * len(EVENTS))]
    properties: dict[str, Any] = {"place": place}
    if name == "purchase":
        properties = {"amount": round(5 + rnd() ** 2 * 295, 2), "currency": "EUR", "items": 1 + int(rnd() * 4)}
    elif name == "page viewed":
        properties = {"path": f"/page/{int(rnd() * 500)}"}
    return Event(name, seen_ms - int(rnd() * 120 * DAY_MS), f"m{number}-{place}", properties)
