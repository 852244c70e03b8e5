"""How much is let in: requests a second for each key, and bytes held by all of them together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from coterie.kit.errors import RateLimited, Unavailable
from coterie.tracking import limits
from coterie.tracking.metrics import HELD_BYTES

_SWEEP_FROM: Final = 10_000


class TooFast(RateLimited):
    """A key sends more requests a second than it may. Both headers are in seconds, as with Segment."""

    def __init__(self, *, rate: int) -> None:
        super().__init__(f"More than {rate:,} requests a second with this key.", retry_after=1)

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "X-RateLimit-Reset": str(self.retry_after)}


class Buckets:
    """A token bucket per key, in this process: each holds one second's worth."""

    def __init__(self) -> None:
        self._buckets: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, key_id: int) -> None:
        """Count one request; TooFast when there were too many."""
        rate = limits.current().requests_per_second
        now = time.monotonic()
        with self._lock:
            left, at = self._buckets.get(key_id, (float(rate), now))
            left = min(float(rate), left + (now - at) * rate)
            allowed = left >= 1
            self._buckets[key_id] = (left - 1 if allowed else left, now)
            if len(self._buckets) > _SWEEP_FROM:
                # A bucket untouched for a second is full, which is what a missing one is.
                self._buckets = {key: value for key, value in self._buckets.items() if now - value[1] < 1}
        if not allowed:
            raise TooFast(rate=rate)

    def clear(self) -> None:
        """Start anew."""
        with self._lock:
            self._buckets.clear()


class Budget:
    """The bytes of all requests that are being read or wait for a commit."""

    def __init__(self) -> None:
        self._held = 0
        self._lock = Lock()

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count bytes while the block runs; Unavailable when there would be too many."""
        with self._lock:
            if self._held and self._held + size > limits.current().held_bytes:
                raise Unavailable("Too many requests are being taken in. Try again soon.", code="busy", retry_after=2)
            self._held += size
        HELD_BYTES.inc(size)
        try:
            yield
        finally:
            with self._lock:
                self._held -= size
            HELD_BYTES.dec(size)


BUCKETS: Final = Buckets()
BUDGET: Final = Budget()
