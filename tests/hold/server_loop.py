"""The kill loop of the server shape: web processes, workers, ClickHouse nodes and PostgreSQL fail in turn."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from tests.hold.harness import FAILPOINT_EXIT, POINTS, REACH_SECONDS, Progress, Report, judge
from tests.hold.history import History
from tests.hold.load import Clients
from tests.hold.program import Program
from tests.hold.stack import Stack

TAKEOVER_SECONDS: Final = 90.0
SETTLE_SECONDS: Final = 120.0
# What its session has sent to PostgreSQL may be carried out a moment after a process's death.
LAST_WORDS_SECONDS: Final = 2.0
COMMIT_POINTS: Final = tuple(name for name in POINTS if name.startswith("tracking.commit."))
WORK_POINTS: Final = tuple(name for name in POINTS if name not in COMMIT_POINTS)


class ServerLoop:
    """One installation with a web process and two workers, its clients, and what is done to it.

    Each fault ends with everything running again. Every kill -9 of a process is noted in `report.kills`.
    """

    def __init__(self, stack: Stack, *, seed: int, progress: Progress = lambda _number, _line: None) -> None:
        self.stack = stack
        self.history = History()
        self.clients = Clients(stack.home, stack.port, seed=seed, history=self.history)
        self.report = Report()
        self.progress = progress
        self._choose = random.Random(seed)
        self._web: Program | None = None
        self._workers: dict[str, Program] = {}
        # Each named point in turn, in a random order.
        self._points: list[str] = []

    async def run(self, faults: Sequence[str]) -> Report:
        """Prepare, do what is told under load, settle, and judge."""
        try:
            await asyncio.to_thread(self._start)
            await self.clients.prepare()
            running = asyncio.create_task(self.clients.run())
            try:
                for number, name in enumerate(faults, start=1):
                    await asyncio.sleep(self._choose.uniform(0.2, 1.5))
                    await asyncio.to_thread(self._do, number, name)
                await asyncio.sleep(1.0)
            finally:
                self.clients.stop()
                await running
            await asyncio.to_thread(self._settle)
            facts = await asyncio.to_thread(self.stack.home.facts)
        finally:
            for program in self._programs():
                program.close()
        judge(self.stack.home, self.history, facts, self.report)
        return self.report

    def _programs(self) -> list[Program]:
        return [*([self._web] if self._web is not None else []), *self._workers.values()]

    def _start(self) -> None:
        self.stack.home.found()
        # One after the other: then it is known who holds the workspace.
        self._workers["one"] = self.stack.worker("one")
        self._start_web()
        self._wait(lambda: self.stack.leases()[0] != "", "the first worker to take the workspace")
        self._workers["two"] = self.stack.worker("two")

    def _start_web(self) -> None:
        self._web = self.stack.web()
        began = time.monotonic()
        self._web.wait_up()
        self.report.start_seconds.append(time.monotonic() - began)

    def _do(self, number: int, name: str) -> None:
        acknowledged = self.history.acknowledged_events
        said = FAULTS[name].do(self)
        for program in self._programs():
            if not program.alive:
                self.report.problems.append(
                    f"{number}: after {name!r} a process ended by itself with {program.process.returncode}: "
                    f"{program.log()[-1500:]}"
                )
        self.report.faults.append(name)
        now = self.history.acknowledged_events
        self.progress(number, f"{name}{said}; {now} events acknowledged, {now - acknowledged} meanwhile")

    # Faults

    def kill_web(self) -> str:
        """The web process dies; requests under way get no answer."""
        self._kill_web()
        self._start_web()
        return ""

    def kill_web_at_a_point(self) -> str:
        """The web process dies just before or after a commit of what it acknowledges."""
        self._kill_web()
        point = self._choose.choice(COMMIT_POINTS)
        armed = self._web = self.stack.web(COTERIE_FAILPOINT=f"{point}:{self._choose.choice((1, 2, 5))}")
        self._wait_reached(armed, "web", point)
        self.clients.server_died(time.monotonic() + LAST_WORDS_SECONDS)
        self._start_web()
        return f" ({point})"

    def kill_holder(self) -> str:
        """The worker that holds the workspace dies; the other one takes over, and the dead one comes back."""
        name, before = self._holder()
        self._kill_worker(name)
        began = time.monotonic()
        self._wait_taken_from(before)
        seconds = time.monotonic() - began
        self._workers[name] = self.stack.worker(name)
        return f" (taken over after {seconds:.0f} s)"

    def kill_workers(self) -> str:
        """Both workers die and are started again."""
        before = self.stack.leases()[0]
        for name in list(self._workers):
            self._kill_worker(name)
        for name in ("one", "two"):
            self._workers[name] = self.stack.worker(name)
        self._wait_taken_from(before)
        return ""

    def kill_worker_at_a_point(self) -> str:
        """A worker takes the workspace over from a dead one, and dies itself at a named point of its work."""
        point, armed = self._armed_worker(how="")
        self._wait_reached(armed, "worker", point)
        for name in ("one", "two"):
            self._workers[name] = self.stack.worker(name)
        return f" ({point})"

    def pause_holder(self) -> str:
        """The worker that holds the workspace sleeps longer than its lease, and then believes that it still has it."""
        name, before = self._holder()
        holder = self._workers[name]
        holder.process.send_signal(signal.SIGSTOP)
        try:
            self._wait_taken_from(before)
        finally:
            holder.process.send_signal(signal.SIGCONT)
        return ""

    def pause_worker_at_a_point(self) -> str:
        """A worker falls asleep at a named point of its work, for longer than its lease."""
        point, armed = self._armed_worker(how=":stop")
        try:
            reached = self._wait_until(armed.stopped, REACH_SECONDS + TAKEOVER_SECONDS)
            before = self.stack.leases()[0]
            self._workers["two"] = self.stack.worker("two")
            if not reached:
                self.report.problems.append(f"worker: {point} was not reached")
            elif not point.startswith("tracking."):
                self._wait_taken_from(before)
            else:
                # It is awake again before or after its drain was done by another one.
                time.sleep(self._choose.uniform(0.0, 2.0) * self.stack.lease_seconds)
        finally:
            armed.process.send_signal(signal.SIGCONT)
            self._workers["one"] = armed
        return f" ({point})"

    def kill_node(self) -> str:
        """A ClickHouse node dies while it is written to, and comes back."""
        assert self.stack.cluster is not None
        place = self._choose.randrange(len(self.stack.cluster.nodes))
        node = self.stack.cluster.nodes[place]
        node.kill()
        self.report.kills.append("a ClickHouse node")
        time.sleep(self._choose.uniform(0.5, 3.0))
        node.start()
        return f" (node {place + 1})"

    def cut_sessions(self) -> str:
        """Every session with PostgreSQL is ended."""
        return f" ({self.stack.cut_connections()} sessions)"

    def crash_postgres(self) -> str:
        """PostgreSQL ends without a shutdown and comes back."""
        self.stack.crash_postgres()
        self.report.kills.append("PostgreSQL")
        return ""

    # Parts

    def _kill_web(self) -> None:
        assert self._web is not None
        self._web.kill()
        self.report.kills.append("the web process")
        self.clients.server_died(time.monotonic() + LAST_WORDS_SECONDS)

    def _kill_worker(self, name: str) -> None:
        self._workers.pop(name).kill()
        self.report.kills.append("a worker")

    def _armed_worker(self, *, how: str) -> tuple[str, Program]:
        """Both workers die, and one comes back that ends or stops at a named point: the point, and the worker."""
        self._points = self._points or self._choose.sample(WORK_POINTS, len(WORK_POINTS))
        point = self._points.pop()
        for name in list(self._workers):
            self._kill_worker(name)
        nth = self._choose.choice((1, 2, 3))
        return point, self.stack.worker("one", COTERIE_FAILPOINT=f"{point}:{nth}{how}")

    def _wait_reached(self, armed: Program, what: str, point: str) -> None:
        died = armed.wait_dead(REACH_SECONDS + TAKEOVER_SECONDS)
        if died == FAILPOINT_EXIT:
            self.report.kills.append(f"{what} at {point}")
            return
        self.report.problems.append(f"{what}: {point} was not reached, it ended with {died}: {armed.log()[-1500:]}")
        armed.close()

    def _holder(self) -> tuple[str, str]:
        """The worker that holds the workspace, and the token of its lease."""
        end = time.monotonic() + TAKEOVER_SECONDS
        while time.monotonic() < end:
            token = self.stack.leases()[0]
            for name, worker in self._workers.items():
                if token and token in worker.log():
                    return name, token
            time.sleep(0.1)
        raise AssertionError(f"waited {TAKEOVER_SECONDS:.0f} s for a living worker to hold the workspace")

    def _wait_taken_from(self, before: str) -> None:
        self._wait(lambda: self.stack.leases()[0] not in ("", before), "a worker to take the workspace over")

    def _wait(self, true: Callable[[], bool], what: str) -> None:
        assert self._wait_until(true, TAKEOVER_SECONDS), f"waited {TAKEOVER_SECONDS:.0f} s for {what}"

    def _wait_until(self, true: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def _settle(self) -> None:
        assert self._web is not None
        began = time.monotonic()
        self._web.wait_projected(SETTLE_SECONDS)
        time.sleep(2.5)
        self._web.wait_projected(SETTLE_SECONDS)
        self.report.settle_seconds = time.monotonic() - began
        for program in self._programs():
            code = program.stop()
            if code:
                self.report.problems.append(f"the last stop ended with {code}: {program.log()[-1500:]}")
        # The first start makes it.
        self.report.rebuilds = self.stack.home.said("index_rebuild_started") - 1


class Fault(NamedTuple):
    """What can be done to an installation: how often it comes, how many processes it kills, and how."""

    weight: int
    kills: int
    do: Callable[[ServerLoop], str]


FAULTS: Final[dict[str, Fault]] = {
    "kill web": Fault(4, 1, ServerLoop.kill_web),
    "kill web at a commit": Fault(2, 2, ServerLoop.kill_web_at_a_point),
    "kill the worker that holds the workspace": Fault(2, 1, ServerLoop.kill_holder),
    "kill both workers": Fault(1, 2, ServerLoop.kill_workers),
    "kill workers, one at a named point": Fault(4, 3, ServerLoop.kill_worker_at_a_point),
    "kill a ClickHouse node": Fault(5, 1, ServerLoop.kill_node),
    "crash PostgreSQL": Fault(2, 1, ServerLoop.crash_postgres),
    "cut all PostgreSQL sessions": Fault(2, 0, ServerLoop.cut_sessions),
    "let the holder sleep past its lease": Fault(1, 0, ServerLoop.pause_holder),
    "kill workers, one sleeps at a named point": Fault(2, 2, ServerLoop.pause_worker_at_a_point),
}


def plan(*, kills: int, seed: int) -> Iterator[str]:
    """Faults of all kinds, as often as they weigh, in a random order, until at least so many processes are killed."""
    choose = random.Random(seed)
    deck: list[str] = []
    done = 0
    while done < kills:
        if not deck:
            deck = [name for name, fault in FAULTS.items() for _ in range(fault.weight)]
            choose.shuffle(deck)
        name = deck.pop()
        done += FAULTS[name].kills
        yield name
