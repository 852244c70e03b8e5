"""The web app has German words for what the register says; the server's own text is English."""

import re

from coterie.privacy.registry import HOLDINGS
from tests.house.source import ROOT

GERMAN = ROOT / "ui" / "src" / "i18n" / "register" / "de.ts"


def test_the_register_has_its_german_words() -> None:
    people = [row for row in HOLDINGS.values() if row.subject == "person"]
    told = {row.name for row in people} | {f"{row.name} copy" for row in people if row.not_told}
    assert told == set(re.findall(r'^  "?([\w. ]+)"?:', GERMAN.read_text("utf-8"), re.MULTILINE))
