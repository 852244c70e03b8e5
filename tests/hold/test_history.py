"""The judge itself: it finds what is lost, doubled, stale or made up, and accepts what can be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hold.history import INITIALLY, NEVER, Fate, History, Write, event_problems, possible, register_problems

ACK, NO, MAYBE = Fate.ACKNOWLEDGED, Fate.REFUSED, Fate.UNKNOWN
START = Write("start", INITIALLY, INITIALLY, ACK)


def test_it_works() -> None:
    history = History()
    history.initial("plan", None)
    write = history.begin("plan", "pro", at=1.0)
    write.ended, write.fate = 2.0, ACK
    history.note_events(["a", "b"], MAYBE)
    history.note_events(["a"], ACK)
    assert register_problems(history, {"plan": "pro"}) == []
    assert event_problems(history.events, {"a": 1}, where="log") == []


@pytest.mark.parametrize(
    ("writes", "final", "can_be"),
    [
        ([], "start", True),
        ([], "other", False),
        ([Write("a", 1, 2, ACK)], "a", True),
        ([Write("a", 1, 2, ACK)], "start", False),
        ([Write("a", 1, NEVER, MAYBE)], "start", True),
        ([Write("a", 1, NEVER, MAYBE)], "a", True),
        ([Write("a", 1, 2, NO)], "a", False),
        ([Write("a", 1, 2, ACK), Write("b", 3, 4, ACK)], "a", False),
        # At the same time: either may be the later one.
        ([Write("a", 1, 4, ACK), Write("b", 2, 3, ACK)], "a", True),
        ([Write("a", 1, 4, ACK), Write("b", 2, 3, ACK)], "b", True),
        # Nobody knows when it happened, so it may have replaced an acknowledged one.
        ([Write("a", 1, NEVER, MAYBE), Write("b", 2, 3, ACK)], "a", True),
        # Unless its server died before the acknowledged one began.
        ([Write("a", 1, 1.5, MAYBE), Write("b", 2, 3, ACK)], "a", False),
        ([Write("a", 1, 2, ACK), Write("b", 3, 4, ACK), Write("a", 5, 6, ACK)], "a", True),
    ],
)
def test_registers(writes: list[Write], final: Any, can_be: bool) -> None:
    assert possible([START, *writes], final) is can_be


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"acked": 1}, []),
        ({"acked": 1, "maybe": 1}, []),
        ({"maybe": 1}, ["acknowledged and lost"]),
        ({"acked": 2}, ["stored twice"]),
        ({"acked": 1, "stranger": 1}, ["that nobody sent"]),
        ({"acked": 1, "refused": 1}, ["refused and stored"]),
    ],
)
def test_events(stored: dict[str, int], said: list[str]) -> None:
    sent = {"acked": ACK, "maybe": MAYBE, "refused": NO}
    problems = event_problems(sent, stored, where="log")
    assert [word for problem, word in zip(problems, said, strict=True) if word in problem] == said
