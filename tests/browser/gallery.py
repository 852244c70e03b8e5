"""Pictures of every screen, light and dark, wide and narrow, into docs/screens; `make screens` runs it.

They are WebP, as Chromium makes it: without another program, and a third of the size of PNG.
"""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Page

from tests.browser.chromium import chromium, what_is_missing
from tests.browser.screens import AS_IT_COMES, SCREENS, Screen, further, settle, states, visit
from tests.browser.shop import Shop

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "screens"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SIZES: Final = ((1440, 900), (390, 844))
QUALITY: Final = 82


def take(page: Page, name: str) -> None:
    """Write what is shown in each scheme and size; light and wide before and after."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            settle(page)
            page.wait_for_timeout(200)
            session = page.context.new_cdp_session(page)
            answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
            (FOLDER / f"{name}-{scheme}-{width}.webp").write_bytes(base64.b64decode(answer["data"]))
            session.detach()
    width, height = SIZES[0]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="light")
    settle(page)


def views(page: Page) -> Iterator[str]:
    """What is shown first, and then each other tab; the word that its picture's name ends with."""
    for state in states(page):
        yield "" if state == AS_IT_COMES else "-" + re.sub(r"[^a-z]+", "-", state.lower())


def picture(page: Page, screen: Screen, shop: Shop) -> list[str]:
    """Write the pictures of one screen; their names without scheme and size."""
    visit(page, screen, shop)
    names = []
    # Dialogs lie over tabs.
    shown = [""] if screen.opens or "tab=" in screen.path else views(page)
    for view in shown:
        names.append(f"{screen.name}{view}".rstrip("-"))
        take(page, names[-1])
    for state in further(page, screen):
        names.append(f"{screen.name}-{state}")
        take(page, names[-1])
    return names


def write_page(names: list[str]) -> None:
    """The page that shows all of them."""
    lines = [
        "# Screens",
        "",
        "Every page of the web app, light and dark, 1440 and 390 wide. `make screens` makes them.",
    ]
    for name in names:
        title = name.replace("-", " ").capitalize()
        wide = [f"![{title}, {scheme}]({name}-{scheme}-1440.webp)" for scheme in SCHEMES]
        narrow = [f"![{title} on a phone, {scheme}]({name}-{scheme}-390.webp)" for scheme in SCHEMES]
        lines += ["", f"## {title}", "", *wide, "", *narrow]
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(only: list[str]) -> None:
    """Take all pictures, or those of the named screens."""
    if missing := what_is_missing():
        sys.exit(missing)
    chosen = [screen for screen in SCREENS if screen.pictured and (not only or screen.name in only)]
    names: dict[str, None] = {}
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="coterie-screens-") as folder, chromium() as browser:
        shop = Shop(Path(folder) / "data")
        shop.open()
        try:
            options: dict[str, Any] = {
                "base_url": shop.url,
                "viewport": {"width": SIZES[0][0], "height": SIZES[0][1]},
                "locale": "en-US",
                "timezone_id": "America/New_York",
                "reduced_motion": "reduce",
            }
            readers = {
                True: browser.new_context(storage_state=shop.login, **options),
                False: browser.new_context(**options),
            }
            for screen in chosen:
                page = readers[screen.logged_in].new_page()
                names |= dict.fromkeys(picture(page, screen, shop))
                page.close()
        finally:
            shop.close()
    if not only:
        known = {f"{name}-{scheme}-{width}.webp" for name in names for scheme in SCHEMES for width, _ in SIZES}
        for old in FOLDER.iterdir():
            if old.suffix in (".webp", ".png") and old.name not in known:
                old.unlink()
        write_page(list(names))
    size = sum(each.stat().st_size for each in FOLDER.iterdir()) / 1e6
    sys.stdout.write(f"{len(names)} screens, {size:.1f} MB in {FOLDER}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
