"""An installation in the shape that is tested, whose jobs are done by a process that dies at a named point."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.hold.program import Home, Program
from tests.hold.stack import Stack, running_stack
from tests.support.ports import free_port
from tests.support.shape import shape

FAILPOINT_EXIT: Final = 137


class Installation:
    """Embedded, the server does the jobs and is asked; in the server shape, a worker does them beside it."""

    def __init__(self, home: Home, stack: Stack | None) -> None:
        self.home = home
        self._stack = stack
        self._server: Program | None = None
        self._worker: Program | None = None

    def work(self, point: str = "") -> Program:
        """Start what does jobs, to die at a point (`name:count`); the server to ask, which does not answer yet."""
        if self._stack is None:
            self._server = self._worker = self.home.serve(free_port(), COTERIE_FAILPOINT=point)
            return self._server
        self._worker = self._stack.worker("worker", COTERIE_FAILPOINT=point)
        if self._server is None:
            self._server = self._stack.web()
        return self._server

    def wait_died(self, seconds: float = 180) -> None:
        """Return when what does jobs has died at its point."""
        assert self._worker is not None
        assert self._worker.wait_dead(seconds) == FAILPOINT_EXIT, self._worker.log()[-4000:]

    def stop(self) -> None:
        """End everything as an operator does; nothing may have gone wrong but what the point has."""
        if (worker := self._worker) is not None and self._stack is not None:
            # Before it says so it does not know how to stop.
            worker.wait_for(lambda: "The worker runs" in worker.log(), 60, "to run")
        assert [program.stop() for program in self._programs()] == [0] * len(self._programs())
        if self._stack is None:
            assert self.home.check_database() == []
        assert self.home.errors() == []

    def close(self) -> None:
        """End everything however it stands."""
        for program in self._programs():
            program.close()

    def _programs(self) -> list[Program]:
        return list({id(each): each for each in (self._worker, self._server) if each is not None}.values())


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """A new one with a workspace; skips where the stores of the server shape can't be had."""
    with contextlib.ExitStack() as open:
        stack = open.enter_context(running_stack(folder)) if shape() == "server" else None
        made = Installation(stack.home if stack is not None else Home(folder), stack)
        open.callback(made.close)
        made.home.found()
        yield made


def job(server: Program, id: str) -> dict[str, Any]:
    """A job as the API tells it."""
    found: dict[str, Any] = server.api("GET", f"/jobs/{id}").body
    return found


def finished(server: Program, id: str) -> dict[str, Any]:
    """A job once it has ended."""
    server.wait_for(lambda: job(server, id)["state"] not in ("queued", "running"), 240, "to finish a job")
    return job(server, id)


def started_import(server: Program, content: str, fields: tuple[str, ...]) -> tuple[str, str]:
    """Import a table whose columns go to these fields, the first being the key; ids of the import and its job."""
    columns = [{"column": place, "field": name} for place, name in enumerate(fields, start=1)]
    made = server.api("POST", "/imports?name=people.csv", content.encode()).body
    planned = server.api("PUT", f"/imports/{made['id']}/plan", {"columns": columns, "key": fields[0]})
    assert planned.status == 200
    return made["id"], server.api("POST", f"/imports/{made['id']}/run").body["id"]
