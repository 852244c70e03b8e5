"""Every class of what goes by its age, of all rooms; see jobs/retaining.py."""

from __future__ import annotations

from typing import Final

from coterie.audience import retained as audience
from coterie.jobs import retained as jobs
from coterie.jobs.retaining import Retained
from coterie.people import retained as people
from coterie.privacy import retained as privacy
from coterie.segments import retained as segments
from coterie.tracking import retained as tracking
from coterie.transfers import retained as transfers

# People are last: what they take along is counted in its own class where it is as old.
_ROOMS: Final = (audience, people, tracking, transfers, segments, jobs, privacy)

CLASSES: Final[dict[str, Retained]] = {row.name: row for room in _ROOMS for row in room.RETAINED}
"""By name, in the order in which a run goes through them."""
