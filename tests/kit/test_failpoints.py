"""Named points at which the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from coterie.kit import failpoints
from coterie.kit.environment import BadSetting

SCRIPT = """
from coterie.kit import failpoints
for number in range(1, 4):
    failpoints.hit("tracking.drain.ids")
    print(number, flush=True)
    failpoints.hit("tracking.drain.before")
"""


def _run(value: str) -> tuple[int, list[str]]:
    environment = {**os.environ, failpoints.VARIABLE: value}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("tracking.drain.ids:2", 137, ["1"]),
        ("tracking.drain.ids", 137, []),
        ("tracking.drain.before:3", 137, ["1", "2", "3"]),
        ("tracking.drain.ids:9", 0, ["1", "2", "3"]),
        ("tracking.drain.committed:1", 0, ["1", "2", "3"]),
        ("", 0, ["1", "2", "3"]),
        ("tracking.misspelt:1", 1, []),
        ("tracking.drain.ids:soon", 1, []),
        ("tracking.drain.ids:1:sleep", 1, []),
    ],
)
def test_it_works(value: str, code: int, said: list[str]) -> None:
    assert _run(value) == (code, said)


def test_it_can_stop_instead() -> None:
    """Stopped as by SIGSTOP: nothing runs until it is woken, and then all of the rest."""
    environment = {**os.environ, failpoints.VARIABLE: "tracking.drain.ids:2:stop"}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, said.split()) == (0, ["1", "2", "3"])


def test_a_misspelt_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.VARIABLE, "tracking.misspelt:1")
    with pytest.raises(BadSetting, match=r"tracking\.drain\.ids"):
        failpoints.arm()
    monkeypatch.delenv(failpoints.VARIABLE)
    failpoints.arm()
