"""Events that can't be used: kept as they were sent, listed with their reason, and sent through again on request."""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from django.db import transaction

from coterie.accounts.models import Workspace
from coterie.kit import clock
from coterie.kit.errors import Conflict, NotFound
from coterie.kit.ids import new_id
from coterie.tracking.committer import ARRIVED
from coterie.tracking.models import Quarantine, QuarantineState, RawBatch, quarantine_id
from coterie.tracking.reading import Entry, pack, shown_id, unpack
from coterie.tracking.wire import BATCH, Flavour


class Refusal(NamedTuple):
    """An event that is set aside: its request around it alone, so that a replay reads it just like the first time."""

    source_id: int
    id_hash: bytes
    message_id: str
    code: str
    reason: str
    flavour: str
    call: str
    received_at: datetime
    peer: str
    body: bytes


def refusal(row: RawBatch, entry: Entry, *, around: Mapping[str, Any], code: str, reason: str) -> Refusal:
    """One event of a batch that can't be used; `around` is the request without its list of events."""
    item = entry.item
    if entry.made_id and isinstance(item, dict):
        # Replayed, it must have the id that it had here.
        item = {**item, ("messageId" if row.flavour == Flavour.SEGMENT.value else "uuid"): entry.message_id}
    alone: Any = item
    if row.call == BATCH:
        alone = {**around, "batch": [item]}
    return _refusal(row, entry.id_hash, entry.message_id, code, reason, _text(alone))


def without_events(request: Any) -> dict[str, Any]:
    """What stands around the events of a batch: the time of sending, shared context."""
    if not isinstance(request, dict) or "batch" not in request:
        return {}
    return {key: value for key, value in request.items() if key != "batch"}


def unreadable(row: RawBatch) -> Refusal:
    """A whole batch that can't be read, kept byte by byte."""
    message_id = f"{row.token}-all"
    id_hash = blake2b(message_id.encode(), digest_size=16).digest()
    body = bytes(row.body)
    with contextlib.suppress(zlib.error):
        body = unpack(body, row.packed)
    return _refusal(row, id_hash, message_id, "unreadable", "the stored request can't be read any more", body)


def _refusal(row: RawBatch, id_hash: bytes, message_id: str, code: str, reason: str, body: bytes) -> Refusal:
    return Refusal(
        source_id=row.source_id,
        id_hash=id_hash,
        message_id=shown_id(message_id),
        code=code,
        reason=reason,
        flavour=row.flavour,
        call=row.call,
        received_at=row.received_at,
        peer=row.peer,
        body=zlib.compress(body, 1),
    )


def _text(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        pass
    try:
        # orjson writes 254 levels; this one goes deeper.
        return json.dumps(value).encode()
    except RecursionError:
        return b'{"batch":["(nested too deeply to be kept)"]}'


def keep(workspace_id: int, refusals: Sequence[Refusal]) -> None:
    """Set events aside. One that is there already is opened again. Part of the caller's transaction."""
    # A client may send one bad event twice in a batch; a row can be written only once in a statement.
    by_id = {(refused.source_id, refused.id_hash): refused for refused in refusals}
    if not by_id:
        return
    now = clock.now()
    rows = [
        Quarantine(
            workspace_id=workspace_id,
            public_id=quarantine_id(),
            at=now,
            state=QuarantineState.OPEN,
            **refused._asdict(),
        )
        for refused in by_id.values()
    ]
    Quarantine.objects.of(workspace_id).bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["workspace", "source", "id_hash"],
        update_fields=["at", "code", "reason", "state", "flavour", "call", "received_at", "peer", "body"],
    )


def replay(workspace: Workspace, public_id: str) -> Quarantine:
    """Send an event that was set aside through the log again, as it came and with the time it came.

    Raises NotFound, and Conflict when it was replayed already.
    """
    rows = Quarantine.objects.of(workspace)
    with transaction.atomic():
        row = rows.filter(public_id=public_id).first()
        if row is None:
            raise NotFound("There is no such event in quarantine.")
        open_row = rows.filter(pk=row.pk, state=QuarantineState.OPEN)
        if not open_row.update(state=QuarantineState.REPLAYED):
            raise Conflict("This event was replayed already.", code="replayed")
        body, packed = pack(zlib.decompress(row.body))
        RawBatch.objects.of(workspace).bulk_create(
            [
                RawBatch(
                    workspace=workspace,
                    source_id=row.source_id,
                    token=new_id("bat"),
                    flavour=row.flavour,
                    call=row.call,
                    received_at=row.received_at,
                    peer=row.peer,
                    item_count=1,
                    packed=packed,
                    body=body,
                )
            ]
        )
        transaction.on_commit(ARRIVED.set)
    row.state = QuarantineState.REPLAYED
    return row
