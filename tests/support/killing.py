"""The end of a process at a failpoint, inside a test: nothing is cleaned up on the way out, and the lease stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from coterie.jobs import files, scratch
from coterie.kit import failpoints


class Killed(BaseException):
    """What ends the work; nobody catches it."""


@contextmanager
def killed_at(name: str, count: int = 1) -> Iterator[None]:
    """What is done inside ends the `count`-th time the failpoint is reached; not to reach it fails the test."""
    assert name in failpoints.FAILPOINTS
    left = [count]

    with pytest.MonkeyPatch.context() as patch:

        def hit(reached: str) -> None:
            left[0] -= reached == name
            if reached == name and left[0] == 0:
                patch.setattr(files, "remove", lambda file: None)
                patch.setattr(scratch.shutil, "rmtree", lambda *given, **more: None)
                raise Killed

        patch.setattr(failpoints, "hit", hit)
        with pytest.raises(Killed):
            yield
