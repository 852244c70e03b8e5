"""Server-sent events: how one goes over the wire, and the answer that carries them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from django.http import StreamingHttpResponse


def streamed(source: AsyncIterator[bytes]) -> StreamingHttpResponse:
    """Events as an answer without an end."""
    response = StreamingHttpResponse(source, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    # nginx would keep events back to fill its buffer.
    response["X-Accel-Buffering"] = "no"
    return response


def event(kind: str, id: int | str, data: Mapping[str, Any]) -> bytes:
    """One event as it goes over the wire."""
    return b"event: %s\nid: %s\ndata: %s\n\n" % (kind.encode(), str(id).encode(), orjson.dumps(data))
