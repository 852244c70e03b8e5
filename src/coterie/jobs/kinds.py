"""The kinds of job there are: rooms above register theirs here."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from coterie.jobs.models import Job

if TYPE_CHECKING:
    from coterie.jobs.turn import Turn

Steps = Generator[None, None, dict[str, Any]]
"""What a job does. Each `yield` is a place where it may be stopped: what came before is committed with its checkpoint.

The value returned is the job's result.
"""


def _fine(_job: Job) -> None:
    return None


def _nothing(_job: Job) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """One row of a room's table of jobs.

    `run` begins at `turn.checkpoint`, which is empty the first time, and may be run again from any checkpoint.
    `mail` says when the requester gets a mail at the end: when they have chosen to, at most when it took long, when it
    failed, or never. At most when it took long is for a step that one waits for before the next, such as a rehearsal.
    `before_retry` raises when a job that ended can't go on. `about` is the id of what a job works on, empty where it
    stands alone. Of one that runs `by_clock` only a failure is told: to its requester, or to the owners where that is
    nobody. Without `needs_index` it asks the database alone: embedded, it runs in the second process, which can't open
    the index.
    """

    name: str
    run: Callable[[Turn], Steps]
    mail: Literal["chosen", "long", "failed", "never"] = "chosen"
    before_retry: Callable[[Job], None] = _fine
    about: Callable[[Job], str] = _nothing
    by_clock: bool = False
    needs_index: bool = True


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known to the workers of this process; a name has one kind."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"there are two kinds of job called {kind.name!r}")


def kind_of(name: str) -> Kind | None:
    """The kind of that name; None when this process does not know it."""
    return _kinds.get(name)


def about(job: Job) -> str:
    """The id of what a job works on, such as an import; empty where there is none or its kind is not known."""
    kind = kind_of(job.kind)
    return kind.about(job) if kind is not None else ""


def known(*, needs_index: bool | None = None) -> list[str]:
    """The names of all kinds, or of those that need the index, or of those that don't."""
    return sorted(name for name, kind in _kinds.items() if needs_index in (None, kind.needs_index))
