"""Secrets that must be read again are kept sealed: encrypted with a key that is not in the database."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Unreadable(Exception):
    """A sealed text was made with another key, or is damaged."""


def seal(text: str, *, key: str, purpose: str) -> str:
    """Encrypt `text`; the same key and purpose open it again. Each call gives another result."""
    return _box(key, purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, key: str, purpose: str) -> str:
    """The text that was sealed. Raises Unreadable."""
    try:
        return _box(key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(f"a sealed {purpose} can't be read with the present COTERIE_SECRET_KEY") from None


def _box(key: str, purpose: str) -> Fernet:
    # One key for each purpose, so that a sealed text can't be passed off as one of another kind.
    derived = hmac.new(key.encode(), f"coterie seal {purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))
