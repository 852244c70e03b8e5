"""The API object: every error in one shape, the document, and what every request passes."""

import functools
import json
import logging
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from coterie.accounts import queries
from coterie.kit.errors import CoterieError, Unavailable
from coterie.web.api import JsonRenderer, all_routes, api
from tests.support.world import World


def test_it_works(world: World) -> None:
    answer = world.api("alice").get("/session")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    created = world.api("alice").get("/workspaces/acme").json()["created_at"]
    assert len(created) == len("2026-01-31T09:00:00.000Z")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nope", 404, "not_found"),
        ("GET", "/api/v1/nope/", 404, "not_found"),
        ("GET", "/api/v2/session", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("POST", "/api/v1/nope", 404, "not_found"),
        ("POST", "/api/v1/a%0Ab", 404, "not_found"),
        ("PATCH", "/api/v1/workspaces/acme/people/-1", 404, "not_found"),
        ("GET", f"/api/v1/workspaces/acme/people/{'9' * 5000}", 404, "not_found"),
        ("PUT", "/api/v1/session", 405, "method_not_allowed"),
        ("HEAD", "/api/v1/session", 405, "method_not_allowed"),
        ("BREW", "/api/v1/session", 405, "method_not_allowed"),
        ("GET", "/api/v1/workspaces/a%00b", 400, "invalid_input"),
        ("GET", "/api/v1/workspaces/acme/audit?actor=%00", 400, "invalid_input"),
        ("GET", "/api/v1/session", 401, "unauthorized"),
    ],
)
@pytest.mark.server
@pytest.mark.django_db
def test_errors_have_one_shape(method: str, path: str, status: int, code: str) -> None:
    answer = Client().generic(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json")
    if method != "HEAD":
        assert (set(answer.json()), answer.json()["code"]) == ({"code", "message", "details"}, code)
    if status == 405:
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "PATCH"}


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://localhost:8000"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/session", 200),
        ("GET", "/api/v1/workspaces/acme", 200),
        ("GET", "/api/v1/workspaces/other", 404),
        ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/api/v1/nope", 404),
        ("PUT", "/api/v1/session", 405),
        ("OPTIONS", "/api/v1/session", 405),
        ("OPTIONS", "/api/v1/workspaces/acme/people", 405),
    ],
)
def test_other_sites_get_nothing(world: World, method: str, path: str, status: int, origin: str | None) -> None:
    """No answer may be read, framed, sniffed or kept by anyone else; there is no cross-origin access at all."""
    alice = world.api("alice")
    headers = dict(alice.headers)
    if origin is not None:
        headers |= {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = alice.client.generic(method, path, b"{}", content_type="application/json", headers=headers)
    assert answer.status_code == status
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not {"Server", "X-Powered-By"} & set(answer.headers)


@pytest.mark.parametrize(
    ("origin", "status"), [(None, 201), ("http://testserver", 201), ("https://evil.example", 403), ("null", 403)]
)
def test_other_sites_change_nothing(world: World, origin: str | None, status: int) -> None:
    """Even with the right token: a session's request comes from our own pages."""
    alice = world.api("alice")
    if origin is not None:
        alice.headers["Origin"] = origin
    answer = alice.post("/workspaces", {"slug": "new", "name": "New"})
    assert answer.status_code == status, answer.content


def test_a_key_that_is_refused_is_told_how(world: World) -> None:
    for token in ("", "sk_wrong", world.revoked_token, "\u00e9"):
        answer = Client().get("/api/v1/workspaces/acme", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert token.encode() not in answer.content or not token


@pytest.mark.parametrize(
    ("query", "unknown"), [("?wher=x", ["wher"]), ("?where=x&a=1&b=2", ["a", "b", "where"]), ("?=1", [""])]
)
def test_a_parameter_that_is_not_there_is_refused(world: World, query: str, unknown: list[str]) -> None:
    answer = world.api("alice").get(f"/workspaces/acme/audit{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
    assert answer.json()["details"] == {"unknown": unknown, "expected": ["action", "actor", "cursor", "limit"]}


def test_what_json_can_not_hold_is_answered_all_the_same() -> None:
    kept = {"big": 10**40, "half": "\ud800", "deep": functools.reduce(lambda inner, _: [inner], range(300), 1)}
    made = JsonRenderer().render(HttpRequest(), kept, response_status=200)
    assert json.loads(made) == kept


@pytest.mark.django_db
def test_a_foreign_host_is_refused_in_the_same_shape() -> None:
    answer = Client().get("/api/v1/session", headers={"Host": "evil.example"})
    assert (answer.status_code, set(answer.json())) == (400, {"code", "message", "details"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"slug": "x", "name": NaN}',
        b'{"slug": "x", "name": "\\ud800"}',
        b'{"slug": "x", "name": "a\\u0000b"}',
        b'{"slug": "x", "name": "\xff"}',
        b'{"slug": "x", "name": "x", "\\u0000": 1}',
        b"[" * 100_000,
        b'"text"',
        b"null",
        b'{"slug": 5, "name": "x"}',
        b'{"slug": "x", "name": "x", "role": "owner"}',
    ],
)
def test_a_body_that_can_not_be_used_is_400(world: World, body: bytes) -> None:
    alice = world.api("alice")
    answer = alice.client.generic(
        "POST", "/api/v1/workspaces", body, content_type="application/json", headers=alice.headers
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "details"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"slug": "x", "name": }', "not valid JSON: unexpected character, expected a JSON value: line 1 column 23"),
        (b'{"slug": "x", "name": "a\\u0000b"}', "the character NUL"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(world: World, body: bytes, said: str) -> None:
    alice = world.api("alice")
    answer = alice.client.generic(
        "POST", "/api/v1/workspaces", body, content_type="application/json", headers=alice.headers
    )
    assert answer.status_code == 400
    assert said in answer.json()["message"]


@pytest.mark.server
def test_the_letters_backslash_u0000_are_no_nul(world: World) -> None:
    body = {"slug": "x", "name": "\\u0000"}
    assert b"\\u0000" in json.dumps(body).encode()
    assert world.api("alice").post("/workspaces", body).status_code == 201


def test_a_wrong_value_is_named_and_not_repeated(world: World) -> None:
    answer = world.api("alice").post("/workspaces", {"slug": "hidden VALUE", "name": "x", "extra": 1})
    problems = answer.json()["details"]["problems"]
    assert {problem["path"] for problem in problems} == {"slug", "extra"}
    assert b"hidden VALUE" not in answer.content
    problems = world.api("alice").get("/workspaces/acme/audit?limit=0").json()["details"]["problems"]
    assert [problem["path"] for problem in problems] == ["limit"]


@pytest.mark.parametrize(
    ("raised", "status", "headers"),
    [
        (Unavailable("The index is being built.", retry_after=7), 503, {"Retry-After": "7"}),
        (RuntimeError("a secret reason"), 500, {}),
        (CoterieError("Known."), 500, {}),
    ],
)
def test_what_is_raised_inside_is_answered(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    raised: Exception,
    status: int,
    headers: dict[str, str],
) -> None:
    def broken(*_args: Any) -> Any:
        raise raised

    alice = world.api("alice")
    monkeypatch.setattr(queries, "members", broken)
    with caplog.at_level(logging.ERROR, "coterie.web.errors"):
        answer = alice.get("/workspaces/acme/members")
    assert answer.status_code == status
    assert headers.items() <= dict(answer.headers).items()
    assert b"secret reason" not in answer.content
    assert "secret reason" not in caplog.text
    assert ("Traceback" in caplog.text) is isinstance(raised, RuntimeError)


def test_the_document_says_permission_security_and_errors_of_each_operation() -> None:
    document = json.loads(json.dumps(api.get_openapi_schema()))
    assert set(document["components"]["securitySchemes"]) == {"sessionAuth", "bearer"}
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len(operations) == len(all_routes())
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["x-permission"]
        assert {"sessionAuth": []} in operation["security"]
        for status in ("400", "401", "403", "404", "409", "413", "429", "503"):
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorBody"}


@pytest.mark.django_db
def test_the_document_and_its_page_are_served() -> None:
    assert Client().get("/api/v1/openapi.json").json()["info"]["title"] == "Coterie"
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    assert b"cdn" not in page.content


def test_every_shape_has_a_name_of_its_own() -> None:
    from coterie.kit.schemas import Body, Out

    # In the document the second of two would silently take the place of the first.
    names = [f"{shape.__module__}.{shape.__name__}" for base in (Body, Out) for shape in _below(base)]
    last = [name.rsplit(".", 1)[1] for name in names]
    assert [name for name in names if last.count(name.rsplit(".", 1)[1]) > 1] == []


def _below(shape: type[Any]) -> list[type[Any]]:
    return [each for child in shape.__subclasses__() for each in (child, *_below(child))]
