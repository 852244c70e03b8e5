"""`make soak`: kill a server under load hundreds of times, then look whether anything is lost, doubled or different.

    python -m bench.soak [--kills 200] [--shape embedded|server|both] [--seed N] [--json FILE]

Embedded: half of the kills come at random moments of running and starting, half at the named points of
kit/failpoints.py. Server shape: web processes, workers, ClickHouse nodes and PostgreSQL die in turn, some of them at
named points, and workers sleep past their leases. After each round of ROUND kills, all that clients were told is held
against what is left. Ends with 1 when anything was found. The harness and its judge are those of the tests
(tests/hold); docs/durability.md says what is looked at. `--json` writes the figures of each shape as one line.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.hold import server_loop
from tests.hold.harness import POINTS, KillLoop, Report, plan
from tests.hold.program import Home
from tests.hold.stack import NoStack, Stack

# A new installation after so many kills: what is looked at in the end grows with what was sent.
ROUND: Final = 25


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="Kill a server under load; find losses.")
    parser.add_argument("--kills", type=int, default=200, help="kills of each shape, at least")
    parser.add_argument("--shape", choices=["embedded", "server", "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same seed makes the same plan")
    parser.add_argument("--json", type=Path, help="append the figures to this file")
    options = parser.parse_args()
    found = 0
    for name in [name for name in SHAPES if options.shape in (name, "both")]:
        began = time.monotonic()
        try:
            report = SHAPES[name](options.kills, options.seed)
        except NoStack as error:
            sys.exit(f"--shape server: {error}")
        seconds = time.monotonic() - began
        _show(name, report, options.seed, seconds)
        if options.json is not None:
            with options.json.open("a") as file:
                file.write(json.dumps(_figures(name, report, options.seed, seconds)) + "\n")
        found += len(report.problems)
    sys.exit(1 if found else 0)


def _embedded(kills: int, seed: int) -> Report:
    """SQLite and chDB in one process."""
    whole = Report()
    while len(whole.kills) < kills:
        done = len(whole.kills)
        with _folder(whole) as folder:
            home = Home(folder / "data")
            home.found()
            loop = KillLoop(home, seed=seed + done, progress=partial(_progress, "embedded", done))
            wanted = plan(POINTS, kills=min(ROUND, kills - done), seed=seed + done)
            _join(whole, asyncio.run(loop.run(list(wanted))))
    return whole


def _server(kills: int, seed: int) -> Report:
    """PostgreSQL, two ClickHouse nodes, a web process and two workers."""
    whole = Report()
    while len(whole.kills) < kills:
        done = len(whole.kills)
        with _folder(whole) as folder:
            stack = Stack(folder / "data")
            try:
                told = partial(_progress, "server", len(whole.faults))
                loop = server_loop.ServerLoop(stack, seed=seed + done, progress=told)
                wanted = server_loop.plan(kills=min(ROUND, kills - done), seed=seed + done)
                _join(whole, asyncio.run(loop.run(list(wanted))))
            finally:
                stack.stop()
    return whole


@contextlib.contextmanager
def _folder(whole: Report) -> Iterator[Path]:
    """A folder for a round; it is removed afterwards, and kept when the round has found something."""
    folder, before = Path(tempfile.mkdtemp(prefix="coterie-soak-")), len(whole.problems)
    try:
        yield folder
    finally:
        if sys.exc_info()[0] is not None or len(whole.problems) > before:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)


def _join(whole: Report, part: Report) -> None:
    whole.kills += part.kills
    whole.faults += part.faults
    whole.problems += part.problems
    whole.events += part.events
    whole.acknowledged += part.acknowledged
    whole.newcomers += part.newcomers
    whole.writes += part.writes
    whole.rebuilds += part.rebuilds
    whole.start_seconds += part.start_seconds
    whole.settle_seconds = max(whole.settle_seconds, part.settle_seconds)
    whole.answers = dict(sorted((Counter(whole.answers) + Counter(part.answers)).items()))
    whole.sizes = part.sizes


def _progress(shape: str, before: int, number: int, line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {shape} {before + number}: {line}", file=sys.stderr, flush=True)


def _figures(shape: str, report: Report, seed: int, seconds: float) -> dict[str, Any]:
    """What was counted, for whoever puts several runs together."""
    figures = asdict(report)
    kinds = {name: dict(Counter(map(_kind, figures.pop(name)))) for name in ("kills", "faults")}
    return {"shape": shape, "seed": seed, "seconds": round(seconds), **kinds, **figures}


def _show(shape: str, report: Report, seed: int, seconds: float) -> None:
    starts = sorted(report.start_seconds)
    rows: list[tuple[str, object]] = [
        ("shape", shape),
        ("seed", seed),
        ("seconds", round(seconds)),
        ("kills", len(report.kills)),
        *((f"  {name}", count) for name, count in sorted(Counter(map(_kind, report.kills)).items())),
        *((f"done: {name}", count) for name, count in sorted(Counter(report.faults).items())),
        ("events sent", report.events),
        ("events acknowledged", report.acknowledged),
        ("people identified once, acknowledged", report.newcomers),
        ("writes through the API acknowledged", report.writes),
        *((f"  {name}", count) for name, count in report.answers.items()),
        ("start after a kill, median and slowest (s)", f"{starts[len(starts) // 2]:.1f}, {starts[-1]:.1f}"),
        ("settled after the last start, slowest (s)", f"{report.settle_seconds:.1f}"),
        ("indexes made anew after a kill", report.rebuilds),
        *((f"  members of {name}", size) for name, size in report.sizes.items()),
        ("problems", len(report.problems)),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")
    for problem in report.problems:
        print(f"! {problem}")


def _kind(kill: str) -> str:
    """The kind of a kill without its place in time."""
    return kill.partition(":")[0].partition(" for ")[0]


SHAPES: Final[dict[str, Callable[[int, int], Report]]] = {"embedded": _embedded, "server": _server}


if __name__ == "__main__":
    main()
