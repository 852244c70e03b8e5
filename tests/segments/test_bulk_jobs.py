"""Bulk actions that are jobs: about the people of the moment they were asked for, nobody twice, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from coterie.accounts.models import Role, WorkspaceMember
from coterie.filters.fields import FieldType
from coterie.jobs import files, leases, runner
from coterie.jobs import kinds as job_kinds
from coterie.jobs.models import Job, StoredFile
from coterie.jobs.runner import run_one
from coterie.kit import clock
from coterie.people import changes
from coterie.people.actions import create_attribute, delete_person, update_person
from coterie.people.models import Person
from coterie.segments import bulk_jobs, bulk_undo, selection
from coterie.segments.models import BulkUndo, BulkUndoPart, StaticMember
from tests.segments.conftest import SegmentsApi, Stage
from tests.segments.test_bulk import BULK, change, data, shown
from tests.support.jobs import run_all

pytestmark = pytest.mark.server

EVERYONE = {"where": "everyone"}


@pytest.fixture
def people(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ten people with the numbers 1 to 10, all with a plan; more than four are changed by a job, three at a time."""
    monkeypatch.setattr(selection, "AT_ONCE", 4)
    monkeypatch.setattr(bulk_jobs, "STEP", 3)
    create_attribute(stage.workspace, key="plan", type=FieldType.TEXT)
    create_attribute(stage.workspace, key="orders", type=FieldType.NUMBER)
    numbers = [stage.put(f"u{i}", plan="free") for i in range(1, 11)]
    stage.settle()
    return numbers


def ended(job: dict[str, Any] | Job) -> Job:
    """A job of an answer, as it is now."""
    return Job.objects.get(public_id=job["id"] if isinstance(job, dict) else job.public_id)


def error_rows(job: Job) -> list[str]:
    (file,) = StoredFile.objects.filter(job=job, removed_at=None)
    text = files.path_of(file).read_text("utf-8-sig")
    assert files.path_of(file).stat().st_size == file.size
    return text.splitlines()


def undo(api: SegmentsApi, job: Job, expect: int = 200) -> Any:
    return api.call("POST", f"/bulk/undo/{job.result['undo']}", expect=expect)


def test_it_works(stage: Stage, people: list[int]) -> None:
    api = stage.api("bob")
    before = shown(stage, "plan", "tags")
    done = change(api, EVERYONE | {"except": [10]}, set={"plan": "pro"}, add_tags=["x"])
    assert (done["selected"], done["changed"], done["unchanged"], done["undo"]) == (9, 0, 0, None)
    assert (done["job"]["kind"], done["job"]["progress"]["total"], done["job"]["unit"]) == ("bulk.change", 9, "people")
    # Whoever comes later is not in it.
    stage.put("late", plan="free")
    assert run_all() == 1
    job = ended(done["job"])
    assert (job.state, job.done, job.result["counts"]) == ("done", 9, {"changed": 9, "unchanged": 0, "failed": 0})
    assert shown(stage, "plan", "tags") == [("pro", ["x"])] * 9 + [("free", None)] * 2
    assert Person.objects.of(stage.workspace).get(number=1).origins["plan"][:2] == [
        "agent",
        stage.users["bob"].public_id,
    ]
    assert not list(settings.COTERIE_FILES.glob(f"{stage.workspace.pk}/*.people"))
    back = undo(api, job)
    assert (back["selected"], back["job"]["kind"], back["job"]["progress"]["total"]) == (9, "bulk.undo", 9)
    run_all()
    assert ended(back["job"]).result["counts"] == {"taken_back": 9, "kept": 0}
    assert shown(stage, "plan", "tags")[:10] == before
    assert undo(api, job, expect=409)["code"] == "undone_already"
    assert api.call("POST", f"/jobs/{job.public_id}/retry", expect=409)["code"] == "job_not_ended"


def test_few_are_changed_at_once(stage: Stage, people: list[int]) -> None:
    done = change(stage.api("bob"), EVERYONE | {"except": people[4:]}, set={"plan": "pro"})
    assert (done["changed"], done["job"]) == (4, None)
    assert not Job.objects.of(stage.workspace).exists()


class Ended(BaseException):
    """The process is gone."""


def cut(monkeypatch: pytest.MonkeyPatch, name: str, count: int) -> None:
    """End the worker like a kill when a place is reached for the nth time."""
    left = [count]

    def hit(reached: str) -> None:
        left[0] -= reached == name
        if reached == name and left[0] == 0:
            raise Ended

    monkeypatch.setattr("coterie.segments.bulk_jobs.failpoints.hit", hit)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_killed_job_goes_on_and_does_nobody_twice(
    stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    delete_person(stage.workspace, 2)
    update_person(stage.workspace, 9, values={"plan": "pro"})
    # They are frozen with the deleted one, whom the index has not forgotten yet.
    head = changes.head(stage.workspace)
    done = change(stage.api("bob"), EVERYONE, set={"plan": "pro"})
    with clock.frozen(clock.now()) as now:
        cut(monkeypatch, "bulk.step", count)
        with pytest.raises(Ended):
            run_one()
        monkeypatch.undo()
        monkeypatch.setattr(bulk_jobs, "STEP", 3)
        assert BulkUndoPart.objects.of(stage.workspace).count() == count
        now.move(leases.LEASE + timedelta(seconds=1))
        run_all()
    job = ended(done["job"])
    assert (job.state, job.attempts) == ("done", 1)
    assert job.result["counts"] == {"changed": 8, "unchanged": 1, "failed": 1}
    assert error_rows(job) == ["number,reason", "2,there is no such person"]
    written = [changes.body_of(row) for row in changes.read(stage.workspace, head, 100)]
    assert sorted(number for body in written for number, *_ in body["people"]) == [1, 3, 4, 5, 6, 7, 8, 10]


def test_killed_after_its_last_step(stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    done = change(stage.api("bob"), EVERYONE, set={"plan": "pro"})
    forget = bulk_jobs.frozen.forget

    def cut_off(*given: Any) -> None:
        forget(*given)
        monkeypatch.setattr(bulk_jobs.frozen, "forget", forget)
        raise Ended

    monkeypatch.setattr(bulk_jobs.frozen, "forget", cut_off)
    with clock.frozen(clock.now()) as now:
        with pytest.raises(Ended):
            run_one()
        now.move(leases.LEASE + timedelta(seconds=1))
        run_all()
    assert (ended(done["job"]).state, ended(done["job"]).result["counts"]["changed"]) == ("done", 10)


def test_what_was_not_committed_is_not_in_the_error_file(
    stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = change(stage.api("bob"), EVERYONE, set={"orders": "three"})
    save, left = bulk_jobs.Turn.save, [3]

    def broken(turn: Any, **more: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Ended
        save(turn, **more)

    with clock.frozen(clock.now()) as now:
        monkeypatch.setattr(bulk_jobs.Turn, "save", broken)
        with pytest.raises(Ended):
            run_one()
        now.move(leases.LEASE + timedelta(seconds=1))
        run_all()
    job = ended(done["job"])
    rows = error_rows(job)
    assert [row.split(",")[0] for row in rows] == ["number", *map(str, people)]
    assert "number" in rows[1].split(",", 1)[1]
    assert job.result["counts"] == {"changed": 0, "unchanged": 0, "failed": 10}
    assert "undo" not in job.result
    assert Person.objects.of(stage.workspace).filter(data__has_key="orders").count() == 0


def test_cancelled_it_keeps_what_was_done_and_is_taken_back(
    stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = stage.api("bob")
    job = ended(change(api, EVERYONE, set={"plan": "pro"})["job"])
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.0)

    def cancels(name: str) -> None:
        if ended(job).done == 6 and ended(job).cancel_at is None:
            api.call("POST", f"/jobs/{job.public_id}/cancel")

    monkeypatch.setattr("coterie.segments.bulk_jobs.failpoints.hit", cancels)
    run_all()
    job = ended(job)
    assert (job.state, job.done, job.result["counts"]["changed"]) == ("cancelled", 6, 6)
    assert [plan for (plan,) in shown(stage, "plan")] == ["pro"] * 6 + ["free"] * 4
    # What is half done can go on, or be taken back, and then not go on.
    undo(api, job)
    run_all()
    assert [plan for (plan,) in shown(stage, "plan")] == ["free"] * 10
    assert api.call("POST", f"/jobs/{job.public_id}/retry", expect=409)["code"] == "undone_already"


def test_cancelled_it_can_go_on(stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    api = stage.api("bob")
    job = ended(change(api, EVERYONE, add_tags=["x"])["job"])
    cut(monkeypatch, "bulk.step", 2)
    with clock.frozen(clock.now()) as now:
        with pytest.raises(Ended):
            run_one()
        assert undo(api, ended(job), expect=409)["code"] == "bulk_going_on"
        now.move(leases.LEASE + timedelta(seconds=1))
        assert api.call("POST", f"/jobs/{job.public_id}/cancel")["state"] == "cancelled"
    assert api.call("POST", f"/jobs/{job.public_id}/retry")["state"] == "queued"
    monkeypatch.setattr("coterie.segments.bulk_jobs.failpoints.hit", lambda name: None)
    run_all()
    assert ended(job).result["counts"] == {"changed": 10, "unchanged": 0, "failed": 0}
    assert [tags for (tags,) in shown(stage, "tags")] == [["x"]] * 10


def test_gone_on_with_after_its_error_file_has_expired(
    stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 9):
        delete_person(stage.workspace, number)
    api = stage.api("bob")
    job = ended(change(api, EVERYONE, set={"plan": "pro"})["job"])
    with clock.frozen(clock.now()):
        runner.run_one(stopping=lambda: True)
        assert error_rows(job) == ["number,reason", "2,there is no such person"]
        api.call("POST", f"/jobs/{job.public_id}/cancel")
        # The set of people is kept for as long: the file may be removed by a rule.
        for file in StoredFile.objects.filter(purpose="errors", removed_at=None):
            files.remove(file)
        api.call("POST", f"/jobs/{job.public_id}/retry")
        run_all()
        job = ended(job)
        assert (job.state, job.result["counts"]["failed"]) == ("done", 2)
        assert error_rows(job) == ["number,reason", "9,there is no such person"]


def test_undo_keeps_later_edits_and_lists_them(
    stage: Stage, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = stage.api("bob")
    job = ended(change(api, EVERYONE, set={"plan": "pro"}, add_tags=["x"])["job"])
    run_all()
    update_person(stage.workspace, 4, values={"plan": "own"}, add_tags=["y"])
    delete_person(stage.workspace, 7)
    back = undo(api, ended(job))["job"]
    with clock.frozen(clock.now()) as now:
        cut(monkeypatch, "bulk.undo", 2)
        with pytest.raises(Ended):
            run_one()
        monkeypatch.undo()
        now.move(leases.LEASE + timedelta(seconds=1))
        run_all()
    taken = ended(back)
    assert taken.result["counts"] == {"taken_back": 8, "kept": 2}
    assert sorted(error_rows(taken)[1:]) == ["4,changed since: plan", "7,there is no such person"]
    assert (data(stage, 4)["plan"], data(stage, 4)["tags"]) == ("own", ["y"])
    assert [plan for (plan,) in shown(stage, "plan")] == ["free"] * 3 + ["own"] + ["free"] * 2 + [None] + ["free"] * 3


def test_members_and_back(stage: Stage, people: list[int]) -> None:
    segment = stage.static("Beta", [1, 2])
    stage.settle()
    api = stage.api("bob")
    body = {"segment": segment.public_id, "selection": EVERYONE}
    added = ended(api.call("POST", f"{BULK}/members", {**body, "action": "add"})["job"])
    delete_person(stage.workspace, 5)
    run_all()
    stage.settle()
    added = ended(added)
    assert added.result["counts"] == {"changed": 7, "unchanged": 2, "failed": 1}
    assert added.private
    assert stage.members(segment) == {1, 2, 3, 4, 6, 7, 8, 9, 10}
    undo(api, added)
    run_all()
    stage.settle()
    assert stage.members(segment) == {1, 2}
    gone = ended(
        api.call("POST", f"{BULK}/members", {**body, "action": "remove"} | {"selection": {"where": "everyone"}})["job"]
    )
    run_all()
    stage.settle()
    assert (ended(gone).result["counts"]["changed"], stage.members(segment)) == (2, set())
    undo(api, ended(gone))
    run_all()
    stage.settle()
    assert stage.members(segment) == {1, 2}
    assert StaticMember.objects.of(stage.workspace).count() == 2
    rule = stage.dynamic("Rule", "everyone")
    body = {"segment": rule.public_id, "selection": EVERYONE, "action": "add"}
    assert api.call("POST", f"{BULK}/members", body, expect=409)["code"] == "dynamic_segment"


def test_a_segment_that_goes_meanwhile_fails_the_job(stage: Stage, people: list[int]) -> None:
    segment = stage.static("Beta", [])
    body = {"segment": segment.public_id, "selection": EVERYONE, "action": "add"}
    job = stage.api("bob").call("POST", f"{BULK}/members", body)["job"]
    stage.api("bob").call("DELETE", f"/segments/{segment.public_id}", expect=204)
    run_all()
    assert (ended(job).state, ended(job).error) == ("failed", "There is no such segment.")


def test_deleting(stage: Stage, people: list[int]) -> None:
    stage.api("bob").call("POST", f"{BULK}/delete", {"selection": EVERYONE}, expect=403)
    job = stage.api("ada").call("POST", f"{BULK}/delete", {"selection": {"where": "everyone", "except": [3]}})["job"]
    assert Person.objects.of(stage.workspace).filter(state="active").count() == 10
    run_all()
    stage.settle()
    assert ended(job).result == {"counts": {"changed": 9, "unchanged": 0, "failed": 0}}
    assert sorted(stage.index.everyone()) == [3]
    assert not BulkUndo.objects.of(stage.workspace).exists()


@pytest.mark.parametrize(
    "body", [{}, {"set": {"nothing": 1}}, {"set": {"email": "a@example.com"}}, {"set": {"created_at": "2026-01-01"}}]
)
def test_what_cannot_be_done_starts_no_job(stage: Stage, people: list[int], body: dict[str, Any]) -> None:
    change(stage.api("bob"), EVERYONE, expect=400, **body)
    assert not Job.objects.of(stage.workspace).exists()
    assert not StoredFile.objects.of(stage.workspace).exists()


def start_change(api: SegmentsApi, expect: int) -> Any:
    return change(api, EVERYONE, expect=expect, add_tags=["x"])


def start_delete(api: SegmentsApi, expect: int) -> Any:
    return api.call("POST", f"{BULK}/delete", {"selection": EVERYONE}, expect=expect)


@pytest.mark.parametrize(
    ("start", "allowed"), [(start_change, {"alice", "ada", "bob"}), (start_delete, {"alice", "ada"})]
)
def test_who_may(stage: Stage, people: list[int], start: Callable[..., Any], allowed: set[str]) -> None:
    for who in ("alice", "ada", "bob", "vera"):
        start(stage.api(who), 200 if who in allowed else 403)


def test_who_sees_and_who_takes_back(stage: Stage, people: list[int]) -> None:
    """The number of people of a filter may tell of a hidden segment: such a job is its requester's and the owners'."""
    job = change(stage.api("bob"), EVERYONE, add_tags=["x"])["job"]
    run_all()
    for who, status in (("bob", 200), ("alice", 200), ("ada", 404), ("vera", 404)):
        stage.api(who).call("GET", f"/jobs/{job['id']}", expect=status)
    taken = ended(job).result["undo"]
    stage.api("vera").call("POST", f"/bulk/undo/{taken}", expect=403)
    stage.api("ada").call("POST", f"/bulk/undo/{taken}")


def test_a_role_that_was_lost_ends_the_job(stage: Stage, people: list[int]) -> None:
    job = change(stage.api("bob"), EVERYONE, add_tags=["x"])["job"]
    WorkspaceMember.objects.of(stage.workspace).filter(user=stage.users["bob"]).update(role=Role.VIEWER)
    run_all()
    assert ended(job).state == "failed"
    assert [tags for (tags,) in shown(stage, "tags")] == [None] * 10


def test_the_time_to_take_it_back_ends(stage: Stage, people: list[int]) -> None:
    job = change(stage.api("bob"), EVERYONE, add_tags=["x"])["job"]
    run_all()
    with clock.frozen(clock.now() + timedelta(days=6, hours=23)):
        assert bulk_undo.forget_old(stage.workspace) == 0
    with clock.frozen(clock.now() + timedelta(days=7, hours=1)):
        with pytest.raises(bulk_undo.NotFound):
            bulk_undo.undo(stage.access("bob"), ended(job).result["undo"])
        assert bulk_undo.forget_old(stage.workspace) == 1
    assert not BulkUndoPart.objects.of(stage.workspace).exists()


def test_kinds_are_known_to_workers() -> None:
    assert {"bulk.change", "bulk.members", "bulk.delete", "bulk.undo"} <= set(job_kinds.known())
