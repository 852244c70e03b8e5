"""A run in CI that leaves out something without a written reason is red; one that is meant stays left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.support.skips import MEANT, in_ci, is_meant

FILE = """
import pytest

@pytest.mark.skipif(True, reason="needs a moon")
def test_marked(): ...

def test_inside():
    pytest.skip("needs a moon")

@pytest.fixture
def moon():
    pytest.skip("needs a moon")

def test_by_a_fixture(moon): ...

@pytest.mark.skip(reason="SQLite has one process")
def test_meant(): ...

@pytest.mark.xfail(reason="known")
def test_expected(): assert False
"""
WHOLE = 'import pytest\npytest.skip("needs a moon", allow_module_level=True)\n'


def run(folder: Path, content: str, ci: str | None) -> tuple[int, str]:
    """Run a file with the plugin alone; how it ended and what it said."""
    (folder / "test_it.py").write_text(content)
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "COTERIE_TEST_SHAPE")}
    environment |= {"PYTHONPATH": str(ROOT), "CI": ci} if ci is not None else {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.support.skips", "-p", "no:django"]
    done = subprocess.run(
        [*command, "-p", "no:xdist", "-p", "no:rerunfailures", "test_it.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_it_works(tmp_path: Path) -> None:
    code, said = run(tmp_path, FILE, "1")
    assert code == 1, said
    assert set(re.findall(r"^(?:FAILED|ERROR) test_it\.py::(\w+)", said, re.MULTILINE)) == {
        "test_marked",
        "test_inside",
        "test_by_a_fixture",
    }
    assert "1 skipped" in said
    assert "1 xfailed" in said
    assert "only what tests/support/skips.py names: Skipped: needs a moon" in said


def test_elsewhere_it_is_left_out(tmp_path: Path) -> None:
    code, said = run(tmp_path, FILE, None)
    assert (code, "4 skipped" in said) == (0, True), said


def test_a_whole_file(tmp_path: Path) -> None:
    code, said = run(tmp_path, WHOLE, "1")
    assert code != 0
    assert "needs a moon" in said


@pytest.mark.parametrize(("value", "is_so"), [("1", True), ("true", True), ("TRUE", True), ("0", False), ("", False)])
def test_how_ci_is_said(monkeypatch: pytest.MonkeyPatch, value: str, is_so: bool) -> None:
    monkeypatch.setenv("CI", value)
    assert in_ci() is is_so


def test_a_reason_is_meant_in_its_shape_alone() -> None:
    assert is_meant("Skipped: for SQLite", "server")
    assert not is_meant("Skipped: for SQLite", "embedded")


def test_every_reason_is_given_by_a_test() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in ("skips.py", "test_skips.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [words for words, _, _ in MEANT if words not in text] == []
