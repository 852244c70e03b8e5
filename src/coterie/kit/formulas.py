"""Cells that a spreadsheet would take for a formula: made harmless on the way out, and taken back on the way in.

A spreadsheet shows a cell that begins with an apostrophe as the text behind it. So that every text comes back as it
was, one that only looks as if it had been made harmless gets an apostrophe too.
"""

from __future__ import annotations

import re
from typing import Final

# Some programs drop blanks and control characters before they look at the first sign, and some take full-width signs.
_DANGEROUS: Final = re.compile(
    r"'*(?:[\t\r\n]|[\s\x00-\x20\x7f-\xa0\ufeff\u200b-\u200f\u2028-\u202e\u2060]*[=+\-@|%＝＋－＠｜％])"
)
# What is a plain number is a number for a spreadsheet, and no formula.
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_MARKS: Final = frozenset("'=+-@|%＝＋－＠｜％\t\r\n")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    # Nearly every cell begins with a letter or a digit.
    if not text or text[0].isalnum():
        return text
    return f"'{text}" if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text) else text


def restored(cell: str) -> str:
    """The text that `harmless` made a cell of; other cells as they are."""
    if cell[:1] != "'" or not _DANGEROUS.match(cell):
        return cell
    text = cell[1:]
    return text if not _NUMBER.fullmatch(text) else cell
