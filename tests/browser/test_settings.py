"""The settings: fields, keys, the team, and the log of who did what."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shop import CROWD, ZONE, Shop
from tests.browser.steps import move_by_keys, toast


def test_it_works(page: Page, shop: Shop) -> None:
    """A field is created, moved to the top by keyboard, filled in on a profile, and it is in the log."""
    page.goto(shop.page("settings/fields"))
    page.get_by_role("button", name="Create field").click()
    dialog = page.get_by_role("dialog", name="Create field")
    dialog.get_by_label("Label").fill("Shoe size")
    expect(dialog.get_by_role("textbox", name="Name")).to_have_value("shoe_size")
    dialog.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="Number", exact=True).click()
    dialog.get_by_role("button", name="Create field").click()
    expect(toast(page, "The field “Shoe size” is created.")).to_be_visible()
    made = next(each for each in shop.api("GET", "/attributes") if each["key"] == "shoe_size")
    assert (made["type"], made["label"]) == ("number", "Shoe size")

    rows = page.get_by_role("list", name="Fields").get_by_role("listitem")
    expect(rows.last).to_contain_text("Shoe size")
    before = [each["name"] for each in shop.api("GET", "/fields")]
    move_by_keys(page, page.get_by_role("button", name="Move Shoe size"), "ArrowUp")
    expect(toast(page, "The order is saved.")).to_be_visible()
    assert [each["name"] for each in shop.api("GET", "/fields")] == [*before[:-2], before[-1], before[-2]]
    toast(page, "The order is saved.").get_by_role("button", name="Undo").click()
    expect(rows.last).to_contain_text("Shoe size")

    page.goto(shop.page("settings/audit"))
    entry = page.get_by_role("row").filter(has_text="Field created").filter(has_text="shoe_size")
    expect(entry).to_contain_text("alice@example.org")


def test_a_field_takes_only_its_choices(page: Page, shop: Shop) -> None:
    """A field with choices is created; a profile offers them, and nothing else is taken."""
    page.goto(shop.page("settings/fields"))
    page.get_by_role("button", name="Create field").click()
    dialog = page.get_by_role("dialog", name="Create field")
    dialog.get_by_label("Label").fill("Loyalty level")
    choices = dialog.get_by_label("One of these")
    for choice in ("Bronze", "Silver"):
        choices.fill(choice)
        choices.press("Enter")
    dialog.get_by_role("button", name="Create field").click()
    expect(toast(page, "The field “Loyalty level” is created.")).to_be_visible()
    made = next(each for each in shop.api("GET", "/attributes") if each["key"] == "loyalty_level")
    assert made["allowed"]["choices"] == ["Bronze", "Silver"]

    page.goto(shop.page("people/8"))
    page.get_by_role("button", name=re.compile("Show .* empty field")).last.click()
    page.get_by_role("button", name="Change Loyalty level").click()
    page.get_by_role("option", name="Silver").click()
    expect(page.get_by_role("button", name="Clear Loyalty level")).to_be_attached()
    assert shop.api("GET", "/people/8")["data"]["loyalty_level"] == "Silver"

    page.goto(shop.page("settings/fields"))
    page.get_by_role("button", name="Edit Loyalty level").click()
    dialog = page.get_by_role("dialog", name="Edit Loyalty level")
    dialog.get_by_label("One of these").press("Backspace")
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page, "Saved.")).to_be_visible()
    made = next(each for each in shop.api("GET", "/attributes") if each["key"] == "loyalty_level")
    assert made["allowed"]["choices"] == ["Bronze"]
    # What someone has already stays.
    assert shop.api("GET", "/people/8")["data"]["loyalty_level"] == "Silver"


@pytest.mark.no_second_try
def test_a_field_is_hidden_from_profiles(page: Page, shop: Shop) -> None:
    number = shop.number('user_id is "customer-3"')
    page.goto(shop.page(f"people/{number}"))
    about = page.get_by_role("region", name="About")
    expect(about.get_by_text("City", exact=True)).to_be_visible()
    page.goto(shop.page("settings/fields"))
    switch = page.get_by_role("switch", name="Show City")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        switch.press("Space")
    expect(switch).not_to_be_checked()
    page.goto(shop.page(f"people/{number}"))
    expect(about).to_contain_text("Country")
    expect(about.get_by_text("City", exact=True)).to_have_count(0)
    page.goto(shop.page("settings/fields"))
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        switch.press("Space")
    expect(switch).to_be_checked()
    page.goto(shop.page(f"people/{number}"))
    expect(about.get_by_text("City", exact=True)).to_be_visible()


def test_the_order_of_fields_is_that_of_profiles(page: Page, shop: Shop) -> None:
    """Fields of one's own and built-in ones are one list."""
    number = shop.number('user_id is "customer-3"')
    before = [each["name"] for each in shop.api("GET", "/fields")]
    first = ["loyalty_points", "city", *(each for each in before if each not in ("loyalty_points", "city"))]
    told = page.get_by_role("region", name="About").locator("dt")
    try:
        shop.api("PUT", "/fields/order", {"fields": [{"name": name} for name in first]})
        page.goto(shop.page(f"people/{number}"))
        expect(told.first).to_have_text("Loyalty points")
        expect(told.nth(1)).to_have_text("City")
    finally:
        shop.api("PUT", "/fields/order", {"fields": [{"name": name} for name in before]})


@pytest.mark.no_second_try
def test_a_key_is_shown_once_and_revoked(page: Page, shop: Shop) -> None:
    page.goto(shop.page("settings/keys"))
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_text("Secret key", exact=True).click()
    dialog.get_by_role("textbox", name="Name").fill("reports")
    dialog.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("dialog", name="Key “reports”")
    token = shown.locator("code").inner_text()
    address = f"/api/v1/workspaces/{shop.slug}/people/count"
    assert shop.server.ask("POST", address, {}, key=token).status == 200
    assert shop.server.ask("POST", f"/api/v1/workspaces/{shop.slug}/people", {}, key=token).status == 403
    shown.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(token)).to_have_count(0)
    page.reload()
    expect(page.get_by_role("row").filter(has_text="reports")).to_contain_text("people:read")
    expect(page.get_by_text(token)).to_have_count(0)
    page.get_by_role("button", name="Revoke reports").click()
    page.get_by_role("dialog", name="Revoke “reports”?").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row").filter(has_text="reports")).to_contain_text("Revoked")
    assert shop.server.ask("POST", address, {}, key=token).status == 401


def test_the_team_and_the_log(page: Page, shop: Shop) -> None:
    """Someone is added, gets another role and leaves; the log has it all."""
    page.goto(shop.page("settings/team"))
    page.get_by_role("button", name="Add member").click()
    dialog = page.get_by_role("dialog", name="Add member")
    dialog.get_by_label("Email").fill("vera@example.org")
    dialog.get_by_role("button", name="Add member").click()
    expect(toast(page, "vera@example.org is a member now. No mail could be sent: tell them yourself.")).to_be_visible()
    role = page.get_by_role("combobox", name="Role of vera@example.org")
    expect(role).to_have_value("Agent")
    role.click()
    page.get_by_role("option", name="Viewer", exact=True).click()
    expect(toast(page, "The role is changed.")).to_be_visible()
    expect(role).to_have_value("Viewer")
    page.get_by_role("button", name="Remove vera@example.org").click()
    asked = page.get_by_role("dialog", name="Remove vera@example.org?")
    asked.get_by_role("button", name="Remove", exact=True).click()
    expect(toast(page, "vera@example.org is removed.")).to_be_visible()
    expect(role).to_have_count(0)

    page.get_by_role("link", name="Audit log").click()
    log = page.get_by_role("table", name="Audit log")
    for words in ("Member removed", "Role changed", "Member added"):
        expect(log.get_by_role("row").filter(has_text=words).first).to_contain_text("alice@example.org")
    page.get_by_role("combobox", name="Any action").or_(page.get_by_role("combobox", name="What")).click()
    page.get_by_role("option", name="Role changed").click()
    expect(log.get_by_role("row").filter(has_text="Member added")).to_have_count(0)
    expect(log.get_by_role("row").filter(has_text="Role changed").first).to_be_visible()


def test_the_workspaces_time_zone(page: Page, shop: Shop) -> None:
    """Times are shown in it everywhere."""
    number = shop.number('user_id is "customer-2"')
    seen = datetime.fromisoformat(shop.api("GET", f"/people/{number}")["data"]["first_seen"])
    shown = page.get_by_role("region", name="About").locator("dl > div").filter(has_text="First seen")

    def expect_time(zone: str) -> None:
        page.goto(shop.page(f"people/{number}"))
        expect(shown).to_contain_text(f"{seen.astimezone(ZoneInfo(zone)):%b %-d, %Y, %-I:%M %p}")

    expect_time(ZONE)
    set_zone(page, shop, "Asia/Tokyo")
    expect_time("Asia/Tokyo")
    set_zone(page, shop, ZONE)
    expect_time(ZONE)


def set_zone(page: Page, shop: Shop, zone: str) -> None:
    """Choose the workspace's time zone."""
    page.goto(shop.page("settings"))
    field = page.get_by_role("combobox", name="Time zone")
    field.click()
    field.fill(zone)
    page.get_by_role("option", name=zone).click()
    page.get_by_role("button", name="Save").click()
    expect(toast(page, "Saved.")).to_be_visible()


def test_refused_values_are_tried_again(page: Page, shop: Shop) -> None:
    """Nothing is lost: what was no number becomes a text when the field does."""
    shop.api("POST", "/attributes", {"key": "shelf", "type": "number", "label": "Shelf"})
    shop.send([{"type": "identify", "userId": "shelf-keeper", "traits": {"name": "Sam Shelf", "shelf": "B 12"}}])
    page.goto(shop.page("settings/quality"))
    page.get_by_role("button", name="Show values of Shelf").click()
    dialog = page.get_by_role("dialog", name="Values of Shelf that were not taken")
    expect(dialog.get_by_role("row").filter(has_text="B 12")).to_contain_text("expected a number")
    page.keyboard.press("Escape")
    page.goto(shop.page("settings/fields"))
    page.get_by_role("button", name="Edit Shelf").click()
    edit = page.get_by_role("dialog", name="Edit Shelf")
    edit.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="Text", exact=True).click()
    edit.get_by_role("button", name="Change the type").click()
    expect(toast(page, "Shelf is now: Text.")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(shop.page("settings/quality"))
    page.get_by_role("button", name="Show values of Shelf").click()
    dialog.get_by_role("button", name="Try again without saving").click()
    expect(dialog).to_contain_text("1 value would be taken.")
    dialog.get_by_role("button", name="Apply again").click()
    expect(toast(page, "1 value is taken.")).to_be_visible()
    assert shop.count('shelf is "B 12"') == 1


def test_many_values_change_their_type_by_a_job(page: Page, shop: Shop) -> None:
    """A job looks and its report is shown; another one changes the type, and values are numbers then."""
    shop.make_crowd()
    base = f"/workspaces/{CROWD}"
    page.goto(f"{shop.url}/w/{CROWD}/settings/fields")
    page.get_by_role("button", name="Edit Size").click()
    edit = page.get_by_role("dialog", name="Edit Size")
    edit.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="Number", exact=True).click()
    expect(edit.get_by_role("status")).to_contain_text("4,999 of 5,050 values convert. 51 do not")
    sample = edit.get_by_role("table", name="Values that do not convert").get_by_role("row").filter(has_text="one size")
    expect(sample.first).to_contain_text("expected a number")
    (field,) = shop.by_alice("GET", f"{base}/attributes")
    assert field["type"] == "text"

    edit.get_by_role("button", name="Change the type").click()
    expect(toast(page, "Size is now: Number.")).to_be_visible(timeout=60_000)
    (field,) = shop.by_alice("GET", f"{base}/attributes")
    assert field["type"] == "number"
    jobs = {job["kind"]: job["state"] for job in shop.by_alice("GET", f"{base}/jobs")["items"]}
    assert jobs == {"fields.check_type": "done", "fields.change_type": "done"}
    large = sum(36 + at % 10 >= 44 for at in range(5_050) if at % 100)
    found = shop.by_alice("POST", f"{base}/people/count", {"where": "size > 43"})
    assert found["total"] == large
    (one,) = shop.by_alice("GET", f"{base}/people?where=user_id+is+%22buyer-7%22")["items"]
    assert shop.by_alice("GET", f"{base}/people/{one['number']}")["data"]["size"] == 43

    page.keyboard.press("Escape")
    page.reload()
    row = page.get_by_role("list", name="Fields").get_by_role("listitem").filter(has_text="Size")
    expect(row).to_contain_text("Number")
    expect(row).to_contain_text("51 not taken")
    page.goto(f"{shop.url}/w/{CROWD}/people/{one['number']}")
    change = page.get_by_role("button", name="Change Size")
    expect(page.get_by_role("main").locator("div").filter(has=change).last).to_contain_text("43")


def test_the_workspaces_language(page: Page, shop: Shop) -> None:
    """Of those there are; whoever has not chosen one themselves reads it at once."""
    steps = (("Language", "German", "Save", "de", "Deutsch"), ("Sprache", "Englisch", "Speichern", "en", "English"))
    page.goto(shop.page("settings"))
    for label, name, save, tag, after in steps:
        page.get_by_role("combobox", name=label).click()
        expect(page.get_by_role("option")).to_have_count(2)
        page.get_by_role("option", name=name, exact=True).click()
        with page.expect_response(lambda answer: answer.request.method == "PATCH") as saved:
            page.get_by_role("button", name=save, exact=True).click()
        assert saved.value.json()["language"] == tag
        expect(page.locator("html")).to_have_attribute("lang", tag)
        page.reload()
        field = page.get_by_role("combobox", name="Sprache" if tag == "de" else "Language")
        expect(field).to_have_value(after)


def test_mails_about_ones_jobs(page: Page, shop: Shop) -> None:
    """Chosen in one's own settings, and kept on the server."""
    page.goto(shop.page("settings/account"))
    choices = page.get_by_role("radiogroup", name="Mails about my jobs")
    expect(choices.get_by_label("Always")).to_be_checked()
    for label, value in (("Never", "never"), ("When they take longer", "long"), ("Always", "always")):
        choices.get_by_label(label).check()
        expect(toast(page, "Saved.")).to_be_visible()
        page.reload()
        expect(choices.get_by_label(label)).to_be_checked()
        assert shop.by_alice("GET", "/session")["user"]["job_mails"] == value


def test_an_event_that_was_set_aside_is_sent_again(page: Page, shop: Shop) -> None:
    """It is shown with its reason and what was sent; sent again, and still of no use, it waits once more."""
    waiting_before = shop.api("GET", "/tracking/quarantine")["open"]
    shop.send([{"type": "track", "userId": "customer-1", "properties": {"shelf": "lost and found"}}])
    page.goto(shop.page("settings/quality"))
    waiting = page.get_by_role("table", name="Events set aside")
    expect(waiting.get_by_role("button", name="Send again")).to_have_count(waiting_before + 1)
    waiting.get_by_role("row").nth(1).get_by_role("button").first.click()
    expect(waiting).to_contain_text("lost and found")
    waiting.get_by_role("button", name="Send again").first.click()
    expect(toast(page, "The event is on its way again.")).to_be_visible()
    shop.server.wait_projected()
    page.reload()
    expect(waiting.get_by_role("button", name="Send again")).to_have_count(waiting_before + 1)
