"""What a request about segments means: its filter read, the write awaited, the answer put together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from coterie.accounts.permissions import Access
from coterie.audience import answers, inputs
from coterie.audience.projector import wait_until
from coterie.audience.schemas import FilterBody
from coterie.filters.tree import Filter
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people import changes
from coterie.people import queries as people
from coterie.segments import actions, history, queries, schemas, static
from coterie.segments.models import Segment
from coterie.segments.visibility import HiddenFrom, names_for, segment_for, told_ref

_NOTATIONS = ("where", "filter", "conditions", "expression")


def created(access: Access, body: schemas.SegmentBody) -> schemas.SegmentOut:
    """Make the segment that a body describes."""
    made = _filter(access, body)
    hidden = HiddenFrom(list(body.hidden.roles), body.hidden.users) if body.hidden else None
    about: dict[str, Any] = {"name": body.name, "description": body.description, "hidden": hidden}
    if body.kind == "dynamic":
        if body.people is not None:
            raise InvalidInput(
                Reason("takes_nobody", "A dynamic segment follows its filter; only a static one takes people."),
                details={"field": "people"},
            )
        if made is None:
            raise InvalidInput(Reason("needs_filter", "A dynamic segment needs a filter."), details={"field": "where"})
        row = actions.create_dynamic(access, filter=made, **about)
    else:
        if made is not None and body.people is not None:
            raise InvalidInput(
                Reason("people_or_filter", "Send people or a filter, not both."), details={"field": "people"}
            )
        numbers = (body.people or []) if made is None else queries.frozen(access.workspace, made)
        cause = "hand" if made is None else "filter"
        row = actions.create_static(access, numbers=numbers, cause=cause, **about)
    return settled(access, row)


def changed(access: Access, public_id: str, body: schemas.SegmentChange) -> schemas.SegmentOut:
    """Change a segment as a body says."""
    segment_for(access, public_id)
    edit = actions.Edit(body.name, body.description, _filter(access, body), body.revision)
    return settled(access, actions.change_segment(access, public_id, edit))


def members_changed(access: Access, public_id: str, body: schemas.MembersBody) -> dict[str, int]:
    """Change a static segment as a body says."""
    segment_for(access, public_id)
    if body.add_where is not None and body.add:
        raise InvalidInput(Reason("one_add", "Send 'add' or 'add_where', not both."), details={"field": "add_where"})
    add, cause = body.add, "hand"
    if body.add_where is not None:
        made = inputs.read_filter(inputs.catalogue_for(access), where=body.add_where)
        gone = set(body.remove)
        add, cause = [number for number in queries.frozen(access.workspace, made) if number not in gone], "filter"
    added, removed = static.change_members(access, public_id, add=add, remove=body.remove, cause=cause)
    settle(access)
    return {"added": added, "removed": removed}


def people_page(
    access: Access, public_id: str, *, sort: str, limit: int, cursor: str | None, at: datetime | None
) -> dict[str, Any]:
    """A page of a segment's people, now or at a past instant."""
    if at is None:
        catalogue = inputs.catalogue_for(access)
        page = queries.people_of(access, public_id, catalogue=catalogue, sort=sort, limit=limit, cursor=cursor)
        return _joined(access, public_id, answers.page(page))
    instant = _instant(at)
    total, people, place = history.members_at(access, public_id, instant, limit=limit, cursor=cursor)
    items = [answers.person_item(person) for person in people]
    return _joined(access, public_id, {"total": total, "items": items, "next": place, "now": instant}, until=instant)


def _joined(access: Access, public_id: str, page: dict[str, Any], *, until: datetime | None = None) -> dict[str, Any]:
    """A page of members with since when and why; nothing of those who came back in after `until`."""
    names = names_for(access)
    items = [dict(item) for item in page["items"]]
    known = queries.joined(segment_for(access, public_id), [item["number"] for item in items])
    for item in items:
        since, cause, ref = known.get(item["number"], (None, "", ""))
        if until is not None and since is not None and since > until:
            since, cause, ref = None, "", ""
        item |= {"since": since, "cause": cause, "ref": told_ref(cause, ref, names)}
    return {**page, "items": items}


def history_page(
    access: Access, public_id: str, *, since: datetime | None, until: datetime | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A segment's sizes, transitions and revisions; without times, everything up to now."""
    segment = segment_for(access, public_id)
    start = segment.created_at if since is None else _instant(since)
    # Without an end it is open: the batch of this very millisecond counts.
    end = clock.from_ms(clock.to_ms(clock.now()) + 1) if until is None else _instant(until)
    sizes = history.sizes(segment, since=start.replace(second=0, microsecond=0), until=end)
    flow = history.flow(segment, since=start, until=end)
    moves, place = history.transitions(access, segment, limit=limit, cursor=cursor)
    names = _people_names(access, [move.number for move in moves])
    return {
        "sizes": [schemas.SizePoint.of(point) for point in sizes],
        "entered": flow.entered,
        "left": flow.left,
        "transitions": [schemas.TransitionOut.of(move, names.get(move.number)) for move in moves],
        "next": place,
        "revisions": [schemas.RevisionOut.of(row) for row in history.revisions(access, segment)],
    }


def _people_names(access: Access, numbers: list[int]) -> dict[int, str]:
    """How to call these people, as far as they are still there and the caller may see people at all."""
    if not access.may("people:read"):
        return {}
    found = people.people_by_numbers(access.workspace, sorted(set(numbers)))
    told = {person.number: person.data.get("name") or person.data.get("email") for person in found}
    return {number: str(name) for number, name in told.items() if name}


def settle(access: Access) -> None:
    """Wait, bounded, until what was just written is visible to readers."""
    wait_until(access.workspace, changes.head(access.workspace))


def settled(access: Access, row: Segment) -> schemas.SegmentOut:
    """A segment that was just written, once its membership is visible."""
    settle(access)
    row.refresh_from_db()
    return schemas.SegmentOut.of(queries.view_of(access, row))


def _filter(access: Access, body: FilterBody) -> Filter | None:
    # An empty sentence is nothing said and not everyone: a segment of everyone has to be asked for by `everyone`.
    given = {key: value for key in _NOTATIONS if (value := getattr(body, key)) not in (None, "")}
    return inputs.read_filter(inputs.catalogue_for(access), **given) if given else None


def _instant(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
