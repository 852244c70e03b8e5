"""Suggestions that two people are one: found, looked through, and decided for good."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.kit.errors import Conflict, NotFound
from coterie.kit.reasons import Reason
from coterie.people.models import MergeSuggestion, Person, State, SuggestionState
from coterie.people.queries import people_by_numbers

_CHUNK: Final = 400
_LONGEST: Final = 200


class Alike(NamedTuple):
    """Two people who may be one (`a` < `b`): how sure, out of 100, and why."""

    a: int
    b: int
    score: int
    reason: Reason


@dataclass(frozen=True)
class Suggested:
    """A suggestion with its two people; None where one of them was merged or deleted since."""

    row: MergeSuggestion
    people: tuple[Person | None, Person | None]


def propose(workspace: Workspace, found: Iterable[Alike]) -> int:
    """Keep suggestions; the answer is how many are new.

    One that is there gets the higher score with its reason. Two whom somebody has told apart are never suggested
    again, nor are those they were merged into.
    """
    best: dict[tuple[int, int], Alike] = {}
    for each in found:
        known = best.get((each.a, each.b))
        if known is None:
            best[each.a, each.b] = each
        else:
            best[each.a, each.b] = Alike(each.a, each.b, max(each.score, known.score), known.reason.beside(each.reason))
    pairs = list(best)
    new = 0
    for start in range(0, len(pairs), _CHUNK):
        new += _propose(workspace, {pair: best[pair] for pair in pairs[start : start + _CHUNK]})
    return new


def kept_reason(reason: Reason) -> tuple[str, str, str]:
    """A reason in the columns of a suggestion: its text, its code, and its details as JSON."""
    return str(reason)[:_LONGEST], reason.code, json.dumps(reason.details)


@transaction.atomic
def _propose(workspace: Workspace, found: dict[tuple[int, int], Alike]) -> int:
    apart = told_apart(workspace, found)
    there = {
        (row.a, row.b): row
        for row in MergeSuggestion.objects.of(workspace).filter(
            a__in={a for a, _ in found}, b__in={b for _, b in found}
        )
    }
    now = clock.now()
    rows = []
    for pair, each in found.items():
        row = there.get(pair)
        if row is None and pair not in apart:
            row = MergeSuggestion(workspace=workspace, a=each.a, b=each.b, score=each.score, at=now)
            row.reason, row.code, row.details = kept_reason(each.reason)
            rows.append(row)
        elif row is not None and row.state == SuggestionState.OPEN and (row.score, row.reason) < each[2:]:
            row.score, (row.reason, row.code, row.details) = each.score, kept_reason(each.reason)
            row.save(update_fields=["score", "reason", "code", "details"])
    MergeSuggestion.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def told_apart(workspace: Workspace, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The pairs among these people whom somebody has told apart, themselves or those merged into them.

    The lower number is first in each.
    """
    numbers = sorted({number for pair in pairs for number in pair})
    own = {number: number for number in numbers}
    # Whoever was merged away stands for the survivor, through however many merges.
    latest = numbers
    while latest:
        rows = Person.objects.of(workspace).filter(merged_into__in=latest).values_list("number", "merged_into")
        latest = []
        for number, into in rows:
            if number not in own:
                own[number] = own[into or 0]
                latest.append(number)
    dismissed = MergeSuggestion.objects.of(workspace).filter(state=SuggestionState.DISMISSED)
    decided = dismissed.filter(a__in=list(own), b__in=list(own)).values_list("a", "b")
    return {(min(own[a], own[b]), max(own[a], own[b])) for a, b in decided}


def suggestions_page(
    workspace: Workspace, *, state: str, number: int | None, after: tuple[int, int] | None, limit: int
) -> list[Suggested]:
    """Suggestions in a state, of everyone or about one person, the likeliest first; `after` is a score and an id.

    Of the open ones only those whose people are both there.
    """
    rows: QuerySet[MergeSuggestion] = MergeSuggestion.objects.of(workspace).filter(state=state)
    if number is not None:
        rows = rows.filter(Q(a=number) | Q(b=number))
    if state == SuggestionState.OPEN:
        alive = Person.objects.of(workspace).filter(state=State.ACTIVE)
        rows = rows.filter(Exists(alive.filter(number=OuterRef("a"))), Exists(alive.filter(number=OuterRef("b"))))
    if after is not None:
        score, pk = after
        rows = rows.filter(Q(score__lt=score) | Q(score=score, pk__gt=pk))
    found = list(rows.order_by(F("score").desc(), "pk")[:limit])
    people = {
        person.number: person
        for person in people_by_numbers(workspace, sorted({number for row in found for number in (row.a, row.b)}))
    }
    return [Suggested(row, (people.get(row.a), people.get(row.b))) for row in found]


@transaction.atomic
def dismiss(access: Access, suggestion: int) -> MergeSuggestion:
    """Remember that two people are not the same. NotFound when there is none of this id, Conflict when merged."""
    return _decide(access, suggestion, SuggestionState.DISMISSED, "merge_suggestion.dismissed")


@transaction.atomic
def reopen(access: Access, suggestion: int) -> MergeSuggestion:
    """Take back that two people are not the same; errors as for `dismiss`."""
    return _decide(access, suggestion, SuggestionState.OPEN, "merge_suggestion.reopened")


def suggested(access: Access, row: MergeSuggestion) -> Suggested:
    """A suggestion with its people."""
    people = {person.number: person for person in people_by_numbers(access.workspace, [row.a, row.b])}
    return Suggested(row, (people.get(row.a), people.get(row.b)))


def _decide(access: Access, suggestion: int, state: SuggestionState, action: str) -> MergeSuggestion:
    rows = MergeSuggestion.objects.of(access.workspace)
    row = rows.select_for_update().filter(pk=suggestion).first()
    if row is None:
        raise NotFound("There is no such suggestion.", code="suggestion_not_found")
    if row.state == SuggestionState.MERGED:
        raise Conflict("These two were merged already.", code="suggestion_merged")
    if row.state != state:
        row.state = state
        row.save(update_fields=["state"])
        details = {"people": [row.a, row.b]}
        audit.record(access.actor, action, workspace=access.workspace, target=f"suggestion:{row.pk}", details=details)
    return row
