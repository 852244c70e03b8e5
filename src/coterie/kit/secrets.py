"""Secret tokens: made from 32 random bytes, kept only as a SHA-256 hash, compared in constant time."""

import hashlib
import hmac
import secrets
from typing import NamedTuple


class NewToken(NamedTuple):
    """A token just made: `token` is shown once, `hashed` is stored, `shown` identifies it in lists."""

    token: str
    hashed: str
    shown: str


def new_token(prefix: str) -> NewToken:
    """A token such as `sk_...` with 256 bits of randomness; `shown` is its prefix and first six characters."""
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    return NewToken(token=token, hashed=hash_token(token), shown=token[: len(prefix) + 7])


def hash_token(token: str) -> str:
    """SHA-256 of a token in hex. A plain hash is enough: the token has 256 random bits, so it can't be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, compared in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
