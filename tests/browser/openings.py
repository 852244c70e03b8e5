"""How what lies over a page is opened: steps of the rows in `screens.py`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page, expect

Step = Callable[[Page], None]
TOTP: Final = "/_allauth/browser/v1/account/authenticators/totp"
LOGIN: Final = "/_allauth/browser/v1/auth/login"
SESSION: Final = "/api/v1/session"


def press(name: str, *, role: str = "button", exact: bool = True) -> Step:
    """Press what has a role and a name."""

    def click(page: Page) -> None:
        page.get_by_role(role, name=name, exact=exact).first.click()

    return click


def then(*steps: Step) -> Step:
    """One step after the other."""

    def all_of_them(page: Page) -> None:
        for step in steps:
            step(page)

    return all_of_them


def dialog(page: Page) -> None:
    """Wait for a dialog."""
    expect(page.get_by_role("dialog").first).to_be_visible()


def menu(page: Page) -> None:
    """Wait for a menu."""
    expect(page.get_by_role("menu").first).to_be_visible()


def key(keys: str) -> Step:
    """Press a key."""
    return lambda page: page.keyboard.press(keys)


def select_some(page: Page) -> None:
    """Select the first three people."""
    boxes = page.get_by_role("table", name="People").locator("[data-index] input[type=checkbox]")
    for at in range(3):
        boxes.nth(at).check()


def describe_someone(page: Page) -> None:
    """Someone of a name that a customer has: the dialog says so."""
    name = page.get_by_role("table", name="People").locator("[data-index]").get_by_role("link").first.text_content()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill(str(name))
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()


def set_up_after_a_while(page: Page) -> None:
    """Begin with a second factor long after the login: the server wants the password again."""
    late = {"status": 401, "data": {"flows": [{"id": "reauthenticate"}]}, "meta": {"is_authenticated": True}}
    page.route(f"**{TOTP}", lambda route: route.fulfill(status=401, json=late))
    press("Set up")(page)
    dialog(page)


def log_in_with_a_second_factor(page: Page) -> None:
    """Come as far as the code: the server's answer to the password is ours, so that nobody needs a second factor."""
    flows = [{"id": "mfa_authenticate", "is_pending": True, "types": ["totp", "recovery_codes"]}]
    asks = {"status": 401, "data": {"flows": flows}, "meta": {"is_authenticated": False}}
    page.route(f"**{LOGIN}", lambda route: route.fulfill(status=401, json=asks))
    page.get_by_label("Email").fill("tom@example.org")
    page.get_by_label("Password", exact=True).fill("tom has a good one too")
    press("Log in")(page)
    expect(page.get_by_label("Code")).to_be_visible()


def break_down(page: Page) -> None:
    """Load the page once more, with a server that fails before there is anything to show."""
    failed = {"code": "internal_error", "message": "Something went wrong on our side.", "details": {}}
    page.route(f"**{SESSION}", lambda route: route.fulfill(status=500, json=failed))
    page.reload()
    expect(page.get_by_role("alert").get_by_role("heading", level=1)).to_be_visible()


def part_with_conflicts(page: Page) -> None:
    """Undo a merge of which not all can be told apart: the server's answer is ours, so that it stays as it is."""
    answer = {
        "survivor": 1,
        "merged": 2,
        "conflicts": [
            {"field": "city", "now": "Porto", "survivor": "Faro", "merged": "Évora"},
            {"field": "tags", "now": ["vip", "fado"], "survivor": ["fado"], "merged": ["vip", "jazz"]},
            {"field": "phone", "now": "+3545810077", "survivor": None, "merged": "+3545810042"},
        ],
        "held": [{"kind": "email", "value": "ines.c@doubles.example", "holder": 58}],
    }
    page.route("**/unmerge", lambda route: route.fulfill(json=answer))
    press("Undo the merge of Inês de Carvalho into Ines Carvalho")(page)
    press("Undo the merge")(page)
    expect(page.get_by_role("dialog", name="Undone, but not all could be told apart")).to_be_visible()


def another_chip(number: int) -> Step:
    """Close the editor that is open, and open that of a numbered condition."""

    def open_it(page: Page) -> None:
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("region", name="Filter").locator("button[aria-haspopup=dialog]").nth(number - 1).click()
        expect(
            page.get_by_role("dialog", name=f"Condition {number}").get_by_role("button", name="Done")
        ).to_be_visible()

    return open_it


def other_bulk_action(name: str) -> Step:
    """Close the dialog about the selected people, and open that of another action."""

    def open_it(page: Page) -> None:
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("region", name="Selected people").get_by_role("button", name=name, exact=True).click()
        dialog(page)

    return open_it


def change_a_value(page: Page) -> None:
    """Begin to change a value where it stands."""
    page.get_by_role("button", name="Change Name").click()
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()


def save_a_value(page: Page) -> None:
    """Save another value: that it is saved is said for a while."""
    field = page.get_by_role("textbox", name="Name")
    field.fill("Reader the First")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Name is saved.").first).to_be_visible()


def ask_why(page: Page) -> None:
    """Ask why someone is not in a segment of several conditions."""
    page.get_by_role("main").get_by_role("combobox", name="Segment").click()
    page.get_by_role("option", name=re.compile("^Several purchases")).click()
    expect(page.get_by_text("This person", exact=False).last).to_be_visible()


def in_storage(page: Page) -> None:
    page.get_by_role("dialog").get_by_text("S3-compatible storage").click()


def weekly(page: Page) -> None:
    """A schedule by the week has most to ask."""
    page.get_by_role("combobox", name="Repeat").click()
    page.get_by_role("option", name="Every week").click()
    expect(page.get_by_role("combobox", name="Deliver to")).to_be_visible()


def see_what_goes(page: Page) -> None:
    """A rule that would remove something, with what it would remove."""
    asked = page.get_by_role("dialog")
    asked.get_by_role("textbox", name="Keep for").fill("30")
    expect(asked.get_by_role("button", name="Set the rule")).to_be_enabled()
