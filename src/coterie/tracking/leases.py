"""Who drains a workspace: one worker at a time, held by a token that every drain proves before it commits."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Min, OuterRef, Q

from coterie.kit import clock
from coterie.kit.ids import new_id
from coterie.tracking.models import DrainLease, RawBatch


class LeaseLost(Exception):
    """Another worker has taken the workspace over, so this one's drain must not commit."""


class Lease(NamedTuple):
    """The right to drain a workspace until it expires or another worker finds it expired."""

    workspace_id: int
    token: str


def claim(workspace_id: int) -> Lease | None:
    """Take a workspace that nobody holds; None when someone does."""
    now = clock.now()
    lease = Lease(workspace_id, new_id("lse"))
    values = {"token": lease.token, "expires_at": _until()}
    free = DrainLease.objects.of(workspace_id).filter(Q(token="") | Q(expires_at__lte=now))
    if free.update(**values):
        return lease
    # The first claim ever makes the row; of two at once the unique constraint lets one through.
    made = DrainLease.objects.of(workspace_id).bulk_create(
        [DrainLease(workspace_id=workspace_id, token="", expires_at=now)], ignore_conflicts=True
    )
    return lease if made and free.update(**values) else None


def hold(lease: Lease) -> None:
    """Prove and prolong a lease inside the drain's transaction; raises LeaseLost.

    On PostgreSQL the updated row stays locked until the commit, so nobody can take the lease in between.
    """
    mine = DrainLease.objects.of(lease.workspace_id).filter(token=lease.token)
    if not mine.update(expires_at=_until()):
        raise LeaseLost


def release(lease: Lease) -> None:
    """Let others take the workspace."""
    DrainLease.objects.of(lease.workspace_id).filter(token=lease.token).update(token="")


def release_all() -> None:
    """Drop the leases of a process that died. Only for SQLite, where one process owns everything."""
    if connection.vendor == "sqlite":
        DrainLease.objects.exclude(token="").update(token="")


def waiting_workspaces() -> list[int]:
    """Workspaces with batches that nobody drains, the one that has waited longest first."""
    held = DrainLease.objects.filter(workspace_id=OuterRef("workspace_id"), expires_at__gt=clock.now()).exclude(
        token=""
    )
    return list(
        RawBatch.objects.filter(~Exists(held))
        .values("workspace_id")
        .annotate(oldest=Min("id"))
        .order_by("oldest")
        .values_list("workspace_id", flat=True)
    )


def _until() -> object:
    return clock.now() + timedelta(seconds=settings.COTERIE_LEASE_SECONDS)
