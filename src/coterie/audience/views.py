"""Saved views of the people: whose they are, who sees them, and what is wrong with them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from pydantic import ValidationError

from coterie.accounts.models import Role, User, Workspace
from coterie.accounts.permissions import Access
from coterie.audience import inputs
from coterie.audience.models import VIEW_NAME_LENGTH, View
from coterie.audience.queries import DEFAULT_SORT
from coterie.filters import check
from coterie.filters.fields import Catalogue
from coterie.filters.normal import conditions_of
from coterie.filters.sentence import print_filter
from coterie.filters.tree import Filter, SegmentCondition
from coterie.kit import clock
from coterie.kit.errors import Conflict, Forbidden, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people import changes

MOST_VIEWS: Final = 200
_LEADERS: Final = frozenset({Role.OWNER, Role.ADMIN})
_NOTATIONS: Final = ("where", "filter", "conditions", "expression")
Column = tuple[str, int | None]


@dataclass(frozen=True)
class SeenView:
    """A view as its reader sees it.

    `where` is the filter's sentence, "" for everyone, None while the view is broken; `broken` says why. A filter that
    names a segment which the reader can't see is not told. `missing` are columns whose fields are gone.
    """

    row: View
    where: str | None
    filter: dict[str, Any] | None
    broken: str | None
    missing: list[str]
    own: bool


def list_views(access: Access) -> list[SeenView]:
    """The caller's views and the shared ones, by position; a key sees the shared ones."""
    rows = _visible(access).select_related("owner").order_by("position", "name_key", "pk")
    catalogue = inputs.catalogue_for(access)
    return [_seen(access, row, catalogue) for row in rows]


def filtering(workspace: Workspace) -> list[View]:
    """All views that have a filter, whoever's they are: for upkeep; an answer tells only what its reader may see."""
    return list(View.objects.of(workspace).filter(filter__isnull=False).order_by("name_key", "pk"))


@transaction.atomic
def create_view(access: Access, given: Mapping[str, Any]) -> SeenView:
    """Save a view from a body's fields; it comes last. Errors as for `change_view`."""
    owner = _user(access)
    changes.lock(access.workspace)
    mine = View.objects.of(access.workspace).filter(owner=owner)
    if mine.count() >= MOST_VIEWS:
        raise Conflict(f"A user has at most {MOST_VIEWS} views.", code="too_many_views")
    last = mine.aggregate(last=Max("position"))["last"]
    row = View(workspace=access.workspace, owner=owner, sort=DEFAULT_SORT, position=0 if last is None else last + 1)
    return _write(access, row, given)


@transaction.atomic
def change_view(access: Access, view: str, given: Mapping[str, Any]) -> SeenView:
    """Change what is given of a view: its owner's right, and for a shared one an admin's and an owner's too.

    NotFound for a view that the caller can't see, Forbidden for another's; Conflict when its owner has a view of that
    name; InvalidInput for a filter, columns or an order that can't be used.
    """
    changes.lock(access.workspace)
    return _write(access, _own(access, view), given)


@transaction.atomic
def delete_view(access: Access, view: str) -> None:
    """Delete a view; errors as for `change_view`."""
    changes.lock(access.workspace)
    _own(access, view).delete()


def _write(access: Access, row: View, given: Mapping[str, Any]) -> SeenView:
    catalogue = inputs.catalogue_for(access)
    notations = {key: given[key] for key in _NOTATIONS if given.get(key) is not None}
    if "name" in given:
        _name(row, given["name"])
    if notations:
        made = inputs.read_filter(catalogue, **notations)
        row.filter = None if made == inputs.EVERYONE else made.model_dump(mode="json", by_alias=True)
    if "columns" in given:
        row.columns = _columns(catalogue, [(each["field"], each.get("width")) for each in given["columns"]])
    if "sort" in given:
        field = catalogue.field(given["sort"].removeprefix("-"))
        if not field.sortable:
            raise InvalidInput(
                Reason("not_sortable", "People can't be sorted by {field!r}.", field=field.name),
                details={"field": "sort"},
            )
        row.sort = given["sort"]
    row.position = given.get("position", row.position)
    _share(access, row, given)
    row.updated_at = clock.now()
    row.save()
    return _seen(access, row, catalogue)


def _name(row: View, name: str) -> None:
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= VIEW_NAME_LENGTH or any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise InvalidInput(
            Reason(
                "view_name",
                "A view's name has 1 to {most} characters and no control characters.",
                most=VIEW_NAME_LENGTH,
            ),
            details={"field": "name"},
        )
    key = name.casefold()
    same = View.objects.of(row.workspace_id).filter(owner=row.owner, name_key=key).exclude(pk=row.pk)
    if same.exists():
        raise Conflict(f'There is a view "{name}" already.', code="name_taken")
    row.name, row.name_key = name, key


def _columns(catalogue: Catalogue, columns: Sequence[Column]) -> list[list[Any]]:
    named = [(catalogue.field(field).name, width) for field, width in columns]
    if len({field for field, _ in named}) < len(named):
        raise InvalidInput(Reason("column_once", "A field can be one column only."), details={"field": "columns"})
    return [[field, width] for field, width in named]


def _share(access: Access, row: View, given: Mapping[str, Any]) -> None:
    shared, default = given.get("shared", row.shared), given.get("is_default", row.is_default)
    if shared or row.shared:
        access.require("people:write")
    if default != row.is_default and access.role not in _LEADERS:
        raise Forbidden("Only admins and owners choose the default view.", code="not_a_leader")
    if default and not shared:
        raise InvalidInput(
            Reason("default_is_shared", "The default view is everyone's: it must be shared."),
            details={"field": "is_default"},
        )
    if default and not row.is_default:
        View.objects.of(row.workspace_id).filter(is_default=True).update(is_default=False)
    row.shared, row.is_default = shared, default


def _visible(access: Access) -> QuerySet[View]:
    rows = View.objects.of(access.workspace)
    return rows.filter(Q(shared=True) | Q(owner=access.user)) if access.user else rows.filter(shared=True)


def _own(access: Access, view: str) -> View:
    row = _visible(access).select_related("owner").filter(public_id=view).first()
    if row is None:
        raise NotFound("There is no such view.", code="view_not_found")
    if row.owner != access.user and access.role not in _LEADERS:
        raise Forbidden("Only its owner, or an admin, can change this view.", code="not_your_view")
    return row


def _user(access: Access) -> User:
    if access.user is None:
        raise Forbidden("Views belong to a user; a key has none.")
    return access.user


def _seen(access: Access, row: View, catalogue: Catalogue) -> SeenView:
    where, told, broken = _filter(row, catalogue)
    missing = [field for field, _ in row.columns if field not in catalogue.fields]
    return SeenView(row, where, told, broken, missing, own=row.owner == access.user)


def _filter(row: View, catalogue: Catalogue) -> tuple[str | None, dict[str, Any] | None, str | None]:
    """The sentence, the tree as far as it may be told, and what is wrong."""
    if row.filter is None:
        return "", None, None
    try:
        made = Filter.model_validate(row.filter)
    except ValidationError:
        return None, None, "The filter can't be read any more."
    segments = [each for each in conditions_of(made.root) if isinstance(each, SegmentCondition)]
    if {one for each in segments for one in each.segments} - set(catalogue.segments):
        return None, None, "The filter uses a segment that is gone or that you cannot see."
    problems = check.validate(made, catalogue)
    if problems:
        return None, row.filter, problems[0].message
    return print_filter(made, catalogue), row.filter, None
