"""Whom a bulk action is about: numbers, or everyone of a filter, with some left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyroaring import BitMap

from coterie.accounts.permissions import Access
from coterie.audience import inputs
from coterie.audience.queries import ready_index
from coterie.kit.errors import InvalidInput
from coterie.segments.schemas import SelectionBody

# More people are changed by a job: on SQLite, tracking waits for the writer before it acknowledges.
AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Selected:
    """The people of a selection, as they were when it was made; `narrow` says that a filter has found them."""

    members: BitMap
    narrow: bool

    def __len__(self) -> int:
        return len(self.members)

    @property
    def numbers(self) -> list[int]:
        """Their numbers, in order."""
        return list(self.members)

    @property
    def at_once(self) -> bool:
        """Whether they are few enough to be changed while the caller waits."""
        return len(self.members) <= AT_ONCE


def selected(access: Access, selection: SelectionBody) -> Selected:
    """The people of a selection.

    InvalidInput when nothing is said of whom it is about: an empty filter is not everyone here, `everyone` is.
    """
    given = {
        name: value
        for name in ("where", "filter", "conditions", "expression")
        if (value := getattr(selection, name)) not in (None, "")
    }
    if (selection.numbers is None) == (not given):
        raise InvalidInput(
            "Say whom it is about: either 'numbers' or a filter; 'where': 'everyone' is everyone.",
            code="no_selection",
            details={"field": "selection"},
        )
    if selection.numbers is not None:
        found = BitMap(selection.numbers)
    else:
        made = inputs.read_filter(inputs.catalogue_for(access), **given)
        found = BitMap(ready_index(access.workspace).evaluate(made.root))
    return Selected(found - BitMap(selection.without), narrow=bool(given))
