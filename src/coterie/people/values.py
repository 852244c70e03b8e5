"""Setting and clearing the fields of one person in memory, and what follows from that."""

from collections.abc import Mapping
from typing import Any, Final

from coterie.filters.errors import Rejected
from coterie.filters.fields import FieldType
from coterie.filters.values import NO_VALUE, fold, infer_type
from coterie.kit import clock
from coterie.kit.reasons import Reason
from coterie.people import identities, lookups, store
from coterie.people.batch import Batch
from coterie.people.edits import Origin, Outcome, Rejection, Taken, held_user_id
from coterie.people.fields import FIRST_NAMES, LAST_NAMES, NAME_PARTS, Rule, reader, without_nul
from coterie.people.names import read_key
from coterie.people.state import IdentityKey, PersonState, ms_of_iso

_read_text = reader(FieldType.TEXT)

_NO_FIELD: Final = Reason("no_field", "there is no such field")
_NO_ATTRIBUTE: Final = Reason("no_attribute", "there is no such field; create the attribute first")
_NOT_CLEARED: Final = Reason("not_cleared", "this can't be cleared")


class Writer:
    """Writes the fields of one person for one edit."""

    __slots__ = ("batch", "origin", "outcome", "person", "stored")

    def __init__(
        self, batch: Batch, person: PersonState, origin: Origin, outcome: Outcome, *, stored: bool = False
    ) -> None:
        self.batch = batch
        self.person = person
        self.origin = origin
        self.outcome = outcome
        self.stored = stored

    def set(self, key: str, raw: Any) -> None:
        """Set a field to a raw value; an empty one clears it, one that does not convert is kept as rejected."""
        rule = self.batch.rules.get(key) or self._new_attribute(key, raw)
        if rule is None or (rule.guarded and self._denied(rule, raw)):
            return
        special, person = rule.special, self.person
        value = raw
        if not self.stored:
            try:
                value = rule.read(raw, self.batch.region_of(person) if special.claims == "phone" else None)
            except Rejected as rejected:
                self._reject(rule.key, raw, rejected.reason)
                return
        if value is NO_VALUE:
            self._clear(rule)
            return
        if special.moves:
            self._move(rule, value)
            return
        old = person.data.get(rule.key)
        if old == value and old.__class__ is value.__class__:
            self._confirm(rule, value)
            return
        if rule.why_not is not None and not self.stored and (why := rule.why_not(value)):
            self._reject(rule.key, raw, why)
            return
        if special.claims and not self._take_identity(special.claims, old, value, raw):
            return
        person.put(rule.key, value, self.origin)
        self.outcome.changed_keys.append(rule.key)
        if self.batch.rejected:
            self.batch.accept(person, rule.key)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Set fields of a new person to stored values: as `set` does for each, in one go where nothing is special."""
        batch, person, origin = self.batch, self.person, self.origin
        data, origins, keys, changed = person.data, person.origins, person.keys, self.outcome.changed_keys
        for key, value in values.items():
            rule = batch.rules.get(key)
            if rule is None or not rule.plain or value is NO_VALUE or rule.key in data or batch.rejected:
                self.set(key, value)
                continue
            data[rule.key] = value
            origins[rule.key] = [origin.kind, origin.ref, origin.at]
            keys[rule.key] = None
            changed.append(rule.key)
        person.touch(origin)

    def set_once(self, key: str, raw: Any) -> None:
        """Set a field that has no value yet; an empty raw value does nothing."""
        rule = self.batch.rules.get(key)
        if (rule is None or rule.key not in self.person.data) and not _is_empty(raw):
            self.set(key, raw)

    def clear(self, key: str) -> None:
        """Leave a field without a value."""
        rule, asked = self.batch.rules.get(key), self.batch.asked
        if rule is not None:
            # Without a value too: that a field of the system has none yet does not make it anyone else's.
            if not (asked and rule.special.by_hand and self._denied(rule, None)):
                self._clear(rule)
        elif asked:
            self._reject(key, None, _NO_FIELD)

    def change_tags(self, add: Any, remove: Any) -> None:
        """Add tags, then remove tags; tags that differ only in case are one."""
        present = {fold(tag): tag for tag in self.person.data.get("tags", ())}
        before = list(present.values())
        for raw in add:
            try:
                tag = without_nul(_read_text(raw, None))
            except Rejected as rejected:
                self._reject("tags", raw, rejected.reason)
                continue
            if tag is not NO_VALUE:
                present.setdefault(fold(tag), tag)
        for raw in remove:
            present.pop(fold(str(raw).strip()), None)
        after = list(present.values())
        if after == before:
            return
        if after:
            self.person.put("tags", after, self.origin)
        else:
            self.person.drop("tags", self.origin)
        self.outcome.changed_keys.append("tags")

    def reread(self, key: str) -> None:
        """Read a stored value anew under the field's present type; what does not convert becomes a rejected value."""
        rule, person = self.batch.rules.get(key), self.person
        if rule is None or rule.refused or rule.key not in person.data:
            return
        old = person.data[rule.key]
        try:
            value = rule.read(old, None)
        except Rejected as rejected:
            person.drop(rule.key, self.origin)
            self._reject(rule.key, old, rejected.reason)
        else:
            if old == value and old.__class__ is value.__class__:
                return
            # It is the same value in another form: where it came from stays.
            person.data[rule.key] = value
            person.touch(self.origin)
        self.outcome.changed_keys.append(rule.key)

    def seen(self, at_ms: int) -> None:
        """Move last_seen forward and first_seen back to a time in milliseconds."""
        data = self.person.data
        try:
            at = clock.iso_ms(at_ms)
        except OverflowError:
            return
        last, first = data.get("last_seen"), data.get("first_seen")
        if last is None or at > last:
            data["last_seen"] = at
            self.outcome.changed_keys.append("last_seen")
            self.person.touch(self.origin)
        if first is None or at < first:
            data["first_seen"] = at
            self.outcome.changed_keys.append("first_seen")
            self.person.touch(self.origin)

    def claim(self, key: IdentityKey) -> None:
        """Give the person a free identity; it also fills the field that shows it, when that is empty."""
        self.batch.claim(self.person, key, self.origin)
        kind, value = key
        shown = identities.KINDS[kind].field
        if shown is not None and shown not in self.person.data:
            self.person.put(shown, value, self.origin)
            self.outcome.changed_keys.append(shown)
        elif kind != "anonymous_id":
            self.person.touch(self.origin)
        if identities.KINDS[kind].channel and kind not in self.person.data.get("channels", ()):
            known = identities.channels([*self.person.data.get("channels", ()), kind])
            self.person.put("channels", known, self.origin)
            self.outcome.changed_keys.append("channels")

    def derive(self) -> None:
        """Fill what follows from the fields that this edit changed: place from phone and IP, name from its parts."""
        changed, data = self.outcome.changed_keys, self.person.data
        if "phone" in changed and "phone" in data:
            country, zone = lookups.place_of_phone(data["phone"])
            self._derived("country", country, "phone", replace=False)
            self._derived("timezone", zone, "phone", replace=False)
        if "ip" in changed and "ip" in data:
            self._derived("country", lookups.country_of_ip(data["ip"]), "ip", replace=True)
        if not NAME_PARTS.isdisjoint(changed):
            parts = [next((data[key] for key in row if key in data), None) for row in (FIRST_NAMES, LAST_NAMES)]
            name = " ".join(part for part in parts if isinstance(part, str))
            self._derived("name", name or None, "name", replace=True)

    def _derived(self, key: str, value: str | None, source: str, *, replace: bool) -> None:
        """Put a derived value where there is none, or, with `replace`, where the old one was derived too."""
        old = self.person.data.get(key)
        if value is None or value == old:
            return
        if old is not None and not (replace and self.person.origin_kind(key) == "derived"):
            return
        self.person.put(key, value, Origin("derived", source, self.origin.at))
        self.person.cause = self.origin
        self.outcome.changed_keys.append(key)

    def _new_attribute(self, key: str, raw: Any) -> Rule | None:
        """The rule of an attribute made for its first value; None when there is nothing to make it from."""
        if self.batch.asked:
            self._reject(key, raw, _NO_ATTRIBUTE)
            return None
        if _is_empty(raw):
            return None
        try:
            kind = infer_type(raw)
            # A first value that can't be stored makes no attribute.
            reader(kind)(raw, None)
        except Rejected as rejected:
            self._reject(key, raw, rejected.reason)
            return None
        name = read_key(key).name
        if name not in self.batch.fresh and (why := self.batch.new_names.attribute_refused(self.origin.kind)):
            self._reject(name, raw, why)
            return None
        return self.batch.attribute(key, kind)

    def _denied(self, rule: Rule, raw: Any) -> bool:
        asked = self.batch.asked
        why = rule.denial(self.origin.kind, asked=asked)
        # Sending back what is there already is no attempt to change it: SDKs repeat all traits every time.
        if why and (rule.refused or self.person.data.get(rule.key) != raw or (asked and raw is None)):
            self._reject(rule.key, raw, why)
        return bool(why)

    def _clear(self, rule: Rule) -> None:
        person = self.person
        if rule.key in person.data:
            if rule.special.moves:
                self._reject(rule.key, None, _NOT_CLEARED)
                return
            if rule.guarded and self._denied(rule, None):
                return
            if rule.special.claims:
                self._give_identity_up(rule.special.claims, person.data[rule.key])
            person.drop(rule.key, self.origin)
            self.outcome.changed_keys.append(rule.key)
        if self.batch.rejected:
            self.batch.accept(person, rule.key)

    def _move(self, rule: Rule, value: str) -> None:
        """Move a time that only goes one way; the other way it stays as it is."""
        person, back = self.person, rule.special.moves == "back"
        self.batch.accept(person, rule.key)
        old = person.data.get(rule.key)
        if old is None and rule.key == "created_at":
            old = clock.iso_ms(created_ms(self.batch, person))
        if old is not None and (value >= old if back else value <= old):
            return
        if rule.key == "created_at":
            person.created_at = ms_of_iso(value)
        person.put(rule.key, value, self.origin)
        self.outcome.changed_keys.append(rule.key)

    def _confirm(self, rule: Rule, value: Any) -> None:
        """The value is there already: only a derived one changes, it is no longer derived."""
        person, origin = self.person, self.origin
        if person.origin_kind(rule.key) == "derived" and origin.kind != "derived":
            person.put(rule.key, value, origin)
        if rule.special.claims:
            key = _identity(rule.special.claims, value)
            if key is not None and self.batch.owner(key) is None:
                self.batch.claim(person, key, origin)
        if self.batch.rejected:
            self.batch.accept(person, rule.key)

    def _take_identity(self, kind: str, old: Any, value: str, raw: Any) -> bool:
        """Claim the identity that a new value is, and give up the old one; False when the value can't be taken.

        Another person's identity is not moved: that they may be one person is suggested. An email or phone then
        stays a mere value, and the outcome says so; two people can't share a user id, so that is rejected.
        """
        key, person = _identity(kind, value), self.person
        owner = self.batch.owner(key) if key else None
        if owner is not None and owner is not person:
            self.batch.suggest(person, owner, identities.same(kind))
            if kind == "user_id":
                self._reject("user_id", raw, held_user_id(owner.number if self.batch.names_holders else None))
                return False
            self.outcome.taken.append(Taken(kind, value, owner.number))
        if old is not None:
            self._give_identity_up(kind, old)
        if key is not None and owner is None:
            self.batch.claim(person, key, self.origin)
        return True

    def _give_identity_up(self, kind: str, value: str) -> None:
        key = _identity(kind, value)
        if key is not None and self.batch.owner(key) is self.person:
            self.batch.release(self.person, key)

    def _reject(self, key: str, raw: Any, reason: Reason) -> None:
        self.batch.reject(self.person, self.outcome, Rejection(key, raw, reason), self.origin)


def created_ms(batch: Batch, person: PersonState) -> int:
    """When the person was made, in milliseconds."""
    if person.created_at is None:
        return clock.to_ms(store.created_at(batch.cursor, batch.workspace.pk, person.number))
    return person.created_at


def _identity(kind: str, value: str) -> IdentityKey | None:
    try:
        return kind, identities.normalise(kind, value)
    except identities.Unusable:
        return None


def _is_empty(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, list | tuple) and not raw)
