"""Readiness checks: found by name, and a check that raises is not ready."""

import logging

import pytest

from coterie.kit import health
from coterie.kit.health import Health


@pytest.fixture(autouse=True)
def _own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", {})


def test_it_works() -> None:
    health.register("index", lambda: Health(ready=True, note="seq 7"))
    assert health.run_checks() == {"index": Health(ready=True, note="seq 7")}


def test_a_check_that_raises_is_not_ready_and_says_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Health:
        raise ConnectionError("postgres://me:hidden@host")

    health.register("store", broken)
    with caplog.at_level(logging.ERROR):
        assert health.run_checks() == {"store": Health(ready=False, note="ConnectionError")}
    assert "store" in caplog.text


def test_a_check_is_not_asked_while_what_it_needs_is_away() -> None:
    asked: list[str] = []

    def ask(name: str, *, ready: bool) -> Health:
        asked.append(name)
        return Health(ready=ready)

    health.register("backlog", lambda: ask("backlog", ready=True), needs="store")
    health.register("store", lambda: ask("store", ready=False))
    found = health.run_checks()
    assert found["backlog"] == Health(ready=False, note="not asked: store is not ready")
    assert asked == ["store"]
    health.register("store", lambda: ask("store", ready=True))
    assert health.run_checks()["backlog"].ready
