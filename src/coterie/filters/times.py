"""Time operators: where each changes from false to true and back, on instants and on calendar dates."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from coterie.filters.fields import FieldType
from coterie.filters.moment import DAY_MS, DAY_UNITS, UNITS, Moment, days_from, step_days
from coterie.filters.rows import Bound, Clock, EdgeRule, Operator, twin
from coterie.filters.shapes import A_DATE, Fault, Range, ShapeKey, Span, Value
from coterie.filters.values import day_number, read_when
from coterie.kit.reasons import Reason

TIME_TYPES = frozenset({FieldType.DATETIME, FieldType.DATE})
_DATE = FieldType.DATE

# {x} is milliseconds of a datetime or days of a date; the edges are in the same unit.
_BELOW = "{x} < {e0}"
_FROM = "{x} >= {e0}"
_WITHIN = "{x} >= {e0} AND {x} < {e1}"


def _start(day: date, moment: Moment, type: FieldType) -> int:
    return day_number(day) if type is _DATE else moment.start_of_day(day)


def _end(day: date, moment: Moment, type: FieldType) -> int:
    """The first point after a local day."""
    if day == date.max:
        return day_number(day) + 1 if type is _DATE else moment.start_of_day(day) + DAY_MS
    return _start(step_days(day, 1), moment, type)


def _ends_of(value: object, moment: Moment, type: FieldType) -> tuple[int, int]:
    """A written date as the local day it means, a written time as that one millisecond."""
    when = read_when(str(value))
    if isinstance(when, datetime):
        at = moment.instant(when)
        return at, at + 1
    assert when is not None, "the value was not checked"
    return _start(when, moment, type), _end(when, moment, type)


def _away(value: Value, moment: Moment, type: FieldType, *, sign: int) -> int:
    assert isinstance(value, Span)
    if type is _DATE:
        return day_number(moment.shift_day(sign * value.n, value.unit))
    return moment.shift(sign * value.n, value.unit)


def _now(moment: Moment, type: FieldType) -> int:
    return day_number(moment.day()) if type is _DATE else moment.now_ms


def _before(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return [_ends_of(value, moment, type)[0]]


def _after(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return [_ends_of(value, moment, type)[1]]


def _on(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return list(_ends_of(value, moment, type))


def _between(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    assert isinstance(value, Range)
    return [_ends_of(value.from_, moment, type)[0], _ends_of(value.to, moment, type)[0]]


def _in_last(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return [_away(value, moment, type, sign=-1), _now(moment, type)]


def _more_than_ago(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return [_away(value, moment, type, sign=-1)]


def _in_next(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return [_now(moment, type), _away(value, moment, type, sign=1)]


def _more_than_ahead(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    return [_away(value, moment, type, sign=1)]


def _exactly_ago(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
    assert isinstance(value, Span)
    day = moment.shift_day(-value.n, value.unit)
    return [_start(day, moment, type), _end(day, moment, type)]


def _days(first: Callable[[date], date], last: Callable[[date], date]) -> EdgeRule:
    """Edges of whole local days, from and including one to and including another, told from today."""

    def edges(value: Value, moment: Moment, type: FieldType = FieldType.DATETIME) -> list[int]:
        today = moment.day()
        return [_start(first(today), moment, type), _end(last(today), moment, type)]

    return edges


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _anniversary(value: Value, moment: Moment | None, type: FieldType) -> list[Bound]:
    """The days of the year in the window, as month * 100 + day; 29 February is on 1 March in common years."""
    assert isinstance(value, Span)
    assert moment is not None
    today = moment.day()
    # In 366 days every day of the year comes, 29 February or the 1 March that stands for it among them.
    length = min(days_from(today, moment.shift_day(value.n, value.unit)), 366)
    days = [step_days(today, i) for i in range(length)]
    found = {day.month * 100 + day.day for day in days}
    found |= {229 for day in days if (day.month, day.day) == (3, 1) and not _is_leap(day.year)}
    bound = [Bound("vs", "Array(UInt16)", sorted(found))]
    return bound if type is _DATE else [*bound, Bound("zone", "String", moment.zone)]


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


# Date32 spans 1900 to 2299, one whole 400-year cycle of the calendar: any other date is brought into it.
_CYCLE_DAY = "toDate32(positiveModulo({x} + 25567, 146097) - 25567)"
_LOCAL_DAY = "fromUnixTimestamp64Milli({x}, {zone})"
_MONTH_DAY = "toMonth({day}) * 100 + toDayOfMonth({day}) IN {vs}"


def _only_a_day(value: str) -> Fault | None:
    if isinstance(read_when(value), datetime):
        return Fault("", Reason("no_time_of_day", "A time of day can't stand here."), A_DATE)
    return None


def _row(
    key: str,
    label: str,
    sentence: str,
    predicate: str,
    edges: EdgeRule,
    *,
    example: str,
    shape: ShapeKey = ShapeKey.NONE,
    clock: Clock | None = "edges",
    units: tuple[str, ...] = (),
    verify: Callable[[str], Fault | None] | None = None,
) -> Operator:
    return Operator(
        key=key,
        label=label,
        sentence=sentence,
        example=example,
        types=TIME_TYPES,
        shape=shape,
        predicate=predicate,
        edges=edges,
        clock=clock,
        units=units,
        verify=verify,
    )


_ONE, _RANGE, _SPAN = ShapeKey.ONE, ShapeKey.RANGE, ShapeKey.SPAN
_POSITIVE: tuple[Operator, ...] = (
    _row(
        "before",
        "before",
        "{f} before {v}",
        _BELOW,
        _before,
        shape=_ONE,
        clock=None,
        example="created_at before 2026-01-31",
    ),
    _row(
        "after",
        "after",
        "{f} after {v}",
        _FROM,
        _after,
        shape=_ONE,
        clock=None,
        example="created_at after 2026-01-31T09:00Z",
    ),
    _row(
        "on",
        "on",
        "{f} on {v}",
        _WITHIN,
        _on,
        shape=_ONE,
        clock=None,
        verify=_only_a_day,
        example="first_seen on 2026-01-31",
    ),
    _row(
        "time_between",
        "between",
        "{f} between {from} and {to}",
        _WITHIN,
        _between,
        shape=_RANGE,
        clock=None,
        example="created_at between 2026-01-01 and 2026-02-01",
    ),
    _row(
        "in_last",
        "in the last",
        "{f} in the last {n} {unit}",
        _WITHIN,
        _in_last,
        shape=_SPAN,
        units=UNITS,
        example="last_seen in the last 30 days",
    ),
    _row(
        "more_than_ago",
        "more than ... ago",
        "{f} more than {n} {unit} ago",
        _BELOW,
        _more_than_ago,
        shape=_SPAN,
        units=UNITS,
        example="last_seen more than 14 days ago",
    ),
    _row(
        "in_next",
        "in the next",
        "{f} in the next {n} {unit}",
        _WITHIN,
        _in_next,
        shape=_SPAN,
        units=UNITS,
        example="renewal in the next 7 days",
    ),
    _row(
        "more_than_ahead",
        "more than ... ahead",
        "{f} more than {n} {unit} ahead",
        _FROM,
        _more_than_ahead,
        shape=_SPAN,
        units=UNITS,
        example="renewal more than 7 days ahead",
    ),
    _row(
        "exactly_ago",
        "exactly ... ago",
        "{f} exactly {n} {unit} ago",
        _WITHIN,
        _exactly_ago,
        shape=_SPAN,
        units=DAY_UNITS,
        example="first_seen exactly 3 days ago",
    ),
    _row("today", "today", "{f} today", _WITHIN, _days(lambda d: d, lambda d: d), example="last_seen today"),
    _row(
        "yesterday",
        "yesterday",
        "{f} yesterday",
        _WITHIN,
        _days(lambda d: step_days(d, -1), lambda d: step_days(d, -1)),
        example="last_seen yesterday",
    ),
    _row(
        "this_week",
        "this week",
        "{f} this week",
        _WITHIN,
        _days(lambda d: step_days(d, -d.weekday()), lambda d: step_days(d, 6 - d.weekday())),
        example="last_seen this week",
    ),
    _row(
        "this_month",
        "this month",
        "{f} this month",
        _WITHIN,
        _days(lambda d: d.replace(day=1), _month_end),
        example="first_seen this month",
    ),
    _row(
        "this_year",
        "this year",
        "{f} this year",
        _WITHIN,
        _days(lambda d: d.replace(month=1, day=1), lambda d: d.replace(month=12, day=31)),
        example="first_seen this year",
    ),
    Operator(
        key="anniversary_in_next",
        label="anniversary in the next",
        sentence="{f} anniversary in the next {n} {unit}",
        example="birthday anniversary in the next 7 days",
        types=TIME_TYPES,
        shape=_SPAN,
        predicates={
            FieldType.DATE: _MONTH_DAY.replace("{day}", _CYCLE_DAY),
            FieldType.DATETIME: _MONTH_DAY.replace("{day}", _LOCAL_DAY),
        },
        predicate=_MONTH_DAY.replace("{day}", _LOCAL_DAY),
        binding=_anniversary,
        clock="daily",
        units=DAY_UNITS,
    ),
)

# Every time row has its complement under `not_`: `f not before D`, `f not today`;
# `not` in front of the whole condition reads the same.
TIME_ROWS: tuple[Operator, ...] = tuple(
    row
    for positive in _POSITIVE
    for row in (
        positive,
        twin(
            positive,
            f"not_{positive.key}",
            f"not {positive.label}",
            positive.sentence.replace("{f} ", "{f} not "),
            also=(f"not {positive.sentence}",),
        ),
    )
)
