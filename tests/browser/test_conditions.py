"""Conditions that are more than a value: dates, lists, events with their properties, and the link to it all."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import ZONE, Shop
from tests.browser.steps import add_condition, bar, chip, close_editor, expect_total, expect_where, show_people


def choose(editor: Locator, name: str, option: str) -> None:
    """Choose in a list of the editor."""
    editor.get_by_role("combobox", name=name, exact=True).last.click()
    editor.get_by_role("option", name=option, exact=True).click()


def test_it_works(page: Page, shop: Shop) -> None:
    """A date in the last days says which moments these are, by the workspace's clock."""
    show_people(page, shop)
    editor = add_condition(page, "First seen")
    choose(editor, "Operator", "in the last")
    editor.get_by_role("textbox", name="How long").fill("45")
    expect_total(page, shop.count("first_seen in the last 45 days"))
    expect_where(page, "first_seen in the last 45 days")
    now = datetime.now(UTC)
    expect(editor).to_contain_text(f"Now, in {ZONE}")
    # 45 times 24 hours, also where the clocks were changed meanwhile; it may be a minute later than when it was drawn.
    begins = [(now - timedelta(days=45, minutes=each)).astimezone(ZoneInfo(ZONE)) for each in (0, 1, 2)]
    around = [f"{at:%b %-d, %Y, %-I:%M %p}" for at in begins]
    expect(editor).to_contain_text(re.compile("|".join(map(re.escape, around))))


def test_a_pasted_list(page: Page, shop: Shop) -> None:
    """A hundred addresses at once, with a count; some of them are nobody's."""
    some = [each["email"] for each in shop.people if "email" in each][:100]
    found = len({*some})
    show_people(page, shop)
    editor = add_condition(page, "Email")
    choose(editor, "Operator", "is one of")
    editor.get_by_role("button", name="Paste a list").click()
    field = editor.get_by_role("textbox", name="Values, one a line")
    field.fill("\n".join([*some, "nobody@nowhere.example"]))
    expect(editor).to_contain_text(f"{found + 1} values")
    matching = shop.api("POST", "/people/count", {"where": f"email is one of ({', '.join(map(quoted, some))})"})
    expect_total(page, matching["total"])
    assert matching["total"] >= found
    close_editor(page)
    expect(chip(page, 1)).to_contain_text("and 9")


def quoted(text: str) -> str:
    """A text as a sentence has it."""
    return f'"{text}"'


def test_events_with_a_window_a_property_and_a_sum(page: Page, shop: Shop) -> None:
    """What is counted here is counted again in Python."""
    show_people(page, shop)
    editor = add_condition(page, "purchase")
    choose(editor, "When", "in the last")
    editor.get_by_role("textbox", name="How long").fill("200")
    editor.get_by_role("button", name="With a property").click()
    editor.get_by_role("combobox", name="Property").fill("amount")
    editor.get_by_role("option", name="amount", exact=True).click()
    choose(editor, "Operator", ">")
    editor.get_by_role("textbox", name="Value").fill("60")
    since = datetime.now(tz=shop.now.tzinfo) - timedelta(days=200)
    recent = [(at, amount) for at, amount, moment in shop.purchases if moment >= since and amount > 60]
    sentence = 'did "purchase" in the last 200 days where amount > 60'
    expect_where(page, sentence)
    customers = f'({sentence}) and user_id starts with "customer-"'
    assert shop.count(customers) == len({at for at, _ in recent})
    expect_total(page, shop.count(sentence))

    choose(editor, "What is looked at", "sum of")
    editor.get_by_role("combobox", name="Property").first.fill("amount")
    editor.get_by_role("option", name="amount", exact=True).first.click()
    choose_first(editor, "Operator", ">")
    editor.get_by_role("textbox", name="Value").first.fill("200")
    sums: defaultdict[int, float] = defaultdict(float)
    for at, amount in recent:
        sums[at] += amount
    sentence = 'sum of amount over "purchase" in the last 200 days where amount > 60 > 200'
    expect_where(page, sentence)
    customers = f'({sentence}) and user_id starts with "customer-"'
    assert shop.count(customers) == sum(each > 200 for each in sums.values())
    expect_total(page, shop.count(sentence))


def choose_first(editor: Locator, name: str, option: str) -> None:
    """Choose in the first of several lists of a name."""
    editor.get_by_role("combobox", name=name, exact=True).first.click()
    editor.get_by_role("option", name=option, exact=True).first.click()


def test_values_of_a_property_are_proposed(page: Page, shop: Shop) -> None:
    """Titles that were bought, with how many purchases have each; the one chosen is the condition's."""
    show_people(page, shop)
    editor = add_condition(page, "purchase")
    editor.get_by_role("button", name="With a property").click()
    editor.get_by_role("combobox", name="Property").fill("title")
    editor.get_by_role("option", name="title", exact=True).click()
    value = editor.get_by_role("combobox", name="Value")
    value.fill("gOldberg")
    found = shop.api("GET", "/events/values?event=purchase&property=title")["values"]
    (count,) = [each["count"] for each in found if each["value"] == "Goldberg-Variationen"]
    assert sum(each["count"] for each in found) == len(shop.purchases)
    editor.get_by_role("option", name=f"Goldberg-Variationen {count}").click()
    expect_where(page, 'did "purchase" where title is "Goldberg-Variationen"')
    expect_total(page, shop.count('did "purchase" where title is "Goldberg-Variationen"'))

    choose(editor, "What is looked at", "last")
    editor.get_by_role("combobox", name="Property").fill("title")
    editor.get_by_role("option", name="title", exact=True).click()
    choose(editor, "Operator", "is")
    value.fill("blue t")
    editor.get_by_role("option", name="Blue Train").click()
    expect_where(page, 'title of last "purchase" is "Blue Train"')


def test_the_link_is_copied(open_page: OpenPage, shop: Shop) -> None:
    """What the button copies opens the same view."""
    page = open_page("people", another=True, permissions=["clipboard-read", "clipboard-write"])
    add_condition(page, "Country", "Mexico")
    close_editor(page)
    mexicans = sum(each["country"] == "Mexico" for each in shop.people)
    expect_total(page, mexicans)
    expect_where(page, 'country is "Mexico"')
    bar(page).get_by_role("button", name="Copy link to this view").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()) === location.href")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    page.goto(shop.page("segments"))
    page.goto(copied)
    expect_total(page, mexicans)
