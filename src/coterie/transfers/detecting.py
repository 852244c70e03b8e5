"""How a text file is written, told from its beginning: encoding, delimiter, and which row names the columns."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from coterie.transfers import limits
from coterie.transfers.reading import Layout, Unreadable, encoding_of_bom

ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "utf-32-le": "UTF-32 (little endian)",
    "utf-32-be": "UTF-32 (big endian)",
    "cp1252": "Western European (Windows-1252, Latin-1)",
    "iso8859-15": "Western European (Latin-9)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859-2": "Central European (Latin-2)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "shift_jis": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "euc_kr": "Korean (EUC-KR)",
}
"""Encodings that an import can be told, by Python's name."""
# For text of plain letters with some accents: of equally likely ones the earlier.
_LATIN: Final = ("cp1252", "cp1250", "iso8859-2")
DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
# Of equally likely delimiters the earlier one is meant.
_TRIED_ROWS: Final = 200
# Beyond so few rows, a title above the table is not looked for.
_HEADER_WITHIN: Final = 20


def layout_of(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Layout:
    """How a file is written; what is given is taken as given. Raises Unreadable for an empty file and a binary one."""
    with path.open("rb") as file:
        start = file.read(limits.SAMPLE_BYTES)
        whole = len(start) < limits.SAMPLE_BYTES
    if not start.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("The file is empty.", code="empty_file")
    found = encoding or encoding_of(start, whole=whole)
    text = decoded(start, found)
    return Layout(found, delimiter or delimiter_of(text))


def encoding_of(start: bytes, *, whole: bool) -> str:
    """The encoding of a file from its first bytes; `whole` says that these are all."""
    marked = encoding_of_bom(start)
    if marked is not None:
        return marked
    wide = _wide(start)
    if wide is not None:
        return wide
    if b"\0" in start[:4096]:
        raise Unreadable("This is not a text file: it holds zero bytes. CSV, XLSX and ODS can be read.", code="binary")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=whole)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    # Lines of ASCII tell nothing.
    telling = b"\n".join(line for line in start.splitlines() if not line.isascii())[: 64 * 1024]
    if _is_latin(telling):
        return max(_LATIN, key=lambda encoding: (_letters(telling, encoding), -_LATIN.index(encoding)))
    best = from_bytes(telling, cp_isolation=[name for name in ENCODINGS if not name.startswith("utf")]).best()
    return codecs.lookup(best.encoding).name if best is not None else "cp1252"


def _is_latin(telling: bytes) -> bool:
    """Whether this is a script of plain letters with a few others among them."""
    high = sum(byte > 0x7F for byte in telling)
    plain = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in telling)
    return plain > high


def _letters(telling: bytes, encoding: str) -> int:
    """How many signs beyond ASCII would be letters: read wrongly, they become symbols."""
    return sum(sign.isalpha() for sign in telling.decode(encoding, "replace") if sign > "\x7f" and sign != "\ufffd")


def _wide(start: bytes) -> str | None:
    """UTF-16 without a byte order mark: in most files of it every other byte is zero."""
    sample = start[:4096]
    if len(sample) < 4:
        return None
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > half * 0.4 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.1:
        return "utf-16-be"
    return None


def decoded(start: bytes, encoding: str) -> str:
    """The beginning of a file as text, without a byte order mark and without half a character at its end."""
    text = codecs.getincrementaldecoder(encoding)("surrogateescape").decode(start, final=False)
    return text.removeprefix("\ufeff")


def delimiter_of(text: str) -> str:
    """The delimiter by which most rows have the same number of columns; a comma for a single column."""
    cut = text.rfind("\n") + 1
    sample = text[:cut] if cut and len(text) > limits.SAMPLE_BYTES // 4 else text
    scores = [(_likelihood(sample, delimiter), -place, delimiter) for place, delimiter in enumerate(DELIMITERS)]
    return max(scores)[2]


def _likelihood(sample: str, delimiter: str) -> tuple[float, int]:
    """How alike the rows are in width, then how wide; (0, 0) where nothing is divided."""
    widths: Counter[int] = Counter()
    try:
        for cells in csv.reader(io.StringIO(sample), delimiter=delimiter):
            if cells:
                widths[len(cells)] += 1
            if widths.total() >= _TRIED_ROWS:
                break
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, rows = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    return (round(rows / widths.total(), 2), width) if width > 1 else (0.0, 0)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows names the columns, from 1; 0 when the first one looks like data already."""
    if not rows:
        return 0
    width = Counter(len(_filled(row)) for row in rows).most_common(1)[0][0]
    for place, row in enumerate(rows[:_HEADER_WITHIN], start=1):
        filled = _filled(row)
        # A title above the table has fewer cells than the table.
        if len(filled) >= max(1, round(width * 0.6)):
            return 0 if any(_looks_like_data(cell) for cell in filled) or _doubled(filled) else place
    return 1


def _filled(row: Sequence[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _doubled(cells: Sequence[str]) -> bool:
    return len({cell.strip().lower() for cell in cells}) < len(cells) * 0.6


def _looks_like_data(cell: str) -> bool:
    text = cell.strip()
    return "@" in text or text.replace(".", "", 1).replace("-", "").replace("+", "").isdecimal()
