"""The table of what is measured: one row for each promise, with its targets and the function that measures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from bench import browsing, reading, transferring, writing
from bench.run import Figures, Run

Compare = Literal["at most", "at least"]


@dataclass(frozen=True)
class Target:
    """One bound on one figure. `bounds` is by size; a size that is not there has no target."""

    figure: str
    label: str
    unit: str
    compare: Compare
    bounds: dict[str, float]
    # At 10 million people a bound can also be a multiple of what 1 million took.
    times_1m: float | None = None


@dataclass(frozen=True)
class Row:
    """One benchmark."""

    name: str
    title: str
    sizes: tuple[str, ...]
    targets: tuple[Target, ...]
    measure: Callable[[Run], Figures]
    # Whether the row changes people: it gets a copy of the folder.
    writes: bool = False


_ALL: Final = ("10k", "100k", "1m", "10m")
_TO_1M: Final = ("10k", "100k", "1m")

ROWS: Final[dict[str, Row]] = {
    row.name: row
    for row in (
        Row(
            "count",
            "count of a nested filter of 6 conditions through the API, conditions warm",
            _ALL,
            (
                Target("p95_ms", "p95", "ms", "at most", {"1m": 10, "10m": 30}),
                Target("times_postgres", "times faster than PostgreSQL JSONB (p95)", "x", "at least", {"1m": 10}),
            ),
            reading.count,
        ),
        Row(
            "fresh",
            "the same with one condition never seen before",
            _ALL,
            (Target("p95_ms", "p95", "ms", "at most", {"1m": 90}, times_1m=10),),
            reading.fresh,
        ),
        Row(
            "page",
            "first page of 50, sorted by last seen, same filter",
            _ALL,
            (Target("p95_ms", "p95", "ms", "at most", {"1m": 60}, times_1m=10),),
            reading.page,
        ),
        Row(
            "regions",
            "all 31 regions of 5 segments",
            _ALL,
            (Target("p95_ms", "p95", "ms", "at most", {"1m": 30}, times_1m=10),),
            reading.regions,
        ),
        Row(
            "memory",
            "memory of the server, idle after load",
            _ALL,
            (Target("rss_mb", "resident memory", "MiB", "at most", {"1m": 1024}),),
            reading.memory,
        ),
        Row(
            "start",
            "start to first answer, warm",
            _ALL,
            (Target("seconds", "slowest of 3", "s", "at most", {"1m": 5}),),
            reading.start,
        ),
        Row(
            "browser",
            "the web app in Chromium: from an edit of a condition to the new total; the list of everyone scrolled",
            _TO_1M,
            (
                Target("edit_p95_ms", "edit to total, p95", "ms", "at most", {"100k": 100}),
                Target("delay_p95_ms", "delay of input while scrolling, p95", "ms", "at most", {"1m": 100}),
                Target("lost", "requests lost", "requests", "at most", {"10k": 0, "100k": 0, "1m": 0}),
            ),
            browsing.browser,
        ),
        Row(
            "upkeep",
            "1,000 dynamic segments, a batch of 2,000 changed people: all memberships and transitions done",
            _TO_1M,
            (Target("p95_ms", "p95", "ms", "at most", {"1m": 1000}),),
            writing.upkeep,
            writes=True,
        ),
        Row(
            "visible",
            "event accepted to membership visible through the API, 200 dynamic segments, 500 events/s",
            _TO_1M,
            (Target("p99_ms", "p99", "ms", "at most", {"1m": 1500}),),
            writing.visible,
            writes=True,
        ),
        Row(
            "ingest",
            "sustained ingestion through HTTP in batches of 100, to durable and projected",
            _TO_1M,
            (
                Target("projected_per_second", "durable and projected", "events/s", "at least", {"1m": 8000}),
                Target("ack_p99_ms", "ack p99", "ms", "at most", {"1m": 100}),
                Target("lost", "lost", "events", "at most", {"10k": 0, "100k": 0, "1m": 0}),
            ),
            writing.ingest,
            writes=True,
        ),
        Row(
            "csv_import",
            "import of new people in 10 columns from CSV",
            _TO_1M,
            (Target("per_second", "written", "rows/s", "at least", {"100k": 20_000, "1m": 20_000}),),
            transferring.csv_import,
            writes=True,
        ),
        Row(
            "xlsx_import",
            "the same from XLSX",
            _TO_1M,
            (Target("per_second", "written", "rows/s", "at least", {"100k": 10_000, "1m": 10_000}),),
            transferring.xlsx_import,
            writes=True,
        ),
        Row(
            "csv_export",
            "export of everyone in 10 columns as CSV",
            _TO_1M,
            (Target("per_second", "written", "rows/s", "at least", {"100k": 100_000, "1m": 100_000}),),
            transferring.csv_export,
            writes=True,
        ),
        Row(
            "xlsx_export",
            "the same as XLSX",
            _TO_1M,
            (Target("per_second", "written", "rows/s", "at least", {"100k": 10_000, "1m": 10_000}),),
            transferring.xlsx_export,
            writes=True,
        ),
    )
}
