"""Nothing is kept without saying what it is: the register has every column, table of the index and kind of file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps

import coterie
from coterie.accounts.holding import Class, Holding, columns
from coterie.audience.schema import TABLES
from coterie.jobs.files import PART
from coterie.privacy.registry import HOLDINGS
from tests.support.world import World

pytestmark = pytest.mark.server

SOURCES = Path(coterie.__file__).parent
TABLES_IN_SQL = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
FILES = "files."
INDEX = "index."


def registered(name: str) -> set[str]:
    holding = HOLDINGS.get(name)
    return set(holding.columns) if holding else set()


def test_every_column_of_sql_is_declared() -> None:
    kept = {name: {field.name for field in model._meta.local_fields} for name, model in TABLES_IN_SQL.items()}
    assert {name: sorted(fields - registered(name)) for name, fields in kept.items() if fields - registered(name)} == {}


def test_every_column_of_the_index_is_declared() -> None:
    kept = {f"{INDEX}{name}": set(table.types) for name, table in TABLES.items()}
    assert {name: registered(name) ^ fields for name, fields in kept.items() if registered(name) ^ fields} == {}


# Functions of jobs/files.py that make a file one of the workspace's, and those that only say where one may lie.
KEEPS = {"files.keep", "files.finish", "keep", "finish"}
PLACES = {"files.new_place", "new_place"}


def calls(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in names]


def kinds_of(tree: ast.AST) -> set[str]:
    """The kinds that some code keeps files as: `files.keep(..., purpose="export")`; "?" where it can't be told."""
    found = set()
    for call in calls(tree, KEEPS):
        (purpose,) = [word.value for word in call.keywords if word.arg == "purpose"]
        found.add(str(purpose.value) if isinstance(purpose, ast.Constant) else "?")
    return found


def unnamed(tree: ast.AST) -> list[str]:
    """Functions that take a place for a file and don't keep it under a kind themselves."""
    return [
        each.name
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef) and calls(each, PLACES) and not kinds_of(each) - {"?"}
    ]


def test_every_kind_of_file_is_declared() -> None:
    trees = {path: ast.parse(path.read_text()) for path in SOURCES.rglob("*.py")}
    kept = {PART}.union(*map(kinds_of, trees.values()))
    assert {"upload", "table", "export", "errors", "frozen", "copy"} <= kept
    assert {kind for kind in kept if f"{FILES}{kind}" not in HOLDINGS} == set()
    # A file in the making is declared too: its place is taken where it is kept, or by `begin`.
    made = {path: unnamed(tree) for path, tree in trees.items() if path.name != "files.py"}
    assert {str(path): names for path, names in made.items() if names} == {}


def test_a_file_that_is_not_declared_is_seen() -> None:
    code = "def f():\n    p = files.new_place(w, '.csv')\n    p.touch()\ndef g():\n    files.keep(w, p, purpose='x')"
    assert (unnamed(ast.parse(code)), kinds_of(ast.parse(code))) == (["f"], {"x"})
    assert kinds_of(ast.parse("keep(w, p, purpose=what)")) == {"?"}


def test_nothing_is_declared_that_is_not_there() -> None:
    known = {*TABLES_IN_SQL, *(f"{INDEX}{name}" for name in TABLES)}
    assert {name for name in HOLDINGS if not name.startswith(FILES)} - known == set()
    for name, model in TABLES_IN_SQL.items():
        assert registered(name) == {field.name for field in model._meta.local_fields}, name


def test_no_column_is_in_two_classes() -> None:
    assert columns(personal="a b", none="c") == {"a": Class.PERSONAL, "b": Class.PERSONAL, "c": Class.NONE}
    for name, holding in HOLDINGS.items():
        assert holding.name == name
        # A name in two classes would be one key in the mapping and hide a mistake.
        if name in TABLES_IN_SQL:
            assert len(holding.columns) == len(TABLES_IN_SQL[name]._meta.local_fields), name


def test_what_is_personal_of_people_is_copied_or_says_why_not() -> None:
    for holding in HOLDINGS.values():
        if holding.subject == "person":
            assert holding.erased.endswith("."), holding.name
            assert bool(holding.read) != bool(holding.not_told) or not holding.holds_personal, holding.name
    with pytest.raises(ValueError, match="copy"):
        Holding("x", "person", columns(personal="a"), erased="Removed.")
    with pytest.raises(ValueError, match="erased"):
        Holding("x", "person", columns(none="a"))


def test_it_can_be_read(world: World) -> None:
    answer = world.api("ada").get("/workspaces/acme/register")
    assert answer.status_code == 200
    items = {row["name"]: row for row in answer.json()["items"]}
    assert items.keys() == HOLDINGS.keys()
    assert items["people_note"]["columns"]["text"] == "personal"
    assert (items["people_note"]["copied"], items["people_note"]["erased"]) == (True, "Removed.")
    assert world.api("bob").get("/workspaces/acme/register").status_code == 403
