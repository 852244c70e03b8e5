"""Named points at which a test can end the process at once, as a power cut would, or hold it up.

`COTERIE_FAILPOINT=name:count` ends the process with code 137 the `count`-th time `name` is reached. With `:stop` behind
it, the process stops there until it gets SIGCONT; with `:wait`, the thread that got there waits until the process gets
SIGUSR1, half a minute at the most. Only the names of one table exist: a test that misspells one is told so and does not
pass by reaching nothing.
"""

import os
import signal
import threading
from typing import Final, NoReturn

from coterie.kit.environment import BadSetting

VARIABLE: Final = "COTERIE_FAILPOINT"
EXIT_CODE: Final = 137

FAILPOINTS: Final[dict[str, str]] = {
    "tracking.commit.before": "raw batches are written, their transaction is not committed",
    "tracking.commit.after": "raw batches are committed, nobody has been answered",
    "tracking.drain.before": "batches are read and translated, nothing is written",
    "tracking.drain.ids": "message ids are written, their events are not",
    "tracking.drain.applied": "people and events are written, the batches are still there",
    "tracking.drain.deleted": "all is written and the batches are deleted, the transaction is not committed",
    "tracking.drain.committed": "the drain is committed, nobody has been told",
    "privacy.retain.step": "a step of retention is committed with its checkpoint, the next has not begun",
    "projector.write.before": "changes are read, nothing is written to the index",
    "projector.write.people": "people are in the index, their events are not",
    "projector.write.events": "a change's events are in the index, the position has not moved",
    "projector.settle.before": "sets are patched, memberships are not saved",
    "projector.settle.after": "memberships and position are committed, memory and the transitions table are not",
    "index.rebuild": "the index is being made anew, and holds nothing yet",
    "jobs.claimed": "a worker has taken a job and has not begun",
    "jobs.step": "a step of a job and its checkpoint are committed",
    "import.batch": "a batch of an import's rows and its checkpoint are committed",
    "import.undo": "a part of an import is taken back, with its checkpoint",
    "export.step": "a part of an export and its checkpoint are on disk",
    "copy.step": "a part of a person's copy is written",
    "erase.step": "a step of an erasure is committed",
    "delivery.part": "a part of a delivered file is taken by the storage, the checkpoint does not say so",
    "delivery.done": "a file is delivered, the job does not say so",
    "bulk.step": "a part of a bulk action and its checkpoint are committed",
    "bulk.undo": "a part of a bulk action is taken back, with its checkpoint",
    "retyping.step": "a part of a change of a field's type and its checkpoint are committed",
    "jobs.ended": "a job's outcome is committed, its mail is not sent",
}

_lock = threading.Lock()
_left: dict[str, int] = {}
_modes: dict[str, str] = {}
_WAIT_SECONDS: Final = 30.0
_go_on = threading.Event()


def _armed() -> tuple[str, int, str] | None:
    value = os.environ.get(VARIABLE, "")
    if not value:
        return None
    name, _, more = value.partition(":")
    count, _, how = more.partition(":")
    if name not in FAILPOINTS or not (count or "1").isdecimal() or how not in ("", "stop", "wait"):
        raise BadSetting(
            VARIABLE, f"name:count, name:count:stop or name:count:wait with one of {', '.join(FAILPOINTS)}"
        )
    return name, int(count or "1"), how


def arm() -> None:
    """Read the variable; done at the start of the process, and by a test's process that has forked."""
    _left.clear()
    _modes.clear()
    if (armed := _armed()) is not None:
        name, count, _modes[name] = armed
        _left[name] = count
        if _modes[name] == "wait":
            signal.signal(signal.SIGUSR1, lambda *_: _go_on.set())


def hit(name: str) -> None:
    """Say that the point is reached; does not return when it is the one to end at, and later when to stop at."""
    if not _left:
        return
    with _lock:
        if name not in _left:
            return
        _left[name] -= 1
        if _left[name] > 0:
            return
        how = _modes.get(name)
        if how:
            # Once: whoever is woken goes on as if nothing had been.
            del _left[name]
        if how == "stop":
            # To this thread: it stops here and not a moment later, and the others with it.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
            return
    if how == "wait":
        _go_on.wait(_WAIT_SECONDS)
        return
    end()


def armed() -> bool:
    """Whether this process is to end, or to stop, at some point."""
    return bool(_left)


def end() -> NoReturn:
    """End the process. No clean-up of any kind: buffers are lost, connections drop, transactions stay open."""
    os._exit(EXIT_CODE)


arm()
