"""Reads of what was set aside and of ids used twice."""

from __future__ import annotations

import zlib
from typing import Any, Final, NamedTuple

import orjson

from coterie.accounts.models import Workspace
from coterie.kit import pagination
from coterie.tracking.models import IdConflict, Quarantine, QuarantineState
from coterie.tracking.wire import BATCH

_LONGEST_SHOWN: Final = 20_000


class QuarantinePage(NamedTuple):
    """Events set aside, newest first, and the cursor of the next page (None at the end)."""

    rows: list[Quarantine]
    next_cursor: str | None


def quarantined(
    workspace: Workspace, *, state: QuarantineState | None, cursor: str | None, limit: int
) -> QuarantinePage:
    """One page of events that were set aside."""
    rows = Quarantine.objects.of(workspace).select_related("source").order_by("-id")
    if state is not None:
        rows = rows.filter(state=state)
    if cursor is not None:
        rows = rows.filter(pk__lt=_position(cursor))
    page = list(rows[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    return QuarantinePage(page, pagination.encode({"before": page[-1].pk}) if more else None)


def _position(cursor: str) -> int:
    return pagination.number(pagination.decode(cursor), "before", most=2**63 - 1)


def event_of(row: Quarantine) -> Any:
    """The event as it was sent; text where it is too large to show or no JSON."""
    text = zlib.decompress(row.body)
    if len(text) > _LONGEST_SHOWN:
        return text[:_LONGEST_SHOWN].decode("utf-8", "replace")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.decode("utf-8", "replace")
    if row.call == BATCH and isinstance(value, dict) and isinstance(value.get("batch"), list) and value["batch"]:
        return value["batch"][0]
    return value


def conflicts(workspace: Workspace, *, limit: int) -> list[IdConflict]:
    """Ids used for two different events, by day and source, newest day first."""
    rows = IdConflict.objects.of(workspace).select_related("source").order_by("-day", "-count", "id")
    return list(rows[:limit])


def open_quarantine(workspace: Workspace) -> int:
    """How many events wait in quarantine."""
    return Quarantine.objects.of(workspace).filter(state=QuarantineState.OPEN).count()
