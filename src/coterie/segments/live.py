"""What a screen follows: that people or memberships have changed, at most twice a second, as server-sent events.

An event tells the position of the index (`seq`), of the membership log (`position`), and the visible segments whose
membership changed, with their sizes. The id is both positions, so that a client goes on where it was.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.accounts.renewal import renewed
from coterie.audience.models import IndexPosition
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.kit.sse import event, streamed
from coterie.people import changes
from coterie.people.kin import all_numbers
from coterie.people.queries import get_person
from coterie.segments import log
from coterie.segments.models import MembershipHead
from coterie.segments.visibility import visible_segments

# Also how soon a revoked session ends the stream.
POLL_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0
# Beyond so many entries nobody looks which person or segment they were about: the client reads all anew.
MOST_ENTRIES: Final = 200
_ID: Final = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)

DOCUMENTED: Final = {
    "responses": {
        200: {
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": (
                        "event: changed\nid: 5120-1207\n"
                        'data: {"seq": 5120, "position": 1207, "at": "2026-01-31T09:00:00.000Z", "people": true, '
                        '"segments": [{"id": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n", "size": 424}], "all": false}\n\n'
                    ),
                }
            }
        }
    }
}


class Place(NamedTuple):
    """How far a reader has come: the index's last change, and the membership log."""

    seq: int
    position: int

    @property
    def id(self) -> str:
        return f"{self.seq}-{self.position}"


@dataclass(frozen=True)
class Follower:
    """Who follows what: everything the caller may see, or one person (`numbers`: theirs and of those merged)."""

    access: Access
    numbers: frozenset[int] | None


async def answer(access: Access, last_event_id: str | None, number: int | None) -> StreamingHttpResponse:
    """The endless answer. InvalidInput for an id that is not of this stream, NotFound for an unknown person."""
    start = None
    if last_event_id:
        found = _ID.fullmatch(last_event_id)
        if found is None:
            raise InvalidInput(
                Reason("no_event_id", "Last-Event-ID is the id of an event of this stream."),
                details={"field": "last_event_id"},
            )
        start = Place(int(found[1]), int(found[2]))
    return streamed(events(await sync_to_async(follower)(access, number), start))


def follower(access: Access, number: int | None) -> Follower:
    """A follower of everything, or of one person; NotFound for an unknown one."""
    if number is None:
        return Follower(access, None)
    person = get_person(access.workspace, number)
    return Follower(access, frozenset(all_numbers(access.workspace, [person.number])))


async def events(who: Follower, start: Place | None) -> AsyncIterator[bytes]:
    """Events of the stream as bytes; ends when the caller's access does."""
    place = await sync_to_async(_now)(who.access.workspace) if start is None else start
    yield f"id: {place.id}\n: connected\n\n".encode()
    told = time.monotonic()
    while True:
        found = await sync_to_async(_next)(who, place)
        if found is None:
            return
        place, data = found
        if data is not None:
            told = time.monotonic()
            yield event("changed", place.id, data)
        elif time.monotonic() - told >= HEARTBEAT_SECONDS:
            told = time.monotonic()
            yield f"id: {place.id}\n: still here\n\n".encode()
        await asyncio.sleep(POLL_SECONDS)


def _now(workspace: Workspace) -> Place:
    seq = IndexPosition.objects.of(workspace).values_list("seq", flat=True).first()
    position = MembershipHead.objects.filter(workspace=workspace).values_list("position", flat=True).first()
    return Place(seq or 0, position or 0)


def _next(who: Follower, after: Place) -> tuple[Place, dict[str, Any] | None] | None:
    """Where things stand, and what may be told of what has changed since; None without access."""
    access = renewed(who.access, "people:read")
    if access is None:
        return None
    now = _now(access.workspace)
    if now == after:
        return now, None
    # A place from before a restore lies ahead of now: nothing of what the client has is sure.
    whole = after.seq > now.seq or after.position > now.position or now.position - after.position > MOST_ENTRIES
    segments = None if whole else _segments(who, access, after, now)
    people = whole or _people(who, access.workspace, after, now)
    if not people and not segments:
        return now, None
    return now, {
        "seq": now.seq,
        "position": now.position,
        "at": clock.iso(clock.now()),
        "people": people,
        "segments": segments or [],
        "all": whole,
    }


def _people(who: Follower, workspace: Workspace, after: Place, now: Place) -> bool:
    """Whether people have changed; for a follower of one person, whether that one has."""
    if who.numbers is None or now.seq - after.seq > MOST_ENTRIES:
        return now.seq > after.seq
    rows = changes.read(workspace, after.seq, now.seq - after.seq)
    if len(rows) < now.seq - after.seq:
        # The log was pruned: nobody can say any more.
        return True
    for change in rows:
        body = changes.body_of(change)
        named = [*body.get("people", ()), *body.get("events", ()), *body.get("merged", ())]
        # A merge names the survivor second.
        touched = {row[0] for row in named} | {into for _, into in body.get("merged", ())}
        if who.numbers & (touched | set(body.get("deleted", ()))) or change.kind == "definition":
            return True
    return False


def _segments(who: Follower, access: Access, after: Place, now: Place) -> list[dict[str, Any]]:
    """The visible segments whose members, or definition, changed; those that the person entered or left."""
    if not access.may("segments:read") or now.position == after.position:
        return []
    sizes: dict[int, int | None] = {}
    for row in log.read(access.workspace.pk, after.position, limit=now.position - after.position):
        for pk, move in row.entry.moves.items():
            if who.numbers is None or any(one in move.entered or one in move.left for one in who.numbers):
                sizes[pk] = move.size
        for pk in row.entry.defined if who.numbers is None else ():
            sizes.setdefault(pk, None)
    if not sizes:
        return []
    seen = visible_segments(access).filter(pk__in=sizes).values_list("pk", "public_id")
    return [{"id": public_id, "size": sizes[pk]} for pk, public_id in sorted(seen)]
