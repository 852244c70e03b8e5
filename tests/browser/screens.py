"""Every page of the app, and every dialog, menu and panel on it: what is checked and pictured.

A row names the route as the app's router does and the source files whose layers lie open in it. Tests compare both with
the app, so that a new page or dialog without a row fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser import past
from tests.browser.openings import (
    LOGIN,
    SESSION,
    TOTP,
    Step,
    another_chip,
    ask_why,
    break_down,
    change_a_value,
    describe_someone,
    dialog,
    in_storage,
    key,
    log_in_with_a_second_factor,
    menu,
    other_bulk_action,
    part_with_conflicts,
    press,
    save_a_value,
    see_what_goes,
    select_some,
    set_up_after_a_while,
    then,
    weekly,
)
from tests.browser.shop import BEST_KNOWN, EMPTY, IMPORTED, PANEL, PLANNED, Shop
from tests.browser.steps import press_region

SOURCES: Final = Path(__file__).resolve().parents[2] / "ui/src"
# Routes that only lead on to another one.
REDIRECTS: Final = frozenset({"/", "/w/$slug"})
FILTER: Final = 'country is "United States" and (plan is "pro" or did "purchase" at least 3 times)'
NOBODY: Final = 'name is "Nobody of that name"'
LAYERS: Final = re.compile(r"<(?:Modal|Confirm|Drawer|HoverCard)\b|<(?:Menu|Popover)\.Dropdown\b")
# What is still to come: bars in place of what is read, spinners, letters of a font that has not come. Below the last
# row of a long list there are always bars.
SETTLED: Final = """() => document.fonts.status === "loaded" && document.querySelector("h1, h2") !== null &&
    !document.querySelector(
        ".mantine-Skeleton-root:not([role=table] *), .mantine-Loader-root, .recharts-responsive-container:empty, " +
        "[aria-busy=true]")"""


@dataclass(frozen=True)
class State:
    """What is opened on a page after what lay on it before: without another load."""

    name: str
    opens: Step


@dataclass(frozen=True)
class Screen:
    """One state of a page, and those that it goes on to."""

    name: str
    route: str
    # Below the workspace, or from the root with a slash. {person}, {reader}, {segment}, {others}, {readers}, {panel},
    # {broken}, {planned}, {imported}, {job} and {double} are filled in.
    path: str
    opens: Step | None = None
    shows: tuple[str, ...] = ()
    logged_in: bool = True
    # Refusals that are meant, by status and begin of the path.
    answers: tuple[tuple[int, str], ...] = ()
    # How an error in the console begins that is meant.
    tells: tuple[str, ...] = ()
    # What must be there first.
    needs: Callable[[Shop], None] | None = None
    # Not in the gallery: it looks like another one.
    pictured: bool = True
    # One after the other, on the page as the one before has left it.
    then: tuple[State, ...] = ()


def settle(page: Page) -> None:
    """Wait until the page shows what it has to show."""
    page.wait_for_function(SETTLED)


def address(screen: Screen, shop: Shop) -> str:
    """Where the screen is on this shop's server."""
    path = screen.path
    if "{person}" in path:
        path = path.replace("{person}", str(shop.number(f'user_id is "{BEST_KNOWN}"')))
    if "{reader}" in path:
        path = path.replace("{reader}", str(shop.number('username is "reader-1"')))
    if "{segment}" in path:
        path = path.replace("{segment}", shop.segment("Paying plans")["id"])
    if "{others}" in path:
        path = path.replace("{others}", ",".join(shop.segment(name)["id"] for name in ("VIP or beta", "Bought once")))
    for place, name in (("{panel}", PANEL), ("{readers}", past.NAME)):
        if place in path:
            path = path.replace(place, shop.segment(name)["id"])
    made = {
        "{broken}": shop.broken,
        "{planned}": shop.imports[PLANNED],
        "{imported}": shop.imports[IMPORTED],
        "{job}": shop.job,
        "{double}": str(shop.double),
    }
    for name, value in made.items():
        path = path.replace(name, value)
    return f"{shop.url}{path}" if path.startswith("/") else shop.page(path)


def visit(page: Page, screen: Screen, shop: Shop) -> None:
    """Go to a screen and wait until it is there."""
    if screen.needs is not None:
        screen.needs(shop)
    page.goto(address(screen, shop))
    settle(page)
    if screen.opens is not None:
        screen.opens(page)
        settle(page)


AS_IT_COMES: Final = "as it comes"


def states(page: Page) -> Iterator[str]:
    """What a page shows first, and then each other tab, by the tab's name."""
    yield AS_IT_COMES
    tabs = page.locator("[role=tab]")
    for at in range(tabs.count()):
        tab = tabs.nth(at)
        if tab.get_attribute("aria-selected") == "false":
            tab.click()
            settle(page)
            yield str(tab.text_content())


def further(page: Page, screen: Screen) -> Iterator[str]:
    """Go through the states that follow; the name of each when it is there."""
    for state in screen.then:
        state.opens(page)
        settle(page)
        yield state.name


def sources_with_layers() -> set[str]:
    """The files of the app that put something over the page, by their path below ui/src."""
    files = [path for path in SOURCES.rglob("*.tsx") if not path.name.endswith(".test.tsx")]
    return {path.relative_to(SOURCES).as_posix() for path in files if LAYERS.search(path.read_text(encoding="utf-8"))}


NOBODY_IN: Final = ((401, "/_allauth/browser/v1/auth/session"), (401, "/api/v1/session"))
PEOPLE: Final = "/w/$slug/people"
PERSON: Final = "/w/$slug/people/$number"
SEGMENTS: Final = "/w/$slug/segments"
SEGMENT: Final = "/w/$slug/segments/$segment"
IMPORTS: Final = "/w/$slug/imports"
IMPORT: Final = "/w/$slug/imports/$import"
JOBS: Final = "/w/$slug/jobs"
EXPORTS: Final = "/w/$slug/exports"
DUPLICATES: Final = "/w/$slug/duplicates"
PRIVACY: Final = "/w/$slug/privacy"
SETTINGS: Final = "/w/$slug/settings"
FILTERED: Final = f"people?where={quote(FILTER)}"
FIRST_CHIP: Final = re.compile(r"^Country is United States")
# A condition of every kind that has an editor of its own.
KINDS: Final = (
    'in segment "Paying plans" and first_seen in the last 300 days and interests has any of ("jazz", "vinyl")'
    ' and (did "purchase" at least 1 times in the last 300 days where amount > 20)'
)
UNREAD: Final = 'country is is "Germany"'
BULK: Final = ("Field", "Segment", "Ban", "Delete")

SCREENS: Final[tuple[Screen, ...]] = (
    Screen("people", PEOPLE, "people"),
    Screen("people-filter", PEOPLE, FILTERED),
    Screen(
        "people-condition",
        PEOPLE,
        FILTERED,
        opens=then(lambda page: page.get_by_role("button", name=FIRST_CHIP).click(), dialog),
        shows=("features/people/filter/Chip.tsx",),
    ),
    Screen(
        "people-editors",
        PEOPLE,
        f"people?where={quote(KINDS)}",
        opens=another_chip(1),
        then=(
            State("date", another_chip(2)),
            State("list", another_chip(3)),
            State("event", another_chip(4)),
        ),
    ),
    Screen("people-fields", PEOPLE, "people", opens=press("Filter")),
    Screen("people-sentence", PEOPLE, FILTERED, opens=press("Sentence")),
    Screen(
        "people-create-segment",
        PEOPLE,
        FILTERED,
        opens=then(press("Create segment"), dialog),
        then=(State("hidden", press("Hide it from some")),),
    ),
    Screen(
        "people-columns",
        PEOPLE,
        "people",
        opens=press("Columns"),
        shows=("features/people/list/ColumnsMenu.tsx",),
    ),
    Screen(
        "people-save-view",
        PEOPLE,
        FILTERED,
        opens=then(press("Save as new view"), dialog),
        shows=("features/people/list/ViewsMenu.tsx",),
    ),
    Screen("people-views", PEOPLE, "people", opens=then(press("All people"), menu), pictured=False),
    Screen("people-selected", PEOPLE, "people", opens=select_some),
    Screen(
        "people-bulk",
        PEOPLE,
        "people",
        opens=then(select_some, press("Tags"), dialog),
        shows=("features/people/list/BulkDialog.tsx",),
        then=tuple(State(name.lower(), other_bulk_action(name)) for name in BULK),
    ),
    Screen(
        "people-new",
        PEOPLE,
        "people",
        opens=then(press("New person"), dialog, describe_someone),
        shows=("features/people/list/NewPerson.tsx",),
    ),
    Screen(
        "people-in-and-out",
        PEOPLE,
        "people",
        opens=then(press("More ways in and out"), menu),
        shows=("features/people/list/AddMenu.tsx",),
        pictured=False,
    ),
    Screen(
        "people-export",
        PEOPLE,
        "people",
        opens=then(select_some, press("Export"), dialog),
        shows=("features/exports/ExportDialog.tsx",),
    ),
    Screen("people-empty", PEOPLE, f"/w/{EMPTY}/people", needs=Shop.make_empty),
    Screen("people-nobody", PEOPLE, f"people?where={quote(NOBODY)}"),
    Screen(
        "people-unread",
        PEOPLE,
        f"people?where={quote(UNREAD)}",
        answers=((400, "/api/v1/workspaces/acme/people"),),
    ),
    Screen("people-charts", PEOPLE, "people?tab=charts"),
    Screen("people-panel", PEOPLE, "people?person={person}"),
    Screen(
        "palette",
        PEOPLE,
        "people",
        opens=then(key("Control+k"), dialog),
        shows=("app/palette/Palette.tsx",),
    ),
    Screen(
        "shortcuts",
        PEOPLE,
        "people",
        opens=then(key("?"), dialog),
        shows=("app/shell/ShortcutsHelp.tsx",),
    ),
    Screen(
        "user-menu",
        SEGMENTS,
        "segments",
        opens=then(press("Your account and appearance", exact=False), menu),
        shows=("app/shell/UserMenu.tsx",),
        pictured=False,
    ),
    Screen(
        "workspaces",
        SEGMENTS,
        "segments",
        opens=then(press("Switch workspace", exact=False), menu),
        shows=("app/shell/WorkspaceSwitcher.tsx",),
        pictured=False,
    ),
    Screen("person", PERSON, "people/{person}"),
    Screen(
        "person-editing",
        PERSON,
        "people/{reader}",
        opens=change_a_value,
        then=(State("saved", save_a_value),),
    ),
    Screen("person-why", PERSON, "people/{person}?tab=segments", opens=ask_why),
    Screen(
        "person-delete",
        PERSON,
        "people/{person}",
        opens=then(press("More actions"), menu, press("Delete", role="menuitem", exact=False), dialog),
        shows=("features/profile/Header.tsx", "shared/Confirm.tsx"),
    ),
    Screen(
        "person-merge",
        PERSON,
        "people/{person}",
        opens=then(press("More actions"), menu, press("Merge", role="menuitem", exact=False), dialog),
        shows=("features/merging/MergeDialog.tsx",),
        pictured=False,
    ),
    Screen(
        "person-erase",
        PERSON,
        "people/{person}",
        opens=then(press("More actions"), menu, press("Erase for good", role="menuitem"), dialog),
        shows=("features/privacy/EraseDialog.tsx",),
    ),
    Screen(
        "person-maybe-same",
        PERSON,
        "people/{double}",
        opens=lambda page: expect(page.get_by_text("May be the same as")).to_be_visible(),
        needs=Shop.make_doubles,
    ),
    Screen("segments", SEGMENTS, "segments"),
    Screen(
        "segments-new",
        SEGMENTS,
        "segments",
        opens=then(press("New segment"), menu),
        shows=("features/segments/SegmentsPage.tsx",),
        pictured=False,
    ),
    Screen(
        "segments-static",
        SEGMENTS,
        "segments",
        opens=then(press("New segment"), menu, press("Static", role="menuitem", exact=False), dialog),
        shows=("features/segments/CreateDialog.tsx",),
    ),
    Screen(
        "segment-hide",
        SEGMENT,
        "segments/{segment}",
        opens=then(press("Actions for", exact=False), menu, press("Hide", role="menuitem", exact=False), dialog),
        shows=("features/segments/SegmentMenu.tsx", "features/segments/HideDialog.tsx"),
    ),
    Screen(
        "segment-delete",
        SEGMENT,
        "segments/{segment}",
        opens=then(press("Actions for", exact=False), menu, press("Delete", role="menuitem", exact=False), dialog),
        shows=("features/segments/DeleteDialog.tsx",),
    ),
    Screen("segment", SEGMENT, "segments/{readers}"),
    Screen(
        "segment-compared",
        SEGMENT,
        "segments/{segment}?tab=overlap&with={others}",
        # Its other tabs are those of the row above.
        opens=lambda page: expect(page.get_by_role("list", name="Regions")).to_be_visible(),
        then=(State("region", lambda page: press_region(page, -1)),),
    ),
    Screen("segment-broken", SEGMENT, "segments/{broken}", needs=Shop.make_broken),
    Screen("segment-static", SEGMENT, "segments/{panel}", shows=("features/segments/tabs/AddMembers.tsx",)),
    Screen("jobs", JOBS, "jobs"),
    Screen("jobs-none", JOBS, "jobs?state=failed", pictured=False),
    Screen("job", f"{JOBS}/$job", "jobs/{job}"),
    Screen(
        "notifications",
        JOBS,
        "jobs",
        opens=then(press("otification", exact=False), menu),
        shows=("features/jobs/Bell.tsx",),
        pictured=False,
    ),
    Screen("imports", IMPORTS, "imports"),
    Screen("import-file", IMPORT, "imports/{planned}?step=file"),
    Screen("import-columns", IMPORT, "imports/{planned}?step=columns"),
    Screen("import-rules", IMPORT, "imports/{planned}?step=rules", opens=press("Add consent")),
    Screen("import-rehearsal", IMPORT, "imports/{planned}?step=rehearsal"),
    Screen("import-result", IMPORT, "imports/{imported}"),
    Screen(
        "import-undo",
        IMPORT,
        "imports/{imported}",
        opens=then(press("Undo the import"), dialog),
        shows=("features/imports/steps/ResultStep.tsx",),
    ),
    Screen(
        "import-remove",
        IMPORT,
        "imports/{imported}",
        opens=then(press("Remove this import"), dialog),
        shows=("features/imports/ImportPage.tsx",),
        pictured=False,
    ),
    Screen("exports", EXPORTS, "exports"),
    Screen("export-new", EXPORTS, "exports", opens=then(press("New export"), dialog), pictured=False),
    Screen("exports-schedules", EXPORTS, "exports?show=schedules", needs=Shop.make_schedules),
    Screen("exports-destinations", EXPORTS, "exports?show=destinations", needs=Shop.make_schedules),
    Screen(
        "export-schedule-remove",
        EXPORTS,
        "exports?show=schedules",
        opens=then(press("Remove Everyone at night"), dialog),
        shows=("features/exports/Listing.tsx",),
        needs=Shop.make_schedules,
        pictured=False,
    ),
    Screen(
        "export-destination-remove",
        EXPORTS,
        "exports?show=destinations",
        opens=then(press("Remove Nightly files"), dialog),
        shows=("features/exports/Listing.tsx",),
        needs=Shop.make_schedules,
        pictured=False,
    ),
    Screen(
        "export-schedule",
        EXPORTS,
        "exports?show=schedules",
        opens=then(press("New schedule"), dialog, weekly),
        needs=Shop.make_schedules,
    ),
    Screen(
        "export-schedule-edit",
        EXPORTS,
        "exports?show=schedules",
        opens=then(press("Edit Germans for the CRM"), dialog),
        shows=("features/exports/ExportDialog.tsx",),
        needs=Shop.make_schedules,
    ),
    Screen(
        "export-destination-edit",
        EXPORTS,
        "exports?show=destinations",
        opens=then(press("Edit Warehouse"), dialog),
        shows=("features/exports/DestinationDialog.tsx",),
        needs=Shop.make_schedules,
        pictured=False,
    ),
    Screen(
        "export-destination",
        EXPORTS,
        "exports?show=destinations",
        opens=then(press("New destination"), dialog, in_storage),
        shows=("features/exports/DestinationDialog.tsx",),
        needs=Shop.make_schedules,
    ),
    Screen("duplicates", DUPLICATES, "duplicates", needs=Shop.make_doubles),
    Screen("duplicates-apart", DUPLICATES, "duplicates?show=dismissed", needs=Shop.make_doubles),
    Screen("duplicates-merges", DUPLICATES, "duplicates?show=merges", needs=Shop.make_doubles),
    Screen("duplicates-none", DUPLICATES, "duplicates?show=dismissed&person={double}", needs=Shop.make_doubles),
    Screen(
        "duplicates-compare",
        DUPLICATES,
        "duplicates?person={double}",
        opens=then(press("Compare and merge", exact=False), dialog),
        needs=Shop.make_doubles,
    ),
    Screen(
        "duplicates-undo",
        DUPLICATES,
        "duplicates?show=merges",
        opens=then(press("Undo the merge of", exact=False), dialog),
        needs=Shop.make_doubles,
        pictured=False,
    ),
    Screen(
        "duplicates-undone",
        DUPLICATES,
        "duplicates?show=merges",
        opens=part_with_conflicts,
        shows=("features/merging/UnmergeDialog.tsx",),
        needs=Shop.make_doubles,
    ),
    Screen("privacy", PRIVACY, "privacy", needs=Shop.make_erasure),
    Screen("privacy-retention", PRIVACY, "privacy?show=retention", needs=Shop.make_hold),
    Screen(
        "privacy-retention-rule",
        PRIVACY,
        "privacy?show=retention",
        opens=then(press("Change how long is kept: Events"), dialog, see_what_goes),
        shows=("features/privacy/RuleDialog.tsx",),
        needs=Shop.make_hold,
    ),
    Screen(
        "privacy-retention-hold",
        PRIVACY,
        "privacy?show=retention",
        opens=then(press("Add a hold"), dialog),
        shows=("features/privacy/HoldDialog.tsx",),
        needs=Shop.make_hold,
        pictured=False,
    ),
    Screen(
        "privacy-retention-hold-edit",
        PRIVACY,
        "privacy?show=retention",
        opens=then(press("Edit the hold", exact=False), dialog),
        shows=("features/privacy/HoldDialog.tsx",),
        needs=Shop.make_hold,
        pictured=False,
    ),
    Screen(
        "privacy-retention-release",
        PRIVACY,
        "privacy?show=retention",
        opens=then(press("End the hold", exact=False), dialog),
        shows=("features/privacy/Holds.tsx",),
        needs=Shop.make_hold,
        pictured=False,
    ),
    Screen("privacy-register", PRIVACY, "privacy?show=register"),
    Screen(
        "privacy-allow",
        PRIVACY,
        "privacy",
        opens=then(press("Allow someone again"), dialog),
        shows=("features/privacy/AllowDialog.tsx",),
        needs=Shop.make_erasure,
        pictured=False,
    ),
    Screen("settings", SETTINGS, "settings"),
    Screen("settings-fields", f"{SETTINGS}/fields", "settings/fields"),
    Screen(
        "settings-field",
        f"{SETTINGS}/fields",
        "settings/fields",
        opens=then(press("Edit Plan"), dialog),
        shows=("features/settings/fields/EditField.tsx",),
    ),
    Screen(
        "settings-new-field",
        f"{SETTINGS}/fields",
        "settings/fields",
        opens=then(press("Create field"), dialog),
        shows=("features/settings/fields/CreateField.tsx",),
    ),
    Screen("settings-team", f"{SETTINGS}/team", "settings/team"),
    Screen(
        "settings-member",
        f"{SETTINGS}/team",
        "settings/team",
        opens=then(press("Add member"), dialog),
        shows=("features/settings/TeamPage.tsx",),
    ),
    Screen("settings-keys", f"{SETTINGS}/keys", "settings/keys"),
    Screen(
        "settings-key",
        f"{SETTINGS}/keys",
        "settings/keys",
        opens=then(press("Create key"), dialog),
        shows=("features/settings/KeysPage.tsx",),
    ),
    Screen("settings-quality", f"{SETTINGS}/quality", "settings/quality"),
    Screen(
        "settings-rejected",
        f"{SETTINGS}/quality",
        "settings/quality",
        opens=then(press("Show values of", exact=False), dialog),
        shows=("features/settings/Rejected.tsx",),
    ),
    Screen("settings-audit", f"{SETTINGS}/audit", "settings/audit"),
    Screen("settings-account", f"{SETTINGS}/account", "settings/account"),
    Screen(
        "settings-second-factor",
        f"{SETTINGS}/account",
        "settings/account",
        opens=press("Set up"),
        # There is none yet, and here is the secret for one.
        answers=((404, TOTP),),
    ),
    Screen(
        "settings-password",
        f"{SETTINGS}/account",
        "settings/account",
        opens=set_up_after_a_while,
        shows=("features/settings/account/SecondFactor.tsx",),
        answers=((401, TOTP),),
        pictured=False,
    ),
    Screen("login", "/login", "/login", logged_in=False, answers=NOBODY_IN),
    Screen(
        "login-code",
        "/login",
        "/login",
        opens=log_in_with_a_second_factor,
        logged_in=False,
        answers=(*NOBODY_IN, (401, LOGIN)),
    ),
    Screen("signup", "/signup", "/signup", logged_in=False, answers=NOBODY_IN),
    Screen("reset", "/reset", "/reset", logged_in=False, answers=NOBODY_IN),
    Screen("reset-key", "/reset/$key", "/reset/1-abc", logged_in=False, answers=NOBODY_IN),
    Screen("confirm-email", "/confirm-email/$key", "/confirm-email/abc", logged_in=False, answers=NOBODY_IN),
    Screen("welcome", "/welcome", "/welcome"),
    # These two come in place of any page.
    Screen("missing", "/w/$slug", "nowhere"),
    Screen("crash", "/w/$slug", "segments", opens=break_down, answers=((500, SESSION),), tells=("ApiError: ",)),
)
