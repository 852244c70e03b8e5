"""The tracking endpoints, in front of Django: bytes are counted as they come, and an answer follows a commit.

Django's own handler reads a whole request before any view runs, so this is an ASGI application around it. It answers
the paths of wire.ROUTES and hands everything else on.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs

import orjson
from django.conf import settings

from coterie.kit import clock
from coterie.kit.errors import CoterieError, InvalidInput
from coterie.kit.ids import new_id
from coterie.tracking import body, limits
from coterie.tracking.committer import COMMITTER
from coterie.tracking.envelope import check_count, key_in, open_envelope
from coterie.tracking.keys import KEYS, key_in_header, unknown_key
from coterie.tracking.metrics import ACK_SECONDS, REQUESTS
from coterie.tracking.models import RawBatch
from coterie.tracking.reading import Arrival, Entry, Source, pack, read_entries
from coterie.tracking.throttle import BUCKETS, BUDGET
from coterie.tracking.wire import BATCH, FLAGS, MANNERS, ROUTES, Flavour, Route

_log = logging.getLogger(__name__)

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_Result = TypeVar("_Result")
App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

# Larger bodies are unpacked and read in a thread, so that other requests go on meanwhile; in two threads at most, since
# JSON takes several times its size in memory while it is read.
_THREAD_FROM: Final = 64 * 1024
_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix="tracking-bodies")
# What is reckoned for a request that does not tell its length, until it is known.
_UNKNOWN_BYTES: Final = 1024 * 1024
_HEADER_NAMES: Final = re.compile(r"[A-Za-z0-9_, -]{1,500}")
_ALLOWED_HEADERS: Final = "content-type, content-encoding, authorization, x-retry-count"
# Any site may send with a write key, and no cookie ever counts here, so any origin is allowed.
_CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"retry-after, x-ratelimit-reset"),
)
_NO_FLAGS: Final[dict[str, Any]] = {
    "featureFlags": {},
    "featureFlagPayloads": {},
    "flags": {},
    "errorsWhileComputingFlags": False,
    "config": {"enable_collect_everything": False},
    "supportedCompression": ["gzip", "gzip-js"],
    "sessionRecording": False,
    "surveys": False,
    "siteApps": [],
    "toolbarParams": {},
    "isAuthenticated": False,
}


class MethodNotAllowed(CoterieError):
    """The path takes events, and takes them by POST only."""

    status = 405
    default_code = "method_not_allowed"
    default_message = "Send events by POST."

    def headers(self) -> dict[str, str]:
        return {"Allow": "POST, OPTIONS"}


@dataclass
class Answer:
    """What a client gets."""

    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One request to a tracking path."""

    route: Route
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    query_string: bytes
    peer: str
    receive: Receive

    @property
    def in_address(self) -> bool:
        """Whether the events are in the address, as posthog-js sends them where a page can only load a picture."""
        return self.method == "GET" and self.route.flavour is Flavour.POSTHOG and "data" in self.query


def tracking(app: App) -> App:
    """The application with the tracking endpoints in front of it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        route = ROUTES.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await app(scope, receive, send)
            return
        started = time.perf_counter()
        try:
            answer = await _answer(_request(route, scope, receive))
        except body.Gone:
            return
        REQUESTS.labels(route.flavour.value, str(answer.status)).inc()
        ACK_SECONDS.observe(time.perf_counter() - started)
        await _send(answer, send)

    return serve


def _request(route: Route, scope: Scope, receive: Receive) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query_string = scope.get("query_string", b"")
    query = parse_qs(query_string[:4096].decode("latin-1"))
    return Request(route, scope["method"], headers, query, query_string, _peer(scope, headers), receive)


def _peer(scope: Scope, headers: Mapping[str, str]) -> str:
    """The caller's address, through as many proxies as COTERIE_TRUSTED_PROXIES says."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [address.strip() for address in headers.get("x-forwarded-for", "").split(",")]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    client = scope.get("client")
    return client[0] if client else ""


async def _answer(request: Request) -> Answer:
    try:
        if request.method == "OPTIONS":
            return _preflight(request)
        asks = request.method == "GET" and request.route.call == FLAGS
        if request.method != "POST" and not asks and not request.in_address:
            raise MethodNotAllowed
        return await _take(request)
    except CoterieError as error:
        return Answer(error.status, orjson.dumps(error.as_json()), error.headers())
    except body.Gone:
        raise
    except Exception:
        _log.exception("a tracking request failed")
        return Answer(CoterieError.status, orjson.dumps(CoterieError().as_json()))


def _preflight(request: Request) -> Answer:
    asked = request.headers.get("access-control-request-headers", "")
    return Answer(
        200,
        b"",
        {
            "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
            "Access-Control-Allow-Headers": asked if _HEADER_NAMES.fullmatch(asked) else _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "86400",
        },
    )


async def _take(request: Request) -> Answer:
    """Read a request, store it, and say so. What is wrong with a whole request raises; the order is cheap to dear."""
    route, most = request.route, limits.current()
    if route.call != FLAGS:
        COMMITTER.admit()
    token = key_in_header(request.headers.get("authorization", ""))
    source = await _known(token) if token else None
    expected = _expected_bytes(request, route.most_bytes(most))
    with BUDGET.hold(expected):
        if request.in_address:
            raw = request.query_string
        else:
            raw = await body.read(request.receive, most=route.most_bytes(most), seconds=most.body_seconds)
        with BUDGET.hold(max(0, len(raw) - expected)):
            if route.call == FLAGS:
                return await _flags(request, raw, source, most)
            answer, row = await _read(request, raw, source, token, most)
    if row is not None:
        with BUDGET.hold(len(row.body)):
            await COMMITTER.commit(row)
    return answer


async def _read(
    request: Request, raw: bytes, source: Source | None, token: str | None, most: limits.Limits
) -> tuple[Answer, RawBatch | None]:
    """What to answer when the request is stored, and the row to store; none for a request without events.

    The events themselves are dropped here: while requests wait for a commit, only their packed rows take memory.
    """
    heavy = len(raw) >= _THREAD_FROM
    payload = await _decode(request, raw, most)
    if source is None:
        token = key_in(payload.value)
        if token is None:
            raise unknown_key()
        source = await _known(token)
    arrival = Arrival(request.route, clock.to_ms(clock.now()), _browser(request), new_id("bat"))
    if heavy:
        entries = await _in_thread(_judge, payload.value, arrival, source, most)
    else:
        entries = _judge(payload.value, arrival, source, most)
    answer = _success(request.route, entries)
    if not entries:
        return answer, None
    # The key is public but not ours to keep: a dump of the database must hold no key.
    text = payload.text.replace(token.encode(), b"-") if token else payload.text
    return answer, _row(text, arrival, source, len(entries))


async def _in_thread(step: Callable[..., _Result], *arguments: Any) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, partial(step, *arguments))


async def _known(token: str) -> Source:
    source = await KEYS.find(token)
    BUCKETS.take(source.key_id)
    return source


def _expected_bytes(request: Request, most: int) -> int:
    length = request.headers.get("content-length", "")
    return min(int(length), most) if length.isascii() and length.isdigit() else min(_UNKNOWN_BYTES, most)


async def _decode(request: Request, raw: bytes, most: limits.Limits) -> body.Payload:
    encoding = request.headers.get("content-encoding", "").strip().lower()
    decode = partial(body.decode, encoding=encoding, most=request.route.most_bytes(most), limits=most)
    return decode(raw) if len(raw) < _THREAD_FROM else await _in_thread(decode, raw)


async def _flags(request: Request, raw: bytes, source: Source | None, most: limits.Limits) -> Answer:
    """Coterie has no feature flags; PostHog's clients ask for them and must get an answer."""
    if source is None:
        token = (request.query.get("token") or request.query.get("api_key") or [""])[0]
        if not token and raw:
            token = key_in((await _decode(request, raw, most)).value) or ""
        if not token:
            raise unknown_key()
        await _known(token)
    return Answer(200, orjson.dumps(_NO_FLAGS))


def _judge(value: Any, arrival: Arrival, source: Source, most: limits.Limits) -> list[Entry]:
    """The events of a request. One that can't be used is refused alone, unless it came alone."""
    check_count(arrival.route, open_envelope(arrival.route, value), most)
    entries = list(read_entries(value, arrival, source, limits=most))
    if arrival.route.call != BATCH and entries[0].refused is not None:
        refused = entries[0].refused
        raise InvalidInput(f"The event can't be used: {refused.reason}.", code=refused.code)
    return entries


def _browser(request: Request) -> str:
    """The address of a person's own browser; empty when a server sends for them, whose address says nothing."""
    from_page = "origin" in request.headers or "referer" in request.headers
    if not from_page and not request.headers.get("user-agent", "").startswith("Mozilla/"):
        return ""
    try:
        return str(ipaddress.ip_address(request.peer))
    except ValueError:
        return ""


def _row(text: bytes, arrival: Arrival, source: Source, count: int) -> RawBatch:
    packed_text, packed = pack(text)
    return RawBatch(
        workspace_id=source.workspace_id,
        source_id=source.key_id,
        token=arrival.token,
        flavour=arrival.route.flavour.value,
        call=arrival.route.call,
        received_at=clock.from_ms(arrival.received_ms),
        peer=arrival.peer,
        item_count=count,
        packed=packed,
        body=packed_text,
    )


def _success(route: Route, entries: list[Entry]) -> Answer:
    """Exactly 200 and the words that the clients look for; more only where there is something to tell."""
    if route.each:
        return Answer(200, orjson.dumps({"results": {entry.message_id: _result(entry) for entry in entries}}))
    content = dict(MANNERS[route.flavour].success)
    refused = [
        {
            "index": entry.position,
            "messageId": entry.message_id,
            "status": "quarantined",
            "code": entry.refused.code,
            "message": f"The event can't be used: {entry.refused.reason}.",
        }
        for entry in entries
        if entry.refused is not None
    ]
    if refused:
        content["results"] = refused
    made = {str(entry.position): entry.message_id for entry in entries if entry.made_id}
    if made and route.flavour is Flavour.SEGMENT:
        # A client that sends no ids can't repeat a request safely; with these it can.
        content["messageIds"] = made
    return Answer(200, orjson.dumps(content))


def _result(entry: Entry) -> dict[str, str]:
    if entry.refused is None:
        return {"result": "ok"}
    return {"result": "drop", "details": f"The event is set aside: {entry.refused.reason}."}


async def _send(answer: Answer, send: Send) -> None:
    headers = [(b"content-type", b"application/json"), *_CORS]
    headers += [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(answer.content)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
