"""Finding a Chromium, starting it, and noting all that it complains of while a page is open."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response, sync_playwright

VARIABLE: Final = "COTERIE_TEST_CHROMIUM"
# Chromium without windows of its own, which tests take where it is: a fifth less work for the same pages.
BARE: Final = "chromium-headless-shell"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
APP: Final = Path(__file__).resolve().parents[2] / "src/coterie/web/static/app/manifest.json"
ARGUMENTS: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What a browser itself says of an answer that it did not like; the answer is noted by its status.
_OF_AN_ANSWER: Final = re.compile(r"^Failed to load resource: the server responded with a status of \d+")
# Runs before anything of the page; what the policy forbids must reach the test even where nothing is logged.
_REPORTS: Final = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.effectiveDirective} forbids ${event.blockedURI} at ${event.sourceFile}`));"""
# Pages in which that runs.
_reporting: Final[WeakSet[Page]] = WeakSet()


def find_chromium(*, whole: bool = False) -> str | None:
    """The program: COTERIE_TEST_CHROMIUM, or one of the usual names on PATH; `whole`: that which people use first."""
    named = os.environ.get(VARIABLE, "").strip()
    names = (*NAMES, BARE) if whole else (BARE, *NAMES)
    return shutil.which(named) if named else next(filter(None, map(shutil.which, names)), None)


def what_is_missing() -> str | None:
    """What the browser tests lack here and how to get it; None when they can run."""
    if find_chromium() is None:
        return f"browser tests need Chromium: `apt-get install {BARE}` or `chromium`, or name one in {VARIABLE}"
    if not APP.exists():
        return "browser tests need the built web app: `make ui`"
    return None


@contextmanager
def chromium(*, whole: bool = False) -> Iterator[Browser]:
    """A running Chromium. Nothing is downloaded: it is the one of this machine (see `find_chromium`)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(whole=whole), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """Notes what goes wrong on pages: console errors, uncaught errors, the policy's reports, requests that fail."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._expected: list[tuple[int, str]] = []
        self._told: list[str] = []
        self._notes: Final[dict[Any, Callable[[Any], None]]] = {
            "console": self._console,
            "pageerror": self._uncaught,
            "requestfailed": self._failed,
            "response": self._answered,
        }

    def expect(self, status: int, path: str) -> None:
        """An answer with this status, from an address that begins so, is what the test is about."""
        self._expected.append((status, path))

    def expect_told(self, words: str) -> None:
        """An error in the console that begins so is what the test is about."""
        self._told.append(words)

    def follow(self, page: Page) -> None:
        """Note everything of this page from now on."""
        if page not in _reporting:
            page.add_init_script(_REPORTS)
            _reporting.add(page)
        for event, note in self._notes.items():
            page.on(event, note)

    def leave(self, page: Page) -> None:
        """Note nothing more of this page."""
        for event, note in self._notes.items():
            page.remove_listener(event, note)

    def _uncaught(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not (
            _OF_AN_ANSWER.match(message.text) or message.text.startswith(tuple(self._told))
        ):
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        # Leaving a page, or asking anew before an answer came, abandons a request on purpose.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"no answer: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and not any(
            status == response.status and path.startswith(begin) for status, begin in self._expected
        ):
            self.complaints.append(f"{response.status}: {response.request.method} {response.url}")
