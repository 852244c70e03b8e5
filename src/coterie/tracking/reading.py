"""From a request's JSON to events ready to be applied; the endpoints judge with it and the drain works with it."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from coterie.people.edits import Origin, PersonEdit
from coterie.tracking import posthog, segment
from coterie.tracking.envelope import Envelope, open_envelope
from coterie.tracking.item import Frame, Refused
from coterie.tracking.limits import Limits
from coterie.tracking.times import read_sent
from coterie.tracking.wire import BATCH, MANNERS, Flavour, Route

_log = logging.getLogger(__name__)

TRANSLATIONS: Final = {Flavour.SEGMENT: segment, Flavour.POSTHOG: posthog}
# Renewed by some clients on each attempt: a repeated event is still the same event.
_VOLATILE: Final = frozenset({"sentAt", "sent_at", "receivedAt", "offset"})
_PACK_FROM: Final = 1024
LONGEST_SHOWN_ID: Final = 200


class Source(NamedTuple):
    """The key that events came with. `trusted` keys are secret: a server of the workspace sends with them."""

    workspace_id: int
    key_id: int
    ref: str
    name: str
    trusted: bool

    @property
    def origin(self) -> Origin:
        """Who wrote the values; what a public key may write is less (people/actions.py)."""
        return Origin("api" if self.trusted else "tracking", self.ref)


class Arrival(NamedTuple):
    """How and when a request came."""

    route: Route
    received_ms: int
    peer: str
    token: str


@dataclass(slots=True)
class Entry:
    """One event of a batch: `edit` to apply, or `refused` with the reason.

    `id_hash` (16 bytes) stands for the message id, `body_hash` (8 bytes) for what it carries. `made_id` says that the
    client sent no id and this one is ours: the batch's token and the position.
    """

    position: int
    item: Any
    message_id: str
    made_id: bool
    id_hash: bytes
    body_hash: bytes
    edit: PersonEdit | None
    refused: Refused | None


def read_entries(
    value: Any, arrival: Arrival, source: Source, *, limits: Limits, first: int = 0, last: int | None = None
) -> Iterator[Entry]:
    """The events of a request in order, those from position `first` to before `last`.

    Raises InvalidInput when the request has not the shape that its path asks for.
    """
    envelope = open_envelope(arrival.route, value)
    frame = _frame(envelope, arrival, source)
    most = MANNERS[arrival.route.flavour].most_item(limits)
    for position in range(first, len(envelope.items) if last is None else min(last, len(envelope.items))):
        yield _entry(envelope.items[position], position, arrival, frame, most)


def _frame(envelope: Envelope, arrival: Arrival, source: Source) -> Frame:
    return Frame(
        received_ms=arrival.received_ms,
        sent_ms=None if envelope.historical else read_sent(envelope.sent),
        context=envelope.context,
        peer_ip=arrival.peer,
        source=source.name,
        origin=source.origin,
        call="" if arrival.route.call == BATCH else arrival.route.call,
    )


def _entry(item: Any, position: int, arrival: Arrival, frame: Frame, most: int) -> Entry:
    translation = TRANSLATIONS[arrival.route.flavour]
    own_id = _text(translation.message_id(item)) if isinstance(item, dict) else ""
    message_id = own_id or f"{arrival.token}-{position}"
    edit = refused = None
    body_hash = b""
    try:
        if not isinstance(item, dict):
            raise Refused("bad_shape", "an event must be an object")
        body_hash = _hash_body(item, most)
        edit = translation.translate(item, frame, message_id)
    except Refused as reason:
        refused = reason
    except Exception:
        # A fault of ours must not hold up the events behind this one.
        _log.exception("an event could not be translated")
        refused = Refused("internal_error", "the event could not be read; this is a fault of Coterie")
    return Entry(
        position=position,
        item=item,
        message_id=message_id,
        made_id=not own_id,
        id_hash=blake2b(message_id.encode(), digest_size=16).digest(),
        body_hash=body_hash or bytes(8),
        edit=edit,
        refused=refused,
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _hash_body(item: dict[str, Any], most: int) -> bytes:
    """A hash of the event without what clients renew on each attempt. Refuses what is too large or too deep."""
    try:
        text = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise Refused("too_deep", "the event is nested more than 250 levels deep") from None
    if len(text) > most:
        raise Refused("too_large", f"the event has {len(text):,} bytes, at most {most:,} are taken")
    if not _VOLATILE.isdisjoint(item):
        kept = {key: value for key, value in item.items() if key not in _VOLATILE}
        text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=8).digest()


def pack(text: bytes) -> tuple[bytes, bool]:
    """JSON text as it is stored, and whether it was packed; level 1, since speed matters more than size here."""
    if len(text) < _PACK_FROM:
        return text, False
    return zlib.compress(text, 1), True


def unpack(body: bytes | memoryview, packed: bool) -> bytes:
    """Stored JSON text; zlib.error when the row is damaged."""
    return zlib.decompress(body) if packed else bytes(body)


def shown_id(message_id: str) -> str:
    """A message id as lists show it: cut, without NUL, which PostgreSQL can't store in text."""
    return message_id[:LONGEST_SHOWN_ID].replace("\0", "\ufffd")
