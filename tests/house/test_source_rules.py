"""Rules that hold for every file of the product."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Source, imports, parse, sources

MOST_LINES = 450
# Longer on purpose. Each row needs a reason; a row whose file has become short is an error.
LONGER_FILES: dict[str, str] = {}
# Lines of a function with its contract, from the line that names it.
MOST_LINES_OF_A_FUNCTION = 45
# As for files.
LONGER_FUNCTIONS: dict[str, str] = {
    "people/resolve.py:resolve": "its contract has the rules, and the order of the steps below is what they mean",
}

# Anything that opens connections to other hosts.
HTTP_CLIENTS = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "posthog",
    "pycurl",
    "requests",
    "rudderstack",
    "segment",
    "urllib.request",
    "urllib3",
}
# What the server sends to the outside goes through one place, which checks addresses. Each row has a reason.
MAY_SEND: dict[str, str] = {
    "kit/egress.py": "the one place: every address that a name has is checked, and that one is connected to",
    "cli/remote.py": "commands ask the Coterie server whose address the person at the keyboard gave",
    "cli/demo_sender.py": "fills the demo through a stock SDK, as a shop's server would; the host is our own server",
}
# Names that say nothing about what is inside.
EMPTY_NAMES = {"base", "common", "helpers", "manager", "misc", "tools", "util", "utils"}


def clients(source: Source) -> Iterator[str]:
    """Where a file imports something that opens connections."""
    for node, name in imports(source.tree):
        if any(name == client or name.startswith(f"{client}.") for client in HTTP_CLIENTS):
            yield source.place(node)


def functions(source: Source) -> Iterator[tuple[str, int]]:
    """Every function of a file with the number of its lines."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{source.name}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def prints(source: Source) -> Iterator[str]:
    """Where a file prints: logs go through structlog, the command line through rich."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint"):
            yield source.place(node)


@pytest.mark.parametrize(
    ("check", "code", "wrong"),
    [
        (clients, "import requests", True),
        (clients, "from urllib.request import urlopen", True),
        (clients, "from urllib import request", True),
        (clients, "def call():\n    import http.client", True),
        (clients, "from urllib.parse import urlsplit", False),
        (clients, "from coterie.tracking.requests import read", False),
        (prints, "print('x')", True),
        (prints, "console.print('x')", False),
    ],
)
def test_it_works(check: object, code: str, wrong: bool) -> None:
    assert callable(check)
    assert bool(list(check(parse("sample.py", code)))) is wrong


def test_only_named_files_send() -> None:
    assert [place for source in sources() if source.name not in MAY_SEND for place in clients(source)] == []


def test_every_exception_is_in_use() -> None:
    assert set(MAY_SEND) - {source.name for source in sources() if list(clients(source))} == set()


def test_nothing_prints() -> None:
    assert [place for source in sources() for place in prints(source)] == []


def test_files_fit_in_the_head() -> None:
    lengths = {source.name: len(source.lines) for source in sources()}
    too_long = {name for name, length in lengths.items() if length > MOST_LINES}
    assert too_long == set(LONGER_FILES), f"split by meaning, or name the file and the reason here (> {MOST_LINES})"


def test_functions_are_counted() -> None:
    code = "@decorated\ndef a():\n    'Contract.'\n    def b():\n        return 1\n    return b\nasync def c(): ..."
    assert dict(functions(parse("x.py", code))) == {"x.py:a": 5, "x.py:b": 2, "x.py:c": 1}


def test_functions_fit_in_the_head() -> None:
    lengths = [found for source in sources() for found in functions(source)]
    too_long = {name for name, length in lengths if length > MOST_LINES_OF_A_FUNCTION}
    assert too_long == set(LONGER_FUNCTIONS), "split by meaning, or name the function and the reason here"


def test_every_file_says_what_it_is_for() -> None:
    assert [source.name for source in sources() if not ast.get_docstring(source.tree)] == []


def test_names_say_what_is_inside() -> None:
    names = {part.removesuffix(".py") for source in sources() for part in source.name.split("/")}
    assert names & EMPTY_NAMES == set()
