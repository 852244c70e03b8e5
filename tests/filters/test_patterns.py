"""Patterns: what is taken compiles under RE2, what RE2 lacks is refused."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.filters.patterns import pattern_problem

GOOD = (
    "a",
    "^ann$",
    r"\d{3}-\d{4}",
    "(?:a|b)*c",
    "(?P<year>[0-9]+)",
    "[^a-z]",
    "[]a]",
    r"[\]\-a]",
    "a+?b*?",
    "x{0,1000}",
    "ä|ö|ü",
    r"\.\\\/",
    "(?i:x)",
    r"\bword\b",
)
BAD = (
    "",
    "(",
    ")",
    "a)",
    "[a",
    "*",
    "a**",
    "a*+",
    "a++",
    "a{2}{3}",
    "a{2,1}",
    "a{1001}",
    "(a{100}){11}",
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?>a)",
    "(?#x)",
    r"(a)\1",
    "(?P<n>a)(?P=n)",
    "(?(1)a|b)",
    "(?P<n>a",
    "\\",
    r"\Z",
    r"\u00e9",
    r"\k",
    "[[:alpha:]]",
    "[z-a]",
    "{,5}",
    "a" * 257,
    "^*",
    "(?i)a",
    "a\nb",
)


def test_it_works() -> None:
    assert pattern_problem("a+") is None


@pytest.mark.parametrize("pattern", GOOD)
def test_what_is_taken(pattern: str) -> None:
    assert pattern_problem(pattern) is None
    re2.compile("(?i-s)" + pattern)


@pytest.mark.parametrize("pattern", BAD)
def test_what_is_refused(pattern: str) -> None:
    assert pattern_problem(pattern)


PIECES = st.sampled_from(
    [
        *"ab(){}[]|*+?^$.\\-,019:=!<>PZdwsbA",
        "(?:",
        "(?P<n>",
        "{2}",
        "{2,}",
        "{,3}",
        "[^",
        "\\d",
        "\\b",
        "\\x41",
        "\\p",
        "é",
    ]
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=10).map("".join))
def test_what_is_taken_compiles_under_re2(pattern: str) -> None:
    if pattern_problem(pattern) is None:
        options = re2.Options()
        options.log_errors = False
        re2.compile("(?i-s)" + pattern, options)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_any_text_gets_an_answer(pattern: str) -> None:
    problem = pattern_problem(pattern)
    assert problem is None or len(problem) > 5
