"""Numbers for Prometheus: what came, what became of it, and how long answers waited."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Counter("coterie_tracking_requests", "Answered tracking requests.", ["flavour", "status"])
EVENTS: Final = Counter(
    "coterie_tracking_events",
    "Drained events: accepted, duplicate, conflict (same id, other event), ignored, quarantined.",
    ["outcome"],
)
COMMIT_SECONDS: Final = Histogram(
    "coterie_tracking_commit_seconds",
    "Time of one group commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
ACK_SECONDS: Final = Histogram(
    "coterie_tracking_ack_seconds",
    "Time from a request's first byte to its answer.",
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
COMMITTED: Final = Histogram(
    "coterie_tracking_commit_requests", "Requests in one group commit.", buckets=(1, 2, 5, 10, 25, 50, 100, 500)
)
HELD_BYTES: Final = Gauge("coterie_tracking_held_bytes", "Bytes of requests that are read or wait for a commit.")
BACKLOG: Final = Gauge("coterie_tracking_backlog_events", "Accepted events that are not drained yet.")
LEASES_LOST: Final = Counter("coterie_tracking_leases_lost", "Drains undone because another worker took over.")
FAILED_DRAINS: Final = Counter("coterie_tracking_failed_drains", "Drains that failed and are tried again.")
