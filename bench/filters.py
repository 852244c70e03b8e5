"""The filters that are measured."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from bench.population import COUNTRIES, INDUSTRIES, INTERESTS, TAGS

# Six conditions of six kinds, in `and`, `or` and `not`.
SENTENCE: Final = (
    '(country is one of ("Germany", "United States", "France") or tags has any of ("vip", "beta")) '
    "and lifetime_value > 100 and last_seen in the last 30 days "
    'and not (plan is "free" or subscribed is false)'
)

# The five segments whose overlap is counted.
REGIONS: Final[tuple[tuple[str, str], ...]] = (
    ("From Germany", 'country is "Germany"'),
    ("Subscribed", "subscribed is true"),
    ("Buyers", 'did "purchase" at least 2 times'),
    ("High score", "score >= 60"),
    ("Seen lately", "last_seen in the last 90 days"),
)

# What a condition that nobody asked before looks like, by kind; `{n}` makes each one new.
FRESH: Final[dict[str, str]] = {
    "number": "lifetime_value > {n}.37",
    "text": 'company contains "y {n}"',
    "datetime": "last_order_at more than {n} minutes ago",
    "list": 'interests has any of ("music", "novel {n}")',
}
FRESH_EVENT: Final = 'did "purchase" at least 2 times where amount > {n}.37'


def with_fresh(condition: str) -> str:
    """The filter of six conditions with one of them replaced by another."""
    return SENTENCE.replace("lifetime_value > 100", condition)


def fresh_sentences(kinds: dict[str, str], count: int, *, start: int) -> Iterator[tuple[str, str]]:
    """Kind and filter, `count` of each kind in turn, each with a constant that was not used since `start`."""
    for n in range(count):
        for kind, template in kinds.items():
            yield kind, with_fresh(template.format(n=start + n))


def segments(count: int) -> Iterator[tuple[str, str]]:
    """Names and filters of live segments as teams make them: two to four conditions, some of them shared by many.

    A fifth of the conditions are about events, a third move with the clock.
    """
    choose = random.Random(7)
    for number in range(count):
        conditions = [_CONDITIONS[choose.randrange(len(_CONDITIONS))](choose) for _ in range(choose.randint(2, 4))]
        sentence = conditions[0]
        for each in conditions[1:]:
            joint = choose.choices(("and", "or", "and not"), weights=(6, 2, 2))[0]
            sentence = f"({sentence}) {joint} {each}"
        yield f"Segment {number}", sentence


def _of(values: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if value is not None)


_CONDITIONS: Final[tuple[Callable[[random.Random], str], ...]] = (
    lambda choose: f'country is "{choose.choice(COUNTRIES)}"',
    lambda choose: f'industry is "{choose.choice(_of(INDUSTRIES))}"',
    lambda choose: f"orders >= {choose.randint(1, 30)}",
    lambda choose: f"lifetime_value > {choose.randrange(50, 2_000, 50)}",
    lambda choose: f"score between {choose.randrange(0, 50, 5)} and {choose.randrange(50, 100, 5)}",
    lambda choose: f'tags has any of ("{choose.choice(TAGS)}", "{choose.choice(TAGS)}")',
    lambda choose: f'interests has any of ("{choose.choice(INTERESTS)}")',
    lambda choose: f'company contains "y {choose.randrange(100)}"',
    lambda choose: f"last_seen in the last {choose.randint(1, 120)} days",
    lambda choose: f"last_seen more than {choose.randint(1, 120)} days ago",
    lambda choose: f"last_order_at in the last {choose.randint(1, 60)} days",
    lambda choose: f'did "purchase" at least {choose.randint(1, 3)} times in the last {choose.randint(7, 120)} days',
    lambda choose: (
        f'did "page viewed" at least {choose.randint(1, 3)} times where path is "/page/{choose.randrange(50)}"'
    ),
    lambda choose: f'sum of amount over "purchase" > {choose.randrange(50, 600, 10)}',
    lambda choose: "subscribed is true",
)
