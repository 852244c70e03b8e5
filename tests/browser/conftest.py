"""One server with one shop and one Chromium for all browser tests; pages that fail a test when they complain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import Watch, chromium, what_is_missing
from tests.browser.shop import Shop

HERE = Path(__file__).resolve().parent
# Pictures of pages whose test failed.
PICTURES = HERE.parents[1] / ".cache" / "browser"
# Jobs end within it too, on a machine that has other things to do.
STEP_MS = 30_000
FAILED = pytest.StashKey[bool]()


class OpenPage(Protocol):
    """Opens a page; see `open_page`."""

    def __call__(
        self,
        path: str | None = ...,
        *,
        width: int = ...,
        height: int = ...,
        scheme: Literal["light", "dark"] = ...,
        language: Literal["en", "de"] = ...,
        reduced_motion: bool = ...,
        logged_in: bool = ...,
        another: bool = ...,
        **more: Any,
    ) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out where they lack something; as a mark, so that each file is one line of the summary.

    One that fails is tried once more, and the summary names it as RERUN: a browser beside other tests on two cores
    may be late. Tests of what is kept, counted or allowed have no second try: a leak that comes once in two runs is
    one. They are marked `no_second_try`.
    """
    missing = what_is_missing()
    for item in items:
        if HERE not in item.path.parents:
            continue
        if missing:
            item.add_marker(pytest.mark.skip(reason=missing))
        elif item.get_closest_marker("no_second_try") is None:
            item.add_marker(pytest.mark.flaky(reruns=1))


# Not for the session: Playwright's loop runs in the main thread while it is open, and Django refuses its database
# to a thread with a running loop. The tests of other folders come after this one has ended.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The one Chromium of these tests."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop on its running server. Tests share it: one that changes people takes some of its own."""
    opened = Shop(tmp_path_factory.mktemp("browser") / "data")
    opened.open()
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(autouse=True)
def _as_it_was(request: pytest.FixtureRequest) -> None:
    """What a test left behind when it failed is not there for its second try, nor for the next one."""
    if "shop" in request.fixturenames:
        shop: Shop = request.getfixturevalue("shop")
        if shop.is_spoilt:
            shop.return_to_start()


@pytest.fixture(scope="package")
def contexts(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """Those of someone who is logged in, by language: tests share them, so that a page finds the app in their cache."""
    kept: dict[str, BrowserContext] = {}
    yield kept
    for context in kept.values():
        context.close()


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test complained of. `watch.expect(400, "/api/...")` says which refusal is meant."""
    return Watch()


@pytest.fixture
def open_page(
    browser: Browser,
    contexts: dict[str, BrowserContext],
    shop: Shop,
    watch: Watch,
    request: pytest.FixtureRequest,
) -> Iterator[OpenPage]:
    """Opens pages, logged in unless told otherwise; after the test they must not have complained of anything.

    `path` is below the workspace (`people`), or begins with a slash. `another` opens it as in another browser; so does
    `more`, which goes to its context.
    """
    opened: list[Page] = []
    own: list[BrowserContext] = []

    def new_context(language: str, *, logged_in: bool, **more: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=shop.url,
            locale={"en": "en-US", "de": "de-DE"}[language],
            storage_state=shop.login if logged_in else None,
            timezone_id="America/New_York",
            **more,
        )
        context.set_default_timeout(STEP_MS)
        if logged_in and language == "de":
            # The shop speaks English: who reads it in German has chosen that.
            context.add_init_script("localStorage['coterie.language'] ??= 'de'")
        return context

    def open_one(
        path: str | None = None,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        language: Literal["en", "de"] = "en",
        reduced_motion: bool = True,
        logged_in: bool = True,
        another: bool = False,
        **more: Any,
    ) -> Page:
        if another or more or not logged_in:
            own.append(new_context(language, logged_in=logged_in, **more))
            page = own[-1].new_page()
        else:
            if language not in contexts:
                contexts[language] = new_context(language, logged_in=True)
            page = contexts[language].new_page()
        opened.append(page)
        watch.follow(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce" if reduced_motion else "no-preference")
        if not logged_in:
            # How the server says that nobody is logged in.
            for address in ("/_allauth/browser/v1/auth/session", "/api/v1/session"):
                watch.expect(401, address)
        if path is not None:
            page.goto(path if path.startswith("/") else shop.page(path))
        return page

    yield open_one
    if request.node.stash.get(FAILED, False):
        PICTURES.mkdir(parents=True, exist_ok=True)
        for at, page in enumerate(opened):
            page.screenshot(path=PICTURES / f"{re.sub(r'[^A-Za-z0-9_]+', '-', request.node.name)}-{at}.png")
    for page in opened:
        # What a reader chose stays in their browser: the next test starts without it.
        page.evaluate("() => location.protocol === 'about:' || localStorage.clear()")
        page.close()
    for context in own:
        context.close()
    assert not watch.complaints, "\n".join(watch.complaints)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of someone who is logged in: light, English, 1440 wide. It shows nothing yet."""
    return open_page()


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=STEP_MS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    shop = getattr(item, "funcargs", {}).get("shop")
    if report.failed and isinstance(shop, Shop):
        shop.is_spoilt = True
    return report
