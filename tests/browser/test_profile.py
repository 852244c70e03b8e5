"""One person: beside the list and as a page; changed in place, put into segments, explained."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.shop import PANEL, Shop
from tests.browser.steps import expect_told, held_back, open_panel, row, rows, show_people, toast


def own_person(shop: Shop, name: str, **traits: object) -> int:
    """A person of the test's own, whom it may change: their number."""
    user = name.lower().replace(" ", "-")
    shop.send([{"type": "identify", "userId": user, "traits": {"name": name} | traits}])
    return shop.number(f'user_id is "{user}"')


def field(panel: Locator, label: str) -> Locator:
    """The row of a field."""
    return panel.locator("dl > div").filter(has=panel.page.locator("dt").get_by_text(label, exact=True))


def test_it_works(page: Page, shop: Shop) -> None:
    """The panel from the list: next, previous, and the focus goes back to where it was."""
    show_people(page, shop, '?where=city+is+"Köln"&sort=name')
    names = [each.strip() for each in rows(page).get_by_role("link").all_inner_texts()]
    open_panel(page, names[1])
    expect(page).to_have_url(re.compile("person="))
    page.keyboard.press("j")
    panel = page.get_by_role("complementary", name=names[2])
    expect(panel.get_by_role("heading", name=names[2])).to_be_visible()
    expect(field(panel, "City")).to_contain_text("Köln")
    panel.get_by_role("button", name="Previous person").click()
    panel = page.get_by_role("complementary", name=names[1])
    expect(panel.get_by_role("heading", name=names[1])).to_be_visible()
    panel.get_by_role("button", name="Previous person").click()
    panel = page.get_by_role("complementary", name=names[0])
    expect(panel.get_by_role("button", name="Previous person")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("j")
    expect(page.get_by_role("complementary", name=names[1])).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_have_count(0)
    expect(row(page, names[1]).get_by_role("link")).to_be_focused()


def test_how_often_someone_comes(page: Page, shop: Shop) -> None:
    """Sessions of the last 90 days and the last chat; what is not known is said to be so."""
    often, never = own_person(shop, "Hilde Often"), own_person(shop, "Nick Never")
    ago = [(shop.now - timedelta(days=day)).isoformat() for day in (1, 8, 40, 200)]
    calls = [{"type": "track", "event": "asked", "userId": "hilde-often", "timestamp": at} for at in ago]
    shop.send(calls)
    page.goto(shop.page(f"people/{often}"))
    contact = page.get_by_role("region", name="Contact")
    # One of them is that of the call by which she came.
    expect(field(contact, "How often")).to_contain_text(re.compile("[34] sessions in the last 90 days"))
    expect(field(contact, "Last chat")).to_contain_text("No chat is known")
    page.goto(shop.page(f"people/{never}"))
    expect(field(contact, "How often")).to_contain_text(re.compile("[01] sessions? in the last 90 days"))


def test_a_value_is_changed_in_place(page: Page, shop: Shop, watch: Watch) -> None:
    """Double click, Enter saves, Undo takes back, Escape leaves; a wrong value says why."""
    number = own_person(shop, "Edith Place", plan="free", loyalty_points=120, city="Oslo")
    page.goto(shop.page(f"people/{number}"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Edith Place")
    plan = field(page.get_by_role("main"), "Plan")
    plan.get_by_text("free").dblclick()
    plan.get_by_label("Plan").fill("pro")
    plan.get_by_label("Plan").press("Enter")
    expect(toast(page, "Plan is saved.")).to_be_visible()
    expect(plan).to_contain_text("pro")
    assert shop.api("GET", f"/people/{number}")["data"]["plan"] == "pro"
    assert shop.count('user_id is "edith-place" and plan is "pro"') == 1
    toast(page, "Plan is saved.").get_by_role("button", name="Undo").click()
    expect(plan).to_contain_text("free")
    assert shop.api("GET", f"/people/{number}")["data"]["plan"] == "free"

    points = field(page.get_by_role("main"), "Loyalty points")
    points.get_by_role("button", name="Change Loyalty points").click()
    points.get_by_label("Loyalty points").fill("many")
    watch.expect(400, f"/api/v1/workspaces/acme/people/{number}")
    points.get_by_label("Loyalty points").press("Enter")
    expect(points).to_contain_text("expected a number")
    expect(points.get_by_label("Loyalty points")).to_have_attribute("aria-invalid", "true")
    points.get_by_label("Loyalty points").press("Escape")
    expect(points).to_contain_text("120")
    expect(points.get_by_role("button", name="Change Loyalty points")).to_be_focused()
    assert shop.api("GET", f"/people/{number}")["data"]["loyalty_points"] == 120


def test_what_is_being_typed_stays_when_the_screen_is_turned(page: Page, shop: Shop) -> None:
    """From three columns to two, and to a phone, where fields are a tab; Escape forgets it for good."""
    number = own_person(shop, "Tove Turned", plan="free", city="Oslo")
    page.goto(shop.page(f"people/{number}"))
    plan = field(page.get_by_role("main"), "Plan")
    plan.get_by_role("button", name="Change Plan").click()
    plan.get_by_label("Plan").fill("pro")
    for width in (1100, 844, 390, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        details = page.get_by_role("tab", name="Details")
        expect(details).to_have_count(1 if width < 992 else 0)
        expect(plan.get_by_label("Plan")).to_have_value("pro")
        expect(plan.get_by_label("Plan")).to_be_focused()
    plan.get_by_label("Plan").press("Escape")
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.get_by_role("tab", name="Details")).to_be_visible()
    expect(plan).to_contain_text("free")
    expect(plan.get_by_role("textbox")).to_have_count(0)


def test_name_and_address_are_changed_at_the_top(open_page: OpenPage, shop: Shop) -> None:
    """On the page they stand once: at the top, or on a phone among the fields; all of it is in sight at once."""
    number = own_person(shop, "Hedda Top", email="hedda@top.example", plan="plus")
    page = open_page(f"people/{number}")
    main = page.get_by_role("main")
    head = page.get_by_role("heading", level=1, name="Hedda Top")
    expect(field(main, "Plan")).to_contain_text("plus")
    expect(field(main, "Name")).to_have_count(0)
    for part in ("About", "Tags", "Identities"):
        expect(main.get_by_role("region", name=part)).to_be_in_viewport()
    expect(main.get_by_role("tab", name="Timeline")).to_be_in_viewport()
    head.hover()
    head.get_by_role("button", name="Change Name").click()
    main.get_by_role("textbox", name="Name").fill("Hedda Above")
    page.keyboard.press("Enter")
    expect(toast(page, "Name is saved.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hedda Above")
    main.get_by_role("button", name="Clear Email").click()
    expect(toast(page, "Email is cleared.")).to_be_visible()
    assert "email" not in shop.api("GET", f"/people/{number}")["data"]
    page.set_viewport_size({"width": 390, "height": 844})
    expect(field(main, "Name")).to_contain_text("Hedda Above")


def test_where_a_value_came_from(page: Page, shop: Shop) -> None:
    number = own_person(shop, "Orla Source", city="Cork")
    shop.api("PATCH", f"/people/{number}", {"set": {"plan": "plus"}})
    page.goto(shop.page(f"people/{number}"))
    main = page.get_by_role("main")
    expect_told(page, field(main, "City").get_by_text("Cork"), "Sent by tracking")
    expect_told(page, field(main, "Plan").get_by_text("plus"), "first secret key")


def test_refused_values_are_shown(page: Page, shop: Shop) -> None:
    number = shop.number('user_id is "customer-8"')
    page.goto(shop.page(f"people/{number}"))
    expect(field(page.get_by_role("main"), "Loyalty points")).to_contain_text("Not taken: plenty")


def test_tags_and_notes(page: Page, shop: Shop) -> None:
    number = own_person(shop, "Tara Gray")
    page.goto(shop.page(f"people/{number}"))
    page.get_by_role("button", name="Add a tag").click()
    page.get_by_role("combobox", name="New tag").fill("first pressings")
    page.get_by_role("combobox", name="New tag").press("Enter")
    expect(toast(page, "first pressings")).to_be_visible()
    assert shop.api("GET", f"/people/{number}")["tags"] == ["first pressings"]
    page.get_by_role("button", name="Remove the tag first pressings").click()
    expect(page.get_by_role("button", name="Remove the tag first pressings")).to_have_count(0)
    assert shop.api("GET", f"/people/{number}")["tags"] == []
    toast(page, "removed").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Remove the tag first pressings")).to_be_visible()

    page.get_by_role("tab", name="Notes").click()
    page.get_by_role("textbox", name="Write a note").fill("Asked for the mono version.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("listitem").get_by_text("Asked for the mono version.")).to_be_visible()
    notes = shop.api("GET", f"/people/{number}/notes")["items"]
    assert [each["text"] for each in notes] == ["Asked for the mono version."]


def test_static_segments_from_the_profile(page: Page, shop: Shop) -> None:
    """Added and removed with x, each with an undo; the size follows."""
    number = own_person(shop, "Stella Fixed")
    before = shop.segment(PANEL)["size"]
    show_people(page, shop, "?q=Stella+Fixed")
    panel = open_panel(page, "Stella Fixed")
    panel.get_by_role("tab", name="Segments").click()
    panel.get_by_role("button", name="Add to a static segment").click()
    panel.get_by_role("combobox", name="Add to a static segment").click()
    page.get_by_role("option", name=re.compile(PANEL)).click()
    expect(toast(page, f"Added to “{PANEL}”.")).to_be_visible()
    expect(panel.get_by_role("link", name=PANEL)).to_be_visible()
    expect(panel).to_contain_text("by hand, alice@example.org")
    assert shop.segment(PANEL)["size"] == before + 1
    panel.get_by_role("button", name=f"Remove from {PANEL}").click()
    expect(panel.get_by_role("link", name=PANEL)).to_have_count(0)
    assert shop.segment(PANEL)["size"] == before
    left = shop.api("GET", f"/segments/{shop.segment(PANEL)['id']}/people?limit=100")["items"]
    assert number not in [each["number"] for each in left]


def test_why_and_why_not(page: Page, shop: Shop) -> None:
    """Each condition with the value or the events that decided."""
    number = own_person(shop, "Wanda Why", country="Italy", plan="plus")
    shop.send([{"type": "track", "userId": "wanda-why", "event": "purchase", "properties": {"amount": 20}}] * 2)
    page.goto(shop.page(f"people/{number}?tab=segments"))
    main = page.get_by_role("main")
    main.get_by_role("button", name="Why in Paying plans?").click()
    expect(main).to_contain_text("This person meets it.")
    expect(main).to_contain_text("Value: plus")
    main.get_by_role("combobox", name="Segment").click()
    page.get_by_role("option", name=re.compile("^Several purchases")).click()
    expect(main).to_contain_text("This person does not meet it.")
    expect(main).to_contain_text("2 events count")
    expect(main).to_contain_text("Value: 40")
    expect(main.get_by_role("img", name="Not met")).to_have_count(3)
    main.get_by_text("Sentence", exact=True).click()
    main.get_by_role("textbox", name="Sentence").fill('country is "Italy" and email is known')
    main.get_by_role("button", name="Explain").click()
    expect(main).to_contain_text("This person does not meet it.")
    reasons = main.get_by_role("listitem").filter(has=page.locator("code"))
    expect(reasons.filter(has_text='country is "Italy"').get_by_role("img", name="Met", exact=True)).to_be_visible()
    expect(reasons.filter(has_text="email is known")).to_contain_text("No value")


def test_the_timeline_follows(page: Page, shop: Shop) -> None:
    """An event appears while one looks on."""
    number = own_person(shop, "Livia Line")
    show_people(page, shop, f"?person={number}&q=Livia")
    panel = page.get_by_role("complementary", name="Livia Line")
    panel.get_by_role("tab", name="Timeline").click()
    expect(panel).to_contain_text("No events")
    properties = {"amount": 31.5, "title": "Kind of Blue"}
    shop.send([{"type": "track", "userId": "livia-line", "event": "replayed", "properties": properties}])
    panel.get_by_role("button", name=re.compile("^replayed")).click()
    expect(panel).to_contain_text("Kind of Blue")
    expect(panel).to_contain_text("31.5")


def test_what_changed_in_the_last_session(page: Page, shop: Shop) -> None:
    """What they did counted by name, and the values that were written meanwhile; not what was before."""
    number = own_person(shop, "Lena Last", city="Faro")
    page.goto(shop.page(f"people/{number}?tab=timeline"))
    main = page.get_by_role("main")
    expect(main).to_contain_text("No events")
    visit = {"type": "track", "userId": "lena-last", "event": "visited"}
    bought = {"type": "track", "userId": "lena-last", "event": "purchase", "properties": {"amount": 12}}
    moved = {"type": "identify", "userId": "lena-last", "traits": {"city": "Porto", "seats": 3}}
    shop.send([visit, visit, bought, moved])
    block = main.locator("section").filter(has=page.get_by_role("heading", name="Last session"))
    expect(block).to_contain_text("visited × 2")
    changes = block.get_by_role("listitem")
    expect(changes.filter(has_text="City")).to_have_text(re.compile("City.*Porto"))
    expect(changes.filter(has_text="seats")).to_have_text(re.compile("seats.*3"))
    expect(block).not_to_contain_text("Faro")
    # Her name was written before she did anything.
    expect(changes.filter(has_text="Lena")).to_have_count(0)
    session = shop.api("GET", f"/people/{number}/last-session")["session"]
    assert {(each["field"], each["value"]) for each in session["changes"]} >= {("city", "Porto"), ("seats", 3)}
    expect(changes).to_have_count(len(session["changes"]))


def test_a_profile_on_its_way(page: Page, shop: Shop) -> None:
    """Bars stand in place of a person until the answer comes."""
    number = own_person(shop, "Wanda Wait")
    with held_back(page, re.compile(rf"/api/v1/workspaces/acme/people/{number}(\?|$)")):
        page.goto(shop.page(f"people/{number}"))
        bars = page.get_by_role("main").locator(".mantine-Skeleton-root")
        expect(bars.first).to_be_visible()
        expect(page.get_by_role("heading", name="Wanda Wait")).to_have_count(0)
    expect(page.get_by_role("heading", name="Wanda Wait")).to_be_visible()
    expect(bars).to_have_count(0)


@pytest.mark.no_second_try
def test_a_person_is_deleted(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    number = own_person(shop, "Dora Gone")
    # The page follows the person and may ask for her once more before the list is there.
    watch.expect(404, f"/api/v1/workspaces/acme/people/{number}")
    before = shop.count("")
    page = open_page(f"people/{number}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete person").click()
    page.get_by_role("dialog", name="Delete Dora Gone?").get_by_role("button", name="Delete person").click()
    expect(toast(page, "Dora Gone is deleted.")).to_be_visible()
    expect(page).to_have_url(re.compile("/people(\\?|$)"))
    assert shop.count("") == before - 1


def test_notes_are_changed_and_taken_away(page: Page, shop: Shop) -> None:
    """Edited, pinned, deleted, and brought back by Undo."""
    number = own_person(shop, "Nora Tate")
    for text in ("Likes mono.", "Prefers letters."):
        shop.as_alice("POST", f"/people/{number}/notes", {"text": text, "pinned": False})
    page.goto(shop.page(f"people/{number}?tab=notes"))
    notes = page.get_by_role("main").get_by_role("listitem")
    expect(notes).to_contain_text(["Prefers letters.", "Likes mono."])
    notes.nth(1).get_by_role("button", name="Edit note").click()
    page.get_by_role("textbox", name="Edit note").fill("Likes mono, and says so.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(notes.nth(1)).to_contain_text("Likes mono, and says so.")
    expect(notes.nth(1)).to_contain_text("edited")
    notes.nth(1).get_by_role("button", name="Pin note").click()
    expect(notes).to_contain_text(["Likes mono, and says so.", "Prefers letters."])
    notes.nth(1).get_by_role("button", name="Delete note").click()
    expect(notes).to_have_count(1)
    kept = shop.api("GET", f"/people/{number}/notes")["items"]
    assert [(each["text"], each["pinned"]) for each in kept] == [("Likes mono, and says so.", True)]
    toast(page, "The note is deleted.").get_by_role("button", name="Undo").click()
    expect(notes).to_have_count(2)
    assert len(shop.api("GET", f"/people/{number}/notes")["items"]) == 2


def test_the_time_where_they_are(page: Page, shop: Shop) -> None:
    """By the person's own zone, whatever that of the workspace and of the browser."""
    number = own_person(shop, "Toki Sora", timezone="Asia/Tokyo")
    page.goto(shop.page(f"people/{number}"))
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    around = [f"{now + timedelta(minutes=each):%b %-d, %Y, %-I:%M %p}" for each in (-1, 0, 1)]
    expect(field(page.get_by_role("main"), "Local time")).to_contain_text(re.compile("|".join(around)))
