"""Forgetting what this room keeps of a person: events that were set aside, and examples, by the identities in them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

import orjson

from coterie.accounts.holding import folded, mentions
from coterie.accounts.models import Workspace
from coterie.tracking.models import IdConflict, Quarantine, RawBatch

_CHUNK: Final = 500


def undrained(workspace: Workspace, *, before: datetime) -> bool:
    """Whether events that were accepted before an instant still wait to be worked in."""
    return RawBatch.objects.of(workspace).filter(received_at__lte=before).exists()


def forget_named(workspace: Workspace, values: Collection[str]) -> dict[str, int]:
    """Remove what names a person by one of these identities; how much, by table."""
    if not values:
        return {"tracking_quarantine": 0, "tracking_idconflict": 0}
    named = [row.pk for row, _ in named_in_quarantine(workspace, values)]
    removed = 0
    for start in range(0, len(named), _CHUNK):
        removed += Quarantine.objects.of(workspace).filter(pk__in=named[start : start + _CHUNK]).delete()[0]
    wanted, cleared = folded(values), 0
    for row in IdConflict.objects.of(workspace).exclude(sample="").iterator(chunk_size=_CHUNK):
        # A sample may be cut, so it is compared as text.
        text = f"{row.message_id}\n{row.sample}".casefold()
        if any(_quoted(value) in text for value in wanted):
            cleared += IdConflict.objects.of(workspace).filter(pk=row.pk).update(sample="", message_id="")
    return {"tracking_quarantine": removed, "tracking_idconflict": cleared}


def named_in_quarantine(workspace: Workspace, values: Collection[str]) -> Iterator[tuple[Quarantine, str]]:
    """Events that were set aside and hold one of these identities anywhere, each with its text."""
    wanted = folded(values)
    if not wanted:
        return
    for row in Quarantine.objects.of(workspace).order_by("pk").iterator(chunk_size=_CHUNK):
        text = _text(row)
        if row.message_id.casefold() in wanted or _holds(text, wanted):
            yield row, text


def _text(row: Quarantine) -> str:
    try:
        return zlib.decompress(row.body).decode("utf-8", "replace")
    except zlib.error:
        return ""


def _holds(text: str, wanted: Collection[str]) -> bool:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        folded = text.casefold()
        return any(_quoted(each) in folded for each in wanted)
    return mentions(value, wanted)


def _quoted(value: str) -> str:
    """The value as it stands in JSON text."""
    return json.dumps(value, ensure_ascii=False)
