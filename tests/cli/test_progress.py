"""Bars of what takes long: drawn on a terminal, and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from coterie.cli.output import progress_bar
from tests.cli.running import Installation


class Terminal(io.StringIO):
    """A stderr at which someone sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.mark.usefixtures("_wide")
@pytest.mark.parametrize(("of_bytes", "shown"), [(False, "1200/4000"), (True, "1.2/4.0 kB")])
def test_it_works(monkeypatch: pytest.MonkeyPatch, of_bytes: bool, shown: str) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with progress_bar("Counting sheep", of_bytes=of_bytes) as report:
        report(1_200, 4_000)
    drawn = terminal.getvalue()
    assert "Counting sheep" in drawn
    assert shown in drawn
    assert "\u2501" in drawn
    # The bar goes when it is done.
    assert drawn.endswith("\x1b[2K")


@pytest.mark.usefixtures("_wide")
def test_there_is_none_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    with progress_bar("Counting sheep") as report:
        report(1_200, 4_000)
    assert log.getvalue() == ""


@pytest.mark.timeout(600)
def test_a_backup_and_its_restore_draw_one(tmp_path: Path) -> None:
    mine, file = Installation(tmp_path / "data"), str(tmp_path / "x.tar")
    mine.folder.mkdir()
    mine.found()
    assert "Copying the database" in mine.run_at_terminal("backup", file).err
    other = Installation(tmp_path / "other")
    other.folder.mkdir()
    done = other.run_at_terminal("restore", file, "--json")
    assert done.json["workspaces"] == [{"workspace": "acme", "people": 0}]
    assert "Taking the files out of the backup" in done.err
    assert "Rebuilding the index" in done.err
