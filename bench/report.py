"""Results as files, and the page docs/benchmarks.md made from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from bench.folder import CACHE, ROOT, SIZES
from bench.rows import ROWS, Row, Target
from bench.run import Figures

PAGE: Final = ROOT / "docs" / "benchmarks.md"
Stored = dict[str, Any]
# Above this load average before a row somebody else was at work: rows themselves keep one or two cores busy.
BUSY: Final = 2.0
FULL_SECONDS: Final = 59.0


@dataclass(frozen=True)
class Verdict:
    """One figure against its bound; `bound` is None where there is none for this size."""

    target: Target
    value: float | None
    bound: float | None

    @property
    def met(self) -> bool | None:
        if self.value is None or self.bound is None:
            return None
        return self.value <= self.bound if self.target.compare == "at most" else self.value >= self.bound

    @property
    def words(self) -> str:
        """Met, or by how much missed."""
        if self.value is None:
            return "not measured"
        if self.bound is None:
            return ""
        if self.met:
            return "met"
        if not self.bound or not self.value:
            return f"missed by {shown(abs(self.value - self.bound))}"
        return f"missed: {max(self.value / self.bound, self.bound / self.value):.2f} times the target"


def store(size: str, row: Row, figures: Figures, **about: Any) -> None:
    """Keep what was measured; the file of a size holds the latest figures of each row."""
    path = CACHE / f"results-{size}.json"
    found = stored(size)
    found.setdefault("rows", {})[row.name] = {"figures": figures, **about}
    CACHE.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1))


def store_filling(size: str, people: int, filling: Figures) -> None:
    """Keep how the folder of a size was filled."""
    found = stored(size)
    found["people"], found["filling"] = people, filling
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / f"results-{size}.json").write_text(json.dumps(found, indent=1))


def stored(size: str) -> Stored:
    """What is known of a size."""
    path = CACHE / f"results-{size}.json"
    found: Stored = json.loads(path.read_text()) if path.exists() else {}
    return found


def verdicts(row: Row, size: str) -> list[Verdict]:
    """The row's figures against its targets."""
    figures = _figures(row, size)
    reference = _figures(row, "1m")
    found = []
    for target in row.targets:
        bound = target.bounds.get(size)
        if size == "10m" and target.times_1m and target.figure in reference:
            bound = target.times_1m * reference[target.figure]
        found.append(Verdict(target, figures.get(target.figure), bound))
    return found


def _figures(row: Row, size: str) -> Figures:
    found: Figures = stored(size).get("rows", {}).get(row.name, {}).get("figures", {})
    return found


def shown(value: float | None) -> str:
    """A number with as many digits as mean something."""
    if value is None:
        return ""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def write_page() -> None:
    """Make docs/benchmarks.md anew from all stored results."""
    sizes = [size for size in SIZES if size != "10k" and stored(size).get("rows")]
    parts = [_HEAD, *(_about(sizes)), _summary(sizes)]
    parts += [_details(size) for size in sizes]
    PAGE.write_text("\n".join(parts))


_HEAD: Final = """# Benchmarks

`make bench` measures every row at 100 thousand and at 1 million people, `make bench-10m` the rows about reading at
10 million. Each run writes this page anew. [How it is measured](../bench/README.md) tells what each row does and how
to run one alone.

Everything is embedded: SQLite, chDB and the server in one process, the client and PostgreSQL on the same machine.
Ratios are of figures measured in the same run.
"""


def _about(sizes: list[str]) -> list[str]:
    lines = ["| size | date | machine | system | load before |", "|---|---|---|---|---|"]
    versions = set()
    for size in sizes:
        rows = stored(size)["rows"].values()
        dates = sorted(str(row["date"]) for row in rows)
        date = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
        last = max(rows, key=lambda row: str(row["date"]))
        loads = [row["load_average"] for row in rows]
        about = last["machine"]
        versions.add(about["versions"])
        lines.append(
            f"| {SIZES[size]:,} | {date} | {about['processor']}, {about['cores']} cores, {about['memory']} "
            f"| {about['system']} | {min(loads):.1f} to {max(loads):.1f} |"
        )
    return [*lines, "", *(f"{text}." for text in sorted(versions)), "", *_doubts(sizes)]


def _doubts(sizes: list[str]) -> list[str]:
    """What a reader must know before believing the figures."""
    found = []
    for size in sizes:
        rows = stored(size)["rows"]
        busy = [name for name, row in rows.items() if row["load_average"] > BUSY]
        short = [
            name for name in ("visible", "ingest") if 0 < _figures(ROWS[name], size).get("seconds", 0) < FULL_SECONDS
        ]
        if busy:
            found.append(
                f"**At {SIZES[size]:,} others used the machine**: the load average was above {BUSY:g} before "
                f"{', '.join(busy)}. These figures are provisional, the higher percentiles above all.\n"
            )
        if short:
            found.append(f"**At {SIZES[size]:,} the load was short**, less than a minute: {', '.join(short)}.\n")
    return found


def _summary(sizes: list[str]) -> str:
    lines = ["## Targets", "", "| what | people | measured | target | |", "|---|---|---|---|---|"]
    for row in ROWS.values():
        for size in sizes:
            if size not in row.sizes:
                continue
            for each in verdicts(row, size):
                unit = f" {each.target.unit}" if each.target.unit != "x" else ""
                measured = f"{each.target.label} {shown(each.value)}{unit}" if each.value is not None else ""
                target = f"{each.target.compare} {shown(each.bound)}{unit}" if each.bound is not None else ""
                lines.append(f"| {row.title} | {SIZES[size]:,} | {measured} | {target} | {each.words} |")
    return "\n".join([*lines, ""])


def _details(size: str) -> str:
    found = stored(size)
    lines = [f"## All figures at {SIZES[size]:,} people", ""]
    filling = found.get("filling", {})
    if filling:
        rates = (
            f"{shown(filling['people_per_second'])} people and {shown(filling['events_per_second'])} events a second"
        )
        parts = f"{shown(filling['write_seconds'])} s writing, {shown(filling['project_seconds'])} s projecting"
        lines += [
            f"Filling through the one write path, projected after each batch of 5,000: {rates}, "
            f"{shown(filling['seconds'])} s in all ({parts}).",
            "",
        ]
    lines += ["| row | figures |", "|---|---|"]
    for name, row in ROWS.items():
        figures = _figures(row, size)
        if figures:
            text = ", ".join(f"{figure.replace('_', ' ')} {shown(value)}" for figure, value in figures.items())
            lines.append(f"| `{name}` | {text} |")
    return "\n".join([*lines, ""])
