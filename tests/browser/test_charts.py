"""The charts of a filter: their figures are those of the people, as a drawing, as a table and as a file."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.shop import Shop

ENGLISH = "people?tab=charts&where=language+is+%22English%22"


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def speakers(shop: Shop) -> list[dict[str, Any]]:
    """Who matches the filter, of those that were sent."""
    return [each for each in shop.people if each["language"] == "English"]


def downloaded(page: Page, title: str) -> list[list[str]]:
    """The rows of the file behind a chart, without its head."""
    with page.expect_download() as download:
        card(page, title).get_by_role("button", name=f"Download as CSV: {title}").click()
    assert download.value.suggested_filename == f"{title}.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(StringIO(text)))[1:]


def test_it_works(page: Page, shop: Shop) -> None:
    """A breakdown by a field, counted again in Python, as a table and as a file; a bar leads to its people."""
    page.goto(shop.page(ENGLISH))
    part = card(page, "Breakdown")
    part.get_by_role("combobox", name="Field").click()
    page.get_by_role("option", name="Country", exact=True).click()
    counted = Counter(each["country"] for each in speakers(shop))
    expect(part.get_by_role("table", name="Breakdown: Country")).to_be_visible()
    (most, number), *_ = counted.most_common()
    row = part.get_by_role("row").filter(has_text=most)
    expect(row).to_contain_text(f"{number:,}")
    assert {name: int(count) for name, count in downloaded(page, "Breakdown")} == counted
    row.get_by_role("link").click()
    expect(page.locator("header h1 + span")).to_have_text(f"{number:,}")


def test_growth_as_a_drawing_a_table_and_a_file(page: Page, shop: Shop) -> None:
    page.goto(shop.page(ENGLISH))
    part = card(page, "Growth")
    as_table = part.get_by_role("button", name="Show as a table")
    expect(part.locator(".recharts-surface").first).to_be_visible()
    as_table.click()
    expect(part.locator(".recharts-surface")).to_have_count(0)
    expect(as_table).to_have_attribute("aria-pressed", "true")
    rows = downloaded(page, "Growth")
    total = len(speakers(shop))
    assert int(rows[-1][2]) == total
    assert sum(int(new) for _, new, _ in rows) == total
    last = part.get_by_role("row").last
    expect(last).to_contain_text(f"{total:,}")
    as_table.click()
    expect(part.locator(".recharts-surface").first).to_be_visible()


def test_countries_and_hours(page: Page, shop: Shop) -> None:
    page.goto(shop.page(ENGLISH))
    counted = Counter(each["country"] for each in speakers(shop))
    assert {name: int(count) for name, count in downloaded(page, "Countries")} == counted

    part = card(page, "Activity by hour")
    part.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name="All time").click()
    found = shop.api("GET", "/charts/activity?where=language+is+%22English%22&days=20000")
    expect(part).to_contain_text(f"{found['total']:,} events")
    assert sum(int(cell) for row in downloaded(page, "Activity by hour") for cell in row[1:]) == found["total"]
