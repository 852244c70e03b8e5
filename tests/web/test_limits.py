"""The cap on bodies counts what arrives, whatever the headers say."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from coterie.web.limits import DEFAULT_CAP, capped


def send_body(chunks: list[bytes], *, path: str = "/api/v1/x", headers: list[tuple[bytes, bytes]] | None = None) -> Any:
    """What the capped application answers and how many bytes the one behind it saw."""
    seen = 0
    sent: list[Mapping[str, Any]] = []
    left = list(chunks)

    async def receive() -> Mapping[str, Any]:
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        nonlocal seen
        more = True
        while more:
            message = await receive()
            seen += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    scope = {"type": "http", "path": path, "headers": headers or []}
    asyncio.run(capped(app)(scope, receive, send))  # type: ignore[arg-type]
    return sent[0]["status"], seen


def test_it_works() -> None:
    assert send_body([b"abc", b"def"]) == (200, 6)


@pytest.mark.parametrize(
    ("size", "path", "headers", "status"),
    [
        (DEFAULT_CAP, "/api/v1/x", [], 200),
        (DEFAULT_CAP + 1, "/api/v1/x", [], 413),
        (DEFAULT_CAP + 1, "/api/v1/x", [(b"content-length", b"5")], 413),
        (1, "/api/v1/x", [(b"content-length", b"99999999999")], 413),
        (1, "/api/v1/x", [(b"content-length", b"-1")], 200),
        (64 * 1024, "/_allauth/browser/v1/auth/login", [], 200),
        (64 * 1024 + 1, "/_allauth/browser/v1/auth/login", [], 413),
        (64 * 1024 + 1, "/accounts/login/", [], 413),
    ],
)
def test_the_edge(size: int, path: str, headers: list[tuple[bytes, bytes]], status: int) -> None:
    half = size // 2
    answered, seen = send_body([b"x" * half, b"x" * (size - half)], path=path, headers=headers)
    assert answered == status
    assert seen == (size if status == 200 else seen)
    assert seen <= size


def test_a_refused_body_is_not_read_on() -> None:
    status, seen = send_body([b"x" * DEFAULT_CAP, b"x", b"x" * DEFAULT_CAP])
    assert (status, seen) == (413, DEFAULT_CAP)
