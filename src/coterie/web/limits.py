"""A cap on request bodies, counted on the bytes that arrive: a length header can lie or be missing."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final

from coterie.kit.errors import CoterieError, TooLarge, Unavailable
from coterie.transfers.limits import TEXT_FILE
from coterie.web.errors import answer

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

DEFAULT_CAP: Final = 16 * 1024 * 1024
CAPS: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    (re.compile("/accounts/"), 64 * 1024),
    (re.compile("/_allauth/"), 64 * 1024),
    # A file on its way in is written to disk as it comes.
    (re.compile("/api/v1/workspaces/[^/]*/imports$"), TEXT_FILE),
)
"""Bytes by how the path begins; a room whose requests are larger or smaller than the default has a row here."""


class _Exceeded(Exception):
    """More bytes came than the cap allows."""


def capped(app: App) -> App:
    """The application behind the cap: a body that is too large is answered 413 and not read further."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        cap = next((size for start, size in CAPS if start.match(scope["path"])), DEFAULT_CAP)
        try:
            if _declared(scope) > cap:
                raise _Exceeded
            await app(scope, _counting(receive, cap), send)
        except _Exceeded:
            await _refuse(send, cap)

    return serve


def crowded(app: App, *, most: int) -> App:
    """The application with at most so many requests at once; one more is answered 503 with Retry-After.

    uvicorn has such a limit too, but its answer is neither JSON nor says when to come back.
    """
    running = 0

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal running
        if scope["type"] == "http" and running >= most:
            await _say(send, Unavailable("Too many requests at once. Try again soon.", code="busy", retry_after=1))
            return
        running += 1
        try:
            await app(scope, receive, send)
        finally:
            running -= 1

    return serve


def _declared(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


def _counting(receive: Receive, cap: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > cap:
            raise _Exceeded
        return message

    return counted


async def _refuse(send: Send, cap: int) -> None:
    await _say(send, TooLarge(details={"limit_bytes": cap}))


async def _say(send: Send, error: CoterieError) -> None:
    response = answer(error)
    headers = [(name.lower().encode(), value.encode()) for name, value in error.headers().items()]
    headers += [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
