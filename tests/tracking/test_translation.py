"""What each type of event of each language means for a person. Shapes are those that the clients were seen to send."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.people.edits import PersonEdit
from coterie.people.identities import EITHER, SOMEONE
from coterie.tracking import limits
from coterie.tracking.item import CLAIMED
from coterie.tracking.reading import Arrival, Entry, Source, read_entries
from coterie.tracking.wire import BATCH, Flavour, Route

AT = 1_769_860_800_000  # 2026-01-31T12:00:00Z
TIME = "2026-01-31T12:00:00.000Z"
SOURCE = Source(1, 1, "key_1", "web page", trusted=False)
ONE_SOURCE = {"source": "web page"}


def read(flavour: Flavour, value: Any, *, call: str = BATCH, peer: str = "", trusted: bool = False) -> list[Entry]:
    arrival = Arrival(Route(flavour, call), AT, peer, "bat_1")
    return list(read_entries(value, arrival, SOURCE._replace(trusted=trusted), limits=limits.current()))


def edit_of(flavour: Flavour, item: dict[str, Any], **options: Any) -> PersonEdit:
    (entry,) = read(flavour, {"batch": [item]}, **options)
    assert entry.refused is None, entry.refused.reason
    assert entry.edit is not None
    return entry.edit


def segment(item: dict[str, Any], **options: Any) -> PersonEdit:
    return edit_of(Flavour.SEGMENT, item, **options)


def posthog(item: dict[str, Any], **options: Any) -> PersonEdit:
    return edit_of(Flavour.POSTHOG, item, **options)


def picture(edit: PersonEdit) -> dict[str, Any]:
    """What an edit does, without what it leaves alone."""
    events = [(event.name, event.kind, dict(event.properties)) for event in edit.events]
    parts = {
        "ids": list(edit.identities),
        "set": dict(edit.set),
        "once": {key: value for key, value in edit.set_once.items() if key != "source"},
        "clear": list(edit.clear),
        "events": events,
        "merge": edit.merge if edit.merge != "identify" else None,
        "create": None if edit.create else False,
    }
    return {key: value for key, value in parts.items() if value not in (None, [], {})}


USER = ("user_id", "u1")
ANON = ("anonymous_id", "a1")


def test_it_works() -> None:
    edit = segment({"type": "track", "userId": "u1", "event": "Purchased", "messageId": "m1", "timestamp": TIME})
    assert picture(edit) == {"ids": [USER], "events": [("Purchased", "track", {})]}
    (event,) = edit.events
    assert (event.time_ms, event.received_ms, event.message_id, event.source) == (AT, AT, "m1", "web page")
    assert edit.seen_at == AT
    assert edit.origin is not None
    assert edit.origin[:2] == ("tracking", "key_1")


SEGMENT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "identify with both ids links them",
        {"type": "identify", "userId": "u1", "anonymousId": "a1", "traits": {"email": "a@b.co", "plan": None}},
        {"ids": [USER, ANON], "set": {"email": "a@b.co", "plan": None}},
    ),
    (
        "rudder's Python client sends traits in the context only",
        {"type": "identify", "userId": "u1", "context": {"traits": {"plan": "pro"}}},
        {"ids": [USER], "set": {"plan": "pro"}},
    ),
    (
        "traits win over those of the context",
        {"type": "identify", "userId": "u1", "traits": {"a": 1}, "context": {"traits": {"a": 2, "b": 3}}},
        {"ids": [USER], "set": {"a": 1, "b": 3}},
    ),
    (
        "the context's traits count for identify only",
        {"type": "track", "userId": "u1", "event": "e", "context": {"traits": {"plan": "pro"}}},
        {"ids": [USER], "events": [("e", "track", {})]},
    ),
    (
        "segment's Python client sends null ids",
        {"type": "track", "userId": "u1", "anonymousId": None, "event": "e", "properties": {"amount": 5}},
        {"ids": [USER], "events": [("e", "track", {"amount": 5})]},
    ),
    (
        "an id that is a number, and an empty one",
        {"type": "track", "userId": 42, "anonymousId": "", "event": " e ", "properties": None},
        {"ids": [("user_id", "42")], "events": [("e", "track", {})]},
    ),
    (
        "42.0 is 42",
        {"type": "track", "userId": 42.0, "event": "e"},
        {"ids": [("user_id", "42")], "events": [("e", "track", {})]},
    ),
    (
        "page",
        {"type": "page", "anonymousId": "a1", "name": "Home", "category": "Site", "properties": {"url": "https://x/"}},
        {"ids": [ANON], "events": [("page", "page", {"name": "Home", "category": "Site", "url": "https://x/"})]},
    ),
    (
        "a page without a name",
        {"type": "page", "anonymousId": "a1"},
        {"ids": [ANON], "events": [("page", "page", {})]},
    ),
    (
        "screen",
        {"type": "screen", "userId": "u1", "name": "Start", "properties": {"name": "Own"}},
        {"ids": [USER], "events": [("screen", "screen", {"name": "Own"})]},
    ),
    (
        "group",
        {"type": "group", "userId": "u1", "groupId": 7, "traits": {"seats": 3}},
        {"ids": [USER], "set": {"group_id": "7"}, "events": [("group", "group", {"seats": 3, "group_id": "7"})]},
    ),
    (
        "alias",
        {"type": "alias", "userId": "u1", "previousId": "a1"},
        {"ids": [USER, (EITHER, "a1")], "merge": "explicit"},
    ),
    (
        "what the context tells",
        {
            "type": "track",
            "userId": "u1",
            "event": "e",
            "context": {
                "ip": "198.51.100.7",
                "locale": "de-DE",
                "timezone": "Europe/Berlin",
                "page": {"url": "https://x/a", "referrer": "https://y/"},
                "library": {"name": "analytics.js", "version": "1"},
                "campaign": {"name": "spring", "source": "mail"},
                "userAgent": "Mozilla/5.0",
            },
        },
        {
            "ids": [USER],
            "set": {"ip": "198.51.100.7", "campaign": "spring"},
            "once": {
                "language": "de-DE",
                "timezone": "Europe/Berlin",
                "source_url": "https://x/a",
                "referrer": "https://y/",
                "integration": "analytics.js",
            },
            "events": [("e", "track", {})],
        },
    ),
    (
        "a context of the wrong shapes says nothing",
        {"type": "track", "userId": "u1", "event": "e", "context": {"page": "x", "library": 1, "ip": 5, "locale": ""}},
        {"ids": [USER], "events": [("e", "track", {})]},
    ),
]


@pytest.mark.parametrize(("item", "meaning"), [pytest.param(*row[1:], id=row[0]) for row in SEGMENT])
def test_segment_and_rudderstack(item: dict[str, Any], meaning: dict[str, Any]) -> None:
    assert picture(segment(item)) == meaning


POSTHOG: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "capture: nobody said that the id is a user's",
        {"event": "e", "distinct_id": "u1", "properties": {"amount": 5, "token": "t", "$lib": "posthog-python"}},
        {
            "ids": [(SOMEONE, "u1")],
            "once": {"integration": "posthog-python"},
            "events": [("e", "track", {"amount": 5, "$lib": "posthog-python"})],
        },
    ),
    (
        "the browser puts the id among the properties",
        {"event": "e", "properties": {"distinct_id": "a1", "$device_id": "a1"}},
        {"ids": [(SOMEONE, "a1")], "events": [("e", "track", {"$device_id": "a1"})]},
    ),
    (
        "identify joins the browser's id",
        {"event": "$identify", "distinct_id": "u1", "properties": {"$anon_distinct_id": "a1"}, "$set": {"plan": "pro"}},
        {"ids": [USER, (SOMEONE, "u1"), (SOMEONE, "a1")], "set": {"plan": "pro"}},
    ),
    (
        "$set beside the properties",
        {"event": "$set", "distinct_id": "u1", "$set": {"plan": "pro"}},
        {"ids": [USER, (SOMEONE, "u1")], "set": {"plan": "pro"}},
    ),
    (
        "$set inside the properties, on any event",
        {"event": "e", "distinct_id": "u1", "properties": {"$set": {"plan": "pro"}, "$set_once": {"first": 1}}},
        {
            "ids": [USER, (SOMEONE, "u1")],
            "set": {"plan": "pro"},
            "once": {"first": 1},
            "events": [("e", "track", {})],
        },
    ),
    (
        "$set of an anonymous browser does not make a user of it",
        {
            "event": "$set",
            "properties": {"distinct_id": "a1", "$is_identified": False, "$device_id": "a1", "$set": {"plan": "pro"}},
        },
        {"ids": [(SOMEONE, "a1")], "set": {"plan": "pro"}},
    ),
    (
        "the browser says that the id is a user's",
        {"event": "e", "properties": {"distinct_id": "u1", "$is_identified": True, "$device_id": "a1"}},
        {
            "ids": [USER, (SOMEONE, "u1")],
            "events": [("e", "track", {"$is_identified": True, "$device_id": "a1"})],
        },
    ),
    (
        "$unset",
        {"event": "$unset", "distinct_id": "u1", "properties": {"$unset": ["plan", 5]}},
        {"ids": [USER, (SOMEONE, "u1")], "clear": ["plan"]},
    ),
    (
        "alias of the Python client: the old id first",
        {"event": "$create_alias", "distinct_id": "a1", "properties": {"distinct_id": "a1", "alias": "u1"}},
        {"ids": [(SOMEONE, "a1"), (SOMEONE, "u1")], "merge": "explicit"},
    ),
    (
        "alias of the Node client: the new id first",
        {"event": "$create_alias", "distinct_id": "u1", "properties": {"distinct_id": "u1", "alias": "a1"}},
        {"ids": [(SOMEONE, "u1"), (SOMEONE, "a1")], "merge": "explicit"},
    ),
    (
        "a group makes no person",
        {"event": "$groupidentify", "distinct_id": "$company_1", "properties": {"$group_key": "1"}},
        {
            "ids": [(SOMEONE, "$company_1")],
            "set": {"group_id": "1"},
            "events": [("group", "group", {"$group_key": "1"})],
            "create": False,
        },
    ),
    (
        "a page view",
        {"event": "$pageview", "distinct_id": "a1", "properties": {"$current_url": "https://x/", "title": "Home"}},
        {
            "ids": [(SOMEONE, "a1")],
            "once": {"source_url": "https://x/"},
            "events": [("page", "page", {"name": "Home", "$current_url": "https://x/", "title": "Home"})],
        },
    ),
    (
        "a screen",
        {"event": "$screen", "distinct_id": "a1", "properties": {"$screen_name": "Start", "$referrer": "$direct"}},
        {
            "ids": [(SOMEONE, "a1")],
            "events": [
                ("screen", "screen", {"name": "Start", "$screen_name": "Start", "$referrer": "$direct"}),
            ],
        },
    ),
    (
        "the first touch has its fields",
        {
            "event": "e",
            "distinct_id": "a1",
            "properties": {
                "$device_id": "a1",
                "$ip": "198.51.100.7",
                "$browser_language": "de-DE",
                "$timezone": "Europe/Berlin",
                "$referrer": "https://y/",
                "utm_campaign": "spring",
                "$set_once": {"$initial_referrer": "https://z/", "$initial_current_url": "https://x/first"},
            },
        },
        {
            "ids": [(SOMEONE, "a1")],
            "set": {"ip": "198.51.100.7", "campaign": "spring"},
            "once": {
                "language": "de-DE",
                "timezone": "Europe/Berlin",
                "referrer": "https://z/",
                "source_url": "https://x/first",
            },
            "events": [
                (
                    "e",
                    "track",
                    {
                        "$device_id": "a1",
                        "$ip": "198.51.100.7",
                        "$browser_language": "de-DE",
                        "$timezone": "Europe/Berlin",
                        "$referrer": "https://y/",
                        "utm_campaign": "spring",
                    },
                )
            ],
        },
    ),
]


@pytest.mark.parametrize(("item", "meaning"), [pytest.param(*row[1:], id=row[0]) for row in POSTHOG])
def test_posthog(item: dict[str, Any], meaning: dict[str, Any]) -> None:
    assert picture(posthog(item)) == meaning


REFUSED: list[tuple[Flavour, Any, str]] = [
    (Flavour.SEGMENT, "text", "bad_shape"),
    (Flavour.SEGMENT, None, "bad_shape"),
    (Flavour.SEGMENT, {"userId": "u", "event": "e"}, "bad_type"),
    (Flavour.SEGMENT, {"type": "purchase", "userId": "u"}, "bad_type"),
    (Flavour.SEGMENT, {"type": ["track"], "userId": "u"}, "bad_type"),
    (Flavour.SEGMENT, {"type": "track", "event": "e"}, "no_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "userId": "  "}, "no_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "userId": True}, "bad_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "userId": ["u"]}, "bad_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "userId": "u" * 513}, "bad_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "userId": "undefined"}, "bad_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "anonymousId": "[object Object]"}, "bad_id"),
    (Flavour.SEGMENT, {"type": "track", "event": "e", "userId": "a\0b"}, "bad_id"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u"}, "no_name"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": ""}, "no_name"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": 5}, "no_name"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": "e" * 201}, "bad_name"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": "a\nb"}, "bad_name"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": "e", "properties": []}, "bad_shape"),
    (Flavour.SEGMENT, {"type": "identify", "userId": "u", "traits": "x"}, "bad_shape"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": "e", "context": 5}, "bad_shape"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": "e", "timestamp": "soon"}, "bad_time"),
    (Flavour.SEGMENT, {"type": "track", "userId": "u", "event": "e", "timestamp": {}}, "bad_time"),
    (Flavour.SEGMENT, {"type": "group", "userId": "u"}, "no_id"),
    (Flavour.SEGMENT, {"type": "alias", "userId": "u"}, "no_id"),
    (Flavour.SEGMENT, {"type": "alias", "previousId": "u"}, "no_id"),
    (Flavour.POSTHOG, {"event": "e"}, "no_id"),
    (Flavour.POSTHOG, {"event": "e", "distinct_id": None}, "no_id"),
    (Flavour.POSTHOG, {"distinct_id": "u"}, "no_name"),
    (Flavour.POSTHOG, {"event": "e", "distinct_id": "u", "properties": "x"}, "bad_shape"),
    (Flavour.POSTHOG, {"event": "e", "distinct_id": "u", "$set": []}, "bad_shape"),
    (Flavour.POSTHOG, {"event": "$create_alias", "distinct_id": "u"}, "no_id"),
    (Flavour.POSTHOG, {"event": "$groupidentify", "distinct_id": "u"}, "no_id"),
    (Flavour.POSTHOG, {"event": "e", "distinct_id": "null"}, "bad_id"),
]


@pytest.mark.parametrize(("flavour", "item", "code"), REFUSED)
def test_what_is_refused_and_why(flavour: Flavour, item: Any, code: str) -> None:
    (entry,) = read(flavour, {"batch": [item]})
    assert entry.refused is not None
    assert entry.refused.code == code
    assert entry.edit is None


def test_deep_nesting_is_refused_alone() -> None:
    deep: Any = {"type": "track", "userId": "u", "event": "e", "properties": {}}
    inner = deep["properties"]
    for _ in range(400):
        inner["x"] = inner = {}
    good = {"type": "track", "userId": "u", "event": "e"}
    entries = read(Flavour.SEGMENT, {"batch": [deep, good]})
    assert [entry.refused and entry.refused.code for entry in entries] == ["too_deep", None]


def test_a_fault_of_ours_is_one_events_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(call: Any) -> PersonEdit:
        raise ZeroDivisionError

    monkeypatch.setitem(__import__("coterie.tracking.segment", fromlist=["_ROWS"])._ROWS, "page", broken)
    batch = [{"type": kind, "userId": "u", "event": "e"} for kind in ("track", "page", "track")]
    entries = read(Flavour.SEGMENT, {"batch": batch})
    assert [entry.refused and entry.refused.code for entry in entries] == [None, "internal_error", None]


# The envelope


def test_the_batchs_context_holds_for_all_its_events() -> None:
    batch = [
        {"type": "track", "userId": "u", "event": "e", "context": {"ip": "198.51.100.2"}},
        {"type": "track", "userId": "u", "event": "e"},
    ]
    shared = {"ip": "198.51.100.1", "library": {"name": "lib"}}
    edits = [entry.edit for entry in read(Flavour.SEGMENT, {"batch": batch, "context": shared})]
    assert [edit and edit.set["ip"] for edit in edits] == ["198.51.100.2", "198.51.100.1"]
    assert [edit and edit.set_once["integration"] for edit in edits] == ["lib", "lib"]


@pytest.mark.parametrize(
    ("flavour", "value"),
    [
        (Flavour.SEGMENT, {"sentAt": "2026-01-31T11:50:00Z", "batch": [{"timestamp": "2026-01-31T11:49:00Z"}]}),
        (Flavour.SEGMENT, {"sentAt": "2026-01-31T11:50:00Z", "batch": [{"originalTimestamp": "2026-01-31T11:49:00Z"}]}),
        (
            Flavour.SEGMENT,
            {"batch": [{"originalTimestamp": "2026-01-31T11:49:00Z", "sentAt": "2026-01-31T11:50:00Z"}]},
        ),
        (Flavour.POSTHOG, {"sent_at": "2026-01-31T11:50:00Z", "batch": [{"timestamp": "2026-01-31T11:49:00Z"}]}),
        (Flavour.POSTHOG, {"batch": [{"offset": 60_000}]}),
    ],
)
def test_where_the_time_of_sending_stands(flavour: Flavour, value: dict[str, Any]) -> None:
    for item in value["batch"]:
        item.update(type="track", userId="u", distinct_id="u", event="e")
    (entry,) = read(flavour, value)
    assert entry.edit is not None
    assert entry.edit.seen_at == AT - 60_000


def test_a_posthog_import_keeps_its_times() -> None:
    item = {"event": "e", "distinct_id": "u", "timestamp": "2026-01-31T11:49:00Z"}
    value = {"historical_migration": True, "sent_at": "2026-01-31T11:50:00Z", "batch": [item]}
    (entry,) = read(Flavour.POSTHOG, value)
    assert entry.edit is not None
    assert entry.edit.seen_at == AT - 11 * 60_000


def test_the_future_is_marked() -> None:
    edit = segment({"type": "track", "userId": "u", "event": "e", "timestamp": "2030-01-01T00:00:00Z"})
    (event,) = edit.events
    assert (event.time_ms, edit.seen_at) == (AT, AT)
    assert event.properties == {CLAIMED: "2030-01-01T00:00:00.000Z"}


def test_inactive_calls_are_no_visits() -> None:
    call = {"type": "track", "userId": "u", "event": "e", "timestamp": TIME}
    assert segment(call | {"context": {"active": False}}).seen_at is None
    assert segment(call | {"context": {"active": True}}).seen_at == AT


def test_the_address_of_a_browser() -> None:
    call = {"type": "track", "userId": "u", "event": "e"}
    assert segment(call, peer="203.0.113.9").set == {"ip": "203.0.113.9"}
    assert segment(call | {"context": {"ip": "198.51.100.7"}}, peer="203.0.113.9").set == {"ip": "198.51.100.7"}
    assert posthog({"event": "e", "distinct_id": "u"}, peer="203.0.113.9").set == {"ip": "203.0.113.9"}


def test_a_secret_key_is_trusted() -> None:
    edit = segment({"type": "track", "userId": "u", "event": "e"}, trusted=True)
    assert edit.origin is not None
    assert edit.origin[:2] == ("api", "key_1")


# Ids


@pytest.mark.parametrize(
    ("flavour", "item", "message_id"),
    [
        (Flavour.SEGMENT, {"messageId": "node-next-1700000000000-1b4e28ba"}, "node-next-1700000000000-1b4e28ba"),
        (Flavour.SEGMENT, {"messageId": 5}, "5"),
        (Flavour.SEGMENT, {"messageId": "m" * 5_000}, "m" * 5_000),
        (Flavour.SEGMENT, {}, "bat_1-0"),
        (Flavour.SEGMENT, {"messageId": ""}, "bat_1-0"),
        (Flavour.SEGMENT, {"messageId": None}, "bat_1-0"),
        (Flavour.SEGMENT, {"messageId": ["x"]}, "bat_1-0"),
        (Flavour.POSTHOG, {"uuid": "0190-x"}, "0190-x"),
        (Flavour.POSTHOG, {"properties": {"$insert_id": "i"}}, "i"),
        (Flavour.POSTHOG, {}, "bat_1-0"),
    ],
)
def test_message_ids(flavour: Flavour, item: dict[str, Any], message_id: str) -> None:
    call = {"type": "track", "userId": "u", "distinct_id": "u", "event": "e", **item}
    (entry,) = read(flavour, {"batch": [call]})
    assert entry.message_id == message_id
    assert entry.made_id is (message_id == "bat_1-0")
    assert len(entry.id_hash) == 16


def test_a_repeated_event_has_the_same_hash_and_another_one_has_not() -> None:
    first = {"type": "track", "userId": "u", "event": "e", "messageId": "m", "sentAt": TIME, "properties": {"a": 1}}
    again = {"properties": {"a": 1}, **first, "sentAt": "2026-01-31T13:00:00Z"}
    other = first | {"properties": {"a": 2}}
    one, two, three = (entry.body_hash for entry in read(Flavour.SEGMENT, {"batch": [first, again, other]}))
    assert one == two
    assert one != three


def test_a_part_of_a_batch() -> None:
    batch = [{"type": "track", "userId": "u", "event": f"e{number}"} for number in range(5)]
    arrival = Arrival(Route(Flavour.SEGMENT, BATCH), AT, "", "bat_1")
    part = list(read_entries({"batch": batch}, arrival, SOURCE, limits=limits.current(), first=2, last=4))
    assert [(entry.position, entry.message_id) for entry in part] == [(2, "bat_1-2"), (3, "bat_1-3")]


def test_source_is_the_name_of_the_key() -> None:
    assert segment({"type": "track", "userId": "u", "event": "e"}).set_once == ONE_SOURCE
