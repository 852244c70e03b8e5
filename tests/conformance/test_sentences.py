"""Every form of the language with the tree it means: `sentences.json`, for this and any other implementation."""

import json
from pathlib import Path
from typing import Any

import pytest

from coterie.filters.check import read_filter
from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS
from coterie.filters.sentence import parse, print_filter
from tests.support.trees import CATALOGUE

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "sentences.json").read_text("utf-8"))

# Read, and written in another way.
ALSO = {
    'not vip IS TRUE and Not in Segment "customers"': 'not (vip is true) and not in segment "Customers"',
    "vip is true or vip is false and email is known": "vip is true or (vip is false and email is known)",
    "not vip is true or email is known": "not (vip is true) or email is known",
    "((vip is true))": "vip is true",
    "renewal in the last 1 days": "renewal in the last 1 day",
    "renewal in the last 30 day": "renewal in the last 30 days",
    "not renewal today": "renewal not today",
    "not renewal between 2026-01-01 and 2026-02-01": "renewal not between 2026-01-01 and 2026-02-01",
    "not (renewal today)": "not (renewal today)",
    "not renewal today (or unknown)": "not (renewal today (or unknown))",
    'not first "e" before 2026-01-31': 'first "e" not before 2026-01-31',
    'did not do "e" at least 3 times': 'did "e" fewer than 3 times',
    'did not do "e" more than 3 times': 'did "e" at most 3 times',
    'did not do "e" at most 3 times': 'did "e" more than 3 times',
    'did not do "e" fewer than 3 times': 'did "e" at least 3 times',
    'did "e" exactly 1 times': 'did "e" exactly 1 time',
    'did "e" where a = 1 and not in segment "Trial"': '(did "e" where a = 1) and not in segment "Trial"',
    'did "e" where a = 1 and did "f"': '(did "e" where a = 1) and did "f"',
    'did "e" where a = 1 and `b` = 2': 'did "e" where a = 1 and b = 2',
    'in segment "VIP" and in segment "vip"': 'in segment "VIP" and in segment "vip"',
    "orders = 5.0": "orders = 5",
    "orders = -0": "orders = 0",
    "orders = 1e3": "orders = 1000",
    'name is "C:\\dir"': 'name is "C:\\\\dir"',
    'name matches "\\d+"': 'name matches "\\\\d+"',
    "`orders` > 1": "orders > 1",
    "lastSeen today": "last_seen today",
    ' name\n\tis\n"a\nb" ': 'name is "a\nb"',
}


def test_it_works() -> None:
    assert parse(CASES[0]["sentence"], CATALOGUE) == read_filter({"root": CASES[0]["root"]})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sentence"])
def test_a_sentence_is_its_tree(case: dict[str, Any]) -> None:
    tree = read_filter({"version": 1, "root": case["root"]})
    assert parse(case["sentence"], CATALOGUE) == tree
    assert print_filter(tree, CATALOGUE) == case["sentence"]


@pytest.mark.parametrize(("text", "written"), list(ALSO.items()))
def test_other_spellings(text: str, written: str) -> None:
    assert print_filter(parse(text, CATALOGUE), CATALOGUE) == written
    assert parse(written, CATALOGUE) == parse(text, CATALOGUE)


def test_the_table_holds_every_kind_and_positive_operator() -> None:
    text = json.dumps(CASES)
    keys = {*EVENT_OPERATORS, *SEGMENT_OPERATORS, *AGGREGATES, *EVENT_TIMES}
    assert not [key for key in keys if f'"{key}"' not in text]
