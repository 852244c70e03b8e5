"""What tracking takes in at most, and how it gathers and drains; docs/operating.md lists the variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from coterie.kit.environment import Environment

KIB: Final = 1024
MIB: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes are bytes after decompression unless said otherwise, times are seconds unless said otherwise."""

    # Segment's documented limits: 32 KB a call, 500 KB and 2,500 events a batch.
    call_bytes: int = 32 * KIB
    batch_bytes: int = 500 * KIB
    batch_items: int = 2_500
    # PostHog drops events over 1 MB and takes requests up to 20 MB.
    posthog_item_bytes: int = 1 * MIB
    posthog_bytes: int = 20 * MIB
    # JSON of real events shrinks 5 to 20 times. Small bodies may shrink more, so the ratio counts from 1 MiB on.
    inflate_ratio: int = 100
    inflate_ratio_from: int = 1 * MIB
    # A client that sends slower than this holds memory for nothing.
    body_seconds: float = 30.0

    requests_per_second: int = 1_000
    # Bodies that are being read or wait for a commit, together. Beyond it the answer is 503 with Retry-After.
    held_bytes: int = 128 * MIB
    queued_requests: int = 2_000
    # Accepted and not yet drained, of all workspaces.
    backlog_items: int = 5_000_000

    gather_ms: float = 2.0
    gather_bytes: int = 8 * MIB
    commit_seconds: float = 30.0

    # At most. A drain holds SQLite's write lock, and answers wait for it; worker.Portions takes less when they do.
    drain_items: int = 500
    keep_ids_days: int = 30
    keep_quarantine_days: int = 90


def _from_environment(env: Environment) -> Limits:
    read: dict[str, Any] = {
        "requests_per_second": env.number("COTERIE_TRACKING_RATE", default=1_000, least=1),
        "held_bytes": env.number("COTERIE_TRACKING_MEMORY_MB", default=128, least=32) * MIB,
        "backlog_items": env.number("COTERIE_TRACKING_BACKLOG", default=5_000_000, least=1_000),
        "drain_items": env.number("COTERIE_TRACKING_DRAIN_ITEMS", default=500, least=1, most=100_000),
        "keep_ids_days": env.number("COTERIE_TRACKING_KEEP_IDS_DAYS", default=30, least=1, most=3_650),
        "keep_quarantine_days": env.number("COTERIE_TRACKING_KEEP_QUARANTINE_DAYS", default=90, least=1, most=3_650),
    }
    return Limits(**read)


_current: list[Limits] = [_from_environment(Environment())]


def current() -> Limits:
    """The limits in force."""
    return _current[-1]


@contextmanager
def changed(**values: Any) -> Iterator[Limits]:
    """Other limits for the whole process for a while; for tests."""
    limits = replace(current(), **values)
    _current.append(limits)
    try:
        yield limits
    finally:
        _current.remove(limits)
