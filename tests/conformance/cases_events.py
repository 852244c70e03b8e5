"""Cases about what people did: counts, windows, conditions on one event, sums, first and last, sequences."""

from tests.conformance.case import (
    Case,
    aggregate,
    cases,
    did,
    doers,
    ev,
    event_time,
    every,
    f,
    last,
    names,
    not_,
    of_last,
    person,
    some,
    span,
    then,
    where,
)

B = "purchase"
# Now is 2026-03-15T12:00:00Z throughout.
_BUYERS = {
    "none": person({"plan": "pro"}),
    "other": person(events=[ev("login", "2026-03-10")]),
    "one": person(events=[ev(B, "2026-03-10", amount=5)]),
    "two": person({"plan": "pro"}, events=[ev(B, "2026-03-10", amount=5), ev(B, "2025-01-01", amount=50)]),
    "four": person(events=[ev(B, f"2026-03-1{day}", amount=60) for day in range(4)]),
}
COUNTS = [
    *cases(
        "did not for people with no event at all",
        {"plan": "text"},
        _BUYERS,
        ("did", did(B), "one two four", 'did "purchase"'),
        ("did not", did(B, "did_not"), "none other", 'did not do "purchase"'),
        ("not did", not_(did(B)), "none other", 'not did "purchase"'),
        ("did not what nobody ever did", did("fly", "did_not"), "none other one two four", 'did not do "fly"'),
        ("did not lately", did(B, "did_not", window=last(2, "days")), "none other one two four"),
        (
            "did not, and a field",
            every(f("plan", "is", "pro"), did(B, "did_not")),
            "none",
            'plan is "pro" and did not do "purchase"',
        ),
    ),
    *cases(
        "count < 3 includes zero",
        {"plan": "text"},
        _BUYERS,
        ("fewer than 3", did(B, "fewer_than", 3), "none other one two", 'did "purchase" fewer than 3 times'),
        ("fewer than 1", did(B, "fewer_than", 1), "none other", 'did "purchase" fewer than 1 times'),
        ("at most 1", did(B, "at_most", 1), "none other one", 'did "purchase" at most 1 times'),
        ("not exactly 1", did(B, "not_exactly", 1), "none other two four"),
        ("at least 2", did(B, "at_least", 2), "two four", 'did "purchase" at least 2 times'),
        ("more than 2", did(B, "more_than", 2), "four", 'did "purchase" more than 2 times'),
        ("exactly 2", did(B, "exactly", 2), "two", 'did "purchase" exactly 2 times'),
        (
            "fewer than 2 in a window",
            did(B, "fewer_than", 2, window=last(30, "days")),
            "none other one two",
            'did "purchase" fewer than 2 times in the last 30 days',
        ),
    ),
    *cases(
        "count = 0",
        {"plan": "text"},
        _BUYERS,
        ("exactly 0", did(B, "exactly", 0), "none other", 'did "purchase" exactly 0 times'),
        ("at most 0", did(B, "at_most", 0), "none other", 'did "purchase" at most 0 times'),
        ("not exactly 0", did(B, "not_exactly", 0), "one two four"),
        ("more than 0", did(B, "more_than", 0), "one two four", 'did "purchase" more than 0 times'),
        (
            "exactly 0 over 50",
            did(B, "exactly", 0, where=[where("amount", "greater", 50)]),
            "none other one two",
            'did "purchase" exactly 0 times where amount > 50',
        ),
    ),
]

X = "X"
_PS = doers(
    one=[ev(X, "2026-03-01", p=1)],
    two=[ev(X, "2026-03-01", p=2)],
    both=[ev(X, "2026-03-01", p=1), ev(X, "2026-03-02", p=2)],
    bare=[ev(X, "2026-03-01")],
    empty=[ev(X, "2026-03-01", p="")],
    text=[ev(X, "2026-03-01", p="1")],
    word=[ev(X, "2026-03-01", p="a")],
    idle=[ev("Y", "2026-03-01", p=1)],
    never=[],
)
_SPLIT = doers(
    same=[ev(X, "2026-03-01", a=1, b="x")],
    split=[ev(X, "2026-03-01", a=1, b="y"), ev(X, "2026-03-02", a=2, b="x")],
    no_b=[ev(X, "2026-03-01", a=1)],
)
_KINDS = doers(
    number=[ev(X, "2026-03-01", v=5)],
    point=[ev(X, "2026-03-01", v=5.5)],
    text=[ev(X, "2026-03-01", v="5")],
    exact=[ev(X, "2026-03-01", v="5.0")],
    yes=[ev(X, "2026-03-01", v=True)],
    no=[ev(X, "2026-03-01", v="false")],
    time=[ev(X, "2026-03-01", v="2026-01-31T09:00:00Z")],
    word=[ev(X, "2026-03-01", v="Straße\\")],
    bare=[ev(X, "2026-03-01")],
)


def _v(op: str, value: object = None) -> dict[str, object]:
    return did(X, where=[where("v", op, value)])


WHERE = [
    *cases(
        "not (did X where p = 1) against did X where p != 1",
        {},
        _PS,
        ("did where =", did(X, where=[where("p", "equals", 1)]), "one both text", 'did "X" where p = 1'),
        (
            "not (did where =)",
            not_(did(X, where=[where("p", "equals", 1)])),
            "two bare empty word idle never",
            'not (did "X" where p = 1)',
        ),
        (
            "did where !=: an event without p counts",
            did(X, where=[where("p", "not_equals", 1)]),
            "two both bare empty word",
            'did "X" where p != 1',
        ),
        (
            "did not where !=",
            did(X, "did_not", where=[where("p", "not_equals", 1)]),
            "one text idle never",
            'did not do "X" where p != 1',
        ),
        ("where known", did(X, where=[where("p", "is_known")]), "one two both text word", 'did "X" where p is known'),
        ("where unknown", did(X, where=[where("p", "is_unknown")]), "bare empty", 'did "X" where p is unknown'),
        ("where is not", did(X, where=[where("p", "is_not", "a")]), "one two both bare empty text"),
    ),
    *cases(
        "where conditions hold on one event",
        {},
        _SPLIT,
        (
            "both on the same",
            did(X, where=[where("a", "equals", 1), where("b", "is", "X")]),
            "same",
            'did "X" where a = 1 and b is "X"',
        ),
        (
            "two events for two conditions",
            every(did(X, where=[where("a", "equals", 1)]), did(X, where=[where("b", "is", "x")])),
            "same split",
            '(did "X" where a = 1) and (did "X" where b is "x")',
        ),
        ("a negative beside", did(X, where=[where("a", "equals", 1), where("b", "is_not", "x")]), "split no_b"),
    ),
    *cases(
        "properties read as what is asked",
        {},
        _KINDS,
        ("number and text that reads as one", _v("equals", 5), "number text exact"),
        ("text of a number", _v("is", "5"), "number text"),
        ("text of a fraction", _v("is", "5.5"), "point"),
        ("text is exact", _v("is", "5.0"), "exact"),
        ("more than", _v("greater", 5), "point"),
        ("true", _v("is_true"), "yes"),
        ("text of a boolean", _v("is", "TRUE"), "yes"),
        ("false, as text too", _v("is_false"), "no"),
        ("not true", _v("is_not_true"), "number point text exact no time word bare"),
        ("time", _v("before", "2026-02-01"), "time"),
        ("time, ago", _v("more_than_ago", span(30, "days")), "time"),
        ("text folded, with a backslash", _v("ends_with", "AẞE\\"), "word"),
        ("one of numbers", _v("is_one_of", [5, 6]), "number text exact"),
        ("one of texts", _v("is_one_of", ["5", "true"]), "number text yes"),
        ("none of", _v("is_none_of", ["5", "true"]), "point exact no time word bare"),
    ),
]

_WINDOW = doers(
    at_now=[ev(X, "2026-03-15T12:00:00Z")],
    edge=[ev(X, "2026-03-08T12:00:00Z")],
    outside=[ev(X, "2026-03-08T11:59:59.999Z")],
    future=[ev(X, "2026-03-16T00:00:00Z")],
    never=[],
)
WINDOWS = [
    *cases(
        "a window edge at exactly N days",
        {},
        _WINDOW,
        ("events in the last", did(X, window=last(7, "days")), "edge", 'did "X" in the last 7 days'),
        ("a future event counts without a window", did(X), "at_now edge outside future", 'did "X"'),
        ("event before", did(X, window={"kind": "before", "at": "2026-03-08T12:00Z"}), "outside"),
        ("event before a day", did(X, window={"kind": "before", "at": "2026-03-08"}), "", 'did "X" before 2026-03-08'),
        (
            "event after a day",
            did(X, window={"kind": "after", "at": "2026-03-08"}),
            "at_now future",
            'did "X" after 2026-03-08',
        ),
        (
            "event between",
            did(X, window={"kind": "between", "from": "2026-03-08", "to": "2026-03-16"}),
            "at_now edge outside",
            'did "X" between 2026-03-08 and 2026-03-16',
        ),
    ),
    *cases(
        "membership that changes with no write at all",
        {},
        _WINDOW,
        ("an event leaves its window", did(X, window=last(7, "days")), "edge"),
        then=(
            ("2026-03-15T12:00:00.001Z", names("at_now")),
            ("2026-03-20T00:00:00Z", names("at_now future")),
            ("2026-04-01T00:00:00Z", names("")),
        ),
    ),
    *cases(
        "membership that changes with no write at all",
        {},
        _WINDOW,
        ("fewer than 1 in a window", did(X, "fewer_than", 1, window=last(7, "days")), "at_now outside future never"),
        then=(("2026-03-15T12:00:00.001Z", names("edge outside future never")),),
    ),
    *cases(
        "today near midnight in the workspace's zone",
        {},
        doers(late=[ev(X, "2026-03-14T22:59:59.999Z")], early=[ev(X, "2026-03-14T23:00:00Z")]),
        (
            "event between local days",
            did(X, window={"kind": "between", "from": "2026-03-15", "to": "2026-03-16"}),
            "early",
        ),
        ("last event today", event_time("last", X, "today"), "early", 'last "X" today'),
        zone="Europe/Berlin",
    ),
]

_SUMS = doers(
    big=[ev(B, "2026-03-10", amount=300), ev(B, "2026-03-01", amount=250.5)],
    old=[ev(B, "2026-03-10", amount=300), ev(B, "2025-03-01", amount=250.5)],
    text=[ev(B, "2026-03-10", amount="300"), ev(B, "2026-03-01", amount="x"), ev(B, "2026-03-02")],
    minus=[ev(B, "2026-03-10", amount=-5), ev(B, "2026-03-11", amount=5)],
    words=[ev(B, "2026-03-10", amount="x")],
    bare=[ev(B, "2026-03-10")],
    never=[ev("login", "2026-03-10", amount=1000)],
)
_SKUS = doers(
    one=[ev(B, "2026-03-10", sku="A"), ev(B, "2026-03-11", sku="a")],
    two=[ev(B, "2026-03-10", sku="A"), ev(B, "2026-03-11", sku="b"), ev(B, "2026-03-12")],
    same=[ev(B, "2026-03-10", sku=5), ev(B, "2026-03-11", sku="5")],
    bare=[ev(B, "2026-03-10")],
    never=[],
)
SUMS = [
    *cases(
        "event sums",
        {},
        _SUMS,
        ("sum", aggregate("sum", "amount", B, "greater", 500), "big old", 'sum of amount over "purchase" > 500'),
        (
            "sum in a window",
            aggregate("sum", "amount", B, "greater", 500, window=last(90, "days")),
            "big",
            'sum of amount over "purchase" in the last 90 days > 500',
        ),
        ("a sum of zero is a value", aggregate("sum", "amount", B, "equals", 0), "minus"),
        ("no number is no value", aggregate("sum", "amount", B, "less", 1000), "big old text minus"),
        ("the complement has them", aggregate("sum", "amount", B, "not_equals", 0), "big old text words bare never"),
        ("not below", not_(aggregate("sum", "amount", B, "less", 1000)), "words bare never"),
        ("or unknown", aggregate("sum", "amount", B, "equals", 0, or_unknown=True), "minus words bare never"),
        (
            "average",
            aggregate("average", "amount", B, "equals", 300),
            "text",
            'average of amount over "purchase" = 300',
        ),
        ("minimum", aggregate("minimum", "amount", B, "less", 0), "minus", 'minimum of amount over "purchase" < 0'),
        ("maximum", aggregate("maximum", "amount", B, "at_least", 300), "big old text"),
        (
            "between where",
            aggregate("sum", "amount", B, "between", {"from": 1, "to": 300}, where=[where("amount", "at_least", 300)]),
            "big old text",
        ),
        ("known", aggregate("sum", "amount", B, "is_known"), "big old text minus"),
    ),
    *cases(
        "event sums",
        {},
        _SKUS,
        (
            "distinct ignores case",
            aggregate("distinct", "sku", B, "equals", 1),
            "one same",
            'distinct sku over "purchase" = 1',
        ),
        ("distinct", aggregate("distinct", "sku", B, "greater", 1), "two", 'distinct sku over "purchase" > 1'),
        ("no event has it: no value, not 0", aggregate("distinct", "sku", B, "equals", 0), ""),
        ("unknown", aggregate("distinct", "sku", B, "is_unknown"), "bare never"),
    ),
]

_TIMES = doers(
    early=[ev(X, "2026-01-10"), ev(X, "2026-03-10")],
    late=[ev(X, "2026-03-10"), ev(X, "2026-02-20")],
    past=[ev(X, "2025-12-01")],
    never=[],
)
_LASTS = doers(
    up=[ev(X, "2026-03-01", p=1), ev(X, "2026-03-02", p=9)],
    down=[ev(X, "2026-03-02", p=1), ev(X, "2026-03-01", p=9)],
    tie=[ev(X, "2026-03-02", p=1), ev(X, "2026-03-02", p=9)],
    bare=[ev(X, "2026-03-01", p=9), ev(X, "2026-03-02")],
    text=[ev(X, "2026-03-01", p="9")],
    never=[],
)
_STEPS = doers(
    quick=[ev("a", "2026-03-01T00:00:00Z"), ev("b", "2026-03-01T00:00:00Z")],
    edge=[ev("a", "2026-03-01T00:00:00Z"), ev("b", "2026-03-03T23:59:59.999Z")],
    late=[ev("a", "2026-03-01T00:00:00Z"), ev("b", "2026-03-04T00:00:00Z")],
    wrong=[ev("a", "2026-03-02T00:00:00Z"), ev("b", "2026-03-01T00:00:00Z")],
    again=[ev("b", "2026-02-01"), ev("a", "2026-02-02"), ev("a", "2026-03-01"), ev("b", "2026-03-02")],
    twice=[ev("a", "2026-03-01"), ev("a", "2026-03-02")],
    once=[ev("a", "2026-03-01")],
    never=[],
)
ORDER = [
    *cases(
        "event times",
        {},
        _TIMES,
        ("first before", event_time("first", X, "before", "2026-02-01"), "early past", 'first "X" before 2026-02-01'),
        (
            "last ago",
            event_time("last", X, "more_than_ago", span(30, "days")),
            "past",
            'last "X" more than 30 days ago',
        ),
        ("not: no event too", event_time("last", X, "not_more_than_ago", span(30, "days")), "early late never"),
        ("unknown", event_time("first", X, "is_unknown"), "never"),
        ("or unknown", event_time("last", X, "before", "2026-01-01", or_unknown=True), "past never"),
        ("in the last", event_time("first", X, "in_last", span(30, "days")), "late", 'first "X" in the last 30 days'),
    ),
    *cases(
        "the last one's property",
        {},
        _LASTS,
        ("by time, then as accepted", of_last("p", X, "greater", 5), "up tie text", 'p of last "X" > 5'),
        ("the last one has none", of_last("p", X, "is_unknown"), "bare never"),
        ("negative", of_last("p", X, "not_equals", 9), "down bare never", 'p of last "X" != 9'),
        ("as text", of_last("p", X, "is", "9"), "up tie text", 'p of last "X" is "9"'),
        ("or unknown", of_last("p", X, "equals", 1, or_unknown=True), "down bare never"),
    ),
    *cases(
        "did A then B",
        {},
        _STEPS,
        (
            "within 3 days, the end not in it",
            then("a", "b", 3, "days"),
            "quick edge again",
            'did "a" then "b" within 3 days',
        ),
        ("not", not_(then("a", "b", 3, "days")), "late wrong twice once never"),
        ("another event of the same name", then("a", "a", 7, "days"), "twice", 'did "a" then "a" within 7 days'),
    ),
    *cases(
        "attribute names",
        {},
        doers(
            ann=[ev('we"ird\\', "2026-03-01", **{"a.b": "x\\", "$p": 1})],
            bob=[ev("weird", "2026-03-01", a="x\\", b="x\\", p=1)],
        ),
        ("event and property", did('we"ird\\', where=[where("a.b", "is", "X\\")]), "ann"),
        ("property", did('we"ird\\', where=[where("$p", "equals", 1)]), "ann"),
        ("another event", some(did("weird", where=[where("a.b", "is_known")]), did("WEIRD")), ""),
    ),
]

CASES: list[Case] = [*COUNTS, *WHERE, *WINDOWS, *SUMS, *ORDER]
