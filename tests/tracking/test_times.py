"""When an event happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.kit import clock
from coterie.tracking.times import HOUR_MS, Moment, event_time, read_sent, read_time

RECEIVED = clock.to_ms(datetime(2026, 1, 31, 12, tzinfo=UTC))
MINUTE = 60_000


def test_it_works() -> None:
    assert read_time("2026-01-31T12:00:00.000Z") == RECEIVED
    assert event_time(RECEIVED - 5, sent=RECEIVED, received=RECEIVED) == Moment(RECEIVED - 5)


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("2026-01-31T12:00:00Z", RECEIVED),
        ("2026-01-31T12:00:00+00:00", RECEIVED),
        ("2026-01-31T12:00:00.123456+00:00", RECEIVED + 123),
        ("2026-01-31T12:00:00.123456789Z", RECEIVED + 123),
        ("2026-01-31T13:00:00+01:00", RECEIVED),
        ("2026-01-31T12:00:00", RECEIVED),
        ("2026-01-31 12:00", RECEIVED),
        (" 2026-01-31T12:00Z ", RECEIVED),
        ("2026-01-31", RECEIVED - 12 * HOUR_MS),
        ("2026-1-31T12:00:00.000Z", RECEIVED),
        ("2026-1-1", RECEIVED - 30 * 24 * HOUR_MS - 12 * HOUR_MS),
        (RECEIVED, RECEIVED),
        (RECEIVED // 1000, RECEIVED),
        (RECEIVED / 1000 + 0.5, RECEIVED + 500),
        ("1997-01-01", 852_076_800_000),
        (0, 0),
        (-1, -1000),
        ("0001-01-01", -62_135_596_800_000),
    ],
)
def test_times_that_are_read(raw: Any, at: int) -> None:
    assert read_time(raw) == at


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "2026-13-01",
        "10000-01-01",
        "12345",
        True,
        None,
        [],
        {},
        10**18,
        -(10**18),
        "2026-02-30",
        "2026-1-311",
    ],
)
def test_times_that_are_not(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"not a time|isoformat|month|day|year"):
        read_time(raw)
    assert read_sent(raw) is None


@pytest.mark.parametrize(
    ("original", "sent", "at", "why"),
    [
        (RECEIVED - MINUTE, RECEIVED, RECEIVED - MINUTE, "the clocks agree"),
        (RECEIVED - 11 * MINUTE, RECEIVED - 10 * MINUTE, RECEIVED - MINUTE, "the sender's clock is 10 minutes late"),
        (RECEIVED + 59 * MINUTE, RECEIVED + 60 * MINUTE, RECEIVED - MINUTE, "the sender's clock is an hour early"),
        (RECEIVED + 800 * HOUR_MS, RECEIVED + 800 * HOUR_MS, RECEIVED, "the sender's clock is a month early"),
        (RECEIVED - MINUTE, RECEIVED - 1_000, RECEIVED - MINUTE, "a second on the way is no wrong clock"),
        (RECEIVED - MINUTE, RECEIVED - 1_001, RECEIVED - MINUTE + 1_001, "more than a second is one"),
        (RECEIVED - MINUTE, RECEIVED - HOUR_MS, RECEIVED + 59 * MINUTE, "an hour is still corrected"),
        (RECEIVED - MINUTE, RECEIVED - HOUR_MS - 1, RECEIVED - MINUTE, "sent over an hour ago: a late retry"),
        (RECEIVED - MINUTE, None, RECEIVED - MINUTE, "no time of sending"),
        (None, RECEIVED - 10 * MINUTE, RECEIVED, "no time of its own"),
        (852_076_800_000, RECEIVED - 30, 852_076_800_000, "an import of 1997 keeps its midnight"),
    ],
)
def test_a_wrong_clock_cancels_out(original: int | None, sent: int | None, at: int, why: str) -> None:
    assert event_time(original, sent=sent, received=RECEIVED).ms == at, why


@pytest.mark.parametrize(("ahead", "believed"), [(0, True), (23 * HOUR_MS, True), (23 * HOUR_MS + 1, False)])
def test_the_far_future_is_not_believed(ahead: int, believed: bool) -> None:
    moment = event_time(RECEIVED + ahead, sent=None, received=RECEIVED)
    assert moment == (Moment(RECEIVED + ahead) if believed else Moment(RECEIVED, RECEIVED + ahead))


@given(
    original=st.none() | st.integers(-(10**14), 10**14),
    sent=st.none() | st.integers(-(10**14), 10**14),
    received=st.integers(10**12, 2 * 10**12),
)
def test_no_event_lies_far_in_the_future(original: int | None, sent: int | None, received: int) -> None:
    assert event_time(original, sent=sent, received=received).ms <= received + 23 * HOUR_MS
