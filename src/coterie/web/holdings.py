"""Which workspaces this process projects, where several processes could: each is held by a lease in its position's row.

A lease is claimed, prolonged and given back by a conditional UPDATE; the row count tells who has it. The projector
proves the token again in the transaction that moves the position, so a process that was asleep for too long saves
nothing. Each claim has a token of its own: a process that lost a workspace and took it again must not lend the new
claim to a thread that still works under the old one.

Workers tell each other that they are there (tracking/presence.py). One with more than its share gives some back, so
that one that comes later gets work too.
"""

from __future__ import annotations

import logging
import math
import time
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from django.conf import settings
from django.db.models import Q

from coterie.accounts.models import Workspace
from coterie.audience.models import IndexPosition
from coterie.audience.projector import Projector
from coterie.audience.startup import position_of
from coterie.kit import clock
from coterie.kit.ids import new_id
from coterie.tracking import presence

_log = logging.getLogger(__name__)

# A lease is prolonged so many times in its length.
RENEWALS: Final = 4
# So many are taken in one round: several workers that start together share the workspaces.
CLAIMS_A_ROUND: Final = 2


class Holdings:
    """The leases of this process and the projectors that go with them."""

    def __init__(self, *, seconds: float | None = None) -> None:
        self._seconds = seconds or float(settings.COTERIE_LEASE_SECONDS)
        self.renew_seconds = self._seconds / RENEWALS
        self._lock = Lock()
        self._projectors: dict[int, Projector] = {}
        self._worker = new_id("wrk")
        self._all = False
        self._share: float = math.inf
        # When each workspace was given up, in monotonic seconds: the others get that long to take it.
        self._given: dict[int, float] = {}

    def held(self) -> list[Projector]:
        """The projectors of the workspaces that are held."""
        with self._lock:
            return list(self._projectors.values())

    def projector(self, workspace_id: int) -> Projector | None:
        """The projector of a workspace; None when it is not held here."""
        with self._lock:
            return self._projectors.get(workspace_id)

    def claim(self, workspace: Workspace) -> bool:
        """Take a workspace that nobody holds; whether this process holds it now."""
        if self.projector(workspace.pk) is not None:
            return True
        if not self._all and time.monotonic() - self._given.get(workspace.pk, -math.inf) < self._seconds:
            return False
        position_of(workspace)
        free = Q(lease_token="") | Q(lease_until=None) | Q(lease_until__lte=clock.now())
        rows = IndexPosition.objects.of(workspace).filter(free)
        token = new_id("prj")
        if not rows.update(lease_token=token, lease_until=self._until()):
            return False
        _log.info("workspace %s is projected by this process, by the lease %s", workspace.slug, token)
        with self._lock:
            self._projectors[workspace.pk] = Projector(workspace, lease=token)
        return True

    def claim_some(self, workspaces: list[Workspace], *, most: int = CLAIMS_A_ROUND) -> None:
        """Take up to `most` of these that nobody holds."""
        taken = 0
        for workspace in workspaces:
            if taken >= most or len(self.held()) >= self._share:
                break
            if self.projector(workspace.pk) is None and self.claim(workspace):
                taken += 1

    def claim_all(self, workspaces: list[Workspace]) -> bool:
        """Take every one of these or, when another process holds one, give all back. None is shared until `release`."""
        self._all = True
        if all(self.claim(workspace) for workspace in workspaces):
            return True
        self.release()
        return False

    def renew(self) -> None:
        """Prolong every lease; what was lost meanwhile is let go."""
        for projector in self.held():
            mine = IndexPosition.objects.of(projector.workspace).filter(lease_token=projector.lease)
            if not mine.update(lease_until=self._until()):
                _log.warning("workspace %s was taken over by another process", projector.workspace.slug)
                self.drop(projector)
        self._balance()

    def _balance(self) -> None:
        """Give back what is above this worker's share, a few at a time, and none that is being worked on."""
        workers = presence.tell(self._worker, seconds=self._seconds)
        self._share = math.ceil(Workspace.objects.count() / workers) if workers > 1 else math.inf
        held = self.held()
        if self._all or len(held) <= self._share:
            return
        above = min(CLAIMS_A_ROUND, len(held) - int(self._share))
        for projector in held[-above:]:
            if projector.lock.acquire(blocking=False):
                try:
                    self._give_back(projector)
                finally:
                    projector.lock.release()

    def drop(self, projector: Projector) -> None:
        """Forget a workspace whose lease is lost; what this process has claimed since stays."""
        with self._lock:
            if self._projectors.get(projector.workspace.pk) is projector:
                del self._projectors[projector.workspace.pk]

    def release(self) -> None:
        """Give every lease back. A projector that is at work is waited for."""
        for projector in self.held():
            with projector.lock:
                self._give_back(projector)
        self._all = False
        self._given.clear()

    def leave(self) -> None:
        """Give every lease back, and tell the other workers that this one ends."""
        self.release()
        presence.leave(self._worker)

    def _give_back(self, projector: Projector) -> None:
        self._given[projector.workspace.pk] = time.monotonic()
        self.drop(projector)
        mine = IndexPosition.objects.of(projector.workspace).filter(lease_token=projector.lease)
        mine.update(lease_token="", lease_until=None)

    def _until(self) -> datetime:
        return clock.now() + timedelta(seconds=self._seconds)
