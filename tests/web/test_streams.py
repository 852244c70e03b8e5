"""A stopping server ends streams, and nothing else."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from coterie.web.streams import Streams

Sent = list[Mapping[str, Any]]


async def _story(content_type: bytes, *, method: str = "GET") -> tuple[Sent, bool]:
    """What a client gets from an application that says one thing and waits, and whether it was still waiting."""
    streams = Streams()
    sent: Sent = []
    may_finish = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        # As Django does it: wait for the client's going while the answer is made.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", content_type)]})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        gone = asyncio.create_task(receive())
        finish = asyncio.create_task(may_finish.wait())
        await asyncio.wait((gone, finish), return_when=asyncio.FIRST_COMPLETED)
        if finish.done():
            await send({"type": "http.response.body", "body": b"two", "more_body": False})
        gone.cancel()
        finish.cancel()

    async def receive() -> Mapping[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("unreachable: the client stays")

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/", "headers": []}
    task = asyncio.ensure_future(streams.around(app)(scope, receive, send))
    await asyncio.sleep(0.01)
    streams.end()
    await asyncio.wait({task}, timeout=0.3)
    waiting = not task.done()
    may_finish.set()
    await task
    return sent, waiting


def bodies(sent: Sent) -> list[tuple[bytes, bool]]:
    return [(each["body"], each["more_body"]) for each in sent if each["type"] == "http.response.body"]


def test_it_works() -> None:
    sent, waiting = asyncio.run(_story(b"text/event-stream; charset=utf-8"))
    assert not waiting
    assert bodies(sent) == [(b"one", True), (b"", False)]


@pytest.mark.parametrize("content_type", [b"application/json", b"text/event", b""])
def test_other_answers_are_finished(content_type: bytes) -> None:
    sent, waiting = asyncio.run(_story(content_type))
    assert waiting
    assert bodies(sent) == [(b"one", True), (b"two", False)]


def test_what_is_sent_to_us_is_left_alone() -> None:
    sent, waiting = asyncio.run(_story(b"text/event-stream", method="POST"))
    assert waiting
    assert bodies(sent)[-1] == (b"two", False)
