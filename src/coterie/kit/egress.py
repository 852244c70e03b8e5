"""The one outgoing HTTP client: what it connects to was checked, and is what was checked.

A name is looked up once; every address that it has must be one that may be reached (kit/addresses.py), and the
connection goes to one of these and to no other. The certificate and the Host header are those of the name. Nothing is
followed, nothing of the environment is used (proxies, .netrc), and an answer is read up to a limit.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, cast

import httpcore2
import httpx2
from django.conf import settings

from coterie.kit import addresses
from coterie.kit.addresses import Address, AddressRefused, Allowed, Target
from coterie.kit.errors import Unavailable
from coterie.kit.reasons import Reason

__all__ = ["MOST_SECONDS", "Address", "AddressRefused", "Answer", "Unreachable", "examine", "send"]

CONNECT_SECONDS: Final = 10.0
SECONDS: Final = 30.0
MOST_SECONDS: Final = 300.0
"""No request takes longer, whatever it carries."""
MOST_ANSWER: Final = 64 * 1024
_CONNECTING: Final = Reason("slow_connection", "the connection took too long")
_WAITING: Final = Reason("slow_answer", "it took too long")
# What is said here; what the system and the other side say comes as it is.
_WORDS: Final = {str(each): each for each in (_CONNECTING, _WAITING)}

Lookup = Callable[[str, int], list[Address]]


class Unreachable(Unavailable):
    """No answer came, or not in time, or none that could be read: it may be otherwise later."""

    default_code = "unreachable"


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are in lower case. A redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def look_up(host: str, port: int) -> list[Address]:
    """Every address that the system's resolver has for a name; Unreachable when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise Unreachable(
            Reason("host_not_found", "{host} was not found.", host=host), details={"host": host}
        ) from None
    return list(dict.fromkeys(ipaddress.ip_address(row[4][0]) for row in found))


def examine(url: str) -> Target:
    """The parts of an address that could be reached, by its form alone; AddressRefused else."""
    return addresses.parse(url, _entries())


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float = SECONDS,
    most: int = MOST_ANSWER,
    lookup: Lookup | None = None,
) -> Answer:
    """Send one request and read its answer.

    AddressRefused for an address that must not be reached, before anything is sent. Unreachable when no answer came
    within `seconds`, or one of more than `most` bytes.
    """
    target = examine(url)
    until = time.monotonic() + min(seconds, MOST_SECONDS)
    found = (lookup or look_up)(target.host, target.port)
    addresses.check(target, found, _entries())
    pinned = _Pinned(target, found, until)
    # A body in whatever encoding could grow without end when it is unpacked: none is asked for, none is unpacked.
    given = {"User-Agent": "Coterie", "Accept": "*/*", "Accept-Encoding": "identity"} | dict(headers or {})
    try:
        with (
            httpx2.Client(
                transport=_Transport(pinned), trust_env=False, follow_redirects=False, timeout=None
            ) as client,
            client.stream(method, target.origin + target.path, headers=given, content=body) as answer,
        ):
            return Answer(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                _limited(answer.iter_raw(), most, target.host),
            )
    except (httpx2.HTTPError, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise Unreachable(
            Reason(
                "no_answer",
                "{host} does not answer: {said}",
                host=target.host,
                said=_WORDS.get(str(error)) or str(error) or type(error).__name__,
            ),
            details={"host": target.host},
        ) from None


def _entries() -> Collection[Allowed]:
    return settings.COTERIE_EGRESS_ALLOW


def _limited(pieces: Iterable[bytes], most: int, host: str) -> bytes:
    read = bytearray()
    for piece in pieces:
        read += piece
        if len(read) > most:
            raise Unreachable(f"{host} answers more than {most:,} bytes.", code="answer_too_large")
    return bytes(read)


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    # The system's certificates, to which an operator can add their own.
    return ssl.create_default_context()


@dataclass
class _Pinned(httpcore2.NetworkBackend):
    """Connects to the addresses that were checked, whatever it is asked for; every wait ends at `until`."""

    target: Target
    found: list[Address]
    until: float
    real: httpcore2.NetworkBackend = field(default_factory=httpcore2.SyncBackend)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        if (host.strip("[]"), port) != (self.target.host, self.target.port):
            raise AddressRefused(
                Reason("other_host", "The connection is for another host than the one that was checked.")
            )
        stop = min(self.until, time.monotonic() + CONNECT_SECONDS)
        failure: Exception = httpcore2.ConnectTimeout(_CONNECTING)
        for address in self.found:
            try:
                stream = self.real.connect_tcp(str(address), port, timeout=_left(stop))
                return _Timed(stream, self.until)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


@dataclass
class _Timed(httpcore2.NetworkStream):
    """A connection on which no wait lasts longer than until a moment: many short ones do not add up to more."""

    stream: httpcore2.NetworkStream
    until: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces: a receiver that takes a byte now and then would be waited for each time anew.
        for start in range(0, len(buffer), _PIECE):
            self.stream.write(buffer[start : start + _PIECE], _left(self.until))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, _left(self.until)), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


_PIECE: Final = 256 * 1024


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout(_WAITING)
    return left


class _Transport(httpx2.BaseTransport):
    """httpx2's own takes no network backend: this is a pool of one connection, over the backend that is given."""

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_trusted(), max_connections=1, max_keepalive_connections=0, network_backend=backend
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=cast("Iterable[bytes]", request.stream),
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
