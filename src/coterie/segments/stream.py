"""Transitions as server-sent events: the membership log, followed by whoever may see the segments.

Each event's id is its position in the log, so a client that comes back goes on where it was. A browser does that by
itself with Last-Event-ID.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from pyroaring import BitMap

from coterie.accounts.permissions import Access
from coterie.accounts.renewal import renewed
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.kit.sse import event, streamed
from coterie.segments import log
from coterie.segments.log import Cause, LogRow
from coterie.segments.models import MembershipHead
from coterie.segments.visibility import told_ref, visible_segments

POLL_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0
# Numbers named in one event; beyond them there are only counts.
MOST_NUMBERS: Final = 1_000
# Causes told of one segment in one event, those of most people first.
MOST_CAUSES: Final = 100
_ROWS: Final = 100
_LONGEST_POSITION: Final = 2**63

DOCUMENTED: Final = {
    "responses": {
        200: {
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": (
                        "event: transitions\nid: 1207\n"
                        'data: {"at": "2026-01-31T09:00:00.000Z", "segments": '
                        '[{"id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n", "name": "Paying", "size": 424, '
                        '"entered": [42], "entered_count": 1, "left": [], "left_count": 0, '
                        '"causes": [{"cause": "event", "ref": "purchase", '
                        '"entered": [42], "entered_count": 1, "left": [], "left_count": 0}]}]}\n\n'
                    ),
                }
            }
        }
    }
}


def answer(access: Access, last_event_id: str | None) -> StreamingHttpResponse:
    """The endless answer, from the position after `last_event_id`, or from now on; InvalidInput when it is not one."""
    start = None
    if last_event_id:
        if not last_event_id.isascii() or not last_event_id.isdecimal() or int(last_event_id) >= _LONGEST_POSITION:
            raise InvalidInput(
                Reason("no_event_id", "Last-Event-ID is the id of an event of this stream."),
                details={"field": "last_event_id"},
            )
        start = int(last_event_id)
    return streamed(events(access, start))


async def events(access: Access, start: int | None) -> AsyncIterator[bytes]:
    """Events of the stream as bytes; ends when the caller's access does."""
    head, pruned = await sync_to_async(_ends)(access.workspace.pk)
    position = head if start is None else start
    if position < pruned or position > head:
        # What was in between is gone: the client reads the segments anew and goes on from here.
        position = head
        yield event("reset", position, {})
    else:
        yield b": connected\n\n"
    told = time.monotonic()
    while True:
        found = await sync_to_async(_next)(access, position)
        if found is None:
            return
        for position, data in found:
            if data is not None:
                told = time.monotonic()
                yield event("transitions", position, data)
        if time.monotonic() - told >= HEARTBEAT_SECONDS:
            told = time.monotonic()
            yield f"id: {position}\n: still here\n\n".encode()
        if len(found) < _ROWS:
            await asyncio.sleep(POLL_SECONDS)


def _ends(workspace_id: int) -> tuple[int, int]:
    head = MembershipHead.objects.filter(workspace_id=workspace_id).first()
    return (head.position, head.pruned) if head else (0, 0)


def _next(access: Access, after: int) -> list[tuple[int, dict[str, Any] | None]] | None:
    """What follows a position: each row's position and what the caller may know of it; None without access.

    Access and visibility are looked up each time, so that a lost role or a newly hidden segment counts at once.
    """
    now = renewed(access, "segments:read")
    if now is None:
        return None
    rows = list(log.read(access.workspace.pk, after, limit=_ROWS))
    if not rows:
        return []
    visible = visible_segments(now).values_list("pk", "public_id", "name")
    seen = {pk: (public_id, name) for pk, public_id, name in visible}
    return [(row.position, _told(row, seen)) for row in rows]


def _told(row: LogRow, seen: dict[int, tuple[str, str]]) -> dict[str, Any] | None:
    names = dict(seen.values())
    moves = [
        {
            "id": seen[pk][0],
            "name": seen[pk][1],
            "size": move.size,
            **_moved(move.entered, move.left),
            "causes": _causes(row.entry.reasons(pk), names),
        }
        for pk, move in sorted(row.entry.moves.items())
        if pk in seen
    ]
    return {"at": clock.iso(clock.from_ms(row.at_ms)), "segments": moves} if moves else None


def _causes(reasons: Iterable[log.Reason], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Why people moved, for the eyes of who may see the segments in `names`; hidden ones are one cause together."""
    found: dict[Cause, tuple[BitMap, BitMap]] = {}
    for (kind, ref), entered, left in reasons:
        into, out = found.setdefault((kind, told_ref(kind, ref, names)), (BitMap(), BitMap()))
        into |= entered
        out |= left
    largest = sorted(found.items(), key=lambda item: -len(item[1][0]) - len(item[1][1]))[:MOST_CAUSES]
    return [{"cause": kind, "ref": ref, **_moved(entered, left)} for (kind, ref), (entered, left) in largest]


def _moved(entered: BitMap, left: BitMap) -> dict[str, Any]:
    return {
        "entered": list(entered[:MOST_NUMBERS]),
        "entered_count": len(entered),
        "left": list(left[:MOST_NUMBERS]),
        "left_count": len(left),
    }
