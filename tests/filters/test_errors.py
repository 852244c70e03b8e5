"""What is said of a sentence that can't be used: the place, what was found, what could stand there."""

from timeit import repeat

import pytest

from coterie.filters.errors import InvalidFilter, SyntaxProblem, UnknownField, UnknownSegment
from coterie.filters.sentence import MAX_SENTENCE, parse
from coterie.kit.errors import InvalidInput
from tests.support.trees import CATALOGUE

# Text, line, column, found, some of what is expected.
SYNTAX = [
    ("", 1, 1, "the end", {"a field", "`everyone`", "`not`"}),
    ("  \n ", 1, 1, "the end", {"a field"}),
    ('country iz "US"', 1, 9, "iz", {"`is`", "`contains`"}),
    ('country is "US', 1, 12, '"', {'a closing "'}),
    ("`country", 1, 1, "`", {"a closing `"}),
    ('country is "a" and\n  orders >', 2, 11, "the end", {"a number"}),
    ('country is "a" country', 1, 16, "country", {"`and`", "`or`", "the end"}),
    ('(country is "a"', 1, 16, "the end", {"`)`"}),
    ('(country is "a" b', 1, 17, "b", {"`)`", "`and`", "`or`"}),
    ('country is "a")', 1, 15, ")", {"the end"}),
    ("country is 2026-01-01", 1, 12, "2026-01-01", {"text in double quotes"}),
    ('did "x" at least 1.5 times', 1, 18, "1.5", {"a whole number"}),
    ('did "x" at least 3', 1, 19, "the end", {"`times`"}),
    ("renewal in the last -3 days", 1, 21, "-3", {"a whole number"}),
    ("renewal in the last 3 fortnights", 1, 23, "fortnights", {"minutes, hours, days, weeks, months or years"}),
    ('sum of a over "x" is "y"', 1, 22, '"y"', {"`one`", "`known`"}),
    ("in segment 5", 1, 12, "5", {"the name of a segment in double quotes"}),
    ('random bucket "a" to 5', 1, 15, '"a"', {"a number"}),
    ("orders = 1e999", 1, 10, "1e999", {"a smaller number"}),
    ("orders = 5x", 1, 10, "5", {"a number"}),
    ("name is 'x'", 1, 9, "'", {"text in double quotes"}),
    ("country is US", 1, 12, "US", {"text in double quotes"}),
    ("any", 1, 4, "the end", {"`(`"}),
]
# Text, line, column, words of the message.
PROBLEMS = [
    ('country = "US"', 1, 9, "`=` does not apply to country (text)"),
    ("country is 5", 1, 12, "5 can't be compared with text"),
    ('orders = "5"', 1, 10, "can't be compared with a number"),
    ("orders = 9007199254740993", 1, 10, "more digits than a number can hold"),
    ("orders between 5 and 1", 1, 22, "The range is empty"),
    ('name is " "', 1, 9, "Empty text is no value"),
    ('plan is one of ("a", 5)', 1, 22, "5 can't be compared with text"),
    ("plan today", 1, 6, "`today` does not apply"),
    ("renewal in the last 0 days", 1, 21, "0 can't stand here"),
    ("birthday in the last 3 hours", 1, 24, "Hours can't stand here"),
    ("birthday before 2026-01-31T09:00Z", 1, 17, "A calendar date has no time of day"),
    ("renewal on 2026-02-30", 1, 12, "is not a date"),
    ("renewal on 2026-02-03T10:00Z", 1, 12, "A time of day can't stand here"),
    ("renewal between 2026-02-01 and 2026-01-01", 1, 32, "The range is empty"),
    ('username matches "(?=a)"', 1, 18, "The pattern can't be used"),
    ('name domain is "acme.com"', 1, 6, "does not apply to name"),
    ('email domain is "a@b"', 1, 17, "is not a domain"),
    ('phone country is "Atlantis"', 1, 18, "is not a country"),
    ('country is not "DE" (or unknown)', 1, 9, "already holds for people with no value"),
    ("email is known (or unknown)", 1, 7, "already tells who has no value"),
    ("count of orders > 1", 1, 1, "does not apply to orders"),
    ("count of tags < 0", 1, 17, "0 can't stand here"),
    ('did "x" at least 0 times', 1, 18, "0 can't stand here"),
    ('did "x" in the last 0 days', 1, 21, "0 can't stand here"),
    ('did "x" before 2026-13-01', 1, 16, "is not a date"),
    ('did "x"\n where a = 1\n and b matches "["', 3, 16, "The pattern can't be used"),
    ('sum of a over "e" between 2026-02-01 and 2026-01-01 > 1', 1, 42, "The range is empty"),
    ("random bucket 10 to 5", 1, 21, "The bucket is empty"),
    ("random bucket 0 to 101", 1, 20, "is not a share"),
    ("random bucket 0.001 to 5", 1, 15, "is not a share"),
    ('did "a" then "b" within 0 days', 1, 25, "0 can't stand here"),
]


def test_it_works() -> None:
    with pytest.raises(UnknownField) as caught:
        parse('email is known and\n countri is "US"', CATALOGUE)
    assert caught.value.nearest[0] == "country"
    assert (caught.value.problem.line, caught.value.problem.column) == (2, 2)
    assert caught.value.as_json()["details"]["nearest"] == list(caught.value.nearest)
    assert isinstance(caught.value, InvalidInput)


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), SYNTAX)
def test_syntax(text: str, line: int, column: int, found: str, expected: set[str]) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse(text, CATALOGUE)
    problem = caught.value
    assert (problem.line, problem.column, problem.found) == (line, column, found)
    assert expected <= set(problem.expected)
    assert str(problem).startswith(f"Line {line}, column {column}: ")


@pytest.mark.parametrize(("text", "line", "column", "words"), PROBLEMS)
def test_problems(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        parse(text, CATALOGUE)
    problem = caught.value.problems[0]
    assert words in problem.message
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("country is is", "Line 1, column 12: Found `is`."),
        ("country is", "Line 1, column 11: Found the end."),
        ('sum of a over "x" is "y"', 'Line 1, column 22: Found "y".'),
    ],
)
def test_what_was_found_is_set_apart(text: str, said: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse(text, CATALOGUE)
    assert str(caught.value).startswith(said)


def test_after_a_field_only_what_its_type_offers_is_expected() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse("orders", CATALOGUE)
    assert {"`>`", "`=`", "`between`"} <= set(caught.value.expected)
    assert "`contains`" not in caught.value.expected


def test_no_segment_of_that_name() -> None:
    with pytest.raises(UnknownSegment) as caught:
        parse('in segment "Custmers"', CATALOGUE)
    assert caught.value.nearest == ("Customers",)
    assert caught.value.problem.column == 12


def test_every_problem_is_told() -> None:
    with pytest.raises(InvalidFilter) as caught:
        parse('orders = "5" and country is 5', CATALOGUE)
    assert [problem.path for problem in caught.value.problems] == ["root.of[0].value", "root.of[1].value"]
    assert str(caught.value).endswith("(1 more)")


@pytest.mark.parametrize(
    "text",
    [
        "not " * 50_000 + "email is known",
        "(" * 40_000 + "email is known",
        "all (" * 500 + "email is known" + ")" * 500,
        "not " * 40 + "email is known",
        " and ".join(["email is known"] * 201),
        "x" * (MAX_SENTENCE + 1),
    ],
    ids=["not", "parentheses", "all", "deeper than 32", "201 conditions", "too long"],
)
def test_too_much_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        parse(text, CATALOGUE)


def test_parentheses_alone_are_no_depth() -> None:
    assert parse("(" * 1000 + "email is known" + ")" * 1000, CATALOGUE) == parse("email is known", CATALOGUE)


def test_a_sentence_of_six_conditions_reads_in_two_milliseconds() -> None:
    text = (
        'country is "United States" and (language is "English" or tags has any of ("vip", "beta")) and '
        'not in segment "Trial" and did "purchase" at least 3 times in the last 30 days and last_seen today'
    )
    parse(text, CATALOGUE)
    assert min(repeat(lambda: parse(text, CATALOGUE), number=1, repeat=30)) < 0.002
