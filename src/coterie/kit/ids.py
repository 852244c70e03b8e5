"""Public ids: a prefix that says the kind and a lower-case ULID, so that ids sort by the time they were made."""

import re
import secrets
from typing import Final

from coterie.kit import clock

# Crockford base32: no i, l, o, u.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 26


def new_id(prefix: str) -> str:
    """A new id such as `seg_01jd...`: 48 bits of time in milliseconds, 80 random bits."""
    number = (clock.to_ms(clock.now()) << 80) | secrets.randbits(80)
    return f"{prefix}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def pattern(prefix: str = "[a-z]+") -> re.Pattern[str]:
    """What finds ids in a text, those with this prefix; its first group is the prefix."""
    return re.compile(rf"\b({prefix})_[{_ALPHABET}]{{{_LENGTH}}}\b")
