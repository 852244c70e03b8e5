"""Asks a Coterie server over HTTP: its address comes from whoever runs the command, so nothing is checked about it."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from coterie.kit.errors import InvalidInput, Unavailable

_SECONDS: Final = 120


def over_http(url: str, token: str, *, host: str = "") -> Callable[[str, str, bytes | None], tuple[int, bytes]]:
    """A function that sends one request to the server at `url`: (method, path with query, body) -> status and body.

    `host` stands in the Host header instead of the address's own. No redirects, no proxies: the token is for that
    server only. Raises Unavailable when it can't be reached.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput("--url: expected an address such as https://coterie.example.com")
    base, name, port = parts.path.rstrip("/"), parts.hostname, parts.port
    secure = ssl.create_default_context() if parts.scheme == "https" else None

    def send(method: str, address: str, body: bytes | None) -> tuple[int, bytes]:
        connection: http.client.HTTPConnection
        if secure is not None:
            connection = http.client.HTTPSConnection(name, port, timeout=_SECONDS, context=secure)
        else:
            connection = http.client.HTTPConnection(name, port, timeout=_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if host:
            headers["Host"] = host
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, base + address, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{url} does not answer: {error or type(error).__name__}") from None
        finally:
            connection.close()

    return send
