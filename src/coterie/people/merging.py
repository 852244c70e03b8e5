"""Merging two people in memory: who survives, which values stay, what the journal keeps.

The journal's snapshot holds all that undoing needs (unmerging.py): `survivor` and `merged`, both people as they were
(`number`, `data`, `origins`, `identities`, `rejected`, and `created_at` where the survivor's moved back); `carried`
{field: [value, origin]} and `rejected` {key: row}, what the survivor had otherwise by the merge, null for none; and
`belongings`, what other rooms keep by the numbers of both (belongings.py).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from coterie.filters.values import fold
from coterie.kit import clock
from coterie.kit.reasons import Reason
from coterie.people.batch import Batch
from coterie.people.edits import Origin, Outcome, Rejection
from coterie.people.state import PersonState, ms_of_iso
from coterie.people.values import created_ms


def rank(person: PersonState) -> tuple[bool, int]:
    """The lower one survives: who has a user id before who has none, then the lower number."""
    return not person.known, person.number


# The earliest or the latest of both, a ban, and what follows from identities: nobody chooses these.
SETTLED: Final = frozenset({"created_at", "first_seen", "last_seen", "banned", "channels"})
_NOT_BY_PUBLIC: Final = frozenset({"banned", "tester"})
_HELD_BACK: Final = Reason("not_carried_over", "a public write key merged two people; this value was not carried over")


def merge(
    batch: Batch,
    one: PersonState,
    two: PersonState,
    origin: Origin,
    outcome: Outcome,
    *,
    prefer: Mapping[str, int] | None = None,
) -> PersonState:
    """Merge two people and return the survivor; the order of the two makes no difference.

    The survivor's values stay unless it has none or the other's is newer. Lists and tags are united, the earliest
    first_seen and created_at and the latest last_seen count, who was banned stays banned. `prefer` maps other fields
    to the number of the one whose value stays, or whose lack of one. The other's identities move. With a public write
    key `banned`, `tester` and protected values do not move: they are kept as rejected values.
    """
    survivor, loser = sorted((one, two), key=rank)
    batch.load_names((survivor.number, loser.number))
    mine, theirs = _picture(batch, survivor), _picture(batch, loser)
    held_back = batch.protected_keys() | _NOT_BY_PUBLIC if origin.kind == "tracking" else frozenset[str]()
    for key, value in loser.data.items():
        if key in held_back:
            if survivor.data.get(key) != value:
                batch.reject(survivor, outcome, Rejection(key, value, _HELD_BACK), origin)
        else:
            _carry(batch, survivor, loser, key, mine)
    for key, number in (prefer or {}).items():
        _choose(survivor, mine if number == survivor.number else theirs, key)
    batch.names_of(survivor).update(batch.names_of(loser))
    batch.move_rejected(loser, survivor)
    snapshot = {
        "survivor": mine,
        "merged": theirs,
        "carried": _differences(mine, survivor),
        "rejected": _replaced(mine["rejected"], rejected_of(batch, survivor)),
    }
    loser.state, loser.merged_into = "merged", survivor.number
    loser.data, loser.origins = {}, {}
    loser.touch(origin)
    survivor.touch(origin)
    batch.merges.append((survivor, loser, origin, snapshot))
    outcome.merged.append(loser.number)
    return survivor


def _picture(batch: Batch, person: PersonState) -> dict[str, Any]:
    return {
        "number": person.number,
        "data": dict(person.data),
        "origins": dict(person.origins),
        "identities": sorted(list(key) for key in batch.names_of(person)),
        "rejected": rejected_of(batch, person),
    }


def rejected_of(batch: Batch, person: PersonState) -> dict[str, list[str]]:
    """A person's rejected values as the journal keeps them: key to value, reason, time, origin, code and details."""
    return {
        key: [row.value, row.reason, row.at.isoformat(), row.origin, row.code, row.details]
        for (number, key), row in batch.rejected.items()
        if number == person.number
    }


def _differences(before: Mapping[str, Any], person: PersonState) -> dict[str, list[Any] | None]:
    """What the survivor has otherwise than before, as value and origin; None for what it has no more."""
    data, origins = before["data"], before["origins"]
    found: dict[str, list[Any] | None] = {}
    for key in data.keys() | person.data.keys():
        if key not in person.data:
            found[key] = None
        elif key not in data or (data[key], origins.get(key)) != (person.data[key], person.origins.get(key)):
            found[key] = [person.data[key], person.origins.get(key)]
    return found


def _replaced(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {key: row for key, row in after.items() if before.get(key) != row}


def _choose(survivor: PersonState, chosen: Mapping[str, Any], key: str) -> None:
    """Give the survivor the value of one of the two, with its origin."""
    survivor.data.pop(key, None)
    survivor.origins.pop(key, None)
    if key in chosen["data"]:
        survivor.data[key] = chosen["data"][key]
        if key in chosen["origins"]:
            survivor.origins[key] = chosen["origins"][key]


def _carry(batch: Batch, survivor: PersonState, loser: PersonState, key: str, picture: dict[str, Any]) -> None:
    mine, theirs = survivor.data.get(key), loser.data[key]
    if key == "created_at":
        _carry_created(batch, survivor, theirs, picture)
        return
    if mine is not None:
        rule = _RULES.get(key)
        if rule is not None:
            theirs = rule(mine, theirs)
        elif isinstance(mine, list) and isinstance(theirs, list):
            theirs = _united(mine, theirs)
        elif _at(loser, key) <= _at(survivor, key):
            return
    if theirs == mine:
        return
    survivor.data[key] = theirs
    if key in loser.origins:
        survivor.origins[key] = loser.origins[key]


_RULES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "first_seen": min,
    "last_seen": max,
    "banned": max,
    "user_id": lambda mine, theirs: mine,
    "channels": lambda mine, theirs: sorted({*mine, *theirs}),
}


def _carry_created(batch: Batch, survivor: PersonState, theirs: str, picture: dict[str, Any]) -> None:
    mine = survivor.data.get("created_at") or clock.iso_ms(created_ms(batch, survivor))
    if theirs < mine:
        picture["created_at"] = mine
        survivor.data["created_at"] = theirs
        survivor.created_at = ms_of_iso(theirs)


def _united(mine: list[str], theirs: list[str]) -> list[str]:
    """Both lists' members, the survivor's first; members that differ only in case are one."""
    known = {fold(item) for item in mine}
    return [*mine, *(item for item in theirs if fold(item) not in known)]


def _at(person: PersonState, key: str) -> int:
    origin = person.origins.get(key)
    return int(origin[2] or 0) if origin else 0
