"""Workspaces and their members through the API."""

import re
from typing import Any
from unittest.mock import Mock

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from coterie.accounts import actions, audit
from coterie.accounts.models import AuditEntry, Role, User, Workspace, WorkspaceMember
from coterie.people import changes
from tests.support.world import World

pytestmark = pytest.mark.server


def test_it_works(world: World) -> None:
    alice = world.api("alice")
    made = alice.post("/workspaces", {"slug": "bakery", "name": "Bakery", "timezone": "Europe/Berlin"})
    assert made.status_code == 201
    assert made.json()["role"] == "owner"
    assert made.json()["language"] == "en"
    assert [row["slug"] for row in alice.get("/workspaces").json()] == ["acme", "bakery"]
    assert AuditEntry.objects.get(action="workspace.created", target="bakery").actor == f"user:{world.alice.public_id}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"slug": "acme", "name": "Mine now"}, 409),
        ({"slug": "Bakery", "name": "B"}, 400),
        ({"slug": "-b", "name": "B"}, 400),
        ({"slug": "b\n", "name": ""}, 400),
        ({"slug": "b" * 49, "name": "B"}, 400),
        ({"slug": "b", "name": "B", "timezone": "Mars/Olympus"}, 400),
        ({"slug": "b", "name": "B", "timezone": "../../etc/passwd"}, 400),
        ({"slug": "b", "name": "B", "language": "fr"}, 400),
        ({"slug": "b", "name": "B", "id": 1}, 400),
        ({"slug": "b"}, 400),
        ({"slug": "b", "name": "B\u0000"}, 400),
        ([], 400),
    ],
)
def test_what_is_not_valid_is_refused(world: World, body: object, status: int) -> None:
    before = WorkspaceMember.objects.count()
    answer = world.api("alice").post("/workspaces", body)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "details"}
    assert WorkspaceMember.objects.count() == before


def test_a_change_is_logged_once(world: World) -> None:
    alice = world.api("alice")
    for _ in range(2):
        answer = alice.patch("/workspaces/acme", {"timezone": "Asia/Tokyo"})
        assert (answer.status_code, answer.json()["timezone"]) == (200, "Asia/Tokyo")
    entry = AuditEntry.objects.get(action="workspace.changed")
    assert entry.details == {"timezone": ["UTC", "Asia/Tokyo"]}


def test_languages_are_those_there_are(world: World) -> None:
    """Of an older version, any tag may be kept: it means English, and holds up no other change."""
    alice = world.api("alice")
    assert alice.patch("/workspaces/acme", {"language": "de"}).json()["language"] == "de"
    refused = alice.patch("/workspaces/acme", {"language": "fr"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert "'en' or 'de'" in str(refused.json())
    Workspace.objects.filter(pk=world.acme.pk).update(language="pt-BR")
    assert alice.get("/workspaces/acme").json()["language"] == "en"
    changed = alice.patch("/workspaces/acme", {"name": "Acme & Co"})
    assert (changed.status_code, changed.json()["name"], changed.json()["language"]) == (200, "Acme & Co", "en")


def test_what_one_chooses_for_oneself(world: World) -> None:
    alice = world.api("alice")
    assert alice.get("/session").json()["user"]["job_mails"] == "always"
    for _ in range(2):
        assert alice.patch("/session", {"job_mails": "never"}).json()["job_mails"] == "never"
    assert AuditEntry.objects.get(action="user.changed").details == {"job_mails": ["always", "never"]}
    assert alice.patch("/session", {"job_mails": "sometimes"}).status_code == 400
    assert world.api("bob").get("/session").json()["user"]["job_mails"] == "always"


@pytest.mark.server
def test_another_zone_stands_in_the_change_log(world: World) -> None:
    """Once, and by the order of locks that writers of people keep: the log's before the audit log's."""
    alice = world.api("alice")
    with CaptureQueriesContext(connection) as queries:
        for zone in ("Asia/Tokyo", "Asia/Tokyo"):
            assert alice.patch("/workspaces/acme", {"timezone": zone, "name": "Acme Corp"}).status_code == 200
    assert [changes.body_of(change) for change in changes.read(world.acme, 0, 10)] == [{"zone": "Asia/Tokyo"}]
    sql = [query["sql"] for query in queries]
    places = [next(i for i, text in enumerate(sql) if table in text) for table in ("workspacelog", "auditchain")]
    assert places == sorted(places)
    # Rows that refer to the workspace are written by whoever holds the log's lock.
    assert not any("accounts_workspace" in text and text.endswith("FOR UPDATE") for text in sql)


def test_members_are_added_changed_and_removed(world: World) -> None:
    alice = world.api("alice")
    added = alice.post("/workspaces/acme/members", {"email": "New@Example.org", "role": "agent"})
    assert added.status_code == 201
    member = added.json()
    assert member["email"] == "new@example.org"
    assert not User.objects.get(email="new@example.org").has_usable_password()

    changed = alice.patch(f"/workspaces/acme/members/{member['id']}", {"role": "viewer"})
    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    assert alice.delete(f"/workspaces/acme/members/{member['id']}").status_code == 204
    assert member["id"] not in [row["id"] for row in alice.get("/workspaces/acme/members").json()]
    entries = AuditEntry.objects.of(world.acme).filter(target=member["id"]).order_by("number")
    assert [entry.action for entry in entries] == ["member.added", "member.role_changed", "member.removed"]


def add(world: World, email: str) -> dict[str, Any]:
    answer = world.api("alice").post("/workspaces/acme/members", {"email": email, "role": "agent"})
    assert answer.status_code == 201
    return dict(answer.json())


@pytest.mark.parametrize(
    ("language", "subject", "added"),
    [
        ("en", "Acme: you are a member now", "alice@example.org has added you to the workspace Acme on Coterie."),
        ("de", "Acme: Sie sind jetzt Mitglied", "alice@example.org hat Sie in den Arbeitsbereich Acme auf Coterie auf"),
    ],
)
def test_a_new_member_chooses_a_password_by_the_link_of_their_mail(
    world: World, settings: Any, language: str, subject: str, added: str
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    actions.change_workspace(audit.SYSTEM, world.acme, changes={"language": language})
    assert add(world, "new@example.org")["mailed"] is True
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["new@example.org"], subject)
    body = str(message.body)
    assert added in body
    (key,) = re.findall(rf"^{re.escape(settings.COTERIE_BASE_URL)}/reset/(\S+)$", body, re.MULTILINE)
    chosen = {"key": key, "password": "a password of their own"}
    Client().post("/_allauth/browser/v1/auth/password/reset", chosen, content_type="application/json")
    assert User.objects.get(email="new@example.org").check_password("a password of their own")


def test_someone_with_a_password_gets_no_link_to_set_one(world: World) -> None:
    add(world, "charlie@example.org")
    (message,) = mail.outbox
    assert "/reset/" not in str(message.body)
    assert "/w/acme" in str(message.body)


def test_names_make_no_header_and_no_placeholder(world: World) -> None:
    actions.change_workspace(audit.SYSTEM, world.acme, changes={"name": "{who} & {0}"})
    add(world, "new@example.org")
    (message,) = mail.outbox
    assert message.subject == "{who} & {0}: you are a member now"


def test_without_a_mail_they_are_a_member_all_the_same(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"add_member": "3/h/key"}
    # No mail server is set: it went to the log.
    assert add(world, "one@example.org")["mailed"] is False
    assert len(mail.outbox) == 1
    settings.EMAIL_HOST = "mail.example.org"
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", Mock(side_effect=ConnectionRefusedError))
        assert add(world, "two@example.org")["mailed"] is False
    # Beyond the limit none is sent.
    assert [add(world, f"{name}@example.org")["mailed"] for name in ("three", "four")] == [True, False]
    assert WorkspaceMember.objects.of(world.acme).filter(user__email="four@example.org").exists()


def test_a_user_of_another_workspace_can_be_added_and_keeps_their_account(world: World) -> None:
    answer = world.api("alice").post("/workspaces/acme/members", {"email": "charlie@example.org", "role": "viewer"})
    assert answer.json()["id"] == world.charlie.public_id
    again = world.api("alice").post("/workspaces/acme/members", {"email": "charlie@example.org", "role": "owner"})
    assert (again.status_code, again.json()["code"]) == (409, "member_already")
    assert WorkspaceMember.objects.of(world.acme).get(user=world.charlie).role == Role.VIEWER


@pytest.mark.parametrize("email", ["", "x", "no at sign", "a@b", "a@@example.org"])
def test_only_an_address_is_taken(world: World, email: str) -> None:
    answer = world.api("alice").post("/workspaces/acme/members", {"email": email, "role": "agent"})
    assert answer.status_code == 400


def test_the_last_owner_stays(world: World) -> None:
    alice = world.api("alice")
    path = f"/workspaces/acme/members/{world.alice.public_id}"
    for answer in (alice.patch(path, {"role": "admin"}), alice.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")


def test_only_owners_make_and_touch_owners(world: World) -> None:
    ada = world.api("ada")
    owner, agent = (f"/workspaces/acme/members/{user.public_id}" for user in (world.alice, world.bob))
    refused = [
        ada.patch(agent, {"role": "owner"}),
        ada.patch(f"/workspaces/acme/members/{world.ada.public_id}", {"role": "owner"}),
        ada.patch(owner, {"role": "viewer"}),
        ada.delete(owner),
        ada.post("/workspaces/acme/members", {"email": "friend@example.org", "role": "owner"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "owner_needed")] * 5
    assert not User.objects.filter(email="friend@example.org").exists()
    assert ada.patch(agent, {"role": "admin"}).status_code == 200


def test_a_member_of_another_workspace_is_not_found(world: World) -> None:
    alice = world.api("alice")
    foreign = alice.delete(f"/workspaces/acme/members/{world.charlie.public_id}")
    unknown = alice.delete("/workspaces/acme/members/usr_01jd0000000000000000000000")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
