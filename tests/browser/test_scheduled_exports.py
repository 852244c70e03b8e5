"""Exports by the clock: where to, when, at once, and what is in the file."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.shop import Shop
from tests.browser.steps import show_people, toast
from tests.browser.test_data_in_out import people


def test_it_works(page: Page, shop: Shop, watch: Watch) -> None:
    """A folder is named, a filter is exported into it every Monday, and once now; the rows are those of the filter."""
    watch.expect(400, f"/api/v1/workspaces/{shop.slug}/export-destinations")
    page.goto(shop.page("exports?show=destinations"))
    page.get_by_role("button", name="New destination").click()
    dialog = page.get_by_role("dialog", name="New destination")
    dialog.get_by_label("Name").fill("Mondays")
    dialog.get_by_label("Folder", exact=True).last.fill("../out")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("A folder is a name such as crm/daily")
    dialog.get_by_label("Folder", exact=True).last.fill("crm/mondays")
    dialog.get_by_role("button", name="Make it").click()
    place = page.get_by_role("row").filter(has_text="Mondays")
    place.get_by_role("button", name="Check Mondays").click()
    expect(place).to_contain_text("It takes files.")

    show_people(page, shop, '?where=country+is+"Brazil"')
    page.get_by_role("button", name="More ways in and out").click()
    page.get_by_role("menuitem", name=re.compile("^Export these")).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Export"))
    dialog.get_by_role("combobox", name="Repeat").click()
    page.get_by_role("option", name="Every week").click()
    dialog.get_by_role("combobox", name="Deliver to").click()
    page.get_by_role("option", name="Mondays").click()
    dialog.get_by_label("Name of the schedule").fill("Brazil")
    dialog.get_by_role("button", name="Make the schedule").click()
    expect(toast(page, "It is exported by the clock from now on.")).to_be_visible()
    page.get_by_role("button", name="Show schedules").click()

    row = page.get_by_role("row").filter(has_text="Brazil")
    expect(row).to_contain_text("Every Monday at 06:00")
    expect(row).to_contain_text("Not yet")
    row.get_by_role("button", name="Run now: Brazil").click()
    expect(row).to_contain_text("Done")
    found = people(shop, 'country is "Brazil"', limit=200)
    expect(row).to_contain_text(f"{len(found)} people,")
    (file,) = (shop.exports / shop.slug / "crm/mondays").iterdir()
    head, *lines = csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    assert {line[head.index("number")] for line in lines} == {str(each["number"]) for each in found}
    assert len(lines) == len(found)

    row.get_by_role("button", name="Pause Brazil").click()
    expect(row).to_contain_text("Paused")
    expect(row.get_by_role("button", name="Run now: Brazil")).to_have_count(0)
    row.get_by_role("button", name="Let Brazil go on").click()
    expect(row).to_contain_text("Next:")
    row.get_by_role("button", name="Remove Brazil").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(row).to_have_count(0)
    assert file.exists()
    (made,) = [each for each in shop.as_owner("GET", "/export-destinations")["items"] if each["name"] == "Mondays"]
    shop.as_owner("DELETE", f"/export-destinations/{made['id']}")
