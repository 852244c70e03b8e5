"""Rooms keep to themselves what is their own: names with an underscore, and the writing of their rows."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Source, parse, sources

WRITES = {"abulk_create", "bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update"}
WRITES |= {"update_or_create"}
# Rooms that write rows of another one themselves. Each row has a reason.
MAY_WRITE: dict[str, str] = {
    "privacy/holding.py": "legal holds are made here; the rows lie below, where people are kept from going",
    "privacy/retention.py": "retention rules are made here; the rows lie below, where each room asks for its own",
}


def foreign_names(source: Source) -> Iterator[tuple[ast.AST, str, str]]:
    """What a file imports from other rooms: where, from which module, and which name."""
    room = source.name.split("/")[0]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("coterie."):
            for alias in node.names:
                module = node.module if node.module.count(".") > 1 else f"{node.module}.{alias.name}"
                if module.split(".")[1] != room:
                    yield node, module, alias.asname or alias.name


def private_names(source: Source) -> Iterator[str]:
    """Where a file uses a name with an underscore of another room."""
    modules = set()
    for node, _, name in foreign_names(source):
        modules.add(name)
        if name.startswith("_"):
            yield source.place(node)
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules):
            continue
        if node.attr.startswith("_") and not node.attr.startswith("__"):
            yield source.place(node)


def foreign_writes(source: Source) -> Iterator[str]:
    """Where a file writes rows of another room's models."""
    models = {name for _, module, name in foreign_names(source) if module.endswith(".models")}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            start: ast.expr = node.func
            while isinstance(start, ast.Attribute | ast.Call):
                start = start.value if isinstance(start, ast.Attribute) else start.func
            if isinstance(start, ast.Name) and start.id in models:
                yield source.place(node)


@pytest.mark.parametrize(
    ("check", "code", "wrong"),
    [
        (private_names, "from coterie.people.batch import _why_not", True),
        (private_names, "from coterie.people import batch\nbatch._why_not({})", True),
        (private_names, "from coterie.people import batch\nbatch.flush({})", False),
        (private_names, "from coterie.audience.index import _lock", False),
        (
            foreign_writes,
            "from coterie.people.models import Note\nNote.objects.of(1).filter(a=1).update(a=2)",
            True,
        ),
        (foreign_writes, "from coterie.people.models import Note\nNote.objects.of(1).filter(a=1).count()", False),
        (foreign_writes, "from coterie.audience.models import Leaf\nLeaf.objects.create()", False),
    ],
)
def test_it_works(check: object, code: str, wrong: bool) -> None:
    assert callable(check)
    assert bool(list(check(parse("audience/sample.py", code)))) is wrong


def test_private_names_stay_in_their_room() -> None:
    assert [place for source in sources() for place in private_names(source)] == []


def test_rows_are_written_by_their_room() -> None:
    assert [place for source in sources() if source.name not in MAY_WRITE for place in foreign_writes(source)] == []


def test_every_exception_is_in_use() -> None:
    assert set(MAY_WRITE) - {source.name for source in sources() if list(foreign_writes(source))} == set()
