"""Cases about truth, no value, numbers, booleans, segments, and fields that change."""

from tests.conformance.case import Case, Person, cases, every, f, in_segment, not_, person, some, values

TEXT, NUMBER, BOOLEAN, LIST = ({"x": kind} for kind in ("text", "number", "boolean", "list"))
CITIES = values("x", ann="Berlin", bob="Paris", cem=..., dee="")
TAGS = values("tags", ann=["VIP", "beta"], bob=["beta"], cem=[], dee=...)

TRUTH = [
    *cases(
        "negatives and no value",
        TEXT,
        CITIES,
        ("is not", f("x", "is_not", "Paris"), "ann cem dee", 'x is not "Paris"'),
        ("is none of", f("x", "is_none_of", ["Paris", "Oslo"]), "ann cem dee", 'x is none of ("Paris", "Oslo")'),
        ("does not contain", f("x", "does_not_contain", "ar"), "ann cem dee", 'x does not contain "ar"'),
        ("does not start with", f("x", "does_not_start_with", "P"), "ann cem dee", 'x does not start with "P"'),
        ("does not end with", f("x", "does_not_end_with", "is"), "ann cem dee", 'x does not end with "is"'),
        ("does not match", f("x", "does_not_match", "^p.*s$"), "ann cem dee", 'x does not match "^p.*s$"'),
        (
            "or unknown adds who has none",
            f("x", "is", "Paris", or_unknown=True),
            "bob cem dee",
            'x is "Paris" (or unknown)',
        ),
    ),
    *cases(
        "negatives and no value",
        NUMBER,
        values("x", one=1, five=5, over=5.01, under=0.99, none=...),
        ("!=", f("x", "not_equals", 5), "one over under none", "x != 5"),
        ("not between", f("x", "not_between", {"from": 1, "to": 5}), "over under none", "x not between 1 and 5"),
        ("number is none of", f("x", "is_none_of", [1, 2]), "five over under none", "x is none of (1, 2)"),
        ("number is one of", f("x", "is_one_of", [1, 5]), "one five", "x is one of (1, 5)"),
    ),
    *cases(
        "negatives and no value",
        {},
        TAGS,
        ("has none of", f("tags", "has_none_of", ["vip"]), "bob cem dee", 'tags has none of ("vip")'),
        ("has any of", f("tags", "has_any_of", ["vip", "beta"]), "ann bob", 'tags has any of ("vip", "beta")'),
        ("has all of", f("tags", "has_all_of", ["vip", "beta"]), "ann", 'tags has all of ("vip", "beta")'),
        ("does not have all of", f("tags", "does_not_have_all_of", ["vip", "beta"]), "bob cem dee"),
    ),
    *cases(
        "negative-only filters",
        TEXT,
        CITIES,
        (
            "two negatives and nothing else",
            every(f("x", "is_not", "Paris"), f("x", "does_not_start_with", "B")),
            "cem dee",
            'x is not "Paris" and x does not start with "B"',
        ),
        ("not, alone", not_(f("x", "is", "Paris")), "ann cem dee", 'not x is "Paris"'),
        ("not of a negative", not_(f("x", "is_not", "Paris")), "bob", 'not x is not "Paris"'),
        ("not of or unknown", not_(f("x", "is", "Paris", or_unknown=True)), "ann", 'not x is "Paris" (or unknown)'),
    ),
    *cases(
        "is not A or is not B is everyone",
        TEXT,
        CITIES,
        ("or", some(f("x", "is_not", "Paris"), f("x", "is_not", "Berlin")), "ann bob cem dee"),
        ("and", every(f("x", "is_not", "Paris"), f("x", "is_not", "Berlin")), "cem dee"),
    ),
    *cases(
        "empty all and any",
        TEXT,
        CITIES,
        ("an empty all is everyone", every(), "ann bob cem dee"),
        ("an empty any is nobody", some(), ""),
        ("not an empty any is everyone", not_(some()), "ann bob cem dee"),
        ("an empty any inside", some(f("x", "is", "Paris"), some()), "bob"),
    ),
]

_A, _B, _C = (f(name, "is_true") for name in "abc")
PRECEDENCE = cases(
    "precedence of a flat and/or list",
    {"a": "boolean", "b": "boolean", "c": "boolean"},
    {
        "only_a": person({"a": True}),
        "a_and_c": person({"a": True, "c": True}),
        "b_and_c": person({"b": True, "c": True}),
        "only_b": person({"b": True}),
        "only_c": person({"c": True, "a": False}),
    },
    ("and before or", some(_A, every(_B, _C)), "only_a a_and_c b_and_c", "a is true or b is true and c is true"),
    ("brackets win", every(some(_A, _B), _C), "a_and_c b_and_c", "(a is true or b is true) and c is true"),
    ("not before and", every(not_(_A), _C), "b_and_c only_c", "not a is true and c is true"),
    ("not of brackets", not_(every(_A, _C)), "only_a b_and_c only_b only_c", "not (a is true and c is true)"),
)

NUMBERS = [
    *cases(
        "the complement of > on equal values",
        NUMBER,
        values("x", four=4, five=5, six=6, text="5", half=5.5, none=...),
        ("not (x > 5)", not_(f("x", "greater", 5)), "four five text none", "not x > 5"),
        ("<= needs a value", f("x", "at_most", 5), "four five text", "x <= 5"),
        (">", f("x", "greater", 5), "six half", "x > 5"),
        (">=", f("x", "at_least", 5), "five six text half", "x >= 5"),
        ("<", f("x", "less", 5), "four", "x < 5"),
        ("not (x < 5)", not_(f("x", "less", 5)), "five six text half none", "not x < 5"),
        ("between has both ends", f("x", "between", {"from": 4, "to": 5}), "four five text", "x between 4 and 5"),
    ),
    *cases(
        "text 123 against number 123",
        NUMBER,
        values("x", n=123, t="123", padded=" 123 ", other="123a", none=...),
        ("a number field takes both", f("x", "equals", 123), "n t padded", "x = 123"),
    ),
    *cases(
        "text 123 against number 123",
        TEXT,
        values("x", n=123, t="123", zero="0123", point="123.0"),
        ("a text field is exact", f("x", "is", "123"), "n t", 'x is "123"'),
    ),
    *cases("text 123 against number 123", TEXT, values("x", t="123"), ("is 123", f("x", "is", 123), ""), broken=True),
    *cases("text 123 against number 123", NUMBER, values("x", n=1), ('= "1"', f("x", "equals", "1"), ""), broken=True),
    *cases(
        "a wrong type", NUMBER, values("x", n=1), ("contains on a number", f("x", "contains", "1"), ""), broken=True
    ),
    *cases("a wrong type", TEXT, values("x", t="5"), ("> on text", f("x", "greater", 4), ""), broken=True),
    *cases(
        "number stored as text sorting 10 before 9",
        NUMBER,
        values("x", nine="9", ten="10", hundred="100", low="-10"),
        ("10 is more than 9", f("x", "greater", 9), "ten hundred", "x > 9"),
        ("-10 is less than -9", f("x", "less", -9), "low", "x < -9"),
    ),
    *cases(
        "numbers",
        NUMBER,
        values("x", whole=42, half=42.5, zero=0, minus=-0.0, text="-0", tenth=0.1, tenths="1e-1", low=-7.25, none=...),
        ("42 and 42.5 side by side", f("x", "between", {"from": 42, "to": 42.5}), "whole half"),
        ("42 is not 42.5", f("x", "equals", 42), "whole", "x = 42"),
        ("42.5 is not 42", f("x", "equals", 42.5), "half", "x = 42.5"),
        ("zero has one sign", f("x", "equals", 0), "zero minus text", "x = 0"),
        ("zero is a value", f("x", "is_unknown"), "none", "x is unknown"),
        ("decimal text is the same number", f("x", "equals", 0.1), "tenth tenths", "x = 0.1"),
        ("negative", f("x", "at_most", -7.25), "low", "x <= -7.25"),
    ),
    *cases(
        "numbers",
        NUMBER,
        values("x", comma="1,5", under="1_000", hexa="0x10", flag=True, many=[1], word="one", ok="1.5"),
        ("what only looks like one is rejected", f("x", "is_known"), "ok"),
    ),
    *cases(
        "integers above 2^53",
        NUMBER,
        values("x", edge=2**53, under=2**53 - 1, over=2**53 + 1, text=str(2**53 + 1), low=-(2**53) - 1),
        ("rejected, not rounded", f("x", "is_known"), "edge under", "x is known"),
        ("the last exact one", f("x", "equals", 2**53), "edge", "x = 9007199254740992"),
        ("and its neighbour", f("x", "less", 2**53), "under", "x < 9007199254740992"),
    ),
    *cases(
        "integers above 2^53",
        NUMBER,
        {"ann": person({"x": 7}, {"x": 2**53 + 1}), "bob": person({"x": 7}, {"x": 8})},
        ("a rejected value leaves the old one", f("x", "equals", 7), "ann"),
    ),
    *cases(
        "NaN and infinities",
        NUMBER,
        values("x", nan=float("nan"), inf=float("inf"), low=float("-inf"), t="NaN", i="Infinity", big="1e999", ok=1),
        ("rejected", f("x", "is_known"), "ok", "x is known"),
        ("and so no value", f("x", "not_equals", 1), "nan inf low t i big", "x != 1"),
    ),
]

BOOLEANS = [
    *cases(
        "boolean false against never set",
        BOOLEAN,
        values("x", yes=True, no=False, text="false", never=..., blank=""),
        ("is false", f("x", "is_false"), "no text", "x is false"),
        ("is true", f("x", "is_true"), "yes", "x is true"),
        ("is not true", f("x", "is_not_true"), "no text never blank", "x is not true"),
        ("is not false", f("x", "is_not_false"), "yes never blank", "x is not false"),
        ("is unknown", f("x", "is_unknown"), "never blank", "x is unknown"),
        ("is known", f("x", "is_known"), "yes no text", "x is known"),
        ("is false or unknown", f("x", "is_false", or_unknown=True), "no text never blank", "x is false (or unknown)"),
    ),
    *cases(
        "boolean false against never set",
        BOOLEAN,
        values("x", one=1, zero=0, yes="yes", ok="TRUE"),
        ("0, 1 and yes are not booleans", f("x", "is_known"), "ok"),
    ),
]

_FULL = {
    "text": "a",
    "number": 1,
    "boolean": True,
    "datetime": "2026-01-31T09:00:00Z",
    "date": "2026-01-31",
    "list": ["a"],
}
_EMPTY = "missing null empty blank no_members cleared emptied unlisted"


def _empties(kind: str) -> dict[str, Person]:
    return {
        "missing": person(),
        "null": person({"x": None}),
        "empty": person({"x": ""}),
        "blank": person({"x": " \t\n\u00a0\u3000"}),
        "no_members": person({"x": []}),
        "cleared": person({"x": _FULL[kind]}, {"x": None}),
        "emptied": person({"x": _FULL[kind]}, {"x": "  "}),
        "unlisted": person({"x": _FULL[kind]}, {"x": []}),
        "full": person({"x": None}, {"x": _FULL[kind]}),
    }


EMPTY: list[Case] = []
for _kind in _FULL:
    EMPTY += cases(
        "five kinds of empty",
        {"x": _kind},
        _empties(_kind),
        (f"{_kind} is unknown", f("x", "is_unknown"), _EMPTY, "x is unknown"),
        (f"{_kind} is known", f("x", "is_known"), "full", "x is known"),
    )
EMPTY += [
    *cases(
        "five kinds of empty",
        TEXT,
        _empties("text"),
        ("is", f("x", "is", "A"), "full", 'x is "A"'),
        ("is not", f("x", "is_not", "A"), _EMPTY, 'x is not "A"'),
        ("matches anything", f("x", "matches", ".*"), "full", 'x matches ".*"'),
    ),
    *cases(
        "five kinds of empty",
        LIST,
        {**_empties("list"), "blanks": person({"x": ["", " ", None]})},
        ("list is empty", f("x", "is_empty"), f"{_EMPTY} blanks", "x is empty"),
        ("list is not empty", f("x", "is_not_empty"), "full", "x is not empty"),
        ("count = 0", f("x", "count_equals", 0), f"{_EMPTY} blanks", "count of x = 0"),
        ("count < 3", f("x", "count_less", 3), f"{_EMPTY} blanks full", "count of x < 3"),
        ("count > 0", f("x", "count_greater", 0), "full", "count of x > 0"),
    ),
    *cases(
        "five kinds of empty",
        TEXT,
        values("x", null="null", none="None", zero=0, no=False, blank="\u2003"),
        ("the word null, 0 and false are values", f("x", "is_known"), "null none zero no"),
    ),
]

_PARIS, _BERLIN = f("x", "is", "Paris"), f("x", "is", "Berlin")
SEGMENTS = [
    *cases(
        "segment inside segment, its cycle, its deletion",
        TEXT,
        CITIES,
        ("in segment", in_segment("Paris"), "bob", 'in segment "Paris"'),
        ("not in segment", in_segment("Paris", op="not_in"), "ann cem dee", 'not in segment "Paris"'),
        ("inside another", in_segment("Not Paris"), "ann cem dee", 'in segment "Not Paris"'),
        ("static", in_segment("Picked"), "ann dee", 'in segment "Picked"'),
        ("any", in_segment("Paris", "Picked", op="in_any"), "ann bob dee", 'in any segment of ("Paris", "Picked")'),
        (
            "all",
            in_segment("Not Paris", "Picked", op="in_all"),
            "ann dee",
            'in all segments of ("Not Paris", "Picked")',
        ),
        ("exclude", every(f("x", "is_known"), in_segment("Picked", op="not_in")), "bob"),
        segments={"Paris": _PARIS, "Not Paris": in_segment("Paris", op="not_in"), "Picked": frozenset({"ann", "dee"})},
    ),
    *cases(
        "segment inside segment, its cycle, its deletion",
        TEXT,
        CITIES,
        ("itself", in_segment("Self"), ""),
        ("not in itself", in_segment("Self", op="not_in"), ""),
        ("a cycle of two", in_segment("One"), ""),
        ("a cycle behind not", not_(in_segment("Two")), ""),
        ("deleted", in_segment("Gone"), ""),
        ("not in a deleted one", in_segment("Gone", op="not_in"), ""),
        ("a deleted one inside", in_segment("On gone", op="not_in"), ""),
        ("or something true", some(every(), in_segment("Gone")), ""),
        segments={
            "Self": some(_PARIS, in_segment("Self")),
            "One": in_segment("Two"),
            "Two": not_(in_segment("One")),
            "Gone": None,
            "On gone": some(_BERLIN, in_segment("Gone")),
        },
        broken=True,
    ),
    *cases("unknown field", TEXT, CITIES, ("is not", f("nothing", "is_not", "a"), ""), broken=True),
]

CHANGED = [
    *cases(
        "a field whose type changes or that is deleted",
        TEXT,
        values("x", ten="10", nine="9", word="ten", none=...),
        ("text read as number", f("x", "greater", 9), "ten", "x > 9"),
        ("what does not convert is no value", f("x", "is_unknown"), "word none", "x is unknown"),
        retype={"x": "number"},
    ),
    *cases(
        "a field whose type changes or that is deleted",
        NUMBER,
        values("x", five=5, half=5.5, none=...),
        ("number read as text", f("x", "is", "5"), "five", 'x is "5"'),
        ("with its fraction", f("x", "is", "5.5"), "half", 'x is "5.5"'),
        retype={"x": "text"},
    ),
    *cases(
        "a field whose type changes or that is deleted",
        TEXT,
        values("x", ten="10"),
        ("a filter on the old type", f("x", "contains", "1"), ""),
        ("and its negative", f("x", "does_not_contain", "7"), ""),
        retype={"x": "number"},
        broken=True,
    ),
    *cases(
        "a field whose type changes or that is deleted",
        TEXT,
        CITIES,
        ("deleted", _PARIS, ""),
        ("deleted, negative", f("x", "is_not", "Paris"), ""),
        ("deleted, unknown", f("x", "is_unknown"), ""),
        deleted=("x",),
        broken=True,
    ),
]

# Testers are a field of the system; consent is kept by imports as attributes of these names.
SYSTEM = [
    *cases(
        "system fields",
        {"tester": "boolean"},
        values("tester", yes=True, no=False, never=...),
        ("testers", f("tester", "is_true"), "yes", "tester is true"),
        ("everyone else", f("tester", "is_not_true"), "no never", "tester is not true"),
    ),
    *cases(
        "system fields",
        {"consent.email": "boolean", "consent.email.source": "text"},
        {
            "given": person({"consent.email": True, "consent.email.source": "Sign-up"}),
            "withdrawn": person({"consent.email": True}, {"consent.email": False}),
            "unasked": person(),
        },
        ("consent", f("consent.email", "is_true"), "given", "`consent.email` is true"),
        ("withdrawn", f("consent.email", "is_false"), "withdrawn", "`consent.email` is false"),
        ("never asked", f("consent.email", "is_unknown"), "unasked", "`consent.email` is unknown"),
        ("its source", f("consent.email.source", "is", "sign-up"), "given", '`consent.email.source` is "sign-up"'),
    ),
]

CASES = [*TRUTH, *PRECEDENCE, *NUMBERS, *BOOLEANS, *EMPTY, *SEGMENTS, *CHANGED, *SYSTEM]
