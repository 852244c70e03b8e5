"""Spreadsheets: read in a process of their own, and what is made to do harm is refused by it."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from coterie.kit.errors import TooLarge
from coterie.transfers import actions, limits, sheets
from coterie.transfers.models import Import
from coterie.transfers.reading import Unreadable, rows_of
from tests.support.measuring import measured
from tests.support.reading_apart import converted
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
ODS = (
    f'<office:document-content xmlns:office="{_OASIS}:office:1.0" xmlns:table="{_OASIS}:table:1.0" '
    f'xmlns:text="{_OASIS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Leute">'
    '<table:table-row><table:table-cell office:value-type="string"><text:p>email</text:p></table:table-cell>'
    '<table:table-cell office:value-type="string"><text:p>n</text:p></table:table-cell></table:table-row>'
    '<table:table-row><table:table-cell office:value-type="string"><text:p>ada@example.org</text:p>'
    '</table:table-cell><table:table-cell office:value-type="float" office:value="3"><text:p>3</text:p>'
    "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)
MANIFEST = f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0"></manifest:manifest>'


def workbook(*, rows: int = 2) -> bytes:
    """A file as Excel writes it: a title, a hidden sheet, dates, a formula, an error, a column left free."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Customers")
    book.add_worksheet("Other").write(0, 0, "x")
    book.add_worksheet("Secret").hide()
    sheet.write(0, 1, "Export of January")
    sheet.write_row(2, 1, ["Email", "Orders", "Member", "Since", "Sum", "Code"])
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for i in range(rows):
        sheet.write_row(3 + i, 1, [f"user{i}@example.org", i + 0.5 if i % 2 else i, bool(i % 2)])
        sheet.write_datetime(3 + i, 4, datetime.datetime(2026, 1, 31), day)
        sheet.write_formula(3 + i, 5, "=1+1", None, 2)
        sheet.write_formula(3 + i, 6, "=NA()", None, "#N/A")
    book.close()
    return out.getvalue()


def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def ods(content: str = ODS, encoding: str = "utf-8") -> bytes:
    return archive(
        mimetype=b"application/vnd.oasis.opendocument.spreadsheet",
        **{"content.xml": content.encode(encoding), "META-INF__manifest.xml": MANIFEST.encode()},
    )


def test_it_works(desk: Desk) -> None:
    source = desk.upload(workbook(), name="c.xlsx")
    assert (source.format, source.found["sheets"], source.found["header_row"]) == ("sheet", ["Customers", "Other"], 3)
    assert source.found["headers"] == ["", "Email", "Orders", "Member", "Since", "Sum", "Code"]
    assert [column["suggestion"] and column["suggestion"]["type"] for column in source.found["looked_at"]] == [
        None,
        "text",
        "number",
        "boolean",
        "date",
        "number",
        None,
    ]
    fields = ("", "email", "orders:number", "member:boolean", "since:date", "sum:number", "code:text")
    desk.plan(source, *fields, key="email")
    desk.rehearse(source)
    desk.run(source)
    # Rows have the numbers that they have in the sheet.
    assert [line for line, _, _ in desk.outcomes(source)] == [4, 5]
    assert desk.person("email", "user1@example.org").data == {
        "email": "user1@example.org",
        "orders": 1.5,
        "member": True,
        "since": "2026-01-31",
        "sum": 2,
    }


def test_ods(desk: Desk) -> None:
    source = desk.upload(ods(), name="c.ods")
    assert source.found["sheets"] == ["Leute"]
    desk.plan(source, "email", "n:number", key="email")
    desk.run(source)
    assert desk.person("email", "ada@example.org").data == {"email": "ada@example.org", "n": 3}


def test_another_sheet(desk: Desk) -> None:
    source = desk.upload(workbook(), name="c.xlsx")
    with pytest.raises(Unreadable, match="no such sheet"):
        actions.inspect(desk.access(), source.public_id, {"sheet": "Secret"})
    with pytest.raises(Unreadable, match="no rows below"):
        actions.inspect(desk.access(), source.public_id, {"sheet": "Other", "header_row": 1})
    actions.inspect(desk.access(), source.public_id, {"sheet": "Other", "header_row": 0})
    source.refresh_from_db()
    assert (source.found["sheet"], source.found["looked_at"][0]["samples"]) == ("Other", ["x"])


def overlapping() -> bytes:
    """Two entries of the directory that point at the same bytes."""
    data = bytearray(archive(a=b"x" * 3000, b=b"y" * 3000))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def lying() -> bytes:
    """An entry that says it is small and is not."""
    data = bytearray(archive(**{"content.xml": b" " * 30 * 1024**2}))
    place = data.find(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 1000)
    data[22:26] = struct.pack("<I", 1000)
    return bytes(data)


BOMB = archive(**{"content.xml": b"0" * 100 * 1024**2})
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + ODS[ODS.index("<office") :]
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ODS[ODS.index("<office") :]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        pytest.param(BOMB, "times its size", id="a bomb"),
        pytest.param(lying(), "times its size|damaged", id="a size that lies"),
        pytest.param(overlapping(), "overlap|damaged", id="overlapping parts"),
        pytest.param(archive(**{f"x{i}": b"" for i in range(1001)}), "1,001 parts", id="many parts"),
        pytest.param(ods(LAUGHS), "declares entities", id="a billion laughs"),
        pytest.param(ods(" " * 200_000 + LAUGHS), "declares entities", id="a billion laughs behind spaces"),
        pytest.param(ods(f"<!--{'x' * 2_000}-->{LAUGHS}"), "declares entities", id="behind a comment"),
        pytest.param(ods(LAUGHS, "utf-16"), "declares entities", id="a billion laughs in UTF-16"),
        pytest.param(ods(OUTSIDE), "declares entities", id="an outside file"),
        pytest.param(archive(**{"inner.zip": archive(x=b"x")}), "damaged", id="a nested archive"),
        pytest.param(workbook()[:3000], "not an XLSX|damaged", id="cut off"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 4000, "not an XLSX", id="no archive"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\x00" * 4000, "old or a protected", id="an old file"),
    ],
)
def test_what_does_harm_is_refused(desk: Desk, content: bytes, wrong: str) -> None:
    assert len(content) < 400_000
    with pytest.raises(Unreadable, match=wrong):
        desk.upload(content, name="x.xlsx")
    assert not Import.objects.of(desk.workspace).exists()


def test_one_cell_far_away_ends_only_its_own_process(desk: Desk) -> None:
    """As a dense table it would have 17 thousand million cells, whatever the stated dimension says."""
    book = zipfile.ZipFile(io.BytesIO(workbook()))
    entries = {name: book.read(name) for name in book.namelist()}
    name = "xl/worksheets/sheet1.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    entries[name] = entries[name].replace(b"</sheetData>", far)
    with pytest.raises(Unreadable, match=r"memory|columns"):
        desk.upload(archive(**entries), name="x.xlsx")


def test_more_than_fifty_megabytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHEET_FILE", 1000)
    with pytest.raises(TooLarge):
        desk.upload(workbook(), name="x.xlsx")
    assert not Import.objects.of(desk.workspace).exists()


def test_many_shared_texts(tmp_path: Path) -> None:
    path, out = tmp_path / "x.xlsx", tmp_path / "x.table"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("A")
    for row in range(30_000):
        sheet.write_row(row, 0, [f"{row} {column}" for column in range(5)])
    book.close()
    sheets.convert(path, "A", out)
    assert sum(1 for _ in rows_of(out, sheets.LAYOUT)) == 30_000


def test_a_process_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(rows=20_000))
    monkeypatch.setattr(limits, "SHEET_SECONDS", -1)
    with pytest.raises(Unreadable, match=r"too large|memory or time"):
        sheets.convert(path, "Customers", tmp_path / "out")
    assert not (tmp_path / "out").exists()


MIB = 1024**2


def test_a_bomb_costs_next_to_nothing(tmp_path: Path) -> None:
    """A hundred megabytes in a hundred kilobytes: what goes off is let alone after the first of them."""
    path, out = tmp_path / "x.xlsx", tmp_path / "out"
    path.write_bytes(BOMB)
    assert path.stat().st_size < 120_000
    found = measured(converted, path, out)
    assert "times its size" in found.said
    assert found.child < 64 * MIB
    assert found.grown < 16 * MIB
    # Most of it is the start of Python.
    assert found.worked < 1


# Sixteen thousand cells in each of a million rows, in half a kilobyte.
REPEATED = ODS.replace(
    "</table:table></office:spreadsheet>",
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384" '
    'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    "</table:table></office:spreadsheet>",
)


def test_repeated_rows_of_repeated_cells_end_only_their_own_process(tmp_path: Path) -> None:
    path, out = tmp_path / "x.ods", tmp_path / "out"
    path.write_bytes(ods(REPEATED))
    assert path.stat().st_size < 2_000
    found = measured(converted, path, out)
    assert any(word in found.said for word in ("memory", "columns", "rows", "damaged")), found
    assert found.child <= limits.SHEET_MEMORY
    assert found.grown < 64 * MIB
    assert not out.exists()


def test_a_million_shared_texts(tmp_path: Path) -> None:
    """They are read, within what a spreadsheet may take, and this process does not grow by them."""
    path, out = tmp_path / "x.xlsx", tmp_path / "out"
    book = zipfile.ZipFile(io.BytesIO(workbook()))
    entries = {name: book.read(name) for name in book.namelist()}
    texts = "".join(f"<si><t>text {place:07}</t></si>" for place in range(1_000_000))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    entries["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{texts}</sst>'.encode()
    cells = "".join(
        f'<row r="{place + 1}"><c r="A{place + 1}" t="s"><v>{place * 999_999}</v></c></row>' for place in (0, 1)
    )
    sheet = f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
    entries["xl/worksheets/sheet1.xml"] = sheet.encode()
    path.write_bytes(archive(**entries))
    found = measured(converted, path, out)
    assert found.said == "done"
    assert [row.cells for row in rows_of(out, sheets.LAYOUT)] == [["text 0000000"], ["text 0999999"]]
    assert found.child < 512 * MIB
    assert found.grown < 64 * MIB
