"""Values and the calendar as `filters.md` states them, for the oracle; imports nothing of Coterie."""

import calendar
import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

EXACT = 2**53
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)


class Lossy(ValueError):
    """The raw value does not convert without loss: it is kept as a rejected value, and the field is as before."""


def fold(text: str) -> str:
    """Text as it is compared: full lower-casing, then NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def number_text(value: float) -> str:
    """A number as text: `5` where it is whole, else the shortest text that reads back the same."""
    return str(int(value)) if value == int(value) else repr(value)


def normalise(kind: str, raw: Any) -> Any:
    """The stored value of a raw one, or None for no value; raises Lossy. `kind` is a field type of filters.md."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        return None
    return {
        "text": _text,
        "number": _number,
        "boolean": _boolean,
        "datetime": _datetime,
        "date": _date,
        "list": _list,
    }[kind](raw)


def _text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float) and math.isfinite(raw):
        return number_text(raw)
    if isinstance(raw, str):
        return unicodedata.normalize("NFC", raw).strip()
    raise Lossy(f"not text: {raw!r}")


def _number(raw: Any) -> float:
    if isinstance(raw, str):
        text = raw.strip()
        if not NUMBER.fullmatch(text):
            raise Lossy(f"does not read as a number: {raw!r}")
        if re.fullmatch(r"[+-]?\d+", text):
            raw = int(text)
        else:
            raw = float(text)
            if math.isfinite(raw) and Decimal(text) != Decimal(repr(raw)):
                raise Lossy(f"more digits than a number holds: {text}")
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Lossy(f"not a number: {raw!r}")
    if isinstance(raw, int) and abs(raw) > EXACT:
        raise Lossy(f"a whole number beyond 2^53: {raw}")
    if not math.isfinite(raw):
        raise Lossy(f"not finite: {raw}")
    return float(raw) + 0.0  # + 0.0 turns -0.0 into 0.0


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in ("true", "false"):
        return raw.strip().lower() == "true"
    raise Lossy(f"neither true nor false: {raw!r}")


def _datetime(raw: Any) -> int:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
        # 10^11 seconds is the year 5138, 10^11 milliseconds is 1973: below it a number can only be seconds.
        ms = math.floor(raw * 1000) if abs(raw) < 1e11 else math.floor(raw)
        if to_ms(datetime(1, 1, 1, tzinfo=UTC)) <= ms < to_ms(datetime(9999, 12, 31, tzinfo=UTC)) + 86_400_000:
            return ms
        raise Lossy(f"outside the calendar: {raw}")
    if isinstance(raw, str):
        when = read_when(raw.strip(), zone="UTC")
        if isinstance(when, date):
            return to_ms(datetime(when.year, when.month, when.day, tzinfo=UTC))
        if when is not None:
            return when
    raise Lossy(f"not a time: {raw!r}")


def _date(raw: Any) -> str:
    when = read_when(raw.strip(), zone="UTC") if isinstance(raw, str) else None
    if isinstance(when, date):
        return when.isoformat()
    raise Lossy(f"not a calendar date: {raw!r}")


def _list(raw: Any) -> list[str]:
    """An ordered set of text: empty members are no members, and the first of two alike stays."""
    if not isinstance(raw, list | tuple):
        raw = [raw]
    members: dict[str, None] = {}
    for item in raw:
        if isinstance(item, list | tuple | dict):
            raise Lossy(f"a list holds scalars only: {item!r}")
        value = normalise("text", item)
        if value is not None:
            members.setdefault(value)
    return list(members) or None  # type: ignore[return-value]


def reread(kind: str, stored: Any) -> Any:
    """A stored value under another type, as changing a field's type reads it; None where it does not convert."""
    try:
        return normalise(kind, stored)
    except Lossy:
        return None


@dataclass(frozen=True)
class Readings:
    """What one event property can be read as; None where it cannot."""

    text: str | None = None
    number: float | None = None
    boolean: bool | None = None
    instant: int | None = None


def readings(raw: Any) -> Readings:
    """A number has a text form too, and text that reads exactly as a number, a boolean or a time is one as well."""
    text = reread("text", raw)
    if isinstance(raw, str):
        return Readings(text, reread("number", raw), reread("boolean", raw), reread("datetime", raw))
    if isinstance(raw, bool):
        return Readings(text, None, raw, None)
    return Readings(text, reread("number", raw), None, None)


def to_ms(at: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (at.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)


def read_when(text: str, *, zone: str) -> date | int | None:
    """A `date` for an ISO day, milliseconds for an ISO instant (in `zone` when it names none), else None."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
        if INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text)
            return to_ms(at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone)))
    except ValueError:
        pass
    return None


@dataclass(frozen=True)
class Clock:
    """One frozen now and the zone of the workspace."""

    now: int
    zone: str

    def local(self, ms: int) -> datetime:
        return (EPOCH + timedelta(milliseconds=ms)).astimezone(ZoneInfo(self.zone))

    def day(self, ms: int) -> date:
        """The local calendar date of an instant."""
        return self.local(ms).date()

    @property
    def today(self) -> date:
        return self.day(self.now)

    def step(self, n: int, unit: str, *, start: int | None = None) -> int:
        """The instant n units from now (or `start`): exact up to weeks; months and years by the local calendar."""
        start = self.now if start is None else start
        exact = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000, "weeks": 7 * 86_400_000}
        if unit in exact:
            return start + n * exact[unit]
        wall = self.local(start)
        day = step_date(wall.date(), n, unit)
        return to_ms(wall.replace(year=day.year, month=day.month, day=day.day, fold=0))


def step_date(day: date, n: int, unit: str) -> date:
    """The date n days, weeks, months or years on; 31 January and a month is the last day of February."""
    if unit in ("days", "weeks"):
        return day + timedelta(days=n * (7 if unit == "weeks" else 1))
    months = day.year * 12 + day.month - 1 + n * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def anniversary_on(born: date, day: date) -> bool:
    """True on the month and day of `born`; someone born on 29 February has it on 1 March in common years."""
    if (born.month, born.day) == (2, 29) and not calendar.isleap(day.year):
        return (day.month, day.day) == (3, 1)
    return (born.month, born.day) == (day.month, day.day)


def holds_in_time(op: str, x: int | date, value: Any, clock: Clock) -> bool:
    """A positive time condition on an instant (milliseconds) or on a calendar date.

    `value` is ISO text, {"from", "to"} of ISO text, {"n", "unit"}, or None, as the operator needs.
    """
    day = x if isinstance(x, date) else clock.day(x)
    today = clock.today
    here = clock.now if isinstance(x, int) else today

    def away(sign: int) -> Any:
        n, unit = sign * value["n"], value["unit"]
        return clock.step(n, unit) if isinstance(x, int) else step_date(today, n, unit)

    def is_before(text: str) -> bool:
        when = _when(text, clock)
        if isinstance(when, date):
            return day < when
        return x < when if isinstance(x, int) else day < clock.day(when)

    def is_after(text: str) -> bool:
        when = _when(text, clock)
        if isinstance(when, date):
            return day > when
        return x > when if isinstance(x, int) else day > clock.day(when)

    def on(text: str) -> bool:
        when = _when(text, clock)
        return day == (when if isinstance(when, date) else clock.day(when))

    def anniversary() -> bool:
        end = step_date(today, value["n"], value["unit"])
        ahead = min((end - today).days, 4000)  # beyond eight years, leap-day gap of 2100 included, every day has come
        return any(anniversary_on(day, today + timedelta(days=i)) for i in range(ahead))

    rows = {
        "before": lambda: is_before(value),
        "after": lambda: is_after(value),
        "on": lambda: on(value),
        "time_between": lambda: not is_before(value["from"]) and is_before(value["to"]),
        "in_last": lambda: away(-1) <= x < here,
        "more_than_ago": lambda: x < away(-1),
        "in_next": lambda: here <= x < away(+1),
        "more_than_ahead": lambda: x >= away(+1),
        "exactly_ago": lambda: day == step_date(today, -value["n"], value["unit"]),
        "today": lambda: day == today,
        "yesterday": lambda: day == today - timedelta(days=1),
        "this_week": lambda: day.isocalendar()[:2] == today.isocalendar()[:2],
        "this_month": lambda: (day.year, day.month) == (today.year, today.month),
        "this_year": lambda: day.year == today.year,
        "anniversary_in_next": anniversary,
    }
    return rows[op]()


def _when(text: str, clock: Clock) -> date | int:
    when = read_when(text, zone=clock.zone)
    if when is None:
        raise ValueError(f"not an ISO date or time: {text!r}")
    return when
