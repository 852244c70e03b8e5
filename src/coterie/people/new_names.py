"""How many attributes and names of events may come from outside: a write key is public, so anyone can send any name."""

from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from prometheus_client import Counter

from coterie.accounts.models import Workspace
from coterie.kit.reasons import Reason
from coterie.people import store
from coterie.people.edits import OriginKind, PersonEdit
from coterie.people.models import Attribute, EventName
from coterie.people.names import read_key

REFUSED: Final = Counter(
    "coterie_refused_names", "Values and events not taken since their workspace has too many names.", ["kind"]
)
# Whoever writes from inside, such as an import or a flow, was told by a member what to write.
_OUTSIDE: Final[frozenset[OriginKind]] = frozenset({"tracking", "api"})


class NewNames:
    """What one batch of edits may still name: counted in the database once, at the first new name."""

    def __init__(self, workspace: Workspace, cursor: CursorWrapper) -> None:
        self.event_ids: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self._workspace = workspace
        self._cursor = cursor
        self._free: dict[str, int] = {}
        self._new_events: set[str] = set()

    def load_events(self, edits: Iterable[PersonEdit]) -> None:
        """Read which names of these events are known."""
        wanted = {read_key(record.name).name for edit in edits for record in edit.events}
        if wanted:
            self.event_ids = store.event_ids(self._cursor, self._workspace.pk, wanted)

    def attribute_refused(self, kind: OriginKind) -> Reason | None:
        """Why no attribute may be made for a value of this origin; None when it may."""
        if kind not in _OUTSIDE or self._take("attribute"):
            return None
        return Reason(
            "too_many_attributes",
            "the workspace has {most:,} attributes or more: tracking makes no further one; create it first",
            most=settings.COTERIE_TRACKING_ATTRIBUTES,
        )

    def event_refused(self, kind: OriginKind, edit: PersonEdit) -> Reason | None:
        """Why an edit's events can't be taken; None when they can. What is new in them counts from now on."""
        if kind not in _OUTSIDE:
            return None
        for record in edit.events:
            name = read_key(record.name).name
            if name in self.event_ids or name in self._new_events:
                continue
            if not self._take("event"):
                return Reason(
                    "too_many_event_names",
                    "the workspace has {most:,} names of events: {name} would be one more",
                    most=settings.COTERIE_TRACKING_EVENT_NAMES,
                    name=repr(name[:100]),
                )
            self._new_events.add(name)
        return None

    def count_refused(self) -> None:
        """Add what was refused to the metrics; called when the batch is written."""
        for kind, number in self.refused.items():
            REFUSED.labels(kind).inc(number)

    def _take(self, kind: str) -> bool:
        free = self._free.get(kind)
        if free is None:
            free = self._count(kind)
        self._free[kind] = free - 1 if free > 0 else 0
        if free <= 0:
            self.refused[kind] = self.refused.get(kind, 0) + 1
        return free > 0

    def _count(self, kind: str) -> int:
        if kind == "attribute":
            there = Attribute.objects.of(self._workspace).filter(deleted_at=None).count()
            return max(0, int(settings.COTERIE_TRACKING_ATTRIBUTES) - there)
        return max(0, int(settings.COTERIE_TRACKING_EVENT_NAMES) - EventName.objects.of(self._workspace).count())
