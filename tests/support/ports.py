"""Ports for servers that tests start: each is one test process's alone, as long as that process lives."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import Final

_HOST: Final = "127.0.0.1"
# Below those that a system gives out by itself, to whoever connects or asks for any port.
_PORTS: Final = range(20_000, 32_000)
_taken: set[int] = set()
_book: list[int] = []


def free_port() -> int:
    """A port that nobody listens on, and that no test process is given again: a server may take its time to bind it."""
    for port in _PORTS:
        if port not in _taken and _take(port) and _is_free(port):
            return port
    raise RuntimeError(f"no port from {_PORTS.start} to {_PORTS.stop - 1} is free")


def _take(port: int) -> bool:
    """Lock the port's byte of a file that all test processes of this user share; a process's locks end with it."""
    if not _book:
        path = Path(tempfile.gettempdir()) / f"coterie-test-ports-{os.getuid()}"
        _book.append(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    try:
        fcntl.lockf(_book[0], fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _taken.add(port)
    return True


def _is_free(port: int) -> bool:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError:
        return False
    return True
