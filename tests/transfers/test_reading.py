"""Text tables: how they are written is told from their beginning, and no file does harm."""

from __future__ import annotations

import itertools
import json
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.kit.errors import TooLarge
from coterie.kit.formulas import harmless, restored
from coterie.transfers import limits
from coterie.transfers.detecting import header_row, layout_of
from coterie.transfers.names import meant
from coterie.transfers.reading import Layout, Unreadable, rows_of
from tests.support.measuring import measured
from tests.support.reading_apart import read as read_apart

WORDS = "name;city;note\nZoë;Köln;größer\nJosé;São Paulo;naïve\nAndré;Malmö;déjà vu\n"


def read(path: Path, layout: Layout | None = None) -> list[list[str]]:
    return [row.cells for row in rows_of(path, layout or layout_of(path))]


def test_it_works(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b'\xef\xbb\xbfname,note\r\nAda,"a,\r\n""b"""\r\n\r\nBob,\r\n')
    assert layout_of(path) == Layout("utf-8", ",")
    rows = list(rows_of(path, layout_of(path)))
    assert [row.cells for row in rows] == [["name", "note"], ["Ada", 'a,\r\n"b"'], ["Bob", ""]]
    assert [row.line for row in rows] == [1, 3, 5]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "iso8859-15"],
)
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(WORDS.encode(encoding))
    assert read(path) == [line.split(";") for line in WORDS.splitlines()]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "имя;город\nАнна;Москва\nПётр;Санкт-Петербург\nОльга;Новосибирск\n" * 5),
        ("shift_jis", "名前;都市\n山田太郎;東京\n鈴木花子;大阪\nさくら;名古屋\n" * 5),
        ("cp1250", "imię;miasto\nŁukasz;Łódź\nMałgorzata;Żółw\nPaweł;Wrocław\n"),
        ("cp1253", "όνομα;πόλη\nΆννα;Αθήνα\nΓιώργος;Θεσσαλονίκη\nΕλένη;Πάτρα\n" * 5),
    ],
)
def test_other_scripts(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert read(path) == [line.split(";") for line in text.splitlines()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "x.csv"
    rows = [["name", "note", "n"], ["Ada", "one", "1"], ["Bob", f'with "quotes" and{delimiter} more', "2"]]
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path.write_text("\n".join(lines))
    assert read(path) == rows


def test_a_comma_in_a_text_of_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name;price\nAda, Countess;1,5\nBob;2,5\nCy, Dr;3,25\n")
    assert layout_of(path).delimiter == ";"


def test_what_is_not_valid_is_told_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"name\n" + b"Ada\n" * 300_000 + b"Zo\xeb\n")
    layout = layout_of(path)
    assert layout.encoding == "utf-8"
    last = deque(rows_of(path, layout), maxlen=1).pop()
    assert last.cells == ["Zo\udceb"]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n \n", "empty"),
        (b"\x00\x01\x02\x03\x04\x05" * 900, "zero bytes"),
        (b"GIF89a\x00\x00" + bytes(range(256)) * 40, "zero bytes"),
    ],
)
def test_no_table(tmp_path: Path, content: bytes, wrong: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=wrong):
        layout_of(path)


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('name,note\nAda,"open\n' + "x,y\n" * 200_000)
    with pytest.raises(Unreadable, match="quotation mark missing"):
        read(path, Layout())


def test_one_line_of_a_gigabyte(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.write(b"name\n")
        # A file with holes: as long as said, without taking the disk.
        file.truncate(1024**3)
        for place in range(64):
            file.seek(5 + place * 1024**2)
            file.write(b"a,b," * 256 * 1024)
    found = measured(read_apart, path)
    assert "Line 2 has more than" in found.said
    assert found.grown < 64 * 1024**2


def test_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join("abcde" * 201) + "\n")
    with pytest.raises(Unreadable, match="1,005 columns"):
        read(path, Layout())
    path.write_text(",".join("abcde" * 200) + "\n")
    assert len(read(path, Layout())[0]) == limits.COLUMNS


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["name", "email"], ["Ada", "a@b.de"]], 1),
        ([["Export of May"], [""], ["name", "email", "n"], ["Ada", "a@b.de", "1"], ["Bob", "b@b.de", "2"]], 3),
        ([["Ada", "a@b.de"], ["Bob", "b@b.de"]], 0),
        ([["1", "2"], ["3", "4"]], 0),
        ([], 0),
    ],
)
def test_where_the_columns_are_named(rows: list[list[str]], place: int) -> None:
    assert header_row(rows) == place


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("E-Mail", "email"),
        ("Email Address", "email"),
        ("emailAddress", "email"),
        ("Téléphone", "phone"),
        ("PHONE_NUMBER", "phone"),
        ("Straße", None),
        ("Land", "country"),
        ("Kundennummer", "user_id"),
        ("customerID", "user_id"),
        ("Vorname", "first_name"),
        ("Last seen", "last_seen"),
        ("", None),
    ],
)
def test_names(header: str, field: str | None) -> None:
    assert meant(header) == field


# The web app makes cells harmless too; its test reads the same table.
FORMULAS = json.loads((Path(__file__).parents[1] / "conformance" / "formulas.json").read_text())


@pytest.mark.parametrize("text", FORMULAS["dangerous"])
def test_formulas_are_made_harmless(text: str) -> None:
    cell = harmless(text)
    assert cell == f"'{text}"
    assert restored(cell) == text


@pytest.mark.parametrize("text", FORMULAS["plain"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
    assert restored(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@|%＝ \t\r\n05a.\ufeff\x00"), max_size=8) | st.text(max_size=8))
def test_every_text_comes_back(text: str) -> None:
    cell = harmless(text)
    assert restored(cell) == text
    # No spreadsheet takes a number for a formula.
    assert cell[:1] not in tuple("=@|%\t\r\n") or not cell


def test_an_upload_has_an_end(tmp_path: Path) -> None:
    from coterie.jobs.files import write_pieces

    with pytest.raises(TooLarge):
        write_pieces(tmp_path / "x", itertools.repeat(b"x" * 1024), most=10_000)
    assert list(tmp_path.iterdir()) == []
