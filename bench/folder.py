"""Data folders to measure on: filled once for each size, kept, and copied before anything changes them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".cache" / "bench"
SIZES: Final[dict[str, int]] = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
MANIFEST: Final = "bench.json"
# What a filled folder depends on: the people, and how the stores lay them out.
_LAYOUT: Final = (
    "bench/population.py",
    "bench/filling.py",
    "src/coterie/*/migrations/*.py",
    "src/coterie/audience/schema.py",
    "src/coterie/audience/rows.py",
    "src/coterie/audience/names.py",
    "src/coterie/filters/values.py",
)


@dataclass(frozen=True)
class Filled:
    """A filled data folder and what is needed to ask about it. Times are milliseconds since 1970 UTC."""

    path: Path
    people: int
    events: int
    anchor_ms: int
    slug: str
    write_key: str
    secret_key: str
    segments: dict[str, str]
    filling: dict[str, float]

    @classmethod
    def read(cls, path: Path) -> Filled:
        return cls(path=path, **json.loads((path / MANIFEST).read_text()))


def layout_version() -> str:
    """Changes when a folder filled before no longer holds what it would hold if filled now."""
    found = hashlib.sha256()
    for pattern in _LAYOUT:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


def filled(size: str) -> Filled:
    """The folder of a size; filled first when there is none of this version."""
    path = CACHE / f"{size}-{layout_version()}"
    if not (path / MANIFEST).exists():
        for old in CACHE.glob(f"{size}-*"):
            shutil.rmtree(old)
        path.mkdir(parents=True)
        inside("fill", path, people=SIZES[size])
    return Filled.read(path)


@contextmanager
def working_copy(source: Filled) -> Iterator[Filled]:
    """A copy that may be changed; it goes when the block ends."""
    path = CACHE / f"work-{os.getpid()}-{time.monotonic_ns()}"
    subprocess.run(["cp", "-a", "--reflink=auto", str(source.path), str(path)], check=True)
    try:
        yield Filled.read(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def inside(task: str, folder: Path, **options: Any) -> Any:
    """Run one task of inside.py in a process of its own, which has the folder to itself; its answer.

    An embedded index can be opened once in the life of a process, so whoever measures many can't open any.
    """
    environment = os.environ | {"COTERIE_DATA": str(folder), "COTERIE_LOG_LEVEL": "WARNING"}
    for name in ("COTERIE_DATABASE_URL", "COTERIE_CLICKHOUSE_URL"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", task, json.dumps(options)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])
