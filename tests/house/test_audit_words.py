"""The web app has words for what the audit log holds: the kinds of jobs, and the names of an entry's details."""

import ast
import re

from coterie.jobs import kinds
from tests.house.source import ROOT, sources

SETTINGS = ROOT / "ui" / "src" / "features" / "settings"
RECORDING = {"record", "_record_of_user"}
# What is told of a workspace by the fields that changed, and of a hidden segment by whom it is hidden from.
OF_FIELDS = {"name", "timezone", "language", "roles", "users"}
# What a job did has words of its own: those of the page of jobs.
OF_JOBS = {"counts"}


def details() -> set[str]:
    """The names of the details that entries are given in the source."""
    found: set[str] = set()
    for source in sources():
        for function in (each for each in ast.walk(source.tree) if isinstance(each, ast.FunctionDef)):
            calls = [each for each in ast.walk(function) if isinstance(each, ast.Call) and _name(each) in RECORDING]
            for call in calls:
                for each in call.keywords:
                    if each.arg == "details":
                        found |= _keys(each.value, function)
    return found


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _keys(given: ast.expr, function: ast.FunctionDef) -> set[str]:
    """The keys of an expression that makes details; those of a variable are looked for in its function."""
    if isinstance(given, ast.Name):
        found: set[str] = set()
        for each in ast.walk(function):
            if isinstance(each, ast.AnnAssign | ast.Assign) and each.value is not None:
                target = each.targets[0] if isinstance(each, ast.Assign) else each.target
                if isinstance(target, ast.Subscript) and ast.unparse(target.value) == given.id:
                    found |= {str(ast.literal_eval(target.slice))}
                elif ast.unparse(target) == given.id:
                    found |= _keys(each.value, function)
        return found
    dicts = [each for each in ast.walk(given) if isinstance(each, ast.Dict)]
    return {str(ast.literal_eval(key)) for each in dicts for key in each.keys if key is not None}


def words(language: str) -> set[str]:
    """The names of details that have words."""
    text = (SETTINGS / "i18n" / f"{language}.ts").read_text("utf-8")
    rows = text[text.index("    keys: {\n      action:") :]
    return set(re.findall(r"^      (\w+):", rows[: rows.index("\n    },")], re.MULTILINE))


def test_it_works() -> None:
    assert {"role", "hold", "until", "fields", "worked"} <= details()


def test_every_detail_has_words_in_both_languages() -> None:
    assert sorted(words("en")) == sorted(words("de")) == sorted((details() | OF_FIELDS) - OF_JOBS)


def test_every_kind_of_job_has_words() -> None:
    text = (SETTINGS / "audit.ts").read_text("utf-8")
    rows = text[text.index("export const JOBS = [") :]
    named = set(re.findall(r'^  "([\w.]+)",$', rows[: rows.index("]")], re.MULTILINE))
    # Tests of jobs have kinds of their own.
    assert sorted(named) == [kind for kind in kinds.known() if not kind.startswith("test.")]
