"""A filter as a caller sends it: a sentence, a tree, or numbered conditions with an expression."""

from __future__ import annotations

from typing import Any

from coterie.accounts.permissions import Access
from coterie.audience import upkeep
from coterie.filters import check, numbered, sentence
from coterie.filters.fields import Catalogue
from coterie.filters.tree import All, Filter, SegmentCondition
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people.queries import catalogue as people_catalogue

EVERYONE = Filter(root=All(of=()))


def catalogue_for(access: Access) -> Catalogue:
    """What this caller's filters may name: fields of the workspace, its events, and the segments they may see."""
    base = people_catalogue(access.workspace)
    return Catalogue(base.fields, upkeep.VisibleSets(access), base.events)


def read_filter(
    catalogue: Catalogue,
    *,
    where: str | None = None,
    filter: Any = None,
    conditions: list[Any] | None = None,
    expression: str | None = None,
) -> Filter:
    """The filter of a request, checked against what its caller may name; nothing given means everyone.

    Raises InvalidInput when more than one notation is given, InvalidFilter with the places of what is wrong.
    """
    given = [
        name for name, value in (("where", where), ("filter", filter), ("conditions", conditions)) if value is not None
    ]
    if len(given) > 1 or (expression is not None and conditions is None):
        raise InvalidInput(
            Reason("one_notation", "Send one of 'where', 'filter', or 'conditions' with 'expression'."),
            details={"found": given, "place": "body"},
        )
    if where is not None:
        return sentence.parse(where, catalogue) if where.strip() else EVERYONE
    if filter is None and conditions is None:
        return EVERYONE
    if conditions is not None:
        return numbered.checked(conditions, expression, catalogue)
    return check.checked(check.read_filter(filter), catalogue)


def segment_or_filter(access: Access, catalogue: Catalogue, *, segment: str | None, where: str | None) -> Filter:
    """The filter to explain: the definition of a segment the caller may see, or a sentence. Exactly one is needed."""
    if (segment is None) == (where is None):
        raise InvalidInput(Reason("segment_or_where", "Send either 'segment' or 'where'."), details={"place": "query"})
    if segment is None:
        return read_filter(catalogue, where=where)
    made = upkeep.definition_of(access, segment)
    return made or Filter(root=SegmentCondition(op="in", segments=(segment,)))
