"""Hostile text in every field that a visitor or a member can fill, read back on every page that shows it.

It has to be text and nothing else: no dialog, no report of the policy, no request to anywhere, no link that runs.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.payloads import LETTERS, PAYLOADS
from tests.browser.screens import settle
from tests.browser.shop import Shop

pytestmark = pytest.mark.no_second_try

SLUG: Final = "zz-hostile"
# Behind the shop in every list of workspaces.
NAME: Final = "Zz <script>alert(1)</script>"
SAFE_LINKS: Final = {"http:", "https:", "mailto:", "tel:"}
LONG: Final = 100

# Everything in the page that can act, beside what the app itself has put there.
ACTIVE: Final = """() => {
    const bad = [];
    for (const each of document.querySelectorAll("*")) {
        for (const { name } of each.attributes) if (/^on/i.test(name)) bad.push(`${each.tagName} has ${name}`);
        if (/^(iframe|object|embed|base|form|meta|link|script|style|img|image|video|audio|source|use|animate|marquee)$/i
                .test(each.tagName)) {
            // Of a form or a link, what it is; of a script or a style, what it does.
            const whole = /^(script|style)$/i.test(each.tagName);
            const text = (whole ? each : each.cloneNode(false)).outerHTML;
            if (/evil|alert|javascript/i.test(text)) bad.push(text);
        }
    }
    if (Object.prototype.polluted !== undefined) bad.push("prototype");
    return bad;
}"""
LINKS: Final = "() => [...new Set([...document.querySelectorAll('a[href]')].map((each) => each.protocol))]"
# The list is drawn as far down as it is seen.
ROW_AT_THE_END: Final = """() => {
    const box = document.querySelector("section:has(> [role=table])").getBoundingClientRect();
    return Boolean(document.elementFromPoint(box.left + 60, box.bottom - 12)?.closest("[data-index]"));
}"""
# Text and values of fields, as written; white space as a browser shows it.
SHOWN: Final = """() => document.body.textContent + "\\n" +
    [...document.querySelectorAll("input, textarea")].map((each) => each.value).join("\\n")"""
TOO_WIDE: Final = """() => [document.scrollingElement, document.getElementById("main")]
    .concat([...document.querySelectorAll("aside")])
    .filter((each) => each && each.scrollWidth > each.clientWidth + 1).map((each) => each.tagName + each.id)"""


@dataclass
class Hostile:
    """A workspace full of it, and where to look."""

    shop: Shop
    # Numbers of people by the place of the payload that is their name.
    people: dict[int, int] = field(default_factory=dict)
    collector: int = 0
    segments: list[str] = field(default_factory=list)

    def page(self, path: str) -> str:
        return f"{self.shop.url}/w/{SLUG}/{path}"


@pytest.fixture(scope="module")
def made() -> dict[int, Hostile]:
    """The workspaces that there have been, by how often the shop was put back to its start."""
    return {}


@pytest.fixture
def hostile(browser: Browser, shop: Shop, made: dict[int, Hostile]) -> Hostile:
    """The workspace, made by the first test that asks for it."""
    if shop.returns not in made:
        made[shop.returns] = make(browser, shop)
    return made[shop.returns]


def make(browser: Browser, shop: Shop) -> Hostile:
    """Fill the workspace, as a visitor through the tracking API and as a member who is logged in."""
    context = browser.new_context(base_url=shop.url, storage_state=shop.login)
    context.request.get("/login")
    token = next(each["value"] for each in context.cookies() if each["name"] == "coterie_csrf")
    headers = {"X-CSRFToken": token, "Origin": shop.url}

    def api(method: str, path: str, body: Any = None) -> Any:
        address = f"/api/v1/workspaces{path}"
        answer = context.request.fetch(address, method=method, data=body, headers=headers, timeout=30_000)
        assert answer.ok, (method, path, body, answer.status, answer.text())
        return answer.json()

    api("POST", "", {"slug": SLUG, "name": NAME})
    write_key = api("POST", f"/{SLUG}/keys", {"kind": "write", "name": PAYLOADS[0]})["token"]
    api("POST", f"/{SLUG}/keys", {"kind": "secret", "name": PAYLOADS[3], "scopes": ["people:read"]})
    _visitors(shop, write_key)
    made = Hostile(shop)
    found: dict[str, int] = {}
    cursor: str | None = ""
    while cursor is not None:
        asked = f"/{SLUG}/people?limit=100&sort=first_seen"
        answer = api("GET", f"{asked}&cursor={quote(cursor)}" if cursor else asked)
        found |= {item["values"]["user_id"]: item["number"] for item in answer["items"]}
        cursor = answer["next"]
    made.people = {at: found[f"visitor-{at}"] for at in range(len(PAYLOADS))}
    made.collector = found["collector"]
    for at, text in enumerate(PAYLOADS):
        where = f"name is {_quoted(text)}"
        api("POST", f"/{SLUG}/attributes", {"key": f"k{at}", "type": "text", "label": text, "description": text})
        segment = {"name": _name(at), "description": text, "where": where}
        made.segments.append(api("POST", f"/{SLUG}/segments", segment)["id"])
        api("POST", f"/{SLUG}/views", {"name": _name(at), "where": where})
        api("POST", f"/{SLUG}/people/{made.collector}/notes", {"text": text})
    values = {f"k{at}": text for at, text in enumerate(PAYLOADS)}
    api("PATCH", f"/{SLUG}/people/{made.collector}", {"set": values, "add_tags": list(PAYLOADS)})
    shop.server.wait_projected()
    context.close()
    return made


def _name(at: int) -> str:
    """A payload as a name that no other has."""
    return f"{at:03} {PAYLOADS[at]}"[:LONG]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _visitors(shop: Shop, write_key: str) -> None:
    """One visitor for each text, who puts it wherever a browser can, and one who has done everything."""
    calls: list[dict[str, Any]] = []
    for at, text in enumerate(PAYLOADS):
        traits = {
            "name": text,
            "email": f'"{text[:40]}"@example.org' if at % 2 else f"visitor-{at}@example.org",
            "phone": text,
            "username": text,
            "avatar": text,
            "city": text,
            "country": text,
            "gender": text,
            "plan": text,
            "interests": [text, {"deep": text}],
            text: text,
        }
        calls.append({"type": "identify", "userId": f"visitor-{at}", "traits": traits, "context": _context(text)})
        for user in (f"visitor-{at}", "collector"):
            properties = {"value": text, text: text, "deep": {text: [text]}, "url": text}
            calls.append({"type": "track", "userId": user, "event": text, "properties": properties})
        seen = {"url": text, "referrer": text, "title": text, "path": text, "search": text, "name": text}
        calls.append({"type": "page", "userId": f"visitor-{at}", "properties": seen, "name": text})
        calls.append({"type": "group", "userId": f"visitor-{at}", "groupId": text, "traits": {"name": text}})
        # Nobody can be told from it: it is set aside, and shown as it came.
        calls.append({"type": text, "userId": f"visitor-{at}", "event": text})
    calls.append({"type": "identify", "userId": "collector", "traits": {"name": "<b>Collector</b>"}})
    ids = itertools.count(1)
    for start in range(0, len(calls), 100):
        batch = [{"messageId": f"hostile-{next(ids)}", **call} for call in calls[start : start + 100]]
        reply = shop.server.ask("POST", "/v1/batch", {"batch": batch}, key=write_key)
        assert reply.status == 200, reply
    shop.server.wait_projected()


def _context(text: str) -> dict[str, Any]:
    campaign = {"name": text, "source": text, "medium": text, "term": text, "content": text}
    page = {"url": text, "referrer": text, "title": text, "path": text, "search": text}
    whole = {"page": page, "campaign": campaign, "userAgent": text, "locale": text, "timezone": text, "ip": text}
    return {**whole, "library": {"name": text, "version": text}, "device": {"model": text}, "screen": {"width": text}}


@pytest.fixture
def guarded(open_page: OpenPage, hostile: Hostile, watch: Watch) -> Page:
    """A page that must open no dialog, ask no other host, open no window, and complain of nothing."""
    page = open_page()
    page.on("dialog", lambda dialog: _note(watch, dialog))
    page.on("popup", lambda popup: watch.complaints.append(f"a window opened: {popup.url}"))
    page.on("request", lambda request: _ask(watch, request, hostile.shop.url))
    return page


def _ask(watch: Watch, request: Request, own: str) -> None:
    if not request.url.startswith(own):
        watch.complaints.append(f"asked: {request.url}")


def _note(watch: Watch, dialog: Dialog) -> None:
    watch.complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def look(page: Page, expected: tuple[str, ...] | list[str]) -> None:
    """Everything of this is on the page as text, and nothing of it does anything."""
    for _ in range(80):
        settle(page)
        shown = _spaced(page.evaluate(SHOWN))
        missing = [text for text in expected if _spaced(text) not in shown]
        if not missing:
            break
        # What the page has just asked for may not be there yet.
        page.wait_for_timeout(250)
    assert missing == []
    assert page.evaluate(ACTIVE) == []
    assert set(page.evaluate(LINKS)) <= SAFE_LINKS
    assert page.evaluate(TOO_WIDE) == []
    assert "alert" not in page.title() or page.title().endswith("· Coterie")


def _spaced(text: str) -> str:
    """As a browser shows it: one space for many, and letters put together as the server keeps them."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def test_there_is_enough_of_it() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 40
    assert len(LETTERS) > 5


def test_the_list_of_people(guarded: Page, hostile: Hostile) -> None:
    # Each column is one way in; together they have all of them.
    columns = "email,city,country,username,source_url,referrer,campaign,integration,plan,k3"
    guarded.goto(hostile.page(f"people?cols={quote(columns)}&sort=first_seen"))
    settle(guarded)
    scroller = guarded.get_by_role("region", name="People", exact=True)
    seen = ""
    for _ in range(12):
        seen += guarded.evaluate(SHOWN)
        look(guarded, [])
        scroller.evaluate("(each) => each.scrollBy(0, each.clientHeight - 80)")
        # Down to the lower edge, rows are drawn.
        guarded.wait_for_function(ROW_AT_THE_END)
    assert [text for text in PAYLOADS if _spaced(text) not in _spaced(seen)] == []


def test_the_search_and_the_filter_bar(guarded: Page, hostile: Hostile) -> None:
    where = " or ".join(f"name is {_quoted(text)}" for text in PAYLOADS[:12])
    guarded.goto(hostile.page(f"people?where={quote(where)}"))
    look(guarded, list(PAYLOADS[:12]))
    guarded.get_by_role("button", name="Sentence").click()
    look(guarded, [PAYLOADS[0]])
    guarded.goto(hostile.page("people"))
    settle(guarded)
    guarded.get_by_role("button", name="Filter", exact=True).click()
    guarded.get_by_role("combobox", name="Search fields, segments, events").fill("alert")
    look(guarded, [PAYLOADS[0]])
    guarded.keyboard.press("Escape")
    guarded.get_by_label("Search for a person").fill(PAYLOADS[0])
    expect(guarded.get_by_role("table", name="People").locator("[data-index]").first).to_be_visible()
    look(guarded, [PAYLOADS[0]])


def test_views_columns_and_the_palette(guarded: Page, hostile: Hostile) -> None:
    guarded.goto(hostile.page("people"))
    settle(guarded)
    guarded.get_by_role("button", name="All people").click()
    look(guarded, [_name(at) for at in range(len(PAYLOADS))])
    guarded.keyboard.press("Escape")
    guarded.get_by_role("button", name="Columns").click()
    look(guarded, list(PAYLOADS))
    guarded.keyboard.press("Escape")
    guarded.keyboard.press("Control+k")
    guarded.get_by_role("dialog").get_by_role("combobox").fill("script")
    expect(guarded.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    look(guarded, [])
    guarded.goto(hostile.page("people?tab=charts"))
    look(guarded, [])
    for text in (PAYLOADS[0], PAYLOADS[3]):
        guarded.goto(hostile.page(f"people?tab=charts&where={quote(f'name is {_quoted(text)}')}"))
        look(guarded, [text])


def test_a_profile_with_all_of_it(guarded: Page, hostile: Hostile) -> None:
    guarded.goto(hostile.page(f"people/{hostile.collector}"))
    # Values, labels and tags.
    look(guarded, list(PAYLOADS))
    events = guarded.get_by_role("tabpanel").get_by_role("button", expanded=False)
    for _ in range(6):
        events.first.click()
    more = guarded.get_by_role("button", name="Show more")
    listed = guarded.get_by_role("tabpanel").locator("li > [aria-expanded]")
    while more.count():
        before = listed.count()
        more.click()
        expect(listed.nth(before)).to_be_attached()
        # The button goes with the last page.
        settle(guarded)
    look(guarded, list(PAYLOADS))
    guarded.goto(hostile.page(f"people/{hostile.collector}?tab=notes"))
    look(guarded, list(PAYLOADS))
    guarded.goto(hostile.page(f"people/{hostile.collector}?tab=segments"))
    look(guarded, [])


@pytest.mark.parametrize(
    "text", [PAYLOADS[0], PAYLOADS[3], "javascript:alert(1)", PAYLOADS[69], LETTERS[0], LETTERS[6]]
)
def test_profiles_and_their_panel(guarded: Page, hostile: Hostile, text: str) -> None:
    number = hostile.people[PAYLOADS.index(text)]
    guarded.goto(hostile.page(f"people?person={number}"))
    look(guarded, [text])
    for tab in guarded.get_by_role("complementary").get_by_role("tab").all():
        tab.click()
        look(guarded, [text])
    guarded.set_viewport_size({"width": 390, "height": 844})
    look(guarded, [text])


def test_a_picture_is_fetched_only_on_demand(guarded: Page, hostile: Hostile) -> None:
    """Whoever keeps it would learn who looks at whom; `guarded` fails at a request."""
    at = next(at for at, text in enumerate(PAYLOADS) if text.startswith("https://evil.example/<"))
    guarded.goto(hostile.page(f"people/{hostile.people[at]}"))
    look(guarded, [PAYLOADS[at]])
    expect(guarded.get_by_role("button", name="Show the picture from evil.example")).to_be_visible()


def test_segments(guarded: Page, hostile: Hostile) -> None:
    guarded.goto(hostile.page("segments"))
    look(guarded, [*PAYLOADS, *[_name(at) for at in range(len(PAYLOADS))]])
    guarded.set_viewport_size({"width": 390, "height": 844})
    look(guarded, [])
    guarded.set_viewport_size({"width": 1440, "height": 900})
    for at in (0, 3):
        for tab in ("members", "moves", "composition", "overlap", "history"):
            guarded.goto(hostile.page(f"segments/{hostile.segments[at]}?tab={tab}"))
            look(guarded, [_name(at), PAYLOADS[at]])


@pytest.mark.parametrize("part", ["", "/fields", "/team", "/keys", "/quality", "/audit"])
def test_settings(guarded: Page, hostile: Hostile, part: str) -> None:
    guarded.goto(hostile.page(f"settings{part}"))
    look(guarded, list(PAYLOADS) if part == "/fields" else [NAME])
    if part == "/quality":
        guarded.get_by_role("button", name="Show values of").first.click()
        look(guarded, [])
        guarded.keyboard.press("Escape")
        guarded.get_by_role("table", name="Events set aside").get_by_role("button", expanded=False).first.click()
        look(guarded, [])


def test_a_file_full_of_it(guarded: Page, hostile: Hostile) -> None:
    """Its name, the names of its columns and its cells, through the whole of an import, and in the job's page."""
    scripts = [text for text in PAYLOADS if text.isprintable()][:40]
    rows = [[f"file-{at}@example.org", text, *scripts[at : at + 3]] for at, text in enumerate(scripts)]
    # Rejected rows are shown as they were.
    rows += [[text, text, "", "", ""] for text in scripts[:5]]
    content = io.StringIO()
    csv.writer(content).writerows([["email", "name", *scripts[:3]], *rows])
    name = "<img src=x onerror=alert(1)>.csv"
    guarded.goto(hostile.page("imports"))
    file = {"name": name, "mimeType": "text/csv", "buffer": content.getvalue().encode()}
    guarded.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    guarded.wait_for_url("**/imports/imp_*")
    look(guarded, [name, *scripts[:8]])
    guarded.get_by_role("button", name="Next: columns").click()
    look(guarded, [name, *scripts[:3]])
    guarded.get_by_role("button", name="Next: rules").click()
    look(guarded, [name])
    guarded.get_by_role("button", name="Rehearse").click()
    expect(guarded.get_by_text("Nobody has been changed yet.")).to_be_visible()
    look(guarded, [name, *scripts])
    guarded.get_by_role("navigation", name="Tools").get_by_role("link", name="Jobs").click()
    look(guarded, [f"Rehearsal of {name}"])
    guarded.get_by_role("link", name=f"Rehearsal of {name}").click()
    guarded.wait_for_url("**/jobs/job_*")
    look(guarded, [f"Rehearsal of {name}"])
    guarded.get_by_role("button", name=re.compile("otification")).click()
    look(guarded, [f"Rehearsal of {name}"])
