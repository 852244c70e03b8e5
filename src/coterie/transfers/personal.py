"""What this room keeps about people; see accounts/holding.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from coterie.accounts.holding import Holding, Row, columns
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.transfers import ledger
from coterie.transfers.models import ImportRow, Phase, RowOutcome

_REMOVED: Final = "Removed with the import, where it holds the person."
_FILE: Final = "The file holds others too. What was taken from it is among the values, and the rows are told."


def _rows(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    rows = ImportRow.objects.of(access.workspace).filter(number__in=numbers, phase=Phase.RUN)
    for row in rows.select_related("source").order_by("source", "line"):
        yield {
            "file": row.source.name,
            "at": clock.iso(row.source.created_at),
            "line": row.line,
            "outcome": RowOutcome(row.outcome).name.lower(),
            "details": ledger.told(row),
        }


HOLDINGS: Final = (
    Holding(
        "transfers_import",
        "person",
        columns(
            personal="found members",
            pseudonymous="by user",
            none="id workspace public_id name format upload table table_sheet plan planned_at rehearsal run undo "
            "created_at",
        ),
        erased=_REMOVED,
        not_told=_FILE,
    ),
    Holding(
        "transfers_importrow",
        "person",
        columns(personal="details", pseudonymous="number key other", none="id workspace source phase line outcome seq"),
        erased=_REMOVED,
        read=_rows,
    ),
    Holding(
        "transfers_exportdestination",
        "nobody",
        columns(
            pseudonymous="by",
            none="id workspace public_id name kind folder endpoint region bucket prefix key_id sealed checked_at "
            "check_error check_why created_at",
        ),
    ),
    Holding(
        "transfers_exportschedule",
        "member",
        columns(
            pseudonymous="by ip user key body",
            none="id workspace public_id name stem private destination every at weekday day zone next_at paused_at "
            "paused_reason paused_why last_job created_at",
        ),
    ),
    Holding(
        "transfers_exportdelivery",
        "nobody",
        columns(none="id workspace schedule destination job place object size rows sha256 at"),
    ),
    Holding("files.upload", "person", columns(personal="content"), erased=_REMOVED, not_told=_FILE),
    Holding("files.table", "person", columns(personal="content"), erased=_REMOVED, not_told=_FILE),
    Holding(
        "files.export",
        "person",
        columns(personal="content"),
        erased="Every export that was made or begun before is removed: it can be made again.",
        not_told="A copy of values, for members.",
    ),
    Holding(
        "files.delivered",
        "person",
        columns(personal="content"),
        erased="Not reached: it lies where exports were delivered to. The certificate says how many files, and where.",
        not_told="A copy of values, for those who have the place.",
        kept="As long as those who have the place keep it.",
    ),
)
