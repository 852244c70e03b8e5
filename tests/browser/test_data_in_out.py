"""People come in by hand and from files, and go out into files; long tasks are seen and told of."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import xlsxwriter
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.shop import IMPORTED, Shop
from tests.browser.steps import move_by_keys, show_people, toast

HEAD = ("E-Mail", "Full name", "Phone", "Loyalty tier", "Signed up", "Tags")
ADA = ("ada@import.example", "Ada Import", "+49 30 901820", "gold", "31.01.2025", "vip;early")
BEA = ("bea@import.example", "Bea Import", "030 901821", "silver", "01.02.2025", "")
AGAIN = ("ada@import.example", "Ada Again", "", "gold", "31.01.2025", "")
WRONG = ("no address", "Nobody", "", "", "01.03.2025", "")


def table(*rows: tuple[str, ...], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def give(page: Page, shop: Shop, name: str, content: str | bytes) -> None:
    """Upload a file on the page of imports."""
    page.goto(shop.page("imports"))
    data = content.encode() if isinstance(content, str) else content
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_url("**/imports/imp_*", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def go_on(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def line(page: Page, number: int) -> Locator:
    """The row of the outcome that is about a line of the file."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=f"Line {number}", exact=True))


def counts(page: Page) -> dict[str, int]:
    """The figures above the rows: 6 rows, 2 created."""
    found = page.get_by_role("group", name="Rows by outcome").get_by_role("button")
    expect(found.first).to_be_visible()
    texts = [re.fullmatch(r"([\d,]+)(\D+)", text) for text in found.all_text_contents()]
    return {text[2]: int(text[1].replace(",", "")) for text in texts if text}


def people(shop: Shop, where: str, *, sort: str = "name", limit: int = 50) -> list[dict[str, Any]]:
    """Their values and numbers, as the API lists them when all that was done has reached the index."""
    shop.server.wait_projected()
    found = shop.api("GET", f"/people?where={quote(where)}&sort={sort}&limit={limit}")["items"]
    return [{"number": item["number"]} | item["values"] for item in found]


def remove(shop: Shop, where: str) -> None:
    """Tests that make people take them away again."""
    for each in people(shop, where):
        shop.api("DELETE", f"/people/{each['number']}")


def test_it_works(page: Page, shop: Shop) -> None:
    """A file from its upload through the rehearsal and the run, and back again but for what a human changed."""
    before = shop.count("")
    give(page, shop, "signups.csv", table(HEAD, ADA, BEA, AGAIN, WRONG))
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_contain_text("Ada Import")
    go_on(page, "Next: columns")

    expect(page.get_by_role("combobox", name="People are recognised by")).to_have_value("Email")
    email = page.get_by_role("row").filter(has_text="E-Mail")
    expect(email).to_contain_text("75%")
    expect(email).to_contain_text("1 of 4 does not")
    tier = page.get_by_role("textbox", name="Name of the new attribute for “Loyalty tier”")
    tier.fill("tier")
    expect(page.get_by_role("combobox", name="How dates are written in “Signed up”")).to_have_value("31.01.2026")
    # What was chosen and not sent yet is there after a reload, in the same step.
    page.reload()
    expect(tier).to_have_value("tier")
    go_on(page, "Next: rules")

    page.get_by_role("combobox", name="Country of phone numbers").fill("Germany")
    page.get_by_role("option", name="Germany").click()
    page.get_by_role("combobox", name="Tags", exact=True).fill("spring fair")
    page.keyboard.press("Enter")
    go_on(page, "Add consent")
    expect(page.get_by_role("alert")).to_contain_text("Say where the consent was given.")
    page.get_by_role("textbox", name="Source").fill("Spring fair, 2026")
    go_on(page, "Rehearse")

    expect(page.get_by_text("Nobody has been changed yet.")).to_be_visible()
    assert counts(page) == {"rows": 4, "created": 2, "duplicate": 1, "rejected": 1}
    expect(line(page, 3)).to_contain_text("+4930901821")
    expect(line(page, 4)).to_contain_text("line 2 has the same email")
    expect(line(page, 5)).to_contain_text("email: this is not an email address")
    expect(line(page, 5)).to_contain_text("no address · Nobody")
    page.get_by_role("group", name="Rows by outcome").get_by_role("button", name="rejected").click()
    expect(line(page, 2)).to_have_count(0)
    expect(line(page, 5)).to_be_visible()
    assert shop.count("") == before

    go_on(page, "Import 2 rows")
    expect(page.get_by_text("The import is done.")).to_be_visible()
    assert counts(page) == {"rows": 4, "created": 2, "duplicate": 1, "rejected": 1}
    made = people(shop, 'tags has any of ("spring fair")')
    assert {each["email"]: (each["tier"], each["consent.email.source"]) for each in made} == {
        "ada@import.example": ("gold", "Spring fair, 2026"),
        "bea@import.example": ("silver", "Spring fair, 2026"),
    }
    with page.expect_download() as download:
        page.get_by_role("link", name="Download signups - errors.csv").click()
    errors = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(errors)))[1][-2:] == ["5", "email: this is not an email address"]

    # A human changes one of them; that one stays.
    kept = shop.number('email is "ada@import.example"')
    shop.api("PATCH", f"/people/{kept}", {"set": {"city": "Turin"}})
    go_on(page, "Undo the import")
    page.get_by_role("dialog").get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The import is undone: 1 row was taken back.")).to_be_visible()
    left = page.get_by_role("table", name="Rows that stay")
    expect(left.get_by_role("link", name=f"#{kept}")).to_be_visible()
    expect(left).to_contain_text("they were changed, or did something, since")
    assert [each["email"] for each in people(shop, 'tags has any of ("spring fair")')] == ["ada@import.example"]
    assert shop.count("") == before + 1
    shop.api("DELETE", f"/people/{kept}")


def test_values_before_and_after_are_shown(page: Page, shop: Shop) -> None:
    shop.api("POST", "/people", {"set": {"email": "cy@import.example", "city": "Rome", "name": "Cy"}})
    give(page, shop, "moves.csv", "email,city\ncy@import.example,Milan\n")
    go_on(page, "Next: columns")
    go_on(page, "Next: rules")
    go_on(page, "Rehearse")
    assert counts(page) == {"row": 1, "updated": 1}
    expect(line(page, 2)).to_contain_text("CityRome →becomes Milan")
    # Back to the rules: who is known is left as they are. The rehearsal before is not this one's.
    go_on(page, "Back")
    page.get_by_role("radio", name="Leave as they are").check()
    go_on(page, "Rehearse")
    expect(line(page, 2)).to_contain_text("the person exists already")
    expect(page.get_by_role("button", name="Import 0 rows")).to_be_disabled()
    remove(shop, 'email is "cy@import.example"')


def test_people_of_a_file_are_put_into_a_segment_and_nothing_else(page: Page, shop: Shop) -> None:
    kept = shop.api("POST", "/people", {"set": {"email": "seg@import.example", "city": "Rome"}})["number"]
    segment = shop.api("POST", "/segments", {"name": "From a file", "kind": "static"})
    give(page, shop, "members.csv", "email,city\nseg@import.example,Rome\n")
    go_on(page, "Next: columns")
    go_on(page, "Next: rules")
    go_on(page, "Rehearse")
    expect(page.get_by_role("button", name="Import 0 rows")).to_be_disabled()
    go_on(page, "Back")
    page.get_by_role("combobox", name="Static segments").fill("From a file")
    page.get_by_role("option", name="From a file").click()
    go_on(page, "Rehearse")
    assert counts(page) == {"row": 1, "unchanged": 1}
    expect(page.get_by_text("1 person would be put into segments.")).to_be_visible()
    go_on(page, "Put 1 person into segments")
    expect(page.get_by_text("The import is done.")).to_be_visible()
    assert [each["number"] for each in people(shop, f'in segment "{segment["id"]}"')] == [kept]
    shop.api("DELETE", f"/segments/{segment['id']}")
    remove(shop, 'email is "seg@import.example"')


def test_a_file_that_can_not_be_read_is_refused_where_it_was_dropped(page: Page, shop: Shop, watch: Watch) -> None:
    watch.expect(400, "/api/v1/workspaces/acme/imports")
    page.goto(shop.page("imports"))
    field = page.locator("input[type=file]")
    cases = {
        "photo.csv": (bytes(range(256)) * 30, "This is not a text file"),
        "empty.csv": (b"", "The file is empty"),
        "names.csv": (b"email,name\n", "There are no rows below the header"),
        "old.xls": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "This is an old or a protected Excel file. Save it as XLSX"),
    }
    for name, (content, reason) in cases.items():
        field.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        expect(page.get_by_role("alert")).to_contain_text(f"“{name}” can’t be imported: {reason}")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()


def test_how_a_file_was_read_is_changed(page: Page, shop: Shop) -> None:
    """Encoding, delimiter and the row of names of a text file."""
    content = "Liste der Kundinnen;2026;;\nE-Mail;Größe;Ort;Zahl\njosé@import.example;klein;Köln;1,5\n".encode("cp1252")
    give(page, shop, "kundinnen.csv", content)
    first = page.get_by_role("region", name="The first rows")
    expect(first).to_contain_text("josé@import.example")
    # A year in the first row makes it look like one of data.
    expect(first).not_to_contain_text("Names")
    page.get_by_role("button", name="Row 1 has the names of the columns").click()
    expect(first.get_by_role("row").first).to_contain_text("Names")
    page.get_by_role("textbox", name="Row with the names").fill("2")
    page.keyboard.press("Enter")
    expect(first.get_by_role("row").nth(1)).to_contain_text("Names")
    page.get_by_role("combobox", name="Columns are divided by").click()
    page.get_by_role("option", name="Bar").click()
    expect(page.get_by_text("1 column,")).to_be_visible()
    page.get_by_role("combobox", name="Columns are divided by").click()
    page.get_by_role("option", name="Semicolon").click()
    expect(page.get_by_text("4 columns,")).to_be_visible()


def test_a_sheet_is_chosen(page: Page, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Read", "me"])
        book.worksheets()[0].write_row(1, 0, ["first", "please"])
        sheet = book.add_worksheet("People")
        for at, cells in enumerate((["Email", "Name"], ["dot@import.example", "Dot"])):
            sheet.write_row(at, 0, cells)
    give(page, shop, "book.xlsx", path.read_bytes())
    expect(page.get_by_text("The file has 2 sheets; an import reads one.")).to_be_visible()
    page.get_by_role("combobox", name="Sheet").click()
    page.get_by_role("option", name="People").click()
    expect(page.get_by_role("region", name="The first rows")).to_contain_text("dot@import.example")
    go_on(page, "Next: columns")
    expect(page.get_by_role("combobox", name="Where “Email” goes")).to_have_value("Email")
    go_on(page, "Next: rules")
    go_on(page, "Rehearse")
    assert counts(page) == {"row": 1, "created": 1}


def test_columns_are_left_out_and_checked(page: Page, shop: Shop) -> None:
    give(page, shop, "columns.csv", "email,backup,size\neli@import.example,eli2@import.example,L\n")
    go_on(page, "Next: columns")
    backup = page.get_by_role("combobox", name="Where “backup” goes")
    backup.click()
    page.get_by_role("option", name="Email", exact=True).click()
    expect(page.get_by_text("Another column goes there too").first).to_be_visible()
    expect(page.get_by_role("button", name="Next: rules")).to_be_disabled()
    backup.click()
    page.get_by_role("option", name="Leave out").click()
    expect(page.get_by_role("button", name="Next: rules")).to_be_enabled()
    page.get_by_text("Left out (1)").click()
    expect(page.get_by_role("combobox", name="Where “size” goes")).to_have_count(0)
    key = page.get_by_role("combobox", name="People are recognised by")
    key.click()
    page.get_by_role("option", name="Nothing: every row is a new person").click()
    go_on(page, "Next: rules")
    expect(page.get_by_text("every row makes a new person")).to_be_visible()


def test_an_import_by_keyboard_alone(page: Page, shop: Shop) -> None:
    give(page, shop, "keys.csv", "email,name\nfay@import.example,Fay\n")
    for name in ("Next: columns", "Next: rules", "Rehearse", "Import 1 row"):
        button = page.get_by_role("button", name=name)
        expect(button).to_be_enabled()
        for _ in range(80):
            page.keyboard.press("Tab")
            if button.evaluate("(each) => each === document.activeElement"):
                break
        page.keyboard.press("Enter")
    expect(page.get_by_text("The import is done.")).to_be_visible()
    remove(shop, 'email is "fay@import.example"')


def test_a_long_job_is_seen_cancelled_and_told_of(open_page: OpenPage, shop: Shop) -> None:
    """Its progress moves in the list while it runs; the bell tells of its end, in a toast too."""
    page = open_page("people")
    rows = "".join(f"bulk-{at}@import.example,{at}\n" for at in range(150_000))
    give(page, shop, "large.csv", f"email,Large number\n{rows}")
    go_on(page, "Next: columns")
    go_on(page, "Next: rules")
    go_on(page, "Rehearse")
    expect(page.get_by_text("You may leave this page")).to_be_visible()
    menu = page.get_by_role("navigation", name="Tools")
    menu.get_by_role("link", name="Jobs").click()
    job = page.get_by_role("row").filter(has_text="Rehearsal of large.csv")
    expect(job).to_contain_text("of 150,000 rows")
    seen = job.inner_text()
    expect(job).not_to_have_text(seen)
    job.get_by_role("button", name="Cancel: Rehearsal of large.csv").click()
    expect(job).to_contain_text("Cancelled")
    expect(toast(page, "Rehearsal of large.csv was cancelled")).to_be_visible()
    page.get_by_role("button", name=re.compile("unread notification")).click()
    page.get_by_role("menuitem", name=re.compile("Rehearsal of large.csv was cancelled")).click()
    page.wait_for_url("**/jobs/job_*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rehearsal of large.csv")
    go_on(page, "Go on with: Rehearsal of large.csv")
    expect(page.get_by_role("button", name="Cancel: Rehearsal of large.csv")).to_be_visible()
    go_on(page, "Cancel: Rehearsal of large.csv")
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    page.get_by_role("link", name="Open the import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("large.csv")
    go_on(page, "Remove this import")
    page.get_by_role("dialog").get_by_role("button", name="Remove this import").click()
    expect(toast(page, "The import of large.csv is removed.")).to_be_visible()


def rehearsed(shop: Shop, name: str, content: str, **plan: Any) -> tuple[str, dict[str, Any]]:
    """The id of an import of email addresses, and the job of its rehearsal, which has begun."""
    source = shop.upload(name, content.encode())["id"]
    columns = [{"column": 1, "field": "email"}]
    shop.api("PUT", f"/imports/{source}/plan", {"columns": columns, "key": "email", "missing": "create", **plan})
    return source, shop.api("POST", f"/imports/{source}/rehearse")


def test_jobs_are_told_in_german(open_page: OpenPage, shop: Shop) -> None:
    """One that is done, one that has failed and one that runs: what each is called, did or does, and why it failed."""
    segment = shop.api("POST", "/segments", {"name": "Import of x", "kind": "static"})["id"]
    failing, job = rehearsed(shop, "Export of 2 people as CSV.csv", "email\nx@import.example\n", segments=[segment])
    shop.finished(job)
    shop.api("DELETE", f"/segments/{segment}?force=true")
    failed = shop.api("POST", f"/imports/{failing}/run")
    rehearsed(shop, "many.csv", "email\n" + "".join(f"b{at}@import.example\n" for at in range(150_000)))
    page = open_page("jobs", language="de")
    expect(page.get_by_role("row").filter(has_text="Probelauf von many.csv")).to_contain_text("Geht durch die Zeilen")
    wrong = page.get_by_role("row").filter(has_text="Import von Export of 2 people as CSV.csv")
    expect(wrong).to_contain_text("Dieses Segment gibt es nicht.")
    done = page.get_by_role("row").filter(has_text=f"Import von {IMPORTED}")
    expect(done).to_contain_text("unverändert · 1 übersprungen")
    wrong.get_by_role("link").first.click()
    expect(page.get_by_role("alert")).to_have_text("Gescheitert: Dieses Segment gibt es nicht.")
    assert shop.api("GET", f"/jobs/{failed['id']}")["failure"]["code"] == "segment_not_found"
    # Jobs stay listed, and other tests expect none that failed.
    shop.is_spoilt = True


def test_jobs_of_one_state(page: Page, shop: Shop) -> None:
    page.goto(shop.page("jobs"))
    expect(page.get_by_role("link", name=f"Import of {IMPORTED}")).to_be_visible()
    page.get_by_text("Failed", exact=True).click()
    page.wait_for_url("**/jobs?state=failed")
    expect(page.get_by_role("heading", name="No job is in this state")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("link", name=f"Import of {IMPORTED}")).to_be_visible()


def downloaded(page: Page) -> list[list[str]]:
    """The rows of the newest export, downloaded from the page of exports."""
    link = page.get_by_role("row").nth(1).get_by_role("link", name=re.compile("^Download"))
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    return list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))


def test_an_export_of_a_selection(page: Page, shop: Shop) -> None:
    show_people(page, shop, '?where=country+is+"Sweden"&sort=name')
    boxes = page.get_by_role("table", name="People").locator("[data-index] input[type=checkbox]")
    for at in range(3):
        boxes.nth(at).check()
    page.get_by_role("region", name="Selected people").get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog", name="Export 3 people")
    for label in ("Last seen", "First seen", "City"):
        dialog.get_by_role("button", name=f"Hide {label}").click()
    move_by_keys(page, dialog.get_by_role("button", name="Move Country"), "ArrowUp")
    dialog.get_by_role("button", name="Export", exact=True).click()
    expect(toast(page, "The export has begun.")).to_be_visible()
    expect(toast(page, "Export of 3 people as CSV is done")).to_be_visible()
    page.get_by_role("button", name="Show exports").click()
    page.wait_for_url("**/exports")
    expect(page.get_by_role("row").nth(1)).to_contain_text("expires")
    found = people(shop, 'country is "Sweden"', limit=3)
    head, *rows = downloaded(page)
    assert head == ["number", "Name", "Country", "Email"]
    found.sort(key=lambda each: int(each["number"]))
    assert rows == [[str(each.get(key, "")) for key in ("number", "name", "country", "email")] for each in found]


def test_an_export_of_a_filter(page: Page, shop: Shop) -> None:
    show_people(page, shop, '?where=country+is+"Brazil"')
    total = shop.count('country is "Brazil"')
    page.get_by_role("button", name="More ways in and out").click()
    page.get_by_role("menuitem", name=f"Export these {total} people").click()
    dialog = page.get_by_role("dialog", name=f"Export {total} people")
    expect(dialog).to_contain_text("gets an apostrophe in front")
    dialog.get_by_role("button", name="Export", exact=True).click()
    expect(toast(page, f"Export of {total} people as CSV is done")).to_be_visible()
    page.goto(shop.page("exports"))
    assert len(downloaded(page)) == total + 1


def test_an_export_of_a_segment(page: Page, shop: Shop) -> None:
    segment = shop.segment("Paying plans")
    page.goto(shop.page(f"segments/{segment['id']}"))
    page.get_by_role("button", name="Actions for Paying plans").click()
    page.get_by_role("menuitem", name="Export members").click()
    dialog = page.get_by_role("dialog", name=f"Export {segment['size']} people")
    dialog.get_by_text("Excel (XLSX)").click()
    dialog.get_by_label("File name").fill("paying")
    dialog.get_by_role("button", name="Export", exact=True).click()
    page.goto(shop.page("exports"))
    link = page.get_by_role("link", name="Download paying.xlsx")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"


def test_a_new_person(page: Page, shop: Shop, watch: Watch) -> None:
    watch.expect(400, "/api/v1/workspaces/acme/people")
    show_people(page, shop)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="New person")
    dialog.get_by_label("Name", exact=True).fill("Grete Neu")
    dialog.get_by_label("Email").fill("grete@import.example")
    dialog.get_by_role("combobox", name="Add a field").fill("Loyalty")
    page.get_by_role("option", name="Loyalty points").click()
    points = dialog.get_by_role("textbox", name="Loyalty points")
    points.fill("many")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(dialog).to_contain_text("expected a number")
    points.fill("12")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(toast(page, "Grete Neu is created.")).to_be_visible()
    number = shop.number('email is "grete@import.example"')
    assert shop.api("GET", f"/people/{number}")["data"]["loyalty_points"] == 12
    shop.api("DELETE", f"/people/{number}")


def test_someone_who_is_there_already(page: Page, shop: Shop, watch: Watch) -> None:
    watch.expect(409, "/api/v1/workspaces/acme/people")
    first = shop.api("POST", "/people", {"set": {"email": "hal@import.example", "name": "Hal Incandenza"}})["number"]
    show_people(page, shop)
    page.get_by_role("button", name="New person").click()
    dialog = page.get_by_role("dialog", name="New person")
    dialog.get_by_label("Name", exact=True).fill("Hal Incandenza")
    known = dialog.get_by_role("listitem").get_by_role("link", name="Hal Incandenza")
    expect(known).to_have_attribute("href", f"/w/acme/people/{first}")
    expect(dialog).to_contain_text("the same name")
    dialog.get_by_label("Email").fill("hal@import.example")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Somebody has this Email already.")
    dialog.get_by_role("button", name="Create anyway").click()
    expect(toast(page, "Hal Incandenza is created.")).to_be_visible()
    assert shop.count('name is "Hal Incandenza"') == 2
    remove(shop, 'name is "Hal Incandenza"')
