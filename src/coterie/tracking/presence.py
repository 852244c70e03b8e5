"""Which workers are there: each says so again and again, and one that is silent for too long counts no more."""

from __future__ import annotations

from datetime import timedelta

from coterie.kit import clock
from coterie.tracking.models import Worker


def tell(token: str, *, seconds: float) -> int:
    """Say that this worker is there; how many were within these seconds, this one included."""
    now = clock.now()
    Worker.objects.update_or_create(token=token, defaults={"seen_at": now})
    since = now - timedelta(seconds=seconds)
    Worker.objects.filter(seen_at__lt=since - timedelta(hours=1)).delete()
    return Worker.objects.filter(seen_at__gt=since).count()


def leave(token: str) -> None:
    """Say that this worker is gone."""
    Worker.objects.filter(token=token).delete()
