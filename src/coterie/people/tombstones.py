"""Identities of erased people, as keyed hashes: what names one is not taken, until someone lets them come again.

The key is derived from the installation's secret key and is not in the database, so nobody can try out addresses on
a stolen copy of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from coterie.accounts.models import Workspace
from coterie.kit.reasons import Reason
from coterie.people import changes, store
from coterie.people.models import Tombstone, WorkspaceLog
from coterie.people.state import IdentityKey

ERASED: Final = "person_erased"
REASON: Final = Reason("erased", "this person was erased and may not come again until someone allows it")


def digest(workspace_id: int, key: IdentityKey) -> str:
    """The 64 hexadecimal digits that stand for an identity of a workspace."""
    secret = hmac.new(settings.SECRET_KEY.encode(), b"coterie tombstones", hashlib.sha256).digest()
    return hmac.new(secret, f"{workspace_id}\0{key[0]}\0{key[1]}".encode(), hashlib.sha256).hexdigest()


def bury(workspace: Workspace, digests: Iterable[str], erasure: str) -> None:
    """Stop what comes of these identities from now on; in the caller's transaction, under the log's lock."""
    held = changes.lock(workspace)
    rows = [Tombstone(workspace=workspace, digest=one, erasure=erasure) for one in digests]
    Tombstone.objects.of(workspace).bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if rows and not held.has_tombstones:
        WorkspaceLog.objects.filter(pk=held.pk).update(has_tombstones=True)


def lift(workspace: Workspace, key: IdentityKey) -> int:
    """Let an identity come again; how many tombstones that were, 0 when nobody with it was erased."""
    return Tombstone.objects.of(workspace).filter(digest=digest(workspace.pk, key)).delete()[0]


def among(cursor: CursorWrapper, log: WorkspaceLog, keys: Iterable[IdentityKey]) -> set[IdentityKey]:
    """Those of these identities that are erased people's."""
    if not log.has_tombstones:
        return set()
    by_digest = {digest(log.workspace_id, key): key for key in keys}
    return {by_digest[found] for found in store.tombstones(cursor, log.workspace_id, list(by_digest))}


def stand(workspace: Workspace, digests: Sequence[str]) -> int:
    """How many of these tombstones there are."""
    return sum(
        Tombstone.objects.of(workspace).filter(digest__in=digests[start : start + 500]).count()
        for start in range(0, len(digests), 500)
    )
