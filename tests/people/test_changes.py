"""The change log: no gaps, in the order of commits, whoever writes."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from coterie.accounts.models import Workspace
from coterie.kit import clock
from coterie.people import changes
from coterie.people.actions import EventRecord, PersonEdit, apply_edits
from coterie.people.models import Change, Identity, Person, WorkspaceLog
from tests.people.conftest import user

pytestmark = pytest.mark.server


def test_it_works(workspace: Workspace) -> None:
    assert changes.head(workspace) == 0
    assert changes.append(workspace, "members", {"segment": "seg_1"}) == 1
    apply_edits(workspace, [PersonEdit([user("u1")])])
    first, second = changes.read(workspace, 0, 10)
    assert (first.seq, first.kind, changes.body_of(first)) == (1, "members", {"segment": "seg_1"})
    assert (second.seq, second.kind) == (2, "people")
    assert Person.objects.of(workspace).get().seq == 2
    assert changes.head(workspace) == 2


def test_an_attribute_is_announced_before_its_values(workspace: Workspace) -> None:
    apply_edits(workspace, [PersonEdit([user("u1")], set={"plan": "pro"})])
    definition, people = changes.read(workspace, 0, 10)
    (row,) = changes.body_of(definition)["attributes"]
    assert (definition.kind, row["key"], row["type"], row["what"]) == ("definition", "plan", "text", "created")
    assert [number for number, *_ in changes.body_of(people)["people"]] == [1]


def test_reading_goes_on_where_it_ended(workspace: Workspace) -> None:
    for number in range(5):
        changes.append(workspace, "members", {"n": number})
    assert [change.seq for change in changes.read(workspace, 2, 2)] == [3, 4]
    assert changes.read(workspace, 5, 10) == []


def test_pruning(workspace: Workspace) -> None:
    for number in range(4):
        changes.append(workspace, "members", {"n": number})
    later = clock.now() + timedelta(seconds=1)
    assert changes.prune(workspace, upto=3, before=clock.now() - timedelta(days=1)) == (0, 0)
    assert changes.prune(workspace, upto=3, before=later, chunk=2) == (2, 2)
    assert changes.prune(workspace, upto=3, before=later, chunk=2) == (1, 1)
    assert changes.prune(workspace, upto=3, before=later, chunk=2) == (0, 0)
    assert [change.seq for change in changes.read(workspace, 0, 10)] == [4]
    assert WorkspaceLog.objects.get(workspace=workspace).pruned_seq == 3
    assert changes.prune(workspace, upto=100, before=later) == (1, 1)
    assert WorkspaceLog.objects.get(workspace=workspace).pruned_seq == 4
    assert changes.append(workspace, "members", {}) == 5


def test_pruning_leaves_events(workspace: Workspace) -> None:
    """Nothing else holds them: the index is made anew from the log."""
    bought = EventRecord("bought", 1_000, "m1")
    edits = (
        PersonEdit([user("u1")], set={"name": '"events": ['}),
        PersonEdit([user("u1")], events=[bought]),
        PersonEdit([user("u1")], set={"name": "Ann"}),
    )
    for edit in edits:
        apply_edits(workspace, [edit])
    assert changes.prune(workspace, upto=3, before=clock.now() + timedelta(seconds=1)) == (3, 2)
    (left,) = changes.read(workspace, 0, 10)
    assert (left.seq, len(changes.body_of(left)["events"])) == (2, 1)


def test_what_is_rolled_back_takes_no_seq(workspace: Workspace) -> None:
    with transaction.atomic():
        apply_edits(workspace, [PersonEdit([user("u1")])])
        transaction.set_rollback(True)
    apply_edits(workspace, [PersonEdit([user("u2")])])
    assert [change.seq for change in changes.read(workspace, 0, 10)] == [1]
    assert Person.objects.of(workspace).get().number == 1


def test_several_writes_in_one_transaction(workspace: Workspace) -> None:
    with transaction.atomic():
        changes.append(workspace, "members", {})
        apply_edits(workspace, [PersonEdit([user("u1")])])
        apply_edits(workspace, [PersonEdit([user("u2")]), PersonEdit([user("u1")], set={"city": "Bonn"})])
    assert [change.seq for change in changes.read(workspace, 0, 10)] == [1, 2, 3]
    assert dict(Person.objects.of(workspace).values_list("number", "seq")) == {1: 3, 2: 3}


@pytest.mark.django_db(transaction=True)
def test_writers_at_once() -> None:
    workspace = Workspace.objects.create(slug="busy", name="Busy")
    failures: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for turn in range(8):
                edits = [PersonEdit([user(f"u{turn}")], set={"city": f"{name} {turn}"}), PersonEdit([user(f"{name}")])]
                apply_edits(workspace, edits)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    log = list(Change.objects.of(workspace).order_by("id").values_list("seq", flat=True))
    assert log == list(range(1, len(log) + 1)), "ids follow inserts, so seqs follow commits"
    assert changes.head(workspace) == len(log)
    # 8 users whom all writers name, and one of each writer.
    assert Person.objects.of(workspace).count() == Identity.objects.of(workspace).count() == 12
    assert sorted(Person.objects.of(workspace).values_list("number", flat=True)) == list(range(1, 13))
