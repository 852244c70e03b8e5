"""Which person an edit is about, and which people it shows to be one."""

from typing import Final

from coterie.kit.reasons import Reason
from coterie.people import identities
from coterie.people.batch import Batch
from coterie.people.edits import Outcome, Rejection
from coterie.people.merging import merge, rank
from coterie.people.prepare import Ready
from coterie.people.state import IdentityKey, PersonState
from coterie.people.values import Writer

_ID_NEEDED: Final = Reason("id_needed", "a user_id or an anonymous_id is needed")


def resolve(batch: Batch, ready: Ready, outcome: Outcome) -> PersonState | None:
    """The person an edit is about; made when nobody is known by its identities, None with `outcome.error` set.

    Nobody known: a new person, who gets all the identities. One person known: that one, who gets the rest. Several
    known: they are merged into one, with these limits.

    - Two known people, that is two with different user ids, are merged only by an explicit merge from a trusted
      origin. Otherwise both stay: the edit goes to the one whose user id it names, and no identity moves.
    - So on a shared device the anonymous id stays with whoever was identified by it first; a new user id that comes
      with it gets a person of its own. (PostHog does the same: two identified people are never merged.)
    - A public write key is known by user_id and anonymous_id only. Other identities that it sends are added when
      they are free; when they are someone else's, a merge is suggested.
    """
    edit, keys = ready.edit, ready.keys
    outcome.rejected.extend(ready.problems)
    first = None
    if edit.number is not None:
        first = batch.live(edit.number)
        if first is None:
            outcome.error = _nobody(edit.number)
            return None
    elif not keys and (ready.problems or ready.origin.kind == "tracking"):
        outcome.error = ready.problems[0].reason if ready.problems else _ID_NEEDED
        return None
    free: list[IdentityKey] = []
    others: list[PersonState] = []
    keys = [_certain(batch, *key, keys) if key[0] in identities.UNCERTAIN else key for key in keys]
    for key in keys:
        owner = batch.owner(key)
        if owner is None:
            free.append(key)
        elif first is None:
            first = owner
        elif owner is not first:
            others.append(owner)
    for number in edit.same_as:
        other = batch.live(number)
        if other is None:
            outcome.error = _nobody(number)
            return None
        if first is None:
            first = other
        elif other is not first:
            others.append(other)
    if others:
        assert first is not None
        first = _settle(batch, ready, keys, [first, *others], outcome)
    elif first is None or (free and _is_new_user(ready, keys, free, first)):
        first = _create(batch, ready, outcome)
    if first is not None:
        _claim(batch, ready, first, free, outcome)
        _add_extras(batch, ready, first, outcome)
    return first


def _nobody(number: int) -> Reason:
    return Reason("no_person", "there is no person {person}", person=number)


def _certain(batch: Batch, kind: str, value: str, keys: list[IdentityKey]) -> IdentityKey:
    """A user id or an anonymous id, whichever is known; what an id is that nobody has depends on the kind."""
    anonymous, user = ("anonymous_id", value), ("user_id", value)
    if kind == identities.SOMEONE and user in keys:
        # The edit says itself that it is a user's id; it may have been kept as an anonymous one before that was known.
        return anonymous if batch.owner(anonymous) is not None else user
    if batch.owner(user) is not None:
        return user
    if batch.owner(anonymous) is not None:
        return anonymous
    return anonymous if kind == identities.SOMEONE else user


def _primary(keys: list[IdentityKey]) -> IdentityKey | None:
    return next((key for key in keys if key[0] == "user_id"), None)


def _is_new_user(ready: Ready, keys: list[IdentityKey], free: list[IdentityKey], owner: PersonState) -> bool:
    """Whether a new user id came with an identity of another known person: a shared device."""
    if ready.edit.merge == "explicit" or ready.edit.number is not None:
        return False
    return owner.known and _primary(keys) in free


def _create(batch: Batch, ready: Ready, outcome: Outcome) -> PersonState | None:
    if not ready.edit.create:
        outcome.error = Reason("nobody_known", "nobody is known by these identities")
        return None
    outcome.created = True
    return batch.create(ready.origin)


def _claim(batch: Batch, ready: Ready, person: PersonState, free: list[IdentityKey], outcome: Outcome) -> None:
    """Give the person the identities nobody has; a further user id only by an explicit merge or by number."""
    several = ready.edit.merge == "explicit" or ready.edit.number is not None
    writer = Writer(batch, person, ready.origin, outcome)
    for key in free:
        if batch.owner(key) is None and (several or key[0] != "user_id" or not person.known):
            writer.claim(key)


def _settle(
    batch: Batch, ready: Ready, keys: list[IdentityKey], owners: list[PersonState], outcome: Outcome
) -> PersonState | None:
    """The edit names several people: merge those that may be merged, and return the one the edit is about."""
    owners = sorted({person.number: person for person in owners}.values(), key=rank)
    explicit, primary = ready.edit.merge == "explicit", _primary(keys)
    person = batch.owner(primary) if primary else None
    if person is None and primary is not None and not explicit:
        # The user id is new: it goes to one who has none, or else to a person of its own.
        person = next((owner for owner in owners if not owner.known), None) or _create(batch, ready, outcome)
        if person is None:
            return None
        Writer(batch, person, ready.origin, outcome).claim(primary)
    elif person is None:
        person = owners[0]
    for other in owners:
        if batch.live(other.number) is person:
            continue
        if person.known and other.known and not (explicit and ready.origin.kind != "tracking"):
            _keep_both(batch, ready, keys, person, other, outcome)
        else:
            person = merge(batch, person, other, ready.origin, outcome, prefer=ready.edit.prefer)
    return person


def _keep_both(
    batch: Batch, ready: Ready, keys: list[IdentityKey], person: PersonState, other: PersonState, outcome: Outcome
) -> None:
    """Two known people stay two. A mere anonymous id says little; anything else is worth a suggestion."""
    if ready.edit.merge == "explicit":
        reason = Reason("public_merge", "a public write key can't merge two known people")
        outcome.rejected.append(Rejection("merge", [person.number, other.number], reason))
        batch.suggest(person, other, Reason("public_alias", "an alias from a public write key"))
        return
    for kind, value in keys:
        if kind not in ("anonymous_id", "user_id") and batch.owner((kind, value)) is other:
            batch.suggest(person, other, identities.same(kind))


def _add_extras(batch: Batch, ready: Ready, person: PersonState, outcome: Outcome) -> None:
    for key in ready.extras:
        owner = batch.owner(key)
        if owner is None:
            Writer(batch, person, ready.origin, outcome).claim(key)
        elif owner is not person:
            batch.suggest(person, owner, identities.same(key[0]))
