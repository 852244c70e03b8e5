"""Whom and what an export is about, as it is asked for: the people of this moment, and the columns."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pyroaring import BitMap

from coterie.accounts.permissions import Access
from coterie.audience import inputs
from coterie.audience.queries import ready_index
from coterie.filters import tree
from coterie.filters.errors import UnknownField
from coterie.filters.fields import nearest
from coterie.jobs import frozen
from coterie.kit import clock
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people.queries import shown_fields
from coterie.segments.visibility import segment_for
from coterie.transfers.names import NUMBER
from coterie.transfers.schemas import ExportBody

_FILTERS = ("where", "filter", "conditions", "expression")


def settled(access: Access, body: ExportBody) -> dict[str, Any]:
    """What exporting.py works on: who is selected now, frozen in a file, and the columns with their headers.

    `frozen.forget` when it is not used. Unavailable while the index is being rebuilt, InvalidInput for a column or a
    filter that can't be used, NotFound for a segment that this caller can't see.
    """
    members = selected(access, body)
    columns = columns_of(access, body)
    return {
        "frozen": frozen.freeze(access.workspace, members),
        "total": len(members),
        "columns": [(name, kind) for name, kind, _ in columns],
        "headers": [header for _, _, header in columns],
        "format": body.format,
        "name": body.name or f"people-{clock.now():%Y-%m-%d}",
    }


def is_narrow(body: ExportBody) -> bool:
    """Whether a filter or a segment says whom: then it could tell of a segment that is hidden from others."""
    return bool(filter_of(body) or body.segment)


def selected(access: Access, body: ExportBody) -> BitMap:
    """Who is exported, as of now."""
    index = ready_index(access.workspace)
    given = filter_of(body)
    if sum((body.numbers is not None, bool(given), bool(body.segment))) > 1:
        raise InvalidInput(
            Reason("whom_once", "Say whom in one way: 'numbers', a filter or 'segment'."), details={"field": "numbers"}
        )
    everyone = BitMap(index.everyone())
    if body.numbers is not None:
        found = everyone & BitMap(body.numbers)
    elif body.segment:
        root = tree.SegmentCondition(op="in", segments=(segment_for(access, body.segment).public_id,))
        found = BitMap(index.evaluate(root))
    elif given:
        found = BitMap(index.evaluate(inputs.read_filter(inputs.catalogue_for(access), **given).root))
    else:
        found = everyone
    return found - BitMap(body.without)


def filter_of(body: ExportBody) -> dict[str, Any]:
    """The filter of a body, in the notation in which it was sent; empty without one."""
    return {name: value for name in _FILTERS if (value := getattr(body, name)) not in (None, "")}


def columns_of(access: Access, body: ExportBody) -> list[tuple[str, str, str]]:
    """(name, type, header) of the columns; the header is the field's label where no other column has it."""
    shown = {row.field.name: row for row in shown_fields(access.workspace)}
    names = body.columns or [NUMBER, *(name for name, row in shown.items() if row.visible)]
    unknown = [name for name in names if name not in shown and name != NUMBER]
    if unknown:
        raise UnknownField(unknown[0], nearest(unknown[0], shown))
    labels = Counter(shown[name].field.label for name in names if name in shown)
    made = []
    for name in names:
        if name == NUMBER:
            made.append((name, "number", name))
            continue
        label = shown[name].field.label
        made.append((name, shown[name].field.type.value, label if labels[label] == 1 and label != NUMBER else name))
    return made
