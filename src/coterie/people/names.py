"""What a key may be called: attributes, event names and event properties follow one rule."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from coterie.kit.reasons import Reason

LONGEST_KEY: Final = 200
DEEPEST: Final = 3


class Key(NamedTuple):
    """A key as it is kept, and why it can't be used when it can't (`problem` is None when it can)."""

    name: str
    problem: Reason | None


@lru_cache(maxsize=65_536)
def read_key(raw: str) -> Key:
    """The key in its kept form: Unicode NFC, trimmed, 1 to 200 characters, no control characters.

    Dots, spaces, quotes and `$` are allowed. A key that breaks the rule comes back cleaned with the problem named,
    so that what was sent under it can be kept as a rejected value.
    """
    name = _nfc(raw).strip()
    if not name:
        return Key("(empty)", Reason("empty_name", "the name is empty"))
    if not name.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        cleaned = "".join("\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in name)
        return Key(cleaned[:LONGEST_KEY], Reason("control_in_name", "the name holds a control character"))
    if len(name) > LONGEST_KEY:
        return Key(
            name[:LONGEST_KEY],
            Reason(
                "long_name",
                "the name has {length} characters, at most {most} are allowed",
                length=len(name),
                most=LONGEST_KEY,
            ),
        )
    return Key(name, None)


def flatten(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each plain value with its key; nested objects give keys joined by dots (`address.city`).

    At most three levels deep: an object below that is handed on as it is and is rejected as a value.
    """
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(str(key), value, level=1)
        else:
            yield str(key), value


def _flatten(prefix: str, values: Mapping[str, Any], level: int) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict) and level + 1 < DEEPEST:
            yield from _flatten(name, value, level + 1)
        else:
            yield name, value


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
