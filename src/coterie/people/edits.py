"""What is asked of the write path, and what it answers: plain values, one object per person touched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from coterie.kit.reasons import Reason

OriginKind = Literal["api", "agent", "tracking", "flow", "import", "merge", "unmerge", "system", "derived"]


class Origin(NamedTuple):
    """Where a value came from: the kind of source, which one (key, user, import row ...), and when.

    `at` is in milliseconds since 1970 UTC; None means the time of writing.
    """

    kind: OriginKind
    ref: str = ""
    at: int | None = None


SYSTEM: Final = Origin("system")


@dataclass(slots=True)
class EventRecord:
    """Something a person did. Times are milliseconds since 1970 UTC.

    `kind` says how it was sent ("track", "page", "screen", "identify" ...). `received_ms` None means now.
    """

    name: str
    time_ms: int
    message_id: str
    kind: str = "track"
    properties: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    received_ms: int | None = None


@dataclass(slots=True)
class PersonEdit:
    """One thing to do to one person.

    The person is named by `number` or by `identities` (pairs of kind and value, see `identities.KINDS`). When nobody
    is known by them and `create` is set, a person is made. `clear` is done before `set`, `set` before `set_once`.
    Setting a field to null, "" or white space clears it. `seen_at` (ms) moves last_seen forward and first_seen back.
    `merge="explicit"` says that the identities are one person's, even where two known people would be merged;
    `same_as` are numbers of further people who are the same one. `prefer` maps fields to the number of the one of two
    merged people whose value stays, in place of the rules of merging.py.
    `reread` names fields whose stored value is read anew under the field's present type. `stored` says that the values
    are in their stored form already: a reader of the field's own rule has made them, so they are not read again.
    """

    identities: Sequence[tuple[str, str]] = ()
    number: int | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    set_once: Mapping[str, Any] = field(default_factory=dict)
    clear: Sequence[str] = ()
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    events: Sequence[EventRecord] = ()
    seen_at: int | None = None
    create: bool = True
    merge: Literal["identify", "explicit"] = "identify"
    same_as: Sequence[int] = ()
    prefer: Mapping[str, int] = field(default_factory=dict)
    reread: Sequence[str] = ()
    stored: bool = False
    origin: Origin | None = None


class Rejection(NamedTuple):
    """A value that was not taken: the key, the value as it was sent, and the reason."""

    key: str
    value: Any
    reason: Reason


def held_user_id(holder: int | None) -> Reason:
    """Why a user id is not taken that someone has; None as their number does not tell who."""
    if holder is None:
        return Reason("user_id_of_another", "another person has this user id")
    return Reason("user_id_of", "person {person} has this user id", person=holder)


def changed_since(fields: Iterable[str]) -> Reason:
    """Why fields are not taken back: somebody has changed them since."""
    return Reason("changed_since", "changed since: {fields}", fields=sorted(fields))


class Taken(NamedTuple):
    """A value that would be an identity, which `holder` has: it was kept as a mere value, and a merge was suggested."""

    key: str
    value: str
    holder: int


@dataclass(slots=True)
class Outcome:
    """What became of one edit.

    `number` is None only when `error` says why nothing was done; `code` is its name for programs. `changed_keys`
    holds the canonical names of the fields that have another value now. `merged` holds the numbers of people that
    were merged into this one. `values` maps them to the stored value before and after, None for none; only where that
    was asked for.
    """

    number: int | None = None
    created: bool = False
    changed_keys: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    error: Reason | None = None
    code: str = ""
    values: dict[str, tuple[Any, Any]] | None = None
