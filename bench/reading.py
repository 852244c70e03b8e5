"""Rows that only ask: they share one server on the filled folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench import filters, postgres
from bench.figures import milliseconds, percentile
from bench.folder import inside
from bench.run import Figures, Run
from bench.server import Client, Server

_WARM_UP = 20


def count(run: Run) -> Figures:
    """Exact total and per-condition counts of the six conditions, beside the bare engine and PostgreSQL."""
    run.close()
    engine = inside("engine_query", run.filled.path, repeats=60)
    rival = postgres.measure(run.filled, repeats=30 if run.filled.people <= 1_000_000 else 10)
    client = Client(run.server)
    answers: list[int] = []

    def ask(body: dict[str, Any]) -> Callable[[], None]:
        return lambda: answers.append(client.post("/people/count", body)["total"])

    sentence = {"where": filters.SENTENCE}
    took = _times(ask(sentence), 300)
    total, people = answers[-1], run.filled.people
    figures: Figures = {
        **milliseconds(took),
        "total": total,
        "bare_engine_p50_ms": engine["p50_ms"],
        "bare_engine_p95_ms": engine["p95_ms"],
        "times_bare_engine": engine["p95_ms"] / (percentile(took, 0.95) * 1000),
        "no_filter_p95_ms": percentile(_times(ask({}), 100), 0.95) * 1000,
    }
    # The clock moves between the answers, so a few people near the window's edge may differ.
    _same("the bare engine", engine["total"], total, people)
    if rival is not None:
        _same("PostgreSQL", rival["total"], total, people)
        figures |= {
            "postgres_p50_ms": rival["p50_ms"],
            "postgres_p95_ms": rival["p95_ms"],
            "postgres_version": rival["server_version"],
            "times_postgres": rival["p95_ms"] / figures["p95_ms"],
        }
    return figures


def _same(who: str, theirs: float, ours: float, people: int) -> None:
    if abs(theirs - ours) > max(3, people / 20_000):
        raise RuntimeError(f"{who} counts {theirs:,.0f}, Coterie {ours:,.0f}: they do not measure the same filter")


def fresh(run: Run) -> Figures:
    """Five other conditions are warm, one was never asked: its set is read by one scan."""
    client = Client(run.server)
    for _ in range(_WARM_UP):
        client.post("/people/count", {"where": filters.SENTENCE})
    # A run on the same server must not meet what an earlier one asked for.
    start = int(time.time()) % 4_000 * 20 + 1
    by_kind: dict[str, list[float]] = {}
    for kind, sentence in filters.fresh_sentences(filters.FRESH, 15, start=start):
        by_kind.setdefault(kind, []).append(_time(client, sentence))
    on_events = [
        _time(client, sentence)
        for _, sentence in filters.fresh_sentences({"event": filters.FRESH_EVENT}, 15, start=start)
    ]
    figures = milliseconds([took for times in by_kind.values() for took in times])
    figures |= {f"{kind}_p95_ms": percentile(times, 0.95) * 1000 for kind, times in by_kind.items()}
    return figures | {"event_condition_p95_ms": percentile(on_events, 0.95) * 1000}


def _time(client: Client, sentence: str) -> float:
    started = time.perf_counter()
    client.post("/people/count", {"where": sentence})
    return time.perf_counter() - started


def page(run: Run) -> Figures:
    """The list as it opens."""
    from urllib.parse import urlencode

    client = Client(run.server)
    path = "/people?" + urlencode({"where": filters.SENTENCE, "sort": "-last_seen", "limit": 50})
    sizes: list[int] = []
    figures: Figures = milliseconds(_times(lambda: sizes.append(len(client.get(path)["items"])), 100))
    everyone = "/people?" + urlencode({"sort": "-last_seen", "limit": 50})
    return figures | {
        "items": sizes[-1],
        "everyone_p95_ms": percentile(_times(lambda: client.get(everyone), 30), 0.95) * 1000,
    }


def regions(run: Run) -> Figures:
    """How five live segments overlap."""
    client = Client(run.server)
    body = {"segments": list(run.filled.segments.values())}
    found: list[int] = []
    took = _times(lambda: found.append(len(client.post("/segments/regions", body)["regions"])), 50)
    if found[-1] != 31:
        raise RuntimeError(f"31 regions expected, {found[-1]} answered")
    return milliseconds(took)


def memory(run: Run) -> Figures:
    """Resident memory ten seconds after lists, counts and regions were asked."""
    client = Client(run.server)
    for _ in range(_WARM_UP):
        client.post("/people/count", {"where": filters.SENTENCE})
        client.get("/people?sort=-last_seen&limit=50")
    client.post("/segments/regions", {"segments": list(run.filled.segments.values())})
    time.sleep(10)
    return run.server.memory_mb()


def start(run: Run) -> Figures:
    """From starting the process to the first answer to a count; files are in the page cache, snapshots saved."""
    run.close()
    took = []
    for _ in range(3):
        server = Server(run.filled)
        started = time.perf_counter()
        server.launch()
        try:
            took.append(_first_answer(server, started))
        finally:
            server.stop()
    return {"seconds": max(took), "fastest_seconds": min(took)}


def _first_answer(server: Server, started: float) -> float:
    while time.perf_counter() - started < 120:
        try:
            Client(server).post("/people/count", {"where": filters.SENTENCE})
            return time.perf_counter() - started
        except (OSError, RuntimeError):
            # Nobody listens yet, or it is not ready and says so.
            time.sleep(0.02)
    raise RuntimeError("no answer within 120 s")


def _times(ask: Callable[[], object], repeats: int) -> list[float]:
    for _ in range(_WARM_UP):
        ask()
    took = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return took
