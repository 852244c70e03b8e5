"""Random people, events and filters, full of the traps of the filter language; the same seed gives the same world.

Two doors: `make_world(Random(seed))` for many cases fast, and strategies for hypothesis, which shrinks: whole worlds
with `worlds()` and `worlds_with_trees()`, or people one by one with `people_at()`, which `gather()` puts into a world,
and `trees_in()` it. A world is made of raw writes, as an SDK would send them, and of the same people as they
should stand after those writes by the oracle's own reading.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.support.oracle import OracleEvent, OraclePerson, Tree, World, written
from tests.support.oracle_values import Clock, read_when
from tests.support.random_trees import random_tree
from tests.support.world_pools import (
    AMOUNTS,
    BUILTIN,
    CUSTOM,
    EMAILS,
    EMPTIES,
    EVENTS,
    FIELDS,
    LOSSY_NUMBERS,
    MOMENTS,
    NUMBER_TEXTS,
    PHONES,
    PROPERTIES,
    Edges,
    any_number,
    any_text,
    edges_of,
)

__all__ = [
    "CUSTOM",
    "FIELDS",
    "MadeWorld",
    "gather",
    "make_world",
    "people_at",
    "random_tree",
    "trees_in",
    "worlds",
    "worlds_with_trees",
]


# What is written of a person, one dict a write, and what they did.
RawPerson = tuple[tuple[dict[str, Any], ...], tuple[OracleEvent, ...]]


@dataclass(frozen=True)
class MadeWorld:
    """A world, the raw writes of each person by number (one dict a write, in order), and the people as they then stand.

    Events are in `people`, in the order in which they are to be accepted.
    """

    world: World
    writes: dict[int, tuple[dict[str, Any], ...]]
    people: tuple[OraclePerson, ...]


def make_world(
    rng: Random, *, people: int = 40, most_events: int = 6, moment: tuple[str, str] | None = None
) -> MadeWorld:
    """People numbered from 1, with events and segments, at one of the MOMENTS (or the one given)."""
    at = moment or rng.choice(MOMENTS)
    edges = edges_of(clock_at(at))
    writes = [_writes(rng, edges) for _ in range(people)]
    events = [tuple(_events(rng, edges, most=most_events)) for _ in writes]
    return gather(rng, at, list(zip(writes, events, strict=True)))


def gather(rng: Random, moment: tuple[str, str], people: Sequence[RawPerson]) -> MadeWorld:
    """These people, numbered from 1, and segments, at a moment."""
    clock = clock_at(moment)
    now, zone = clock.now, clock.zone
    writes = {number: mine for number, (mine, _) in enumerate(people, start=1)}
    made = tuple(written(number, mine, FIELDS, events) for number, (mine, events) in enumerate(people, start=1))
    numbers = [person.number for person in made]
    segments: dict[str, Tree | frozenset[int]] = {
        "picked": frozenset(rng.sample(numbers, len(numbers) // 3)),
        "nobody": frozenset(),
    }
    segments["plain"] = random_tree(rng, World(now, zone, FIELDS, segments), depth=2)
    segments["nested"] = random_tree(rng, World(now, zone, FIELDS, segments), depth=2)
    return MadeWorld(World(now, zone, FIELDS, segments), writes, made)


# What hypothesis draws choice by choice shrinks, and is small and much alike; what it draws by a seed is neither.
_RANDOM = st.one_of(st.randoms(use_true_random=False), st.integers(0, 2**64 - 1).map(Random))


def clock_at(moment: tuple[str, str]) -> Clock:
    """The oracle's clock at a moment in its zone."""
    at, zone = moment
    now = read_when(at, zone="UTC")
    assert isinstance(now, int)
    return Clock(now, zone)


def people_at(moment: tuple[str, str], *, most_events: int = 6) -> st.SearchStrategy[RawPerson]:
    """One person, whose values and events lie around a moment."""
    edges = edges_of(clock_at(moment))
    return st.builds(lambda rng: (_writes(rng, edges), tuple(_events(rng, edges, most=most_events))), _RANDOM)


def trees_in(world: World, *, depth: int = 5) -> st.SearchStrategy[Tree]:
    """Filters that are not broken in a world."""
    return st.builds(lambda rng: random_tree(rng, world, depth=depth), _RANDOM)


def worlds(*, people: int = 5) -> st.SearchStrategy[MadeWorld]:
    """Worlds of at most that many people; the simplest has one person of whom nothing is known."""
    return st.builds(
        lambda rng, size: make_world(rng, people=size, most_events=3),
        st.randoms(use_true_random=False),
        st.integers(1, people),
    )


def worlds_with_trees(*, people: int = 5, depth: int = 4) -> st.SearchStrategy[tuple[MadeWorld, Tree]]:
    """Such worlds, each with a filter that is not broken in it."""
    return st.builds(
        lambda made, rng: (made, random_tree(rng, made.world, depth=depth)),
        worlds(people=people),
        st.randoms(use_true_random=False),
    )


def _raw_datetime(rng: Random, edges: Edges) -> Any:
    ms = rng.choice(edges.instants)
    shape = rng.randrange(4)
    if shape == 0 and ms % 1000 == 0:
        return ms // 1000
    if shape == 1:
        return ms
    if shape == 2:
        return edges.clock.local(ms).isoformat(timespec="milliseconds")
    return edges.iso(ms)


def _raw_date(rng: Random, edges: Edges) -> Any:
    return rng.choice(edges.days if rng.random() < 0.5 else edges.birthdays).isoformat()


RAW: dict[str, Callable[[Random, Edges], Any]] = {
    "text": lambda rng, _: any_text(rng) if rng.random() < 0.95 else rng.choice((42, 42.5, True)),
    "number": lambda rng, _: any_number(rng) if rng.random() < 0.6 else rng.choice(NUMBER_TEXTS),
    "boolean": lambda rng, _: rng.choice((True, False, False, "true", "False")),
    "datetime": _raw_datetime,
    "date": _raw_date,
    "list": lambda rng, _: (
        [any_text(rng) for _ in range(rng.randrange(1, 4))] + rng.choice(([], [], [""], [None, " "], [42]))
    ),
}
LOSSY: dict[str, Sequence[Any]] = {
    "text": (["a", "b"],),
    "number": LOSSY_NUMBERS,
    "boolean": (0, 1, "yes", [True]),
    "datetime": ("tomorrow", "2026-02-30", True, ["2026-01-31"]),
    "date": ("31.01.2026", "2026-02-30", 20260131, "2026-01-31T09:00:00Z"),
    "list": ([["nested"]],),
}


def _raw(rng: Random, name: str, edges: Edges) -> Any:
    kind = FIELDS[name]
    chance = rng.random()
    if chance < 0.1:
        return rng.choice(EMPTIES)
    if name in ("email", "phone"):
        return rng.choice(EMAILS if name == "email" else PHONES)
    if chance < 0.15 and name not in BUILTIN:
        return rng.choice(LOSSY[kind])
    return RAW[kind](rng, edges)


def _writes(rng: Random, edges: Edges) -> tuple[dict[str, Any], ...]:
    """One write of some of the fields, then perhaps more that change or clear them."""
    names = list(FIELDS)
    writes = [{name: _raw(rng, name, edges) for name in names if rng.random() > 0.35}]
    while rng.random() > 0.7:
        again = rng.sample(names, 3)
        writes.append({name: None if rng.random() < 0.3 else _raw(rng, name, edges) for name in again})
    return tuple(writes)


def _property(rng: Random, name: str, edges: Edges) -> Any:
    if rng.random() < 0.1:
        return rng.choice((None, "", "  "))
    return {
        "amount": lambda: rng.choice((rng.choice(AMOUNTS), str(rng.choice(AMOUNTS)), "free")),
        "$p": lambda: rng.choice(AMOUNTS),
        "ok": lambda: rng.choice((True, False, "true", "no")),
        "when": lambda: edges.iso(rng.choice(edges.instants)),
    }.get(name, lambda: rng.choice((any_text(rng), 42, 42.5, "42", False)))()


def _events(rng: Random, edges: Edges, *, most: int) -> Iterator[OracleEvent]:
    for _ in range(rng.randrange(most + 1) if rng.random() > 0.2 else 0):
        properties = {name: _property(rng, name, edges) for name in PROPERTIES if rng.random() > 0.5}
        yield OracleEvent(rng.choice(EVENTS), rng.choice(edges.instants), properties)
