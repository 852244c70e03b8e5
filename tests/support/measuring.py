"""How much memory and work something takes, measured in a process of its own: nothing else has been in it before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final, NamedTuple

_PROGRAM: Final = """
import importlib, json, resource, sys
from pathlib import Path
module, function, *words = sys.argv[1:]
what = getattr(importlib.import_module(module), function)
KIB = 1 if sys.platform == "darwin" else 1024
def peak():
    # What the system says of a process since its start includes the process that started it.
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
before = peak()
def worked():
    every = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in every)
started = worked()
said = what(*map(Path, words))
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * KIB
print(json.dumps([said, peak() - before, child, worked() - started]))
"""


class Measured(NamedTuple):
    """What the function said, by how much it made its process grow, the size of the largest child (both in bytes), and
    the seconds of a processor that both took.
    """

    said: Any
    grown: int
    child: int
    worked: float


def measured(function: Any, *paths: os.PathLike[str], seconds: float = 240) -> Measured:
    """Call a function of a module with paths, in a process of its own; what it returns must be JSON."""
    words = [function.__module__, function.__name__, *map(str, paths)]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words], capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Measured(*json.loads(done.stdout))
