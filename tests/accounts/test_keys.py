"""API keys: shown once, kept as a hash, limited by scopes, ended at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import serializers

from coterie.accounts.models import ApiKey, AuditEntry
from coterie.accounts.permissions import key_of_token
from coterie.kit import clock
from tests.support.world import Api, World

pytestmark = pytest.mark.server


def test_it_works(world: World) -> None:
    made = world.api("alice").post(
        "/workspaces/acme/keys", {"kind": "secret", "name": "crm", "scopes": ["workspace:read"]}
    )
    assert made.status_code == 201
    key = made.json()
    assert key["token"].startswith("sk_")
    assert key["created_by"] == world.alice.public_id
    seen = Api(token=key["token"]).get("/workspaces/acme")
    assert (seen.status_code, seen.json()["role"], seen.json()["permissions"]) == (200, None, ["workspace:read"])


def test_a_token_is_nowhere_in_the_database(world: World) -> None:
    stored = serializers.serialize("json", [*ApiKey.objects.all(), *AuditEntry.objects.all()])
    for token in (world.secret_token, world.write_token, world.revoked_token):
        assert token not in stored
        assert token[10:] not in stored
    assert "token" not in world.api("alice").get("/workspaces/acme/keys").json()[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "secret", "name": "x"}, 400),
        ({"kind": "secret", "name": "x", "scopes": []}, 400),
        ({"kind": "secret", "name": "x", "scopes": ["people:everything"]}, 400),
        ({"kind": "secret", "name": "x", "scopes": ["members:manage"]}, 400),
        ({"kind": "secret", "name": "x", "scopes": ["keys:manage"]}, 400),
        ({"kind": "write", "name": "x", "scopes": ["people:read"]}, 400),
        ({"kind": "root", "name": "x"}, 400),
        ({"kind": "write", "name": ""}, 400),
        ({"kind": "write", "name": "x", "hashed": "0" * 64}, 400),
        ({"kind": "write", "name": "web"}, 201),
        ({"kind": "secret", "name": "x", "scopes": ["people:read", "people:read"]}, 201),
    ],
)
def test_kinds_and_scopes(world: World, body: dict[str, object], status: int) -> None:
    before = ApiKey.objects.count()
    assert world.api("ada").post("/workspaces/acme/keys", body).status_code == status
    assert ApiKey.objects.count() == before + (status == 201)


def test_a_scope_is_all_a_key_has(world: World) -> None:
    made = world.api("alice").post(
        "/workspaces/acme/keys", {"kind": "secret", "name": "crm", "scopes": ["segments:read"]}
    )
    answer = Api(token=made.json()["token"]).get("/workspaces/acme")
    assert (answer.status_code, answer.json()["details"]) == (403, {"permission": "workspace:read"})


def test_a_revoked_key_is_out_at_once(world: World) -> None:
    secret, alice = world.api("secret"), world.api("alice")
    assert secret.get("/workspaces/acme").status_code == 200
    path = f"/workspaces/acme/keys/{world.secret_key.public_id}"
    first, second = alice.delete(path), alice.delete(path)
    assert first.status_code == second.status_code == 200
    assert first.json()["revoked_at"] == second.json()["revoked_at"] is not None
    assert secret.get("/workspaces/acme").status_code == 401
    revoked = AuditEntry.objects.filter(action="key.revoked", target=world.secret_key.public_id)
    assert revoked.count() == 1


def test_a_key_of_another_workspace_is_not_found(world: World) -> None:
    charlie = world.api("charlie")
    foreign = charlie.delete(f"/workspaces/other/keys/{world.secret_key.public_id}")
    unknown = charlie.delete("/workspaces/other/keys/key_01jd0000000000000000000000")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    assert key_of_token(world.secret_token) is not None


def test_use_is_noted_at_most_once_a_minute(world: World) -> None:
    def used() -> datetime | None:
        return ApiKey.objects.get(pk=world.secret_key.pk).last_used_at

    start = datetime(2026, 5, 1, tzinfo=UTC)
    with clock.frozen(start) as stopped:
        for seconds, noted in ((0, 0), (59, 0), (60, 60), (61, 60), (121, 121)):
            stopped.at = start + timedelta(seconds=seconds)
            assert key_of_token(world.secret_token) is not None
            assert used() == start + timedelta(seconds=noted)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic d2s6", "Bearer sk_unknown", "Token x", "Bearer \ud800", "Bearer a b"],
)
def test_other_headers_are_nobody(world: World, header: str) -> None:
    api = world.api("alice")  # a session does not help when a header names someone else
    answer = api.call("GET", "/session", Authorization=header.encode("utf-8", "replace").decode())
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_keys_stay_when_their_maker_leaves_and_the_list_says_so(world: World) -> None:
    """They belong to the workspace: what a program does must not stop since a person has gone."""
    alice, body = world.api("alice"), {"kind": "secret", "name": "crm", "scopes": ["workspace:read"]}
    token = world.api("ada").post("/workspaces/acme/keys", body).json()["token"]

    def maker() -> dict[str, object]:
        found: dict[str, object] = alice.get("/workspaces/acme/keys").json()[0]["maker"]
        return found

    def member(who: str) -> list[int]:
        rows = world.api(who).get("/workspaces/acme/members").json()
        return [row["keys"] for row in rows if row["id"] == world.ada.public_id]

    assert (maker()["id"], maker()["role"]) == (world.ada.public_id, "admin")
    # Whoever removes her is told before; who manages no keys is not.
    assert (member("alice"), member("vera")) == ([1], [0])
    path = f"/workspaces/acme/members/{world.ada.public_id}"
    alice.patch(path, {"role": "viewer"})
    assert maker()["role"] == "viewer"
    assert Api(token=token).get("/workspaces/acme").status_code == 200
    assert alice.delete(path).status_code == 204
    assert (maker()["email"], maker()["role"]) == (world.ada.email, None)
    assert Api(token=token).get("/workspaces/acme").status_code == 200


def test_keys_go_with_their_maker_when_that_is_asked(world: World) -> None:
    alice, body = world.api("alice"), {"kind": "secret", "name": "crm", "scopes": ["workspace:read"]}
    hers = [world.api("ada").post("/workspaces/acme/keys", body).json() for _ in range(2)]
    others = alice.post("/workspaces/acme/keys", body).json()["token"]
    path = f"/workspaces/acme/members/{world.ada.public_id}"
    assert alice.delete(f"{path}?their_keys=all").status_code == 400
    assert world.api("bob").delete(f"{path}?their_keys=revoke").status_code == 403
    assert alice.delete(f"{path}?their_keys=revoke").status_code == 204
    assert [Api(token=key["token"]).get("/workspaces/acme").status_code for key in hers] == [401, 401]
    assert Api(token=others).get("/workspaces/acme").status_code == 200
    revoked = AuditEntry.objects.of(world.acme).filter(action="key.revoked").order_by("number")
    assert [entry.target for entry in revoked][-2:] == [key["id"] for key in hers]
