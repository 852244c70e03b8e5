"""Every page with its tabs: nothing is wrong with it in either scheme, at any size (looking.py)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.looking import GRAVE, MOVING, PHONE, RUN_AXE, STILL_MS, ZOOMED, Visitors, axe, look, visitors
from tests.browser.screens import REDIRECTS, SCREENS, Screen, settle, sources_with_layers
from tests.browser.shop import Shop

__all__ = ["axe", "visitors"]

PAGES = [screen for screen in SCREENS if screen.opens is None]


@pytest.mark.parametrize("screen", PAGES, ids=lambda screen: screen.name)
def test_page(screen: Screen, visitors: Visitors, shop: Shop, watch: Watch, axe: str) -> None:
    assert look(visitors, screen, shop, watch, axe) == []
    assert watch.complaints == []


def test_every_page_of_the_app_is_here(page: Page, shop: Shop) -> None:
    """The router's own table of routes, as the running app has it."""
    page.goto(shop.page("people"))
    settle(page)
    routes = page.evaluate("() => Object.keys(self.__TSR_ROUTER__.routesByPath)")
    assert set(routes) == {screen.route for screen in SCREENS} | REDIRECTS


def test_every_dialog_and_menu_of_the_app_is_here() -> None:
    assert sources_with_layers() == {source for screen in SCREENS for source in screen.shows}


def test_the_main_menu_is_in_reach_of_a_phone(open_page: OpenPage, shop: Shop) -> None:
    page = open_page("segments", width=PHONE["width"], height=PHONE["height"])
    menu = page.get_by_role("navigation", name="Main menu")
    expect(menu.get_by_role("link", name="People")).not_to_be_in_viewport()
    page.get_by_role("button", name="Open menu").click()
    expect(menu.get_by_role("link", name="Settings")).to_be_in_viewport()
    menu.get_by_role("link", name="People").click()
    page.wait_for_url("**/people*")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    expect(menu.get_by_role("link", name="People")).not_to_be_in_viewport()


def test_rows_are_seen_below_a_long_filter(open_page: OpenPage, shop: Shop) -> None:
    """At 200 % the filter bar alone may fill the window; the list keeps a place of its own below it."""
    sentence = " and ".join(f'city is not "Town {at}"' for at in range(12))
    page = open_page(f"people?where={sentence}", width=ZOOMED["width"], height=ZOOMED["height"])
    names = page.get_by_role("table", name="People").locator("[data-index]").get_by_role("link")
    names.nth(1).scroll_into_view_if_needed()
    expect(names.nth(1)).to_be_in_viewport(ratio=1)


def test_things_do_move_for_those_who_do_not_mind(open_page: OpenPage, shop: Shop) -> None:
    """What the check of motion looks for is there without the wish."""
    page = open_page("people", reduced_motion=False)
    settle(page)
    assert page.evaluate(MOVING, STILL_MS) != []


def test_axe_sees_colours(open_page: OpenPage, shop: Shop, axe: str) -> None:
    """What is looked at by colours alone is found so."""
    page = open_page("people", scheme="dark")
    settle(page)
    page.evaluate(axe)
    by_colours = {"grave": GRAVE, "byColours": True}
    assert page.evaluate(RUN_AXE, by_colours) == []
    page.get_by_role("heading", level=1).evaluate("(heading) => { heading.style.color = 'rgb(60, 60, 60)'; }")
    assert [each.split(":")[0] for each in page.evaluate(RUN_AXE, by_colours)] == ["color-contrast"]
