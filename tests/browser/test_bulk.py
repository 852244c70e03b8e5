"""What is done to several people at once: who is selected, and what becomes of them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.shop import Shop
from tests.browser.steps import expect_total, row, rows, show_people, toast

MANY = 6


@pytest.fixture
def crowd(shop: Shop) -> tuple[str, list[int]]:
    """People of the test's own: a sentence that finds them, and their numbers."""
    tag = f"crowd {shop.count('')}"
    numbers = []
    for at in range(MANY):
        body = {"set": {"name": f"Crowd {at + 1}"}, "tags": [tag]}
        numbers.append(int(shop.api("POST", "/people", body)["number"]))
    return f'tags has any of ("{tag}")', numbers


def show(page: Page, shop: Shop, where: str) -> Locator:
    """Show them by name; what is said of those who are selected."""
    show_people(page, shop, f"?where={where.replace(' ', '+')}&sort=name")
    expect_total(page, shop.count(where))
    return page.get_by_role("region", name="Selected people")


def test_it_works(page: Page, shop: Shop, crowd: tuple[str, list[int]]) -> None:
    """The box in the head takes all rows, and lets them go; with Shift, all from one to another."""
    bulk = show(page, shop, crowd[0])
    head = page.get_by_role("checkbox", name="Select all rows that are loaded")
    head.check()
    expect(bulk).to_contain_text(f"{MANY} selected")
    rows(page).nth(2).get_by_role("checkbox").uncheck()
    expect(bulk).to_contain_text(f"{MANY - 1} selected")
    expect(head).to_have_js_property("indeterminate", value=True)
    head.check()
    expect(bulk).to_contain_text(f"{MANY} selected")
    head.uncheck()
    expect(bulk).to_have_count(0)
    row(page, "Crowd 2").get_by_role("checkbox").check()
    row(page, "Crowd 5").get_by_role("checkbox").click(modifiers=["Shift"])
    expect(bulk).to_contain_text("4 selected")
    for at in range(1, MANY + 1):
        expect(row(page, f"Crowd {at}").get_by_role("checkbox")).to_be_checked(checked=2 <= at <= 5)


def test_a_field_a_ban_and_a_new_segment(page: Page, shop: Shop, crowd: tuple[str, list[int]]) -> None:
    where, numbers = crowd
    bulk = show(page, shop, where)
    for name in ("Crowd 1", "Crowd 2"):
        row(page, name).get_by_role("checkbox").check()

    def dialog(name: str) -> Locator:
        bulk.get_by_role("button", name=name, exact=True).click()
        return page.get_by_role("dialog", name=re.compile(f"^{name} · 2 people"))

    asked = dialog("Field")
    asked.get_by_role("combobox", name="Field").fill("Plan")
    page.get_by_role("option", name="Plan", exact=True).click()
    asked.get_by_role("combobox", name="Value").fill("plus")
    asked.get_by_role("combobox", name="Value").press("Escape")
    asked.get_by_role("button", name="Set", exact=True).click()
    expect(toast(page, "2 people changed.")).to_be_visible()
    expect(asked).to_have_count(0)
    assert shop.count(f'{where} and plan is "plus"') == 2
    toast(page, "2 people changed.").get_by_role("button", name="Undo").click()
    shop.server.wait_for(lambda: shop.count(f"{where} and plan is known") == 0, 30, "to have taken the plans back")

    asked = dialog("Ban")
    asked.get_by_role("button", name="Ban", exact=True).click()
    expect(asked).to_have_count(0)
    expect(row(page, "Crowd 1").get_by_text("Banned")).to_be_visible()
    expect(row(page, "Crowd 3").get_by_text("Banned")).to_have_count(0)
    assert [shop.api("GET", f"/people/{each}")["data"].get("banned") for each in numbers[:3]] == [True, True, None]

    asked = dialog("Segment")
    asked.get_by_text("New segment", exact=True).click()
    asked.get_by_role("textbox", name="Name of the new segment").fill("Two of the crowd")
    asked.get_by_role("button", name="Add", exact=True).click()
    expect(asked).to_have_count(0)
    made = shop.segment("Two of the crowd")
    assert (made["kind"], made["size"]) == ("static", 2)
    inside = shop.api("GET", f"/segments/{made['id']}/people")["items"]
    assert {each["number"] for each in inside} == {*numbers[:2]}


@pytest.mark.no_second_try
def test_deleting_asks_for_the_number(page: Page, shop: Shop, crowd: tuple[str, list[int]]) -> None:
    where, numbers = crowd
    bulk = show(page, shop, where)
    for name in ("Crowd 3", "Crowd 4", "Crowd 5"):
        row(page, name).get_by_role("checkbox").check()
    bulk.get_by_role("button", name="Delete", exact=True).click()
    asked = page.get_by_role("dialog", name=re.compile("^Delete · 3 people"))
    delete = asked.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_disabled()
    asked.get_by_role("textbox").fill("2")
    expect(delete).to_be_disabled()
    asked.get_by_role("textbox").fill("3")
    delete.click()
    expect(asked).to_have_count(0)
    expect(bulk).to_have_count(0)
    expect_total(page, MANY - 3)
    assert shop.count(where) == MANY - 3
    assert shop.server.api("GET", f"/people/{numbers[2]}").status == 404
    assert shop.server.api("GET", f"/people/{numbers[0]}").status == 200
