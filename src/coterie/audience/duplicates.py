"""Who may be the same person as one that is about to be made: by identity, or by a like name in the same country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz import fuzz

from coterie.accounts.models import Workspace
from coterie.audience import queries
from coterie.audience.predicates import Bound
from coterie.audience.startup import IndexRebuilding
from coterie.filters.values import fold
from coterie.kit.reasons import Reason
from coterie.people import identities
from coterie.people.fields import canonical
from coterie.people.lookups import country_name
from coterie.people.models import Person
from coterie.people.prepare import flat
from coterie.people.queries import holders, people_by_numbers

# Of 100: "Jon Smith" and "John Smith" have 95, "Jane Smith" and "John Smith" 80.
ALIKE: Final = 88
SURE: Final = 100
_SHORTEST: Final = 4
SAME_NAME: Final = Reason("same_name_and_country", "the same name and the same country")
LIKE_NAME: Final = Reason("like_name_and_country", "a similar name and the same country")
# Whether the name is the same, and whether the country is.
_BY_NAME: Final = {
    (True, True): SAME_NAME,
    (False, True): LIKE_NAME,
    (True, False): Reason("same_name", "the same name"),
    (False, False): Reason("like_name", "a similar name"),
}
# What one scan may hand over to be compared letter by letter.
_COMPARED: Final = 200
_ROUGHLY: Final = 0.85


@dataclass
class Candidate:
    """A person who may be the same; `score` is out of 100, and 100 where an identity is the same."""

    person: Person
    score: int
    reasons: list[Reason] = field(default_factory=list)


def candidates(
    workspace: Workspace, *, values: Mapping[str, Any], names: Sequence[tuple[str, str]] = (), limit: int = 10
) -> list[Candidate]:
    """People who may be the one that these values and identities describe, the likeliest first.

    While the index is being rebuilt, only by identities.
    """
    given = {canonical(key): value for key, value in flat(values).items()}
    claims = [*names, *((kind, given[kind]) for kind in ("email", "phone", "user_id") if given.get(kind))]
    found: dict[int, tuple[int, list[Reason]]] = {}
    for number, kind in holders(workspace, [(kind, value) for kind, value in claims if isinstance(value, str)]):
        found.setdefault(number, (SURE, []))[1].append(identities.same(kind))
    name, country = given.get("name"), given.get("country")
    if isinstance(name, str) and len(name.strip()) >= _SHORTEST:
        place = country_name(country.strip()) if isinstance(country, str) and country.strip() else None
        for number, score in _alike(workspace, fold(name.strip()), place):
            reasons = found.setdefault(number, (min(score, SURE - 1), []))[1]
            reasons.append(_BY_NAME[score == SURE, place is not None])
    people = {person.number: person for person in people_by_numbers(workspace, list(found))}
    made = [Candidate(people[number], score, why) for number, (score, why) in found.items() if number in people]
    return sorted(made, key=lambda each: (-each.score, each.person.number))[:limit]


def _alike(workspace: Workspace, name: str, country: str | None) -> list[tuple[int, int]]:
    """(number, score) of people with a like name; ClickHouse picks roughly, in either order of the words."""
    try:
        index = queries.ready_index(workspace)
    except IndexRebuilding:
        return []
    bound = Bound()
    where = index.reader.where(bound, None)
    x, place = index.names.fields["name"].x, index.names.fields["country"].x
    turned = " ".join(reversed(name.split()))
    likeness = " , ".join(
        f"jaroWinklerSimilarity(ifNull({x}, ''), {bound.add('String', text)})" for text in (name, turned)
    )
    if country is not None:
        where += f" AND {place} = {bound.add('String', fold(country))}"
    sql = (
        f"SELECT number, {x}, greatest({likeness}) AS likeness FROM people FINAL WHERE {where} AND live = 1 "
        f"AND likeness >= {bound.add('Float64', _ROUGHLY)} ORDER BY likeness DESC, number LIMIT {_COMPARED}"
    )
    rows = [(int(row[0]), round(fuzz.token_sort_ratio(name, row[1]))) for row in index.reader.page(sql, bound)]
    return [(number, score) for number, score in rows if score >= ALIKE]
