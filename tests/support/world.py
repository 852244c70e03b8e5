"""The shared test world: Alice owns acme, Ada is its admin, Bob an agent, Vera a viewer; Charlie is a stranger."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from coterie.accounts import actions, audit
from coterie.accounts.models import ApiKey, KeyKind, Role, User, Workspace
from coterie.accounts.permissions import PERMISSIONS

PASSWORD = "correct horse battery"
API = "/api/v1"


class Api:
    """Sends JSON to the API as someone; with a session it keeps the CSRF rules of a browser."""

    def __init__(self, *, user: User | None = None, token: str | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers: dict[str, str] = {}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        if user is not None:
            self.client.force_login(user)
            session = self.client.get(f"{API}/session")
            self.headers["X-CSRFToken"] = session.json()["csrf_token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """One request to a path below /api/v1; `body` is sent as JSON."""
        data = b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method, API + path, data, content_type="application/json", headers=self.headers | headers
        )

    def get(self, path: str) -> HttpResponse:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("DELETE", path, body)


@dataclass(frozen=True)
class World:
    """Users, workspaces and keys that tests start from."""

    acme: Workspace
    other: Workspace
    alice: User
    ada: User
    bob: User
    vera: User
    charlie: User
    secret_key: ApiKey
    secret_token: str
    write_key: ApiKey
    write_token: str
    revoked_token: str

    def api(self, who: str) -> Api:
        """The API as `alice`, `ada`, `bob`, `vera`, `charlie`, `secret`, `write`, `revoked` or `nobody`."""
        tokens = {"secret": self.secret_token, "write": self.write_token, "revoked": self.revoked_token}
        if who in tokens:
            return Api(token=tokens[who])
        return Api() if who == "nobody" else Api(user=getattr(self, who))


def make_world() -> World:
    """Build the world in the database."""
    names = ("alice", "ada", "bob", "vera", "charlie")
    users = {name: actions.create_user(audit.SYSTEM, email=f"{name}@example.org", password=PASSWORD) for name in names}
    acme = actions.create_workspace(audit.SYSTEM, owner=users["alice"], slug="acme", name="Acme")
    other = actions.create_workspace(audit.SYSTEM, owner=users["charlie"], slug="other", name="Other")
    for name, role in (("ada", Role.ADMIN), ("bob", Role.AGENT), ("vera", Role.VIEWER)):
        actions.add_member(audit.SYSTEM, acme, email=f"{name}@example.org", role=role)
    scopes = [name for name, row in PERMISSIONS.items() if row.for_keys]
    secret_key, secret_token = actions.create_key(
        audit.SYSTEM, acme, kind=KeyKind.SECRET, name="server", scopes=scopes, created_by=users["alice"]
    )
    write_key, write_token = actions.create_key(audit.SYSTEM, acme, kind=KeyKind.WRITE, name="web page")
    revoked, revoked_token = actions.create_key(audit.SYSTEM, acme, kind=KeyKind.SECRET, name="old", scopes=scopes)
    actions.revoke_key(audit.SYSTEM, acme, key_id=revoked.public_id)
    return World(
        acme=acme,
        other=other,
        secret_key=secret_key,
        secret_token=secret_token,
        write_key=write_key,
        write_token=write_token,
        revoked_token=revoked_token,
        **users,
    )
