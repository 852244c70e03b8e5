"""Answers of the audience's routes, made from what queries give."""

from __future__ import annotations

from typing import Any

from coterie.audience.charts import Activity, Countries, Growth
from coterie.audience.duplicates import Candidate
from coterie.audience.explaining import Explanation
from coterie.audience.queries import Count, Facets, Page, TimelineEvent
from coterie.audience.search import Habit, Session
from coterie.audience.views import SeenView
from coterie.filters.fields import Catalogue
from coterie.filters.numbered import from_tree
from coterie.filters.sentence import print_filter
from coterie.filters.tree import Filter
from coterie.kit import clock
from coterie.people.models import Person


def person_item(person: Person) -> dict[str, Any]:
    """A person as a list shows them."""
    return {"number": person.number, "created_at": person.created_at, "values": person.data}


def candidate(found: Candidate) -> dict[str, Any]:
    """Someone who may be the same person, and why."""
    why = [reason.as_json() for reason in found.reasons]
    return person_item(found.person) | {"score": found.score, "reasons": why}


def page(found: Page) -> dict[str, Any]:
    """A page of people."""
    return {
        "total": found.total,
        "items": [person_item(person) for person in found.items],
        "next": found.next,
        "now": clock.from_ms(found.now),
    }


def count(found: Count, made: Filter, catalogue: Catalogue) -> dict[str, Any]:
    """A total with its conditions."""
    return {
        "total": found.total,
        "conditions": [vars(each) for each in found.conditions],
        "sentence": print_filter(made, catalogue),
        "numbered": _numbered(made),
        "now": clock.from_ms(found.now),
    }


def _numbered(made: Filter) -> dict[str, Any]:
    conditions, expression = from_tree(made)
    return {
        "conditions": [each.model_dump(mode="json", by_alias=True) for each in conditions],
        "expression": expression,
    }


def facets(found: Facets) -> dict[str, Any]:
    """The values of a field."""
    return {
        "field": found.field,
        "type": found.type,
        "total": found.total,
        "known": found.known,
        "no_value": found.total - found.known,
        "values": [vars(each) for each in found.values],
        "now": clock.from_ms(found.now),
    }


def explanation(found: Explanation, made: Filter, catalogue: Catalogue) -> dict[str, Any]:
    """Why a person is in or out."""
    return {
        "matches": found.matches,
        "sentence": print_filter(made, catalogue),
        "reasons": [
            {
                "condition": print_filter(Filter(root=reason.condition), catalogue),
                "matches": reason.matches,
                "value": reason.value,
                "origin": reason.origin,
            }
            for reason in found.reasons
        ],
        "now": clock.from_ms(found.now),
    }


def timeline(events: list[TimelineEvent], place: str | None) -> dict[str, Any]:
    """A page of a person's events."""
    return {
        "items": [
            {**vars(event), "at": clock.from_ms(event.at), "received_at": clock.from_ms(event.received_at)}
            for event in events
        ],
        "next": place,
    }


def view(seen: SeenView) -> dict[str, Any]:
    """A saved view."""
    row = seen.row
    return {
        "id": row.public_id,
        "name": row.name,
        "owner": row.owner.public_id,
        "own": seen.own,
        "shared": row.shared,
        "is_default": row.is_default,
        "position": row.position,
        "where": seen.where,
        "filter": seen.filter,
        "broken": seen.broken,
        "columns": [{"field": field, "width": width} for field, width in row.columns],
        "missing": seen.missing,
        "sort": row.sort,
        "updated_at": row.updated_at,
    }


def session(found: Session | None, habit: Habit) -> dict[str, Any]:
    """A person's latest session, and how often they come."""
    if found is None:
        return {"session": None, "habit": vars(habit)}
    changes = [
        {"field": each.field, "value": each.value, "origin": kind, "ref": ref, "at": clock.from_ms(at)}
        for each in found.changes
        for kind, ref, at in [each.origin]
    ]
    return {
        "session": {
            "started_at": clock.from_ms(found.start),
            "ended_at": clock.from_ms(found.end),
            "events": [{"name": name, "count": count} for name, count in found.events],
            "changes": changes,
            "complete": found.complete,
        },
        "habit": vars(habit),
    }


def growth(found: Growth) -> dict[str, Any]:
    """How people came."""
    points = [{"start": each.start.isoformat(), "new": each.new, "total": each.total} for each in found.points]
    return {**vars(found), "points": points, "now": clock.from_ms(found.now)}


def countries(found: Countries) -> dict[str, Any]:
    """Where people are."""
    return {**vars(found), "countries": [vars(each) for each in found.countries], "now": clock.from_ms(found.now)}


def activity(found: Activity) -> dict[str, Any]:
    """When people did something."""
    return {**vars(found), "since": clock.from_ms(found.since), "now": clock.from_ms(found.now)}
