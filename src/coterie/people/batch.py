"""One call of apply_edits: what was read, what has changed in memory, and what is still to be read."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from django.db.backends.utils import CursorWrapper

from coterie.accounts.models import Workspace
from coterie.filters.fields import BUILTIN_FIELDS, FieldType
from coterie.kit import clock
from coterie.kit.reasons import Reason
from coterie.people import allowed, fields, lookups, names, store
from coterie.people.edits import EventRecord, Origin, Outcome, Rejection
from coterie.people.models import Attribute, RejectedValue, WorkspaceLog
from coterie.people.new_names import NewNames
from coterie.people.state import IdentityKey, PersonState

DELETED = Reason("deleted_attribute", "the attribute was deleted; restore it to store values again")
_BUILTIN_RULES = {key: fields.builtin_rule(key) for key in BUILTIN_FIELDS}


class RejectedRow(NamedTuple):
    """A rejected value as it is stored: value, details of the reason and origin as JSON text."""

    value: str
    reason: str
    at: datetime
    origin: str
    code: str = ""
    details: str = "{}"


class Batch:
    """The workspace as a batch of edits sees it. It lives inside one transaction that holds the workspace's log.

    `asked` says that someone waits for the answer: what can't be taken is told and not kept, and a new key makes no
    attribute. Reasons name the number of another person only with `names_holders`. Outcomes hold values with
    `tells_values`, those of new people only with `tells_new` too.

    `owners` maps identities to person numbers (None: nobody's). `rules` maps keys, as sent, to rules; `fresh` holds
    those of attributes that this batch makes. `rejected` are the rejected values there are now, `rejected_before`
    those that were there. Everything from `claimed` on is what the edits have changed and flush.py writes.
    """

    def __init__(self, workspace: Workspace, cursor: CursorWrapper, log: WorkspaceLog) -> None:
        self.workspace = workspace
        self.cursor = cursor
        self.log = log
        self.now: datetime = clock.now()
        self.now_ms = clock.to_ms(self.now)
        self.region = lookups.country_of_zone(workspace.timezone)
        self.asked = False
        self.names_holders = True
        self.tells_values = self.tells_new = False
        self.new_names = NewNames(workspace, cursor)
        self._protected: frozenset[str] | None = None
        self._some_rejected: bool | None = None

        self.people: dict[int, PersonState] = {}
        self.owners: dict[IdentityKey, int | None] = {}
        self.rules: dict[str, fields.Rule] = {}
        self.fresh: dict[str, fields.Rule] = {}
        self.rejected: dict[tuple[int, str], RejectedRow] = {}
        self.rejected_before: dict[tuple[int, str], RejectedRow] = {}

        self.claimed: dict[IdentityKey, tuple[PersonState, str]] = {}
        self.released: set[IdentityKey] = set()
        self.suggestions: dict[tuple[int, int], Reason] = {}
        self.merges: list[tuple[PersonState, PersonState, Origin, dict[str, Any]]] = []
        self.events: list[tuple[PersonState, EventRecord]] = []

    # Reading

    def load_owners(self, wanted: Iterable[IdentityKey]) -> None:
        """Read who has these identities, one query per kind."""
        by_kind: dict[str, list[str]] = {}
        for key in wanted:
            self.owners[key] = None
            by_kind.setdefault(key[0], []).append(key[1])
        for kind, values in by_kind.items():
            for value, number in store.owners(self.cursor, self.workspace.pk, kind, values):
                self.owners[kind, value] = number

    def load_people(self, numbers: Iterable[int]) -> None:
        """Read these people and those they were merged into."""
        wanted = set(numbers) - self.people.keys()
        while wanted:
            following = set()
            for number, state, into, data, origins in store.people(self.cursor, self.workspace.pk, wanted):
                self.people[number] = PersonState(number, state, into, orjson.loads(data), orjson.loads(origins))
                if into is not None:
                    following.add(into)
            self._load_rejected(wanted)
            wanted = following - self.people.keys()

    def load_names(self, numbers: Iterable[int]) -> None:
        """Read all identities of these people, who must have been read before."""
        wanted = {number for number in numbers if self.people[number].names is None}
        if not wanted:
            return
        for number in wanted:
            self.people[number].names = set(self.people[number].added or ())
        for number, kind, value in store.identities(self.cursor, self.workspace.pk, wanted):
            if (kind, value) not in self.released:
                found = self.people[number].names
                assert found is not None
                found.add((kind, value))

    def protected_keys(self) -> frozenset[str]:
        """The keys of all attributes that a public write key may not set."""
        if self._protected is None:
            rows = Attribute.objects.of(self.workspace).filter(protected=True)
            self._protected = frozenset(rows.values_list("key", flat=True))
        return self._protected

    def _load_rejected(self, numbers: Iterable[int]) -> None:
        """Read the rejected values of these people; most workspaces have none, which is found out once."""
        if self._some_rejected is None:
            self._some_rejected = RejectedValue.objects.of(self.workspace).exists()
        if self._some_rejected:
            for (number, key), stored in store.rejected(self.cursor, self.workspace.pk, numbers):
                row = RejectedRow(*stored)
                self.rejected[number, key] = self.rejected_before[number, key] = row

    def load_rules(self, keys: Iterable[str]) -> None:
        """Find the rules of these keys; keys of no field yet get none until their first value comes."""
        kept: dict[str, str] = {}
        for raw in keys:
            name, problem = names.read_key(raw)
            name = fields.canonical(name)
            if problem:
                self.rules[raw] = fields.refused_rule(name, problem)
            elif name in _BUILTIN_RULES:
                self.rules[raw] = _BUILTIN_RULES[name]
            else:
                kept[raw] = name
        if not kept:
            return
        rows = store.attributes(self.cursor, self.workspace.pk, set(kept.values()))
        by_name = {
            key: fields.refused_rule(key, DELETED)
            if deleted_at is not None
            else fields.attribute_rule(
                key, FieldType(type), protected=bool(protected), why_not=_why_not(orjson.loads(limits))
            )
            for key, type, protected, limits, deleted_at in rows
        }
        for raw, name in kept.items():
            if name in by_name:
                self.rules[raw] = by_name[name]

    # Finding

    def owner(self, key: IdentityKey) -> PersonState | None:
        """The live person who has an identity, None when nobody has it."""
        if key not in self.owners:
            self.load_owners([key])
        number = self.owners[key]
        return None if number is None else self.live(number)

    def live(self, number: int) -> PersonState | None:
        """The person of that number or the one they were merged into; None when unknown or deleted."""
        if number not in self.people:
            self.load_people([number])
        person = self.people.get(number)
        while person is not None and person.merged_into is not None:
            person = self.people[person.merged_into]
        return person if person is not None and person.state == "active" else None

    def names_of(self, person: PersonState) -> set[IdentityKey]:
        """All identities of a person."""
        if person.names is None:
            self.load_names([person.number])
        assert person.names is not None
        return person.names

    def region_of(self, person: PersonState) -> str | None:
        """The ISO code assumed for the person's phone numbers."""
        country = person.data.get("country")
        return (lookups.country_code(country) if country else None) or self.region

    # Changing

    def create(self, origin: Origin) -> PersonState:
        """A new person with the next number."""
        person = PersonState.new(self.log.next_number, self.now_ms)
        if person.number > 0xFFFFFFFF:
            raise OverflowError("person numbers are 32-bit: this workspace has used them up")
        self.log.next_number += 1
        person.cause = origin
        self.people[person.number] = person
        return person

    def attribute(self, raw: str, type: FieldType) -> fields.Rule:
        """The rule of an attribute that this batch makes."""
        key = names.read_key(raw).name
        rule = self.fresh.get(key)
        if rule is None:
            rule = self.fresh[key] = fields.attribute_rule(key, type)
        self.rules[raw] = rule
        return rule

    def claim(self, person: PersonState, key: IdentityKey, origin: Origin) -> None:
        """Give a free identity to a person."""
        self.owners[key] = person.number
        self.claimed[key] = (person, origin.kind)
        if person.names is not None:
            person.names.add(key)
        elif person.added is None:
            person.added = [key]
        else:
            person.added.append(key)

    def release(self, person: PersonState, key: IdentityKey) -> None:
        """Take an identity from a person who has it."""
        self.owners[key] = None
        # One claimed in this batch may have a row too, when it was released before it was claimed again.
        self.released.add(key)
        self.claimed.pop(key, None)
        if person.names is not None:
            person.names.discard(key)
        elif person.added and key in person.added:
            person.added.remove(key)

    def reject(self, person: PersonState, outcome: Outcome, rejection: Rejection, origin: Origin) -> None:
        """Keep a value that was not taken, with its reason; only the latest per person and key is kept."""
        outcome.rejected.append(rejection)
        self.keep_rejected(person, rejection, origin)

    def keep_rejected(self, person: PersonState, rejection: Rejection, origin: Origin) -> None:
        """The same without telling the outcome."""
        # ASCII escapes carry what no database text can: NUL and lone surrogates.
        value, reason = json.dumps(rejection.value, default=str), rejection.reason
        row = RejectedRow(value, reason, self.now, json.dumps(origin), reason.code, json.dumps(reason.details))
        self.rejected[person.number, rejection.key] = row

    def forget_new_rejections(self) -> None:
        """Leave the kept rejected values as they were, but for those that a good value has replaced."""
        before = self.rejected_before
        self.rejected = {at: before[at] for at in self.rejected if at in before}

    def accept(self, person: PersonState, key: str) -> None:
        """Note that a key has a good value or was cleared, so that a rejected value for it goes."""
        self.rejected.pop((person.number, key), None)

    def move_rejected(self, loser: PersonState, survivor: PersonState) -> None:
        """Hand rejected values on in a merge; the survivor's own stay."""
        for number, key in [at for at in self.rejected if at[0] == loser.number]:
            row = self.rejected.pop((number, key))
            self.rejected.setdefault((survivor.number, key), row)

    def suggest(self, person: PersonState, other: PersonState, reason: Reason) -> None:
        """Suggest that two people are one."""
        low, high = sorted((person.number, other.number))
        self.suggestions.setdefault((low, high), reason)


def _why_not(kept: dict[str, Any]) -> Callable[[Any], Reason | None] | None:
    limits = allowed.of_stored(kept)
    return None if limits is None else partial(allowed.why_not, limits)
