"""Every operation of every room against every kind of caller: what the permission table says is what happens."""

import base64
import re
from functools import cache
from typing import Any

import pytest
from django.test import Client
from ninja.operation import Operation

from coterie.accounts.models import Role
from coterie.accounts.permissions import AUTHENTICATED, LOGGED_IN, PERMISSIONS
from coterie.accounts.routes import Route
from coterie.web.api import all_routes, api
from tests.support.world import World

MEMBERS = {"alice": Role.OWNER, "ada": Role.ADMIN, "bob": Role.AGENT, "vera": Role.VIEWER}
CALLERS = ("nobody", "revoked", "write", "secret", "charlie", *MEMBERS)
ALLOWED = 0
# What is kept for a user: a key that may read people is let in, and told that it has none of its own.
USERS_ALONE = {("POST", "/workspaces/{slug}/views")}


def expected(route: Route, caller: str) -> int:
    """The status the table asks for; ALLOWED for anything that is not a refusal."""
    if caller in ("nobody", "revoked"):
        return 401
    if caller == "write":
        return 403
    if route.permission == AUTHENTICATED:
        return ALLOWED
    if route.permission == LOGGED_IN:
        return 403 if caller == "secret" else ALLOWED
    if caller == "charlie":
        return 404
    row = PERMISSIONS[route.permission]
    if caller == "secret":
        return ALLOWED if row.for_keys else 403
    return ALLOWED if MEMBERS[caller] in row.roles else 403


def address(route: Route, *, slug: str = "acme") -> str:
    """The route's path in a workspace, with made-up ids in its other places."""
    path = route.path.replace("{slug}", slug)
    return re.sub(r"{(int:)?[^}]+}", lambda found: "1" if found[1] else "x_01jd0000000000000000000000", path)


def test_it_works() -> None:
    names = [f"{route.method} {route.path}" for route in all_routes()]
    assert "GET /workspaces/{slug}/members" in names
    assert sum(example_of(route) is not None for route in all_routes()) > 20
    assert sum(asks_nothing(route) for route in all_routes()) > 20
    assert len(names) == len(set(names))


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return dict(api.get_openapi_schema())


def operation(route: Route) -> dict[str, Any]:
    """What the document says of a route."""
    path = "/api/v1" + re.sub(r"{\w+:", "{", route.path)
    found: dict[str, Any] = document()["paths"][path][route.method.lower()]
    return found


def example_of(route: Route) -> Any:
    """The documented example of the body; None where it takes none."""
    schema = operation(route).get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema.get("examples", [None])[0]


def asks_nothing(route: Route) -> bool:
    """Whether a read needs neither an id nor a parameter: whoever may, gets it."""
    needed = [each["name"] for each in operation(route).get("parameters", ()) if each.get("required")]
    return route.method == "GET" and set(needed) <= {"slug"}


@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_gets_what_the_table_says(world: World, caller: str) -> None:
    """Rights come first: who may not is told so whatever they send; who may gets to what they asked for."""
    api = world.api(caller)
    wrong = []
    for route in all_routes():
        wanted = expected(route, caller)
        for body in [None] if route.method == "GET" else [None, {"no such key": 1}, example_of(route)]:
            answer = api.call(route.method, address(route), body)
            fits = answer.status_code == wanted if wanted != ALLOWED else is_let_in(route, answer, body)
            if not fits:
                wrong.append(
                    (route.method, route.path, body, wanted, answer.status_code, getattr(answer, "content", b"")[:200])
                )
            elif wanted != ALLOWED:
                assert set(answer.json()) == {"code", "message", "details"}
    assert wrong == []


def is_let_in(route: Route, answer: Any, body: Any) -> bool:
    """Whether an answer is about what was asked for and not about who asks."""
    content = getattr(answer, "content", b"a stream")
    if answer.status_code == 403 and b"belong to a user" in content:
        return (route.method, route.path) in USERS_ALONE
    if answer.status_code in (401, 403, 500) or b"workspace_not_found" in content:
        return False
    if b'"index_rebuilding"' in content:
        # This world has no index: whoever learns that was let in.
        return True
    if asks_nothing(route):
        return bool(answer.status_code == 200)
    # Without a made-up id in its address, what is documented is understood.
    understood = body is None or body != example_of(route) or "{" in route.path.replace("{slug}", "")
    return understood or b'"invalid_input"' not in content


@pytest.mark.parametrize(("caller", "slug"), [("charlie", "acme"), ("secret", "other")])
def test_a_foreign_workspace_and_none_are_the_same(world: World, caller: str, slug: str) -> None:
    api = world.api(caller)
    for route in all_routes():
        if route.of_workspace:
            foreign = api.call(route.method, address(route, slug=slug))
            unknown = api.call(route.method, address(route, slug="no-such-workspace"))
            assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content), route
            assert foreign.status_code == 404, route


@pytest.mark.parametrize("scheme", ["Basic {}", "Bearer {}", "bearer {}", "Bearer  {} ", "{}", "Token {}"])
def test_a_write_key_never_reads(world: World, scheme: str) -> None:
    """However it is sent: it stands in the source of web pages."""
    token = world.write_token
    if scheme.startswith("Basic"):
        token = base64.b64encode(f"{token}:".encode()).decode()
    for route in all_routes():
        for query in ("", f"?writeKey={world.write_token}", f"?api_key={world.write_token}"):
            answer = Client().generic(
                route.method, f"/api/v1{address(route)}{query}", headers={"Authorization": scheme.format(token)}
            )
            assert answer.status_code in (401, 403), route


def test_a_missing_csrf_token_is_refused(world: World) -> None:
    alice = world.api("alice")
    alice.headers.clear()
    for route in all_routes():
        if route.method != "GET":
            answer = alice.call(route.method, address(route))
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf"), route


def test_no_operation_is_outside_the_table() -> None:
    documented = {
        (method.upper(), path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods
    }
    listed = {(route.method, "/api/v1" + re.sub(r"{\w+:", "{", route.path)) for route in all_routes()}
    assert documented == listed
    assert all(operation.auth_callbacks for operation in _operations())
    assert len(_operations()) == len(listed)


def test_every_permission_is_held_by_the_owner() -> None:
    for row in PERMISSIONS.values():
        assert Role.OWNER in row.roles
        assert row.description.endswith(".")


def _operations() -> list[Operation]:
    routers = [router for _, router in api._routers]
    return [each for router in routers for view in router.path_operations.values() for each in view.operations]
