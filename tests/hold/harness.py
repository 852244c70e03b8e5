"""The kill loop: a server under load is killed again and again; what its clients saw is held against what is left."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from coterie.kit.failpoints import FAILPOINTS
from tests.hold.history import Fate, History, event_problems, register_problems
from tests.hold.load import PANELS, Clients
from tests.hold.program import Home, Program
from tests.support.ports import free_port

# A failpoint that is not reached in this time is reached by nothing: the server is killed anyway, and it is said.
REACH_SECONDS: Final = 180.0
FAILPOINT_EXIT: Final = 137
# A server is in use when so many writes have been acknowledged; on a machine that is slow, after so many seconds.
USED_WRITES: Final = 4
USED_SECONDS: Final = 20.0
# The named points that the clients' load reaches.
POINTS: Final = tuple(name for name in FAILPOINTS if name.startswith(("tracking.", "projector.")))

Progress = Callable[[int, str], None]
"""Told of each kill: its number, and what there is to say of it."""


# Kills at a moment. What a server has started ends with it, as in a power cut, or notices its end by itself.
RUNNING: Final = "the server and all it started, running"
ALONE: Final = "the server alone, running"
STARTING: Final = "the server and all it started, starting"
DRAIN: Final = "the process that drains"
MOMENTS: Final = frozenset({RUNNING, ALONE, STARTING, DRAIN})


class Kill(NamedTuple):
    """How a server is to die: the `nth` time a named point is reached, or so many seconds after a moment."""

    when: str
    seconds: float = 0.0
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.when} for {self.seconds:.2f} s" if self.when in MOMENTS else f"{self.when}:{self.nth}"


@dataclass
class Report:
    """What a run came to: every kill -9, other faults, and what was found wrong in the end."""

    kills: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    events: int = 0
    acknowledged: int = 0
    newcomers: int = 0
    writes: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    start_seconds: list[float] = field(default_factory=list)
    settle_seconds: float = 0.0
    rebuilds: int = 0
    sizes: dict[str, int] = field(default_factory=dict)


def plan(points: Sequence[str], *, kills: int, seed: int) -> Iterator[Kill]:
    """Kills of all kinds: every named point in turn, between them random moments of running and of starting."""
    choose = random.Random(seed)
    order = list(points)
    for number in range(kills):
        place, kind = divmod(number, 5)
        if kind == 1:
            yield Kill(RUNNING, choose.uniform(0.05, 2.5))
        elif kind == 3:
            yield Kill(DRAIN if place % 2 else ALONE, choose.uniform(0.05, 2.5))
        elif kind == 4 and place % 2:
            yield Kill(STARTING, choose.uniform(0.2, 3.0))
        else:
            if not order:
                order = list(points)
            yield Kill(order.pop(choose.randrange(len(order))), nth=choose.choice((1, 2, 5, 11)))


class KillLoop:
    """One installation with its clients. `progress` is told about each kill."""

    def __init__(self, home: Home, *, seed: int, progress: Progress = lambda _number, _line: None) -> None:
        self.home = home
        self.port = free_port()
        self.history = History()
        self.clients = Clients(home, self.port, seed=seed, history=self.history)
        self.report = Report()
        self.progress = progress
        self._server: Program | None = None

    async def run(self, kills: Sequence[Kill]) -> Report:
        """Prepare, kill as told under load, settle, and judge."""
        try:
            await asyncio.to_thread(self._start_whole)
            await self.clients.prepare()
            running = asyncio.create_task(self.clients.run())
            try:
                for number, kill in enumerate(kills, start=1):
                    await asyncio.to_thread(self._live_and_die, number, kill)
                await asyncio.to_thread(self._start_whole)
                await asyncio.to_thread(self._used)
            finally:
                self.clients.stop()
                await running
            await asyncio.to_thread(self._settle)
        finally:
            if self._server is not None:
                self._server.close()
        self._judge(self.home.facts())
        return self.report

    def _live_and_die(self, number: int, kill: Kill) -> None:
        if self._server is not None and kill.when not in (RUNNING, ALONE, DRAIN):
            # Only a new process takes a failpoint, and only a new one starts.
            self._end()
        if self._server is None:
            armed = {} if kill.when in MOMENTS else {"COTERIE_FAILPOINT": f"{kill.when}:{kill.nth}"}
            self._server = self.home.serve(self.port, **armed)
        if kill.when in (RUNNING, ALONE, DRAIN):
            self._up()
            self._used()
        died = self._server.wait_dead(kill.seconds or REACH_SECONDS)
        said = str(kill)
        if died is None and kill.when == DRAIN:
            self._end_drain(number)
        elif died is None:
            if kill.when not in MOMENTS:
                self.report.problems.append(f"kill {number}: {kill} was not reached in {REACH_SECONDS:.0f} s")
            self._end(whole=kill.when != ALONE)
        elif died == FAILPOINT_EXIT and kill.when not in MOMENTS:
            self.clients.server_died(time.monotonic())
            self._server = None
        else:
            self.report.problems.append(f"kill {number}: the server ended by itself with {died}: {self._words()}")
            self._server = None
        self.report.kills.append(said)
        if self.home.database.exists():
            self.report.problems += [f"kill {number} ({said}): {each}" for each in self.home.check_database()]
        self.progress(number, f"kill {said}; {self.history.acknowledged_events} events acknowledged")

    def _words(self) -> str:
        return self._server.log()[-1500:] if self._server is not None else ""

    def _end_drain(self, number: int) -> None:
        """The server lives on and starts another one."""
        assert self._server is not None
        children = self._server.children()
        if not children:
            self.report.problems.append(f"kill {number}: no process that drains was there")
        for pid in children:
            os.kill(pid, signal.SIGKILL)

    def _end(self, *, whole: bool = True) -> None:
        assert self._server is not None
        self._server.kill(whole=whole)
        self.clients.server_died(time.monotonic())
        self._server = None

    def _start_whole(self) -> None:
        if self._server is None:
            self._server = self.home.serve(self.port)
        self._up()

    def _up(self) -> None:
        assert self._server is not None
        began = time.monotonic()
        self._server.wait_up()
        self.report.start_seconds.append(time.monotonic() - began)

    def _used(self) -> None:
        """Return when clients have written through the API, too: a start takes longer than most of what follows."""
        before, end = self.history.acknowledged_writes, time.monotonic() + USED_SECONDS
        while self.history.acknowledged_writes < before + USED_WRITES and time.monotonic() < end:
            time.sleep(0.05)

    def _settle(self) -> None:
        assert self._server is not None
        said = self._server.log_path.read_text(errors="replace")
        # The first start makes it; after a kill it should be whole.
        self.report.rebuilds = said.count("index_rebuild_started") - 1
        began = time.monotonic()
        self._server.wait_projected()
        # The clock of the segments goes on once a second; what it did last is compared.
        time.sleep(2.5)
        self._server.wait_projected()
        self.report.settle_seconds = time.monotonic() - began
        code = self._server.stop()
        if code:
            self.report.problems.append(f"the last stop ended with {code}: {self._words()}")
        self._server = None

    def _judge(self, facts: dict[str, Any]) -> None:
        judge(self.home, self.history, facts, self.report)


def judge(home: Home, history: History, facts: dict[str, Any], report: Report) -> None:
    """Hold what clients saw against what is in the stores; problems go into the report."""
    report.problems += facts["problems"]
    report.problems += event_problems(history.events, facts["log_events"], where="events of the change log")
    report.problems += event_problems(history.events, facts["index_events"], where="events of the index")
    report.problems += event_problems(history.newcomers, facts["newcomers"], where="people identified once")
    report.problems += register_problems(history, _final(history, facts))
    report.problems += sorted(set(history.odd))[:20]
    report.problems += home.errors()[:5] if history.odd else []
    report.events, report.acknowledged = len(history.events), history.acknowledged_events
    report.newcomers = sum(fate is Fate.ACKNOWLEDGED for fate in history.newcomers.values())
    report.writes = history.acknowledged_writes
    report.answers = dict(sorted(history.answers.items()))
    report.sizes = facts["sizes"]


def _final(history: History, facts: dict[str, Any]) -> dict[Hashable, Any]:
    """Every register's value at the end."""
    final: dict[Hashable, Any] = {("score", int(number)): score for number, score in facts["scores"].items()}
    final["scored"] = facts["segments"]["scored"]["root"]["value"]
    members = {name: set(facts["panels"].get(name, ())) for name in PANELS}
    for key in history.registers:
        if isinstance(key, tuple) and key[0] == "panel":
            final[key] = key[2] in members[key[1]]
        elif isinstance(key, tuple) and key[0] == "segment":
            final[key] = key[1] in facts["segments"]
    return final
