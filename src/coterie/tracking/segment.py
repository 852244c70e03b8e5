"""What Segment's and RudderStack's clients send, one row per type of call.

Source: Segment's HTTP Tracking API and its common fields, and what the clients were seen to send.
RudderStack puts the traits of an identify call into `context.traits` only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from coterie.people.edits import EventRecord, PersonEdit
from coterie.people.identities import EITHER
from coterie.tracking.item import (
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
from coterie.tracking.times import Moment, read_sent


class Call(NamedTuple):
    """One event with the parts that every type has, read."""

    item: Json
    context: Json
    user_id: str | None
    anonymous_id: str | None
    moment: Moment
    message_id: str
    frame: Frame

    def event(self, name: str, kind: str, properties: Json) -> EventRecord:
        """A timeline event of this call."""
        return record(name, kind, properties, moment=self.moment, message_id=self.message_id, frame=self.frame)


def message_id(item: Json) -> Any:
    """The id under which the client repeats this event."""
    return item.get("messageId")


def translate(item: Json, frame: Frame, message_id: str) -> PersonEdit:
    """The edit that an event means. Raises Refused with the reason when it means none."""
    kind = item.get("type") or frame.call
    row = _ROWS.get(kind) if isinstance(kind, str) else None
    if row is None:
        raise Refused("bad_type", f"type must be one of {', '.join(_ROWS)}")
    own_context = item.get("context")
    context = frame.context
    if own_context is not None:
        own = read_object(own_context, "context")
        context = {**context, **own} if context else own
    sent = item.get("sentAt")
    call = Call(
        item=item,
        context=context,
        user_id=read_id(item.get("userId"), "userId"),
        anonymous_id=read_id(item.get("anonymousId"), "anonymousId"),
        moment=read_moment(
            item.get("originalTimestamp") or item.get("timestamp"),
            sent=frame.sent_ms if sent is None else read_sent(sent),
            frame=frame,
        ),
        message_id=message_id,
        frame=frame,
    )
    return row(call)


def _edit(call: Call, **more: Any) -> PersonEdit:
    identities: Identities = []
    if call.user_id is not None:
        identities.append(("user_id", call.user_id))
    if call.anonymous_id is not None:
        identities.append(("anonymous_id", call.anonymous_id))
    if not identities:
        raise Refused("no_id", "userId or anonymousId is missing: an event needs a person")
    values, first_values = _from_context(call)
    values.update(more.pop("set", ()))
    return PersonEdit(
        identities=identities,
        set=values,
        set_once=first_values,
        # Segment: `active: false` marks calls made on someone's behalf, which must not look like a visit.
        seen_at=None if call.context.get("active") is False else call.moment.ms,
        origin=call.frame.origin,
        **more,
    )


def _from_context(call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields that the context tells: those that follow each event, and those that only the first one sets.

    What a person or an agent said of language and time zone must not be overwritten by the device's settings.
    """
    context = call.context
    values: dict[str, Any] = {}
    first: dict[str, Any] = {}
    ip = text_of(context.get("ip")) or call.frame.peer_ip
    if ip:
        values["ip"] = ip
    campaign = context.get("campaign")
    if isinstance(campaign, dict) and (name := text_of(campaign.get("name"))):
        values["campaign"] = name
    for source, target in (("locale", "language"), ("timezone", "timezone")):
        if text := text_of(context.get(source)):
            first[target] = text
    page = context.get("page")
    if isinstance(page, dict):
        if text := text_of(page.get("url")):
            first["source_url"] = text
        if text := text_of(page.get("referrer")):
            first["referrer"] = text
    library = context.get("library")
    if isinstance(library, dict) and (name := text_of(library.get("name"))):
        first["integration"] = name
    first["source"] = call.frame.source
    return values, first


def _identify(call: Call) -> PersonEdit:
    elsewhere = read_object(call.context.get("traits"), "context.traits")
    traits = read_object(call.item.get("traits"), "traits")
    return _edit(call, set={**elsewhere, **traits} if elsewhere else traits)


def _track(call: Call) -> PersonEdit:
    name = read_name(call.item.get("event"), "event")
    properties = read_object(call.item.get("properties"), "properties")
    return _edit(call, events=(call.event(name, "track", properties),))


def _page(call: Call) -> PersonEdit:
    return _edit(call, events=(call.event("page", "page", _seen(call)),))


def _screen(call: Call) -> PersonEdit:
    return _edit(call, events=(call.event("screen", "screen", _seen(call)),))


def _seen(call: Call) -> Json:
    properties = read_object(call.item.get("properties"), "properties")
    named = {key: text for key in ("name", "category") if (text := text_of(call.item.get(key)))}
    return {**named, **properties} if named else properties


def _group(call: Call) -> PersonEdit:
    group = read_id(call.item.get("groupId"), "groupId")
    if group is None:
        raise Refused("no_id", "groupId is missing: a group call needs a group")
    traits = read_object(call.item.get("traits"), "traits")
    return _edit(call, set={"group_id": group}, events=(call.event("group", "group", {**traits, "group_id": group}),))


def _alias(call: Call) -> PersonEdit:
    previous = read_id(call.item.get("previousId"), "previousId")
    if previous is None or call.user_id is None:
        raise Refused("no_id", "an alias call needs previousId and userId")
    edit = _edit(call, merge="explicit")
    edit.identities = [*edit.identities, (EITHER, previous)]
    return edit


_ROWS: Final[dict[str, Callable[[Call], PersonEdit]]] = {
    "identify": _identify,
    "track": _track,
    "page": _page,
    "screen": _screen,
    "group": _group,
    "alias": _alias,
}
