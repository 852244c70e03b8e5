"""The web app has German words for every reason that the server gives; the server's own text is English."""

import ast
import re
from collections.abc import Iterator

from tests.house.source import ROOT, sources

SOURCE = ROOT / "src" / "coterie"
GERMAN = ROOT / "ui" / "src" / "i18n" / "reasons" / "de.ts"

# Said where an event could be read and not used, and where not even that.
_SET_ASIDE = {"not_applied", "unreadable"}


def reasons() -> Iterator[tuple[str, str, set[str]]]:
    """Code, English words and names of the details of each reason in the source."""
    for source in sources():
        # The room audience has reasons of another kind: why someone is in a segment.
        if source.name != "kit/reasons.py" and "from coterie.kit.reasons import Reason" not in source.text:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                code, words = (ast.literal_eval(each) for each in node.args)
                yield code, words, {each.arg for each in node.keywords if each.arg is not None}


def set_aside() -> set[str]:
    """The codes with which events are set aside."""
    found = set(_SET_ASIDE)
    for file in (SOURCE / "tracking").rglob("*.py"):
        found |= set(re.findall(r'\bRefused\("(\w+)"', file.read_text("utf-8")))
    return found


def german() -> dict[str, str]:
    """The German words by code."""
    rows = re.findall(r"""^  (\w+):\s+(["'])(.*)\2,$""", GERMAN.read_text("utf-8"), re.MULTILINE)
    return {code: words for code, _, words in rows}


def test_it_works() -> None:
    found = {code: (words, details) for code, words, details in reasons()}
    assert found["no_number"] == ("expected a number, got {value}", {"value"})


def test_every_reason_has_its_german_words() -> None:
    words = german()
    assert sorted({code for code, _, _ in reasons()} | set_aside()) == sorted(words)
    for code, _, details in reasons():
        assert set(re.findall(r"{{(\w+)}}", words[code])) <= details, code


def test_a_code_has_one_text_which_shows_all_details() -> None:
    texts: dict[str, str] = {}
    for code, words, details in reasons():
        assert texts.setdefault(code, words) == words, code
        assert set(re.findall(r"{(\w+)[^}]*}", words)) == details, code
