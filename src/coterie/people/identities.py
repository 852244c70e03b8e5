"""The kinds of identity, one row each, and the form in which a value of each is kept."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

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
    """An identity that can't be kept; the text is the reason."""


def _plain(value: str, region: str | None) -> str:
    return value


def email_address(value: str, region: str | None = None) -> str:
    """An email address in lower case; Unusable when it has no local part or no domain, or holds white space."""
    if not _EMAIL.fullmatch(value):
        raise Unusable("this is not an email address")
    return value.lower()


def _phone(value: str, region: str | None) -> str:
    number = lookups.phone_number(value, region)
    if number is None:
        raise Unusable("this is not a phone number with a country code")
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
        raise Unusable(f"{kind!r} is not a kind of identity; known are {', '.join(KINDS)}")
    text = value.strip() if value.isascii() else unicodedata.normalize("NFC", value).strip()
    if not text:
        raise Unusable(f"the {row.label} is empty")
    if len(text) > LONGEST:
        raise Unusable(f"the {row.label} has {len(text)} characters, at most {LONGEST} are allowed")
    if not text.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise Unusable(f"the {row.label} holds a control character")
    kept = row.normalise(text, region)
    # Lower-casing can lengthen text.
    if len(kept) > LONGEST:
        raise Unusable(f"the {row.label} has {len(kept)} characters, at most {LONGEST} are allowed")
    return kept
