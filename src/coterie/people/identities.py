"""The kinds of identity, one row each, and the form in which a value of each is kept."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from coterie.kit.reasons import Reason
from coterie.people import lookups

LONGEST: Final = 512

# What a sender means when it can't say which of the two an id is: an alias's previous id, a PostHog distinct_id.
# It finds a user_id first, then an anonymous_id; one that nobody has is kept as a user_id.
EITHER: Final = "either"
# Found like EITHER, but one that nobody has is kept as an anonymous_id: a PostHog distinct_id nobody has identified.
SOMEONE: Final = "someone"
UNCERTAIN: Final = frozenset({EITHER, SOMEONE})

_EMAIL: Final = re.compile(r"\S+@[^\s@]+")


class Unusable(ValueError):
    """An identity that can't be kept, and the reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


def _plain(value: str, region: str | None) -> str:
    return value


def email_address(value: str, region: str | None = None) -> str:
    """An email address in lower case; Unusable when it has no local part or no domain, or holds white space."""
    if not _EMAIL.fullmatch(value):
        raise Unusable(Reason("no_email", "this is not an email address"))
    return value.lower()


def _phone(value: str, region: str | None) -> str:
    number = lookups.phone_number(value, region)
    if number is None:
        raise Unusable(Reason("no_international_phone", "this is not a phone number with a country code"))
    return number


def _channel_phone(value: str, region: str | None) -> str:
    # Channels name people by number, most without the plus; whatever is no number is the channel's own id.
    return lookups.phone_number(value if value.startswith("+") else f"+{value}", None) or value


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identity.

    `normalise(value, region)` gives the kept form or raises Unusable. `field` is the built-in field that shows it.
    `public` kinds may decide who a person is when a public write key sends them; others only add to a person. Who has
    one of a `channel` is known there: the built-in field `channels` has it.
    """

    key: str
    label: str
    normalise: Callable[[str, str | None], str] = _plain
    field: str | None = None
    public: bool = False
    channel: bool = False


KINDS: Final[dict[str, Kind]] = {
    kind.key: kind
    for kind in (
        Kind("user_id", "user id", field="user_id", public=True),
        Kind("anonymous_id", "anonymous id", public=True),
        Kind("email", "email", email_address, field="email"),
        Kind("phone", "phone", _phone, field="phone"),
        Kind("telegram", "Telegram", channel=True),
        Kind("messenger", "Messenger", channel=True),
        Kind("whatsapp", "WhatsApp", _channel_phone, channel=True),
        Kind("sms", "SMS", _channel_phone, channel=True),
        Kind("voice", "voice", _channel_phone, channel=True),
        Kind("webchat", "web chat", channel=True),
        Kind("sandbox", "sandbox", channel=True),
    )
}


_SAME: Final = {
    "email": Reason("same_email", "same email"),
    "phone": Reason("same_phone", "same phone"),
    "user_id": Reason("same_user_id", "same user id"),
    "anonymous_id": Reason("same_anonymous_id", "same anonymous id"),
}


def same(kind: str) -> Reason:
    """Why two people who have an identity of a kind in common may be one."""
    return _SAME.get(kind) or Reason("same_identity", "same {kind}", kind=KINDS[kind].label)


def channels(kinds: Iterable[str]) -> list[str]:
    """Those of some kinds of identity that are channels, in order of the alphabet."""
    return sorted({kind for kind in kinds if KINDS[kind].channel})


def normalise(kind: str, value: str, region: str | None = None) -> str:
    """The kept form of an identity's value; raises Unusable with the reason.

    `region` is the ISO code assumed for phone numbers without a country code. At most 512 characters are kept;
    a longer value is refused and never cut, since two people could share the cut form.
    """
    row = KINDS.get(kind)
    if row is None:
        raise Unusable(
            Reason(
                "no_kind_of_identity",
                "{kind} is not a kind of identity; known are {known}",
                kind=repr(kind),
                known=list(KINDS),
            )
        )
    text = value.strip() if value.isascii() else unicodedata.normalize("NFC", value).strip()
    if not text:
        raise Unusable(Reason("empty_identity", "the {kind} is empty", kind=row.label))
    if len(text) > LONGEST:
        raise _too_long(row, text)
    if not text.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise Unusable(Reason("control_in_identity", "the {kind} holds a control character", kind=row.label))
    kept = row.normalise(text, region)
    # Lower-casing can lengthen text.
    if len(kept) > LONGEST:
        raise _too_long(row, kept)
    return kept


def _too_long(kind: Kind, text: str) -> Unusable:
    return Unusable(
        Reason(
            "long_identity",
            "the {kind} has {length} characters, at most {most} are allowed",
            kind=kind.label,
            length=len(text),
            most=LONGEST,
        )
    )
