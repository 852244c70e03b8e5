"""Which browser tests are tried once more when they fail, and which are not."""

from __future__ import annotations

import ast

import pytest

from tests.browser.conftest import HERE
from tests.house.test_marks import marks

# What people type or send, who may see what, and what is left of someone: all of their tests.
AT_ONCE = ("test_hostile.py", "test_login.py", "test_privacy.py")


def test_it_works(request: pytest.FixtureRequest) -> None:
    flaky = request.node.get_closest_marker("flaky")
    assert flaky.kwargs == {"reruns": 1}


@pytest.mark.no_second_try
def test_marked(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("flaky") is None


@pytest.mark.parametrize("name", AT_ONCE)
def test_files_that_must_pass_at_once(name: str) -> None:
    tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
    assert "no_second_try" in {
        mark
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        for mark in marks(node.value)
    }
