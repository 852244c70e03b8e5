"""A process that only reads follows the projector of another: it patches its sets by the same change log."""

from __future__ import annotations

from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience import upkeep
from coterie.audience.index import PeopleIndex
from coterie.audience.projector import gather
from coterie.audience.startup import position_of, zone_of
from coterie.people import changes

# Further behind than this, sets are read anew rather than patched.
FAR = 2_000


def follow(workspace: Workspace, index: PeopleIndex) -> None:
    """Bring an index to the workspace's position: conditions' sets by the log, named sets by their rooms."""
    position = position_of(workspace)
    if position.seq == index.seq and position.clock_ms <= index.clock_ms:
        return
    with index.moving:
        position = position_of(workspace)
        if position.seq - index.seq > FAR or position.seq < index.seq:
            index.reload_names()
            index.load_merges()
            index.reset()
            index.change_zone(zone_of(workspace))
            index.seq = position.seq
        while index.seq < position.seq:
            found = [row for row in changes.read(workspace, index.seq, 200) if row.seq <= position.seq]
            if not found:
                index.reset()
                index.change_zone(zone_of(workspace))
                break
            batch = gather(found)
            index.reload_names()
            if batch.unmerged:
                index.load_merges()
            else:
                index.add_merges(batch.merged)
            for name in batch.fields:
                index.drop_field(name)
            if batch.zone:
                index.change_zone(batch.zone)
            index.apply(BitMap(batch.people))
            index.seq = batch.last
        index.seq = position.seq
        if position.clock_ms > index.clock_ms:
            people = index.due(position.clock_ms)
            index.apply(people, position.clock_ms)
            index.advanced(position.clock_ms)
        for each in upkeep.registered():
            each.load(workspace, index)
