"""What is kept about people, said by whoever keeps it: every column of every table, and every kind of file.

Each room has a table of these in its `personal.py`; privacy/registry.py puts them together. What is not declared does
not pass the tests, so nothing new is kept without saying what becomes of it when a person is erased.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from coterie.accounts.permissions import Access


class Class(StrEnum):
    """What a column says about a person.

    Personal: something about them, or by which they are known outside. Pseudonymous: a number of ours, which says
    nothing once what it leads to is gone. None: nothing about anyone.
    """

    PERSONAL = "personal"
    PSEUDONYMOUS = "pseudonymous"
    NONE = "none"


Row = Mapping[str, Any]
Reader = Callable[[Access, Sequence[int]], Iterable[Row]]
"""Reads what is kept of a person: the caller's access and the person's numbers, the survivor's first."""

Subject = Literal["person", "member", "nobody"]


@dataclass(frozen=True)
class Holding:
    """One table, or one kind of file.

    `columns` has every column. `subject` says whose data it is: of the people who talk to the bot, of members who log
    in, or nobody's. `erased` says what becomes of a person's part when they are erased, or why nothing has to. `read`
    gives that part for their download; a holding with personal columns of people has one, or says in `not_told` why it
    has none. `kept` says how long it stays where it is of no class that goes by its age (jobs/retaining.py).
    """

    name: str
    subject: Subject
    columns: Mapping[str, Class]
    erased: str = ""
    read: Reader | None = None
    not_told: str = ""
    kept: str = ""

    def __post_init__(self) -> None:
        if self.subject == "person" and not self.erased:
            raise ValueError(f"{self.name}: say what becomes of it when a person is erased")
        if self.holds_personal and self.subject == "person" and not (self.read or self.not_told):
            raise ValueError(f"{self.name}: say how a person gets a copy, or why they don't")

    @property
    def holds_personal(self) -> bool:
        """Whether a column of it is personal."""
        return Class.PERSONAL in self.columns.values()


def columns(*, personal: str = "", pseudonymous: str = "", none: str = "") -> dict[str, Class]:
    """Columns by class, each class as names with spaces between."""
    return {
        name: kind
        for kind, names in ((Class.PERSONAL, personal), (Class.PSEUDONYMOUS, pseudonymous), (Class.NONE, none))
        for name in names.split()
    }


def mentions(value: Any, folded: Collection[str]) -> bool:
    """Whether a JSON value holds one of these texts (case-folded) as a whole text or number, at any depth."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str | int | float) and str(one).strip().casefold() in folded:
            return True
    return False


def folded(values: Iterable[str]) -> set[str]:
    """The texts as `mentions` compares them, without empty ones."""
    return {value.strip().casefold() for value in values if value.strip()}
