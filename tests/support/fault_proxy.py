"""An HTTP proxy for tests that answers wrongly on purpose: statuses, resets, cuts, in the order that a test scripts.

    with FaultProxy("http://127.0.0.1:8000", ["500", "429", "reset"]) as proxy: ...

Each POST takes the next fault of the script; when it is used up, requests pass. Faults:

- `500`, `503`, `400`, `413` ...: that status with a JSON body, and nothing reaches the server;
- `429`, `503` come with `Retry-After: 1`;
- `refuse`: the connection is reset before anything reaches the server;
- `reset`: the server answers, so it has committed, and then the connection is reset: the maker of real duplicates;
- `cut`: the server answers, and half of its answer arrives;
- `pass`: nothing is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Request:
    """A request as it came through; `status` is the server's own answer, None when it did not get there."""

    line: str
    headers: dict[str, str]
    body: bytes
    fault: str
    status: int | None = None


@dataclass
class _Http:
    line: str
    headers: dict[str, str]
    raw: bytes
    body: bytes = b""


class FaultProxy:
    """Runs in a thread with its own event loop; `url` is where clients are pointed."""

    def __init__(self, upstream: str, script: Sequence[str] = ()) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._script = list(script)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []
        self.url = ""

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()

    async def _stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await _read(reader)) is not None:
                if not await self._answer(request, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.close()

    async def _answer(self, request: _Http, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is over."""
        posted = request.line.startswith("POST ")
        fault = self._script.pop(0) if posted and self._script else "pass"
        seen = Request(request.line, request.headers, request.body, fault)
        self.requests.append(seen)
        if fault == "refuse":
            _reset(writer)
            return False
        if fault.isdigit():
            writer.write(_canned(int(fault)))
            await writer.drain()
            return True
        answer = await self._forward(request)
        seen.status = int(answer.split(b" ", 2)[1])
        if fault == "reset":
            _reset(writer)
            return False
        if fault == "cut":
            writer.write(answer[: len(answer) // 2])
            await writer.drain()
            return False
        writer.write(answer)
        await writer.drain()
        return True

    async def _forward(self, request: _Http) -> bytes:
        reader, writer = await asyncio.open_connection(*self._upstream)
        try:
            writer.write(request.raw)
            await writer.drain()
            answer = await _read(reader)
            assert answer is not None, "the server closed the connection"
            return answer.raw
        finally:
            writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    # Lingering for no time makes the kernel send RST instead of a clean end.
    sock: Any = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _canned(status: int) -> bytes:
    body = json.dumps({"code": f"forced_{status}", "message": "The test wants it so.", "details": {}}).encode()
    wait = "Retry-After: 1\r\n" if status in (429, 503) else ""
    head = f"HTTP/1.1 {status} Forced\r\nContent-Type: application/json\r\n{wait}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _read(reader: asyncio.StreamReader) -> _Http | None:
    """A whole request or answer; None at the clean end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as cut:
        if cut.partial:
            raise
        return None
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rest) if name}
    found = _Http(line, headers, head)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while True:
            size_line = await reader.readuntil(b"\r\n")
            chunk = await reader.readexactly(int(size_line.split(b";")[0], 16) + 2)
            found.raw += size_line + chunk
            found.body += chunk[:-2]
            if len(chunk) == 2:
                return found
    found.body = await reader.readexactly(int(headers.get("content-length", "0")))
    found.raw += found.body
    return found
