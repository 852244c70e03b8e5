"""When a schedule is due, by the workspace's own clock: over changes to and from summer time, and in short months."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from coterie.transfers.cadence import Cadence

BERLIN, NEW_YORK, LORD_HOWE, KOLKATA = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(cadence: Cadence, zone: str, after: str, count: int) -> list[str]:
    """The next instants in UTC."""
    moment, found = at(after), []
    for _ in range(count):
        moment = cadence.next_after(moment, zone)
        found.append(f"{moment:%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("cadence", "zone", "after", "expected"),
    [
        # At six by the clock on the wall: an hour earlier in UTC from the last Sunday of March on.
        (
            Cadence("day", time(6)),
            BERLIN,
            "2026-03-27T12:00",
            ["2026-03-28 05:00", "2026-03-29 04:00", "2026-03-30 04:00"],
        ),
        # 02:30 is not there on the 29th: due as much later, once.
        (
            Cadence("day", time(2, 30)),
            BERLIN,
            "2026-03-27T12:00",
            ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"],
        ),
        # 02:30 is there twice on 25 October: due the first time, once.
        (
            Cadence("day", time(2, 30)),
            BERLIN,
            "2026-10-23T12:00",
            ["2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"],
        ),
        # By the hour: as many as there are, none left out and none twice.
        (
            Cadence("hour", time(0, 15)),
            BERLIN,
            "2026-10-24T23:20",
            ["2026-10-25 00:15", "2026-10-25 01:15", "2026-10-25 02:15"],
        ),
        (
            Cadence("hour", time(0, 15)),
            NEW_YORK,
            "2026-03-08T06:20",
            ["2026-03-08 07:15", "2026-03-08 08:15"],
        ),
        (Cadence("hour", time(0, 0)), KOLKATA, "2026-01-01T00:00", ["2026-01-01 00:30", "2026-01-01 01:30"]),
        # A clock that is moved by half an hour.
        (
            Cadence("hour", time(0, 0)),
            LORD_HOWE,
            "2026-04-04T13:30",
            ["2026-04-04 14:00", "2026-04-04 15:30", "2026-04-04 16:30"],
        ),
        (Cadence("week", time(6), weekday=1), BERLIN, "2026-03-23T05:00", ["2026-03-30 04:00", "2026-04-06 04:00"]),
        (
            Cadence("month", time(6), day=31),
            "UTC",
            "2026-01-31T05:59",
            ["2026-01-31 06:00", "2026-02-28 06:00", "2026-03-31 06:00", "2026-04-30 06:00"],
        ),
        (Cadence("month", time(0), day=29), "UTC", "2028-02-01T00:00", ["2028-02-29 00:00", "2028-03-29 00:00"]),
        # Exactly due is over: the next one is asked for.
        (Cadence("day", time(6)), "UTC", "2026-01-01T06:00", ["2026-01-02 06:00"]),
        # Where it is tomorrow already, and where it is still yesterday.
        (Cadence("day", time(0, 5)), "Pacific/Kiritimati", "2026-01-01T10:00", ["2026-01-01 10:05"]),
        (Cadence("day", time(23, 55)), "Pacific/Pago_Pago", "2026-01-01T10:00", ["2026-01-01 10:55"]),
    ],
)
def test_it_works(cadence: Cadence, zone: str, after: str, expected: list[str]) -> None:
    assert slots(cadence, zone, after, len(expected)) == expected


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE, "Pacific/Apia"])
def test_a_year_of_days(zone: str) -> None:
    """Each day once, never more than 25 hours from the one before, whatever is asked about."""
    cadence, moment = Cadence("day", time(2, 15)), at("2026-01-01T00:00")
    found = []
    while moment < at("2027-01-01T00:00"):
        following = cadence.next_after(moment, zone)
        assert cadence.next_after(following - timedelta(minutes=1), zone) == following
        found.append(following)
        moment = following
    steps = {after - before for before, after in pairwise(found)}
    assert steps <= {
        timedelta(hours=23),
        timedelta(hours=23.5),
        timedelta(hours=24),
        timedelta(hours=24.5),
        timedelta(hours=25),
    }
    assert 364 <= len(found) <= 366
