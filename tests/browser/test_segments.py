"""A segment's page: who is in it and why, what became of it, what it shares with others."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import past
from tests.browser.chromium import Watch
from tests.browser.shop import Shop
from tests.browser.steps import expect_total, press_region, toast


def open_segment(page: Page, shop: Shop, segment: dict[str, object], tab: str = "") -> None:
    page.goto(shop.page(f"segments/{segment['id']}") + (f"?tab={tab}" if tab else ""))
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(segment["name"]))


def test_it_works(page: Page, shop: Shop) -> None:
    """The list has every segment with its size; its page leads to the same people."""
    page.goto(shop.page("segments"))
    table = page.get_by_role("table", name="Segments")
    for each in shop.api("GET", "/segments")["items"]:
        found = table.get_by_role("row").filter(has=page.get_by_role("link", name=each["name"], exact=True))
        expect(found).to_contain_text(f"{each['size']:,}")
    page.get_by_role("textbox", name="Search segments").fill("new york")
    expect(table.get_by_role("row")).to_have_count(3)
    table.get_by_role("link", name="New York", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("New York")
    size = sum(each["city"] == "New York" for each in shop.people)
    expect(page.get_by_text(f"50 of {size} shown")).to_be_visible()
    page.get_by_role("link", name="Show in People").first.click()
    expect_total(page, size)


def test_a_definition_is_changed_and_brought_back(page: Page, shop: Shop) -> None:
    made = shop.api("POST", "/segments", {"name": "Pros", "where": 'plan is "pro"'})
    open_segment(page, shop, made)
    page.get_by_role("button", name="Edit definition").click()
    definition = page.get_by_role("region", name="Definition")
    definition.get_by_role("button", name="Sentence").click()
    definition.get_by_role("textbox", name="The filter as a sentence").fill('plan is one of ("plus", "pro")')
    definition.get_by_role("button", name="Apply").click()
    either = shop.count('plan is one of ("plus", "pro")')
    expect(definition.get_by_role("status").last).to_contain_text(f"{either:,}")
    definition.get_by_role("button", name="Save", exact=True).click()
    expect(toast(page, "The definition is changed.")).to_be_visible()
    expect(page.locator("header strong")).to_have_text(f"{either:,}")
    assert shop.segment("Pros")["size"] == either > shop.count('plan is "pro"')
    page.get_by_role("tab", name="History").click()
    page.get_by_role("button", name="Restore revision 1").click()
    expect(toast(page, "Restored as a new revision.")).to_be_visible()
    pros = shop.count('plan is "pro"')
    expect(page.locator("header strong")).to_have_text(f"{pros:,}")
    assert shop.segment("Pros")["sentence"] == 'plan is "pro"'


def test_what_it_shares_with_another(page: Page, shop: Shop) -> None:
    """Regions with the exact figures of the API; one of them is listed."""
    mine, other = shop.segment("New York"), shop.segment("Paying plans")
    open_segment(page, shop, mine, "overlap")
    # A favourite is at hand with its present size, without opening the list.
    favourites = page.get_by_role("group", name="Favourites")
    expect(favourites).to_contain_text(f"Paying plans {other['size']:,}")
    favourites.get_by_text("Paying plans").click()
    expect(favourites.get_by_role("checkbox", name=re.compile("^Paying plans"))).to_be_checked()
    regions = shop.api("POST", "/segments/regions", {"segments": [mine["id"], other["id"]]})["regions"]
    for each in regions:
        if each["inside"]:
            expect(page.get_by_role("main")).to_contain_text(f"{each['count']:,}")
    both = next(each["count"] for each in regions if len(each["inside"]) == 2)
    assert both == sum(each["city"] == "New York" and each.get("plan") in ("plus", "pro") for each in shop.people)
    page.get_by_role("button", name=re.compile("^In all of them|New York.*Paying plans")).first.click()
    page.get_by_role("link", name="Show in People").last.click()
    expect_total(page, both)


def test_composition_by_a_field(page: Page, shop: Shop) -> None:
    """As a table, with the numbers of the API."""
    segment = shop.segment("Paying plans")
    open_segment(page, shop, segment, "composition")
    page.get_by_role("combobox", name="Field").click()
    page.get_by_role("option", name="Country", exact=True).click()
    main = page.get_by_role("main")
    american = shop.count('in segment "Paying plans" and country is "United States"')
    expect(main.get_by_role("row").filter(has_text="United States")).to_contain_text(f"{american:,}")


def test_deleting_says_what_uses_it(page: Page, shop: Shop, watch: Watch) -> None:
    base = shop.api("POST", "/segments", {"name": "Base", "where": 'plan is "free"'})
    shop.api("POST", "/segments", {"name": "On top", "where": 'in segment "Base" and language is "French"'})
    open_segment(page, shop, base)
    watch.expect(409, f"/api/v1/workspaces/acme/segments/{base['id']}")
    # It is asked for once more while the list opens.
    watch.expect(404, f"/api/v1/workspaces/acme/segments/{base['id']}")
    page.get_by_role("button", name="Actions for Base").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete “Base”?")
    expect(dialog).to_contain_text("On top")
    delete = dialog.get_by_role("button", name="Delete segment")
    expect(delete).to_be_disabled()
    dialog.get_by_role("checkbox", name="Delete it all the same and break what uses it").check()
    delete.click()
    expect(toast(page, "“Base” is deleted.")).to_be_visible()
    broken = page.get_by_role("row").filter(has=page.get_by_role("link", name="On top"))
    expect(broken).to_contain_text("Broken")
    assert shop.segment("On top")["size"] == 0

    # Its definition names what is gone, and can be mended where it stands.
    watch.expect(400, "/api/v1/workspaces/acme/people/count")
    page.get_by_role("link", name="On top").click()
    definition = page.get_by_role("region", name="Definition")
    expect(definition).to_contain_text('in segment "Base (deleted)" and language is "French"')
    definition.get_by_role("button", name="Edit definition").click()
    sentence = page.get_by_role("textbox", name="The filter as a sentence")
    expect(definition).to_contain_text('There is no segment "Base (deleted)".')
    sentence.fill('plan is "free" and language is "French"')
    definition.get_by_role("button", name="Apply").click()
    definition.get_by_role("button", name="Save", exact=True).click()
    expect(definition).to_contain_text('plan is "free" and language is "French"')
    expect(page.get_by_role("alert")).to_have_count(0)
    assert shop.segment("On top")["size"] == shop.count('plan is "free" and language is "French"')


def test_a_region_of_the_diagram_becomes_a_segment(page: Page, shop: Shop) -> None:
    """The drawing is for the mouse: a click where the figure stands chooses the region, as its button does."""
    mine, other = shop.segment("New York"), shop.segment("Paying plans")
    page.goto(shop.page(f"segments/{mine['id']}?tab=overlap&with={other['id']}"))
    both = sum(each["city"] == "New York" and each.get("plan") in ("plus", "pro") for each in shop.people)
    chosen = page.get_by_role("list", name="Regions").get_by_role("button", pressed=True)
    expect(page.get_by_role("list", name="Regions").get_by_role("button")).to_have_count(3)
    press_region(page, 0)
    expect(chosen).to_contain_text("Only")
    # What lies in most of them is drawn last, on top.
    press_region(page, -1)
    expect(chosen).to_contain_text(re.compile(rf"New York \+ Paying plans.*{both}"))
    page.get_by_role("button", name="Save as a segment").click()
    dialog = page.get_by_role("dialog", name="Save the region as a segment")
    dialog.get_by_label("Name").fill("New Yorkers who pay")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("New Yorkers who pay")
    made = shop.segment("New Yorkers who pay")
    assert (made["size"], made["sentence"]) == (both, 'in segment "New York" and in segment "Paying plans"')


def test_its_past_in_figures(page: Page, shop: Shop) -> None:
    """Size over time, who entered and left, and the definition before: those of the API, to the row."""
    segment = shop.segment(past.NAME)
    history = shop.api("GET", f"/segments/{segment['id']}/history?limit=50")
    open_segment(page, shop, segment, "size")
    page.get_by_role("radiogroup", name="Period").get_by_text("All", exact=True).click()
    expect(page.get_by_text(f"{history['entered']} entered, {history['left']} left")).to_be_visible()
    page.get_by_role("button", name="Show as a table").click()
    rows = page.get_by_role("table", name="Size over time").get_by_role("row")
    expect(rows).to_have_count(len(history["sizes"]) + 1)
    assert len(history["sizes"]) >= past.WEEKS
    for place in (0, -1):
        point = history["sizes"][place]
        figures = rows.nth(place + 1 if place == 0 else len(history["sizes"])).get_by_role("cell")
        expect(figures).to_have_text([str(point[name]) for name in ("size", "entered", "left")])

    page.get_by_role("tab", name="Entered and left").click()
    moves = page.get_by_role("table", name="Entered and left").get_by_role("row")
    for at, move in enumerate(history["transitions"][:5], start=1):
        expect(moves.nth(at)).to_contain_text("Entered" if move["entered"] else "Left")
        expect(moves.nth(at)).to_contain_text(move["name"])
    entered = sum(each["entered"] for each in history["transitions"])
    expect(moves.get_by_text("Entered", exact=True)).to_have_count(entered)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("main")).to_contain_text("Revision 2")
    expect(page.locator("del, ins")).to_have_text([re.compile("letter"), re.compile("podcast")])


def test_renamed_described_and_copied(page: Page, shop: Shop) -> None:
    made = shop.as_alice("POST", "/segments", {"name": "Poles", "where": 'country is "Poland"'})
    open_segment(page, shop, made)
    page.get_by_role("button", name="Edit name: Poles").click()
    page.get_by_role("textbox", name="Name of the segment").fill("The Poles")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Edit name: The Poles")).to_be_focused()
    page.get_by_role("button", name="Add a description").click()
    page.get_by_role("textbox", name="Description").fill("From Łódź and elsewhere.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Edit description: From Łódź and elsewhere.")).to_be_focused()
    found = shop.segment("The Poles")
    assert (found["id"], found["description"]) == (made["id"], "From Łódź and elsewhere.")
    page.get_by_role("button", name="Actions for The Poles").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(toast(page, "Copied as")).to_be_visible()
    page.wait_for_url(lambda url: made["id"] not in url)
    copy = shop.api("GET", f"/segments/{page.url.rsplit('/', 1)[-1].split('?')[0]}")
    assert (copy["sentence"], copy["size"]) == (found["sentence"], found["size"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(copy["name"])


def test_a_static_one_from_another(page: Page, shop: Shop) -> None:
    """It begins with the people of another segment, and keeps them when that one loses them."""
    source = shop.as_alice("POST", "/segments", {"name": "Indians", "where": 'country is "India" or plan is "pro"'})
    page.goto(shop.page("segments"))
    page.get_by_role("button", name="New segment").click()
    page.get_by_role("menuitem", name="Static").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Indians of this day")
    dialog.get_by_role("combobox", name="Begin with the people of a segment").click()
    page.get_by_role("option", name=re.compile("^Indians")).click()
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Indians of this day")
    made = shop.segment("Indians of this day")
    assert (made["kind"], made["size"]) == ("static", source["size"])
    shop.as_alice("PATCH", f"/segments/{source['id']}", {"where": 'country is "India"'})
    assert shop.segment("Indians")["size"] < source["size"] == shop.segment("Indians of this day")["size"]
