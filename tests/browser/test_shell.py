"""What is around every page: palette, shortcuts, appearance, language, menu, and pages that are not there."""

from __future__ import annotations

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.looking import TOO_WIDE
from tests.browser.screens import settle
from tests.browser.shop import EMPTY, EMPTY_NAME, NAME, PLANNED, REJECTED, Shop
from tests.browser.steps import expect_total, show_people


def expect_scheme(page: Page, scheme: str) -> None:
    """The page is drawn light or dark: its words stand out from what is behind them, that way round."""
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
    page.wait_for_function(
        """(dark) => {
            const style = getComputedStyle(document.body);
            const light = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
            return (light(style.color) > 500 && light(style.backgroundColor) < 120) === dark
                && (light(style.color) < 250 && light(style.backgroundColor) > 600) === !dark;
        }""",
        arg=scheme == "dark",
    )


def test_it_works(page: Page, shop: Shop) -> None:
    """The palette finds people, segments, fields and pages; what is typed before its field is there is not lost."""
    show_people(page, shop)
    person = shop.people[41]
    page.keyboard.press("Control+k")
    page.keyboard.type(person["name"])
    field = page.get_by_role("combobox", name="Search or jump to")
    expect(field).to_be_focused()
    expect(field).to_have_value(person["name"])
    expect(page.get_by_role("option").first).to_contain_text(person["name"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(person["name"])

    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("vip or")
    expect(page.get_by_role("option").first).to_contain_text("VIP or beta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("VIP or beta")

    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("birthday")
    page.get_by_role("option", name=re.compile("Birthday")).click()
    expect_total(page, shop.count("birthday is known"))

    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("audit")
    page.get_by_role("option", name=re.compile("^Audit log")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)


def test_shortcuts_and_their_help(page: Page, shop: Shop) -> None:
    show_people(page, shop)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_).to_contain_text("Search for a person")
    expect(help_).to_contain_text("Go to Segments")
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Segments")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    # No shortcut while someone writes.
    page.get_by_role("searchbox").click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("?gs")
    expect(page.get_by_role("searchbox")).to_have_value("?gs")
    expect(help_).to_have_count(0)


def test_dark_light_and_as_the_system(page: Page, shop: Shop) -> None:
    page.goto(shop.page("segments"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Segments")
    expect_scheme(page, "light")
    choose_appearance(page, shop, "Dark")
    expect_scheme(page, "dark")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Segments")
    expect_scheme(page, "dark")
    choose_appearance(page, shop, "As the system")
    expect_scheme(page, "light")
    page.emulate_media(color_scheme="dark")
    expect_scheme(page, "dark")


def choose_appearance(page: Page, shop: Shop, name: str) -> None:
    """Choose in the menu of one's own."""
    page.get_by_role("button", name=shop.email).click()
    page.get_by_role("menuitem", name="Appearance").hover()
    page.get_by_role("menuitemradio", name=name).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem", name="Log out")).to_have_count(0)


def test_german(open_page: OpenPage, shop: Shop) -> None:
    """By choice, which goes before the workspace's language, and by another one in the menu; it stays."""
    page = open_page("segments", language="de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Segmente")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(shop.page("people"))
    total = f"{shop.count(''):,}".replace(",", ".")
    expect(page.locator("header h1 + span")).to_have_text(total)
    page.get_by_role("button", name=shop.email).click()
    page.get_by_role("menuitem", name="Sprache").hover()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    expect(page.locator("html")).to_have_attribute("lang", "en")


GERMAN_PAGES: Final = {
    "people": ("Personen", "Alle Personen", "Spalten", "Zuletzt gesehen"),
    "people?tab=charts": ("Wachstum", "Aufteilung", "Länder"),
    "segments": ("Segmente", "Dynamisch", "Fest"),
    "imports": ("Import",),
    "duplicates": ("Dubletten",),
    "privacy": ("Datenschutz",),
    "settings": ("Zeitzone", "Sprache"),
    "settings/fields": ("Felder", "Feld anlegen"),
    "settings/team": ("Mitglied",),
    "settings/audit": ("Protokoll",),
}
# Words of the English app that no German page has.
ENGLISH: Final = re.compile(
    r"\b(the|with|and|of|are|this|not|uses|expected|needs|Save|Cancel|Delete|Search|Loading|Settings|Members)\b"
)
# What people have written themselves is in their own language; why it was not taken is in the reader's.
WRITTEN: Final = """() => {
    const texts = document.createTreeWalker(document.getElementById("main"), NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode())
        if (texts.currentNode.parentElement.closest("[data-reason]")
            || !texts.currentNode.parentElement.closest("td, code, pre, dd, [role=cell]"))
            found.push(texts.currentNode.data);
    return found.join(" ");
}"""


def pages_with_reasons(shop: Shop) -> dict[str, tuple[str, ...]]:
    """Pages that say why something was not taken, with German words of the reason."""
    shop.make_broken()
    # Nobody can be told from it: it is set aside.
    shop.send([{"type": "track", "event": "Went by"}])
    person = shop.number(f'user_id is "customer-{min(REJECTED) + 1}"')
    return {
        f"imports/{shop.imports[PLANNED]}?step=rehearsal": ("das ist keine E-Mail-Adresse",),
        f"people/{person}": ("erwartet wird eine Zahl",),
        "settings/quality": ("dem Ereignis fehlt die ID",),
        f"segments/{shop.broken}": (
            "Es benutzt ein Segment, das gelöscht wurde.",
            'in segment "Spring sale (gelöscht)"',
        ),
    }


@pytest.mark.parametrize("width", [1440, 390])
def test_german_pages(open_page: OpenPage, shop: Shop, width: int) -> None:
    """Not only their headings: no English word is left, and longer words still fit."""
    page = open_page(language="de", width=width, height=844)
    for path, words in (GERMAN_PAGES | pages_with_reasons(shop)).items():
        page.goto(shop.page(path))
        settle(page)
        for word in words:
            expect(page.get_by_role("main")).to_contain_text(word)
        left = ENGLISH.findall(page.evaluate(WRITTEN))
        assert not left, f"{path}: {left}"
        assert page.evaluate(TOO_WIDE) == [], path


@pytest.mark.no_second_try
def test_another_workspace(page: Page, shop: Shop) -> None:
    """The switcher leads to the people of the other one, and back."""
    shop.make_empty()
    show_people(page, shop)
    page.get_by_role("button", name=re.compile("Switch workspace")).click()
    page.get_by_role("menuitem", name=EMPTY_NAME).click()
    page.wait_for_url(f"**/w/{EMPTY}/people*")
    expect(page.get_by_role("heading", name="Nobody yet")).to_be_visible()
    expect_total(page, 0)
    for name in ("New person", "Import a file", "Get a write key"):
        expect(page.get_by_role("main").locator("div").get_by_text(name, exact=True).last).to_be_visible()
    page.get_by_role("link", name="Get a write key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("API keys")
    page.get_by_role("button", name=re.compile("Switch workspace")).click()
    expect(page.get_by_role("menuitem", name=EMPTY_NAME)).to_have_attribute("aria-current", "true")
    page.get_by_role("menuitem", name=NAME).click()
    page.wait_for_url(f"**/w/{shop.slug}/people*")
    expect_total(page, shop.count(""))


def test_what_is_not_there(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    page = open_page()
    page.goto(shop.page("nowhere"))
    expect(page.get_by_text("There is nothing here")).to_be_visible()
    for address in ("people/99999999", "stream", "segments/seg_unknown"):
        watch.expect(404, f"/api/v1/workspaces/acme/{address}")
    page.goto(shop.page("people/99999999"))
    expect(page.get_by_role("alert")).to_contain_text("There is no person 99999999.")
    page.goto(shop.page("segments/seg_unknown"))
    expect(page.get_by_role("alert")).to_contain_text("There is no")
    page.goto("/w/another/people")
    expect(page.get_by_text("There is nothing here")).to_be_visible()
    page.get_by_role("link", name="Go to the start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_the_server_goes_and_comes_back(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """Without an answer the page keeps what it shows, says so, and goes on when the server is there again."""
    page = open_page("segments", another=True)
    expect(page.get_by_role("link", name="Bought once", exact=True)).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="Add Bought once to favourites").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    expect(page.get_by_role("button", name="Add Bought once to favourites")).to_be_visible()
    page.context.set_offline(False)
    watch.complaints[:] = [each for each in watch.complaints if "net::ERR_INTERNET_DISCONNECTED" not in each]
    page.get_by_role("button", name="Add Bought once to favourites").click()
    expect(page.get_by_role("button", name="Remove Bought once from favourites")).to_be_visible()
    page.get_by_role("button", name="Remove Bought once from favourites").click()
    expect(page.get_by_role("button", name="Add Bought once to favourites")).to_be_visible()
