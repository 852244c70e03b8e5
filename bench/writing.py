"""Rows that change people: each works on a copy of the filled folder."""

from __future__ import annotations

import asyncio
import random
import time

from bench import load
from bench.figures import milliseconds, percentile
from bench.folder import inside, working_copy
from bench.run import Figures, Run
from bench.server import Server

_PROBED = ("Probed", 'did "probe" at least 1 times where amount > 1')


def upkeep(run: Run) -> Figures:
    """The projector's step alone, in its own process."""
    with working_copy(run.filled) as copy:
        figures: Figures = inside("upkeep", copy.path, segments=1000, people=2000, batches=12)
    return figures


def visible(run: Run) -> Figures:
    """Single events, each to be seen in its person's segments, while 500 events a second come in."""
    with working_copy(run.filled) as copy:
        made = inside("segments", copy.path, count=200, extra=dict([_PROBED]))
        with Server(copy) as server:
            sent, seen = asyncio.run(_visible(server, made[_PROBED[0]], seconds=run.seconds))
            cpu = server.cpu_seconds()
    if seen.missed:
        raise RuntimeError(f"{seen.missed} memberships never became visible")
    return {
        **milliseconds(seen.delays),
        "seconds": sent.seconds,
        "background_events_per_second": sent.events / sent.seconds,
        "background_ack_p99_ms": percentile(sent.acks, 0.99) * 1000,
        "refused": sent.refused,
        "server_cpu_seconds": cpu,
    }


async def _visible(server: Server, segment: str, *, seconds: float) -> tuple[load.Sent, load.Seen]:
    people = server.filled.people
    bodies = load.Bodies(people=people, size=20, prefix="vis")
    numbers = random.Random(5).sample(range(1, people + 1), 4_000)
    # The first seconds after a start read what later ones find ready.
    await load.pace(server, bodies, per_second=500, seconds=3)
    end = time.perf_counter() + seconds
    probes = [
        load.probe(
            server,
            event="probe",
            segment=segment,
            until=lambda: time.perf_counter() > end,
            people=numbers[part::4],
        )
        for part in range(4)
    ]
    background = asyncio.create_task(load.pace(server, bodies, per_second=500, seconds=seconds))
    seen = load.Seen()
    for each in await asyncio.gather(*probes):
        seen.delays += each.delays
        seen.missed += each.missed
    return await background, seen


def ingest(run: Run) -> Figures:
    """Eight connections send as fast as they are answered; then everything is waited for, and counted."""
    prefix = "ing"
    with working_copy(run.filled) as copy:
        with Server(copy) as server:
            bodies = load.Bodies(people=copy.people, size=100, prefix=prefix)
            warm_up = load.Bodies(people=copy.people, size=100, prefix="warm")
            asyncio.run(load.flood(server, warm_up, connections=2, seconds=1))
            _drained(server)
            started = time.perf_counter()
            sent, tracks = asyncio.run(load.flood(server, bodies, connections=8, seconds=run.seconds))
            waiting = server.backlog()
            projected = _drained(server) - started
            kept = server.backlog().quarantined
            cpu, memory = server.cpu_seconds(), server.memory_mb()
            # Paced, as clients do: what an answer takes while the server keeps up.
            rated = asyncio.run(
                load.pace(
                    server,
                    load.Bodies(people=copy.people, size=100, prefix="rate"),
                    per_second=int(0.8 * sent.events / projected),
                    seconds=min(20.0, run.seconds / 3),
                )
            )
            _drained(server)
        stored = inside("events", copy.path, source=prefix)
    return {
        "acked_per_second": sent.events / sent.seconds,
        "projected_per_second": sent.events / projected,
        "ack_p50_ms": percentile(sent.acks, 0.5) * 1000,
        "ack_p99_ms": percentile(sent.acks, 0.99) * 1000,
        "ack_max_ms": max(sent.acks) * 1000,
        "events": sent.events,
        "refused": sent.refused,
        "seconds": sent.seconds,
        "seconds_until_projected": projected,
        "backlog_at_the_end": waiting.events,
        "lost": tracks - stored["ids"],
        "doubled": stored["rows"] - stored["ids"],
        "quarantined": kept,
        "rss_mb": memory["rss_mb"],
        "server_cpu_seconds": cpu,
        "rated_events_per_second": rated.events / rated.seconds,
        "rated_ack_p50_ms": percentile(rated.acks, 0.5) * 1000,
        "rated_ack_p99_ms": percentile(rated.acks, 0.99) * 1000,
    }


def _drained(server: Server, *, within: float = 600.0) -> float:
    """Wait until nothing waits to be drained or projected; when that was."""
    end = time.perf_counter() + within
    while time.perf_counter() < end:
        if server.backlog().empty:
            return time.perf_counter()
        time.sleep(0.1)
    raise RuntimeError(f"{server.backlog()} after {within:.0f} s")
