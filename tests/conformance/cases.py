"""Every case of the filter language's conformance suite, and the traps that each need one.

The same cases are asserted against the oracle (`test_oracle_traps.py`) and against the product. A runner against the
product makes the attributes in `fields` that are not built in, writes each person's `writes` in order and then `events`
in order, applies `retype` and `deleted`, makes the segments, stops the clock at `now` in `zone`, and compares names.
"""

from tests.conformance import cases_events, cases_text, cases_time, cases_values
from tests.conformance.case import Case

TRAPS = (
    "negatives and no value",
    "precedence of a flat and/or list",
    "the complement of > on equal values",
    "boolean false against never set",
    "five kinds of empty",
    "an invalid regex",
    "text 123 against number 123",
    "negative-only filters",
    "did not for people with no event at all",
    "count < 3 includes zero",
    "count = 0",
    "not (did X where p = 1) against did X where p != 1",
    "is not A or is not B is everyone",
    "LIKE wildcards",
    "today near midnight in the workspace's zone",
    "DST",
    "leap day",
    "December-January wrap",
    "a window edge at exactly N days",
    "membership that changes with no write at all",
    "segment inside segment, its cycle, its deletion",
    "a field whose type changes or that is deleted",
    "number stored as text sorting 10 before 9",
    "Turkish i",
    "German sharp s",
    "Greek sigma",
    "NFC/NFD",
    "integers above 2^53",
    "NaN and infinities",
    "attribute names",
    "values ending in a backslash",
    "system fields",
)

CASES: list[Case] = [*cases_values.CASES, *cases_text.CASES, *cases_time.CASES, *cases_events.CASES]
