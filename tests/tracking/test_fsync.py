"""An answer follows an fsync: counted at the C library, below SQLite and below us."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>

static atomic_int syncs;
int coterie_syncs(void) { return syncs; }
int fsync(int fd) { syncs++; return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { syncs++; return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"""

PROGRAM = """
import asyncio, ctypes, json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "coterie.settings"
import django
django.setup()
from tests.support import crash_lab

said = []
crash_lab._set_up(said.append)
token = said.pop()
syncs = ctypes.CDLL(None).coterie_syncs
at_ack = []
for number in range(10):
    before = syncs()
    crash_lab._send(token, [number], lambda line: at_ack.append(syncs() - before))
print(json.dumps(at_ack))
"""


def test_every_answer_follows_an_fsync(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler to count fsync calls")
    source, library = tmp_path / "syncs.c", tmp_path / "syncs.so"
    source.write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COTERIE_")}
    environment |= {"COTERIE_DATA": str(tmp_path), "COTERIE_SECRET_KEY": "x" * 40, "LD_PRELOAD": str(library)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    at_ack = [int(count) for count in done.stdout.strip().strip("[]").split(",")]
    assert len(at_ack) == 10
    assert all(count >= 1 for count in at_ack), at_ack
