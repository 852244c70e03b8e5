"""What surrounds the events of a request: the list of them, the key, the time of sending, shared context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from coterie.kit.errors import InvalidInput, TooLarge
from coterie.tracking.limits import Limits
from coterie.tracking.wire import BATCH, Flavour, Route

_KEYS: Final = ("writeKey", "api_key", "token", "apiKey")
NOTHING: Final[Mapping[str, Any]] = {}


class Envelope(NamedTuple):
    """A request's events as sent, and what holds for all of them; `sent` is not read yet."""

    items: list[Any]
    sent: Any = None
    context: Mapping[str, Any] = NOTHING
    historical: bool = False


def open_envelope(route: Route, value: Any) -> Envelope:
    """The events of a request. Raises InvalidInput when it has not the shape that its path asks for."""
    if route.call != BATCH:
        if not isinstance(value, dict):
            raise InvalidInput("Expected a JSON object with one event.", code="bad_shape")
        return Envelope([value])
    if isinstance(value, list):
        return Envelope(value)
    if not isinstance(value, dict):
        raise InvalidInput("Expected a JSON object with a list named batch.", code="bad_shape")
    items = value.get("batch")
    if items is None and route.flavour is Flavour.POSTHOG and "event" in value:
        return Envelope([value], sent=_sent(value))
    if not isinstance(items, list):
        raise InvalidInput("Expected a list named batch.", code="bad_shape")
    context = value.get("context")
    return Envelope(
        items,
        sent=_sent(value),
        context=context if isinstance(context, dict) else NOTHING,
        historical=value.get("historical_migration") is True,
    )


def _sent(value: dict[str, Any]) -> Any:
    return value.get("sentAt") or value.get("sent_at")


def key_in(value: Any) -> str | None:
    """The write key inside a body: beside the batch, or in its first event as the browser clients send it."""
    if isinstance(value, list):
        return _key_of(value[0]) if value else None
    if not isinstance(value, dict):
        return None
    items = value.get("batch")
    return _key_of(value) or (_key_of(items[0]) if isinstance(items, list) and items else None)


def _key_of(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    properties = value.get("properties")
    for source in (value, properties if isinstance(properties, dict) else NOTHING):
        for name in _KEYS:
            token = source.get(name)
            if isinstance(token, str) and token.strip():
                return token.strip()
    return None


def check_count(route: Route, envelope: Envelope, limits: Limits) -> None:
    """Refuse a batch of too many events with TooLarge."""
    if route.flavour is Flavour.SEGMENT and len(envelope.items) > limits.batch_items:
        raise TooLarge(
            f"The batch has {len(envelope.items):,} events, at most {limits.batch_items:,} are taken.",
            code="too_many_events",
            details={"limit": limits.batch_items},
        )
