"""Which paths take events, in whose language, and how each language answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from coterie.tracking.limits import Limits


class Flavour(Enum):
    """Whose HTTP interface a request speaks. RudderStack's clients speak Segment's."""

    SEGMENT = "segment"
    POSTHOG = "posthog"


@dataclass(frozen=True)
class Manners:
    """One row per flavour: its limits and its answers."""

    success: dict[str, Any]
    item_bytes: str
    batch_bytes: str

    def most_item(self, limits: Limits) -> int:
        """Bytes of one event."""
        size: int = getattr(limits, self.item_bytes)
        return size

    def most_batch(self, limits: Limits) -> int:
        """Bytes of one batch."""
        size: int = getattr(limits, self.batch_bytes)
        return size


MANNERS: Final[dict[Flavour, Manners]] = {
    Flavour.SEGMENT: Manners({"success": True}, "call_bytes", "batch_bytes"),
    Flavour.POSTHOG: Manners({"status": "Ok"}, "posthog_item_bytes", "posthog_bytes"),
}

BATCH: Final = "batch"
FLAGS: Final = "flags"


class Route(NamedTuple):
    """What a path means: `call` is the type of the one event it takes, or BATCH, or FLAGS (takes nothing).

    `each` says that the answer names what became of each event.
    """

    flavour: Flavour
    call: str
    each: bool = False

    def most_bytes(self, limits: Limits) -> int:
        """Bytes of a whole request."""
        manners = MANNERS[self.flavour]
        if self.flavour is Flavour.SEGMENT and self.call != BATCH:
            return manners.most_item(limits)
        return manners.most_batch(limits)


# analytics.js sends single events to the one-letter paths.
_SEGMENT: Final = {
    "batch": ("batch", "b"),
    "identify": ("identify", "i"),
    "track": ("track", "t"),
    "page": ("page", "p"),
    "screen": ("screen", "s"),
    "group": ("group", "g"),
    "alias": ("alias", "a"),
}
_POSTHOG: Final = {BATCH: ("batch", "e", "capture", "i/v0/e", "i/v0/ai/batch"), FLAGS: ("flags", "decide")}
# PostHog's newer interface, which its Python client can be told to use.
_POSTHOG_EACH: Final = "i/v1/analytics/events"


def _routes() -> dict[str, Route]:
    routes = {f"/v1/{name}": Route(Flavour.SEGMENT, call) for call, names in _SEGMENT.items() for name in names} | {
        f"/{name}": Route(Flavour.POSTHOG, call) for call, names in _POSTHOG.items() for name in names
    }
    routes[f"/{_POSTHOG_EACH}"] = Route(Flavour.POSTHOG, BATCH, each=True)
    return routes | {f"{path}/": route for path, route in routes.items()}


ROUTES: Final[dict[str, Route]] = _routes()
"""Every path that takes events, each with and without a slash at its end: a redirect would lose the body."""
