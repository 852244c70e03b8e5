"""People and identities in memory while a batch of edits is applied."""

from datetime import datetime
from typing import Any

from coterie.kit import clock
from coterie.people.edits import Origin

IdentityKey = tuple[str, str]


class PersonState:
    """One person as the batch has made them so far.

    `names` are all identities of the person, None while they have not been read; `added` are those claimed meanwhile.
    `cause` is the origin of the last edit that changed the row, `keys` the fields that changed. `created_at` is set
    only when it is to be written.
    """

    __slots__ = (
        "added",
        "cause",
        "changed",
        "created_at",
        "data",
        "fresh",
        "keys",
        "merged_into",
        "names",
        "number",
        "origins",
        "state",
    )

    def __init__(
        self, number: int, state: str, merged_into: int | None, data: dict[str, Any], origins: dict[str, list[Any]]
    ) -> None:
        self.number = number
        self.state = state
        self.merged_into = merged_into
        self.data = data
        self.origins = origins
        self.fresh = False
        self.changed = False
        self.cause: Origin | None = None
        self.keys: dict[str, None] = {}
        self.created_at: int | None = None
        self.names: set[IdentityKey] | None = None
        self.added: list[IdentityKey] | None = None

    @classmethod
    def new(cls, number: int, now_ms: int) -> "PersonState":
        """A person who is made now."""
        person = cls(number, "active", None, {}, {})
        person.fresh = person.changed = True
        person.created_at = now_ms
        person.names = set()
        return person

    @property
    def known(self) -> bool:
        """Whether the person has a user id, that is, whether they were identified."""
        return "user_id" in self.data

    def touch(self, origin: Origin) -> None:
        """Note that the row is to be written, and who caused it."""
        self.changed = True
        self.cause = origin

    def put(self, key: str, value: Any, origin: Origin) -> None:
        """Set a field to a stored value."""
        self.data[key] = value
        self.origins[key] = [origin.kind, origin.ref, origin.at]
        self.keys[key] = None
        self.changed = True
        self.cause = origin

    def drop(self, key: str, origin: Origin) -> None:
        """Leave a field without a value."""
        del self.data[key]
        self.origins.pop(key, None)
        self.keys[key] = None
        self.changed = True
        self.cause = origin

    def origin_kind(self, key: str) -> str | None:
        """The kind of source of a field's value, None where it has none."""
        origin = self.origins.get(key)
        return origin[0] if origin else None


def ms_of_iso(text: str) -> int:
    """Stored text of a time as milliseconds since 1970 UTC."""
    return clock.to_ms(datetime.fromisoformat(text))
