"""The way in and out: password, second factor, a forgotten password."""

from __future__ import annotations

import base64
import hmac
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.shop import Shop
from tests.browser.steps import rows, toast

pytestmark = pytest.mark.no_second_try
MAIL = re.compile(r"https?://\S+/reset/\S+")


def log_in(page: Page, email: str, password: str) -> None:
    """Fill the form and send it."""
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def add_member(owner: Page, email: str) -> None:
    """Make someone a member on the page of the team; without a mail server the mail to them is in the log."""
    owner.get_by_role("button", name="Add member").click()
    dialog = owner.get_by_role("dialog", name="Add member")
    dialog.get_by_label("Email").fill(email)
    dialog.get_by_role("button", name="Add member").click()
    expect(toast(owner, f"{email} is a member now. No mail could be sent: tell them yourself.")).to_be_visible()


def set_password(page: Page, shop: Shop, password: str) -> None:
    """Follow the link of the last mail."""
    page.goto(MAIL.findall(shop.server.log())[-1])
    page.get_by_label("New password").fill(password)
    page.get_by_role("button", name="Set password").click()


def choose_password(page: Page, shop: Shop, email: str, password: str) -> None:
    """Follow the link of the mail that the login page sends. Where no mail host is set, mails go to the log."""
    page.goto("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reset your password")
    page.get_by_label("Email").fill(email)
    before = len(MAIL.findall(shop.server.log()))
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Look into your mail")).to_be_visible()
    shop.server.wait_for(lambda: len(MAIL.findall(shop.server.log())) > before, 60, "to send the mail")
    set_password(page, shop, password)


def test_it_works(open_page: OpenPage, shop: Shop) -> None:
    """In by the form, where one wanted to go; out again, and nothing is left to see."""
    page = open_page("segments", logged_in=False)
    expect(page).to_have_url(re.compile(r"/login\?next="))
    log_in(page, shop.email, shop.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("Segments")
    expect(page).to_have_url(shop.page("segments"))
    page.get_by_role("button", name=shop.email).click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto(shop.page("people"))
    expect(page).to_have_url(re.compile(r"/login\?next="))
    assert page.evaluate("() => fetch('/api/v1/session').then((answer) => answer.status)") == 401


def test_a_wrong_password(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    page = open_page("/login", logged_in=False)
    watch.expect(400, "/_allauth/browser/v1/auth/login")
    log_in(page, shop.email, "not the right one")
    expect(page.get_by_role("alert")).to_have_text("Email and password do not belong together.")
    expect(page.get_by_label("Email")).to_have_value(shop.email)
    log_in(page, shop.email, shop.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_a_forgotten_password(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """The link of the mail sets another one, once."""
    email = "frida@example.org"
    add_member(open_page("settings/team"), email)

    page = open_page("/login", logged_in=False)
    watch.expect(401, "/_allauth/browser/v1/auth/password/reset")
    choose_password(page, shop, email, "frida has a good one")
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    log_in(page, email, "frida has a good one")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    # An agent sees no keys and no audit log.
    page.goto(shop.page("settings"))
    expect(page.get_by_role("navigation", name="Settings")).to_contain_text("My account")
    expect(page.get_by_role("navigation", name="Settings")).not_to_contain_text("API keys")

    watch.expect(400, "/_allauth/browser/v1/auth/password/reset")
    other = open_page(MAIL.findall(shop.server.log())[-1].removeprefix(shop.url), logged_in=False)
    other.get_by_label("New password").fill("somebody else has the mail")
    other.get_by_role("button", name="Set password").click()
    expect(other.get_by_role("main").or_(other.locator("body")).first).to_contain_text("used already or is too old")


def test_a_new_member_is_told_and_chooses_a_password(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """By the link of the mail that tells them, without asking for another."""
    email, password = "nora@example.org", "nora has a good one"
    before = len(MAIL.findall(shop.server.log()))
    add_member(open_page("settings/team"), email)
    shop.server.wait_for(lambda: len(MAIL.findall(shop.server.log())) > before, 60, "to tell the new member")
    page = open_page("/login", logged_in=False)
    watch.expect(401, "/_allauth/browser/v1/auth/password/reset")
    set_password(page, shop, password)
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    log_in(page, email, password)
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_a_member_of_a_german_workspace_reads_german(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """Before they log in it is the browser's language, then the workspace's, and their own once they choose one."""
    email, password = "hanna@example.org", "hanna has a good one"
    shop.by_alice("POST", "/workspaces", {"slug": "laden", "name": "Laden", "language": "de"})
    shop.by_alice("POST", "/workspaces/laden/members", {"email": email, "role": "agent"})
    page = open_page("/login", logged_in=False)
    watch.expect(401, "/_allauth/browser/v1/auth/password/reset")
    choose_password(page, shop, email, password)
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    log_in(page, email, password)
    expect(page.get_by_role("heading", level=1)).to_have_text("Personen")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personen")

    page.get_by_role("button", name=email).click()
    page.get_by_role("menuitem", name="Abmelden").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    log_in(page, email, password)
    page.get_by_role("button", name=email).click()
    page.get_by_role("menuitem", name="Sprache").hover()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_a_hidden_segment_is_nowhere(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """Those from whom it is hidden are named to who hid it; they find it in no list, menu, filter, and by no link."""
    name = f"Layoffs {time.time_ns()}"
    email, password = f"{name.replace(' ', '-').lower()}@example.org", "hal has a good one too"
    owner = open_page("settings/team")
    add_member(owner, email)
    made = shop.api("POST", "/segments", {"name": name, "where": 'plan is "pro"'})
    owner.goto(shop.page(f"segments/{made['id']}"))
    owner.get_by_role("button", name=f"Actions for {name}").click()
    owner.get_by_role("menuitem", name="Hide from …").click()
    dialog = owner.get_by_role("dialog", name=f"Hide “{name}”")
    dialog.get_by_role("checkbox", name="Agent").check()
    dialog.get_by_role("button", name="Save").click()
    expect(owner.get_by_role("main")).to_contain_text("Hidden from Agent")

    page = open_page("/login", logged_in=False)
    watch.expect(401, "/_allauth/browser/v1/auth/password/reset")
    choose_password(page, shop, email, password)
    log_in(page, email, password)
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").fill(name)
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("combobox", name="Search fields, segments, events").fill(name)
    expect(page.get_by_text("Nothing found")).to_be_visible()
    number = shop.number('user_id is "customer-2"')
    page.goto(shop.page(f"people/{number}"))
    page.get_by_role("tab", name="Segments").click()
    page.get_by_role("combobox", name="Segment").fill(name)
    expect(page.get_by_text("No such segment")).to_be_visible()
    page.goto(shop.page("segments"))
    expect(page.get_by_role("link", name="New York", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    watch.expect(404, "/api/v1/workspaces/acme/segments/")
    page.goto(shop.page(f"segments/{made['id']}"))
    expect(page.get_by_role("alert")).to_contain_text("There is no such segment.")
    watch.expect(400, "/api/v1/workspaces/acme/people")
    page.goto(shop.page(f'people?where=in+segment+"{name}"'))
    expect(page.get_by_role("region", name="Filter", exact=True)).to_contain_text(f'There is no segment "{name}".')
    expect(rows(page)).to_have_count(0)
    shop.api("DELETE", f"/segments/{made['id']}")


def test_a_second_factor(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """Set up with the code of an app, then asked for at the door; a recovery code opens too."""
    email, password = "tom@example.org", "tom has a good one too"
    add_member(open_page("settings/team"), email)
    page = open_page("/login", logged_in=False)
    watch.expect(401, "/_allauth/browser/v1/")
    choose_password(page, shop, email, password)
    log_in(page, email, password)
    expect(page.get_by_role("heading", level=1)).to_have_text("People")

    page.goto(shop.page("settings/account"))
    watch.expect(404, "/_allauth/browser/v1/account/authenticators/totp")
    page.get_by_role("button", name="Set up").click()
    secret = page.locator("form code").inner_text().replace(" ", "")
    watch.expect(400, "/_allauth/browser/v1/account/authenticators/totp")
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("This code is not right.")).to_be_visible()
    page.get_by_role("textbox", name="Code").fill(totp(secret))
    page.get_by_role("button", name="Turn on").click()
    # Whoever finds an open page must not be able to lock its owner out.
    asked = page.get_by_role("dialog", name="Confirm that it is you")
    asked.get_by_label("Current password").fill(password)
    asked.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Logging in takes your password and a code of your authenticator app.")).to_be_visible()
    listed = page.get_by_role("main").get_by_role("listitem").filter(has_text=re.compile("^[0-9a-f-]{8,}$"))
    expect(listed).to_have_count(10)
    codes = listed.all_inner_texts()

    door = open_page("people", logged_in=False)
    log_in(door, email, password)
    expect(door.get_by_text("One more step")).to_be_visible()
    watch.expect(400, "/_allauth/browser/v1/auth/2fa/authenticate")
    door.get_by_label("Code").fill("123456")
    door.get_by_role("button", name="Continue").click()
    expect(door.get_by_text("This code is not right.")).to_be_visible()
    door.get_by_label("Code").fill(totp(secret))
    door.get_by_role("button", name="Continue").click()
    expect(door.get_by_role("heading", level=1)).to_have_text("People")

    again = open_page("people", logged_in=False)
    log_in(again, email, password)
    again.get_by_label("Code").fill(codes[0])
    again.get_by_role("button", name="Continue").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("People")


def totp(secret: str) -> str:
    """The code that an authenticator app shows now (RFC 6238: SHA-1, 30 seconds, six digits).

    It is good for 15 s at least: between it and the server there may be a dialog more.
    """
    if (over := time.time() % 30) > 15:
        time.sleep(30 - over)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(time.time()) // 30).to_bytes(8), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
