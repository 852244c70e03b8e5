"""Which source a key stands for: asked of accounts, and remembered for a few seconds."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, Final

from django.db import Error, close_old_connections, transaction
from django.db.models.signals import post_save

from coterie.accounts.models import ApiKey, KeyKind
from coterie.accounts.permissions import key_of_token
from coterie.accounts.signals import key_revoked
from coterie.kit.errors import Unauthorized, Unavailable
from coterie.kit.secrets import hash_token
from coterie.tracking.reading import Source

SEND: Final = "events:write"
# A key that is revoked in another process stops working here after this time; in this process at once.
KEPT_SECONDS: Final = 5.0
# After a failure the database is not asked for this long.
AWAY_SECONDS: Final = 1.0
_MOST_KEPT: Final = 10_000
_LONGEST_TOKEN: Final = 200
_OURS: Final = ("wk_", "sk_")


def unknown_key() -> Unauthorized:
    """The answer to a missing, unknown, revoked or powerless key: the same for all."""
    return Unauthorized(
        "The write key is missing, unknown or revoked. Send it as the user of Basic authentication, or as writeKey, "
        "api_key or token in the body.",
        code="bad_write_key",
    )


def _away() -> Unavailable:
    return Unavailable("The database does not answer. Try again soon.", retry_after=2)


def key_in_header(authorization: str) -> str | None:
    """The key of an Authorization header: the user of Basic (the colon may be missing), or a Bearer token.

    A Bearer token that is none of ours is an OAuth token, as Segment's clients can send; the key is in the body then.
    """
    scheme, _, value = authorization.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value if value.startswith(_OURS) else None
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return text.partition(":")[0].strip() or None


class KeyBook:
    """Finds sources by their keys without blocking the event loop, and remembers the unknown ones too."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Source | None, float]] = OrderedDict()
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="tracking-keys")
        # While the database is away every question takes seconds: those that wait behind one are refused with it.
        self._away_until = 0.0

    async def find(self, token: str) -> Source:
        """The source of a key; Unauthorized when there is none, Unavailable when the database does not answer."""
        if len(token) > _LONGEST_TOKEN:
            raise unknown_key()
        hashed = hash_token(token)
        with self._lock:
            known = self._known.get(hashed)
        if known is None or known[1] < time.monotonic():
            loop = asyncio.get_running_loop()
            source = await loop.run_in_executor(self._threads, partial(self._look_up, token, hashed))
        else:
            source = known[0]
        if source is None:
            raise unknown_key()
        return source

    def _look_up(self, token: str, hashed: str) -> Source | None:
        if time.monotonic() < self._away_until:
            raise _away()
        close_old_connections()
        try:
            source = source_of(key_of_token(token))
        except Error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise _away() from None
        finally:
            close_old_connections()
        with self._lock:
            self._known[hashed] = (source, time.monotonic() + KEPT_SECONDS)
            if len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)
        return source

    def clear(self) -> None:
        """Ask again from now on."""
        self._away_until = 0.0
        with self._lock:
            self._known.clear()


def source_of(key: ApiKey | None) -> Source | None:
    """The source that a key sends for; None when it may not send events."""
    if key is None:
        return None
    trusted = key.kind == KeyKind.SECRET
    if trusted and SEND not in key.scopes:
        return None
    return Source(key.workspace_id, key.pk, key.public_id, key.name, trusted)


KEYS: Final = KeyBook()


def _changed(**_: Any) -> None:
    # At once for whoever reads inside the transaction, and again when it is committed: in between, the old row
    # may have been read anew.
    KEYS.clear()
    transaction.on_commit(KEYS.clear)


def watch_keys() -> None:
    """Forget what is remembered whenever a key is made or revoked in this process."""
    for signal in (post_save, key_revoked):
        signal.connect(_changed, sender=ApiKey, dispatch_uid="tracking.keys")
