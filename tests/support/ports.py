"""Ports for servers that are told theirs, and may be ended and started again."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
_FIRST: Final = 15_000
_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Processes that look for ports at the same moment look in parts of their own.
_PARTS: Final = 16


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago; all are held at once, so no port is given out twice.

    They lie below those that the system gives to whoever asks for any: what it gives out until the server listens, or
    while it is down, is none of them.
    """
    first_given = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    place = int(os.environ.get("PYTEST_XDIST_WORKER", f"gw{os.getpid()}").removeprefix("gw")) % _PARTS
    ports = list(range(_FIRST + place, max(first_given, _FIRST + 1_000), _PARTS))
    # By the system's chance, and not by a seed that two processes may share.
    random.SystemRandom().shuffle(ports)
    held: list[socket.socket] = []
    try:
        for port in ports:
            try:
                held.append(socket.create_server((HOST, port)))
            except OSError:
                continue
            if len(held) == count:
                return [each.getsockname()[1] for each in held]
        raise OSError(f"no {count} free ports from {_FIRST} on")
    finally:
        for each in held:
            each.close()
