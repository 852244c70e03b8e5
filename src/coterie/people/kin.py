"""Which numbers are one person: merging keeps each number, and leads it to the survivor's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from coterie.accounts.models import Workspace
from coterie.people.models import Person

# Numbers in one statement.
_CHUNK: Final = 500


def all_numbers(workspace: Workspace, numbers: Sequence[int]) -> list[int]:
    """The numbers and those of all people merged into them, directly or through others."""
    found, latest = list(numbers), list(numbers)
    while latest:
        merged: list[int] = []
        for some in chunks(latest):
            merged += Person.objects.of(workspace).filter(merged_into__in=some).values_list("number", flat=True)
        latest = merged
        found += latest
    return found


def every_number(workspace: Workspace, numbers: Sequence[int]) -> list[int]:
    """The numbers of these people, of their survivors, and of all who were merged into those; unknown ones not."""
    wanted = list(numbers)
    found: dict[int, None] = {}
    while wanted:
        rows = Person.objects.of(workspace).filter(number__in=wanted[:_CHUNK]).values_list("number", "merged_into")
        more = [into for number, into in rows if found.setdefault(number, None) is None and into not in found]
        wanted = wanted[_CHUNK:] + [into for into in more if into is not None]
    return list(dict.fromkeys(all_numbers(workspace, list(found))))


def roots(workspace: Workspace, numbers: Sequence[int]) -> dict[int, Person]:
    """By number, who each of these is today: themselves, or who they were merged into at last."""
    known: dict[int, Person] = {}
    wanted = list(dict.fromkeys(numbers))
    while wanted:
        for some in chunks(wanted):
            rows = Person.objects.of(workspace).filter(number__in=some).only("number", "state", "merged_into")
            known.update((row.number, row) for row in rows)
        wanted = list({row.merged_into for row in known.values() if row.merged_into is not None} - known.keys())
    found = {}
    for number in numbers:
        last = known.get(number)
        while last is not None and last.merged_into is not None:
            last = known[last.merged_into]
        if last is not None:
            found[number] = last
    return found


def chunks(numbers: Sequence[int]) -> list[Sequence[int]]:
    """The numbers in pieces that one statement takes."""
    return [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]
