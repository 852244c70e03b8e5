"""Sends requests straight into an ASGI application, with the body in as many pieces as a test wants."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

App = Callable[[dict[str, Any], Any, Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Reply:
    """What the application answered."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def basic(token: str, *, colon: bool = True) -> dict[str, str]:
    """The Authorization header of Segment's clients."""
    text = f"{token}:" if colon else token
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


async def send_to(
    app: App,
    path: str,
    chunks: Sequence[bytes] = (b"",),
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    pause: float = 0.0,
    disconnect: bool = False,
) -> Reply:
    """One request; `pause` is the time between its pieces, `disconnect` ends it before the last one."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("203.0.113.9", 50000),
        "server": ("testserver", 80),
    }
    left = list(chunks)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if pause:
            await asyncio.sleep(pause)
        if not left or (disconnect and len(left) == 1):
            return {"type": "http.disconnect"}
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return Reply(0, {}, b"")
    start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
    return Reply(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)


def send(app: App, path: str, body: Any = b"", **options: Any) -> Reply:
    """One request from a test that is not async; a body that is not bytes is sent as JSON."""
    chunks = [body] if isinstance(body, bytes) else [json.dumps(body).encode()]
    return asyncio.run(send_to(app, path, options.pop("chunks", chunks), **options))
