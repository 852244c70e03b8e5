"""Public ids: a prefix that says the kind and a lower-case ULID, so that ids sort by the time they were made."""

import re
import secrets
from typing import Final

from coterie.kit import clock

# Crockford base32: no i, l, o, u.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 26
_BODY: Final = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


def new_id(prefix: str) -> str:
    """A new id such as `seg_01jd...`: 48 bits of time in milliseconds, 80 random bits."""
    number = (clock.to_ms(clock.now()) << 80) | secrets.randbits(80)
    return f"{prefix}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def is_id(prefix: str, text: object) -> bool:
    """Whether `text` has the form of an id of this kind; it need not exist."""
    if not isinstance(text, str) or not text.startswith(f"{prefix}_"):
        return False
    return _BODY.fullmatch(text[len(prefix) + 1 :]) is not None
