"""One visit with a stock Python SDK, as a program of its own: `python -m tests.tracking.sdk.python_sdks NAME`.

The same visit as in node/sdks.mjs: a user is set, does EVENTS things, an anonymous visitor does one, an alias says that
they are one person. The address and the key come from the environment, so that nothing but the host is changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

HOST = os.environ.get("SDK_HOST", "")
KEY = os.environ.get("SDK_KEY", "")
EVENTS = int(os.environ.get("SDK_EVENTS", "0"))


def segment(*, gzip: bool = False) -> None:
    from segment.analytics.client import Client

    _segment_like(Client(write_key=KEY, host=HOST, gzip=gzip, upload_size=1000, on_error=_told))


def rudderstack() -> None:
    from rudderstack.analytics.client import Client

    _segment_like(Client(write_key=KEY, host=HOST, upload_size=1000, max_retries=10, on_error=_told))


def _segment_like(client: Any) -> None:
    client.identify(user_id="u1", traits={"plan": "pro"})
    for number in range(EVENTS):
        client.track(user_id="u1", event="bought", properties={"number": number})
    client.page(anonymous_id="a1", name="Home")
    client.alias(previous_id="a1", user_id="u1")
    client.flush()
    client.shutdown()


def posthog(*, gzip: bool = False) -> None:
    from posthog import Posthog

    client = Posthog(KEY, host=HOST, gzip=gzip, flush_at=1000, max_retries=10, on_error=_told)
    client.set(distinct_id="u1", properties={"plan": "pro"})
    for number in range(EVENTS):
        client.capture("bought", distinct_id="u1", properties={"number": number})
    client.capture("$pageview", distinct_id="a1")
    client.alias(previous_id="a1", distinct_id="u1")
    client.flush()
    client.shutdown()


def _told(error: Exception, *_: Any) -> None:
    sys.stderr.write(f"on_error: {error}\n")


SDKS: dict[str, Callable[[], None]] = {
    "segment-python": segment,
    "segment-python-gzip": lambda: segment(gzip=True),
    "rudderstack-python": rudderstack,
    "posthog-python": posthog,
    "posthog-python-gzip": lambda: posthog(gzip=True),
}

if __name__ == "__main__":
    SDKS[sys.argv[1]]()
