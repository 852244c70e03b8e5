"""The row about the web app: a Chromium in which the filter is edited and the list is scrolled, as people do."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page, Request, expect
from tests.browser.chromium import chromium, what_is_missing

from bench import filling, filters
from bench.figures import percentile
from bench.run import Figures, Run
from bench.server import HOST

EDITS: Final = 60
SCROLL_SECONDS: Final = 30.0
WAIT_MS: Final = 30_000
_WHEEL: Final = 900
_STEP_MS: Final = 40
# Notes in the page itself, so that nothing of the way between Chromium and this program is measured: the delay of each
# input, how long an edit takes until another total is drawn, and frames that came late.
_NOTES: Final = """() => {
    const notes = { delays: [], edits: [], frames: [], since: null };
    const bar = document.querySelector("section[aria-label=Filter]");
    const total = document.querySelector("header h1 + span");
    // The total, and how each condition divides everyone: they come in one answer and are drawn together.
    const figures = () => {
        const counts = [...bar.querySelectorAll("[role=img]")].map((each) => each.ariaLabel);
        const whole = counts.length === bar.querySelectorAll("button[aria-haspopup=dialog]").length;
        return whole ? [total.textContent, ...counts].join() : null;
    };
    let drawn = figures();
    for (const type of ["input", "click", "keydown", "wheel"]) {
        addEventListener(type, (event) => notes.delays.push(performance.now() - event.timeStamp), {
            capture: true,
            passive: true,
        });
    }
    for (const type of ["input", "click"]) {
        addEventListener(type, () => { notes.since = performance.now(); }, { capture: true });
    }
    const observer = new MutationObserver(() => {
        const now = figures();
        if (now === null || now === drawn) return;
        drawn = now;
        if (notes.since === null) return;
        const since = notes.since;
        notes.since = null;
        // Drawn by the frame that follows.
        requestAnimationFrame(() => setTimeout(() => notes.edits.push(performance.now() - since)));
    });
    for (const place of [bar, total]) {
        observer.observe(place, { attributes: true, characterData: true, childList: true, subtree: true });
    }
    let last = performance.now();
    const frame = (now) => {
        notes.frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.notes = notes;
}"""

# The list has as many rows as the total says, and the row of heads.
_LISTED: Final = """() => {
    const total = Number(document.querySelector("header h1 + span").textContent.replace(/\\D/g, ""));
    return Number(document.querySelector("[role=table]").getAttribute("aria-rowcount")) === total + 1;
}"""


def browser(run: Run) -> Figures:
    """Edits of one of six conditions, each until the new total is drawn; then the list of everyone, scrolled."""
    if missing := what_is_missing():
        raise RuntimeError(missing)
    with chromium(whole=True) as started:
        context = started.new_context(
            base_url=f"http://{HOST}:{run.server.port}", viewport={"width": 1440, "height": 900}, locale="en-US"
        )
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        _log_in(page)
        figures = _edit(page) | _scroll(page, min(run.seconds, SCROLL_SECONDS))
        context.close()
    return figures


def _log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(filling.EMAIL)
    page.get_by_label("Password", exact=True).fill(filling.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**/w/{filling.SLUG}/people**")


def _open(page: Page, where: str) -> None:
    """Show the list with a filter, and take notes from now on."""
    page.goto(f"/w/{filling.SLUG}/people?{urlencode({'where': where} if where else {'sort': '-last_seen'})}")
    page.locator("[role=row][data-index]").first.wait_for()
    # What comes after the first rows: later parts of the app, proposals, counts.
    page.wait_for_timeout(2_000)
    page.evaluate(_NOTES)


def _edit(page: Page) -> Figures:
    """Another number in a condition, never asked for before; and all, any, expression, which the server has known."""
    _open(page, filters.SENTENCE)
    bar = page.get_by_role("region", name="Filter", exact=True)
    bar.locator("button[aria-haspopup=dialog]").filter(has_text="lifetime_value").click()
    field = page.get_by_role("dialog").get_by_role("textbox", name="Value")
    field.wait_for()
    for at in range(EDITS):
        field.fill(f"{3.37 + at * 7.1:.2f}")
        _wait_for_edit(page, at)
    values = page.evaluate("() => window.notes")
    page.keyboard.press("Escape")
    switch = page.get_by_role("radiogroup", name="How conditions go together")
    for at in range(EDITS // 2):
        switch.get_by_text("Any" if at % 2 == 0 else "All", exact=True).click()
        _wait_for_edit(page, EDITS + at)
    notes = page.evaluate("() => window.notes")
    matched = notes["edits"][EDITS:]
    return {
        "edits": len(notes["edits"]),
        "edit_p50_ms": percentile(values["edits"], 0.5),
        "edit_p95_ms": percentile(values["edits"], 0.95),
        "edit_max_ms": max(values["edits"]),
        "match_p95_ms": percentile(matched, 0.95),
        "edit_delay_p95_ms": percentile(notes["delays"], 0.95),
    }


def _wait_for_edit(page: Page, done: int) -> None:
    """Wait until the total of the edit is drawn, after `done` others, and then until the list is that of the edit."""
    page.wait_for_function("(done) => window.notes.edits.length > done", arg=done, timeout=WAIT_MS)
    page.wait_for_function(_LISTED, timeout=WAIT_MS)
    expect(page.locator("[role=table]")).to_have_attribute("aria-busy", "false", timeout=WAIT_MS)


class _Requests:
    """What was asked for the rows of the list, and what became of it."""

    def __init__(self, page: Page) -> None:
        self.asked = self.answered = 0
        page.on("request", self._ask)
        page.on("requestfinished", self._finish)

    @staticmethod
    def _counts(request: Request) -> bool:
        return urlsplit(request.url).path.endswith("/people") and request.method == "GET"

    def _ask(self, request: Request) -> None:
        self.asked += self._counts(request)

    def _finish(self, request: Request) -> None:
        answer = request.response() if self._counts(request) else None
        self.answered += answer is not None and answer.status == 200


def _scroll(page: Page, seconds: float) -> Figures:
    """The list of everyone by wheel and by keys, without a pause, while page after page comes in."""
    _open(page, "")
    requests = _Requests(page)
    rows = page.get_by_role("region", name="People", exact=True)
    rows.hover()
    rows.focus()
    steps = int(seconds * 1000 / _STEP_MS)
    for at in range(steps):
        if at % 5 == 4:
            page.keyboard.press("PageDown")
        else:
            page.mouse.wheel(0, _WHEEL)
        page.wait_for_timeout(_STEP_MS)
    notes = page.evaluate("() => window.notes")
    for _ in range(100):
        page.wait_for_timeout(100)
        if requests.asked == requests.answered:
            break
    # The rows that are drawn stand where they should, and none is missing between them.
    drawn = page.locator("[role=row][data-index]").evaluate_all("rows => rows.map((row) => Number(row.dataset.index))")
    if sorted(drawn) != list(range(min(drawn), max(drawn) + 1)):
        raise RuntimeError(f"rows are missing between those that are drawn: {sorted(drawn)}")
    return {
        "scrolled_rows": max(drawn),
        "pages": requests.asked,
        "lost": requests.asked - requests.answered,
        "inputs": len(notes["delays"]),
        "delay_p50_ms": percentile(notes["delays"], 0.5),
        "delay_p95_ms": percentile(notes["delays"], 0.95),
        "delay_max_ms": max(notes["delays"]),
        "frame_p95_ms": percentile(notes["frames"], 0.95),
        "frame_max_ms": max(notes["frames"]),
    }
