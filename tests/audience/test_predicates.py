"""Conditions whose SQL the random worlds do not reach."""

from __future__ import annotations

from datetime import datetime

import pytest

from coterie.accounts.models import Workspace
from coterie.audience.index import index_of
from coterie.filters.sentence import parse
from coterie.kit import clock
from coterie.people.queries import catalogue
from tests.audience.conftest import MakeWorkspace, write

pytestmark = pytest.mark.server


def at(text: str) -> int:
    return clock.to_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("within", "then", "expected"),
    [
        ("1 months", "2026-02-28T11:59:59Z", True),
        ("1 months", "2026-02-28T12:00:00Z", False),
        ("1 years", "2027-01-31T11:59:59Z", True),
        ("1 years", "2027-01-31T12:00:00Z", False),
        ("4 weeks", "2026-02-28T12:00:00Z", False),
    ],
)
def test_a_sequence_within_calendar_steps(workspace: Workspace, within: str, then: str, expected: bool) -> None:
    write(workspace, "ann", events=[("signup", at("2026-01-31T12:00:00Z"), {}), ("buy", at(then), {})])
    node = parse(f'did "signup" then "buy" within {within}', catalogue(workspace)).root
    assert bool(index_of(workspace).evaluate(node)) is expected


def test_an_event_nobody_has_done_yet_matches_nobody_until_someone_does(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace()
    write(workspace, "ann")
    did, did_not = (parse(text, catalogue(workspace)).root for text in ('did "new"', 'did not do "new"'))
    index = index_of(workspace)
    assert (set(index.evaluate(did)), set(index.evaluate(did_not))) == (set(), {1})
    write(workspace, "bob", events=[("new", at("2026-01-31T12:00:00Z"), {})])
    assert (set(index.evaluate(did)), set(index.evaluate(did_not))) == ({2}, {1})
