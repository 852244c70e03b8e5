"""Each test that a page names is there, so that nothing is claimed without one."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
PAGES = ("security.md", "tracking.md")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_it_works() -> None:
    assert len(NAMED.findall(page("security.md"))) > 60


@pytest.mark.parametrize("name", PAGES)
def test_every_claim_has_a_test_that_is_there(name: str) -> None:
    missing = [
        f"{file}::{test}"
        for file, test in NAMED.findall(page(name))
        if not (ROOT / file).exists() or (test and test not in functions(ROOT / file))
    ]
    assert not missing
    rows = [line for line in page(name).splitlines() if line.startswith("| ") and not line.endswith("| test |")]
    assert [row for row in rows if not NAMED.search(row)] == []
