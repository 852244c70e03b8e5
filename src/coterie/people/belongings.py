"""What other rooms keep by a person's number, such as static memberships: noted at a merge, given back when undone.

A room above people registers what it keeps. Moving it to the survivor is its own task: it follows the change log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coterie.accounts.models import Workspace


@dataclass(frozen=True)
class Handover:
    """Two people who are two again, and what was noted about each at the merge (None: nothing)."""

    survivor: int
    merged: int
    of_survivor: Any
    of_merged: Any


@dataclass(frozen=True)
class Belonging:
    """One kind of thing that is kept by number.

    `note` tells what people have, as JSON by number. `give_back` restores what the merged person had; both run in the
    transaction that merges or undoes, under the lock of the workspace's log.
    """

    name: str
    note: Callable[[Workspace, Collection[int]], Mapping[int, Any]]
    give_back: Callable[[Workspace, Handover], object]


_kept: dict[str, Belonging] = {}


def register(belonging: Belonging) -> None:
    """Have a kind noted from now on; one of the same name is replaced."""
    _kept[belonging.name] = belonging


def note(workspace: Workspace, merges: Sequence[tuple[Any, Any, Any, dict[str, Any]]]) -> None:
    """Add what both people of each merge have to its snapshot (the last part of a batch's merge)."""
    if not merges or not _kept:
        return
    numbers = {person.number for survivor, merged, *_ in merges for person in (survivor, merged)}
    for name, belonging in _kept.items():
        found = belonging.note(workspace, numbers)
        for survivor, merged, _, snapshot in merges:
            pair = [found.get(survivor.number), found.get(merged.number)]
            if pair != [None, None]:
                snapshot.setdefault("belongings", {})[name] = pair


def give_back(workspace: Workspace, survivor: int, merged: int, snapshot: Mapping[str, Any]) -> None:
    """Have every room give back what the snapshot of a merge says."""
    noted = snapshot.get("belongings", {})
    for name, belonging in _kept.items():
        of_survivor, of_merged = noted.get(name, (None, None))
        belonging.give_back(workspace, Handover(survivor, merged, of_survivor, of_merged))
