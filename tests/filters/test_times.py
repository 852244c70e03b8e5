"""Moments and the edges of time rows: zones, daylight saving, leap days, turns of the year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from coterie.filters.events import WINDOWS
from coterie.filters.fields import FieldType
from coterie.filters.moment import DAY_MS, Moment, Unit
from coterie.filters.operators import OPERATORS
from coterie.filters.shapes import Span, read_value
from coterie.filters.tree import Window, WindowAfter, WindowBefore, WindowBetween, WindowLast
from coterie.filters.values import day_number
from coterie.kit.errors import InvalidInput
from tests.support.trees import now_and_zones

BERLIN = "Europe/Berlin"


def ms(text: str, zone: str = "UTC") -> int:
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def days(*texts: str) -> list[int]:
    return [day_number(date.fromisoformat(text)) for text in texts]


# Now in Berlin, operator, value, edges as local times.
NOON = "2026-03-15T12:00"
INSTANTS = [
    (NOON, "before", "2026-01-31", ["2026-01-31T00:00"]),
    (NOON, "before", "2026-01-31T09:00Z", ["2026-01-31T10:00"]),
    (NOON, "before", "2026-01-31T09:00", ["2026-01-31T09:00"]),
    (NOON, "after", "2026-01-31", ["2026-02-01T00:00"]),
    (NOON, "after", "2026-01-31T09:00", ["2026-01-31T09:00:00.001"]),
    (NOON, "on", "2026-03-29", ["2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"]),
    (NOON, "on", "2026-10-25", ["2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"]),
    (NOON, "time_between", {"from": "2026-01-01", "to": "2026-02-01"}, ["2026-01-01T00:00", "2026-02-01T00:00"]),
    (NOON, "in_last", {"n": 7, "unit": "days"}, ["2026-03-08T12:00", NOON]),
    ("2026-03-30T12:00", "in_last", {"n": 2, "unit": "days"}, ["2026-03-28T11:00", "2026-03-30T12:00"]),
    ("2026-03-30T12:00", "in_last", {"n": 1, "unit": "months"}, ["2026-02-28T12:00", "2026-03-30T12:00"]),
    ("2024-02-29T12:00", "in_last", {"n": 1, "unit": "years"}, ["2023-02-28T12:00", "2024-02-29T12:00"]),
    ("2026-09-25T02:30", "more_than_ahead", {"n": 1, "unit": "months"}, ["2026-10-25T02:30+02:00"]),
    ("2026-04-29T02:30", "more_than_ago", {"n": 1, "unit": "months"}, ["2026-03-29T02:30+01:00"]),
    (NOON, "more_than_ago", {"n": 90, "unit": "minutes"}, ["2026-03-15T10:30"]),
    (NOON, "in_next", {"n": 1, "unit": "weeks"}, [NOON, "2026-03-22T12:00"]),
    ("2026-01-31T12:00", "more_than_ahead", {"n": 1, "unit": "months"}, ["2026-02-28T12:00"]),
    ("2026-03-30T00:30", "exactly_ago", {"n": 1, "unit": "days"}, ["2026-03-29T00:00", "2026-03-30T00:00"]),
    ("2026-03-31T09:00", "exactly_ago", {"n": 1, "unit": "months"}, ["2026-02-28T00:00", "2026-03-01T00:00"]),
    ("2026-03-15T00:00", "today", None, ["2026-03-15T00:00", "2026-03-16T00:00"]),
    ("2026-03-15T23:59:59.999", "today", None, ["2026-03-15T00:00", "2026-03-16T00:00"]),
    ("2026-01-01T00:30", "yesterday", None, ["2025-12-31T00:00", "2026-01-01T00:00"]),
    ("2026-03-15T12:00", "this_week", None, ["2026-03-09T00:00", "2026-03-16T00:00"]),
    ("2026-01-01T00:30", "this_week", None, ["2025-12-29T00:00", "2026-01-05T00:00"]),
    ("2025-12-31T23:30", "this_month", None, ["2025-12-01T00:00", "2026-01-01T00:00"]),
    ("2024-02-10T12:00", "this_month", None, ["2024-02-01T00:00", "2024-03-01T00:00"]),
    ("2025-12-31T23:30", "this_year", None, ["2025-01-01T00:00", "2026-01-01T00:00"]),
]
DATES = [
    (NOON, "before", "2026-01-31", ["2026-01-31"]),
    (NOON, "after", "2026-01-31", ["2026-02-01"]),
    (NOON, "in_last", {"n": 7, "unit": "days"}, ["2026-03-08", "2026-03-15"]),
    (NOON, "in_next", {"n": 1, "unit": "months"}, ["2026-03-15", "2026-04-15"]),
    (NOON, "more_than_ago", {"n": 2, "unit": "weeks"}, ["2026-03-01"]),
    ("2026-03-15T00:30", "yesterday", None, ["2026-03-14", "2026-03-15"]),
]


def test_it_works() -> None:
    moment = Moment(ms("2026-03-14T23:30+00:00"), BERLIN)
    assert moment.day() == date(2026, 3, 15)


@pytest.mark.parametrize(("now", "op", "value", "edges"), INSTANTS)
def test_edges_of_instants(now: str, op: str, value: Any, edges: list[str]) -> None:
    rule = OPERATORS[op].edges
    assert rule is not None
    found = rule(read_value(value), Moment(ms(now, BERLIN), BERLIN))
    assert found == [ms(edge, BERLIN) for edge in edges]
    assert OPERATORS[f"not_{op}"].edges is rule


@pytest.mark.parametrize(("now", "op", "value", "edges"), DATES)
def test_edges_of_dates(now: str, op: str, value: Any, edges: list[str]) -> None:
    row = OPERATORS[op].on(FieldType.DATE)
    assert row.edges is not None
    moment = Moment(ms(now, BERLIN), BERLIN)
    assert row.edges(read_value(value), moment) == days(*edges)
    assert [bound.value for bound in row.bind(read_value(value), moment)] == days(*edges)


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00+00:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00+00:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00+00:00"),
        ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15+00:00"),
    ],
    ids=["midnight is skipped", "the day is skipped", "the day after", "45 minutes"],
)
def test_the_first_instant_of_a_day(zone: str, day: str, start: str) -> None:
    assert Moment(0, zone).start_of_day(date.fromisoformat(day)) == ms(start)


@settings(max_examples=150, deadline=None)
@given(now_and_zones())
def test_now_lies_in_today_and_days_join(at: tuple[int, str]) -> None:
    moment = Moment(*at)

    def edges(op: str) -> list[int]:
        rule = OPERATORS[op].edges
        assert rule is not None
        return rule(None, moment)

    today = edges("today")
    assert today[0] <= moment.now_ms < today[1]
    assert edges("yesterday")[1] == today[0]
    assert abs(today[1] - today[0] - DAY_MS) <= 3_600_000
    for op in ("this_week", "this_month", "this_year"):
        assert edges(op)[0] <= today[0] < today[1] <= edges(op)[1]


@settings(max_examples=100, deadline=None)
@given(now_and_zones())
def test_in_last_and_in_next_meet_at_now(at: tuple[int, str]) -> None:
    moment = Moment(*at)
    units: tuple[Unit, ...] = ("minutes", "days", "months", "years")
    for unit in units:
        span = Span(n=3, unit=unit)
        past, future = (OPERATORS[op].edges for op in ("in_last", "in_next"))
        assert past is not None
        assert future is not None
        assert past(span, moment)[1] == future(span, moment)[0] == moment.now_ms
        assert past(span, moment)[0] < moment.now_ms < future(span, moment)[1]


@pytest.mark.parametrize(
    ("now", "n", "unit", "expected"),
    [
        ("2026-12-30T12:00", 4, "days", [101, 102, 1230, 1231]),
        ("2026-02-28T12:00", 2, "days", [228, 229, 301]),
        ("2024-02-28T12:00", 2, "days", [228, 229]),
        ("2024-03-01T12:00", 1, "days", [301]),
        ("2026-03-01T12:00", 1, "days", [229, 301]),
        ("2100-03-01T12:00", 1, "days", [229, 301]),
    ],
)
def test_anniversaries(now: str, n: int, unit: Unit, expected: list[int]) -> None:
    row = OPERATORS["anniversary_in_next"]
    moment = Moment(ms(now, BERLIN), BERLIN)
    bound = row.on(FieldType.DATE).bind(Span(n=n, unit=unit), moment)
    assert [tuple(each) for each in bound] == [("vs", "Array(UInt16)", expected)]
    assert row.bind(Span(n=n, unit=unit), moment)[1].value == BERLIN


def test_a_year_of_anniversaries_is_every_day() -> None:
    for start in ("2023-03-01T12:00", "2024-03-01T12:00", "2026-07-01T12:00"):
        bound = OPERATORS["anniversary_in_next"].bind(Span(n=2, unit="years"), Moment(ms(start), "UTC"))
        assert len(bound[0].value) == 366


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_ends_of_the_calendar_hold(sign: int) -> None:
    moment = Moment(ms(NOON), "Pacific/Apia")
    for unit in ("minutes", "weeks", "months", "years"):
        assert (moment.shift(sign * 100_000, unit) - moment.now_ms) * sign > 0
        if unit != "minutes":
            assert moment.shift_day(sign * 100_000, unit) != moment.day()
    for text in ("0001-01-01", "9999-12-31"):
        rule = OPERATORS["on"].edges
        assert rule is not None
        start, end = rule(text, moment)
        assert end - start == DAY_MS


def test_windows() -> None:
    """A window means what its time operator means for the same value."""
    moment = Moment(ms(NOON, BERLIN), BERLIN)
    start = ms("2026-01-01T00:00", BERLIN)

    def edges(window: Window) -> list[int]:
        rule = OPERATORS[WINDOWS[window.kind].operator].edges
        assert rule is not None
        return list(rule(window.operand(), moment))

    assert edges(WindowLast(n=1, unit="days")) == [moment.now_ms - DAY_MS, moment.now_ms]
    assert edges(WindowBefore(at="2026-01-01")) == [start]
    assert edges(WindowAfter(at="2025-12-31")) == [start]
    assert edges(WindowBetween(from_="2026-01-01", to="2026-01-02")) == [start, start + DAY_MS]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe/Berlin\0"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        Moment(0, zone)
