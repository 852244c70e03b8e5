"""Clients that keep asking while the server is killed under them, and remember what they were told.

They behave as SDKs and programs do: a batch whose answer never came is mostly sent again, and now and then one that was
acknowledged, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.hold.history import Fate, History, Write
from tests.hold.program import HOST, SLUG, Home, authorization

PATIENCE_SECONDS: Final = 60.0
PEOPLE: Final = 30
EVENT: Final = "purchase"
# What each dynamic segment asks for at first. `{k}` of the first one is edited all the time.
SCORED: Final = "score >= {k}"
SEGMENTS: Final = {
    "scored": SCORED.format(k=500),
    "buyers": f'did "{EVENT}" at least 3 times',
    "spenders": f'sum of amount over "{EVENT}" > 300',
    "lately": f'did "{EVENT}" in the last 1 minutes',
    "both": 'in segment "buyers" and not in segment "scored"',
}
PANELS: Final = ("panel one", "panel two")
# How the user ids of people begin who are identified once.
NEWCOMER: Final = "newcomer-"


class Lost(Exception):
    """No answer came, and none will. `sent` is false when nobody was there to take the request."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Wire:
    """One keep-alive connection; it is opened anew after it was lost."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._head = f"Host: {HOST}:{port}\r\nAuthorization: {authorization(key)}\r\nContent-Type: application/json\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer; Lost when the connection ends or nothing comes for long."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n\r\n"
        sent = False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(HOST, self._port)
                reader, writer = self._streams
                sent = True
                writer.write(head.encode() + content)
                await writer.drain()
                return await _read_answer(reader)
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError) as error:
            await self.close()
            raise Lost(str(error), sent=sent) from None

    async def close(self) -> None:
        """Let go of the connection."""
        if self._streams is not None:
            writer = self._streams[1]
            self._streams = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head[9:12])
    headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    return status, json.loads(content) if content and "json" in headers.get("content-type", "") else None


@dataclass
class Stage:
    """What the clients act on: numbers of people, and segments' public ids by name."""

    people: list[int] = field(default_factory=list)
    segments: dict[str, str] = field(default_factory=dict)


class Clients:
    """All clients of one run. `run` lasts until `stop`; the server may come and go meanwhile."""

    def __init__(self, home: Home, port: int, *, seed: int, history: History) -> None:
        self.history = history
        self.stage = Stage()
        self._home, self._port = home, port
        self._choose = random.Random(seed)
        self._stopping = False
        self._made = 0
        self._users = [f"u{number}" for number in range(PEOPLE)]

    async def prepare(self) -> None:
        """Make the people, the attribute and the segments that everything is about."""
        wire = self._wire(self._home.secret_key)
        await self._must(wire, "POST", "/attributes", {"key": "score", "type": "number"})
        for user in self._users:
            body = {"identities": [{"kind": "user_id", "value": user}], "set": {"name": user, "score": 0}}
            self.stage.people.append((await self._must(wire, "POST", "/people", body))["number"])
            self.history.initial(("score", self.stage.people[-1]), 0)
        # The name of an event is known from the first one on.
        sender = self._wire(self._home.write_key)
        await self._batch(sender, [self._purchase()], again=True)
        await sender.close()
        for name, where in SEGMENTS.items():
            await self._segment(wire, {"name": name, "where": where})
        self.history.initial("scored", 500)
        for name in PANELS:
            await self._segment(wire, {"name": name, "kind": "static", "people": []})
            for number in self.stage.people:
                self.history.initial(("panel", name, number), False)
        await wire.close()

    async def run(self) -> None:
        """Every client until `stop`."""
        write, secret = self._home.write_key, self._home.secret_key
        clients: list[tuple[str, Callable[[Wire], Awaitable[None]]]] = [
            *[(write, self._send_events)] * 3,
            *[(secret, self._patch_person)] * 2,
            (secret, self._change_members),
            (secret, self._edit_segment),
            (secret, self._make_segment),
            (secret, self._read),
        ]
        async with asyncio.TaskGroup() as group:
            for key, step in clients:
                group.create_task(self._forever(key, step))

    def stop(self) -> None:
        """End every client after its present request."""
        self._stopping = True

    def server_died(self, at: float) -> None:
        """Requests without an answer will not happen any more: the server that had them is dead."""
        # Copies: the clients go on in another thread.
        for writes in list(self.history.registers.values()):
            for write in list(writes):
                if write.fate is Fate.UNKNOWN and write.started <= at < write.ended:
                    write.ended = at

    async def _forever(self, key: str, step: Callable[[Wire], Awaitable[None]]) -> None:
        wire = self._wire(key)
        try:
            while not self._stopping:
                try:
                    await step(wire)
                    await asyncio.sleep(self._choose.uniform(0.002, 0.03))
                except Lost as lost:
                    await asyncio.sleep(0.002 if lost.sent else 0.1)
        finally:
            await wire.close()

    # Events

    async def _send_events(self, wire: Wire) -> None:
        size = self._choose.choice((1, 2, 5, 12, 40))
        again = self._choose.random() < 0.8
        await self._batch(wire, [self._event() for _ in range(size)], again=again)
        await asyncio.sleep(0.03)

    async def _batch(self, wire: Wire, items: list[dict[str, Any]], *, again: bool) -> None:
        """Send a batch; `again` until it is acknowledged, as SDKs do. Now and then once more after that."""
        ids = [item["messageId"] for item in items if item["type"] == "track"]
        newcomers = [item["userId"] for item in items if item.get("userId", "").startswith(NEWCOMER)]
        self.history.note_events(ids, Fate.UNKNOWN)
        self.history.note_newcomers(newcomers, Fate.UNKNOWN)
        while True:
            try:
                status, _ = await wire.ask("POST", "/v1/batch", {"batch": items})
                self._note("batch", status)
            except Lost as lost:
                if lost.sent:
                    self._note("batch", 0)
                status = 0
            if status == 200:
                self.history.note_events(ids, Fate.ACKNOWLEDGED)
                self.history.note_newcomers(newcomers, Fate.ACKNOWLEDGED)
                if self._choose.random() < 0.05:
                    with contextlib.suppress(Lost):
                        await wire.ask("POST", "/v1/batch", {"batch": items})
                return
            if not again or self._stopping:
                return
            await asyncio.sleep(0.1)

    def _event(self) -> dict[str, Any]:
        kind = self._choose.random()
        if kind < 0.8:
            return self._purchase()
        if kind < 0.9:
            # Someone unknown buys, and is a customer later: two people become one.
            return self._purchase({"anonymousId": f"a{self._choose.randrange(60)}"})
        if kind < 0.93:
            # Known from this call alone: when it is lost, nothing else brings them.
            name = f"{NEWCOMER}{self._next()}"
            return self._call("identify", {"userId": name}) | {"traits": {"name": name}}
        guest = {"anonymousId": f"a{self._choose.randrange(60)}", "userId": f"g{self._choose.randrange(40)}"}
        return self._call("identify", guest) | {"traits": {"name": guest["userId"]}}

    def _purchase(self, who: dict[str, str] | None = None) -> dict[str, Any]:
        call = self._call("track", who or {"userId": self._choose.choice(self._users)})
        # Some are nearly a minute old, so that they leave the "last minute" while nothing else happens.
        age = self._choose.choice((0, 0, 30, 55, 58, 59.5, 90))
        at = datetime.now(UTC) - timedelta(seconds=age)
        return call | {
            "event": EVENT,
            "properties": {"amount": self._choose.randrange(1, 60)},
            "timestamp": at.isoformat(timespec="milliseconds"),
        }

    def _call(self, kind: str, who: dict[str, str]) -> dict[str, Any]:
        return {"type": kind, "messageId": f"m{self._next()}"} | who

    # Registers

    async def _patch_person(self, wire: Wire) -> None:
        number = self._choose.choice(self.stage.people[:10])
        value = self._next()
        write = self._begin(("score", number), value)
        await self._write(wire, write, "PATCH", f"/people/{number}", {"set": {"score": value}})

    async def _change_members(self, wire: Wire) -> None:
        name = self._choose.choice(PANELS)
        some = self._choose.sample(self.stage.people, self._choose.randrange(1, 4))
        into = self._choose.random() < 0.6
        writes = [self._begin(("panel", name, number), into) for number in some]
        body = {"add" if into else "remove": some}
        path = f"/segments/{self.stage.segments[name]}/members"
        await self._write(wire, writes, "POST", path, body)

    async def _edit_segment(self, wire: Wire) -> None:
        value = self._choose.randrange(self._made + 1)
        write = self._begin("scored", value)
        body = {"where": SCORED.format(k=value)}
        await self._write(wire, write, "PATCH", f"/segments/{self.stage.segments['scored']}", body)
        await asyncio.sleep(0.1)

    async def _make_segment(self, wire: Wire) -> None:
        """A segment is made, and half of them are deleted again."""
        name = f"made {self._next()}"
        self.history.initial(("segment", name), False)
        write = self._begin(("segment", name), True)
        body = {"name": name, "where": SCORED.format(k=self._choose.randrange(self._made + 1))}
        made = await self._write(wire, write, "POST", "/segments", body)
        if made and self._choose.random() < 0.7:
            write = self._begin(("segment", name), False)
            await self._write(wire, write, "DELETE", f"/segments/{made['id']}", None)
        await asyncio.sleep(0.2)

    async def _write(self, wire: Wire, write: Write | list[Write], method: str, path: str, body: Any) -> Any:
        writes = write if isinstance(write, list) else [write]
        what = f"{method} {path.split('/')[1]}"
        try:
            status, answer = await wire.ask(method, f"/api/v1/workspaces/{SLUG}{path}", body)
        except Lost as lost:
            if lost.sent:
                self._note(what, 0)
            else:
                for each in writes:
                    each.fate = Fate.REFUSED
            raise
        self._note(what, status, answer)
        for each in writes:
            if status < 300:
                each.fate, each.ended = Fate.ACKNOWLEDGED, time.monotonic()
            elif status < 500:
                each.fate, each.ended = Fate.REFUSED, time.monotonic()
        return answer if status < 300 else None

    async def _read(self, wire: Wire) -> None:
        """Readers get an answer or a clear 503."""
        name = self._choose.choice([*SEGMENTS, *PANELS])
        status, answer = await wire.ask("GET", f"/api/v1/workspaces/{SLUG}/segments/{self.stage.segments[name]}/people")
        self._note("GET segments", status, answer)
        where = {"where": self._choose.choice(list(SEGMENTS.values()))}
        status, answer = await wire.ask("POST", f"/api/v1/workspaces/{SLUG}/people/count", where)
        self._note("POST count", status, answer)

    # Parts

    def _wire(self, key: str) -> Wire:
        return Wire(self._port, key)

    def _begin(self, key: Any, value: Any) -> Write:
        return self.history.begin(key, value, at=time.monotonic())

    def _next(self) -> int:
        self._made += 1
        return self._made

    def _note(self, what: str, status: int, answer: Any = None) -> None:
        self.history.answers[f"{what}: {status or 'no answer'}"] += 1
        if status >= 400 and status not in (429, 503):
            self.history.odd.append(f"{what}: {status} {str(answer)[:300]}")

    async def _must(self, wire: Wire, method: str, path: str, body: Any) -> Any:
        status, answer = await wire.ask(method, f"/api/v1/workspaces/{SLUG}{path}", body)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    async def _segment(self, wire: Wire, body: dict[str, Any]) -> None:
        self.stage.segments[body["name"]] = (await self._must(wire, "POST", "/segments", body))["id"]
