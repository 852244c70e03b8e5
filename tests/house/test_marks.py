"""Tests that touch storage run in both shapes, or say why one is enough."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import ROOT

TESTS = ROOT / "tests"
DATABASE = {"db", "transactional_db", "django_db_setup", "django_db_blocker"}
# Files with tests that use the database and run in the embedded shape alone. Each row has its reason.
EMBEDDED_ALONE: dict[str, str] = {
    "accounts/test_local.py": "a token in memory: no statement of its own",
    "hold/test_rebuild.py": "blocks and parts of one node's tables, slow on shards; its other tests are marked",
    "kit/test_durability.py": "answers of both databases are made up; the test of the real one is marked",
    "web/test_api.py": "shapes of answers: what they hold is tested in each room",
    "web/test_app.py": "files of the web app",
    "web/test_openapi.py": "the document, which asks no database",
    "web/test_pages.py": "pages and headers around what rooms answer",
    "web/test_permissions.py": "every route for every caller takes long; who may do what is read by the same two "
    "queries, which tests/accounts asks in both shapes",
}

Needs = Mapping[str, set[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function of a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def marks(node: ast.AST | None) -> set[str]:
    """Names of the marks in decorators, or in what `pytestmark` is."""
    return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)} if node else set()


def fixtures(tree: ast.AST) -> dict[str, set[str]]:
    """The fixtures of a file, each with what it asks for."""
    found: dict[str, set[str]] = {}
    for node in functions(tree):
        if any("fixture" in marks(each) for each in node.decorator_list):
            found.setdefault(node.name, set()).update(asked(node))
    return found


def asked(node: Function) -> set[str]:
    """What a test or a fixture asks for, by its arguments or by `usefixtures`."""
    named = (
        each for decorator in node.decorator_list if "usefixtures" in marks(decorator) for each in ast.walk(decorator)
    )
    words = {each.value for each in named if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return words | {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}


def reaches(name: str, known: Needs, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a fixture leads to the database."""
    if name in DATABASE:
        return True
    return any(reaches(each, known, seen | {name}) for each in known.get(name, set()) - seen - {name})


def unmarked(tree: ast.Module, known: Needs) -> list[str]:
    """Tests of a file that use the database without the mark; `known` are the fixtures of others that it sees."""
    known = {**known, **fixtures(tree)}
    module: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            module = marks(node.value)
    found = []
    for test in functions(tree):
        own = module.union(*(marks(each) for each in test.decorator_list))
        uses = "django_db" in own or any(reaches(each, known) for each in asked(test))
        if test.name.startswith("test_") and uses and "server" not in own:
            found.append(test.name)
    return found


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def seen_from(path: Path) -> dict[str, set[str]]:
    """The fixtures that a file sees: those of the folders above, nearer ones first, and those that these import."""
    found: dict[str, set[str]] = {}
    folders = [folder for folder in reversed(path.parents) if folder == TESTS or TESTS in folder.parents]
    for file in [*(folder / "conftest.py" for folder in folders), path]:
        if file.exists():
            for node in ast.walk(parsed(file)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
                    found |= _imported(ROOT / f"{(node.module or '').replace('.', '/')}.py")
            found |= fixtures(parsed(file))
    return found


def _imported(file: Path) -> dict[str, set[str]]:
    return (seen_from(file) if file.name == "conftest.py" else fixtures(parsed(file))) if file.exists() else {}


def found_in_tests() -> dict[str, list[str]]:
    """Unmarked tests by file."""
    tests = {path: unmarked(parsed(path), seen_from(path)) for path in sorted(TESTS.rglob("test_*.py"))}
    return {str(path.relative_to(TESTS)): names for path, names in tests.items() if names}


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("def test_a(db): ...", True),
        ("def test_a(world): ...", True),
        ("@pytest.mark.django_db\ndef test_a(): ...", True),
        ("pytestmark = pytest.mark.django_db\ndef test_a(): ...", True),
        ("@pytest.mark.server\ndef test_a(db): ...", False),
        ("pytestmark = [pytest.mark.django_db, pytest.mark.server]\ndef test_a(): ...", False),
        ("@pytest.fixture\ndef world(): ...\ndef test_a(world): ...", False),
        ('@pytest.mark.usefixtures("world")\ndef test_a(): ...', True),
        ("def test_a(tmp_path): ...", False),
        ("def made(db): ...", False),
    ],
)
def test_it_works(code: str, caught: bool) -> None:
    assert bool(unmarked(ast.parse(code), {"world": {"db"}})) is caught


def test_tests_of_storage_run_in_both_shapes() -> None:
    wrong = {name: tests for name, tests in found_in_tests().items() if name not in EMBEDDED_ALONE}
    assert not wrong, f"mark these tests with `server`, or list the file with the reason: {wrong}"


def test_the_list_of_exceptions_is_in_use() -> None:
    assert not set(EMBEDDED_ALONE) - set(found_in_tests())
