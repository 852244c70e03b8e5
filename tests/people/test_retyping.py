"""The type of a field of many people is changed by jobs: seen first, killed anywhere, filters right all the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from coterie.jobs import kinds, runner
from coterie.jobs.models import Job
from coterie.kit import clock
from coterie.people import changes, retyping
from coterie.people.models import Attribute, Person, RejectedValue
from tests.audience.conftest import make_workspace, workspace
from tests.segments.conftest import Stage, stage
from tests.support.jobs import run_all

__all__ = ["make_workspace", "stage", "workspace"]
pytestmark = pytest.mark.server

VALUES = ["5", "many", "7.5", "0", "x", "12", "no", "1e3", "  9 ", "44"]
NUMBERS = {1: 5, 3: 7.5, 4: 0, 6: 12, 8: 1000, 9: 9, 10: 44}
REFUSED = {2: "many", 5: "x", 7: "no"}


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five people are many, three are a step."""
    monkeypatch.setattr(retyping, "AT_ONCE", 5)
    monkeypatch.setattr(retyping, "STEP", 3)
    monkeypatch.setattr(retyping, "_LOOKED_AT", 3)


@pytest.fixture
def orders(stage: Stage) -> int:
    """The id of an attribute that ten people have, as text."""
    for place, value in enumerate(VALUES):
        stage.put(f"u{place}", orders=value)
    stage.put("nobody", name="No Order")
    stage.settle()
    return Attribute.objects.of(stage.workspace).get(key="orders").pk


def change(stage: Stage, attribute: int, expect: int = 200, **body: Any) -> Any:
    path = f"/attributes/{attribute}/type"
    return stage.api("ada").call("POST", path, {"type": "number"} | body, expect=expect)


def looked(stage: Stage, attribute: int, **body: Any) -> Job:
    """The job that has looked at what converts."""
    made = change(stage, attribute, **body)["job"]
    run_all()
    return Job.objects.get(public_id=made["id"])


def values(stage: Stage) -> dict[int, Any]:
    rows = Person.objects.of(stage.workspace).order_by("number")
    return {row.number: row.data["orders"] for row in rows if "orders" in row.data}


def turns(stage: Stage) -> Iterator[Job]:
    """The newest job after each of its turns, of one step each; the index follows in between."""
    at = clock.now()
    while True:
        job = Job.objects.of(stage.workspace).latest("pk")
        yield job
        if job.state not in ("queued", "running"):
            return
        at += timedelta(seconds=120)
        with clock.frozen(at):
            runner.run_one()
        stage.settle()


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process end after every committed step, with its lease."""

    def hit(name: str) -> None:
        if name == "retyping.step":
            raise Killed

    monkeypatch.setattr("coterie.people.retyping.failpoints.hit", hit)
    monkeypatch.setattr(runner.leases, "MOST_ATTEMPTS", 100)
    run_one = runner.run_one

    def killable(**more: Any) -> bool:
        try:
            return run_one(**more)
        except Killed:
            return True

    monkeypatch.setattr(runner, "run_one", killable)


def count(stage: Stage, where: str) -> int:
    found: int = stage.api("vera").call("POST", "/people/count", {"where": where})["total"]
    return found


def test_it_works(stage: Stage, orders: int) -> None:
    head, before = changes.head(stage.workspace), values(stage)
    look = looked(stage, orders)
    assert look.result["counts"] == {"values": 10, "converted": 7, "rejected": 3}
    why = {"reason": "expected a number, got 'many'", "code": "no_number", "details": {"value": "'many'"}}
    assert look.result["samples"][0] == {"number": 2, "value": "many", **why}
    # Nothing has changed by looking.
    assert (changes.head(stage.workspace), values(stage)) == (head, before)
    assert Attribute.objects.get(pk=orders).type == "text"
    made = change(stage, orders, dry_run=False, rehearsal=look.public_id)["job"]
    assert (made["kind"], made["about"], made["title"]) == (
        "fields.change_type",
        str(orders),
        "Change of the type of orders",
    )
    assert change(stage, orders, 409, dry_run=False, rehearsal=look.public_id)["code"] == "type_changing"
    *_, job = turns(stage)
    assert (job.state, job.done, job.total) == ("done", 22, 22)
    assert job.result == look.result
    assert values(stage) == NUMBERS
    assert {row.number: row.raw for row in RejectedValue.objects.of(stage.workspace)} == REFUSED
    row = Attribute.objects.get(pk=orders)
    assert (row.type, row.other_type) == ("number", "")
    assert Person.objects.of(stage.workspace).get(number=1).origins["orders"][0] == "api"
    assert count(stage, "orders > 8") == 4


@pytest.mark.parametrize(
    ("looks", "names"),
    [(None, None), ({"type": "boolean"}, None), ({}, "job_01jd0000000000000000000000")],
)
def test_the_report_comes_first(stage: Stage, orders: int, looks: Any, names: str | None) -> None:
    rehearsal = names or (looked(stage, orders, **looks).public_id if looks is not None else None)
    refused = change(stage, orders, 404 if names else 409, dry_run=False, rehearsal=rehearsal)
    assert refused["code"] == ("job_not_found" if names else "rehearsal_needed")
    assert Attribute.objects.get(pk=orders).type == "text"
    assert not Job.objects.of(stage.workspace).filter(kind="fields.change_type").exists()


@pytest.mark.usefixtures("killed")
def test_killed_after_every_step_it_ends_the_same_and_no_filter_misses_a_value(stage: Stage, orders: int) -> None:
    look = looked(stage, orders)
    change(stage, orders, dry_run=False, rehearsal=look.public_id)
    seen: list[tuple[str, int]] = []
    for job in turns(stage):
        assert job.state != "failed", job.error
        type = Attribute.objects.get(pk=orders).type
        # Under either type every value counts that is of it, converted already or not.
        exact = (
            count(stage, "orders > 8")
            if type == "number"
            else count(stage, 'orders is one of ("12", "1e3", "9", "44")')
        )
        seen.append((type, exact))
        assert count(stage, "orders is known") == (7 if type == "number" else 10), (job.checkpoint, seen)
    assert {exact for _, exact in seen} == {4}
    assert [type for type, _ in seen] == sorted((type for type, _ in seen), reverse=True)
    assert len(seen) > 8
    assert job.result == look.result
    assert values(stage) == NUMBERS
    assert {row.number: row.raw for row in RejectedValue.objects.of(stage.workspace)} == REFUSED


def test_cancelled_before_the_type_changes_nothing_has(stage: Stage, orders: int) -> None:
    look, before = looked(stage, orders), values(stage)
    made = change(stage, orders, dry_run=False, rehearsal=look.public_id)["job"]
    stage.api("ada").call("POST", f"/jobs/{made['id']}/cancel")
    run_all()
    stage.put("u0", orders="6")
    stage.settle()
    assert values(stage) == before | {1: "6"}
    assert count(stage, 'orders is "6"') == 1
    stage.api("ada").call("POST", f"/jobs/{made['id']}/retry")
    *_, job = turns(stage)
    assert (job.state, values(stage)) == ("done", NUMBERS | {1: 6})


def test_a_deleted_field_ends_it(stage: Stage, orders: int) -> None:
    look = looked(stage, orders)
    change(stage, orders, dry_run=False, rehearsal=look.public_id)
    stage.api("ada").call("DELETE", f"/attributes/{orders}", expect=204)
    *_, job = turns(stage)
    assert (job.state, job.error) == ("failed", "There is no such attribute.")
    assert stage.api("ada").call("POST", f"/jobs/{job.public_id}/retry", expect=404)["code"] == "attribute_not_found"


@pytest.mark.usefixtures("killed")
def test_many_rejected_values_are_tried_again_by_a_job(
    stage: Stage, orders: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = looked(stage, orders)
    change(stage, orders, dry_run=False, rehearsal=look.public_id)
    *_, _ = turns(stage)
    path = "/attributes/rejected/reapply"
    few = stage.api("ada").call("POST", path, {"key": "orders"})
    assert (few["taken"], few["rejected"], few["job"]) == (0, 3, None)
    monkeypatch.setattr(retyping, "AT_ONCE", 2)
    monkeypatch.setattr(retyping, "STEP", 1)
    back = looked(stage, orders, type="text")
    change(stage, orders, type="text", dry_run=False, rehearsal=back.public_id)
    *_, _ = turns(stage)
    seen = stage.api("ada").call("POST", path, {"key": "orders", "dry_run": True})
    assert (seen["taken"], seen["job"]) == (3, None)
    made = stage.api("ada").call("POST", path, {"key": "orders"})
    assert (made["taken"], made["job"]["kind"]) == (0, "fields.reapply")
    *_, job = turns(stage)
    assert (job.state, job.result["counts"]) == ("done", {"taken": 3, "rejected": 0})
    assert {number: values(stage)[number] for number in REFUSED} == REFUSED


def test_kinds_are_known_to_workers() -> None:
    assert {kind.name for kind in retyping.KINDS} <= set(kinds.known())
