"""Events on their way into the change log: names and properties become ids, values become plain JSON."""

import math
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from coterie.filters.errors import Rejected
from coterie.filters.fields import FieldType
from coterie.filters.values import infer_type, normalise
from coterie.kit import clock
from coterie.people import store
from coterie.people.batch import Batch
from coterie.people.names import flatten, read_key

_BIGGEST = 2**63 - 1
_LATEST_MS = 253_402_300_799_999  # the last millisecond of the year 9999


def event_rows(batch: Batch) -> list[list[Any]]:
    """The rows of a `people` change (see changes.py) for the batch's events; makes names and properties known."""
    if not batch.events:
        return []
    cleaned = [clean_properties(record.properties) for _, record in batch.events]
    name_ids = _name_ids(batch)
    property_ids = _property_ids(batch, cleaned)
    rows = []
    for (person, record), properties in zip(batch.events, cleaned, strict=True):
        live = batch.live(person.number)
        received = batch.now_ms if record.received_ms is None else record.received_ms
        ids = {property_ids[name]: value for name, value in properties.items()}
        rows.append(
            [
                (live or person).number,
                name_ids[read_key(record.name).name],
                record.time_ms,
                received,
                record.message_id,
                record.kind,
                record.source,
                orjson.dumps(ids).decode(),
            ]
        )
    return rows


def clean_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an event as they are kept: no empty ones, text trimmed, nested objects flat, lists of text."""
    if any(isinstance(value, dict) for value in properties.values()):
        properties = dict(flatten(properties))
    cleaned = {}
    for name, raw in properties.items():
        value = _clean(raw)
        if value is not None:
            cleaned[read_key(name).name] = value
    return cleaned


def _clean(raw: Any) -> Any:
    if raw.__class__ is str:
        return _text(raw)
    if raw is None or raw.__class__ is bool:
        return raw
    if isinstance(raw, int):
        return raw if abs(raw) <= _BIGGEST else str(raw)
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, list | tuple):
        try:
            items = normalise(FieldType.LIST, raw)
        except Rejected:
            return _json(raw)
        return list(items) if isinstance(items, tuple) else None
    return _json(raw)


def _text(raw: str) -> str | None:
    if raw.isascii():
        return raw.strip() or None
    # A lone surrogate is no text: it can't be written as UTF-8.
    whole = raw.encode("utf-8", "replace").decode() if not _is_unicode(raw) else raw
    return unicodedata.normalize("NFC", whole).strip() or None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json(raw: Any) -> str | None:
    """What is nested too deep to be filtered by, as JSON text."""
    try:
        return _text(orjson.dumps(raw, default=str).decode())
    except TypeError:
        return None


def _name_ids(batch: Batch) -> dict[str, int]:
    """Ids of the events' names; counts them, and makes rows for new ones."""
    seen: dict[str, list[int]] = {}
    for _, record in batch.events:
        name, at = read_key(record.name).name, record.time_ms
        found = seen.get(name)
        if found is None:
            seen[name] = [at, at, 1]
        else:
            found[0], found[1], found[2] = min(found[0], at), max(found[1], at), found[2] + 1
    # In order of names: two workspaces' writers never meet, but one order costs nothing and can't deadlock.
    rows = [
        (batch.workspace.pk, name, _instant(first), _instant(last), count)
        for name, (first, last, count) in sorted(seen.items())
    ]
    store.run(batch.cursor, store.UPSERT_EVENT_NAMES, rows)
    known = batch.new_names.event_ids
    new = seen.keys() - known.keys()
    return known | store.event_ids(batch.cursor, batch.workspace.pk, new) if new else known


def _instant(ms: int) -> Any:
    at: datetime = clock.from_ms(min(max(ms, 0), _LATEST_MS))
    return store.instant(at)


def _property_ids(batch: Batch, cleaned: list[dict[str, Any]]) -> dict[str, str]:
    """Ids of the properties as text; notes the type of the last value of each, and makes rows for new ones."""
    last: dict[str, Any] = {}
    for properties in cleaned:
        last.update(properties)
    if not last:
        return {}
    known = store.property_types(batch.cursor, batch.workspace.pk, last)
    rows = []
    for name, value in sorted(last.items()):
        kind = infer_type(value).value
        if known.get(name, (0, ""))[1] != kind:
            rows.append((batch.workspace.pk, name, kind))
    if rows:
        store.run(batch.cursor, store.UPSERT_EVENT_PROPERTIES, rows)
        known |= store.property_types(batch.cursor, batch.workspace.pk, [name for _, name, _ in rows])
    return {name: str(id) for name, (id, _) in known.items()}
