"""No two servers of tests are given one port."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.support import ports
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
ASK = "from tests.support.ports import free_port; print(*(free_port() for _ in range(3)))"


def test_it_works() -> None:
    mine = [free_port() for _ in range(3)]
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    theirs = [int(word) for word in done.stdout.split()]
    assert len({*mine, *theirs}) == 6
    # Not among those that whoever connects is given.
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(mine + theirs) < first


def test_one_that_is_in_use_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert not ports._is_free(listening.getsockname()[1])
