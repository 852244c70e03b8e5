"""Static memberships of people who are merged: noted at the merge, and given back when it is undone.

That the survivor inherits them follows from the change log (upkeep.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from coterie.accounts.models import Workspace
from coterie.people import changes
from coterie.people.belongings import Belonging, Handover
from coterie.segments.models import Segment, StaticMember

_CHUNK: Final = 500


def note(workspace: Workspace, numbers: Collection[int]) -> Mapping[int, Any]:
    """The static memberships of people: [segment, since, by, cause] by number."""
    found: dict[int, list[list[str]]] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _CHUNK):
        rows = StaticMember.objects.of(workspace).filter(number__in=wanted[start : start + _CHUNK])
        for number, segment, since, by, cause in rows.order_by("pk").values_list(
            "number", "segment__public_id", "since", "by", "cause"
        ):
            found.setdefault(number, []).append([segment, since.isoformat(), by, cause])
    return found


def give_back(workspace: Workspace, handover: Handover) -> None:
    """Put the merged person into their segments again; the survivor leaves those that came by the merge alone.

    A segment that was deleted since is left out. Who was put in or taken out by someone since stays so.
    """
    had = {segment for segment, *_ in handover.of_survivor or ()}
    noted = {segment: more for segment, *more in handover.of_merged or ()}
    rows = Segment.objects.of(workspace).filter(public_id__in=list(noted), deleted_at=None)
    for segment in rows.order_by("pk"):
        since, by, cause = noted[segment.public_id]
        StaticMember.objects.bulk_create(
            [
                StaticMember(
                    workspace=workspace,
                    segment=segment,
                    number=handover.merged,
                    since=datetime.fromisoformat(since),
                    by=by,
                    cause=cause,
                )
            ],
            ignore_conflicts=True,
        )
        body: dict[str, Any] = {"segment": segment.public_id, "added": [handover.merged]}
        mine = StaticMember.objects.of(workspace).filter(segment=segment, number=handover.survivor)
        inherited = mine.filter(cause=f"merge:{handover.merged}")
        # Without a row it may be on its way: the projector has perhaps not come to the merge yet.
        if segment.public_id not in had and (inherited.delete()[0] or not mine.exists()):
            body["removed"] = [handover.survivor]
        changes.append(workspace, "members", body | {"cause": ["unmerge", str(handover.survivor)]})


BELONGING: Final = Belonging("segments", note, give_back)
