"""What PostHog's clients send, one row per event with a meaning of its own; every other event is tracked as it is.

A distinct_id may be an anonymous one of a browser or a user's own id, and nothing says which. It counts as a user's id
once a client identified it; until then it is kept as anonymous, and joins a known user's id where there is one. So
aliases join both ways: the Python client sends the old id first, the Node client the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from coterie.people.edits import EventRecord, PersonEdit
from coterie.people.identities import SOMEONE
from coterie.tracking.item import (
    NOTHING,
    Frame,
    Identities,
    Json,
    Refused,
    read_id,
    read_moment,
    read_name,
    read_object,
    record,
    text_of,
)
from coterie.tracking.times import Moment

# Parts of `properties` that speak of the person or of the request and not of the event.
_NOT_OF_EVENT: Final = frozenset({"token", "distinct_id", "$set", "$set_once", "$unset"})
_DIRECT: Final = "$direct"
_FIRST_TOUCH: Final = (
    ("$timezone", "timezone"),
    ("$current_url", "source_url"),
    ("$referrer", "referrer"),
    ("$lib", "integration"),
)
_LANGUAGES: Final = ("$locale", "$browser_language")
_INITIAL: Final = {"$initial_current_url": "source_url", "$initial_referrer": "referrer"}


class Call(NamedTuple):
    """One event with the parts that every kind has, read."""

    item: Json
    properties: Json
    name: str
    distinct_id: str
    set: Json
    set_once: Json
    unset: list[str]
    moment: Moment
    message_id: str
    frame: Frame

    def event(self, name: str, kind: str, more: Json = NOTHING) -> EventRecord:
        """A timeline event of this call."""
        kept = {key: value for key, value in self.properties.items() if key not in _NOT_OF_EVENT}
        if more:
            kept = {**more, **kept}
        return record(name, kind, kept, moment=self.moment, message_id=self.message_id, frame=self.frame)


def message_id(item: Json) -> Any:
    """The id under which the client repeats this event."""
    own = item.get("uuid")
    if own is not None:
        return own
    properties = item.get("properties")
    return properties.get("$insert_id") if isinstance(properties, dict) else None


def translate(item: Json, frame: Frame, message_id: str) -> PersonEdit:
    """The edit that an event means. Raises Refused with the reason when it means none."""
    properties = read_object(item.get("properties"), "properties")
    distinct_id = read_id(item.get("distinct_id", properties.get("distinct_id")), "distinct_id")
    if distinct_id is None:
        raise Refused("no_id", "distinct_id is missing: an event needs a person")
    call = Call(
        item=item,
        properties=properties,
        name=read_name(item.get("event"), "event"),
        distinct_id=distinct_id,
        set=_both(item, properties, "$set"),
        set_once=_both(item, properties, "$set_once"),
        unset=_unset(item.get("$unset", properties.get("$unset"))),
        moment=_moment(item, frame),
        message_id=message_id,
        frame=frame,
    )
    return _ROWS.get(call.name, _track)(call)


def _moment(item: Json, frame: Frame) -> Moment:
    """posthog-js sends no time but `offset`, the milliseconds from the event to the request."""
    offset = item.get("offset")
    timestamp = item.get("timestamp")
    if timestamp is None and isinstance(offset, int | float) and 0 <= offset < frame.received_ms:
        return Moment(frame.received_ms - round(offset))
    return read_moment(timestamp, sent=frame.sent_ms, frame=frame)


def _both(item: Json, properties: Json, key: str) -> Json:
    """`$set` and `$set_once` may stand beside the properties or inside them."""
    inside = read_object(properties.get(key), key)
    beside = read_object(item.get(key), key)
    return {**inside, **beside} if beside else inside


def _unset(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(key) for key in value]
    return [key for key in value if isinstance(key, str)] if isinstance(value, list) else []


def _identified(call: Call) -> bool:
    properties = call.properties
    if call.name == "$identify" or properties.get("$user_id") == call.distinct_id:
        return True
    if "$is_identified" in properties:
        return properties["$is_identified"] is True
    # A server speaks of its own users; only browsers and apps have devices with made-up ids.
    return bool(call.set or call.set_once or call.unset) and properties.get("$device_id") is None


def _edit(call: Call, **more: Any) -> PersonEdit:
    identities: Identities = [(SOMEONE, call.distinct_id)]
    if _identified(call):
        identities.insert(0, ("user_id", call.distinct_id))
    values, first_values = _from_properties(call)
    values.update(call.set)
    values.update(more.pop("set", ()))
    return PersonEdit(
        identities=identities,
        set=values,
        set_once=first_values,
        clear=call.unset,
        seen_at=call.moment.ms,
        origin=call.frame.origin,
        **more,
    )


def _from_properties(call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields that the properties tell: those that follow each event, and those that only the first one sets."""
    properties = call.properties
    values: dict[str, Any] = {}
    first: dict[str, Any] = {}
    ip = text_of(properties.get("$ip")) or call.frame.peer_ip
    if ip:
        values["ip"] = ip
    for key, target in _FIRST_TOUCH:
        if (text := text_of(properties.get(key))) and text != _DIRECT:
            first[target] = text
    for key in _LANGUAGES:
        if text := text_of(properties.get(key)):
            first["language"] = text
            break
    for key, value in call.set_once.items():
        if value != _DIRECT:
            first[_INITIAL.get(key, key)] = value
    if campaign := text_of(properties.get("utm_campaign")):
        values["campaign"] = campaign
    first["source"] = call.frame.source
    return values, first


def _track(call: Call) -> PersonEdit:
    return _edit(call, events=(call.event(call.name, "track"),))


def _pageview(call: Call) -> PersonEdit:
    title = text_of(call.properties.get("title"))
    return _edit(call, events=(call.event("page", "page", {"name": title} if title else NOTHING),))


def _screen(call: Call) -> PersonEdit:
    name = text_of(call.properties.get("$screen_name"))
    return _edit(call, events=(call.event("screen", "screen", {"name": name} if name else NOTHING),))


def _set(call: Call) -> PersonEdit:
    return _edit(call)


def _identify(call: Call) -> PersonEdit:
    edit = _edit(call)
    before = read_id(call.properties.get("$anon_distinct_id"), "$anon_distinct_id")
    if before is not None and before != call.distinct_id:
        edit.identities = [*edit.identities, (SOMEONE, before)]
    return edit


def _alias(call: Call) -> PersonEdit:
    other = read_id(call.properties.get("alias"), "alias")
    if other is None:
        raise Refused("no_id", f"{call.name} needs properties.alias")
    edit = _edit(call, merge="explicit")
    if other != call.distinct_id:
        edit.identities = [*edit.identities, (SOMEONE, other)]
    return edit


def _group(call: Call) -> PersonEdit:
    """A group's own properties: they are of no person. The person who is named, if known, belongs to the group."""
    group = read_id(call.properties.get("$group_key"), "$group_key")
    if group is None:
        raise Refused("no_id", "$groupidentify needs properties.$group_key")
    # Clients make up a distinct_id for the group when none is given; it must not become a person.
    return _edit(call, set={"group_id": group}, events=(call.event("group", "group"),), create=False)


_ROWS: Final[dict[str, Callable[[Call], PersonEdit]]] = {
    "$pageview": _pageview,
    "$screen": _screen,
    "$identify": _identify,
    "$set": _set,
    "$set_once": _set,
    "$unset": _set,
    "$create_alias": _alias,
    "$merge_dangerously": _alias,
    "$groupidentify": _group,
}
