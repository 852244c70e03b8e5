"""How long what is kept: a class is what goes together by its age. Each room has a table of its own in `retained.py`.

A workspace may set a rule for a class; without one its default holds, and a class without a default stays. The one
place that removes by age is privacy/retention.py. What a class finds and what it removes come from one selection, so a
dry run tells what will go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, Protocol

from django.db.models import Min, Q, QuerySet

from coterie.accounts.models import Workspace
from coterie.jobs.models import RetentionRule
from coterie.kit import clock

Action = Literal["remove", "delete", "erase"]

CHUNK: Final = 500
SAMPLE: Final = 10

MOST_DAYS: Final = 36_500


@dataclass(frozen=True)
class Held:
    """Whom legal holds keep: everyone, or people by all numbers that they have had."""

    everyone: bool = False
    numbers: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everyone or bool(self.numbers)


class Cut(NamedTuple):
    """What of a class is to go: what is older than an instant, but for those whom a hold keeps."""

    workspace: Workspace
    before: datetime
    held: Held
    action: Action = "remove"


class Found(NamedTuple):
    """What would go: entries, people in them (None where they name none by number), the oldest, ids or numbers.

    `paused` says that a hold keeps all of it.
    """

    rows: int = 0
    people: int | None = None
    oldest: datetime | None = None
    sample: Sequence[int | str] = ()
    paused: bool = False


class Removed(NamedTuple):
    """How many entries a step has removed, and the key of the last one that it looked at."""

    rows: int
    mark: int


class Source(Protocol):
    """Where the entries of a class are; `look`, and `next` with `drop`, choose the same ones."""

    def look(self, cut: Cut) -> Found:
        """Count what would go; changes nothing."""

    def next(self, cut: Cut, mark: int) -> Sequence[int]:
        """The keys above `mark` that one step is about, in order; none when all is done."""

    def drop(self, cut: Cut, keys: Sequence[int]) -> Removed:
        """Remove these where they are still to go; in the caller's transaction, and with the holds as they are now."""


@dataclass(frozen=True)
class Retained:
    """A class: what is kept for so many days.

    `holdings` are those of the register (accounts/holding.py) that it removes. `default` gives the days without a
    rule, None for ever. `follow` is told of a workspace and its days when they change.
    """

    name: str
    holdings: tuple[str, ...]
    source: Source
    default: Callable[[], int | None] = lambda: None
    actions: tuple[Action, ...] = ("remove",)
    follow: Callable[[Workspace, int], object] = lambda workspace, days: None


@dataclass(frozen=True)
class Rows:
    """Rows of a table that go by their age.

    `old` are those from before an instant, `at` the column of their age, `numbers` the columns with a person's number.
    Rows without one may be about anyone: they all stay while somebody is held. `shown` is what a sample names.
    """

    old: Callable[[Workspace, datetime], QuerySet[Any]]
    at: str
    numbers: tuple[str, ...] = ()
    shown: str = "public_id"
    remove: Callable[[Any], object] | None = None

    def look(self, cut: Cut) -> Found:
        rows = self.going(cut)
        if rows is None:
            return Found(paused=True)
        shown = self.numbers[0] if self.numbers else self.shown
        count, oldest = rows.count(), rows.aggregate(oldest=Min(self.at))["oldest"]
        if oldest is not None and not isinstance(oldest, datetime):
            oldest = datetime.combine(oldest, datetime.min.time(), tzinfo=cut.before.tzinfo)
        people = rows.values(shown).distinct().count() if self.numbers else None
        named = list(dict.fromkeys(rows.order_by("pk").values_list(shown, flat=True)[:SAMPLE]))
        return Found(count, people, oldest, named)

    def next(self, cut: Cut, mark: int) -> Sequence[int]:
        rows = self.going(cut)
        return (
            [] if rows is None else list(rows.filter(pk__gt=mark).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        )

    def drop(self, cut: Cut, keys: Sequence[int]) -> Removed:
        rows = self.going(cut)
        if rows is None:
            return Removed(0, keys[-1])
        going = list(rows.filter(pk__in=keys).order_by("pk"))
        if self.remove is None:
            rows.model.objects.of(cut.workspace).filter(pk__in=[row.pk for row in going]).delete()
        else:
            for row in going:
                self.remove(row)
        return Removed(len(going), keys[-1])

    def going(self, cut: Cut) -> QuerySet[Any] | None:
        """The rows that go; None when a hold keeps them all."""
        if cut.held.everyone or (cut.held and not self.numbers):
            return None
        rows = self.old(cut.workspace, cut.before)
        if cut.held:
            kept = Q()
            for name in self.numbers:
                kept |= Q(**{f"{name}__in": cut.held.numbers})
            rows = rows.exclude(kept)
        return rows


def rule_of(workspace: Workspace, kept: Retained) -> RetentionRule | None:
    """The workspace's own rule for a class."""
    return RetentionRule.objects.of(workspace).filter(name=kept.name).first()


def days_of(workspace: Workspace, kept: Retained) -> int | None:
    """For how many days a workspace keeps a class; None for ever."""
    rule = rule_of(workspace, kept)
    return rule.days if rule is not None else kept.default()


def period(workspace: Workspace, kept: Retained) -> timedelta | None:
    """`days_of` as a length of time."""
    days = days_of(workspace, kept)
    return timedelta(days=days) if days is not None else None


def edge(days: int, at: datetime | None = None) -> datetime:
    """The instant before which something is older than so many days."""
    return (at or clock.now()) - timedelta(days=days)
