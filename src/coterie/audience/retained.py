"""Events by their age: they go from the change log, which is the truth, and the index follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from coterie.audience.engine import engine
from coterie.audience.startup import position_of, require_ready
from coterie.jobs.retaining import SAMPLE, Cut, Found, Removed, Retained
from coterie.kit import clock
from coterie.people import forgetting

# Changes of the log in one step; most hold a few events, some thousands.
_CHANGES: Final = 200
_OLD: Final = "FROM events WHERE workspace = {w:UInt32} AND time < {b:Int64} AND NOT has({k:Array(UInt32)}, number)"


class Events:
    """Events from before an instant, by their own time.

    The index finds them: it knows what the log as a whole would have to be read for. Changes that are as old are looked
    at too, since the events of deleted people are in the log alone.
    """

    def look(self, cut: Cut) -> Found:
        if cut.held.everyone:
            return Found(paused=True)
        require_ready()
        bound = _bound(cut)
        # sql: our own words
        rows, people, oldest = engine().rows(f"SELECT count(), uniqExact(number), min(time) {_OLD}", bound)[0]
        if not rows:
            return Found(people=0)
        # sql: as above
        sample = engine().rows(f"SELECT DISTINCT number {_OLD} ORDER BY number LIMIT {SAMPLE}", bound)
        return Found(int(rows), int(people), clock.from_ms(int(oldest)), [int(number) for (number,) in sample])

    def next(self, cut: Cut, mark: int) -> Sequence[int]:
        if cut.held.everyone:
            return []
        require_ready()
        # What the index has not taken over yet is for the next time.
        upto = position_of(cut.workspace).seq
        bound = _bound(cut) | {"a": mark, "u": upto}
        # sql: our own words
        sql = f"SELECT DISTINCT seq {_OLD} AND seq > {{a:UInt64}} AND seq <= {{u:UInt64}} ORDER BY seq LIMIT {_CHANGES}"
        found = {int(seq) for (seq,) in engine().rows(sql, bound)}
        found.update(forgetting.seqs_before(cut.workspace, cut.before, after=mark, upto=upto, limit=_CHANGES))
        return sorted(found)[:_CHANGES]

    def drop(self, cut: Cut, keys: Sequence[int]) -> Removed:
        if cut.held.everyone:
            return Removed(0, keys[-1])
        rows, last = forgetting.forget_old(
            cut.workspace, keys, before_ms=clock.to_ms(cut.before), kept=cut.held.numbers, after=keys[0] - 1
        )
        return Removed(rows, last)


def _bound(cut: Cut) -> dict[str, Any]:
    return {"w": cut.workspace.pk, "b": clock.to_ms(cut.before), "k": sorted(cut.held.numbers)}


EVENTS: Final = Retained("events", ("people_change", "index.events"), Events())
RETAINED: Final = (EVENTS,)
