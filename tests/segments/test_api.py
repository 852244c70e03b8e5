"""The routes of segments, one after the other, as a client uses them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import KeyKind
from coterie.audience.projector import projector_of
from coterie.kit import clock
from coterie.segments import actions, memberships
from coterie.segments.models import SegmentSize, StaticMember
from tests.segments.conftest import SegmentsApi, Stage
from tests.support.world import Api

pytestmark = pytest.mark.server


def test_it_works(stage: Stage) -> None:
    api = stage.api("bob")
    ada = stage.put("ada", country="Italy")
    made = api.call("POST", "/segments", {"name": " Italy ", "where": 'country is "Italy"'}, expect=201)
    assert (made["name"], made["size"], made["kind"], made["revision"]) == ("Italy", 1, "dynamic", 1)
    assert made["sentence"] == 'country is "Italy"'
    assert made["created_by"] == f"user:{stage.users['bob'].public_id}"
    url = f"/segments/{made['id']}"
    assert api.call("GET", url) == made | {"uses": [], "computed_at": api.call("GET", url)["computed_at"]}
    page = api.call("GET", f"{url}/people")
    assert (page["total"], [person["number"] for person in page["items"]]) == (1, [ada])
    assert api.call("PATCH", url, {"where": "nobody", "revision": 1})["size"] == 0
    assert api.call("PATCH", url, {"name": "Late", "revision": 1}, expect=409)["code"] == "revision"
    assert api.call("POST", f"{url}/restore", {"revision": 1})["size"] == 1
    copy = api.call("POST", f"{url}/duplicate", {}, expect=201)
    assert (copy["name"], copy["size"]) == ("Italy (copy)", 1)
    api.call("DELETE", url, expect=204)
    api.call("GET", url, expect=404)
    assert [row["name"] for row in api.call("GET", "/segments")["items"]] == ["Italy (copy)"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": "S"}, "invalid_input"),
    ({"name": "S", "where": ""}, "invalid_input"),
    ({"name": "S", "where": "   "}, "invalid_input"),
    ({"name": "S", "where": "everyone", "people": [1]}, "invalid_input"),
    ({"name": "S", "kind": "static", "where": "everyone", "people": [1]}, "invalid_input"),
    ({"name": "S", "kind": "static", "people": [1, 77]}, "unknown_people"),
    ({"name": "S", "where": 'cuntry is "x"'}, "unknown_field"),
    ({"name": "S", "where": "country is"}, "filter_syntax"),
    ({"name": "S", "where": "everyone", "filter": {"version": 1, "root": {"type": "all", "of": []}}}, "invalid_input"),
    ({"name": "S", "filter": {"version": 2, "root": {"type": "all", "of": []}}}, "invalid_filter"),
    ({"name": " ", "where": "everyone"}, "invalid_input"),
    ({"name": "a\nb", "where": "everyone"}, "invalid_input"),
    ({"name": "x" * 121, "where": "everyone"}, "invalid_input"),
    ({"name": "S", "where": "everyone", "public_id": "seg_1"}, "invalid_input"),
    ({"name": "S", "kind": "moving", "where": "everyone"}, "invalid_input"),
    ({"name": "S", "kind": "static", "people": [0]}, "invalid_input"),
]


@pytest.mark.parametrize(("body", "code"), BAD)
def test_what_cannot_be_made(stage: Stage, body: dict[str, Any], code: str) -> None:
    stage.put("ada")
    stage.settle()
    error = stage.api().call("POST", "/segments", body, expect=400)
    assert error["code"] == code, error
    assert stage.api().call("GET", "/segments") == {"items": []}


def test_an_unknown_field_proposes_the_nearest(stage: Stage) -> None:
    error = stage.api().call("POST", "/segments", {"name": "S", "where": 'cuntry is "x"'}, expect=400)
    assert error["details"]["nearest"][0] == "country"


def test_names_are_taken_in_any_case(stage: Stage) -> None:
    api = stage.api()
    for name, status in (("Straße", 201), ("STRASSE", 409), ("straße ", 409), ("Strasse 2", 201)):
        api.call("POST", "/segments", {"name": name, "where": "everyone"}, expect=status)


def test_the_numbered_form_makes_a_segment(stage: Stage) -> None:
    stage.put("ada", country="Italy", city="Rome")
    bob = stage.put("bob", city="Rome")
    body = {
        "name": "S",
        "conditions": [
            {"type": "field", "field": "country", "op": "is", "value": "Italy"},
            {"type": "field", "field": "city", "op": "is", "value": "Rome"},
        ],
        "expression": "not 1 and 2",
    }
    made = stage.api().call("POST", "/segments", body, expect=201)
    assert (set(stage.index.named[made["id"]]), made["sentence"]) == (
        {bob},
        'not (country is "Italy") and city is "Rome"',
    )


def test_static_segments(stage: Stage) -> None:
    api = stage.api("bob")
    people = [stage.put(f"p{i}", country="Italy" if i < 3 else "Peru") for i in range(5)]
    made = api.call("POST", "/segments", {"name": "Hand", "kind": "static", "people": people[:2]}, expect=201)
    url = f"/segments/{made['id']}"
    assert (made["size"], made["filter"], made["sentence"]) == (2, None, None)
    assert api.call("POST", f"{url}/members", {"add": people[1:3], "remove": people[:1]}) == {"added": 1, "removed": 1}
    assert api.call("POST", f"{url}/members", {"add": people[1:3]}) == {"added": 0, "removed": 0}
    assert api.call("POST", f"{url}/members", {"add_where": "everyone"}) == {"added": 3, "removed": 0}
    assert api.call("POST", f"{url}/members", {"add": [1], "remove": [1]}, expect=400)
    assert api.call("POST", f"{url}/members", {"add": [999]}, expect=400)["code"] == "unknown_people"
    assert api.call("PATCH", url, {"where": "everyone"}, expect=409)["code"] == "static_segment"
    copy = api.call("POST", f"{url}/duplicate", {"name": "Copy"}, expect=201)
    assert copy["size"] == 5
    frozen = api.call(
        "POST", "/segments", {"name": "Frozen", "kind": "static", "where": 'country is "Italy"'}, expect=201
    )
    assert frozen["size"] == 3
    api.call("DELETE", url, expect=204)
    assert set(StaticMember.objects.of(stage.workspace).values_list("segment__name", flat=True)) == {"Copy", "Frozen"}


def test_a_dynamic_segment_takes_nobody_by_hand(stage: Stage) -> None:
    ada = stage.put("ada")
    made = stage.api().call("POST", "/segments", {"name": "D", "where": "nobody"}, expect=201)
    error = stage.api().call("POST", f"/segments/{made['id']}/members", {"add": [ada]}, expect=409)
    assert error["code"] == "dynamic_segment"


def test_saved_views_are_uses(stage: Stage) -> None:
    """They are counted, listed and hold up a deletion; a view that is not shared is its owner's alone to know of."""
    mine, other = stage.api("alice"), stage.api("ada")
    segment = mine.call("POST", "/segments", {"name": "Fans", "where": "everyone"}, expect=201)
    url = f"/segments/{segment['id']}"
    body = {"name": "My fans", "where": 'in segment "Fans" and country is "Italy"'}
    view = mine.call("POST", "/views", body, expect=201)
    use = {"kind": "view", "id": view["id"], "name": "My fans"}
    assert mine.call("GET", url)["uses"] == [use]
    assert [each["uses_count"] for each in mine.call("GET", "/segments")["items"]] == [1]
    assert [each["uses_count"] for each in other.call("GET", "/segments")["items"]] == [0]
    assert other.call("GET", url)["uses"] == []
    assert other.call("DELETE", url, expect=409)["details"] == {"uses": [], "elsewhere": True}
    mine.call("PATCH", f"/views/{view['id']}", {"shared": True})
    assert other.call("GET", url)["uses"] == [use]
    assert mine.call("DELETE", url, expect=409)["details"] == {"uses": [use], "elsewhere": False}
    mine.call("PATCH", f"/views/{view['id']}", {"where": "everyone"})
    mine.call("DELETE", url, expect=204)


def test_deleting_asks_for_its_uses(stage: Stage) -> None:
    api = stage.api()
    inner = api.call("POST", "/segments", {"name": "Inner", "where": "everyone"}, expect=201)
    outer = api.call("POST", "/segments", {"name": "Outer", "where": 'in segment "Inner"'}, expect=201)
    use = {"kind": "segment", "id": outer["id"], "name": "Outer"}
    assert api.call("GET", f"/segments/{inner['id']}")["uses"] == [use]
    error = api.call("DELETE", f"/segments/{inner['id']}", expect=409)
    assert error["details"] == {"uses": [use], "elsewhere": False}
    api.call("DELETE", f"/segments/{inner['id']}?force=true", expect=204)
    broken = api.call("GET", f"/segments/{outer['id']}")
    assert (broken["broken"], broken["size"]) == ("It uses a segment that was deleted.", 0)
    assert api.call("GET", f"/segments/{outer['id']}/people")["total"] == 0
    # Anyone may mend it: what is gone hides nothing.
    mended = api.call("PATCH", f"/segments/{outer['id']}", {"where": "everyone"})
    assert mended["broken"] is None


def test_cycles_are_refused_with_their_path(stage: Stage) -> None:
    api = stage.api()
    ids = {}
    for name, where in (("A", "everyone"), ("B", 'in segment "A"'), ("C", 'not in segment "B"')):
        ids[name] = api.call("POST", "/segments", {"name": name, "where": where}, expect=201)["id"]
    error = api.call("PATCH", f"/segments/{ids['A']}", {"where": 'in segment "C"'}, expect=400)
    assert all(f'"{name}"' in error["message"] for name in "ABC")
    assert api.call("PATCH", f"/segments/{ids['A']}", {"where": 'in segment "A"'}, expect=400)
    assert api.call("GET", f"/segments/{ids['A']}")["revision"] == 1


def test_favourites_come_first(stage: Stage) -> None:
    api = stage.api("vera")
    ids = {name: stage.dynamic(name, "everyone").public_id for name in ("B", "A", "C")}
    stage.settle()
    for _ in range(2):
        api.call("PUT", f"/segments/{ids['C']}/star", expect=204)
    assert [(row["name"], row["starred"]) for row in api.call("GET", "/segments")["items"]] == [
        ("C", True),
        ("A", False),
        ("B", False),
    ]
    assert [row["name"] for row in api.call("GET", "/segments?starred=true")["items"]] == ["C"]
    assert [row["name"] for row in api.call("GET", "/segments?search=b")["items"]] == ["B"]
    assert not any(row["starred"] for row in stage.api("bob").call("GET", "/segments")["items"])
    api.call("DELETE", f"/segments/{ids['C']}/star", expect=204)
    assert api.call("GET", "/segments?starred=true") == {"items": []}


def test_regions_of_five_segments(stage: Stage) -> None:
    people = [stage.put(f"p{i}", bits=str(i)) for i in range(1, 32)]
    sets = [stage.static(f"S{bit}", [people[i - 1] for i in range(1, 32) if i >> bit & 1]) for bit in range(5)]
    stage.settle()
    ids = [segment.public_id for segment in sets]
    found = stage.api().call("POST", "/segments/regions", {"segments": ids})["regions"]
    assert len(found) == 31
    assert {region["count"] for region in found} == {1}
    assert {tuple(region["inside"]) for region in found} == {
        tuple(ids[bit] for bit in range(5) if i >> bit & 1) for i in range(1, 32)
    }
    for wrong in (ids[:1], [*ids, ids[0]]):
        stage.api().call("POST", "/segments/regions", {"segments": wrong}, expect=400)


def test_history_names_people_only_to_those_who_may_see_them(stage: Stage) -> None:
    ada = stage.put("ada", country="Italy", name="Ada")
    bob = stage.put("bob", country="Italy", email="bob@example.com")
    cy = stage.put("cy", country="Italy")
    segment = stage.dynamic("Italy", 'country is "Italy"')
    stage.settle()
    url = f"/segments/{segment.public_id}/history"
    moves = stage.api("vera").call("GET", url)["transitions"]
    assert {move["number"]: move["name"] for move in moves} == {ada: "Ada", bob: "bob@example.com", cy: None}
    for scopes, shown in ((["segments:read", "people:read"], "Ada"), (["segments:read"], None)):
        _, token = accounts.create_key(audit.SYSTEM, stage.workspace, kind=KeyKind.SECRET, name="key", scopes=scopes)
        moves = SegmentsApi(Api(token=token), stage.api().base).call("GET", url)["transitions"]
        assert {move["number"]: move["name"] for move in moves}[ada] == shown
        assert len(moves) == 3


def test_history_tells_sizes_moves_and_definitions(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        ada, bob = stage.put("ada", country="Italy"), stage.put("bob", country="Peru")
        segment = stage.dynamic("Italy", 'country is "Italy"')
        stage.settle()
        time.move(timedelta(minutes=5))
        stage.put("bob", country="Italy")
        stage.settle()
        time.move(timedelta(seconds=20))
        stage.put("ada", country="Peru")
        stage.settle()
        time.move(timedelta(days=3))
        api, url = stage.api(), f"/segments/{segment.public_id}"
        history = api.call("GET", f"{url}/history")
        assert [(point["at"][11:16], point["size"], point["entered"], point["left"]) for point in history["sizes"]] == [
            ("12:00", 1, 1, 0),
            ("12:05", 1, 1, 1),
        ]
        assert (history["entered"], history["left"]) == (2, 1)
        assert [(move["number"], move["entered"]) for move in history["transitions"]] == [
            (ada, False),
            (bob, True),
            (ada, True),
        ]
        assert [(row["revision"], row["sentence"]) for row in history["revisions"]] == [(1, 'country is "Italy"')]
        later = api.call("GET", f"{url}/history?since=2026-03-10T12:04:00Z&until=2026-03-10T12:05:10Z")
        assert (later["entered"], later["left"]) == (1, 0)
        pages, cursor = [], ""
        for _ in range(3):
            page = api.call("GET", f"{url}/history?limit=1{cursor}")
            pages += page["transitions"]
            cursor = f"&cursor={page['next']}"
        assert pages == history["transitions"]
        assert page["next"] is None
        assert memberships.compact_sizes(stage.workspace.pk, before=clock.now()) == 1
        point = SegmentSize.objects.of(stage.workspace).get()
        assert (point.at.minute, point.size, point.entered, point.left) == (0, 1, 2, 1)


def test_people_of_a_past_instant(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        people = [stage.put(f"p{i}", score=i) for i in range(5)]
        segment = stage.dynamic("High", "score > 2")
        stage.settle()
        time.move(timedelta(hours=1))
        stage.put("p0", score=9)
        stage.put("p4", score=0)
        stage.settle()
        url = f"/segments/{segment.public_id}/people"
        expected = {
            "11:59:59": [],
            "12:00:00": [people[3], people[4]],
            "12:30:00": [people[3], people[4]],
            "13:00:00": [people[0], people[3]],
        }
        for time_of_day, numbers in expected.items():
            page = stage.api().call("GET", f"{url}?at=2026-03-10T{time_of_day}Z")
            assert [person["number"] for person in page["items"]] == numbers, time_of_day
        first = stage.api().call("GET", f"{url}?at=2026-03-10T12:30:00Z&limit=1")
        second = stage.api().call("GET", f"{url}?at=2026-03-10T12:30:00Z&limit=1&cursor={first['next']}")
        assert (first["total"], first["items"][0]["number"], second["items"][0]["number"]) == (2, people[3], people[4])
        assert second["next"] is None
        # The same from a snapshot that was taken later.
        projector_of(stage.workspace).rest()
        for time_of_day, numbers in expected.items():
            at = datetime.fromisoformat(f"2026-03-10T{time_of_day}Z")
            assert list(memberships.members_at(stage.workspace.pk, segment.pk, at)) == numbers


def test_segments_of_a_person(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        ada = stage.put("ada", country="Italy")
        stage.dynamic("Italy", 'country is "Italy"')
        stage.dynamic("Peru", 'country is "Peru"')
        stage.settle()
        time.move(timedelta(hours=1))
        actions.create_static(stage.access("bob"), name="Hand", numbers=[ada])
        stage.settle()
        found = stage.api().call("GET", f"/people/{ada}/segments")["items"]
        assert [(row["name"], row["since"], row["cause"]) for row in found] == [
            ("Hand", "2026-03-10T13:00:00.000Z", "hand"),
            ("Italy", "2026-03-10T12:00:00.000Z", "definition"),
        ]
        stage.api().call("GET", "/people/999/segments", expect=404)


def test_since_when_and_why_of_members(stage: Stage) -> None:
    with clock.frozen(datetime(2026, 3, 10, 12, tzinfo=UTC)) as time:
        ada, bob = stage.put("ada", score=5, name="Ada"), stage.put("bob", score=1)
        high = stage.dynamic("High", "score > 2")
        stage.settle()
        time.move(timedelta(hours=1))
        stage.put("bob", score=9)
        hand = actions.create_static(stage.access("bob"), name="Hand", numbers=[ada])
        stage.settle()
        stage.put("ada", score=0)
        stage.settle()
        time.move(timedelta(hours=1))
        stage.put("ada", score=7)
        stage.settle()
        expected = {
            (high, ""): {ada: ("14", "field", "score"), bob: ("13", "field", "score")},
            (high, "?at=2026-03-10T12:30:00Z"): {ada: None},
            (hand, ""): {ada: ("13", "hand", f"user:{stage.users['bob'].public_id}")},
        }
        for (segment, query), members in expected.items():
            page = stage.api().call("GET", f"/segments/{segment.public_id}/people{query}")
            found = {
                row["number"]: row["since"] and (row["since"][11:13], row["cause"], row["ref"]) for row in page["items"]
            }
            assert found == members, (segment.name, query)
        moves = stage.api().call("GET", f"/segments/{high.public_id}/history")["transitions"]
        assert {(move["number"], move["name"]) for move in moves} == {(ada, "Ada"), (bob, None)}


def test_segments_are_a_field_of_filters(stage: Stage) -> None:
    ada, bob = stage.put("ada", country="Italy"), stage.put("bob")
    stage.dynamic("Italy", 'country is "Italy"')
    stage.settle()
    for where, numbers in (('in segment "italy"', {ada}), ('not in segment "Italy"', {bob})):
        page = stage.api().call("GET", f"/people?where={where.replace(' ', '+')}")
        assert {person["number"] for person in page["items"]} == numbers


def test_hiding_through_the_api(stage: Stage) -> None:
    segment = stage.dynamic("S", "everyone")
    stage.settle()
    url, body = f"/segments/{segment.public_id}/hidden", {"roles": ["viewer"], "users": [stage.users["bob"].public_id]}
    assert stage.api("ada").call("PUT", url, body) == body
    assert stage.api("ada").call("GET", url) == body
    assert stage.api("bob").call("GET", "/segments") == {"items": []}
    error = stage.api("ada").call("PUT", url, {"users": ["usr_nobody"]}, expect=400)
    assert error["details"]["unknown"] == ["usr_nobody"]
    assert stage.api("ada").call("PUT", url, {}) == {"roles": [], "users": []}
    assert len(stage.api("bob").call("GET", "/segments")["items"]) == 1
