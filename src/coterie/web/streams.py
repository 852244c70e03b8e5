"""Server-sent events have no end of their own, so a server that stops has to end them, or it would wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from coterie.web.limits import App, Message, Receive, Scope, Send


class Streams:
    """Ends open streams when told to; other requests are left to finish."""

    def __init__(self) -> None:
        self._ending = asyncio.Event()

    def end(self) -> None:
        """End every stream; clients come back later and go on where they were. Call it in the event loop."""
        self._ending.set()

    def around(self, app: App) -> App:
        """The application whose streams can be ended."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            # Streams are read: what is sent to us needs none of this, and is most of what comes.
            if scope["type"] != "http" or scope["method"] != "GET":
                await app(scope, receive, send)
                return
            stream = _Stream(receive, send, self._ending)
            await app(scope, stream.receive, stream.send)
            await stream.finish()

        return serve


class _Stream:
    """One request: when it turns out to be a stream, its application hears that the client has gone."""

    def __init__(self, receive: Receive, send: Send, ending: asyncio.Event) -> None:
        self._receive, self._send, self._ending = receive, send, ending
        self._open = asyncio.Event()
        self._done = False

    async def receive(self) -> Message:
        """The next message of the client, or its going."""
        real = asyncio.ensure_future(self._receive())
        end = asyncio.ensure_future(self._ended())
        try:
            await asyncio.wait((real, end), return_when=asyncio.FIRST_COMPLETED)
            return real.result() if real.done() else {"type": "http.disconnect"}
        finally:
            for task in (real, end):
                task.cancel()

    async def send(self, message: Message) -> None:
        """Pass on what the application says, and notice what it is."""
        if message["type"] == "http.response.start" and _is_stream(message):
            self._open.set()
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self._done = True
        await self._send(message)

    async def finish(self) -> None:
        """Tell the client of an ended stream that nothing comes any more."""
        if self._open.is_set() and not self._done and self._ending.is_set():
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _ended(self) -> None:
        await self._open.wait()
        await self._ending.wait()


def _is_stream(message: Mapping[str, Any]) -> bool:
    headers = {name.lower(): value for name, value in message.get("headers", ())}
    return bytes(headers.get(b"content-type", b"")).startswith(b"text/event-stream")
