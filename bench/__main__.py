"""`python -m bench [ROW ...] [--size SIZE ...]`: measure, print, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from bench import report
from bench.folder import SIZES
from bench.machine import load_average, machine
from bench.rows import ROWS, Row
from bench.run import Run


def main() -> int:
    """Measure what is asked for; 1 when a row could not be measured. A missed target is a result, not a failure."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("rows", nargs="*", metavar="ROW", help=f"any of {', '.join(ROWS)}; all when none is named")
    options.add_argument("--size", nargs="+", choices=SIZES, default=["100k", "1m"])
    options.add_argument("--seconds", type=float, default=60.0, help="how long rows of load go on")
    options.add_argument("--page", action="store_true", help="only write docs/benchmarks.md from stored results")
    args = options.parse_args()
    unknown = sorted(set(args.rows) - set(ROWS))
    if unknown:
        options.error(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    failed = 0
    if not args.page:
        for size in args.size:
            wanted = [row for row in ROWS.values() if size in row.sizes and row.name in (args.rows or ROWS)]
            failed += _measure(size, wanted, seconds=args.seconds)
    report.write_page()
    print(f"written: {report.PAGE}")
    return 1 if failed else 0


def _measure(size: str, rows: list[Row], *, seconds: float) -> int:
    run = Run(size, seconds)
    print(f"{SIZES[size]:,} people", flush=True)
    report.store_filling(size, run.filled.people, run.filled.filling)
    failed = 0
    try:
        for row in rows:
            if row.writes:
                run.close()
            load, started = load_average(), time.perf_counter()
            try:
                figures = row.measure(run)
            except Exception as error:
                # The other rows are still worth having.
                print(f"  {row.name}: not measured: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                failed += 1
                run.close()
                continue
            took = time.perf_counter() - started
            date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            report.store(size, row, figures, date=date, machine=machine(), load_average=load, seconds=took)
            _print(row, size, took)
    finally:
        run.close()
    return failed


def _print(row: Row, size: str, took: float) -> None:
    print(f"  {row.name}: {row.title} ({took:.0f} s)")
    for each in report.verdicts(row, size):
        bound = f", {each.target.compare} {report.shown(each.bound)}" if each.bound is not None else ""
        print(
            f"    {each.target.label}: {report.shown(each.value)} {each.target.unit}{bound}  {each.words}", flush=True
        )


if __name__ == "__main__":
    sys.exit(main())
