"""The product's Python files, parsed once, for the house checks."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "coterie"


@dataclass(frozen=True)
class Source:
    """One file: `name` is its path from src/coterie, such as `people/store.py`."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def excused(self, node: ast.expr, word: str) -> bool:
        """Whether a comment with a reason stands in the statement up to the expression's end, or right above it.

        The comment is `# word: reason`, or ruff's `# noqa: RULE - reason` where `word` is that rule. The reason must
        be words: `# sql:` alone excuses nothing.
        """
        lines = self.lines
        first = self._statement_line(node)
        while first > 1 and lines[first - 2].lstrip().startswith("#"):
            first -= 1
        wanted = re.compile(rf"#.*\b{word}(: *| - |, [A-Z]+[0-9]+ - )\S+ +\S+")
        return any(wanted.search(line) for line in lines[first - 1 : node.end_lineno])

    def _statement_line(self, node: ast.expr) -> int:
        around = (
            each.lineno
            for each in ast.walk(self.tree)
            if isinstance(each, ast.stmt) and each.lineno <= node.lineno <= (each.end_lineno or each.lineno)
        )
        return max(around, default=node.lineno)

    def place(self, node: ast.AST) -> str:
        assert isinstance(node, ast.expr | ast.stmt)
        return f"{self.name}:{node.lineno}"


def parse(name: str, text: str) -> Source:
    return Source(name, text, ast.parse(text))


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the product but migrations, which Django writes."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
    return tuple(parse(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")) for path in paths)


def imports(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported module by its dotted name, wherever the import stands; `from a import b` gives `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, node.module
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"
