"""What is wrong with a page, tab, dialog, menu or panel: axe in light and dark, 200 % zoom, a phone, reduced motion.

One visit serves all of them. The scheme and the size change under the open page, as they do for its reader.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import STEP_MS
from tests.browser.screens import AS_IT_COMES, SOURCES, Screen, further, states, visit
from tests.browser.shop import Shop

AXE: Final = SOURCES.parent / "node_modules/axe-core/axe.min.js"
GRAVE: Final = ("serious", "critical")
DESK: Final = {"width": 1440, "height": 900}
# What 1440 by 900 leaves at 200 %.
ZOOMED: Final = {"width": 720, "height": 450}
PHONE: Final = {"width": 390, "height": 844}

# Runs in the page; the policy lets in no script of ours otherwise.
# What lies under a dialog or a menu is another screen's.
# By colours alone: only the rules that a scheme can change the answer of.
RUN_AXE: Final = """async ({ grave, byColours }) => {
    const rules = axe.getRules(["cat.color"]).filter(({ tags }) => !tags.includes("wcag2aaa"));
    const layers = [...document.querySelectorAll("[role=dialog], [role=menu]")].filter((each) =>
        each.checkVisibility());
    const { violations } = await axe.run(layers.at(-1) ?? document, {
        resultTypes: ["violations"], preload: false,
        ...(byColours && { runOnly: { type: "rule", values: rules.map(({ ruleId }) => ruleId) } }),
    });
    return violations.filter(({ impact }) => grave.includes(impact)).flatMap(({ id, nodes }) =>
        nodes.slice(0, 5).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}"""

# The page must not scroll sideways: neither the document, nor what scrolls it, nor a dialog on top of it.
TOO_WIDE: Final = """() => [document.scrollingElement, document.getElementById("main"),
        ...document.querySelectorAll("[role=dialog], aside[tabindex]")]
    .filter((each) => each && each.scrollWidth > each.clientWidth + 1)
    .map((each) => `${each.tagName}#${each.id} is ${each.scrollWidth} wide in ${each.clientWidth}`)"""

# Every control can be brought into sight, and nothing lies over it. What lies under a layer waits for it to close.
OUT_OF_REACH: Final = """() => {
    const layers = [...document.querySelectorAll("[role=dialog], [role=menu], aside[tabindex]")]
        .filter((each) => each.checkVisibility());
    const place = layers.at(-1) ?? document.body;
    const missed = [];
    for (const each of place.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
        // The menu comes when it is called for, the way past it when it has the focus.
        if (each.closest("[aria-hidden=true], [inert], nav[aria-label='Main menu'], a[href='#main']")) continue;
        if (!each.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        each.scrollIntoView({ block: "center", inline: "center" });
        const [box] = each.getClientRects();
        if (!box || box.width < 4 || box.height < 4) continue;
        const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
        const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
        const name = `${each.tagName} ${each.getAttribute("aria-label") ?? each.textContent.trim().slice(0, 40)}`;
        if (right - left < 4 || bottom - top < 4) { missed.push(`${name}: out of sight`); continue; }
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        // Proposals go when the focus does.
        if (hit?.closest("[class*='-dropdown']:has([role=listbox])")) continue;
        if (hit && !each.contains(hit) && !hit.contains(each) && ![...(each.labels ?? [])].some((l) => l.contains(hit)))
            missed.push(`${name}: under ${hit.tagName}.${hit.className}`);
    }
    document.getElementById("main")?.scrollTo(0, 0);
    return missed;
}"""

# Longer than this is seen to move.
STILL_MS: Final = 1
MOVING: Final = """(most) => {
    const longest = (text) =>
        Math.max(...text.split(",").map((each) => parseFloat(each) * (each.trim().endsWith("ms") ? 1 : 1000)));
    const found = new Set();
    for (const each of document.querySelectorAll("body, body *")) {
        for (const part of [null, "::before", "::after"]) {
            const style = getComputedStyle(each, part);
            if (longest(style.transitionDuration) > most || longest(style.animationDuration) > most)
                found.add(`${each.tagName}.${each.className}${part ?? ""}`);
        }
        if (getComputedStyle(each).scrollBehavior === "smooth") found.add(`${each.tagName} scrolls smoothly`);
    }
    return [...found];
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, as the web app's packages have it."""
    if not AXE.exists():
        pytest.skip("needs the web app's packages: `make ui`")
    return AXE.read_text(encoding="utf-8")


def paint(page: Page) -> None:
    """Wait until a change of size or scheme is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def show_at(page: Page, size: dict[str, int]) -> None:
    """Give the window another size."""
    page.set_viewport_size(size)
    paint(page)


def check(page: Page) -> list[str]:
    """All that is wrong with what is shown. Light and 1440 wide before and after."""
    found: dict[str, list[str]] = {"axe, light": page.evaluate(RUN_AXE, {"grave": GRAVE, "byColours": False})}
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    paint(page)
    found["axe, dark"] = page.evaluate(RUN_AXE, {"grave": GRAVE, "byColours": True})
    page.emulate_media(color_scheme="light")
    found["motion"] = page.evaluate(MOVING, STILL_MS)
    show_at(page, ZOOMED)
    found["wide at 200 %"] = page.evaluate(TOO_WIDE)
    found["out of reach at 200 %"] = page.evaluate(OUT_OF_REACH)
    show_at(page, PHONE)
    found["wide on a phone"] = page.evaluate(TOO_WIDE)
    show_at(page, DESK)
    return [f"{what}: {each}" for what, wrong in found.items() for each in wrong]


class Visitors:
    """Two readers, one of them logged in, who go from screen to screen in one page: it knows the app's code already."""

    def __init__(self, browser: Browser, shop: Shop) -> None:
        options: dict[str, Any] = {
            "base_url": shop.url,
            "locale": "en-US",
            "reduced_motion": "reduce",
            "viewport": DESK,
        }
        self.contexts = {
            logged_in: browser.new_context(storage_state=shop.login if logged_in else None, **options)
            for logged_in in (True, False)
        }
        self._free: dict[bool, Page] = {}

    @contextmanager
    def page(self, screen: Screen, watch: Watch) -> Iterator[Page]:
        """A page for this screen; after an error nobody gets it again."""
        page = self._free.pop(screen.logged_in, None) or self.contexts[screen.logged_in].new_page()
        page.set_default_timeout(STEP_MS)
        watch.follow(page)
        for answer in screen.answers:
            watch.expect(*answer)
        for words in screen.tells:
            watch.expect_told(words)
        try:
            yield page
        except BaseException:
            page.close()
            raise
        # What the last screen still asks for is not the next one's.
        page.goto("about:blank")
        page.unroute_all()
        watch.leave(page)
        self._free[screen.logged_in] = page


@pytest.fixture(scope="module")
def visitors(browser: Browser, shop: Shop) -> Iterator[Visitors]:
    """Those of a file of tests."""
    both = Visitors(browser, shop)
    yield both
    for context in both.contexts.values():
        context.close()


def look(visitors: Visitors, screen: Screen, shop: Shop, watch: Watch, axe: str) -> list[str]:
    """Visit a screen and all that it shows; what is wrong with it."""
    with visitors.page(screen, watch) as page:
        visit(page, screen, shop)
        page.evaluate(axe)
        # Tabs lie under a dialog, and were looked at without it.
        shown = states(page) if screen.opens is None else [AS_IT_COMES]
        return [f"{state}: {wrong}" for state in itertools.chain(shown, further(page, screen)) for wrong in check(page)]
