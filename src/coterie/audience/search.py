"""Finding one person by any text that names them, and what they did last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from coterie.accounts.models import Workspace
from coterie.audience import queries
from coterie.audience.predicates import Bound
from coterie.audience.queries import TimelineEvent
from coterie.audience.startup import IndexRebuilding
from coterie.filters.values import fold
from coterie.kit import clock
from coterie.people.models import Person
from coterie.people.queries import find_people, people_by_numbers

# Text that these hold anywhere finds a person; identities are found by their start.
_CONTAINING: Final = ("name", "email")
_SHORTEST: Final = 2
SESSION_GAP_MS: Final = 30 * 60_000
MOST_EVENTS: Final = 500
HABIT_DAYS: Final = 90
DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class Found:
    """People found, the best first; not `complete` while the index is being rebuilt: then only by identities."""

    people: list[Person]
    complete: bool


def search(workspace: Workspace, text: str, *, limit: int = 20) -> Found:
    """People by number, identity or start of one; then those whose name or email holds the text, last seen first."""
    text = text.strip()
    found = find_people(workspace, text, limit=limit)
    if len(found) >= limit or len(text) < _SHORTEST:
        return Found(found, complete=True)
    try:
        numbers = _holding(workspace, fold(text), limit=limit)
    except IndexRebuilding:
        return Found(found, complete=False)
    known = {person.number for person in found}
    more = people_by_numbers(workspace, [number for number in numbers if number not in known])
    return Found([*found, *more][:limit], complete=True)


def _holding(workspace: Workspace, text: str, *, limit: int) -> list[int]:
    index = queries.ready_index(workspace)
    bound = Bound()
    where, wanted = index.reader.where(bound, None), bound.add("String", text)
    columns = [index.names.fields[name].x for name in _CONTAINING]
    holds = " OR ".join(f"position(ifNull({x}, ''), {wanted}) > 0" for x in columns)
    starts = " OR ".join(f"startsWith(ifNull({x}, ''), {wanted})" for x in columns)
    seen = index.names.fields["last_seen"].x
    sql = (
        f"SELECT number FROM people FINAL WHERE {where} AND live = 1 AND ({holds}) "
        f"ORDER BY ({starts}) DESC, {seen} DESC NULLS LAST, number LIMIT {bound.add('UInt32', limit)}"
    )
    return [int(number) for (number,) in index.reader.page(sql, bound)]


@dataclass(frozen=True)
class FieldChange:
    """A value that was written during a session, with its origin: kind, reference, time in ms."""

    field: str
    value: Any
    origin: tuple[str, str, int]


@dataclass(frozen=True)
class Session:
    """A person's events with no pause of 30 minutes, times in ms, and what was written from its start on.

    A change counts until 30 minutes after the last event. Not `complete`: it began before the first of 500 events.
    """

    start: int
    end: int
    events: list[tuple[str, int]]
    changes: list[FieldChange]
    complete: bool


@dataclass(frozen=True)
class Habit:
    """How often a person comes: sessions of the last `days` days, fewer than 90 where 500 events say less."""

    sessions: int
    days: int


def sessions(workspace: Workspace, person: Person) -> tuple[Session | None, Habit]:
    """The latest session of a person, None when they have no events, and how often there was one."""
    events, more = queries.timeline(workspace, person.number, limit=MOST_EVENTS)
    if not events:
        return None, Habit(0, HABIT_DAYS)
    starts = [i for i in range(1, len(events)) if events[i - 1].at - events[i].at > SESSION_GAP_MS]
    habit = _habit([events[i].at for i in (0, *starts)], first=events[-1].at if more is not None else None)
    return _session(person, events, starts[0] if starts else len(events), cut=more is not None), habit


def _habit(ended: list[int], *, first: int | None) -> Habit:
    """From when sessions ended; `first` is the first event that was looked at, where there are earlier ones."""
    now = clock.to_ms(clock.now())
    since = max(now - HABIT_DAYS * DAY_MS, first or 0)
    return Habit(sum(since <= at for at in ended), max(1, round((now - since) / DAY_MS)))


def _session(person: Person, events: list[TimelineEvent], size: int, *, cut: bool) -> Session:
    start, end = events[size - 1].at, events[0].at
    names = Counter(event.name for event in events[:size])
    changes = [
        FieldChange(field, person.data.get(field), (kind, ref, at))
        for field, (kind, ref, at) in person.origins.items()
        if at is not None and start <= at <= end + SESSION_GAP_MS
    ]
    changes.sort(key=lambda change: (-change.origin[2], change.field))
    return Session(start, end, names.most_common(), changes, complete=size < len(events) or not cut)
