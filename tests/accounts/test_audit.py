"""The audit log: append-only, chained, read in pages."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from coterie.accounts import actions, audit
from coterie.accounts.models import AuditChain, AuditEntry, KeyKind, Role, Workspace
from tests.support.world import World

pytestmark = pytest.mark.server

ACTOR = audit.Actor("user:usr_x", "192.0.2.7")


def _add(workspace: Workspace | None, count: int) -> list[AuditEntry]:
    return [
        audit.record(ACTOR, "thing.done", workspace=workspace, target=f"t{number}", details={"n": number, "ü": None})
        for number in range(count)
    ]


def test_it_works(world: World) -> None:
    first, second = _add(world.acme, 2)
    assert second.previous == first.hashed
    assert second.number == first.number + 1
    assert audit.verify_chain(world.acme) is None
    assert audit.verify_chain(world.other) is None
    assert audit.verify_chain(None) is None


@pytest.mark.django_db(transaction=True)
def test_entries_written_at_once_make_one_chain() -> None:
    workspace = Workspace.objects.create(slug="busy", name="Busy")

    def work(_name: int) -> None:
        try:
            _add(workspace, 5)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert AuditEntry.objects.of(workspace).count() == 20
    assert audit.verify_chain(workspace) is None


def test_chains_of_workspaces_are_apart(world: World) -> None:
    numbers = [_add(workspace, 1)[0].number for workspace in (world.other, None, world.other)]
    assert numbers[2] == numbers[0] + 1


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("UPDATE accounts_auditentry SET actor = 'user:usr_y' WHERE id = {second}", "changed"),
        ("UPDATE accounts_auditentry SET ip = '' WHERE id = {second}", "changed"),
        ("UPDATE accounts_auditentry SET details = '{{}}' WHERE id = {second}", "changed"),
        ("UPDATE accounts_auditentry SET at = '2020-01-01 00:00:00+00:00' WHERE id = {second}", "changed"),
        ("UPDATE accounts_auditentry SET workspace_id = NULL WHERE id = {second}", "changed"),
        ("DELETE FROM accounts_auditentry WHERE id = {second}", "missing"),
        ("DELETE FROM accounts_auditentry WHERE id = {last}", "newest"),
        ("UPDATE accounts_auditentry SET previous = '' WHERE id = {second}", "follow"),
    ],
)
def test_tampering_is_found(world: World, sql: str, reason: str) -> None:
    _, second, last = _add(world.acme, 3)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(second=second.pk, last=last.pk))
    found = audit.verify_chain(world.acme)
    assert found is not None
    assert reason in found.reason
    assert found.number == (last.number if "newest" in reason else second.number)


def test_a_lost_end_is_found(world: World) -> None:
    _add(world.acme, 1)
    AuditChain.objects.filter(scope=str(world.acme.pk)).delete()
    assert audit.verify_chain(world.acme) is not None


def test_no_method_changes_an_entry(world: World) -> None:
    (entry,) = _add(world.acme, 1)
    rows = AuditEntry.objects.of(world.acme)
    entry.actor = "user:usr_z"
    attempts = [
        entry.save,
        entry.delete,
        lambda: rows.update(actor="x"),
        rows.delete,
        lambda: rows.bulk_update([entry], ["actor"]),
        lambda: rows.bulk_create([entry]),
        lambda: AuditEntry.objects.update_or_create(pk=entry.pk),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError, match="append-only"):
            attempt()
    assert audit.verify_chain(world.acme) is None


def test_an_action_that_fails_leaves_no_entry(world: World) -> None:
    before = AuditEntry.objects.count()
    answer = world.api("alice").post("/workspaces", {"slug": "acme", "name": "again"})
    assert answer.status_code == 409
    assert AuditEntry.objects.count() == before
    assert audit.verify_chain(world.acme) is None


def test_the_log_is_read_in_pages(world: World) -> None:
    _add(world.acme, 7)
    alice, seen, cursor = world.api("alice"), [], ""
    while cursor is not None:
        page = alice.get(
            f"/workspaces/acme/audit?limit=3&cursor={cursor}" if cursor else "/workspaces/acme/audit?limit=3"
        )
        assert page.status_code == 200
        seen += [entry["number"] for entry in page.json()["entries"]]
        cursor = page.json()["next"]
    assert seen == list(range(AuditEntry.objects.of(world.acme).count(), 0, -1))


def test_the_log_narrows_by_action_and_actor(world: World) -> None:
    _add(world.acme, 2)
    alice = world.api("alice")
    for query, count in (("action=thing.done", 2), ("actor=user:usr_x", 2), ("action=thing.done&actor=system", 0)):
        assert len(alice.get(f"/workspaces/acme/audit?{query}").json()["entries"]) == count


def test_the_log_names_what_it_is_about(world: World) -> None:
    """Members, those who were, and keys; nobody of another workspace, whose id may stand in a detail."""
    key, _ = actions.create_key(audit.SYSTEM, world.acme, kind=KeyKind.SECRET, name="Reports", scopes=["people:read"])
    actions.revoke_key(audit.SYSTEM, world.acme, key_id=key.public_id)
    actions.remove_member(audit.SYSTEM, world.acme, user_id=world.bob.public_id, by=Role.OWNER)
    audit.record(ACTOR, "thing.done", workspace=world.acme, target="t", details={"said": [world.charlie.public_id]})
    names = world.api("alice").get("/workspaces/acme/audit").json()["names"]
    assert names[key.public_id] == "Reports"
    assert names[world.bob.public_id] == world.bob.email
    assert names[world.ada.public_id] == world.ada.email
    assert world.charlie.public_id not in names


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=!", "cursor=eyJiZWZvcmUiOiJ4In0"])
def test_a_wrong_query_is_refused(world: World, query: str) -> None:
    answer = world.api("alice").get(f"/workspaces/acme/audit?{query}")
    assert answer.status_code == 400
