"""Taking events out of the change log, which is the truth of them: those of a person, or those of long ago."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from coterie.accounts.models import Workspace
from coterie.people import changes
from coterie.people.kin import roots
from coterie.people.models import Change, State, WorkspaceLog

KIND: Final = "events_forgotten"
# A change that tells of more people than this is long to follow: the rest is told by the next one.
MOST_PEOPLE: Final = 20_000

Row = list[Any]
"""An event as changes.py has it: its person's number first, its time in ms third."""
_NUMBER: Final = 0
_TIME: Final = 2


def take_events(change: Change, goes: Callable[[Row], bool]) -> list[Row]:
    """Take events out of one change of the log; those that went. In a transaction.

    A change that is left without any goes as a whole where the log is pruned already: pruning does not come back.
    """
    body = changes.body_of(change)
    before: list[Row] = body.pop("events", [])
    gone = [row for row in before if goes(row)]
    if not gone:
        return []
    rows = Change.objects.of(change.workspace_id).filter(pk=change.pk)
    kept = [row for row in before if not goes(row)]
    pruned = WorkspaceLog.objects.filter(workspace_id=change.workspace_id).values_list("pruned_seq", flat=True).first()
    if not kept and change.seq <= (pruned or 0):
        rows.delete()
    else:
        rows.update(body=orjson.dumps(body | {"events": kept} if kept else body))
    return gone


def seqs_before(workspace: Workspace, before: datetime, *, after: int, upto: int, limit: int) -> list[int]:
    """Changes of the log that were made before an instant, oldest first: events of them may be as old."""
    rows = Change.objects.of(workspace).filter(seq__gt=after, seq__lte=upto, at__lt=before)
    return list(rows.order_by("seq").values_list("seq", flat=True)[:limit])


def forget_old(
    workspace: Workspace, seqs: Sequence[int], *, before_ms: int, kept: Collection[int], after: int
) -> tuple[int, int]:
    """Take events from before an instant out of these changes, but those of `kept`; tell of it with a new change.

    The index knows all of these changes; between `after` and the last of them it has no other ones with such events.
    Ends early when many people are concerned. In a transaction; the answer is how many events of people who are there
    have gone, and the last change that was looked at.
    """
    changes.lock(workspace)
    stay = frozenset(kept)
    concerned: dict[int, int] = {}
    last = seqs[-1]
    for change in Change.objects.of(workspace).filter(seq__in=seqs).order_by("seq"):
        for row in take_events(change, lambda row: row[_TIME] < before_ms and row[_NUMBER] not in stay):
            concerned[row[_NUMBER]] = concerned.get(row[_NUMBER], 0) + 1
        if len(concerned) >= MOST_PEOPLE:
            last = change.seq
            break
    alive = {number: who for number, who in roots(workspace, list(concerned)).items() if who.state == State.ACTIVE}
    if concerned:
        body = {
            "people": [[number, "retention", ""] for number in sorted({who.number for who in alive.values()})],
            "forgotten": {"before": before_ms, "after": after, "upto": last, "kept": sorted(stay)},
        }
        changes.append(workspace, KIND, body)
    return sum(count for number, count in concerned.items() if number in alive), last
