"""The pytest plugin that lets nothing be left out unnoticed: with CI set, a skip for a reason not in MEANT fails.

On a developer's machine a test that lacks something is left out and the summary says what it needs. Where nobody reads
the summary, a green run would say more than was tested.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any, Final

import pytest

from tests.support.shape import shape

# Parts of reasons, the shape in which a test may be left out for them, and why that is no gap.
MEANT: Final[tuple[tuple[str, str, str], ...]] = (
    ("`make test-server`", "embedded", "tests of the server shape alone: CI runs them with it"),
    ("SQLite has one process", "embedded", "what is said between processes: the server shape runs it"),
    ("for SQLite", "server", "the embedded shape runs it"),
    ("PostgreSQL has many writers", "server", "the embedded shape runs it"),
    ("only a process that owns its database", "server", "the embedded shape runs it"),
    ("a small file system can't be mounted here", "embedded", "not every container may mount, whoever asks"),
)


def in_ci() -> bool:
    """Whether nobody reads what was left out."""
    return os.environ.get("CI", "").strip().lower() in ("1", "true")


def is_meant(reason: str, running: str) -> bool:
    """Whether a test may be left out for this reason in a run of this shape."""
    return any(words in reason and where == running for words, where, _ in MEANT)


def _failed_if_unmeant(report: Any) -> Any:
    """A report of a skip that is not meant becomes one of a failure."""
    if report.skipped and not hasattr(report, "wasxfail") and in_ci():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not is_meant(reason, shape()):
            report.outcome = "failed"
            report.longrepr = f"left out, and CI leaves out only what tests/support/skips.py names: {reason}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return _failed_if_unmeant((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return _failed_if_unmeant((yield))
