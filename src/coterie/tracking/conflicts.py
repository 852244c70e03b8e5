"""One message id used for two different events: the second is not taken, and it is counted where people see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from django.db.models import F

from coterie.kit import clock
from coterie.tracking.models import IdConflict
from coterie.tracking.reading import shown_id

_LONGEST_SAMPLE: Final = 4_000


def note_conflicts(workspace_id: int, conflicts: Sequence[tuple[int, str, Any]]) -> None:
    """Count conflicts (source, message id, the later event) by source and day. Part of the caller's transaction."""
    by_source: dict[int, list[tuple[str, Any]]] = {}
    for source_id, message_id, item in conflicts:
        by_source.setdefault(source_id, []).append((message_id, item))
    day = clock.now().date()
    for source_id, found in by_source.items():
        message_id, item = found[-1]
        latest = {"message_id": shown_id(message_id), "sample": orjson.dumps(item).decode()[:_LONGEST_SAMPLE]}
        rows = IdConflict.objects.of(workspace_id)
        if not rows.filter(source_id=source_id, day=day).update(count=F("count") + len(found), **latest):
            rows.bulk_create(
                [IdConflict(workspace_id=workspace_id, source_id=source_id, day=day, count=len(found), **latest)]
            )
