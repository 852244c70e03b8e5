"""A document type before the root element is found, however it is written and wherever the pieces of it are cut."""

from __future__ import annotations

import codecs
import time

import pytest

from coterie.transfers.prolog import Prolog

LINE = '<?xml version="1.0" encoding="{}"?>'
TYPE = '<!DOCTYPE x [<!ENTITY a "ha">]>'
ROOT = "<x>&a;</x>"


def refused(content: bytes, size: int = 1 << 18) -> str | None:
    """What is said of a part that comes in pieces of a size; None when it passes."""
    prolog = Prolog()
    for at in range(0, len(content), size):
        if not prolog.ended and (wrong := prolog.take(content[at : at + size])):
            return wrong
    return None


def utf16(text: str, order: str = "le", *, mark: bool = True) -> bytes:
    marked = ("\ufeff" if mark else "") + text
    return marked.encode(f"utf-16-{order}")


DECLARING = {
    "plain": (TYPE + ROOT).encode(),
    "after its line": (LINE.format("UTF-8") + TYPE + ROOT).encode(),
    "small letters": (TYPE.lower() + ROOT).encode(),
    "behind spaces": (" \n" * 300_000 + TYPE + ROOT).encode(),
    "behind a comment": ("<!--" + "x" * 600_000 + "-->" + TYPE + ROOT).encode(),
    "behind a comment with a tag in it": ("<!-- <x> -- > -->" + TYPE + ROOT).encode(),
    "behind an instruction": ("<?a <x> ?>" + TYPE + ROOT).encode(),
    "behind text": ("text > " + TYPE + ROOT).encode(),
    "behind a section": ("<![CDATA[x]]>" + TYPE + ROOT).encode(),
    "behind an end": ("</x>" + TYPE + ROOT).encode(),
    "with a mark": codecs.BOM_UTF8 + (TYPE + ROOT).encode(),
    "utf-16": utf16(LINE.format("UTF-16") + TYPE + ROOT),
    "utf-16, the other order": utf16(LINE.format("UTF-16") + TYPE + ROOT, "be"),
    "utf-16 without a mark": utf16(TYPE + ROOT, mark=False),
    "utf-16, the other order without a mark": utf16(TYPE + ROOT, "be", mark=False),
    "utf-16 behind spaces": utf16("  " * 5_000 + TYPE + ROOT, mark=False),
}
STRANGE = {
    "utf-7": LINE.format("UTF-7").encode() + b"+ADw-!DOCTYPE x+AD4-<x/>",
    "a letter set of old": (LINE.format("ISO-8859-1") + ROOT).encode(),
    "named far behind": ('<?xml version="1.0"' + " " * 3_000 + ' encoding="utf-7"?>' + ROOT).encode(),
    "said to be wide": (LINE.format("UTF-16") + ROOT).encode(),
    "said to be narrow": utf16(LINE.format("UTF-8") + ROOT),
    "utf-32": ("\ufeff" + TYPE + ROOT).encode("utf-32-le"),
    "utf-32, the other order": ("\ufeff" + TYPE + ROOT).encode("utf-32-be"),
    "utf-32 without a mark": (TYPE + ROOT).encode("utf-32-le"),
    "ebcdic": (LINE.format("cp037") + TYPE + ROOT).encode("cp037"),
}
BROKEN = {
    "a line without an end": ("<?xml " + " " * 5_000 + ROOT).encode(),
    "a comment that may be closed": ("<!--> <x> -->" + TYPE + ROOT).encode(),
    "another": ("<!---> <x> -->" + TYPE + ROOT).encode(),
}
HARMLESS = {
    "plain": ROOT.encode(),
    "as Excel writes it": (LINE.format("UTF-8") + "\r\n" + ROOT).encode(),
    "named in a comment": (f"<!-- {TYPE} -->" + ROOT).encode(),
    "named in a text": f"<x>{TYPE}</x>".encode(),
    "utf-16": utf16(LINE.format("utf-16") + ROOT),
    "nothing": b"",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "a drawing of old": b"\x01\0\0\0\x6c\0\0\0" + bytes(9_000),
    "a text": b"no XML at all, and 3 < 4",
}
SIZES = (1 << 18, 7, 4)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("content", DECLARING.values(), ids=DECLARING)
def test_it_works(content: bytes, size: int) -> None:
    assert "declares entities" in str(refused(content, size))


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_an_encoding_that_is_not_decoded_is_refused(content: bytes) -> None:
    assert "only UTF-8 and UTF-16" in str(refused(content))


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_readers_differ_about_is_refused(content: bytes) -> None:
    assert "damaged" in str(refused(content))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS)
def test_others_pass(content: bytes, size: int) -> None:
    assert refused(content, size) is None


@pytest.mark.parametrize("unit", [b"<", b"<?", b"<!--", b"-->", b"<!--x-->", b"<?x?>"])
def test_the_work_is_linear(unit: bytes) -> None:
    """Ten times as much takes about ten times as long, whatever is repeated."""

    def seconds(times: int) -> float:
        # Of this thread alone: others of the process, such as those of the index, may be at work.
        started = time.thread_time()
        refused(unit * times, 1 << 14)
        return time.thread_time() - started

    assert seconds(1_000_000) < 30 * max(seconds(100_000), 0.02)
