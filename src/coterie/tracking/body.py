"""From the bytes on the wire to JSON: caps, gzip, forms and base64, whatever the Content-Type says.

Browsers send JSON as text/plain to spare a preflight, RudderStack's Node client sends gzip as a form, posthog-js sends
gzip without a header or base64 in a form field. So the bytes decide and the headers only help.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, Never
from urllib.parse import parse_qs

import orjson

from coterie.kit.errors import InvalidInput, TooLarge, Unavailable
from coterie.tracking.limits import Limits

Receive = Callable[[], Awaitable[Any]]

_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_CHUNK: Final = 64 * 1024
_ENCODINGS: Final = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=_\s-]+")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_FORM: Final = re.compile(rb"[A-Za-z_]{1,32}=")


class Gone(Exception):
    """The client went away before its request was complete; nobody is left to answer."""


class Payload(NamedTuple):
    """A request's JSON: the value, and the text that means exactly it."""

    value: Any
    text: bytes


async def read(receive: Receive, *, most: int, seconds: float) -> bytes:
    """The request's bytes as sent; counted as they come, since a Content-Length can lie.

    Raises TooLarge beyond `most`, Unavailable when they take longer than `seconds`, Gone when the client left.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError:
        # Not 408: RudderStack's clients drop events on every 4xx.
        raise Unavailable("The request's body came too slowly.", code="slow_body") from None


def decode(raw: bytes, *, encoding: str, most: int, limits: Limits) -> Payload:
    """The JSON in a request. Raises InvalidInput or TooLarge with a sentence that says what was found."""
    if encoding not in _ENCODINGS:
        raise InvalidInput(
            f"The Content-Encoding {encoding!r} is not known; send gzip or none.", code="unknown_encoding"
        )
    plain = _unpacked(raw, deflated=encoding == "deflate", most=most, limits=limits)
    if not plain.startswith((b"{", b"[")):
        plain = _wrapped(plain, most=most, limits=limits)
    return parse(plain)


def _unpacked(raw: bytes, *, deflated: bool, most: int, limits: Limits) -> bytes:
    if raw.startswith(_GZIP) or (deflated and not raw.lstrip().startswith((b"{", b"["))):
        raw = inflate(raw, most=most, limits=limits)
    if len(raw) > most:
        raise _too_large(most)
    return raw.removeprefix(_BOM).strip()


def inflate(raw: bytes, *, most: int, limits: Limits) -> bytes:
    """Gzip or zlib data unpacked, with a cap on size and on the ratio; stops as soon as a cap is passed."""
    parts: list[bytes] = []
    size = 0
    rest = raw
    while rest:
        # 32 + 15: zlib tells gzip and zlib apart by their headers.
        unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)
        while not unpacker.eof:
            try:
                part = unpacker.decompress(rest, _CHUNK)
            except zlib.error:
                raise InvalidInput("The body is not valid gzip.", code="bad_gzip") from None
            rest = unpacker.unconsumed_tail
            size += len(part)
            if size > most:
                raise _too_large(most)
            if size > limits.inflate_ratio_from and size > limits.inflate_ratio * len(raw):
                raise TooLarge(f"The body grows more than {limits.inflate_ratio} times.", code="inflates_too_much")
            if not part and not rest and not unpacker.eof:
                raise InvalidInput("The gzip data ends too early.", code="bad_gzip")
            parts.append(part)
        # A gzip stream may have several members; padding after the last one is allowed.
        rest = unpacker.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _wrapped(plain: bytes, *, most: int, limits: Limits) -> bytes:
    """The JSON inside a form field (`data=`), inside base64, or inside gzip inside either."""
    if not plain:
        raise InvalidInput("The body is empty; expected JSON.", code="empty_body")
    if _FORM.match(plain) is not None:
        plain = _form_field(plain)
    if plain.startswith((b"{", b"[")):
        return plain
    # A form's decoder has read every + as a space.
    packed = plain.replace(b" ", b"+")
    if _BASE64.fullmatch(packed) is None:
        return plain
    try:
        unpacked = base64.b64decode(packed.translate(_URL_SAFE) + b"==")
    except (binascii.Error, ValueError):
        return plain
    # Any word is valid base64, so what comes out decides.
    if not unpacked.lstrip().startswith((b"{", b"[", _GZIP)):
        return plain
    return _unpacked(unpacked, deflated=False, most=most, limits=limits)


def _form_field(plain: bytes) -> bytes:
    # Bytes that are not UTF-8 pass through here as they are; the JSON's own check names them.
    text = plain.decode("utf-8", "surrogateescape")
    try:
        fields = parse_qs(text, max_num_fields=20, keep_blank_values=True, errors="surrogateescape")
    except ValueError:
        raise InvalidInput("The form has more than 20 fields; expected one named data.", code="bad_form") from None
    values = fields.get("data") or next(iter(fields.values()), [""])
    field = values[0].strip().encode("utf-8", "surrogateescape")
    if not field:
        raise InvalidInput("The form's field is empty; expected JSON.", code="empty_body")
    return field


def parse(text: bytes) -> Payload:
    """JSON text read; InvalidInput with the place of the fault when it is none.

    Refused: NaN and infinities, invalid UTF-8, more than 1,024 levels. A lone surrogate (JavaScript cuts emoji in
    half) becomes U+FFFD: it must not cost the other events of the batch.
    """
    try:
        return Payload(orjson.loads(text), text)
    except orjson.JSONDecodeError as error:
        if b"\\ud" in text.lower():
            repaired = _without_lone_surrogates(text)
            if repaired is not None:
                return repaired
        _refuse(text, error)


def _refuse(text: bytes, error: orjson.JSONDecodeError) -> Never:
    try:
        text.decode()
    except UnicodeDecodeError as fault:
        raise InvalidInput(
            f"The body is not UTF-8: byte {fault.start} can't be read.", code="bad_utf8", details={"at": fault.start}
        ) from None
    if "depth limit" in str(error):
        raise InvalidInput("The JSON is nested too deeply.", code="too_deep") from None
    raise InvalidInput(
        f"The body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}).",
        code="bad_json",
        details={"line": error.lineno, "column": error.colno},
    ) from None


def _without_lone_surrogates(text: bytes) -> Payload | None:
    """The JSON with each lone surrogate replaced, None when something else is wrong with it too."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        loose = json.dumps(value, ensure_ascii=False)
        clean = loose.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return Payload(orjson.loads(clean), clean)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Never:
    raise ValueError(name)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The request is larger than {most:,} bytes.", details={"limit": most})
