"""Load as SDKs make it: batches of events over kept connections, from one asyncio client."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bench import population
from bench.server import HOST, Server

# Stands in each prepared body where the run's and the request's own message ids go; the same length as those.
_PLACE: Final = b"@@@@@@@@@@"
_BODIES: Final = 400


@dataclass
class Sent:
    """What a client was told: events by answer, and how long each request waited for it (s)."""

    events: int = 0
    refused: int = 0
    seconds: float = 0.0
    acks: list[float] = field(default_factory=list)


@dataclass
class Seen:
    """How long it took from an event's acknowledgement until the API showed the membership (s), and what never came."""

    delays: list[float] = field(default_factory=list)
    missed: int = 0


class Connection:
    """One keep-alive HTTP/1.1 connection."""

    def __init__(self, port: int, authorization: str) -> None:
        self._port = port
        self._authorization = authorization
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request; status and body of the answer."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nAuthorization: {self._authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            return await self._exchange(head.encode() + body)
        except (ConnectionError, asyncio.IncompleteReadError):
            # The server closes connections that were idle for some seconds; message ids make a second try safe.
            self.close()
            return await self._exchange(head.encode() + body)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port)
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        status = int(answer[9:12])
        length = next(
            int(line.split(b":")[1]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return status, await reader.readexactly(length)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Bodies:
    """Prepared batches: nine of ten events are `track`, one is `identify`; each use has message ids of its own."""

    def __init__(self, *, people: int, size: int, prefix: str) -> None:
        choose = random.Random(23)
        self.size = size
        self._prefix = prefix
        self._bodies = [_body(choose, people=people, size=size, place=place) for place in range(_BODIES)]
        self._tracks = [body.count(b'"type":"track"') for body in self._bodies]
        self._used = 0

    def next(self) -> tuple[bytes, int]:
        """A batch and how many `track` events are in it."""
        place = self._used % _BODIES
        # Ten characters, as the place they take.
        own = f"{self._prefix}{self._used:0{10 - len(self._prefix)}d}".encode()
        self._used += 1
        return self._bodies[place].replace(_PLACE, own), self._tracks[place]


def _body(choose: random.Random, *, people: int, size: int, place: int) -> bytes:
    now = population.iso(int(time.time() * 1000))
    context = {"library": {"name": "analytics-python", "version": "2.4.0"}}
    events = []
    for position in range(size):
        common: dict[str, Any] = {
            "integrations": {},
            "anonymousId": None,
            "timestamp": now,
            "context": context,
            "userId": population.user_id(choose.randint(1, people)),
            "messageId": f"{_PLACE.decode()}-{place}-{position}",
        }
        if position % 10 == 9:
            traits = {"plan": choose.choice(("free", "pro", "team")), "orders": choose.randrange(40)}
            events.append({**common, "type": "identify", "traits": traits})
        else:
            properties = {"amount": choose.randrange(300), "currency": "EUR", "path": f"/page/{choose.randrange(500)}"}
            name = choose.choice(("page viewed", "page viewed", "purchase", "link clicked"))
            events.append({**common, "type": "track", "event": name, "properties": properties})
    return json.dumps({"batch": events, "sentAt": now}, separators=(",", ":")).encode()


def basic(write_key: str) -> str:
    """How SDKs name their key."""
    return "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()


async def flood(server: Server, bodies: Bodies, *, connections: int, seconds: float) -> tuple[Sent, int]:
    """Each connection sends its next batch as soon as the last is answered; what was sent, and its `track` events."""
    sent = Sent()
    tracks = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal tracks
        connection = Connection(server.port, basic(server.filled.write_key))
        while time.perf_counter() < end:
            body, inside = bodies.next()
            if await _deliver(connection, body, bodies.size, sent):
                tracks += inside
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    sent.seconds = time.perf_counter() - started
    return sent, tracks


async def pace(
    server: Server, bodies: Bodies, *, per_second: int, seconds: float, connections: int = 8, sent: Sent | None = None
) -> Sent:
    """Send so many events a second whatever the server does; a late answer makes the others wait for no one.

    The time of an answer counts from when its request was due, so a server that stalls can't hide it.
    """
    sent = sent or Sent()
    pool: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        pool.put_nowait(Connection(server.port, basic(server.filled.write_key)))
    tasks = []
    step = bodies.size / per_second
    started = time.perf_counter()

    async def one(due: float) -> None:
        connection = await pool.get()
        await _deliver(connection, bodies.next()[0], bodies.size, sent, due=due)
        pool.put_nowait(connection)

    for number in range(int(seconds / step)):
        due = started + number * step
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    sent.seconds = time.perf_counter() - started
    while not pool.empty():
        pool.get_nowait().close()
    return sent


async def _deliver(connection: Connection, body: bytes, size: int, sent: Sent, *, due: float | None = None) -> bool:
    started = time.perf_counter() if due is None else due
    status, _ = await connection.send("POST", "/v1/batch", body)
    sent.acks.append(time.perf_counter() - started)
    if status == 200:
        sent.events += size
        return True
    sent.refused += size
    await asyncio.sleep(0.5)
    return False


async def probe(
    server: Server, *, event: str, segment: str, until: Callable[[], bool], people: list[int], pause: float = 0.02
) -> Seen:
    """Send one event after another, each of another person, and look until the person's segments show its effect."""
    seen = Seen()
    writer = Connection(server.port, basic(server.filled.write_key))
    reader = Connection(server.port, f"Bearer {server.filled.secret_key}")
    for number in people:
        if until():
            break
        body = {
            "userId": population.user_id(number),
            "event": event,
            "messageId": f"probe-{number}",
            "properties": {"amount": 5},
        }
        status, _ = await writer.send("POST", "/v1/track", json.dumps(body).encode())
        acknowledged = time.perf_counter()
        if status != 200:
            seen.missed += 1
            continue
        while True:
            _, content = await reader.send("GET", f"/api/v1/workspaces/{server.filled.slug}/people/{number}/segments")
            now = time.perf_counter()
            if any(row["id"] == segment for row in json.loads(content).get("items", ())):
                seen.delays.append(now - acknowledged)
                break
            if now - acknowledged > 30:
                seen.missed += 1
                break
            await asyncio.sleep(pause)
        # Not in step with the projector's own rhythm.
        await asyncio.sleep(0.05 + (number % 17) / 100)
    writer.close()
    reader.close()
    return seen
