"""What people do on the pages, named once: a test says what it does and not where buttons stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.shop import Shop


@contextmanager
def held_back(page: Page, address: str | re.Pattern[str]) -> Iterator[None]:
    """Requests to an address wait at the door; when this ends they go on."""
    waiting: list[Route] = []
    is_open = False

    def ask(route: Route) -> None:
        if is_open:
            route.continue_()
        else:
            waiting.append(route)

    page.route(address, ask)
    yield
    is_open = True
    for route in waiting:
        route.continue_()


def show_people(page: Page, shop: Shop, search: str = "") -> None:
    """Open the list of people and wait for its rows."""
    page.goto(shop.page("people") + search)
    expect(rows(page).first).to_be_visible()


def rows(page: Page) -> Locator:
    """The rows of the list that are drawn."""
    return page.get_by_role("table", name="People").locator("[data-index][role=row]")


def row(page: Page, name: str) -> Locator:
    """The row of a person."""
    return rows(page).filter(has=page.get_by_role("link", name=name, exact=True))


def expect_total(page: Page, total: int) -> None:
    """The figure beside the page's title."""
    expect(page.locator("header h1 + span")).to_have_text(f"{total:,}")


def bar(page: Page) -> Locator:
    """The filter bar."""
    return page.get_by_role("region", name="Filter", exact=True)


def chip(page: Page, number: int) -> Locator:
    """The button of a numbered condition that shows it and opens its editor."""
    return bar(page).locator("button[aria-haspopup=dialog]").nth(number - 1)


def add_condition(page: Page, subject: str, value: str | None = None) -> Locator:
    """Add a condition by mouse and give it a value, the way it is proposed; its editor stays open."""
    before = bar(page).locator("button[aria-haspopup=dialog]").count()
    bar(page).get_by_role("button", name=re.compile("^(Filter|Add condition)$")).click()
    page.get_by_role("combobox", name="Search fields, segments, events").fill(subject)
    page.get_by_role("option", name=re.compile(f"^{re.escape(subject)}\\b")).first.click()
    editor = page.get_by_role("dialog", name=f"Condition {before + 1}")
    if value is not None:
        editor.get_by_role("combobox", name="Value").fill(value)
        editor.get_by_role("option", name=re.compile(f"^{re.escape(value)}")).first.click()
    return editor


def close_editor(page: Page) -> None:
    """Close the editor of the condition that is open."""
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def expect_where(page: Page, sentence: str) -> None:
    """The filter is in the address; it comes there a frame after the total is drawn."""

    def says(url: str) -> bool:
        return parse_qs(urlsplit(url).query).get("where", [""])[0] == sentence

    page.wait_for_url(says)


def expect_first(page: Page, names: list[str]) -> None:
    """The names of the first rows."""
    for at, name in enumerate(names):
        expect(rows(page).nth(at).get_by_role("link")).to_have_text(name)


def expect_told(page: Page, target: Locator, text: str) -> None:
    """What is said when the mouse rests on something. What is drawn anew meanwhile forgets that it does."""
    for _ in range(5):
        page.mouse.move(0, 0)
        expect(page.get_by_role("tooltip")).to_have_count(0)
        target.hover()
        try:
            expect(page.get_by_role("tooltip")).to_contain_text(text, timeout=4_000)
        except AssertionError:
            continue
        return
    expect(page.get_by_role("tooltip")).to_contain_text(text)


def toast(page: Page, text: str) -> Locator:
    """A message that was shown for a while."""
    return page.get_by_role("status").filter(has_text=text).first


def open_panel(page: Page, name: str) -> Locator:
    """Open a person's profile beside the list."""
    row(page, name).get_by_role("link", name=name, exact=True).click()
    panel = page.get_by_role("complementary", name=name)
    expect(panel.get_by_role("heading", name=name)).to_be_visible()
    return panel


# What is said to readers of the screen while something is moved.
_SAID = "() => [...document.querySelectorAll('[id^=DndLiveRegion]')].map((each) => each.textContent).join()"


def move_by_keys(page: Page, grip: Locator, key: str) -> None:
    """Take what a grip moves, move it by one place, drop it."""
    grip.focus()
    for press in ("Space", key, "Space"):
        before = page.evaluate(_SAID)
        page.keyboard.press(press)
        page.wait_for_function(f"(before) => ({_SAID})() !== before", arg=before)
        # The sensor takes up a moment after it has said so, and each move is drawn before the next.
        page.wait_for_timeout(250)


def press_region(page: Page, at: int) -> None:
    """Press a region of a segment's diagram where its figure stands, by its place in the order of drawing."""
    box = page.locator("svg[aria-hidden=true] g:has(> title) > text").nth(at).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus; it must be there already."""
    # Not whether it is seen: what is drawn of a radio button is its label.
    expect(wanted).to_be_attached()
    for _ in range(150):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {wanted}")


def drag(page: Page, grip: Locator, target: Locator) -> None:
    """Take something by its grip with the mouse and let it go over the middle of the target."""
    for each in (grip, target):
        expect(each).to_be_visible()
    places = [grip.bounding_box(), target.bounding_box()]
    (x, y), (to_x, to_y) = ((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in places if box)
    page.mouse.move(x, y)
    page.mouse.down()
    # A short way first, so that it is taken up; then in steps, since what lies below makes room while it comes.
    page.mouse.move(x + 10, y + 4, steps=4)
    page.mouse.move(to_x, to_y, steps=12)
    page.wait_for_timeout(250)
    page.mouse.up()
