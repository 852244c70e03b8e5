"""A port for a server that is started later, stopped, and started again on the same one."""

from __future__ import annotations

import os
import socket
from typing import Final

HOST: Final = "127.0.0.1"
# Below those that systems hand out to whoever asks for any port: Linux begins with 32,768.
_FIRST: Final = 11_000
_MANY: Final = 20_000


def lasting_port() -> int:
    """A port that is free, and stays so: systems give it to nobody, other test processes begin with another one."""
    for more in range(_MANY):
        port = _FIRST + (os.getpid() + more) % _MANY
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
