"""One chain of middleware for all of Django's test clients: each client would look through all static files anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from django.test.client import ClientHandler
from django.test.signals import setting_changed

# What `BaseHandler.load_middleware` makes.
_MADE: Final = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")


@contextmanager
def one_chain() -> Iterator[None]:
    """What a client's first request loads, later clients share, until a setting changes."""
    kept: dict[str, Any] = {}
    load = ClientHandler.load_middleware

    def load_once(self: ClientHandler, is_async: bool = False) -> None:
        assert not is_async
        if not kept:
            load(self)
            kept.update({name: getattr(self, name) for name in _MADE})
        vars(self).update(kept)

    def forget(**_: Any) -> None:
        kept.clear()

    setting_changed.connect(forget)
    try:
        with patch.object(ClientHandler, "load_middleware", load_once):
            yield
    finally:
        setting_changed.disconnect(forget)
