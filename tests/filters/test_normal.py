"""Normal forms, keys and uses of filters."""

import pytest
from hypothesis import given, settings

from coterie.filters.events import EVENT_OPERATORS, SEGMENT_OPERATORS
from coterie.filters.normal import (
    clock_of,
    conditions_of,
    fields_used,
    is_daily,
    leaf_key,
    leaves_of,
    positive,
    positive_tree,
    segments_used,
    uses_zone,
)
from coterie.filters.operators import OPERATORS
from coterie.filters.printing import print_filter
from coterie.filters.sentence import parse
from coterie.filters.tree import (
    BucketCondition,
    EventCondition,
    Filter,
    Node,
    SegmentCondition,
    SequenceCondition,
)
from tests.support.trees import CATALOGUE, trees


def root(text: str) -> Node:
    return parse(text, CATALOGUE).root


def said(node: Node) -> str:
    return print_filter(Filter(root=node), CATALOGUE)


POSITIVE = [
    ('name is not "x"', 'not (name is "x")'),
    ("name is unknown", "not (name is known)"),
    ("orders not between 1 and 5", "not (orders between 1 and 5)"),
    ("renewal not today", "not (renewal today)"),
    ("vip is not true", "not (vip is true)"),
    ('city is "x" (or unknown)', 'city is "x" or not (city is known)'),
    ("tags is empty", "not (tags is known)"),
    ("tags is not empty", "tags is known"),
    ("count of tags = 0", "not (tags is known)"),
    ("count of tags != 0", "tags is known"),
    ("count of tags = 2", "count of tags = 2"),
    ("count of tags > 0", "tags is known"),
    ("count of tags > 2", "count of tags >= 3"),
    ("count of tags <= 2", "not (count of tags >= 3)"),
    ("count of tags < 3", "not (count of tags >= 3)"),
    ('did not do "e"', 'not (did "e")'),
    ('did "e" exactly 0 times', 'not (did "e")'),
    ('did not do "e" exactly 0 times', 'did "e"'),
    ('did "e" at least 1 time', 'did "e"'),
    ('did "e" more than 0 times', 'did "e"'),
    ('did "e" more than 2 times', 'did "e" at least 3 times'),
    ('did "e" at most 2 times', 'not (did "e" at least 3 times)'),
    ('did "e" fewer than 3 times', 'not (did "e" at least 3 times)'),
    ('did "e" fewer than 1 time', 'not (did "e")'),
    ('did not do "e" exactly 2 times', 'not (did "e" exactly 2 times)'),
    ('did "e" where a != 1', 'did "e" where a != 1'),
    ('not in segment "Trial"', 'not (in segment "Trial")'),
    ('in any segment of ("Trial")', 'in segment "Trial"'),
    ('in all segments of ("Trial", "Customers", "Trial")', 'in all segments of ("Customers", "Trial")'),
    ('sum of a over "e" != 5', 'not (sum of a over "e" = 5)'),
    ('sum of a over "e" > 5 (or unknown)', 'sum of a over "e" > 5 or not (sum of a over "e" is known)'),
    ('not (name is not "x")', 'name is "x"'),
    ("everyone", "everyone"),
]
SAME = [
    ('name is "Straße "', 'name is "STRAẞE"'),
    ('plan is one of ("a", "B")', 'plan is one of ("b", "A", "a")'),
    ("orders = 5", "orders = 5.0"),
    ("renewal in the last 2 weeks", "renewal in the last 14 days"),
    ("renewal in the last 1 year", "renewal in the last 12 months"),
    ("renewal before 2026-01-31T09:00Z", "renewal before 2026-01-31T10:00:00+01:00"),
    ('phone country is "DE"', 'phone country is "Germany"'),
    ('email domain is "ACME.com"', 'email domain is "@acme.com"'),
    ('did "e" where a = 1 and b = 2', 'did "e" where b = 2 and a = 1'),
    ('did "e" more than 2 times', 'did "e" at least 3 times'),
    ("lastSeen today", "last_seen today"),
]
DIFFERENT = [
    ('name is "x"', 'city is "x"'),
    ('name contains " x"', 'name contains "x"'),
    ('name matches "A"', 'name matches "a"'),
    ('did "e"', 'did "e" in the last 1 day'),
    ('did "e"', 'did "E"'),
    ('did "e" before 2026-01-01', 'did "e" after 2026-01-01'),
    ("renewal in the last 30 days", "renewal in the last 1 month"),
    ("renewal before 2026-01-31", "renewal before 2026-01-31T00:00Z"),
    ('first "e" today', 'last "e" today'),
    ('sum of a over "e" > 1', 'average of a over "e" > 1'),
    ("random bucket 0 to 10", "random bucket 0 to 11"),
    ('plan is one of ("1")', "orders is one of (1)"),
]
CLOCKS = [
    ('name is "x"', None),
    ("renewal before 2026-01-31", None),
    ("renewal today", "edges"),
    ("renewal not in the last 3 days", "edges"),
    ("birthday anniversary in the next 7 days", "daily"),
    ('did "e"', None),
    ('did "e" in the last 3 days', "edges"),
    ('did "e" before 2026-01-31', None),
    ('did "e" where at today', "edges"),
    ('did "e" in the last 3 days where at anniversary in the next 3 days', "daily"),
    ('last "e" more than 3 days ago', "edges"),
    ('at of last "e" today', "edges"),
    ('sum of a over "e" in the last 3 days > 5', "edges"),
    ('did "a" then "b" within 3 days', None),
    ('in segment "Trial"', None),
    ("random bucket 0 to 10", None),
]


def test_it_works() -> None:
    node, negated = positive(root('name is not "x"'))  # type: ignore[arg-type]
    assert (said(node), negated) == ('name is "x"', True)


@pytest.mark.parametrize(("text", "normal"), POSITIVE)
def test_positive(text: str, normal: str) -> None:
    assert said(positive_tree(root(text))) == normal


@settings(max_examples=150, deadline=None)
@given(trees())
def test_a_positive_tree_has_positive_conditions_only(filter: Filter) -> None:
    tree = positive_tree(filter)
    for leaf in leaves_of(tree):
        if isinstance(leaf, EventCondition):
            assert not EVENT_OPERATORS[leaf.op].is_negative
            assert leaf.count != 0
        elif isinstance(leaf, SegmentCondition):
            assert not SEGMENT_OPERATORS[leaf.op].is_negative
        elif not isinstance(leaf, SequenceCondition | BucketCondition):
            assert not OPERATORS[leaf.op].is_negative
            assert not leaf.or_unknown
    assert positive_tree(tree) == tree
    assert [leaf_key(leaf) for leaf in leaves_of(tree)] == [leaf_key(leaf) for leaf in leaves_of(positive_tree(tree))]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_one_key_for_one_condition(a: str, b: str) -> None:
    first, second = (next(leaves_of(positive_tree(root(text)))) for text in (a, b))
    assert leaf_key(first) == leaf_key(second)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_another_key_for_another_condition(a: str, b: str) -> None:
    first, second = (next(leaves_of(positive_tree(root(text)))) for text in (a, b))
    assert leaf_key(first) != leaf_key(second)


def test_keys_stay_as_they_are() -> None:
    """Keys live in memory alone, yet are the same in every process and release: none depends on hashing's seed."""
    assert leaf_key(root('name is "x"')) == "c99f02e309226c1a587cd00c896ec66f"  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "clock"), CLOCKS)
def test_clocks(text: str, clock: str | None) -> None:
    leaf = next(leaves_of(root(text)))
    assert clock_of(leaf) == clock
    assert is_daily(leaf) is (clock == "daily")


@pytest.mark.parametrize(
    ("text", "zoned"),
    [
        ("renewal today", True),
        ("renewal not before 2026-01-31", True),
        ("renewal on 2026-01-31", True),
        ("birthday in the last 3 days", True),
        ("birthday anniversary in the next 7 days", True),
        ('did "a" after 2026-01-31T09:00', True),
        ('did "a" where at this month', True),
        ('sum of x over "a" in the last 2 months > 5', True),
        ('last "a" yesterday', True),
        ('did "a" then "b" within 1 month', True),
        ('did "a" then "b" within 1 week', False),
        ('did "a" where x > 5', False),
        ('first "a" is known', False),
        ('plan is "2026-01-31"', False),
        ("renewal is unknown", False),
        ("random bucket 0 to 50", False),
        ('in segment "Trial"', False),
    ],
)
def test_zones(text: str, zoned: bool) -> None:
    assert uses_zone(next(leaves_of(root(text)))) is zoned


def test_what_a_filter_uses() -> None:
    found = parse(
        'email is known and not (did "a" then "b" within 1 day or in any segment of ("Trial", "Berlin")) '
        'and sum of x over "c" > 1 and email is known',
        CATALOGUE,
    )
    assert fields_used(found) == {"email"}
    assert segments_used(found) == {"seg_2", "seg_3"}
    assert [leaf.type for leaf in conditions_of(found)] == ["field", "sequence", "segment", "aggregate"]
    assert len(list(leaves_of(found))) == 5
