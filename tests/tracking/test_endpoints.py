"""The endpoints as clients see them: paths, keys, answers, CORS, bodies. Nothing is stored here."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from coterie.tracking import limits, throttle
from coterie.tracking.reading import unpack
from coterie.tracking.throttle import BUDGET
from coterie.tracking.wire import ROUTES
from tests.support.asgi import Reply, send
from tests.tracking.conftest import KEY, Endpoints

TRACK = {"userId": "u1", "event": "Purchased", "messageId": "m1"}
BATCH = {"batch": [{"type": "track", **TRACK}]}
CAPTURE = {"api_key": KEY, "event": "Purchased", "distinct_id": "u1", "uuid": "m1"}


def test_it_works(server: Endpoints) -> None:
    reply = server.post("/v1/batch", BATCH)
    assert (reply.status, reply.json) == (200, {"success": True})
    (row,) = server.stored
    assert json.loads(unpack(row.body, row.packed)) == BATCH
    assert (row.workspace_id, row.source_id, row.flavour, row.call, row.item_count) == (1, 1, "segment", "batch", 1)


SINGLE: dict[str, dict[str, Any]] = {
    "identify": {"userId": "u1", "traits": {"plan": "pro"}},
    "track": {"userId": "u1", "event": "Purchased"},
    "page": {"anonymousId": "a1", "name": "Home"},
    "screen": {"anonymousId": "a1", "name": "Start"},
    "group": {"userId": "u1", "groupId": "g1"},
    "alias": {"userId": "u1", "previousId": "a1"},
}
SINGLE |= {name[0]: body for name, body in SINGLE.items()}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("name", SINGLE)
def test_each_single_call_has_its_path_and_its_letter(server: Endpoints, name: str, slash: str) -> None:
    reply = server.post(f"/v1/{name}{slash}", {"messageId": "m", **SINGLE[name]})
    assert (reply.status, reply.json) == (200, {"success": True})
    assert server.stored[0].call.startswith(name)


@pytest.mark.parametrize("path", ["/v1/b", "/v1/b/", "/v1/batch", "/v1/batch/"])
def test_batches_of_segment(server: Endpoints, path: str) -> None:
    assert server.post(path, BATCH).json == {"success": True}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ["/batch", "/e", "/capture", "/i/v0/e", "/i/v0/ai/batch"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(CAPTURE, id="one event"),
        pytest.param({"api_key": KEY, "batch": [CAPTURE]}, id="batch"),
        pytest.param([{"event": "e", "uuid": "1", "properties": {"token": KEY, "distinct_id": "d"}}], id="list"),
    ],
)
def test_paths_and_bodies_of_posthog(server: Endpoints, path: str, slash: str, body: Any) -> None:
    reply = server.post(path + slash, body, key=None)
    assert (reply.status, reply.json) == (200, {"status": "Ok"})
    assert server.stored[0].item_count == 1


@pytest.mark.parametrize("path", ["/i/v1/analytics/events", "/i/v1/analytics/events/"])
def test_the_newer_interface_of_posthog_tells_of_each_event(server: Endpoints, path: str) -> None:
    """As posthog-python 7 sends with its capture mode "v1": the key as a Bearer token and none in the body."""
    event = {"event": "Purchased", "distinct_id": "u1", "timestamp": "2026-01-31T09:00:00+00:00", "options": {}}
    batch = [{**event, "uuid": "e1", "properties": {"$set": {"plan": "pro"}}}, {"uuid": "e2", "event": ""}]
    headers = {"authorization": f"Bearer {KEY}", "posthog-sdk-info": "posthog-python/7.91.1"}
    reply = server.post(path, {"created_at": "2026-01-31T09:00:01+00:00", "batch": batch}, key=None, headers=headers)
    assert reply.status == 200
    results = reply.json["results"]
    assert results["e1"] == {"result": "ok"}
    assert results["e2"]["result"] == "drop"
    assert "set aside" in results["e2"]["details"]
    assert (server.stored[0].item_count, server.stored[0].flavour) == (2, "posthog")
    refused = server.post(path, {"batch": batch}, key=None)
    assert (refused.status, refused.json["code"]) == (401, "bad_write_key")


@pytest.mark.parametrize("path", ["/flags/?v=2", "/flags?v=4", "/decide/?v=3", "/decide"])
def test_there_are_no_flags_and_clients_are_told_so(server: Endpoints, path: str) -> None:
    reply = server.post(path, {"api_key": KEY, "distinct_id": "u"}, key=None)
    assert reply.status == 200
    assert reply.json["flags"] == {}
    assert reply.json["featureFlags"] == {}
    assert reply.json["errorsWhileComputingFlags"] is False
    assert server.post(path, {"api_key": "other"}, key=None).status == 401
    assert server.stored == []


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/x", "/v1/batch/x", "/api/v1/session", "/batch//", "/V1/batch"]
)
def test_other_paths_are_handed_on(server: Endpoints, path: str) -> None:
    assert server.post(path, BATCH).content == b"handed on"


def test_no_path_is_answered_with_a_redirect(server: Endpoints) -> None:
    for path in ROUTES:
        assert server.post(path, {}).status in (200, 400), path


# Keys


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}, BATCH),
        ({"authorization": "Basic " + base64.b64encode(KEY.encode()).decode()}, BATCH),
        ({"authorization": "basic " + base64.b64encode(f"{KEY}:x".encode()).decode().rstrip("=")}, BATCH),
        ({"authorization": f"Bearer {KEY}"}, BATCH),
        ({"authorization": "Bearer an.oauth.token"}, {**BATCH, "writeKey": KEY}),
        ({}, {**BATCH, "writeKey": KEY}),
        ({}, {**BATCH, "api_key": KEY}),
        ({}, {**BATCH, "token": KEY}),
        ({}, {"batch": [{"type": "track", "writeKey": KEY, **TRACK}]}),
    ],
)
def test_where_a_key_may_stand(server: Endpoints, headers: dict[str, str], body: Any) -> None:
    assert server.post("/v1/batch", body, key=None, headers=headers).status == 200


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BATCH),
        ({}, {**BATCH, "writeKey": "wk_other"}),
        ({}, {**BATCH, "writeKey": ""}),
        ({}, {**BATCH, "writeKey": 5}),
        ({}, []),
        ({"authorization": "Bearer wk_other"}, {**BATCH, "writeKey": KEY}),
        ({"authorization": "Basic ?"}, BATCH),
        ({"authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()}, BATCH),
        ({"authorization": "Digest x"}, BATCH),
    ],
)
def test_without_a_known_key_nothing_is_taken(server: Endpoints, headers: dict[str, str], body: Any) -> None:
    reply = server.post("/v1/batch", body, key=None, headers=headers)
    assert reply.status == 401
    assert reply.json["code"] == "bad_write_key"
    assert reply.json["message"]
    assert server.stored == []


def test_what_is_stored_holds_no_key(server: Endpoints) -> None:
    server.post("/batch/", {"api_key": KEY, "batch": [{**CAPTURE, "properties": {"token": KEY}}]}, key=None)
    (row,) = server.stored
    assert KEY.encode() not in unpack(row.body, row.packed)


# CORS


@pytest.mark.parametrize("path", ["/v1/t", "/e/", "/flags/", "/v1/batch"])
def test_any_site_may_send(server: Endpoints, path: str) -> None:
    asked = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    wanted = "authorization,content-type,x-retry-count"
    reply = send(server.app, path, method="OPTIONS", headers=asked | {"access-control-request-headers": wanted})
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-headers"] == wanted
    plain = send(server.app, path, method="OPTIONS", headers=asked | {"access-control-request-headers": "a\x00b"})
    assert "x-retry-count" in plain.headers["access-control-allow-headers"]


def test_errors_can_be_read_by_a_page_too(server: Endpoints) -> None:
    reply = server.post("/v1/t", b"{", headers={"origin": "https://shop.example"})
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "retry-after" in reply.headers["access-control-expose-headers"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_refused_in_json(server: Endpoints, method: str) -> None:
    reply = send(server.app, "/v1/track", method=method)
    assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")


# Bodies


def _form(text: bytes) -> bytes:
    return b"data=" + quote(text, safe="").encode()


TEXT = json.dumps({**CAPTURE, "properties": {"name": "Zoë ?>~ ÿ"}}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(TEXT, {"content-type": "application/json"}, id="json"),
        pytest.param(TEXT, {"content-type": "text/plain"}, id="text/plain"),
        pytest.param(TEXT, {}, id="no type"),
        pytest.param(TEXT, {"content-type": "application/x-www-form-urlencoded"}, id="json called a form"),
        pytest.param(b"\xef\xbb\xbf \r\n" + TEXT + b"\n", {}, id="byte order mark and space"),
        pytest.param(gzip.compress(TEXT), {"content-encoding": "gzip"}, id="gzip"),
        pytest.param(gzip.compress(TEXT), {}, id="gzip by its first bytes"),
        pytest.param(
            gzip.compress(TEXT),
            {"content-encoding": "gzip", "content-type": "application/x-www-form-urlencoded"},
            id="gzip called a form",
        ),
        pytest.param(TEXT, {"content-encoding": "gzip"}, id="called gzip and is not"),
        pytest.param(gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:]) + b"\0\0", {}, id="gzip in two members"),
        pytest.param(zlib.compress(TEXT), {"content-encoding": "deflate"}, id="deflate"),
        pytest.param(_form(TEXT), {"content-type": "application/x-www-form-urlencoded"}, id="form"),
        pytest.param(_form(base64.b64encode(TEXT)), {}, id="base64 in a form"),
        pytest.param(b"data=" + base64.b64encode(TEXT), {}, id="base64 in a form, not quoted"),
        pytest.param(_form(base64.b64encode(gzip.compress(TEXT))), {}, id="gzip in base64 in a form"),
        pytest.param(b"compression=base64&data=" + quote(base64.b64encode(TEXT)).encode(), {}, id="form of two"),
        pytest.param(base64.b64encode(TEXT), {"content-type": "text/plain"}, id="base64"),
        pytest.param(base64.urlsafe_b64encode(TEXT).rstrip(b"="), {}, id="url-safe base64 without padding"),
    ],
)
def test_json_is_found_however_it_is_wrapped(server: Endpoints, body: bytes, headers: dict[str, str]) -> None:
    reply = server.post("/e/", body, key=None, headers=headers)
    assert (reply.status, reply.json) == (200, {"status": "Ok"})
    stored = json.loads(unpack(server.stored[0].body, server.stored[0].packed))
    assert stored["properties"]["name"] == "Zoë ?>~ ÿ"


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("data=" + quote(TEXT, safe=""), id="json"),
        pytest.param("data=" + base64.b64encode(TEXT).decode(), id="base64, not quoted"),
        pytest.param("ip=1&_=1769850000000&ver=1.2&data=" + quote(base64.b64encode(TEXT), safe=""), id="base64"),
        pytest.param("compression=gzip-js&data=" + quote(base64.b64encode(gzip.compress(TEXT)), safe=""), id="gzip"),
        pytest.param("data=" + quote(json.dumps([json.loads(TEXT)] * 30), safe=""), id="a long list"),
    ],
)
@pytest.mark.parametrize("path", ["/e/", "/e", "/i/v0/e/", "/capture/"])
def test_events_in_the_address(server: Endpoints, path: str, query: str) -> None:
    """A page that is being left, or may send no request but a picture's, puts them there."""
    reply = send(server.app, f"{path}?{query}", method="GET")
    assert (reply.status, reply.json) == (200, {"status": "Ok"})
    stored = json.loads(unpack(server.stored[0].body, server.stored[0].packed))
    event = stored[0] if isinstance(stored, list) else stored
    assert event["properties"]["name"] == "Zoë ?>~ ÿ"
    assert KEY not in json.dumps(stored)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/e/", 405, "method_not_allowed"),
        ("/e/?ip=1", 405, "method_not_allowed"),
        ("/e/?data=", 405, "method_not_allowed"),
        ("/e/?data=x", 400, "bad_json"),
        ("/e/?data=%7B%22event%22%3A1%7D", 401, "bad_write_key"),
        ("/v1/track?data=%7B%7D", 405, "method_not_allowed"),
    ],
)
def test_an_address_without_usable_events(server: Endpoints, path: str, status: int, code: str) -> None:
    reply = send(server.app, path, method="GET")
    assert (reply.status, reply.json["code"]) == (status, code)
    assert server.stored == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "empty_body", id="nothing"),
        pytest.param(b"  \n", "empty_body", id="only space"),
        pytest.param(b"{", "bad_json", id="cut"),
        pytest.param(b"hello", "bad_json", id="a word that is base64 too"),
        pytest.param(b"null", "bad_json_shape", id="null"),
        pytest.param(b'"text"', "bad_json_shape", id="text"),
        pytest.param(b'{"batch":[{"a":NaN}]}', "bad_json", id="NaN"),
        pytest.param(b'{"batch":[{"a":-Infinity}]}', "bad_json", id="infinity"),
        pytest.param(b'{"batch":[{"a":1e999}]}', "bad_json", id="too large a number"),
        pytest.param(b'{"batch":["\xff"]}', "bad_utf8", id="not UTF-8"),
        pytest.param(b'{"batch":["\xed\xa0\x80"]}', "bad_utf8", id="a surrogate as bytes"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "too_deep", id="nested 100,000 deep"),
        pytest.param(b"\x1f\x8bnot gzip", "bad_gzip", id="broken gzip"),
        pytest.param(gzip.compress(b"{}" * 999)[:-9], "bad_gzip", id="cut gzip"),
        pytest.param(b"a=1&" * 30, "bad_form", id="a form of 30 fields"),
        pytest.param(b"data=", "empty_body", id="an empty form"),
        pytest.param(b"{}", "bad_shape", id="no batch"),
        pytest.param(b'{"batch":{}}', "bad_shape", id="batch is an object"),
        pytest.param(b'{"batch":null}', "bad_shape", id="batch is null"),
    ],
)
def test_a_bad_body_gets_a_clear_400(server: Endpoints, body: bytes, code: str) -> None:
    reply = server.post("/v1/batch", body)
    assert reply.status == 400
    assert reply.json["code"] == ("bad_shape" if code == "bad_json_shape" else code)
    assert isinstance(reply.json["message"], str)
    assert server.stored == []


def test_an_unknown_encoding_is_named(server: Endpoints) -> None:
    reply = server.post("/v1/batch", b"x", headers={"content-encoding": "br"})
    assert (reply.status, reply.json["code"]) == (400, "unknown_encoding")
    assert "br" in reply.json["message"]


def test_half_an_emoji_costs_nothing_but_itself(server: Endpoints) -> None:
    text = json.dumps({"batch": [{"type": "track", **TRACK, "properties": {"t": "cut \ud83d", "\udc00": 1}}]})
    reply = server.post("/v1/batch", text.encode())
    assert reply.json == {"success": True}
    stored = json.loads(unpack(server.stored[0].body, server.stored[0].packed))
    assert stored["batch"][0]["properties"] == {"t": "cut \ufffd", "\ufffd": 1}


# Limits


def _of_size(size: int) -> dict[str, Any]:
    """A call of exactly that many bytes of compact JSON."""
    call = {"type": "track", **TRACK, "properties": {"pad": ""}}
    call["properties"] = {"pad": "x" * (size - len(_compact(call)))}
    assert len(_compact(call)) == size
    return call


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 413)])
def test_a_call_may_have_32_kb(server: Endpoints, more: int, status: int, packed: bool) -> None:
    body = _compact(_of_size(32 * 1024 + more))
    reply = server.post("/v1/track", gzip.compress(body) if packed else body)
    assert reply.status == status
    assert status == 200 or (reply.json["code"], reply.json["details"]) == ("too_large", {"limit": 32 * 1024})


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 413)])
def test_a_batch_may_have_500_kb(server: Endpoints, more: int, status: int, packed: bool) -> None:
    small = [_of_size(25_000) for _ in range(20)]
    rest = 500 * 1024 + more - len(_compact({"batch": small})) - 1
    body = _compact({"batch": [*small, _of_size(rest)]})
    assert len(body) == 500 * 1024 + more
    assert server.post("/v1/batch", gzip.compress(body) if packed else body).status == status


@pytest.mark.parametrize(("count", "status"), [(2_499, 200), (2_500, 200), (2_501, 413)])
def test_a_batch_may_have_2500_events(server: Endpoints, count: int, status: int) -> None:
    event = {"type": "track", "userId": "u", "event": "e"}
    reply = server.post("/v1/batch", {"batch": [event] * count})
    assert reply.status == status
    assert status == 200 or reply.json["code"] == "too_many_events"


@pytest.mark.parametrize(("more", "refused"), [(-1, False), (0, False), (1, True)])
def test_one_event_too_large_does_not_cost_the_others(server: Endpoints, more: int, refused: bool) -> None:
    reply = server.post("/v1/batch", {"batch": [BATCH["batch"][0], _of_size(32 * 1024 + more)]})
    assert reply.status == 200
    assert [result["code"] for result in reply.json.get("results", [])] == (["too_large"] if refused else [])


def test_posthog_may_send_20_mb(server: Endpoints) -> None:
    with limits.changed(posthog_bytes=50_000, posthog_item_bytes=10_000):
        good = {"api_key": KEY, "batch": [CAPTURE, {**CAPTURE, "uuid": "2", "properties": {"x": "y" * 10_000}}]}
        reply = server.post("/batch/", good, key=None)
        assert reply.json["status"] == "Ok"
        assert [(one["index"], one["code"]) for one in reply.json["results"]] == [(1, "too_large")]
        assert server.post("/batch/", {"api_key": KEY, "batch": ["x" * 50_000]}, key=None).status == 413
    assert limits.current().posthog_bytes == 20 * 1024 * 1024
    assert limits.current().posthog_item_bytes == 1024 * 1024


@pytest.mark.parametrize(("path", "size"), [("/v1/batch", 100 * 1024 * 1024), ("/batch/", 100 * 1024 * 1024)])
def test_a_gzip_bomb_is_stopped_early(server: Endpoints, path: str, size: int) -> None:
    bomb = gzip.compress(b" " * size, 9)
    assert len(bomb) < 110_000
    reply = server.post(path, bomb)
    assert reply.status == 413
    assert reply.json["code"] in ("too_large", "inflates_too_much")


def test_the_ratio_is_limited_below_the_size_too(server: Endpoints) -> None:
    reply = server.post("/batch/", gzip.compress(b"[" + b" " * 5_000_000 + b"]", 9))
    assert (reply.status, reply.json["code"]) == (413, "inflates_too_much")


def test_bytes_are_counted_as_they_come(server: Endpoints) -> None:
    # A client that lies about the length, or sends none, is stopped at the same place.
    for headers in ({"content-length": "10"}, {}):
        reply = server.post("/v1/batch", chunks=[b"x" * 10_000] * 100, headers=headers)
        assert reply.status == 413


def test_a_slow_body_is_given_up(server: Endpoints) -> None:
    with limits.changed(body_seconds=0.05):
        reply = server.post("/v1/batch", chunks=[b"{"] * 100, pause=0.02)
    assert (reply.status, reply.json["code"]) == (503, "slow_body")
    assert reply.headers["retry-after"] == "1"


def test_a_client_that_leaves_gets_no_answer_and_stores_nothing(server: Endpoints) -> None:
    reply: Reply = server.post("/v1/batch", chunks=[json.dumps(BATCH).encode(), b""], disconnect=True)
    assert reply.status == 0
    assert server.stored == []


# Pressure


def test_too_many_requests_a_second(server: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: 1_000.0))
    with limits.changed(requests_per_second=3):
        replies = [server.post("/v1/t", TRACK) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert replies[3].json["code"] == "rate_limited"
    assert replies[3].headers["retry-after"] == "1"
    assert replies[3].headers["x-ratelimit-reset"] == "1"


def test_too_much_held_at_once(server: Endpoints) -> None:
    with limits.changed(held_bytes=1_000), BUDGET.hold(900):
        reply = server.post("/v1/t", TRACK, headers={"content-length": "200"})
        assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "busy", "2")
    assert server.post("/v1/t", TRACK).status == 200


# Events that can't be used


def test_a_bad_event_in_a_good_batch_is_told_alone(server: Endpoints) -> None:
    batch = [BATCH["batch"][0], {"type": "track", "event": "e", "messageId": "m2"}, 5, {"type": "track", **TRACK}]
    reply = server.post("/v1/batch", {"batch": batch})
    assert reply.status == 200
    assert reply.json["success"] is True
    assert [(one["index"], one["code"]) for one in reply.json["results"]] == [(1, "no_id"), (2, "bad_shape")]
    assert reply.json["results"][0]["messageId"] == "m2"
    assert server.stored[0].item_count == 4


def test_a_bad_event_alone_is_a_400_that_says_why(server: Endpoints) -> None:
    reply = server.post("/v1/track", {"event": "e"})
    assert (reply.status, reply.json["code"]) == (400, "no_id")
    assert "userId" in reply.json["message"]
    assert server.stored == []


def test_an_id_made_here_is_told(server: Endpoints) -> None:
    reply = server.post("/v1/batch", {"batch": [{"type": "track", "userId": "u", "event": "e"}, BATCH["batch"][0]]})
    assert list(reply.json["messageIds"]) == ["0"]
    assert reply.json["messageIds"]["0"] == f"{server.stored[0].token}-0"


def test_an_empty_batch_is_fine_and_stores_nothing(server: Endpoints) -> None:
    assert server.post("/v1/batch", {"batch": []}).json == {"success": True}
    assert server.stored == []


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        ({}, ""),
        ({"user-agent": "analytics-python/2.4.0"}, ""),
        ({"user-agent": "Mozilla/5.0"}, "203.0.113.9"),
        ({"origin": "https://shop.example"}, "203.0.113.9"),
    ],
)
def test_the_address_counts_only_when_it_is_the_persons(server: Endpoints, headers: dict[str, str], peer: str) -> None:
    server.post("/v1/t", TRACK, headers=headers)
    assert server.stored[0].peer == peer


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer"),
    [
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        (2, "192.0.2.1, 198.51.100.1, 198.51.100.2", "198.51.100.1"),
        (1, "unknown", ""),
        (2, "198.51.100.1", "203.0.113.9"),
    ],
)
def test_the_address_behind_proxies(server: Endpoints, settings: Any, proxies: int, forwarded: str, peer: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    server.post("/v1/t", TRACK, headers={"origin": "https://shop.example", "x-forwarded-for": forwarded})
    assert server.stored[0].peer == peer
