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

    row.get_by_role("button", name="Edit Brazil").click()
    dialog = page.get_by_role("dialog", name="Edit Brazil")
    expect(dialog.get_by_role("radio", name="Filter")).to_be_checked()
    expect(dialog.get_by_role("button", name=re.compile("^Country is Brazil"))).to_be_visible()
    dialog.get_by_label("Name of the schedule").fill("Brazil by night")
    dialog.get_by_role("combobox", name="Repeat").click()
    page.get_by_role("option", name="Every day").click()
    dialog.get_by_label("Time, America/New_York").fill("02:15")
    dialog.get_by_text("Excel (XLSX)").click()
    dialog.get_by_role("button", name="Hide Email").click()
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page, "“Brazil by night” is saved.")).to_be_visible()
    page.reload()
    expect(row).to_contain_text("Every day at 02:15")
    expect(row).to_contain_text('country is "Brazil" · Excel (XLSX)')
    row.get_by_role("button", name="Edit Brazil by night").click()
    dialog = page.get_by_role("dialog", name="Edit Brazil by night")
    expect(dialog.get_by_role("button", name="Hide Person number")).to_be_visible()
    expect(dialog.get_by_role("button", name="Show Email")).to_be_visible()
    dialog.get_by_label("Name of the schedule").fill("Brazil")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        dialog.get_by_role("button", name="Save").click()
    # Who changes only its name does not become its owner.
    assert sent.value.post_data_json == {"name": "Brazil"}
    expect(dialog).to_have_count(0)

    row.get_by_role("button", name="Pause Brazil").click()
    expect(row).to_contain_text("Paused")
    expect(row.get_by_role("button", name="Run now: Brazil")).to_have_count(0)
    row.get_by_role("button", name="Let Brazil go on").click()
    expect(row).to_contain_text("Next:")
    row.get_by_role("button", name="Remove Brazil").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(row).to_have_count(0)
    assert file.exists()

    page.get_by_text("Destinations", exact=True).click()
    place.get_by_role("button", name="Edit Mondays").click()
    dialog = page.get_by_role("dialog", name="Edit Mondays")
    expect(dialog).to_contain_text("folder crm/mondays")
    dialog.get_by_label("Name").fill("For the CRM")
    dialog.get_by_role("button", name="Save").click()
    page.reload()
    place = page.get_by_role("row").filter(has_text="crm/mondays")
    expect(place).to_contain_text("For the CRM")
    place.get_by_role("button", name="Remove For the CRM").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(place).to_have_count(0)


def test_whom_a_schedule_is_about_is_changed(page: Page, shop: Shop) -> None:
    """From everyone to a segment and on to a filter that is made in the dialog; an empty one is no choice."""
    brazilians = shop.count('country is "Brazil"')
    place = shop.as_owner("POST", "/export-destinations", {"name": "Whom", "kind": "folder", "folder": "crm/whom"})
    daily = {"name": "Whom to export", "every": "day", "destination": place["id"]}
    made = shop.as_owner("POST", "/export-schedules", daily | {"export": {"columns": ["number", "name"]}})
    page.goto(shop.page("exports?show=schedules"))
    row = page.get_by_role("row").filter(has_text="Whom to export")
    expect(row).to_contain_text("Everyone · CSV")
    dialog = page.get_by_role("dialog", name="Edit Whom to export")
    save = dialog.get_by_role("button", name="Save")

    row.get_by_role("button", name="Edit Whom to export").click()
    dialog.get_by_text("Segment", exact=True).click()
    expect(save).to_be_disabled()
    dialog.get_by_role("combobox", name="Segment").fill("Paying")
    page.get_by_role("option", name="Paying plans").click()
    save.click()
    expect(row).to_contain_text("Paying plans · CSV")

    row.get_by_role("button", name="Edit Whom to export").click()
    dialog.get_by_text("Filter", exact=True).click()
    expect(dialog.get_by_text("A filter has a condition at least", exact=False)).to_be_visible()
    expect(save).to_be_disabled()
    dialog.get_by_role("button", name="Sentence").click()
    dialog.get_by_role("textbox", name="The filter as a sentence").fill('country is "Brazil"')
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_text(f"{brazilians} people", exact=True)).to_be_visible()
    save.click()
    expect(row).to_contain_text('country is "Brazil" · CSV')
    kept = shop.as_owner("GET", f"/export-schedules/{made['id']}")
    assert (kept["segment"], kept["columns"]) == ("", ["number", "name"])
    shop.as_owner("DELETE", f"/export-schedules/{made['id']}")
    shop.as_owner("DELETE", f"/export-destinations/{place['id']}")


def test_another_key_of_a_storage(page: Page, shop: Shop) -> None:
    """Both parts of a key, or none."""
    inside = {"endpoint": "https://vault.invalid", "bucket": "acme-vault", "key_id": "FIRST", "secret": "s3cr3t-one"}
    made = shop.as_owner("POST", "/export-destinations", {"name": "Vault", "kind": "s3"} | inside)
    page.goto(shop.page("exports?show=destinations"))
    page.get_by_role("button", name="Edit Vault").click()
    dialog = page.get_by_role("dialog", name="Edit Vault")
    save = dialog.get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    dialog.get_by_label("Key id").fill("SECOND")
    expect(save).to_be_disabled()
    dialog.get_by_label("Secret").fill("s3cr3t-two")
    save.click()
    expect(dialog).to_have_count(0)
    items = shop.as_owner("GET", "/export-destinations")["items"]
    assert [each["key_id"] for each in items if each["id"] == made["id"]] == ["SECOND"]
    shop.as_owner("DELETE", f"/export-destinations/{made['id']}")
