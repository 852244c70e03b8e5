"""The change log: every write to people, segments and definitions of a workspace, in the order of their commits.

Kinds and their bodies (JSON objects; a key without entries is left out):

- `people`: `people` [[number, cause kind, cause ref] ...] whose row changed; `events` [[number, event id, time ms,
  received ms, message id, kind, source, properties] ...], where `properties` is the text of a JSON object that maps
  EventProperty ids, as text, to values; `merged` [[from, to] ...]; `unmerged` the same of merges that were undone;
  `deleted` [number ...].
- `events_forgotten`: `people` as above, whose events went; `forgotten` {"before": ms, "after": seq, "upto": seq,
  "kept": [number ...]}: events from before an instant are gone from the changes in between, but those of `kept`.
- `definition`: `attributes` [{"id", "key", "type", "what"} ...], `what` is created, changed, deleted or restored;
  `zone`, the workspace's time zone from here on, where it was changed. Whoever keeps something that depends on it
  reads it from SQL when they start and from here on the way.
  Rooms above add keys of their own, and kinds of their own such as `members`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from django.db import transaction

from coterie.accounts.models import Workspace
from coterie.accounts.signals import zone_changed
from coterie.kit import clock, wakes
from coterie.people.models import Change, WorkspaceLog

# The same dict is seen by an async view and by the thread that waits for it: each has a copy of the context.
_noted: ContextVar[dict[int, int] | None] = ContextVar("coterie_noted_changes", default=None)


def lock(workspace: Workspace) -> WorkspaceLog:
    """The end of the workspace's log, locked until the surrounding transaction ends.

    Whoever holds it is the only writer of the workspace's people, so seqs have no gaps and follow commits. SQLite
    knows no row locks: there BEGIN IMMEDIATE has made this transaction the only writer already.
    """
    held = WorkspaceLog.objects.select_for_update().filter(workspace=workspace).first()
    if held is None:
        # Two first writers may meet here: one inserts, both then wait for the same row.
        WorkspaceLog.objects.bulk_create([WorkspaceLog(workspace=workspace)], ignore_conflicts=True)
        held = WorkspaceLog.objects.select_for_update().get(workspace=workspace)
    return held


def append(workspace: Workspace, kind: str, body: Mapping[str, Any]) -> int:
    """Add a change inside the caller's transaction and return its seq."""
    with transaction.atomic():
        held = lock(workspace)
        return write(held, kind, body)


def write(held: WorkspaceLog, kind: str, body: Mapping[str, Any]) -> int:
    """Add a change to a log that is locked already; saves `held`, with its next number too."""
    held.head_seq += 1
    Change.objects.create(
        workspace_id=held.workspace_id, seq=held.head_seq, at=clock.now(), kind=kind, body=orjson.dumps(body)
    )
    WorkspaceLog.objects.filter(pk=held.pk).update(head_seq=held.head_seq, next_number=held.next_number)
    transaction.on_commit(partial(wakes.send, wakes.CHANGED))
    noted = _noted.get()
    if noted is not None:
        noted[held.workspace_id] = held.head_seq
    return held.head_seq


def watch_zones() -> None:
    """Have a change of a workspace's time zone stand in its log."""
    zone_changed.connect(_zone_changed, sender=Workspace, dispatch_uid="people.zone")


def _zone_changed(workspace: Workspace, **_: Any) -> None:
    append(workspace, "definition", {"zone": workspace.timezone})


@contextmanager
def noting() -> Iterator[dict[int, int]]:
    """The last seq that this thread or request wrote, by workspace; filled while the block runs.

    What was undone with its transaction is in it too.
    """
    noted: dict[int, int] = {}
    before = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(before)


def read(workspace: Workspace, after_seq: int, limit: int) -> list[Change]:
    """The changes that follow `after_seq`, in order, at most `limit`.

    Their seqs have no gaps, but where old changes were removed: of those only the ones with events are left.
    """
    return list(Change.objects.of(workspace).filter(seq__gt=after_seq).order_by("seq")[:limit])


def body_of(change: Change) -> dict[str, Any]:
    """The body of a change as a dict."""
    body: dict[str, Any] = orjson.loads(change.body)
    return body


def head(workspace: Workspace) -> int:
    """The seq of the last committed change, 0 when there is none."""
    return WorkspaceLog.objects.filter(workspace=workspace).values_list("head_seq", flat=True).first() or 0


class Pruned(NamedTuple):
    """How many changes were looked at, and how many of them went."""

    looked: int
    removed: int


def prune(workspace: Workspace, *, upto: int, before: datetime, chunk: int = 200) -> Pruned:
    """Remove old changes: the oldest `chunk` that were not looked at yet, up to `upto` and from before an instant.

    Changes with events stay: the index is made anew from them, and nothing else holds events. `upto` is what every
    reader of the log has passed for good.
    """
    pruned = WorkspaceLog.objects.filter(workspace=workspace).values_list("pruned_seq", flat=True).first()
    if pruned is None:
        return Pruned(0, 0)
    rows = Change.objects.of(workspace)
    found = list(rows.filter(seq__gt=pruned, seq__lte=upto, at__lt=before).order_by("seq")[:chunk])
    if not found:
        return Pruned(0, 0)
    gone = [change.seq for change in found if not body_of(change).get("events")]
    with transaction.atomic():
        removed, _ = rows.filter(seq__in=gone).delete() if gone else (0, {})
        last = found[-1].seq
        WorkspaceLog.objects.filter(workspace=workspace, pruned_seq__lt=last).update(pruned_seq=last)
    return Pruned(len(found), removed)
