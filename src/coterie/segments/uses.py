"""Where a segment is used. Rooms above register what they know; deleting a segment asks here first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.audience import views
from coterie.segments.cycles import named_in
from coterie.segments.models import Segment


@dataclass(frozen=True)
class Use:
    """One thing that names a segment: its kind (`segment`, `view`, `flow` ...), its public id and its name.

    `only_for` is the key of the one user who may be told of it; None where everyone may who has the permission `needs`.
    """

    kind: str
    id: str
    name: str
    only_for: int | None = None
    needs: str = "segments:read"

    @property
    def told(self) -> dict[str, str]:
        """What an answer says of it."""
        return {"kind": self.kind, "id": self.id, "name": self.name}


# By the public id of a segment that is named: whatever may name one, all of a workspace at once.
Finder = Callable[[Workspace], Iterable[tuple[str, Use]]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Have a room asked for the uses of a workspace's segments."""
    _finders.append(finder)


def by_segment(workspace: Workspace) -> Mapping[str, list[Use]]:
    """Everything that names a segment by its public id, hidden or not: callers show only what may be seen."""
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for finder in _finders:
        for named, use in finder(workspace):
            found[named].append(use)
    return found


def of(segment: Segment) -> list[Use]:
    """Everything that names one segment, as `by_segment`."""
    return by_segment(segment.workspace).get(segment.public_id, [])


def shown(found: list[Use], access: Access, names: Mapping[str, str]) -> list[Use]:
    """The uses that a caller may be told of, who sees the segments in `names`."""
    viewer = access.user.pk if access.user is not None else None
    return [
        use
        for use in found
        if (use.kind != "segment" or use.id in names) and use.only_for in (None, viewer) and access.may(use.needs)
    ]


def other_segments(workspace: Workspace) -> Iterable[tuple[str, Use]]:
    """Segments whose filter names another one."""
    rows = Segment.objects.of(workspace).filter(deleted_at=None, filter__isnull=False).order_by("name_key", "pk")
    for public_id, name, stored in rows.values_list("public_id", "name", "filter"):
        for named in named_in(stored) - {public_id}:
            yield named, Use("segment", public_id, name)


def saved_views(workspace: Workspace) -> Iterable[tuple[str, Use]]:
    """Saved views of the people whose filter names a segment; one that is not shared is its owner's alone."""
    for row in views.filtering(workspace):
        use = Use("view", row.public_id, row.name, None if row.shared else row.owner_id)
        for named in named_in(row.filter):
            yield named, use


register(other_segments)
register(saved_views)
