"""Rows about files of people on their way in and out, through the API of a running server."""

from __future__ import annotations

import io
import json
import random
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import xlsxwriter

from bench.folder import working_copy
from bench.run import Figures, Run
from bench.server import Client, Server

_COLUMNS: Final = (
    ("email", None),
    ("name", None),
    ("city", None),
    ("country", None),
    ("tier", "text"),
    ("orders_in_shop", "number"),
    ("spent_in_shop", "number"),
    ("customer_since", "date"),
    ("newsletter", "boolean"),
    ("score_of_shop", "number"),
)
_PLACES: Final = (("Rome", "Italy"), ("Berlin", "Germany"), ("Paris", "France"), ("Lyon", "France"))
# Enough to reach a steady rate, little enough to be waited for.
_ROWS: Final = {"10k": 10_000, "100k": 100_000, "1m": 200_000}
_SECONDS: Final = 1_800.0


def csv_import(run: Run) -> Figures:
    """New people in ten columns from CSV: the rehearsal, and the run."""
    rows = _ROWS[run.size]
    text = io.StringIO()
    text.write(",".join(name for name, _ in _COLUMNS) + "\n")
    for cells in _people(rows):
        text.write(",".join(map(str, cells)) + "\n")
    return _imported(run, "people.csv", text.getvalue().encode(), rows)


def xlsx_import(run: Run) -> Figures:
    """The same from XLSX, with opening the file."""
    rows = _ROWS[run.size] // 2
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("People")
    sheet.write_row(0, 0, [name for name, _ in _COLUMNS])
    for place, cells in enumerate(_people(rows), start=1):
        sheet.write_row(place, 0, cells)
    book.close()
    return _imported(run, "people.xlsx", out.getvalue(), rows)


def csv_export(run: Run) -> Figures:
    """Everyone with ten columns as CSV."""
    return _exported(run, "csv")


def xlsx_export(run: Run) -> Figures:
    """Everyone with ten columns as XLSX."""
    return _exported(run, "xlsx")


def _people(count: int) -> Iterator[tuple[Any, ...]]:
    choose = random.Random(7)
    day = date(2024, 1, 1)
    for i in range(count):
        city, country = _PLACES[i % len(_PLACES)]
        yield (
            f"import{i}@example.org",
            f"Name {choose.randrange(10**6)}",
            city,
            country,
            "pro" if i % 3 else "free",
            choose.randrange(50),
            choose.randrange(100_000) / 100,
            (day + timedelta(days=choose.randrange(700))).isoformat(),
            "yes" if i % 2 else "no",
            choose.randrange(100),
        )


def _imported(run: Run, name: str, content: bytes, rows: int) -> Figures:
    with working_copy(run.filled) as copy, Server(copy) as server:
        client = Client(server)
        _wait_ready(client)
        before = server.memory_mb()["rss_mb"]
        started = time.perf_counter()
        made = client.send("POST", f"/imports?name={name}", content)
        looked = time.perf_counter() - started
        columns = [{"column": i, "field": field, "type": kind} for i, (field, kind) in enumerate(_COLUMNS, start=1)]
        client.send("PUT", f"/imports/{made['id']}/plan", json.dumps({"columns": columns, "key": "email"}).encode())
        rehearsal, _ = _finished(client, server, client.post(f"/imports/{made['id']}/rehearse", {}))
        done, peak = _finished(client, server, client.post(f"/imports/{made['id']}/run", {}))
        projecting = time.perf_counter()
        while not server.backlog().empty:
            time.sleep(0.05)
        seconds = _seconds(done)
        if done["result"]["counts"] != {"created": rows}:
            raise RuntimeError(f"{done['result']} of {rows} rows")
        return {
            "rows": rows,
            "per_second": rows / seconds,
            "rehearsed_per_second": rows / _seconds(rehearsal),
            "seconds": seconds,
            "seconds_until_projected": time.perf_counter() - projecting,
            "upload_seconds": looked,
            "file_mb": len(content) / 1024**2,
            "more_memory_mb": peak - before,
            "server_cpu_seconds": server.cpu_seconds(),
        }


def _exported(run: Run, kind: str) -> Figures:
    with working_copy(run.filled) as copy, Server(copy) as server:
        client = Client(server)
        _wait_ready(client)
        before = server.memory_mb()["rss_mb"]
        shown = [field["name"] for field in client.get("/fields") if field["visible"]][:9]
        done, peak = _finished(client, server, client.post("/exports", {"columns": ["number", *shown], "format": kind}))
        seconds = _seconds(done)
        if done["result"]["counts"] != {"exported": copy.people}:
            raise RuntimeError(f"{done['result']} of {copy.people} people")
        return {
            "rows": copy.people,
            "columns": 1 + len(shown),
            "per_second": copy.people / seconds,
            "seconds": seconds,
            "file_mb": done["files"][0]["size"] / 1024**2,
            "more_memory_mb": peak - before,
            "server_cpu_seconds": server.cpu_seconds(),
        }


def _finished(client: Client, server: Server, job: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """A job once it has ended, and the most memory that the server had meanwhile, in MiB."""
    end, peak = time.perf_counter() + _SECONDS, 0.0
    while time.perf_counter() < end:
        found: dict[str, Any] = client.get(f"/jobs/{job['id']}")
        peak = max(peak, server.memory_mb()["rss_mb"])
        if found["state"] not in ("queued", "running"):
            if found["state"] != "done":
                raise RuntimeError(f"{found['title']}: {found['error']}")
            return found, peak
        time.sleep(0.2)
    raise RuntimeError(f"{job['title']} did not end in {_SECONDS:.0f} s")


def _seconds(job: dict[str, Any]) -> float:
    started, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    return (ended - started).total_seconds()


def _wait_ready(client: Client) -> None:
    while client.get_status("/readyz") != 200:
        time.sleep(0.1)
