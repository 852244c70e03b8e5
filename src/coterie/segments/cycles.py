"""Segments inside segments: what a stored filter names, and the refusal of one that would use itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from coterie.filters.check import validate
from coterie.filters.errors import InvalidFilter
from coterie.filters.fields import Catalogue
from coterie.filters.tree import Filter
from coterie.segments.models import Segment
from coterie.segments.visibility import UNSEEN, whole_catalogue


def named_in(*stored: Any) -> set[str]:
    """Public ids of the segments that stored filters name."""
    return {public_id for each in stored for public_id in _named(each)}


def refuse(segment: Segment, filter: Filter, names: Mapping[str, str]) -> None:
    """Raise InvalidFilter with the path when the segment would use itself with this filter; `names` may be told."""
    rows = Segment.objects.of(segment.workspace_id).filter(deleted_at=None, filter__isnull=False)
    stored_filters = dict(rows.values_list("public_id", "filter"))
    trees = {public_id: tree for public_id, stored in stored_filters.items() if (tree := _read(stored))}
    whole = whole_catalogue(segment.workspace)
    told = {public_id: names.get(public_id, UNSEEN) for public_id in whole.segments}
    problems = validate(
        filter,
        Catalogue(whole.fields, told, whole.events),
        segment_trees=trees | {segment.public_id: filter},
        own_id=segment.public_id,
    )
    if problems:
        raise InvalidFilter(problems)


def _read(stored: Any) -> Filter | None:
    try:
        return Filter.model_validate(stored)
    except ValidationError:
        return None


def _named(stored: Any) -> Iterator[str]:
    left = [stored]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left.extend(part)
        elif isinstance(part, dict):
            if part.get("type") == "segment":
                yield from part["segments"]
            else:
                left.extend(part.values())
