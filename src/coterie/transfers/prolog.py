"""What stands before the root element of an XML part: a document type there, with its entities, is refused.

No spreadsheet needs one, and whoever expands entities of a stranger's file reads other files or fills the memory.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from coterie.kit.reasons import Reason

_ENTITIES: Final = Reason("own_entities", "The file declares entities of its own, which no spreadsheet needs.")
_ENCODING: Final = Reason(
    "odd_encoding", "The file holds text in an encoding that no spreadsheet has: only UTF-8 and UTF-16 are read."
)
_BROKEN: Final = Reason("no_xml", "The file is damaged: a part of it does not begin as XML does.")

# How a part may begin that no reader of ours decodes: UTF-32 in either order, and EBCDIC.
_UNREAD: Final = (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0\0\0", b"\0\0\0<", b"\x4c\x6f\xa7\x94")
_NARROW: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_WIDE: Final = frozenset({"utf-16", "utf-16le", "utf-16be"})
_DOCUMENT_TYPE: Final = "<!doctype"
# Characters up to which the first line of a part, `<?xml ... ?>`, must end.
_LINE: Final = 4096
_XML_LINE: Final = re.compile(r"<\?xml\s")
_NAMED: Final = re.compile(r"""\sencoding\s*=\s*["']([^"']*)["']""")
# What an element's name begins with.
_NAME: Final = re.compile(r"[A-Za-z_:\x80-\U0010FFFF]")
# Comments that some readers take to be closed and others do not.
_NO_COMMENTS: Final = ("<!-->", "<!--->")


class Prolog:
    """Looks at a part as its bytes come, until its root element; pictures and other parts that are no XML pass.

    The work is linear in the bytes, and at most `_LINE` characters are kept between two pieces.
    """

    def __init__(self) -> None:
        self.ended = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._wide = False
        self._until = "<"
        self._rest = ""

    def take(self, piece: bytes) -> Reason | None:
        """Look at the next bytes; the reason when the part must not be read."""
        if self._decoder is None:
            if piece.startswith(_UNREAD):
                return _ENCODING
            encoding = _encoding_of(piece)
            self._wide = encoding != "utf-8"
            self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        text = self._rest + self._decoder.decode(piece)
        self._rest = ""
        at = 0
        while not self.ended and (found := text.find(self._until, at)) >= 0:
            if self._until != "<":
                at, self._until = found + len(self._until), "<"
                continue
            wrong, length = self._mark(text[found : found + _LINE])
            if wrong:
                return wrong
            if not length:
                self._rest = text[found:]
                return None
            at = found + length
        # The end of a comment may come in two pieces.
        self._rest = text[max(at, len(text) - len(self._until) + 1) :]
        return None

    def _mark(self, text: str) -> tuple[Reason | None, int]:
        """What is wrong with the mark that the text begins with, and its length; 0 when more must be seen of it."""
        if len(text) < len(_DOCUMENT_TYPE):
            return None, 0
        if text[: len(_DOCUMENT_TYPE)].lower() == _DOCUMENT_TYPE:
            return _ENTITIES, 0
        if text.startswith("<!--"):
            self._until = "-->"
            return (_BROKEN, 0) if text.startswith(_NO_COMMENTS) else (None, 4)
        if _XML_LINE.match(text):
            return self._xml_line(text)
        if text.startswith("<?"):
            self._until = "?>"
            return None, 2
        self.ended = _NAME.match(text, 1) is not None
        return None, 1

    def _xml_line(self, text: str) -> tuple[Reason | None, int]:
        end = text.find("?>")
        if end < 0:
            return (_BROKEN, 0) if len(text) == _LINE else (None, 0)
        named = _NAMED.search(text, 0, end)
        if named and named[1].lower() not in (_WIDE if self._wide else _NARROW):
            return _ENCODING, 0
        return None, end + 2


def _encoding_of(start: bytes) -> str:
    """By the mark of byte order, or by where the first characters have their zeros."""
    if start.startswith(codecs.BOM_UTF16_LE) or start[1:2] == b"\0":
        return "utf-16-le"
    if start.startswith(codecs.BOM_UTF16_BE) or start[:1] == b"\0":
        return "utf-16-be"
    return "utf-8"
