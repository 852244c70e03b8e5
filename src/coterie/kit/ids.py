"""Public ids: a prefix that says the kind and a lower-case ULID, so that ids sort by the time they were made."""

import re
import secrets
from typing import Final

from coterie.kit import clock

# Crockford base32: no i, l, o, u.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 26
_ID: Final = re.compile(rf"\b([a-z]+)_[{_ALPHABET}]{{{_LENGTH}}}\b")


def new_id(prefix: str) -> str:
    """A new id such as `seg_01jd...`: 48 bits of time in milliseconds, 80 random bits."""
    number = (clock.to_ms(clock.now()) << 80) | secrets.randbits(80)
    return f"{prefix}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def found_in(text: str) -> list[tuple[str, str]]:
    """The ids that stand in a text, each with its prefix: `("seg", "seg_01jd...")`."""
    return [(found[1], found[0]) for found in _ID.finditer(text)]
