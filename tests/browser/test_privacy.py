"""A person's copy, and erasing one for good: from the profile to the certificate."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.shop import Shop
from tests.browser.steps import toast

pytestmark = pytest.mark.no_second_try


def make(shop: Shop, name: str) -> int:
    """Someone whom no other test counts."""
    body = {"set": {"name": name, "email": f"{name.lower()}@forgotten.example"}, "tags": []}
    return int(shop.api("POST", "/people", body)["number"])


def choose(page: Page, item: str) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name=item).click()


def test_it_works(page: Page, shop: Shop, watch: Watch) -> None:
    """Erased with a reference: gone from everywhere, and a certificate to show for it."""
    number = make(shop, "Zelda")
    watch.expect(404, f"/api/v1/workspaces/acme/people/{number}")
    page.goto(shop.page(f"people/{number}"))
    choose(page, "Erase for good")
    dialog = page.get_by_role("dialog", name="Erase Zelda for good?")
    erase = dialog.get_by_role("button", name="Erase for good")
    expect(erase).to_be_disabled()
    dialog.get_by_role("textbox", name="Reference of the request").fill("Request 2026-17")
    dialog.get_by_role("checkbox", name="I know that nobody can bring this back").check()
    erase.click()
    toast(page, "Zelda is being erased.").get_by_role("button", name="Show erasures").click()
    expect(page.get_by_role("heading", level=1, name="Privacy")).to_be_visible()
    row = page.get_by_role("table", name="Erasures").get_by_role("row").filter(has_text=f"#{number}")
    expect(row).to_contain_text("1 person · Request 2026-17")
    # The index is cleaned by ClickHouse's own clock.
    expect(row.get_by_text("Done", exact=True)).to_be_visible(timeout=90_000)
    expect(row).to_contain_text("1 profile · 1 identity")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download the certificate").click()
    certificate = json.loads(Path(download.value.path()).read_text())
    assert (certificate["statement"]["people"], certificate["algorithm"]) == (1, "Ed25519")
    assert "elda" not in json.dumps(certificate)
    assert shop.server.api("GET", f"/people/{number}").status == 404

    # By hand nobody brings them back without noticing.
    body = {"set": {"name": "Zelda"}, "identities": [{"kind": "email", "value": "zelda@forgotten.example"}]}
    assert shop.server.api("POST", "/people", body).status == 409
    page.get_by_role("button", name="Allow someone again").click()
    allow = page.get_by_role("dialog", name="Allow someone again")
    watch.expect(404, "/api/v1/workspaces/acme/erasures/allow")
    allow.get_by_role("textbox", name="Identity").fill("somebody@else.example")
    allow.get_by_role("button", name="Allow").click()
    expect(allow.get_by_role("alert")).to_contain_text("Nobody with this identity was erased.")
    allow.get_by_role("textbox", name="Identity").fill("zelda@forgotten.example")
    allow.get_by_role("button", name="Allow").click()
    expect(toast(page, "They may come again.")).to_be_visible()
    back = shop.api("POST", "/people", body)["number"]
    assert back != number
    shop.api("DELETE", f"/people/{back}")


def test_a_copy(page: Page, shop: Shop) -> None:
    number = make(shop, "Yorick")
    page.goto(shop.page(f"people/{number}"))
    choose(page, "Download everything")
    toast(page, "Everything about Yorick is being put together.").get_by_role("button", name="Show the job").click()
    link = page.get_by_role("link", name=f"Download person-{number}.zip")
    expect(link).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert json.loads(archive.read("manifest.json"))["person"] == number
        assert "yorick@forgotten.example" in archive.read("people_identity.json").decode()
    shop.api("DELETE", f"/people/{number}")


def test_a_rule_is_seen_before_it_is_set(page: Page, shop: Shop) -> None:
    """What would go now is counted by the API; the rule is there after a reload, and goes again."""
    page.goto(shop.page("privacy?show=retention"))
    row = page.get_by_role("table", name="Retention").get_by_role("row").filter(has_text="Journal of merges")
    expect(row).to_contain_text("For ever")
    change = row.get_by_role("button", name="Change how long is kept: Journal of merges")
    change.click()
    dialog = page.get_by_role("dialog", name="Journal of merges: how long to keep")
    dialog.get_by_role("textbox", name="Keep for").fill("9000")
    expect(dialog.get_by_role("status")).to_contain_text("Nothing would go now.")
    dialog.get_by_role("button", name="Set the rule").click()
    expect(toast(page, "Journal of merges: the rule is set.")).to_be_visible()
    page.reload()
    expect(row).to_contain_text("9,000 days")
    expect(row).to_contain_text("by a rule")
    change.click()
    dialog.get_by_role("button", name="Keep for ever").click()
    expect(row).to_contain_text("For ever")

    row = page.get_by_role("table", name="Retention").get_by_role("row").filter(has_text="Segments on events follow")
    row.get_by_role("button", name="Change how long is kept: Events").click()
    dialog = page.get_by_role("dialog", name="Events: how long to keep")
    before = would_go(shop)
    dialog.get_by_role("textbox", name="Keep for").fill("200")
    expect(dialog.get_by_role("button", name="Set the rule")).to_be_enabled()
    shown = re.search(r"([\d,]+) entries would go now", dialog.get_by_role("status").inner_text())
    assert shown is not None
    # An event may grow old while one looks.
    assert 100 < before <= int(shown[1].replace(",", "")) <= would_go(shop)
    dialog.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("For ever")


def would_go(shop: Shop) -> int:
    """How many events a rule of 200 days would remove now."""
    body = {"name": "events", "days": 200, "action": "remove"}
    return int(shop.api("POST", "/retention/preview", body)["rows"])


def test_a_hold(page: Page, shop: Shop, watch: Watch) -> None:
    """Set, edited and released; deleting the person is refused while it stands."""
    number = make(shop, "Xaver")
    page.goto(shop.page("privacy?show=retention"))
    page.get_by_role("button", name="Add a hold").click()
    dialog = page.get_by_role("dialog", name="Add a hold")
    dialog.get_by_role("combobox", name="Person").fill("Xaver")
    page.get_by_role("option", name="xaver@forgotten.example").click()
    dialog.get_by_role("textbox", name="Reason").fill("Case 9")
    dialog.get_by_label("Until the end of").fill("2036-01-31")
    dialog.get_by_role("button", name="Hold", exact=True).click()
    expect(toast(page, "The hold stands.")).to_be_visible()
    row = page.get_by_role("table", name="Legal holds").get_by_role("row").filter(has_text=f"Person #{number}")
    expect(row).to_contain_text("Jan 31, 2036")
    assert shop.server.api("DELETE", f"/people/{number}").status == 409

    row.get_by_role("button", name="Edit the hold").click()
    dialog = page.get_by_role("dialog", name="Edit a hold")
    expect(dialog).to_contain_text(f"Person #{number}")
    expect(dialog.get_by_label("Until the end of")).to_have_value("2036-01-31")
    dialog.get_by_role("textbox", name="Reason").fill("Case 9, appeal")
    dialog.get_by_label("Until the end of").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page, "The hold is changed.")).to_be_visible()
    page.reload()
    expect(row).to_contain_text("Case 9, appeal")
    expect(row).to_contain_text("it is taken away")
    (held,) = [each for each in shop.api("GET", "/holds")["items"] if each["person"] == number]
    assert (held["reason"], held["until"]) == ("Case 9, appeal", None)

    row.get_by_role("button", name="End the hold").click()
    page.get_by_role("dialog", name="End this hold?").get_by_role("button", name="End").click()
    expect(row).to_have_count(0)
    shop.api("DELETE", f"/people/{number}")


def test_the_register(page: Page, shop: Shop) -> None:
    page.goto(shop.page("privacy"))
    page.get_by_text("Register", exact=True).click()
    table = page.get_by_role("table", name="Register")
    row = table.get_by_role("row").filter(has_text="people_note")
    expect(row).to_contain_text("text")
    expect(row).to_contain_text("Removed.")
    expect(table.get_by_role("row").filter(has_text="index.events")).to_have_count(1)
