"""The main way without any pointer: from a filter to a segment, and from a person to a segment and its reason."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.shop import PANEL, Shop
from tests.browser.steps import bar, expect_total, expect_where, row, show_people, tab_to, toast

MEXICANS = 'country is "Mexico"'


def add_by_keys(page: Page, button: str, subject: str, value: str) -> None:
    """Add a condition: what it is about, and the value that is proposed first."""
    keys = page.keyboard
    tab_to(page, bar(page).get_by_role("button", name=button, exact=True))
    keys.press("Enter")
    search = page.get_by_role("combobox", name="Search fields, segments, events")
    expect(search).to_be_focused()
    keys.type(subject)
    expect(page.get_by_role("option", name=re.compile(f"^{subject}", re.IGNORECASE)).first).to_be_visible()
    keys.press("Enter")
    field = page.get_by_role("combobox", name="Value")
    expect(field).to_be_focused()
    keys.type(value)
    expect(page.get_by_role("option", name=re.compile(f"^{value}"))).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(field).to_have_value(value)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_it_works(page: Page, shop: Shop) -> None:
    """Two conditions, any of them, an expression, a segment, and a star."""
    show_people(page, shop)
    keys = page.keyboard
    add_by_keys(page, "Filter", "country", "Mexico")
    expect_total(page, sum(each["country"] == "Mexico" for each in shop.people))
    add_by_keys(page, "Add condition", "plan", "pro")
    expect_total(page, shop.count(f'{MEXICANS} and plan is "pro"'))

    match = page.get_by_role("radiogroup", name="How conditions go together")
    tab_to(page, match.get_by_role("radio", name="All"))
    keys.press("ArrowRight")
    either = f'{MEXICANS} or plan is "pro"'
    expect_total(page, shop.count(either))
    keys.press("ArrowRight")
    expression = page.get_by_role("textbox", name=re.compile("^Expression over the numbers"))
    tab_to(page, expression)
    expect(expression).to_have_value("1 or 2")
    keys.press("Control+a")
    keys.type("1 and not 2")
    without = f'{MEXICANS} and not (plan is "pro")'
    total = sum(each["country"] == "Mexico" and each.get("plan") != "pro" for each in shop.people)
    expect_total(page, total)
    assert shop.count(without) == total
    expect_where(page, without)

    tab_to(page, page.get_by_role("button", name="Create segment"))
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="New segment").get_by_label("Name")).to_be_focused()
    keys.type("Mexico by keys")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mexico by keys")
    assert shop.segment("Mexico by keys")["size"] == total
    tab_to(page, page.get_by_role("button", name="Add Mexico by keys to favourites"))
    keys.press("Enter")
    expect(page.get_by_role("button", name="Remove Mexico by keys from favourites")).to_be_focused()
    listed = shop.as_alice("GET", "/segments?starred=true")["items"]
    assert "Mexico by keys" in [each["name"] for each in listed]


def test_one_person(page: Page, shop: Shop) -> None:
    """Found by search, a value changed, put into a static segment, and told why they are in another."""
    # A name that nobody has, also when this is the second try.
    name = f"Kay Board {shop.count('')}"
    made = shop.api("POST", "/people", {"set": {"name": name, "plan": "free"}})
    before = shop.segment(PANEL)["size"]
    show_people(page, shop)
    keys = page.keyboard
    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.type(name)
    expect_total(page, 1)
    tab_to(page, row(page, name).get_by_role("link"))
    keys.press("Enter")
    panel = page.get_by_role("complementary", name=name)
    tab_to(page, panel.get_by_role("button", name="Change Plan"))
    keys.press("Enter")
    expect(panel.get_by_role("textbox", name="Plan")).to_be_focused()
    keys.press("Control+a")
    keys.type("plus")
    keys.press("Enter")
    expect(toast(page, "Plan is saved.")).to_be_visible()
    assert shop.api("GET", f"/people/{made['number']}")["data"]["plan"] == "plus"
    expect(panel.get_by_role("button", name="Change Plan")).to_be_focused()

    _back_to_tabs(page)
    for tab in ("Timeline", "Notes", "Segments"):
        keys.press("ArrowRight")
        expect(panel.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    tab_to(page, panel.get_by_role("button", name="Add to a static segment"))
    keys.press("Enter")
    picker = panel.get_by_role("combobox", name="Add to a static segment")
    tab_to(page, picker)
    keys.type(PANEL)
    expect(page.get_by_role("option", name=re.compile(PANEL))).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(toast(page, f"Added to “{PANEL}”.")).to_be_visible()
    assert shop.segment(PANEL)["size"] == before + 1
    tab_to(page, panel.get_by_role("button", name="Why in Paying plans?"))
    keys.press("Enter")
    expect(panel).to_contain_text("This person meets it.")
    expect(panel).to_contain_text("Value: plus")
    shop.api("POST", f"/segments/{shop.segment(PANEL)['id']}/members", {"add": [], "remove": [made["number"]]})


def _back_to_tabs(page: Page) -> None:
    """Press Shift and Tab until the tab that is open has the focus."""
    for _ in range(60):
        if page.evaluate("() => document.activeElement.getAttribute('role') === 'tab'"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError("no way back to the tabs")
