"""Looking through everyone for people who may be the same: a job that comes to suggestions to merge.

Nobody is compared with everyone. People who share an email or phone are found by grouping. Like names are looked for
among people of the same country who share a word of their name: in the order of their names, each is compared with the
few before. So the work grows with the number of people and not with its square, and a wrong letter in one word is
found through another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz, process, utils

from coterie.accounts.permissions import Access
from coterie.audience import queries
from coterie.audience.duplicates import ALIKE, LIKE_NAME, SAME_NAME, SURE
from coterie.audience.index import PeopleIndex
from coterie.audience.predicates import Bound
from coterie.jobs import actions as jobs
from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import OPEN, Job
from coterie.jobs.turn import Turn
from coterie.jobs.wording import titled
from coterie.kit.errors import Conflict
from coterie.kit.reasons import Reason
from coterie.people import identities
from coterie.people.suggestions import Alike, propose

KIND: Final = "people.find_same"
# A name is compared with so many before it, of those that share a word and the country.
NEAR: Final = 25
# More people with exactly one name, in one country: it is a common name and says nothing.
COMMON: Final = 5
# An address that more people have is an office's or made up.
SHARED: Final = 10
_SHORTEST_NAME: Final = 4
_SHORTEST_WORD: Final = 2
# Rows of one query.
_PAGE: Final = 20_000
_FIELDS: Final = ("email", "phone")


class Named(NamedTuple):
    """A person once for each word of their name; all text is folded."""

    country: str
    word: str
    name: str
    number: int


@dataclass
class Comparing:
    """Compares names that come in the order of country, word and name; counts the comparisons."""

    comparisons: int = 0

    def pairs(self, rows: Iterable[Named]) -> Iterator[Alike]:
        """Who may be the same among rows in order."""
        for _, block in groupby(rows, key=lambda row: row[:2]):
            before: deque[tuple[str, int]] = deque(maxlen=NEAR)
            for name, same in groupby(block, key=lambda row: row.name):
                numbers = [row.number for row in same]
                if len(numbers) > COMMON:
                    continue
                yield from self._equal(numbers)
                yield from self._near(name, numbers, before)
                before.extend((name, number) for number in numbers)

    def _equal(self, numbers: Sequence[int]) -> Iterator[Alike]:
        for place, one in enumerate(numbers):
            for other in numbers[place + 1 :]:
                yield _alike(one, other, SURE - 1, SAME_NAME)

    def _near(self, name: str, numbers: Sequence[int], before: Sequence[tuple[str, int]]) -> Iterator[Alike]:
        others = [other for other, _ in before]
        self.comparisons += len(others)
        # Without signs: "Smith, John" is John Smith.
        found = process.extract(
            name,
            others,
            scorer=fuzz.token_sort_ratio,
            processor=utils.default_process,
            score_cutoff=ALIKE,
            limit=None,
        )
        for _, score, place in found:
            for number in numbers:
                yield _alike(number, before[place][1], min(round(score), SURE - 1), LIKE_NAME)


def start(access: Access) -> Job:
    """Start to look through everyone; Conflict while that goes on already."""
    if Job.objects.of(access.workspace).filter(kind=KIND, state__in=OPEN).exists():
        raise Conflict("Everyone is being looked through already.", code="already_looking")
    everyone = len(queries.ready_index(access.workspace).everyone())
    return jobs.start(
        access,
        KIND,
        title=titled("same_people"),
        permission="people:write",
        params={},
        unit="people",
        total=everyone,
    )


def find_same(turn: Turn) -> Steps:
    """Find who may be the same: by email, by phone, then by name and country."""
    turn.access()
    index = queries.ready_index(turn.job.workspace)
    mark = turn.checkpoint
    for field in _FIELDS:
        while not mark.get(f"{field} done"):
            groups = _sharing(index, field, mark.get(field, ""))
            pairs = [pair for _, numbers in groups for pair in _star(numbers, identities.same(field))]
            _keep(turn, pairs)
            mark[field] = groups[-1][0] if groups else ""
            mark[f"{field} done"] = len(groups) < _PAGE
            turn.save(phase="addresses")
            yield
    comparing = Comparing()
    while not mark.get("names done"):
        rows = _names(index, mark.get("after"))
        _keep(turn, comparing.pairs(rows))
        ended = len(rows) < _PAGE
        mark["names done"] = ended
        if not ended:
            # The last few are compared with those that follow: they are read again.
            mark["after"] = list(rows[-NEAR - 1])
        mark["people"] = mark.get("people", 0) + sum(1 for row in rows if row.name.startswith(row.word))
        turn.save(done=min(mark["people"], turn.job.total or 0), phase="names")
        yield
    turn.save(done=turn.job.total)
    return turn.result


def _keep(turn: Turn, pairs: Iterable[Alike]) -> None:
    counts: dict[str, int] = turn.result.setdefault("counts", {"suggested": 0})
    counts["suggested"] += propose(turn.job.workspace, pairs)


def _sharing(index: PeopleIndex, field: str, after: str) -> list[tuple[str, list[int]]]:
    """The values of a field, above one, that a few people share, with their numbers; a page in order."""
    bound = Bound()
    x = index.names.fields[field].x
    # sql: the field's path and limits are ours, every value is bound
    sql = (
        f"SELECT {x} AS value, arraySort(groupArray(number)) AS numbers FROM people FINAL "
        f"WHERE {index.reader.where(bound, None)} AND live = 1 AND {x} > {bound.add('String', after)} "
        f"GROUP BY value HAVING count() BETWEEN 2 AND {SHARED} ORDER BY value LIMIT {_PAGE}"
    )
    return [(str(value), [int(number) for number in numbers]) for value, numbers in index.reader.page(sql, bound)]


def _names(index: PeopleIndex, after: Sequence[Any] | None) -> list[Named]:
    """People once for each word of their name, after a place in the order; a page."""
    bound = Bound()
    x, place = index.names.fields["name"].x, index.names.fields["country"].x
    where = f"{index.reader.where(bound, None)} AND live = 1 AND lengthUTF8({x}) >= {_SHORTEST_NAME} AND {place} != ''"
    words = f"arrayDistinct(arrayFilter(w -> lengthUTF8(w) >= {_SHORTEST_WORD}, splitByNonAlpha(assumeNotNull({x}))))"
    beyond = ""
    if after is not None:
        kinds = ("String", "String", "String", "UInt32")
        beyond = (
            " AND (country, word, name, number) > ("
            + ", ".join(bound.add(kind, value) for kind, value in zip(kinds, after, strict=True))
            + ")"
        )
    # sql: paths and numbers of ours, every value is bound
    sql = (
        "SELECT country, word, name, number FROM ("
        f"SELECT assumeNotNull({place}) AS country, arrayJoin({words}) AS word, assumeNotNull({x}) AS name, number "
        f"FROM people FINAL WHERE {where}) WHERE 1{beyond} "
        f"ORDER BY country, word, name, number LIMIT {_PAGE}"
    )
    return [Named(str(a), str(b), str(c), int(number)) for a, b, c, number in index.reader.page(sql, bound)]


def _star(numbers: Sequence[int], reason: Reason) -> Iterator[Alike]:
    """The first of those who share an address with each of the others: merging one by one joins them all."""
    return (_alike(numbers[0], other, SURE, reason) for other in numbers[1:])


def _alike(one: int, other: int, score: int, reason: Reason) -> Alike:
    return Alike(min(one, other), max(one, other), score, reason)


KINDS: Final = (Kind(KIND, find_same),)
