"""Opaque cursors: where a list goes on, as text that fits a URL."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

import orjson

from coterie.kit.errors import InvalidInput

_LONGEST: Final = 4096


def encode(position: dict[str, Any]) -> str:
    """A position (JSON values) as URL-safe text."""
    raw = json.dumps(position, separators=(",", ":"), ensure_ascii=False, sort_keys=True, allow_nan=False)
    return base64.urlsafe_b64encode(raw.encode()).rstrip(b"=").decode("ascii")


def decode(cursor: str) -> dict[str, Any]:
    """The position in a cursor. Raises InvalidInput with the code `cursor` when it is not one of ours.

    Cursors are not signed: whoever reads a position checks the types of its values and binds them.
    """
    if len(cursor) > _LONGEST:
        raise broken()
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        # orjson takes no NaN and no lone surrogates, which nothing that a position is bound to can hold.
        position = orjson.loads(raw)
    except (ValueError, binascii.Error):
        raise broken() from None
    if not isinstance(position, dict):
        raise broken()
    return position


def number(position: Mapping[str, Any], key: str, *, most: int) -> int:
    """The whole number from 0 to `most` under a key of a position; InvalidInput when there is another thing."""
    value = position.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise broken()
    return value


def broken() -> InvalidInput:
    """The error for a position that is not one of ours."""
    return InvalidInput("The cursor is not valid. Start again without it.", code="cursor", details={"field": "cursor"})
