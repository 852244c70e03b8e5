"""Cases about the clock and the calendar: window edges, local days, daylight saving, leap days, turns of the year."""

from tests.conformance.case import Case, cases, every, f, in_segment, names, not_, person, span, values

TIME, DATE = {"x": "datetime"}, {"x": "date"}
D7, D14, D30 = span(7, "days"), span(14, "days"), span(30, "days")

# Now is 2026-03-15T12:00:00Z throughout, unless said.
_EDGES = values(
    "x",
    at_now="2026-03-15T12:00:00Z",
    just_past="2026-03-15T11:59:59.999Z",
    edge="2026-03-08T12:00:00Z",
    inside="2026-03-08T12:00:00.001Z",
    outside="2026-03-08T11:59:59.999Z",
    ahead="2026-03-22T11:59:59.999Z",
    ahead_edge="2026-03-22T12:00:00Z",
    none=...,
)
EDGES = cases(
    "a window edge at exactly N days",
    TIME,
    _EDGES,
    ("in the last", f("x", "in_last", D7), "just_past edge inside", "x in the last 7 days"),
    ("a week is seven days", f("x", "in_last", span(1, "weeks")), "just_past edge inside", "x in the last 1 week"),
    ("so is 168 hours", f("x", "in_last", span(168, "hours")), "just_past edge inside", "x in the last 168 hours"),
    ("and 10,080 minutes", f("x", "in_last", span(10080, "minutes")), "just_past edge inside"),
    ("more than ago", f("x", "more_than_ago", D7), "outside", "x more than 7 days ago"),
    ("in the next", f("x", "in_next", D7), "at_now ahead", "x in the next 7 days"),
    ("more than ahead", f("x", "more_than_ahead", D7), "ahead_edge", "x more than 7 days ahead"),
    (
        "not in the last",
        f("x", "not_in_last", D7),
        "at_now outside ahead ahead_edge none",
        "not x in the last 7 days",
    ),
    (
        "last, ago, next and ahead share everyone out",
        every(*(f("x", f"not_{op}", D7) for op in ("in_last", "more_than_ago", "in_next", "more_than_ahead"))),
        "none",
    ),
    ("not more than ago", f("x", "not_more_than_ago", D7), "at_now just_past edge inside ahead ahead_edge none"),
    ("or unknown", f("x", "more_than_ago", D7, or_unknown=True), "outside none", "x more than 7 days ago (or unknown)"),
)

_DAYS = values(
    "x",
    before="2026-01-30T23:59:59.999Z",
    first="2026-01-31T00:00:00Z",
    nine="2026-01-31T09:00:00Z",
    last="2026-01-31T23:59:59.999Z",
    after="2026-02-01T00:00:00Z",
    none="",
)
DATES = [
    *cases(
        "before, after, on, between",
        TIME,
        _DAYS,
        ("before a day", f("x", "before", "2026-01-31"), "before", "x before 2026-01-31"),
        ("after a day is after it ended", f("x", "after", "2026-01-31"), "after", "x after 2026-01-31"),
        ("on", f("x", "on", "2026-01-31"), "first nine last", "x on 2026-01-31"),
        ("not on", f("x", "not_on", "2026-01-31"), "before after none", "not x on 2026-01-31"),
        ("before an instant", f("x", "before", "2026-01-31T09:00Z"), "before first", "x before 2026-01-31T09:00Z"),
        ("after an instant", f("x", "after", "2026-01-31T09:00Z"), "last after", "x after 2026-01-31T09:00Z"),
        ("an instant of another zone", f("x", "before", "2026-01-31T10:00+01:00"), "before first"),
        (
            "between has its first day, not its last",
            f("x", "time_between", {"from": "2026-01-31", "to": "2026-02-01"}),
            "first nine last",
            "x between 2026-01-31 and 2026-02-01",
        ),
        (
            "between instants",
            f("x", "time_between", {"from": "2026-01-31T09:00Z", "to": "2026-02-01T00:00Z"}),
            "nine last",
        ),
        ("not before", f("x", "not_before", "2026-01-31"), "first nine last after none", "not x before 2026-01-31"),
    ),
    *cases(
        "before, after, on, between",
        DATE,
        values("x", d30="2026-01-30", d31="2026-01-31", feb="2026-02-01", none=...),
        ("date before", f("x", "before", "2026-01-31"), "d30", "x before 2026-01-31"),
        ("date after", f("x", "after", "2026-01-31"), "feb", "x after 2026-01-31"),
        ("date on", f("x", "on", "2026-01-31"), "d31", "x on 2026-01-31"),
        ("date between", f("x", "time_between", {"from": "2026-01-30", "to": "2026-02-01"}), "d30 d31"),
        ("date not after", f("x", "not_after", "2026-01-31"), "d30 d31 none"),
    ),
    *cases(
        "before, after, on, between",
        DATE,
        values("x", today="2026-03-15", week="2026-03-08", older="2026-03-07", soon="2026-03-21", later="2026-03-22"),
        ("date in the last: not today", f("x", "in_last", D7), "week", "x in the last 7 days"),
        ("date more than ago", f("x", "more_than_ago", D7), "older", "x more than 7 days ago"),
        ("date in the next: from today", f("x", "in_next", D7), "today soon", "x in the next 7 days"),
        ("date more than ahead", f("x", "more_than_ahead", D7), "later", "x more than 7 days ahead"),
        ("date exactly ago", f("x", "exactly_ago", D7), "week", "x exactly 7 days ago"),
        ("date today", f("x", "today"), "today", "x today"),
        ("date this week: Monday 9 to Sunday 15", f("x", "this_week"), "today", "x this week"),
    ),
    *cases(
        "how times are written",
        TIME,
        values(
            "x",
            iso="2026-01-31T09:00:00Z",
            offset="2026-01-31T10:00:00+01:00",
            micro="2026-01-31T09:00:00.000999+00:00",
            zoneless="2026-01-31T09:00:00",
            seconds=1769850000,
            millis=1769850000000,
            word="yesterday",
            feb30="2026-02-30",
        ),
        (
            "one instant",
            f("x", "time_between", {"from": "2026-01-31T09:00Z", "to": "2026-01-31T09:00:00.001Z"}),
            "iso offset micro zoneless seconds millis",
        ),
        ("what is no time is rejected", f("x", "is_unknown"), "word feb30"),
    ),
]

_MIDNIGHT = values(
    "x",
    yesterday_last="2026-03-14T22:59:59.999Z",  # 23:59:59.999 in Berlin
    today_first="2026-03-14T23:00:00Z",
    utc_midnight="2026-03-15T00:00:00Z",
    today_last="2026-03-15T22:59:59.999Z",
    tomorrow="2026-03-15T23:00:00Z",
    none=...,
)
TODAY = [
    *cases(
        "today near midnight in the workspace's zone",
        TIME,
        _MIDNIGHT,
        ("today", f("x", "today"), "today_first utc_midnight today_last", "x today"),
        ("yesterday", f("x", "yesterday"), "yesterday_last", "x yesterday"),
        ("not today", f("x", "not_today"), "yesterday_last tomorrow none", "not x today"),
        ("on", f("x", "on", "2026-03-15"), "today_first utc_midnight today_last", "x on 2026-03-15"),
        ("before the day", f("x", "before", "2026-03-15"), "yesterday_last", "x before 2026-03-15"),
        ("after the day", f("x", "after", "2026-03-15"), "tomorrow", "x after 2026-03-15"),
        ("exactly 1 day ago", f("x", "exactly_ago", span(1, "days")), "yesterday_last", "x exactly 1 day ago"),
        zone="Europe/Berlin",
    ),
    *cases(
        "today near midnight in the workspace's zone",
        TIME,
        _MIDNIGHT,
        ("Auckland is a day ahead", f("x", "today"), "today_last tomorrow", "x today"),
        now="2026-03-15T12:00:00Z",  # 16 March, 01:00
        zone="Pacific/Auckland",
    ),
    *cases(
        "today near midnight in the workspace's zone",
        TIME,
        _MIDNIGHT,
        ("Los Angeles is a day behind", f("x", "today"), "yesterday_last today_first utc_midnight", "x today"),
        now="2026-03-15T06:59:59Z",  # 14 March, 23:59:59
        zone="America/Los_Angeles",
    ),
    *cases(
        "today near midnight in the workspace's zone",
        TIME,
        values("x", a="2026-03-14T18:30:00Z", b="2026-03-14T18:29:59.999Z", c="2026-03-15T18:30:00Z"),
        ("a zone of half an hour", f("x", "today"), "a", "x today"),
        zone="Asia/Kolkata",
    ),
    *cases(
        "weeks, months, years",
        TIME,
        values(
            "x",
            sunday="2026-03-08T23:59:59Z",
            monday="2026-03-09T00:00:00Z",
            next_sunday="2026-03-15T23:59:59Z",
            next_monday="2026-03-16T00:00:00Z",
            february="2026-02-28T23:59:59Z",
            march="2026-03-01T00:00:00Z",
            new_year="2026-01-01T00:00:00Z",
            old_year="2025-12-31T23:59:59Z",
            none=...,
        ),
        ("a week begins on Monday", f("x", "this_week"), "monday next_sunday", "x this week"),
        ("this month", f("x", "this_month"), "sunday monday next_sunday next_monday march", "x this month"),
        ("not this year", f("x", "not_this_year"), "old_year none", "not x this year"),
    ),
    *cases(
        "weeks, months, years",
        TIME,
        values("x", feb28="2026-02-28T12:00:00Z", earlier="2026-02-28T11:59:59.999Z", mar1="2026-03-01T00:00:00Z"),
        ("a month before 31 March is 28 February", f("x", "in_last", span(1, "months")), "feb28 mar1"),
        ("a year ago is long ago", f("x", "more_than_ago", span(1, "years")), ""),
        now="2026-03-31T12:00:00Z",
    ),
]

# Berlin: 29 March 2026 has 23 hours (02:00 to 03:00 is skipped), 25 October 2026 has 25.
DST = [
    *cases(
        "DST",
        TIME,
        values(
            "x",
            saturday="2026-03-28T22:59:59.999Z",
            first="2026-03-28T23:00:00Z",
            last="2026-03-29T21:59:59.999Z",
            monday="2026-03-29T22:00:00Z",
            day_before="2026-03-28T20:00:00Z",
            too_old="2026-03-28T19:59:59.999Z",
        ),
        ("a day of 23 hours", f("x", "today"), "first last", "x today"),
        ("on it", f("x", "on", "2026-03-29"), "first last", "x on 2026-03-29"),
        ("the last day is 24 hours still", f("x", "in_last", span(1, "days")), "saturday first day_before"),
        ("yesterday is the calendar's", f("x", "yesterday"), "saturday day_before too_old", "x yesterday"),
        now="2026-03-29T20:00:00Z",
        zone="Europe/Berlin",
    ),
    *cases(
        "DST",
        TIME,
        values(
            "x",
            before="2026-10-24T21:59:59.999Z",
            first="2026-10-24T22:00:00Z",
            last="2026-10-25T22:59:59.999Z",
            after="2026-10-25T23:00:00Z",
        ),
        ("a day of 25 hours", f("x", "on", "2026-10-25"), "first last", "x on 2026-10-25"),
        ("24 hours do not reach across it", f("x", "in_last", span(24, "hours")), "last", "x in the last 24 hours"),
        now="2026-10-25T23:00:00Z",
        zone="Europe/Berlin",
    ),
    *cases(
        "DST",
        TIME,
        values("x", wall="2026-03-01T11:00:00Z", earlier="2026-03-01T10:59:59.999Z", exact="2026-03-01T10:00:00Z"),
        ("a month keeps the time on the wall", f("x", "in_last", span(1, "months")), "wall", "x in the last 1 month"),
        now="2026-04-01T10:00:00Z",  # 12:00 summer time; 12:00 a month ago was 11:00 UTC
        zone="Europe/Berlin",
    ),
]

_LEAP = values("x", leap="2000-02-29", feb28="2001-02-28", mar1="2001-03-01", mar2="1999-03-02", none=...)


def _birthdays(name: str, now: str, n: int, who: str) -> list[Case]:
    row = (name, f("x", "anniversary_in_next", span(n, "days")), who, f"x anniversary in the next {n} days")
    return cases("leap day", DATE, _LEAP, row, now=now)


LEAP = [
    *_birthdays("29 February falls on 1 March in a common year", "2027-03-01T08:00:00Z", 1, "leap mar1"),
    *_birthdays("and not on 28 February", "2027-02-28T08:00:00Z", 1, "feb28"),
    *_birthdays("on its own day in a leap year", "2028-02-29T08:00:00Z", 1, "leap"),
    *_birthdays("and then not on 1 March", "2028-03-01T08:00:00Z", 1, "mar1"),
    *_birthdays("2100 is no leap year", "2100-03-01T08:00:00Z", 1, "leap mar1"),
    *_birthdays("the window has its first day and not its last", "2027-02-28T23:59:00Z", 2, "leap feb28 mar1"),
    *_birthdays("a year holds every birthday", "2027-06-01T00:00:00Z", 365, "leap feb28 mar1 mar2"),
    *cases(
        "leap day",
        DATE,
        _LEAP,
        ("not in the next", f("x", "not_anniversary_in_next", D7), "none"),
        now="2027-02-25T08:00:00Z",
    ),
    *cases(
        "leap day",
        TIME,
        values("x", last_year="2027-02-28T12:00:00Z", leap="2028-02-29T00:00:00Z", earlier="2027-02-28T11:59:59.999Z"),
        ("a year before it is 28 February", f("x", "in_last", span(1, "years")), "last_year leap"),
        now="2028-02-29T12:00:00Z",
    ),
    *cases(
        "leap day",
        TIME,
        # 29 February in Berlin, 28 February in UTC.
        values("x", born="2000-02-28T23:30:00Z"),
        ("an instant's anniversary is that of its local day", f("x", "anniversary_in_next", span(1, "days")), "born"),
        now="2028-02-29T08:00:00Z",
        zone="Europe/Berlin",
    ),
]

WRAP = [
    *cases(
        "December-January wrap",
        DATE,
        values(
            "x",
            dec28="1990-12-28",
            dec29="1990-12-29",
            dec31="1985-12-31",
            jan1="2001-01-01",
            jan4="1970-01-04",
            jan5="1970-01-05",
        ),
        ("birthdays", f("x", "anniversary_in_next", D7), "dec29 dec31 jan1 jan4", "x anniversary in the next 7 days"),
        now="2026-12-29T12:00:00Z",
    ),
    *cases(
        "December-January wrap",
        TIME,
        values(
            "x",
            dec="2026-12-31T23:59:59.999Z",
            jan="2027-01-01T00:00:00Z",
            jan3="2027-01-03T12:00:00Z",
            nov="2026-11-30T00:00:00Z",
        ),
        ("a week across the years", f("x", "this_week"), "dec jan jan3", "x this week"),
        ("this year is the new one", f("x", "this_year"), "jan jan3", "x this year"),
        ("this month too", f("x", "this_month"), "jan jan3", "x this month"),
        ("yesterday was last year", f("x", "yesterday"), "dec", "x yesterday"),
        ("a month ago", f("x", "in_last", span(1, "months")), "dec jan"),
        now="2027-01-01T12:00:00Z",
    ),
]

_TRIAL = values("x", ann="2026-03-15T12:00:00Z", bob="2026-03-20T00:00:00Z", none=...)
_MOVES = (
    (
        f("x", "in_last", D7),
        "",
        ("2026-03-15T12:00:00.001Z", "ann"),
        ("2026-03-22T12:00:00Z", "ann bob"),
        ("2026-03-22T12:00:00.001Z", "bob"),
    ),
    (
        f("x", "more_than_ago", D14),
        "",
        ("2026-03-29T12:00:00Z", ""),
        ("2026-03-29T12:00:00.001Z", "ann"),
        ("2026-04-04T00:00:00Z", "ann bob"),
    ),
    (
        f("x", "not_more_than_ago", D14),
        "ann bob none",
        ("2026-03-29T12:00:00.001Z", "bob none"),
        ("2027-01-01T00:00:00Z", "none"),
    ),
    (f("x", "today"), "ann", ("2026-03-16T00:00:00Z", ""), ("2026-03-20T12:00:00Z", "bob")),
    (f("x", "in_next", D7), "ann bob", ("2026-03-15T12:00:00.001Z", "bob"), ("2026-03-20T00:00:00.001Z", "")),
    (f("x", "this_month"), "ann bob", ("2026-04-01T00:00:00Z", "")),
    (
        f("x", "anniversary_in_next", D7),
        "ann bob",
        ("2027-03-14T00:00:00Z", "ann bob"),
        ("2027-03-16T00:00:00Z", "bob"),
    ),
    (in_segment("Recent"), "", ("2026-03-15T12:00:00.001Z", "ann"), ("2026-03-23T00:00:00Z", "bob")),
)
CLOCK = [
    Case(
        "membership that changes with no write at all",
        f"{tree.get('op')} {tree.get('field', 'by segment')}",
        TIME,
        _TRIAL,
        tree,
        names(at_first),
        segments={"Recent": f("x", "in_last", D7)},
        then=tuple((at, names(who)) for at, who in later),
    )
    for tree, at_first, *later in _MOVES
]
CLOCK += cases(
    "membership that changes with no write at all",
    {**TIME, "plan": "text"},
    {
        "ann": person({"x": "2026-03-01T00:00:00Z", "plan": "pro"}),
        "bob": person({"x": "2026-03-01T00:00:00Z"}),
        "cem": person({"plan": "pro"}),
    },
    (
        "nested",
        every(f("plan", "is", "pro"), not_(f("x", "in_last", D30))),
        "cem",
        'plan is "pro" and not x in the last 30 days',
    ),
    then=(("2026-03-31T00:00:00Z", names("cem")), ("2026-03-31T00:00:00.001Z", names("ann cem"))),
)

CASES = [*EDGES, *DATES, *TODAY, *DST, *LEAP, *WRAP, *CLOCK]
