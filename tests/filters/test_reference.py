"""Everything that the language was designed to say can be said, or is listed as not there yet."""

import re
from pathlib import Path

import pytest

from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS, WINDOWS
from coterie.filters.fields import BUILTIN_FIELDS
from coterie.filters.operators import OPERATORS
from coterie.filters.sentence import parse
from tests.support.trees import CATALOGUE

PAGE = Path(__file__).parents[2] / "docs" / "filters.md"

# The design's list of operators: for each kind, what it names, and the keys of the rows that say it.
OPERATORS_MEANT = {
    "text": "is is_not is_one_of is_none_of contains does_not_contain starts_with does_not_start_with ends_with "
    "does_not_end_with matches does_not_match is_known is_unknown domain_is domain_is_not country_is country_is_not",
    "number": "equals not_equals greater at_least less at_most between not_between is_one_of is_none_of is_known "
    "is_unknown",
    "boolean": "is_true is_not_true is_false is_not_false is_known is_unknown",
    "datetime": "before after on time_between in_last more_than_ago in_next more_than_ahead exactly_ago today "
    "yesterday this_week this_month this_year anniversary_in_next is_known is_unknown",
    "list": "has_any_of has_all_of has_none_of does_not_have_all_of count_equals count_not_equals count_greater "
    "count_at_most count_at_least count_less is_empty is_not_empty",
}
# Complements that follow from a positive time operator.
COMPLEMENTS = {key for key in OPERATORS if key.startswith("not_") and key.removeprefix("not_") in OPERATORS}
EVENTS_MEANT = {
    "did did_not at_least fewer_than more_than at_most exactly not_exactly": EVENT_OPERATORS,
    "sum average minimum maximum distinct": AGGREGATES,
    "first last": EVENT_TIMES,
    "in not_in in_any in_all": SEGMENT_OPERATORS,
    "last before after between": WINDOWS,
}
# What it says about membership, conversations and the system, as sentences.
SAID = {
    "random bucket": "random bucket 0 to 10",
    "did A then B": 'did "signup" then "purchase" within 3 days',
    "the last one's property": 'amount of last "purchase" > 5',
    "on channel": 'channels has any of ("telegram", "whatsapp")',
    "channel": 'channel is "webchat"',
    "last user message": 'last_message contains "price"',
    "last message at": "last_message_at in the last 7 days",
    "current message": "current_message is known",
    "created at": "created_at this week",
    "current campaign": 'campaign is "Spring"',
    "source": 'source is "ads"',
    "integration": 'integration is "shop"',
    "referrer": 'referrer contains "example.com"',
    "IP": 'ip is "192.0.2.1"',
    "banned": "banned is true",
    "tester": "tester is true",
}
# What needs rooms that are not built. Each has a row in docs/filters.md.
NOT_YET = {
    "subscribed to sequence",
    "subscribed to topic",
    "in flow",
    "current flow",
    "assigned agent",
    "conversation status",
}


def test_it_works() -> None:
    assert set(" ".join(OPERATORS_MEANT.values()).split()) | COMPLEMENTS == set(OPERATORS)


@pytest.mark.parametrize("type", OPERATORS_MEANT)
def test_each_type_has_its_operators(type: str) -> None:
    meant = set(OPERATORS_MEANT[type].split())
    assert meant <= {key for key, row in OPERATORS.items() if type in {str(each) for each in row.types}}


@pytest.mark.parametrize("keys", EVENTS_MEANT)
def test_events_segments_and_windows(keys: str) -> None:
    assert set(EVENTS_MEANT[keys]) == set(keys.split())


@pytest.mark.parametrize("what", SAID)
def test_it_can_be_said(what: str) -> None:
    parse(SAID[what], CATALOGUE)


def test_what_is_not_there_yet_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    part = page[page.index("### Not there yet") : page.index("\n## Operators")]
    assert set(re.findall(r"^\| ([^|`-][^|]*?) \|", part, re.MULTILINE)) - {"condition"} == NOT_YET
    named = {name.replace(" ", "_") for name in NOT_YET}
    assert not named & BUILTIN_FIELDS.keys(), "it is there now: take it from the list"
