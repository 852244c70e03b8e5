"""What can be moved with the mouse: columns, conditions, fields. By keyboard: test_list, test_filter, test_settings."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.shop import Shop
from tests.browser.steps import bar, chip, drag, expect_total, expect_where, rows, show_people, toast


def heads(page: Page) -> Locator:
    """The heads of the columns, without the one of the boxes."""
    return page.get_by_role("columnheader").filter(has=page.get_by_role("button"))


def test_it_works(page: Page, shop: Shop) -> None:
    """A column is moved to another place; the address keeps it."""
    show_people(page, shop)
    expect(heads(page)).to_have_text(["Name", "Email", "Last seen", "First seen", "Country", "City"])
    names = page.get_by_role("columnheader")
    drag(
        page,
        names.filter(has_text="City").get_by_role("button", name="City", exact=True),
        names.filter(has_text="Email").get_by_role("button", name="Email", exact=True),
    )
    moved = ["Name", "City", "Email", "Last seen", "First seen", "Country"]
    expect(heads(page)).to_have_text(moved)
    expect(page.get_by_role("columnheader", name="City")).not_to_have_attribute("aria-sort", "ascending")
    page.reload()
    expect(rows(page).first).to_be_visible()
    expect(heads(page)).to_have_text(moved)


def test_a_condition_onto_another(page: Page, shop: Shop) -> None:
    """The two become a group of which one is enough."""
    parts = 'country is "United States" and language is "English" and plan is "pro"'
    show_people(page, shop, "?where=" + parts.replace(" ", "+"))
    expect_total(page, shop.count(parts))
    numbers = bar(page).get_by_title("Drag", exact=False)
    expect(numbers).to_have_text(["1", "2", "3"])
    drag(page, numbers.nth(2), chip(page, 2))
    grouped = 'country is "United States" and (language is "English" or plan is "pro")'
    expect(page.get_by_role("textbox", name=re.compile("^Expression over"))).to_have_value("1 and (2 or 3)")
    expect_total(page, shop.count(grouped))
    expect_where(page, grouped)
    assert shop.count(grouped) > shop.count(parts)


def test_a_field_to_another_place(page: Page, shop: Shop) -> None:
    """Profiles and lists show fields in this order; the message takes it back."""
    before = [each["name"] for each in shop.api("GET", "/fields")]
    page.goto(shop.page("settings/fields"))
    drag(
        page,
        page.get_by_role("button", name="Move Email", exact=True),
        page.get_by_role("button", name="Move Name", exact=True),
    )
    said = toast(page, "The order is saved.")
    expect(said).to_be_visible()
    assert [each["name"] for each in shop.api("GET", "/fields")][:2] == ["email", "name"]
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        said.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name=re.compile("^Move ")).first).to_have_accessible_name("Move Name")
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^Move ")).first).to_have_accessible_name("Move Name")
    assert [each["name"] for each in shop.api("GET", "/fields")] == before
