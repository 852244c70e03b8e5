"""The token by which commands of this installation act for a workspace's owner, from the same machine only.

Whoever can read it can read the database beside it too, so it opens nothing that was closed. It is made anew at each
start and lives in memory and in a file that only its owner may read.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest

from coterie.kit.secrets import same

PREFIX = "local_"
_accepted: list[str] = []


@contextmanager
def accepted(token: str) -> Iterator[None]:
    """Take this token while the block runs."""
    if not token.startswith(PREFIX) or len(token) < len(PREFIX) + 32:
        raise ValueError(f"a local token starts with {PREFIX} and is long")
    _accepted.append(token)
    try:
        yield
    finally:
        _accepted.remove(token)


def is_local(request: HttpRequest, token: str) -> bool:
    """Whether this is the token of a running process, sent from this machine."""
    return any(same(token, one) for one in _accepted) and from_this_machine(request)


def from_this_machine(request: HttpRequest) -> bool:
    """Whether the request came from this machine itself, and not through a proxy on it, which would bring everyone."""
    if {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
