"""The list: order, columns, search, selection, bulk changes, saved views, and what moves under it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from segment.analytics.client import Client

from tests.browser.conftest import OpenPage
from tests.browser.screens import settle
from tests.browser.shop import PANEL, Shop
from tests.browser.steps import (
    chip,
    expect_first,
    expect_total,
    expect_where,
    held_back,
    move_by_keys,
    open_panel,
    row,
    rows,
    show_people,
    toast,
)

GREEKS = '?where=country+is+"Greece"'


def heads(page: Page) -> list[str]:
    """The labels of the columns, from left to right."""
    return [each.strip() for each in page.get_by_role("columnheader").all_inner_texts() if each.strip()]


def names(page: Page) -> list[str]:
    """The people whose rows are drawn, from the top."""
    return [each.strip() for each in rows(page).get_by_role("link").all_inner_texts()]


def test_it_works(page: Page, shop: Shop) -> None:
    """Newest first; a click on a column sorts, another one turns it round; the rows are those of the API."""
    show_people(page, shop)
    expect(page.get_by_role("columnheader", name="Last seen")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("columnheader", name="Name").get_by_role("button", name="Name", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))
    first = [each["values"]["name"] for each in shop.api("GET", "/people?sort=name&limit=5")["items"]]
    expect_first(page, first)
    page.get_by_role("columnheader", name="Name").get_by_role("button", name="Name", exact=True).click()
    expect(page).to_have_url(re.compile("sort=-name"))
    last = [each["values"]["name"] for each in shop.api("GET", "/people?sort=-name&limit=5")["items"]]
    expect_first(page, last)


def test_the_list_on_its_way(page: Page, shop: Shop) -> None:
    """Bars stand in place of the people until the answer comes."""
    with held_back(page, re.compile(r"/api/v1/workspaces/acme/people(\?|$)")):
        page.goto(shop.page("people"))
        expect(page.get_by_role("main").locator(".mantine-Skeleton-root").first).to_be_visible()
        expect(rows(page)).to_have_count(0)
    expect(rows(page).first).to_be_visible()


def test_scrolling_reads_on(page: Page, shop: Shop) -> None:
    """Rows far below come when they are scrolled to, and only those in sight are drawn."""
    show_people(page, shop, '?where=country+is+"United+States"&sort=name')
    total = shop.count('country is "United States"')
    expect_total(page, total)
    page.get_by_role("region", name="People", exact=True).focus()
    for _ in range(400):
        page.keyboard.press("End")
        if page.locator(f"[aria-rowindex='{total + 1}']").count():
            break
        page.wait_for_timeout(50)
    last = shop.api("GET", "/people?where=country%20is%20%22United%20States%22&sort=-name&limit=1")["items"][0]
    expect(page.locator(f"[aria-rowindex='{total + 1}']")).to_contain_text(last["values"]["name"])
    assert rows(page).count() < 80


def test_columns_are_hidden_moved_and_sized_by_keyboard(page: Page, shop: Shop) -> None:
    show_people(page, shop, GREEKS)
    expect(page.get_by_role("columnheader", name="City")).to_be_visible()
    assert heads(page) == ["Name", "Email", "Last seen", "First seen", "Country", "City"]
    keys = page.keyboard
    page.get_by_role("button", name="Columns").focus()
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Columns")
    dialog.get_by_role("button", name="Hide First seen").focus()
    keys.press("Enter")
    expect(page.get_by_role("columnheader", name="First seen")).to_have_count(0)
    dialog.get_by_role("textbox").fill("plan")
    dialog.get_by_role("button", name="Show Plan").focus()
    keys.press("Enter")
    expect(page.get_by_role("columnheader", name="Plan")).to_be_visible()
    move_by_keys(page, dialog.get_by_role("button", name="Move Plan"), "ArrowUp")
    expect(page).to_have_url(re.compile(r"cols=email(%2C|,)last_seen(%2C|,)country(%2C|,)plan(%2C|,)city"))
    keys.press("Escape")
    expect(page.get_by_role("button", name="Columns")).to_be_focused()
    page.get_by_role("columnheader", name="Plan").get_by_role("button", name="Plan", exact=True).focus()
    keys.press("Shift+ArrowLeft")
    expect(page).to_have_url(re.compile(r"cols=email(%2C|,)last_seen(%2C|,)plan(%2C|,)country"))
    edge = page.get_by_role("separator", name="Width of the column Email")
    before = int(edge.get_attribute("aria-valuenow") or 0)
    edge.focus()
    for step in (1, 2):
        keys.press("ArrowRight")
        expect(page).to_have_url(re.compile(rf"cols=email(%3A|:){before + step * 16}\b"))
    expect(edge).to_have_attribute("aria-valuenow", str(before + 32))
    drawn = page.get_by_role("columnheader", name="Email").bounding_box()
    assert drawn is not None
    assert drawn["width"] == before + 32
    page.reload()
    expect(page.get_by_role("columnheader", name="Plan")).to_be_visible()
    assert heads(page) == ["Name", "Email", "Last seen", "Plan", "Country", "City"]


def test_the_width_of_the_name_is_kept(page: Page, shop: Shop) -> None:
    show_people(page, shop, GREEKS)
    name = page.get_by_role("columnheader", name="Name")
    page.get_by_role("separator", name="Width of the column Name").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"cols=name(%3A|:)282(%2C|,)email"))
    page.reload()
    expect(name).to_be_visible()
    box = name.bounding_box()
    assert box is not None
    assert round(box["width"]) == 282
    assert heads(page) == ["Name", "Email", "Last seen", "First seen", "Country", "City"]


def test_search_within_a_filter(page: Page, shop: Shop) -> None:
    show_people(page, shop, '?where=country+is+"Germany"')
    german = [each for each in shop.people if each["country"] == "Germany" and "email" in each][3]
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search for a person")).to_be_focused()
    page.keyboard.type(german["email"])
    expect_total(page, 1)
    expect(row(page, german["name"])).to_be_visible()
    page.get_by_role("searchbox", name="Search for a person").fill("nobody at all")
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    page.get_by_role("searchbox", name="Search for a person").fill("")
    expect_total(page, shop.count('country is "Germany"'))


def test_someone_is_found_by_any_id(page: Page, shop: Shop) -> None:
    """By the number and by ids that filters don't know: beside the list, and in the palette."""
    who = {"anonymousId": "messenger-7741-x", "traits": {"name": "Ida Only"}}
    shop.send([{"type": "identify", "timestamp": "2020-01-01T00:00:00Z", **who}])
    number = shop.number('name is "Ida Only"')
    show_people(page, shop, '?where=country+is+"Germany"')
    search = page.get_by_role("searchbox", name="Search for a person")
    found = page.get_by_role("status").filter(has_text="Found by a number or an id")
    for text in ("messenger-77", f"#{number}"):
        search.fill(text)
        expect(found.get_by_role("link", name=f"Ida Only · #{number}")).to_be_visible()
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Search or jump to").fill(text)
        expect(page.get_by_role("option", name=re.compile("Ida Only"))).to_be_visible()
        page.keyboard.press("Escape")
    search.fill("Ida")
    expect(found).to_have_count(0)


def test_bulk_tags_with_undo(page: Page, shop: Shop) -> None:
    """All who match, except one; the toast takes it back."""
    show_people(page, shop, GREEKS)
    greeks = shop.count('country is "Greece"')
    rows(page).first.get_by_role("checkbox").check()
    bulk = page.get_by_role("region", name="Selected people")
    expect(bulk).to_contain_text("1 selected")
    bulk.get_by_role("button", name=f"Select all {greeks} that match").click()
    rows(page).first.get_by_role("checkbox").uncheck()
    expect(bulk).to_contain_text(f"{greeks - 1} selected")
    bulk.get_by_role("button", name="Tags").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Tags"))
    dialog.get_by_role("combobox", name="Tags").fill("aegean")
    dialog.get_by_role("combobox", name="Tags").press("Enter")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(toast(page, f"{greeks - 1} people changed.")).to_be_visible()
    assert shop.count('tags has any of ("aegean")') == greeks - 1
    toast(page, "people changed.").get_by_role("button", name="Undo").click()
    expect(toast(page, f"Undone for {greeks - 1} people.")).to_be_visible()
    assert shop.count('tags has any of ("aegean")') == 0


def test_a_field_of_many(page: Page, shop: Shop) -> None:
    """Also a built-in one, but none that is one person's alone."""
    show_people(page, shop, GREEKS + "&sort=name")
    chosen = names(page)[:2]
    for name in chosen:
        row(page, name).get_by_role("checkbox").check()
    page.get_by_role("region", name="Selected people").get_by_role("button", name="Field").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Field"))
    which = dialog.get_by_role("combobox", name="Field")
    which.click()
    offered = page.get_by_role("listbox").get_by_role("option")
    expect(offered.filter(has_text=re.compile("^Campaign$"))).to_be_visible()
    assert not {"Name", "Email", "Phone", "User ID", "Avatar", "Tags", "Banned"} & set(offered.all_text_contents())
    which.fill("Campaign")
    page.get_by_role("option", name="Campaign", exact=True).click()
    dialog.get_by_role("combobox").last.fill("spring")
    dialog.get_by_role("button", name="Set", exact=True).last.click()
    expect(toast(page, "2 people changed.")).to_be_visible()
    assert shop.count('campaign is "spring"') == 2
    toast(page, "people changed.").get_by_role("button", name="Undo").click()
    expect(toast(page, "Undone for 2 people.")).to_be_visible()
    assert shop.count('campaign is "spring"') == 0


def test_into_a_static_segment_and_out_by_x(page: Page, shop: Shop) -> None:
    show_people(page, shop, GREEKS + "&sort=name")
    before = shop.segment(PANEL)["size"]
    chosen = names(page)[:2]
    for name in chosen:
        row(page, name).get_by_role("checkbox").check()
    bulk = page.get_by_role("region", name="Selected people")
    bulk.get_by_role("button", name="Segment").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Segment"))
    dialog.get_by_role("combobox", name="Static segment").click()
    page.get_by_role("option", name=re.compile(PANEL)).click()
    dialog.get_by_role("button", name="Add", exact=True).last.click()
    expect(toast(page, "2 people changed.")).to_be_visible()
    assert shop.segment(PANEL)["size"] == before + 2

    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Segments").click()
    page.get_by_role("link", name=PANEL).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(PANEL)
    members = page.get_by_role("table", name="Members")
    for name in chosen:
        members.get_by_role("button", name=f"Remove {name}").click()
        expect(toast(page, f"{name} is out of the segment.")).to_be_visible()
        expect(members.get_by_role("link", name=name, exact=True)).to_have_count(0)
    assert shop.segment(PANEL)["size"] == before
    toast(page, f"{chosen[1]} is out of the segment.").get_by_role("button", name="Undo").click()
    expect(members.get_by_role("link", name=chosen[1], exact=True)).to_be_visible()
    assert shop.segment(PANEL)["size"] == before + 1
    members.get_by_role("button", name=f"Remove {chosen[1]}").click()
    expect(members.get_by_role("link", name=chosen[1], exact=True)).to_have_count(0)


def test_a_saved_view(page: Page, shop: Shop) -> None:
    """Save as, the mark when it is changed, Save, Reset, and back to all people."""
    show_people(page, shop, '?where=country+is+"Sweden"&sort=name')
    menu = page.get_by_role("button", name=re.compile("^(All people|Swedes)"))
    expect(menu).to_contain_text("modified")
    page.get_by_role("button", name="Save as new view").click()
    dialog = page.get_by_role("dialog", name="Save as new view")
    dialog.get_by_label("Name").fill("Swedes")
    dialog.get_by_role("button", name="Save").click()
    expect(menu).to_have_text("Swedes")
    page.get_by_role("columnheader", name="City").get_by_role("button", name="City", exact=True).click()
    expect(menu).to_contain_text("modified")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    expect(menu).not_to_contain_text("modified")
    page.get_by_role("columnheader", name="City").get_by_role("button", name="City", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(menu).not_to_contain_text("modified")
    menu.click()
    page.get_by_role("menuitem", name="All people").click()
    expect_total(page, shop.count(""))
    expect_where(page, "")
    menu.click()
    page.get_by_role("menuitem", name="Swedes").click()
    expect_total(page, shop.count('country is "Sweden"'))
    expect(page.get_by_role("columnheader", name="City")).to_have_attribute("aria-sort", "ascending")
    menu.click()
    page.get_by_role("menuitem", name="Delete this view").click()
    expect(toast(page, "The view “Swedes” is deleted.")).to_be_visible()
    expect(menu).to_have_text("All people")


def test_counts_move_while_one_looks_on(open_page: OpenPage, shop: Shop) -> None:
    """A stock Segment SDK sends an event; totals and the segment's size follow without a reload."""
    visitor = "eve-live"
    list_page = open_page("people")
    list_page.goto(shop.page("people") + '?where=did+"listened"')
    expect_total(list_page, shop.count('did "listened"'))
    before = shop.count('did "listened"')
    made = shop.api("POST", "/segments", {"name": "Listeners", "where": 'did "listened"'})
    segments = open_page("segments")
    size = segments.get_by_role("row").filter(has=segments.get_by_role("link", name="Listeners"))
    expect(size).to_be_visible()

    client = Client(
        shop.home.write_key, host=shop.url, max_retries=1, proxies={"no_proxy": urlsplit(shop.url).hostname}
    )
    client.identify(visitor, {"name": "Eve Live"})
    client.track(visitor, "listened", {"title": "Blue Train"})
    client.flush()
    client.join()
    expect_total(list_page, before + 1)
    expect(chip(list_page, 1).get_by_role("img", name=re.compile(f"^{before + 1} match"))).to_be_visible()
    expect(size.get_by_role("cell").nth(3)).to_have_text(str(before + 1))
    assert shop.api("GET", f"/segments/{made['id']}")["size"] == before + 1
    # The rows stay until one asks for the new ones.
    list_page.get_by_role("button", name="Show changes").click()
    expect(row(list_page, "Eve Live")).to_be_visible()


def first_in_sight(page: Page) -> tuple[int, str, float]:
    """The first row below the head of the list: its place, whose it is, and how many pixels below."""
    place, name, below = page.get_by_role("region", name="People", exact=True).evaluate(
        """list => {
            const top = list.getBoundingClientRect().top + list.querySelector('[role=columnheader]').offsetHeight;
            const below = (row) => row.getBoundingClientRect().top - top;
            const [first] = [...list.querySelectorAll('[role=row][data-index]')]
                .filter((row) => below(row) >= -1)
                .sort((one, two) => one.dataset.index - two.dataset.index);
            return first ? [Number(first.dataset.index), first.querySelector('a').textContent, below(first)]
                : [-1, '', 0];
        }"""
    )
    return int(place), str(name), float(below)


def at_rest(page: Page) -> tuple[int, str, float]:
    """The first row in sight when the list has stopped moving: a browser scrolls a page down in several frames."""
    for _ in range(100):
        before = first_in_sight(page)
        page.wait_for_timeout(300)
        if first_in_sight(page) == before:
            return before
    raise AssertionError("the list does not come to rest")


def is_where_it_was(page: Page, row: tuple[int, str, float]) -> bool:
    """Whether a row is the same person's and as far below the head of the list; a pixel is rounded."""
    place, name, below = row
    found = page.get_by_role("region", name="People", exact=True).evaluate(
        """(list, place) => {
            const top = list.getBoundingClientRect().top + list.querySelector('[role=columnheader]').offsetHeight;
            const row = list.querySelector(`[role=row][data-index="${place}"]`);
            return row && [row.querySelector('a').textContent, row.getBoundingClientRect().top - top];
        }""",
        place,
    )
    return found is not None and found[0] == name and abs(found[1] - below) <= 1


def look(page: Page, state: str) -> None:
    """Have the page be looked at, or lie in the background."""
    page.evaluate(
        """state => {
            Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
            document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }""",
        state,
    )


def test_nothing_jumps_when_one_comes_back(open_page: OpenPage, shop: Shop) -> None:
    """Deep in the list, with new people at its top: the rows in sight stay, and the new ones are offered."""
    # A clock is that of all pages of a browser.
    page = open_page(another=True)
    page.clock.install()
    show_people(page, shop)
    page.get_by_role("region", name="People", exact=True).focus()
    while first_in_sight(page)[0] < 300:
        page.keyboard.press("PageDown")
        page.wait_for_timeout(50)
    page.wait_for_function("() => document.querySelectorAll('[role=row][data-index] a').length > 10")
    before = at_rest(page)
    look(page, "hidden")
    shop.send([{"type": "identify", "userId": f"back-{at}", "traits": {"name": f"Back {at}"}} for at in range(5)])
    # Long enough that all that was read is old.
    page.clock.fast_forward("05:00")
    look(page, "visible")
    expect(page.get_by_role("button", name="Show changes")).to_be_visible()
    expect_total(page, shop.count(""))
    assert is_where_it_was(page, before), (before, first_in_sight(page))
    page.get_by_role("button", name="Show changes").click()
    expect(page.get_by_role("button", name="Show changes")).to_have_count(0)


def test_a_row_changed_in_the_panel_stays_where_it_is(page: Page, shop: Shop) -> None:
    cities = {"Rita Row": "Aachen", "Rolf Row": "Bonn", "Rosa Row": "Celle"}
    shop.send(
        [
            {"type": "identify", "userId": name, "traits": {"name": name, "city": city, "plan": "rows"}}
            for name, city in cities.items()
        ]
    )
    show_people(page, shop, '?where=plan+is+"rows"&sort=city')
    assert names(page) == list(cities)
    panel = open_panel(page, "Rita Row")
    city = panel.locator("dl > div").filter(has=page.locator("dt").get_by_text("City", exact=True))
    city.get_by_text("Aachen").dblclick()
    city.get_by_label("City").fill("Zwickau")
    city.get_by_label("City").press("Enter")
    expect(row(page, "Rita Row")).to_contain_text("Zwickau")
    # Others are at the top now, and that is offered.
    expect(page.get_by_role("button", name="Show changes")).to_be_visible()
    assert names(page) == list(cities)
    page.get_by_role("button", name="Show changes").click()
    expect(rows(page).last).to_contain_text("Rita Row")


@pytest.mark.parametrize("width", [1440, 720], ids=["wide", "at 200 %"])
def test_the_name_stays_when_scrolled_sideways(open_page: OpenPage, shop: Shop, width: int) -> None:
    """With many columns: names and boxes stand still, the rest moves below them."""
    page = open_page(width=width, height=900 * width // 1440)
    columns = ",".join(f"{name}:300" for name in ("email", "country", "city", "language", "plan", "source"))
    show_people(page, shop, f"?cols={columns}&sort=name")
    names, cities = page.get_by_role("columnheader", name="Name"), page.get_by_role("columnheader", name="City")
    link, box = rows(page).first.get_by_role("link"), rows(page).first.get_by_role("checkbox")
    settle(page)
    still = [each.bounding_box() for each in (names, link, box)]
    moving = cities.bounding_box()
    page.get_by_role("region", name="People", exact=True).evaluate("element => element.scrollTo({ left: 400 })")
    page.wait_for_function("() => document.querySelector('[role=table]').getBoundingClientRect().x < 0")
    assert [each.bounding_box() for each in (names, link, box)] == still
    now = cities.bounding_box()
    assert moving is not None
    assert now is not None
    assert moving["x"] - now["x"] == 400
    # Nothing shows through: what is drawn where the name stands is the name's cell.
    expect(link).to_be_visible()
    link.click(trial=True)


def test_the_default_view(open_page: OpenPage, shop: Shop) -> None:
    """What an owner has made the default is what the list opens with, for everyone and without a word in the link."""
    page = open_page("people?where=country+is+%22Japan%22&sort=city")
    japanese = shop.count('country is "Japan"')
    expect_total(page, japanese)
    page.get_by_role("button", name="Save as new view").click()
    dialog = page.get_by_role("dialog", name="Save as new view")
    dialog.get_by_label("Name").fill("Of Japan")
    dialog.get_by_role("switch", name="The list opens with it").press("Space")
    expect(dialog.get_by_role("switch", name="All members see it")).to_be_checked()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    try:
        other = open_page("people", another=True)
        expect_total(other, japanese)
        expect(other.get_by_role("button", name="Of Japan")).to_be_visible()
        expect(other.get_by_role("columnheader", name="City")).to_have_attribute("aria-sort", "ascending")
        # Another one can still be chosen, and an address that says something is obeyed.
        other.goto(shop.page("people?view=all"))
        expect_total(other, shop.count(""))
    finally:
        for view in shop.as_alice("GET", "/views")["items"]:
            if view["name"] == "Of Japan":
                shop.as_alice("DELETE", f"/views/{view['id']}")


def test_density(page: Page, shop: Shop) -> None:
    """Rows become higher, and stay so; there are still as many as fit."""
    show_people(page, shop)
    assert row_height(page) == 34
    page.get_by_role("button", name=shop.email).click()
    page.get_by_role("menuitem", name="Density").hover()
    page.get_by_role("menuitemradio", name="Comfortable").click()
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    expect(rows(page).nth(1)).to_have_css("transform", "matrix(1, 0, 0, 1, 0, 44)")
    assert row_height(page) == 44
    page.reload()
    expect(rows(page).nth(1)).to_have_css("transform", "matrix(1, 0, 0, 1, 0, 44)")
    assert row_height(page) == 44


def row_height(page: Page) -> float:
    """How high a row of the list is drawn."""
    box = rows(page).first.bounding_box()
    assert box is not None
    return box["height"]
