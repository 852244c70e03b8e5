"""The web app has German words for every error that people can meet; the server's own sentences are English."""

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from coterie.kit.errors import CoterieError
from coterie.kit.reasons import Reason
from tests.house.source import ROOT, Source, parse, sources

WORDS = ROOT / "ui" / "src" / "i18n"
# What only programs meet: the doors of SDKs, and the command line.
PROGRAMS = {"tracking", "cli"}
# Of other rooms, but about what the web app never sends or asks for.
MACHINES = {"unknown_parameter", "write_key"}
_CODE = re.compile(r'\b(?:default_)?code ?= ?"([a-z_0-9]+)"')
# Its sentences are put together where filters are read, which has tests of its own.
OF_FILTERS = {"invalid_filter"}
# Sentences that are not made where the error is, and why they need not be.
TOLD_AGAIN = {
    "transfers/delivering.py: error.message": "an error that was caught, with its code and its details",
}


def seen() -> Iterator[Source]:
    """The files of the rooms whose errors someone at a screen can meet."""
    return (source for source in sources() if "/" in source.name and source.name.partition("/")[0] not in PROGRAMS)


def errors(source: Source) -> Iterator[tuple[ast.Call, type[CoterieError], str | None]]:
    """Each place where an error is made, with its class and its code; None where that is decided by what goes on."""
    module = importlib.import_module("coterie." + source.name.removesuffix(".py").replace("/", "."))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            kind = value_of(module, node.func)
            if isinstance(kind, type) and issubclass(kind, CoterieError):
                given = [value_of(module, each.value) for each in node.keywords if each.arg == "code"]
                yield node, kind, given[0] if given else kind.default_code


def value_of(module: Any, node: ast.expr) -> Any:
    """What an expression of names alone stands for in a module, None where that is not known."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Attribute):
        return getattr(value_of(module, node.value), node.attr, None)
    return getattr(module, node.id, None) if isinstance(node, ast.Name) else None


def codes() -> set[str]:
    """The codes of errors that someone at a screen can meet."""
    found = {code for source in seen() for _, _, code in errors(source) if code}
    # Those of classes that are made elsewhere, and those that a model's own checks give.
    return found | {code for source in seen() for code in _CODE.findall(source.text)}


def german() -> dict[str, str]:
    """What is said of errors in German, by code, but for the words of all pages."""
    text = (WORDS / "problems" / "de.ts").read_text("utf-8")
    return dict(re.findall(r'^  (\w+):\s+"(.*)",$', text, re.MULTILINE))


def common(language: str) -> set[str]:
    """The codes that the words of all pages have."""
    text = (WORDS / f"{language}.ts").read_text("utf-8")
    rows = text[text.index("  errors: {") :]
    return set(re.findall(r"^    (\w+):", rows[: rows.index("\n  },")], re.MULTILINE))


def unworded(source: Source, shown: set[str]) -> list[str]:
    """The errors with one of these codes whose sentence is English text and no reason."""
    return [
        f"{source.place(node)}: {ast.unparse(node)}"
        for node, kind, code in errors(source)
        if (code is None or code in shown) and not _is_worded(source, node, kind)
    ]


def _is_worded(source: Source, node: ast.Call, kind: type[CoterieError]) -> bool:
    if "__init__" in vars(kind):
        return True
    given = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "message")]
    if not given:
        return isinstance(kind.default_message, Reason)
    return f"{source.name}: {ast.unparse(given[0])}" in TOLD_AGAIN or _is_reason(source, given[0])


def _is_reason(source: Source, node: ast.expr) -> bool:
    """Whether an expression is a reason: made here or by a function of the file, or a name of one."""
    if isinstance(node, ast.Call):
        made = ast.unparse(node.func)
        return made.startswith("Reason") or made.endswith(".sentence") or made in _makers(source)
    if not isinstance(node, ast.Name):
        return False
    for each in ast.walk(source.tree):
        if isinstance(each, ast.arg) and each.arg == node.id and each.annotation:
            return ast.unparse(each.annotation) == "Reason"
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == node.id and _is_reason(source, each.value):
            return True
    return False


def _makers(source: Source) -> set[str]:
    """The functions of a file that give a reason."""
    functions = (each for each in ast.walk(source.tree) if isinstance(each, ast.FunctionDef) and each.returns)
    return {each.name for each in functions if each.returns and "Reason" in ast.unparse(each.returns)}


def test_every_error_has_its_german_words() -> None:
    ours = set(german())
    told = ours | common("de")
    # Without a server there is no code of its own.
    assert told - {"offline"} == codes() - MACHINES
    assert not ours & common("de")
    assert common("de") == common("en")


def test_a_sentence_that_german_words_show_is_a_reason() -> None:
    shown = {code for code, words in german().items() if "{{message}}" in words} - OF_FILTERS
    assert {"invalid_input", "too_large", "unreachable"} <= shown
    assert not [place for source in seen() for place in unworded(source, shown)]


@pytest.mark.parametrize(
    ("made", "is_worded"),
    [
        ('InvalidInput("There is no such sheet.")', False),
        ('InvalidInput(f"There is no sheet {sheet}.", code="bad_plan")', False),
        ('InvalidInput(message="There is no such sheet.")', False),
        ('InvalidInput(str(error), code="bad_plan" if error else "other")', False),
        ('InvalidInput(Reason("no_sheet", "There is no such sheet."))', True),
        ('InvalidInput("There is no such sheet.", code="other")', True),
        ("TooLarge()", True),
    ],
)
def test_it_finds_sentences(made: str, *, is_worded: bool) -> None:
    source = parse("transfers/compiling.py", made.replace("TooLarge", "InvalidInput"))
    assert (not unworded(source, {"invalid_input", "bad_plan"})) is is_worded
