"""Forgetting what bulk actions had noted of a person, for taking them back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from coterie.accounts.models import Workspace
from coterie.segments.models import BulkUndo, BulkUndoPart

_CHUNK: Final = 50


def forget_undo(workspace: Workspace, numbers: Collection[int]) -> dict[str, int]:
    """Take these people out of what can be taken back; how many rows were changed, by table."""
    gone = {str(number) for number in numbers} | set(numbers)
    counts: dict[str, int] = {}
    for model in (BulkUndo, BulkUndoPart):
        rows = model.objects.of(workspace)
        changed = 0
        for pk, body in rows.order_by("pk").values_list("pk", "body").iterator(chunk_size=_CHUNK):
            kept = _without(body, gone)
            if kept != body:
                changed += rows.filter(pk=pk).update(body=kept)
        counts[model._meta.db_table] = changed
    return counts


def _without(body: dict[str, Any], gone: Collection[str | int]) -> dict[str, Any]:
    """A body (models.BulkUndo) without some people: they are keys of its dicts, and items of its lists."""
    kept: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, dict):
            kept[name] = {number: one for number, one in value.items() if number not in gone}
        elif isinstance(value, list):
            kept[name] = [number for number in value if number not in gone]
        else:
            kept[name] = value
    return kept
