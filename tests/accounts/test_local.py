"""Commands on this machine act for an owner; nobody else can."""

import pytest
from django.test import Client

from coterie.accounts.local import PREFIX, accepted
from coterie.accounts.models import AuditEntry
from tests.support.world import World

TOKEN = PREFIX + "x" * 43
ACME = "/api/v1/workspaces/acme"


def status(path: str = ACME, *, token: str = TOKEN, address: str = "127.0.0.1", **headers: str) -> int:
    sent = {"Authorization": f"Bearer {token}"} | headers
    return Client().get(path, headers=sent, REMOTE_ADDR=address).status_code


def test_it_works(world: World) -> None:
    with accepted(TOKEN):
        assert status() == 200
        assert status("/api/v1/workspaces/other") == 200
        assert status(f"{ACME}/keys") == 200
    assert status() == 401


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 200),
        ({"address": "::1"}, 200),
        ({"address": "10.0.0.9"}, 401),
        ({"address": "203.0.113.5"}, 401),
        ({"X-Forwarded-For": "127.0.0.1"}, 401),
        ({"Forwarded": "for=127.0.0.1"}, 401),
        ({"token": TOKEN[:-1] + "y"}, 401),
        ({"token": PREFIX}, 401),
        ({"token": ""}, 401),
        ({"path": "/api/v1/workspaces/nowhere"}, 404),
        ({"path": "/api/v1/session"}, 403),
        ({"path": "/api/v1/workspaces"}, 403),
    ],
)
def test_only_from_this_machine_and_only_into_workspaces(world: World, given: dict[str, str], expected: int) -> None:
    with accepted(TOKEN):
        assert status(**given) == expected


def test_the_audit_log_names_the_command_line(world: World) -> None:
    with accepted(TOKEN):
        response = Client().post(
            f"{ACME}/keys",
            {"kind": "write", "name": "till", "scopes": []},
            content_type="application/json",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
    assert response.status_code == 201, response.json()
    entry = AuditEntry.objects.of(world.acme).filter(action="key.created").order_by("-number").first()
    assert entry is not None
    assert entry.actor == "cli"


@pytest.mark.parametrize("token", ["", "sk_" + "x" * 43, PREFIX + "short"])
def test_a_weak_token_is_no_token(token: str) -> None:
    with pytest.raises(ValueError, match="starts with"), accepted(token):
        pass
