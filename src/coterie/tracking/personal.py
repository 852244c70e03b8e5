"""What this room keeps about people; see accounts/holding.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from coterie.accounts.holding import Holding, Row, columns
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.people.models import Identity
from coterie.tracking.erasing import named_in_quarantine


def _set_aside(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    values = Identity.objects.of(access.workspace).filter(number__in=numbers).values_list("value", flat=True)
    for row, text in named_in_quarantine(access.workspace, set(values)):
        yield {"at": clock.iso(row.at), "received_at": clock.iso(row.received_at), "reason": row.reason, "event": text}


HOLDINGS: Final = (
    Holding(
        "tracking_rawbatch",
        "person",
        columns(
            personal="body peer",
            none="id workspace source token flavour call received_at item_count done packed",
        ),
        erased="What was accepted before is worked in and removed, within seconds, before the erasure goes on.",
        not_told="It is there for seconds; then it is among the events.",
        kept="Seconds: until it is worked in.",
    ),
    Holding(
        "tracking_messageid",
        "person",
        columns(pseudonymous="id_hash body_hash", none="id workspace source at"),
        erased="Stays for 30 days: hashes, by which an event that is sent again is recognised.",
    ),
    Holding(
        "tracking_idconflict",
        "person",
        columns(personal="sample message_id", none="id workspace source day count"),
        erased="The example of an event goes where it names the person; the count stays.",
        not_told="An example of an event that was sent twice with different content; the first is among the events.",
    ),
    Holding(
        "tracking_quarantine",
        "person",
        columns(
            personal="body reason peer message_id",
            pseudonymous="id_hash",
            none="id workspace public_id source at received_at flavour call code state",
        ),
        erased="Removed where it names the person by an identity.",
        read=_set_aside,
    ),
    Holding("tracking_drainlease", "nobody", columns(none="id workspace token expires_at")),
    Holding("tracking_worker", "nobody", columns(none="id token seen_at")),
)
