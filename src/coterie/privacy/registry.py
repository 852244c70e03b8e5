"""Everything that is kept, of all rooms: what a member can read, and what tests hold against the tables there are."""

from __future__ import annotations

from typing import Final

from coterie.accounts import personal as accounts
from coterie.accounts.holding import Holding
from coterie.audience import personal as audience
from coterie.jobs import personal as jobs
from coterie.people import personal as people
from coterie.privacy import personal as privacy
from coterie.segments import personal as segments
from coterie.tracking import personal as tracking
from coterie.transfers import personal as transfers

_ROOMS: Final = (people, audience, tracking, segments, transfers, jobs, accounts, privacy)

HOLDINGS: Final[dict[str, Holding]] = {row.name: row for room in _ROOMS for row in room.HOLDINGS}
"""By name: that of a table in SQL, `index.` and that of a table of the index, `files.` and the kind of a file."""
