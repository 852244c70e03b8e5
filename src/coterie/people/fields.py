"""What may be written to each field and in which form it is kept: one rule per field, built-in or attribute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from coterie.filters.errors import Rejected
from coterie.filters.fields import BUILTIN_FIELDS, FIELD_ALIASES, FieldType
from coterie.filters.values import NO_VALUE, normalise, to_json
from coterie.kit.reasons import Reason
from coterie.people import identities, lookups
from coterie.people.edits import OriginKind

# A reader takes the raw value and the ISO code assumed for phone numbers; it returns the stored form or NO_VALUE.
Reader = Callable[[Any, str | None], Any]

# Traits that the tracking SDKs' documents name for what is a built-in field here.
TRAIT_ALIASES: Final[Mapping[str, str]] = {
    **FIELD_ALIASES,
    "address.city": "city",
    "address.country": "country",
    "firstSeen": "first_seen",
}
# A name is put together from these when there is none; the first of each row that has a value counts.
FIRST_NAMES: Final = ("firstName", "first_name")
LAST_NAMES: Final = ("lastName", "last_name")
NAME_PARTS: Final = frozenset({*FIRST_NAMES, *LAST_NAMES})

_PUBLIC: Final[frozenset[OriginKind]] = frozenset({"tracking"})
_OUTSIDE: Final[frozenset[OriginKind]] = frozenset({"tracking", "api", "agent", "import"})
# Those who may wait for an answer. What is tracked with a secret key is of kind "api" too, and nobody waits for it.
_HANDS: Final[frozenset[OriginKind]] = frozenset({"agent", "api"})


@dataclass(frozen=True, slots=True)
class Special:
    """What is special about writing one built-in field.

    `read` puts a non-empty text into the kept form. `denied` are the kinds of origin that may not set it, and `why`.
    `by_hand` says why someone who waits for an answer may not set or clear it, or how it is done instead. `claims` is
    the kind of identity that the value is. `moves` says that the value only ever goes that way.
    """

    read: Callable[[str, str | None], str] | None = None
    denied: frozenset[OriginKind] = frozenset()
    why: Reason | None = None
    by_hand: Reason | None = None
    claims: str | None = None
    moves: Literal["back", "forward"] | None = None


def _email(text: str, region: str | None) -> str:
    try:
        identities.email_address(text)
    except identities.Unusable as unusable:
        raise Rejected(unusable.reason) from None
    return text


def _phone(text: str, region: str | None) -> str:
    number = lookups.phone_number(text, region)
    if number is None:
        raise Rejected(Reason("no_phone", "this is not a phone number with a country code, or of the person's country"))
    return number


def _zone(text: str, region: str | None) -> str:
    zone = lookups.time_zone(text)
    if zone is None:
        raise Rejected(Reason("no_zone", "this is not an IANA time zone such as Europe/Berlin"))
    return zone


def _ip(text: str, region: str | None) -> str:
    address = lookups.ip_address(text)
    if address is None:
        raise Rejected(Reason("no_ip", "this is not an IP address"))
    return address


def _user_id(text: str, region: str | None) -> str:
    try:
        return identities.normalise("user_id", text)
    except identities.Unusable as unusable:
        raise Rejected(unusable.reason) from None


TYPES: Final[Mapping[FieldType, Reason]] = {
    FieldType.TEXT: Reason("text_type", "text"),
    FieldType.NUMBER: Reason("number_type", "number"),
    FieldType.BOOLEAN: Reason("boolean_type", "boolean"),
    FieldType.DATETIME: Reason("datetime_type", "datetime"),
    FieldType.DATE: Reason("date_type", "date"),
    FieldType.LIST: Reason("list_type", "list"),
}
"""The types as parts of reasons."""
_SYSTEM: Final = Reason("system_field", "this field is set by the system")
_MESSAGES: Final = Reason(
    "comes_with_messages",
    "this field is set by the system: it comes with messages, tracked with a secret key or read from a file",
)
_CHANNELS: Final = Reason(
    "follows_from_identities", "this field is set by the system: it follows from the person's identities"
)
_TAGS: Final = Reason("tags_one_by_one", "tags are added and removed: use 'add_tags' and 'remove_tags'")
_USER_ID: Final = Reason("public_user_id", "a public write key sets a user id by identify only")
_BAN: Final = Reason("public_ban", "a public write key can't ban or unban")
_TESTER: Final = Reason("public_tester", "a public write key can't make someone a tester")
_PROTECTED: Final = Reason("protected_attribute", "the attribute is protected: a public write key can't set it")
SPECIAL: Final[Mapping[str, Special]] = {
    "email": Special(read=_email, claims="email"),
    "phone": Special(read=_phone, claims="phone"),
    "user_id": Special(read=_user_id, claims="user_id", denied=_PUBLIC, why=_USER_ID),
    "country": Special(read=lambda text, region: lookups.country_name(text)),
    "language": Special(read=lambda text, region: lookups.language_name(text)),
    "timezone": Special(read=_zone),
    "ip": Special(read=_ip),
    "tags": Special(by_hand=_TAGS),
    "banned": Special(denied=_PUBLIC, why=_BAN),
    "tester": Special(denied=_PUBLIC, why=_TESTER),
    "channels": Special(denied=_OUTSIDE, why=_CHANNELS, by_hand=_CHANNELS),
    "created_at": Special(moves="back", by_hand=_SYSTEM),
    "first_seen": Special(moves="back", by_hand=_SYSTEM),
    "last_seen": Special(moves="forward", by_hand=_SYSTEM),
    "last_message_at": Special(denied=_PUBLIC, why=_MESSAGES, by_hand=_MESSAGES, moves="forward"),
    "last_message": Special(denied=_PUBLIC, why=_MESSAGES, by_hand=_MESSAGES),
    "current_message": Special(denied=_PUBLIC, why=_MESSAGES, by_hand=_MESSAGES),
}
_PLAIN: Final = Special()


@dataclass(slots=True)
class Rule:
    """How one field is written.

    `refused` says why nobody may set it (None: they may). `protected` fields can't be set with a public write key.
    `guarded` says that there is something to ask `denial` for. `why_not` tells of a stored value why it is not taken
    although it is of the type; None asks nothing. `plain` says that a stored value of it is just
    kept: nobody is refused and nothing follows from it.
    """

    key: str
    type: FieldType
    read: Reader
    special: Special = _PLAIN
    protected: bool = False
    refused: Reason | None = None
    why_not: Callable[[Any], Reason | None] | None = None
    guarded: bool = field(init=False)
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        self.guarded = bool(self.refused or self.protected or self.special.denied or self.special.by_hand)
        self.plain = not (self.guarded or self.special.claims or self.special.moves)

    def denial(self, kind: OriginKind, *, asked: bool) -> Reason | None:
        """Why an origin of this kind may not set or clear the field; None when it may.

        `asked` says that someone waits for the answer.
        """
        if self.refused:
            return self.refused
        if kind in self.special.denied:
            return self.special.why
        if asked and kind in _HANDS and self.special.by_hand:
            return self.special.by_hand
        if self.protected and kind == "tracking":
            return _PROTECTED
        return None


def not_by_hand(key: str) -> Reason | None:
    """Why someone who waits for an answer can't set a built-in field, or how it is done; None when they can."""
    return SPECIAL.get(canonical(key), _PLAIN).by_hand


def canonical(key: str) -> str:
    """The field that a key or alias means: a built-in name, or the key itself."""
    return TRAIT_ALIASES.get(key, key)


def is_reserved(key: str) -> bool:
    """Whether a key means a built-in field, so that no attribute can have it."""
    return key in BUILTIN_FIELDS or key in TRAIT_ALIASES


def builtin_rule(key: str) -> Rule:
    """The rule of a built-in field."""
    special = SPECIAL.get(key, _PLAIN)
    type = BUILTIN_FIELDS[key].type
    plain = reader(type)
    return Rule(
        key=key, type=type, read=_special_reader(plain, special.read) if special.read else plain, special=special
    )


def attribute_rule(
    key: str, type: FieldType, *, protected: bool = False, why_not: Callable[[Any], Reason | None] | None = None
) -> Rule:
    """The rule of an attribute."""
    return Rule(key=key, type=type, read=reader(type), protected=protected, why_not=why_not)


def refused_rule(key: str, why: Reason) -> Rule:
    """The rule of a key under which nothing can be stored."""
    return Rule(key=key, type=FieldType.TEXT, read=_never, refused=why)


def reader(type: FieldType) -> Reader:
    """A function that gives the stored JSON form of a raw value, NO_VALUE for an empty one, or raises Rejected."""
    return _READERS.get(type) or _generic_reader(type)


def _text(raw: Any, region: str | None) -> Any:
    if raw.__class__ is str and raw.isascii() and "\0" not in raw:
        # The common case in short: ASCII is NFC and holds no surrogates.
        return raw.strip() or NO_VALUE
    return without_nul(normalise(FieldType.TEXT, raw))


def _list(raw: Any, region: str | None) -> Any:
    value = normalise(FieldType.LIST, raw)
    if value is NO_VALUE:
        return NO_VALUE
    assert isinstance(value, tuple)
    return [without_nul(item) for item in value]


def _generic_reader(type: FieldType) -> Reader:
    def read(raw: Any, region: str | None) -> Any:
        value = normalise(type, raw)
        return NO_VALUE if value is NO_VALUE else to_json(type, value)

    return read


def _special_reader(plain: Reader, special: Callable[[str, str | None], str]) -> Reader:
    def read(raw: Any, region: str | None) -> Any:
        value = plain(raw, region)
        return NO_VALUE if value is NO_VALUE else special(value, region)

    return read


def _never(raw: Any, region: str | None) -> Any:
    raise AssertionError("a refused rule is asked for its reason, not for a value")


NUL: Final = Reason("nul", "the text holds a NUL character")
_READERS: Final[Mapping[FieldType, Reader]] = {FieldType.TEXT: _text, FieldType.LIST: _list}


def without_nul(value: Any) -> Any:
    """The value itself; Rejected when it is text with NUL, which PostgreSQL's JSON can't hold."""
    if isinstance(value, str) and "\0" in value:
        raise Rejected(NUL)
    return value
