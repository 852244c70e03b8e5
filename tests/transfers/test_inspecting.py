"""Looking at a file takes no longer than it must: however long its rows and however many its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from coterie.transfers import actions, columns, inspecting, limits
from coterie.transfers.reading import Unreadable
from tests.transfers.conftest import Desk, table

pytestmark = pytest.mark.server


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a value was tried against a rule, by the value."""
    counts: Counter[str] = Counter()
    fits = columns.cells.fits

    def counted(read: Any, cell: str) -> bool:
        counts[cell] += 1
        return fits(read, cell)

    monkeypatch.setattr(columns.cells, "fits", counted)
    return counts


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Characters of the rows that were read for a sample."""
    sizes: list[int] = []
    rows_of = inspecting.rows_of

    def counted(*given: Any) -> Iterator[Any]:
        for row in rows_of(*given):
            sizes.append(sum(map(len, row.cells)))
            yield row

    monkeypatch.setattr(inspecting, "rows_of", counted)
    return sizes


def test_a_thousand_columns(desk: Desk, tried: Counter[str]) -> None:
    """From the upload to the suggestions, and once more: as much work as for a few."""
    heads = [f"c{place}" for place in range(limits.COLUMNS)]
    rows = [[f"+4915{row:03}{place:05}" for place in range(limits.COLUMNS)] for row in range(100)]
    source = desk.upload(table([heads, *rows]))
    most = len(columns._TRIED) * (limits.TRIED_IN_ALL + limits.COLUMNS)
    assert limits.COLUMNS * 10 < tried.total() <= most
    assert (source.found["columns"], source.found["sampled"]) == (limits.COLUMNS, 100)
    assert all(column["types"]["phone"] == 1 for column in source.found["looked_at"])
    tried.clear()
    actions.inspect(desk.access(), source.public_id, {"header_row": 1})
    assert tried.total() <= most


def test_the_same_value_is_tried_once(desk: Desk, tried: Counter[str]) -> None:
    """And counts for as many cells as have it."""
    rows = [["orders"], *[["12"]] * 700, *[["many"]] * 200, *[[f"{place}"] for place in range(100, 200)]]
    source = desk.upload(table(rows))
    assert max(tried.values()) <= len(columns._TRIED)
    (column,) = source.found["looked_at"]
    assert (column["types"]["number"], column["types"]["text"]) == (0.8, 1.0)
    assert (column["filled"], column["distinct"]) == (1_000, 102)


def test_of_many_values_some_are_tried_from_all_over_the_sample(desk: Desk, tried: Counter[str]) -> None:
    rows = [["orders"], *([f"{place}"] for place in range(500)), *([f"x{place}"] for place in range(500))]
    (column,) = desk.upload(table(rows)).found["looked_at"]
    assert len(tried) <= limits.TRIED_VALUES
    assert column["types"]["number"] == 0.5


def test_what_can_be_no_day_or_number_is_not_tried_as_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("coterie.people.lookups.phone_number", lambda text, region: asked.append(text))
    desk.upload(table([["note"], ["words only"], ["R2"], ["030 901820"]]))
    assert asked == ["030 901820"]


def test_long_rows(desk: Desk, looked_at: list[int]) -> None:
    """A sample is a few megabytes, also where each row is as long as one may be."""
    row = ["x" * 30_000] * 10
    source = desk.upload(table([list("abcdefghij"), *[row] * 60]))
    assert sum(looked_at) <= limits.SAMPLE_TEXT + 300_000
    assert source.found["sampled"] == len(looked_at) - 1 == 14
    # One that is longer than the whole sample is looked at still.
    looked_at.clear()
    row = ["y" * 16_000 + "\n" + "y" * 16_000] * 140
    source = desk.upload(table([[f"c{place}" for place in range(140)], row, row]))
    assert (source.found["sampled"], len(looked_at)) == (1, 2)
    with pytest.raises(Unreadable, match="no row 9 among the first 2"):
        actions.inspect(desk.access(), source.public_id, {"header_row": 9})
