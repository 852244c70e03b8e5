"""Two people who are one: suggested, compared, told apart, merged, and parted again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.shop import Shop
from tests.browser.steps import expect_told, toast

TABLE = "Where the two differ"


class People:
    """People of the test's own, who go when it ends."""

    def __init__(self, shop: Shop, watch: Watch) -> None:
        self.shop, self.watch = shop, watch
        self.numbers: list[int] = []

    def make(self, name: str, *, tags: tuple[str, ...] = (), **values: Any) -> int:
        """A person; an email or phone may be somebody's."""
        body = {"set": {"name": name} | values, "tags": list(tags), "shared": True}
        self.numbers.append(int(self.shop.api("POST", "/people", body)["number"]))
        return self.numbers[-1]

    def remove(self) -> None:
        """Take them away, and those who they became with them."""
        for number in self.numbers:
            # A page that is still open may ask for them once more.
            self.watch.expect(404, f"/api/v1/workspaces/acme/people/{number}")
            self.shop.server.api("DELETE", f"/people/{number}")


@pytest.fixture
def people(shop: Shop, watch: Watch) -> Iterator[People]:
    made = People(shop, watch)
    yield made
    made.remove()


def data(shop: Shop, number: int) -> dict[str, Any]:
    return dict(shop.api("GET", f"/people/{number}")["data"])


def compared(page: Page, field: str) -> Locator:
    """The row of a field in the comparison."""
    rows = page.get_by_role("dialog").get_by_role("table", name=TABLE).get_by_role("row")
    return rows.filter(has=page.get_by_role("rowheader", name=re.compile(f"^{field}")))


def pair(page: Page, name: str) -> Locator:
    """The row of a suggestion in which someone is."""
    rows = page.get_by_role("table", name="Duplicates").get_by_role("row")
    return rows.filter(has=page.get_by_role("link", name=name, exact=True))


def test_it_works(page: Page, shop: Shop, people: People) -> None:
    """From a profile: compared field by field, merged with choices by mouse and by keys, and undone."""
    first = people.make("Mila Kestrel", email="mila@merge.example", city="Reykholt", tags=("birds",))
    second = people.make("Milla Kestrel", email="mila@merge.example", city="Husavik", username="milla", tags=("sea",))
    page.goto(shop.page(f"people/{second}"))
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Merge with someone").click()
    dialog = page.get_by_role("dialog", name="Merge two people")
    expect(dialog).to_contain_text("A merge can be undone at any time.")
    expect(dialog.get_by_role("button", name="Merge", exact=True)).to_be_disabled()
    dialog.get_by_role("combobox", name="Merge with").fill("Mila Kestrel")
    page.get_by_role("option", name=re.compile("^Mila Kestrel")).click()

    # Who came first survives; where they differ, the newer value would stay.
    heads = dialog.get_by_role("columnheader")
    expect(heads.nth(1)).to_have_text(re.compile(f"Mila Kestrel #{first}\\s*Stays"))
    expect(heads.nth(2)).to_have_text(re.compile(f"Milla Kestrel #{second}\\s*Becomes part of #{first}"))
    expect(compared(page, "City").get_by_role("radio", name=re.compile("Husavik"))).to_be_checked()
    expect(compared(page, "Username").get_by_role("radio", name=re.compile("No value"))).not_to_be_checked()
    expect(compared(page, "Tags").get_by_role("radio", name="Tags Both")).to_be_checked()
    expect(compared(page, "Created").get_by_role("radio")).to_have_count(0)
    expect(compared(page, "Email")).to_have_count(0)
    dialog.get_by_role("button", name=re.compile("equal field")).click()
    expect(compared(page, "Email")).to_contain_text("mila@merge.example")
    expect(compared(page, "Identities").get_by_role("cell").nth(0)).to_contain_text("Email")

    expect_told(page, compared(page, "City").get_by_text("Reykholt"), "Set by the API")
    compared(page, "City").get_by_text("Reykholt").click()
    name = compared(page, "Name").get_by_role("radio", name=re.compile(f"#{second}"))
    expect(name).to_be_checked()
    name.press("ArrowLeft")
    expect(compared(page, "Name").get_by_role("radio", name=re.compile(f"#{first}"))).to_be_checked()
    with page.expect_request(re.compile("/merge$")) as request:
        dialog.get_by_role("button", name="Merge", exact=True).click()
    assert request.value.post_data_json == {"other": first, "choices": {"city": first, "name": first}}

    page.wait_for_url(f"**/people/{first}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mila Kestrel")
    made = data(shop, first)
    assert (made["name"], made["city"], made["username"]) == ("Mila Kestrel", "Reykholt", "milla")
    assert made["tags"] == ["birds", "sea"]
    assert shop.api("GET", f"/people/{second}")["number"] == first
    toast(page, "are one person now").get_by_role("button", name="Undo").click()
    expect(toast(page, f"#{first} and #{second} are two people again.")).to_be_visible()
    assert data(shop, second)["city"] == "Husavik"
    assert data(shop, first)["tags"] == ["birds"]
    assert "username" not in data(shop, first)


def test_looked_for_and_told_apart(page: Page, shop: Shop, people: People) -> None:
    """Nobody is suggested; everyone is looked through; not the same, and back again."""
    numbers = [people.make(name, country="Iceland") for name in ("Runa Tjaldur", "Tjaldur Runa")]
    shop.server.wait_projected()
    page.goto(shop.page(f"duplicates?person={numbers[0]}"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Duplicates")
    expect(page.get_by_role("heading", name="Nobody is suggested")).to_be_visible()
    page.get_by_role("button", name="Look through everyone").click()
    expect(page.get_by_text("Everyone was looked through:")).to_be_visible()
    row = pair(page, "Runa Tjaldur")
    expect(row).to_contain_text("name and the same country")
    expect(row).to_contain_text("% sure")
    expect(row.get_by_role("link", name="Tjaldur Runa")).to_have_attribute("href", f"/w/acme/people/{numbers[1]}")

    apart = "Runa Tjaldur and Tjaldur Runa are not suggested any more."
    row.get_by_role("button", name="Not the same: Runa Tjaldur and Tjaldur Runa").click()
    expect(toast(page, apart)).to_be_visible()
    expect(row).to_have_count(0)
    toast(page, apart).get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    expect(toast(page, "are suggested again")).to_be_visible()
    expect(toast(page, apart)).to_have_count(0)
    row.get_by_role("button", name="Not the same: Runa Tjaldur and Tjaldur Runa").click()
    expect(row).to_have_count(0)

    page.get_by_text("Not the same", exact=True).click()
    page.wait_for_url("**show=dismissed**")
    row.get_by_role("button", name="Reopen: Runa Tjaldur and Tjaldur Runa").click()
    expect(page.get_by_role("heading", name="Nobody was told apart")).to_be_visible()
    page.get_by_text("May be the same", exact=True).click()
    expect(row).to_be_visible()
    page.get_by_role("button", name=f"Only about person {numbers[0]}").click()
    page.wait_for_url("**/duplicates")


def test_merged_from_a_suggestion(page: Page, shop: Shop, people: People) -> None:
    """An address that two share is noticed at once; whoever goes through the list stays in it."""
    first = people.make("Svala Lund", phone="+354 581 2345", email="svala@merge.example")
    second = people.make("S. Lund", phone="+354 581 2345")
    page.goto(shop.page("duplicates"))
    row = pair(page, "Svala Lund")
    expect(row).to_contain_text("same phone")
    expect(row).to_contain_text("100 % sure")
    expect(row.get_by_text("+3545812345")).to_have_count(2)
    row.get_by_role("button", name="Compare and merge: Svala Lund and S. Lund").click()
    dialog = page.get_by_role("dialog", name="Merge two people")
    expect(dialog.get_by_role("combobox")).to_have_count(0)
    expect(compared(page, "Name").get_by_role("radio", name=re.compile("S. Lund"))).to_be_checked()
    with page.expect_request(re.compile("/merge$")) as request:
        dialog.get_by_role("button", name="Merge", exact=True).click()
    assert request.value.post_data_json == {"other": second, "choices": {}}
    expect(toast(page, f"S. Lund and Svala Lund are one person now: #{first}.")).to_be_visible()
    expect(row).to_have_count(0)
    expect(page).to_have_url(re.compile("/duplicates$"))
    assert data(shop, first)["name"] == "S. Lund"

    page.get_by_text("Merges", exact=True).click()
    journal = page.get_by_role("table", name="Merges").get_by_role("row")
    expect(journal.nth(1)).to_contain_text(f"S. Lund #{second} into Svala Lund #{first}")
    expect(journal.nth(1)).to_contain_text("alice@example.org")


def test_the_focus_goes_on_to_the_next_row(page: Page, shop: Shop, people: People) -> None:
    """Three who share an email: told apart and merged by keys alone."""
    first = people.make("Alka Ness", email="alka@merge.example")
    people.make("A. Ness", email="alka@merge.example")
    people.make("Alka N.", email="alka@merge.example")
    page.goto(shop.page(f"duplicates?person={first}"))
    expect(pair(page, "Alka Ness")).to_have_count(2)
    page.get_by_role("button", name="Not the same: Alka Ness and A. Ness").press("Enter")
    expect(pair(page, "A. Ness")).to_have_count(0)
    expect(pair(page, "Alka N.").get_by_role("link", name="Alka Ness")).to_be_focused()
    page.get_by_role("button", name="Compare and merge: Alka Ness and Alka N.").press("Enter")
    merge = page.get_by_role("dialog").get_by_role("button", name="Merge", exact=True)
    # Until the two are compared there is nothing to press, and the key would go to the dialog's own button: close.
    expect(merge).to_be_enabled()
    merge.press("Enter")
    expect(page.get_by_role("heading", name="Nobody is suggested")).to_be_visible()


def test_undone_from_the_journal(page: Page, shop: Shop, people: People) -> None:
    """What was changed since the merge is listed, and an address that is somebody else's by now."""
    first = people.make("Hrafn Vik", city="Hofn")
    second = people.make("Hrafn V.", city="Selfoss", email="hrafn@merge.example")
    shop.api("POST", f"/people/{second}/merge", {"other": first})
    shop.api("PATCH", f"/people/{first}", {"set": {"city": "Vogar", "email": "vik@merge.example"}})
    third = people.make("Hrafn the third", email="hrafn@merge.example")
    assert shop.api("GET", f"/people/{third}")["identities"][0]["value"] == "hrafn@merge.example"

    page.goto(shop.page(f"people/{first}"))
    page.get_by_role("link", name=str(second), exact=True).click()
    page.wait_for_url(f"**/duplicates?**person={second}**")
    row = page.get_by_role("table", name="Merges").get_by_role("row").nth(1)
    expect(row).to_contain_text("API key")
    row.get_by_role("button", name="Undo the merge of Hrafn V. into Hrafn Vik").click()
    asked = page.get_by_role("dialog", name="Undo this merge?")
    expect(asked).to_contain_text("What was changed since stays with Hrafn Vik.")
    asked.get_by_role("button", name="Undo the merge").click()

    outcome = page.get_by_role("dialog", name="Undone, but not all could be told apart")
    city = outcome.get_by_role("row").filter(has_text="City")
    expect(city.get_by_role("cell")).to_have_text(["City", "Vogar", "Hofn", "Selfoss"])
    held = outcome.get_by_role("listitem")
    expect(held).to_contain_text("Email hrafn@merge.example")
    expect(held.get_by_role("link")).to_have_attribute("href", f"/w/acme/people/{third}")
    outcome.get_by_role("button", name="Close").last.click()
    expect(row).to_contain_text("Undone")
    expect(row.get_by_role("button")).to_have_count(0)
    assert data(shop, first)["city"] == "Vogar"
    assert data(shop, second)["city"] == "Selfoss"


def test_a_merge_that_can_not_be_undone_says_why(page: Page, shop: Shop, people: People) -> None:
    first, second, third = (people.make(f"Lóa {at}") for at in ("One", "Two", "Three"))
    shop.api("POST", f"/people/{second}/merge", {"other": third})
    shop.api("POST", f"/people/{first}/merge", {"other": second})
    page.goto(shop.page(f"duplicates?show=merges&person={third}"))
    row = page.get_by_role("table", name="Merges").get_by_role("row").nth(1)
    expect(row).to_contain_text(f"Person {second} was merged into person {first} since: undo that first.")
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_profile_says_who_may_be_the_same(page: Page, shop: Shop, people: People) -> None:
    first = people.make("Ugla Brandt", email="ugla@merge.example")
    second = people.make("U. Brandt", email="ugla@merge.example")
    page.goto(shop.page(f"people/{second}"))
    main = page.get_by_role("main")
    expect(main.get_by_text("May be the same as")).to_be_visible()
    expect(main.get_by_role("link", name="Ugla Brandt")).to_have_attribute("href", f"/w/acme/people/{first}")
    main.get_by_role("button", name="Compare with Ugla Brandt").click()
    page.get_by_role("dialog").get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_url(f"**/people/{first}")
    expect(main.get_by_role("link", name=str(second), exact=True)).to_be_visible()
    expect(main.get_by_text("May be the same as")).to_have_count(0)


def test_someone_who_is_gone_meanwhile(page: Page, shop: Shop, people: People, watch: Watch) -> None:
    first = people.make("Kria Holm", email="kria@merge.example")
    second = people.make("K. Holm", email="kria@merge.example")
    watch.expect(404, f"/api/v1/workspaces/acme/people/{first}/merge")
    page.goto(shop.page("duplicates"))
    pair(page, "Kria Holm").get_by_role("button", name=re.compile("^Compare and merge")).click()
    merge = page.get_by_role("dialog").get_by_role("button", name="Merge", exact=True)
    expect(merge).to_be_enabled()
    shop.api("DELETE", f"/people/{second}")
    merge.click()
    expect(
        page.get_by_role("dialog").get_by_role("alert").filter(has_text=f"There is no person {second}.")
    ).to_be_visible()
    expect(merge).to_be_disabled()


@pytest.mark.no_second_try
def test_who_may_only_look(open_page: OpenPage, shop: Shop, people: People) -> None:
    """Without `people:write` there is nothing to press."""
    people.make("Spoi Moe", email="spoi@merge.example")
    people.make("S. Moe", email="spoi@merge.example")
    page = open_page()

    def as_viewer(route: Any) -> None:
        answer = route.fetch()
        session = answer.json()
        for workspace in session["workspaces"]:
            workspace["permissions"] = ["people:read", "jobs:read"]
        route.fulfill(response=answer, json=session)

    page.route("**/api/v1/session", as_viewer)
    page.goto(shop.page("duplicates"))
    row = pair(page, "Spoi Moe")
    expect(row).to_contain_text("same email")
    expect(row.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("button", name="Look through everyone")).to_have_count(0)


def test_in_german_from_the_palette(open_page: OpenPage, shop: Shop, people: People) -> None:
    people.make("Erla Foss", email="erla@merge.example")
    people.make("E. Foss", email="erla@merge.example")
    page = open_page("jobs", language="de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aufträge")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Suchen oder springen").fill("Dublet")
    page.get_by_role("option", name=re.compile("^Dubletten")).click()
    page.wait_for_url("**/duplicates")
    expect(page.get_by_role("navigation", name="Werkzeuge").get_by_role("link", name="Dubletten")).to_have_attribute(
        "aria-current", "page"
    )
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Erla Foss"))
    expect(row).to_contain_text("gleiche E-Mail")
    expect(row).to_contain_text("zu 100 % sicher")
