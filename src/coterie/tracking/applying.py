"""Handing edits to people's write path, so that one that fails does not take the others with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, transaction

from coterie.accounts.models import Workspace
from coterie.kit.passing import passes
from coterie.kit.traces import said
from coterie.people.actions import apply_edits
from coterie.people.edits import Outcome, PersonEdit
from coterie.people.tombstones import ERASED
from coterie.tracking.reading import Entry

_log = logging.getLogger(__name__)


@dataclass
class Applied:
    """`failed` holds events with a code and a reason; `ignored` counts those of people unknown or erased."""

    failed: list[tuple[Entry, str, str]] = field(default_factory=list)
    ignored: int = 0


def apply(workspace_id: int, entries: Sequence[Entry]) -> Applied:
    """Apply the edits of these events in order. Part of the caller's transaction.

    Raises only what is no event's fault (the database is gone, locked or full): the drain is then tried again.
    """
    applied = Applied()
    if entries:
        _apply(Workspace.objects.get(pk=workspace_id), entries, applied)
    return applied


def _apply(workspace: Workspace, entries: Sequence[Entry], applied: Applied) -> None:
    """Apply all, or halve until the events that make it fail stand alone."""
    edits = [_edit(entry) for entry in entries]
    try:
        # A savepoint: what a failing half has written is undone, and the transaction stays usable.
        with transaction.atomic():
            outcomes = apply_edits(workspace, edits)
    except (OperationalError, InterfaceError) as error:
        if passes(error):
            raise
        _halve(workspace, entries, applied, error)
    except MemoryError:
        raise
    except Exception as error:
        _halve(workspace, entries, applied, error)
    else:
        for entry, edit, outcome in zip(entries, edits, outcomes, strict=True):
            _note(entry, edit, outcome, applied)


def _halve(workspace: Workspace, entries: Sequence[Entry], applied: Applied, error: Exception) -> None:
    if len(entries) == 1:
        # Neither its own id nor the reason in words: both are a sender's, and a log is in no erasure.
        _log.warning("event %s was set aside: it can't be applied: %s", entries[0].id_hash.hex(), said(error))
        applied.failed.append((entries[0], "not_applied", f"the event could not be applied: {type(error).__name__}"))
        return
    middle = len(entries) // 2
    _apply(workspace, entries[:middle], applied)
    _apply(workspace, entries[middle:], applied)


def _note(entry: Entry, edit: PersonEdit, outcome: Outcome, applied: Applied) -> None:
    if outcome.number is not None:
        return
    # Set aside, it would be kept: of someone who was erased nothing is.
    if not edit.create or outcome.code == ERASED:
        applied.ignored += 1
        return
    code = outcome.code or "not_applied"
    applied.failed.append((entry, code, outcome.error or "the event could not be applied"))


def _edit(entry: Entry) -> PersonEdit:
    assert entry.edit is not None
    return entry.edit
