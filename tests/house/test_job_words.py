"""What the source says of jobs by code has words, and the words say nothing else; both languages have the same."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from coterie.jobs import wording
from coterie.privacy.classes import CLASSES
from coterie.transfers.models import RowOutcome
from tests.house.source import ROOT, sources

SOURCE = ROOT / "src" / "coterie"
WORDS: dict[str, dict[str, dict[str, str]]] = {
    file.stem: json.loads(file.read_text("utf-8")) for file in (SOURCE / "jobs" / "words").glob("*.json")
}
# Codes that are chosen by a name, with the details that are given: all others stand in the call itself.
_CHOSEN = {
    "rehearsal": {"name"},
    "import": {"name"},
    "import_undo": {"name"},
    "type_check": {"name"},
    "type_change": {"name"},
    "another_try": {"name"},
    "into_segment": {"count", "name"},
    "out_of_segment": {"count", "name"},
}


def calls(name: str) -> Iterator[ast.Call]:
    """Each call of a function or method of that name in the source."""
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and name in (
                getattr(node.func, "id", None),
                getattr(node.func, "attr", None),
            ):
                yield node


def texts(node: ast.AST | None) -> set[str]:
    """The texts inside an expression."""
    found = ast.walk(node) if node is not None else ()
    return {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def given(name: str, keyword: str) -> set[str]:
    """What calls of a name are given under a keyword, where that stands there as text."""
    return {text for call in calls(name) for each in call.keywords if each.arg == keyword for text in texts(each.value)}


@cache
def titles() -> dict[str, set[str]]:
    """The codes of titles with the names of their details."""
    found = dict(_CHOSEN)
    for call in calls("titled"):
        if isinstance(code := call.args[0], ast.Constant):
            found[code.value] = {each.arg for each in call.keywords if each.arg is not None}
    return found


def places(text: str) -> set[str]:
    """The details that stand in the words, as they are given: `number` is made of `count`."""
    return {"count" if name == "number" else name for name in re.findall(r"{{(\w+)}}", text)}


def of_erasing() -> set[str]:
    """The phases of erasing, a table."""
    tree: Any = next(source.tree for source in sources() if source.name == "privacy/tasks.py")
    (table,) = [each for each in tree.body if isinstance(each, ast.AnnAssign) and each.target.id == "_PHASES"]
    return {value.value for value in table.value.values}


def test_it_works() -> None:
    assert set(WORDS) == {"en", "de"}
    assert titles()["export"] == {"count", "format"}
    assert {"rows", "through"} <= given("save", "phase")


def test_both_languages_say_the_same() -> None:
    for group, words in WORDS["en"].items():
        assert list(words) == list(WORDS["de"][group])
        for key, text in words.items():
            assert places(WORDS["de"][group][key]) == places(text), key
    assert list(WORDS["en"]) == list(WORDS["de"])


def test_titles_are_those_of_the_source_with_their_details() -> None:
    assert set(titles()) == set(wording.codes("title"))
    assert all(texts(call.args[0]) or isinstance(call.args[0], ast.Name) for call in calls("titled"))
    for key, text in WORDS["en"]["title"].items():
        code = next(code for code in (key, key.rpartition("_")[0]) if code in titles())
        assert places(text) == titles()[code], key


def test_codes_that_are_chosen_stand_in_the_source() -> None:
    used = {text for source in sources() for text in texts(source.tree)}
    assert set(_CHOSEN) <= used


def test_phases_and_units_are_those_of_the_source() -> None:
    phases = given("save", "phase") | given("_step", "phase") | of_erasing()
    assert phases == set(wording.codes("phase"))
    # What is counted where a job does not say it is the model's default.
    assert given("start", "unit") | given("start_own", "unit") | given("start_later", "unit") == set(
        wording.codes("unit")
    )


def counted() -> set[str]:
    """What jobs count by a name that stands in the source."""
    found: set[str] = set()
    for file in sorted(SOURCE.rglob("*.py")):
        text = file.read_text("utf-8")
        if "turn.result" in text:
            found |= {
                match[1]
                for match in re.finditer(
                    r'(?:counts\[|counts", {}\)\[|_count\(turn, |_tell\(turn, [\w.]+, )"(\w+)"', text
                )
            }
            # A table of counts, as `counts = {...}`, `["counts"] = {...}` or `"counts": {...}`.
            for table in re.findall(r'counts"?\]?(?: =|:|,) {([^}]*)}', text):
                found |= set(re.findall(r'"(\w+)":', table))
    return found


def test_what_is_counted_by_name_has_words() -> None:
    # What an undo restores is counted as taken back.
    rows = {outcome.name.lower() for outcome in RowOutcome} - {"restored"}
    # Beside its outcome a row may have these.
    assert rows | {"warnings", "problems"} | set(CLASSES) | counted() == set(wording.codes("count"))
