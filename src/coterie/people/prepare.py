"""Getting a batch ready: identities into their kept form, nested traits flat, and everything read in a few queries."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coterie.people import identities, names, tombstones
from coterie.people.batch import Batch
from coterie.people.edits import Origin, PersonEdit, Rejection
from coterie.people.fields import SPECIAL, TRAIT_ALIASES
from coterie.people.state import IdentityKey

_CLAIMING = {
    key: field.claims
    for key, field in [(key, SPECIAL[key]) for key in SPECIAL]
    + [(alias, SPECIAL[target]) for alias, target in TRAIT_ALIASES.items() if target in SPECIAL]
    if field.claims
}


class Ready:
    """An edit in the form that is applied.

    `keys` say who the person is; `extras` are identities that only add to the person, because the origin is a public
    write key. `problems` are identities that can't be kept. `erased` says that it names someone who was erased.
    """

    __slots__ = ("edit", "erased", "extras", "keys", "origin", "problems", "set", "set_once")

    def __init__(self, edit: PersonEdit, origin: Origin) -> None:
        self.edit = edit
        self.origin = origin
        self.keys: list[IdentityKey] = []
        self.extras: list[IdentityKey] = []
        self.problems: list[Rejection] = []
        self.set = flat(edit.set)
        self.set_once = flat(edit.set_once)
        self.erased = False

    def read_identities(self, region: str | None) -> None:
        """Bring the edit's identities into their kept form."""
        public = self.origin.kind == "tracking"
        for kind, raw in self.edit.identities:
            either = kind in identities.UNCERTAIN
            try:
                value = identities.normalise("user_id" if either else kind, raw, region)
            except identities.Unusable as unusable:
                self.problems.append(Rejection(kind, raw, unusable.reason))
                continue
            kept = self.keys if either or not public or identities.KINDS[kind].public else self.extras
            kept.append((kind, value))


def flat(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values without nesting; the same object when nothing is nested."""
    for value in values.values():
        if isinstance(value, dict):
            return dict(names.flatten(values))
    return values


def prepare(batch: Batch, edits: Sequence[PersonEdit], default: Origin) -> list[Ready]:
    """Bring the edits into the form that is applied, and read all that they touch."""
    now = batch.now_ms
    if default.at is None:
        default = default._replace(at=now)
    ready = []
    for edit in edits:
        origin = edit.origin or default
        if origin.at is None:
            origin = origin._replace(at=now)
        one = Ready(edit, origin)
        if edit.identities:
            one.read_identities(batch.region)
        ready.append(one)
    _load(batch, ready)
    batch.new_names.load_events(edits)
    return ready


def _load(batch: Batch, ready: list[Ready]) -> None:
    wanted: dict[IdentityKey, None] = {}
    keys: set[str] = set()
    numbers: set[int] = set()
    for one in ready:
        wanted.update(dict.fromkeys(_named(one, batch.region)))
        for values in (one.set, one.set_once):
            keys.update(values)
        keys.update(one.edit.clear)
        keys.update(one.edit.reread)
        if one.edit.number is not None:
            numbers.add(one.edit.number)
        numbers.update(one.edit.same_as)
    batch.load_owners(wanted)
    erased = tombstones.among(batch.cursor, batch.log, wanted)
    if erased:
        for one in ready:
            one.erased = not erased.isdisjoint(_named(one, batch.region))
    numbers.update(number for number in batch.owners.values() if number is not None)
    batch.load_people(numbers)
    batch.load_rules(keys)
    batch.load_names(_perhaps_merged(batch, ready))


def _named(one: Ready, region: str | None) -> Iterator[IdentityKey]:
    """All identities of an edit, with those that traits such as email claim; one missed here is read when needed."""
    for kind, value in one.keys:
        if kind in identities.UNCERTAIN:
            yield "user_id", value
            yield "anonymous_id", value
        else:
            yield kind, value
    yield from one.extras
    for values in (one.set, one.set_once):
        for key in _CLAIMING.keys() & values.keys() if values else ():
            kind, raw = _CLAIMING[key], values[key]
            if isinstance(raw, str):
                with contextlib.suppress(identities.Unusable):
                    yield kind, identities.normalise(kind, raw, region)


def _perhaps_merged(batch: Batch, ready: list[Ready]) -> set[int]:
    """The people of edits that name several: the journal of a merge needs all their identities."""
    found: set[int] = set()
    for one in ready:
        if len(one.keys) + (one.edit.number is not None) < 2:
            continue
        people = {number for key in one.keys if (number := batch.owners.get(key)) is not None}
        if one.edit.number is not None:
            people.add(one.edit.number)
        if len(people) > 1:
            found.update(people & batch.people.keys())
    return found
