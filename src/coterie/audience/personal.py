"""What this room keeps about people, in SQL and in the index; see accounts/holding.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from coterie.accounts.holding import Holding, Row, columns
from coterie.accounts.permissions import Access
from coterie.audience.queries import timeline
from coterie.kit import clock

_PAGE: Final = 1_000


def _events(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    cursor: str | None = None
    while True:
        # The survivor's timeline has the events of all who were merged into them.
        events, cursor = timeline(access.workspace, numbers[0], limit=_PAGE, cursor=cursor)
        for event in events:
            yield {
                "name": event.name,
                "kind": event.kind,
                "at": clock.iso(clock.from_ms(event.at)),
                "received_at": clock.iso(clock.from_ms(event.received_at)),
                "source": event.source,
                "id": event.id,
                "properties": event.properties,
            }
        if cursor is None:
            return


HOLDINGS: Final = (
    Holding(
        "audience_indexposition",
        "nobody",
        columns(none="id workspace seq clock_ms lease_token lease_until updated_at"),
    ),
    Holding(
        "audience_indexstate",
        "nobody",
        columns(none="id generation schema_version rebuilding_since progress_done progress_total parts"),
    ),
    Holding(
        "audience_view",
        "member",
        columns(
            pseudonymous="owner",
            none="id workspace public_id name name_key shared is_default filter columns sort position created_at "
            "updated_at",
        ),
    ),
    Holding(
        "index.people",
        "person",
        columns(personal="a", pseudonymous="number", none="workspace version live"),
        erased="Removed from the index, with the parts of it that held the values.",
        not_told="A copy of people_person, made for filters.",
        kept="As long as the person.",
    ),
    Holding(
        "index.events",
        "person",
        columns(
            personal="p raw message_id time received", pseudonymous="number", none="workspace event seq pos kind source"
        ),
        erased="Removed from the index, with the parts of it that held them.",
        read=_events,
    ),
    Holding(
        "index.merges",
        "person",
        columns(pseudonymous="number survivor", none="workspace version"),
        erased="Removed from the index.",
    ),
    Holding("index.meta", "nobody", columns(none="key value version")),
)
