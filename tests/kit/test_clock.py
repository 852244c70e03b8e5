"""The clock: whole milliseconds in UTC, and stopped when told."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from coterie.kit import clock

AT = datetime(2026, 1, 31, 9, 0, 0, 123_999, tzinfo=UTC)


def test_it_works() -> None:
    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert before - timedelta(milliseconds=1) < now <= after


def test_frozen_stops_for_other_threads_too_and_ends() -> None:
    seen: list[datetime] = []
    with clock.frozen(AT) as stopped:
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        assert seen == [AT.replace(microsecond=123_000)]
        stopped.move(timedelta(hours=1))
        assert clock.now() == AT.replace(hour=10, microsecond=123_000)
        with clock.frozen(AT + timedelta(days=1)):
            assert clock.now().day == 1
        assert clock.now().day == 31
    assert clock.now() != AT.replace(hour=10, microsecond=123_000)


@pytest.mark.parametrize(
    ("at", "ms", "text"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0, "1970-01-01T00:00:00.000Z"),
        (AT, 1_769_850_000_123, "2026-01-31T09:00:00.123Z"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1, "1969-12-31T23:59:59.999Z"),
        (
            datetime(2026, 1, 31, 10, 0, tzinfo=timezone(timedelta(hours=1))),
            1_769_850_000_000,
            "2026-01-31T09:00:00.000Z",
        ),
        (datetime(1, 1, 1, tzinfo=UTC), -62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), 253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_forms_agree(at: datetime, ms: int, text: str) -> None:
    assert clock.to_ms(at) == ms
    assert clock.iso(at) == text
    assert clock.iso(clock.from_ms(ms)) == text


def test_a_time_without_zone_is_refused() -> None:
    for function in (clock.to_ms, clock.iso):
        with pytest.raises(ValueError, match="zone"):
            function(datetime(2026, 1, 1))
