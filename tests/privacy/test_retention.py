"""Retention: a dry run tells what goes, a run removes exactly that, and a legal hold wins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coterie.accounts.models import AuditEntry, Workspace
from coterie.audience import startup
from coterie.audience.engine import engine
from coterie.jobs import files, retaining
from coterie.jobs.models import Job, Notification, StoredFile
from coterie.jobs.schedule import run_due
from coterie.kit import clock
from coterie.people import changes
from coterie.people.actions import PersonEdit, apply_edits, merge_people
from coterie.people.edits import EventRecord, Origin
from coterie.people.models import Change, LegalHold, MergeRecord, Note, Person, RejectedValue
from coterie.privacy import sweeping
from coterie.privacy.classes import CLASSES
from coterie.privacy.models import Erasure
from coterie.privacy.registry import HOLDINGS
from coterie.privacy.tasks import TASKS
from coterie.segments.log import read
from coterie.tracking.models import IdConflict, Quarantine
from coterie.transfers.models import Import, ImportRow
from tests.segments.conftest import Stage
from tests.support.jobs import run_all

pytestmark = pytest.mark.server

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[clock.Frozen]:
    with clock.frozen(START) as stopped:
        yield stopped


def ms(days: int = 0) -> int:
    """An instant so many days after now, in ms."""
    return clock.to_ms(clock.now() + days * DAY)


def preview(stage: Stage, name: str, days: int, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = stage.api().call("POST", "/retention/preview", {"name": name, "days": days, **more})
    return found


def set_rule(stage: Stage, name: str, days: int, **more: Any) -> int:
    """Look at a rule and set it; how many entries it would remove."""
    rows = int(preview(stage, name, days, **more)["rows"])
    stage.api().call("PUT", f"/retention/{name}", {"days": days, "rows": rows, **more})
    return rows


def run(stage: Stage) -> dict[str, int]:
    """What a run removes, by class; nothing when there is nothing to do."""
    before = set(Job.objects.values_list("pk", flat=True))
    sweeping.start_due()
    run_all()
    stage.settle()
    job = Job.objects.of(stage.workspace).filter(kind=sweeping.KIND).exclude(pk__in=before).first()
    if job is None:
        return {}
    assert (job.state, job.error) == ("done", "")
    counts: dict[str, int] = job.result["counts"]
    return counts


def events_in_index(stage: Stage) -> list[tuple[int, int]]:
    rows = engine().rows(
        "SELECT number, time FROM events WHERE workspace = {w:UInt32} ORDER BY time, number", {"w": stage.workspace.pk}
    )
    return [(int(number), int(time)) for number, time in rows]


def events_in_log(stage: Stage) -> list[tuple[int, int]]:
    bodies = [changes.body_of(row) for row in Change.objects.of(stage.workspace)]
    return sorted((row[0], row[2]) for body in bodies for row in body.get("events", ()))


def test_it_works(stage: Stage, now: clock.Frozen) -> None:
    """Old events go from the log and the index, segments follow with a cause, and an index made anew is the same."""
    ann = stage.put("ann", events=[("purchase", ms(), {"item": "red shoes"})])
    bob = stage.put("bob", events=[("purchase", ms(), {"item": "a hat"}), ("purchase", ms(200), {"item": "gloves"})])
    segment = stage.dynamic("Buyers", 'did "purchase" at least 1 time')
    stage.settle()
    assert stage.members(segment) == {ann, bob}
    now.move(300 * DAY)
    found = preview(stage, "events", 200)
    assert (found["rows"], found["people"], found["sample"]) == (2, 2, [ann, bob])
    assert (found["oldest"], found["paused"]) == (clock.iso(START), False)
    assert len(events_in_log(stage)) == 3, "a preview changes nothing"
    assert set_rule(stage, "events", 200) == 2
    assert run(stage) == {"events": 2}
    assert events_in_log(stage) == events_in_index(stage) == [(bob, clock.to_ms(START + 200 * DAY))]
    assert stage.members(segment) == {bob}
    last = list(read(stage.workspace.pk, 0))[-1].entry
    assert [(cause, list(who)) for cause, who in last.people] == [(("retention", ""), [ann])]
    assert run(stage) == {}
    stage.restart()
    startup.rebuild()
    stage.settle()
    assert stage.members(segment) == {bob}
    assert events_in_log(stage) == events_in_index(stage)
    assert stage.api().call("POST", "/people/count", {"where": 'did "purchase"'})["total"] == 1


def test_events_of_long_ago_that_came_late_and_those_of_merged_and_deleted_people(
    stage: Stage, now: clock.Frozen
) -> None:
    """An event's own time counts. Those of merged people are the survivor's; of deleted ones the log alone knows."""
    ann, old = stage.put("ann"), stage.put("old", events=[("visit", ms(), {})])
    gone = stage.put("gone", events=[("visit", ms(), {"page": "secret"})])
    stage.settle()
    merge_people(stage.workspace, ann, old)
    stage.settle()
    segment = stage.dynamic("Visitors", 'did "visit" at least 1 time')
    stage.settle()
    assert stage.members(segment) == {ann, gone}
    now.move(400 * DAY)
    stage.put("late", events=[("visit", ms(-390), {}), ("visit", ms(-1), {})])
    stage.settle()
    stage.api().call("DELETE", f"/people/{gone}", expect=204)
    stage.settle()
    assert set_rule(stage, "events", 100) == 2
    assert run(stage) == {"events": 2}
    assert len(events_in_log(stage)) == 1
    assert events_in_log(stage) == events_in_index(stage)
    assert ann not in stage.members(segment)


def test_events_go_page_by_page_and_a_killed_run_goes_on(
    stage: Stage, now: clock.Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coterie.audience.retained._CHANGES", 2)
    for number in range(7):
        stage.put(f"p{number}", events=[("visit", ms(), {}), ("visit", ms(90), {})])
    segment = stage.dynamic("Twice", 'did "visit" at least 2 times')
    stage.settle()
    assert len(stage.members(segment)) == 7
    now.move(120 * DAY)
    assert set_rule(stage, "events", 60) == 7
    kill_at(monkeypatch, 2)
    sweeping.start_due()
    with pytest.raises(Killed):
        run_all()
    stage.settle()
    assert len(events_in_log(stage)) == 10, "two pages of two changes"
    assert events_in_log(stage) == sorted(events_in_index(stage))
    assert len(stage.members(segment)) == 3
    monkeypatch.undo()
    now.move(timedelta(minutes=5))
    run_all()
    stage.settle()
    job = Job.objects.get(kind=sweeping.KIND)
    assert (job.state, job.result["counts"]) == ("done", {"events": 7})
    assert events_in_log(stage) == sorted(events_in_index(stage))
    assert stage.members(segment) == set()


class Killed(BaseException):
    """The process ends here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    seen: list[str] = []

    def hit(name: str) -> None:
        seen.append(name)
        if seen.count("privacy.retain.step") == step and name == "privacy.retain.step":
            raise Killed

    monkeypatch.setattr("coterie.kit.failpoints.hit", hit)


def a_file(stage: Stage, purpose: str, **more: Any) -> StoredFile:
    path = files.new_place(stage.workspace, ".x")
    path.write_bytes(b"x")
    return files.keep(stage.workspace, path, name="x", purpose=purpose, **more)


def a_job(stage: Stage) -> Job:
    return Job.objects.create(
        workspace=stage.workspace, kind="export", title="x", state="done", permission="people:read", by="x",
        finished_at=clock.now(),
    )  # fmt: skip


def an_import(stage: Stage) -> Import:
    source = Import.objects.create(workspace=stage.workspace, name="x", format="csv", upload=a_file(stage, "upload"))
    ImportRow.objects.create(workspace=stage.workspace, source=source, phase=2, line=1, outcome=1, number=1)
    return source


def a_quarantined(stage: Stage) -> Quarantine:
    return Quarantine.objects.create(
        workspace=stage.workspace, source=a_key(stage), received_at=clock.now(), flavour="segment", call="track",
        id_hash=str(Quarantine.objects.count()).encode(), message_id="x", code="bad", reason="bad", body=b"",
    )  # fmt: skip


def a_key(stage: Stage) -> Any:
    from coterie.accounts.models import ApiKey

    made, _ = ApiKey.objects.of(stage.workspace).get_or_create(
        workspace=stage.workspace, kind="write", name="x", prefix="wk_x", hashed=f"{stage.workspace.pk}"
    )
    return made


def put(stage: Stage, user: str, days: int = 0) -> int:
    """A person who was seen, with an event, so many days after now."""
    record = EventRecord("visit", ms(days), f"{user}-{ms(days)}")
    edit = PersonEdit(identities=[("user_id", user)], events=[record], seen_at=ms(days), origin=Origin("api", "x"))
    number = apply_edits(stage.workspace, [edit])[0].number
    assert number is not None
    return number


def a_merge(stage: Stage) -> Any:
    return MergeRecord.objects.create(workspace=stage.workspace, survivor=98, merged=99, at=clock.now())


def a_rejected(stage: Stage) -> Any:
    count = RejectedValue.objects.count()
    return RejectedValue.objects.create(
        workspace=stage.workspace, number=99, key=f"k{count}", value='"x"', reason="x", at=clock.now()
    )


MAKERS: dict[str, Callable[[Stage], object]] = {
    "events": lambda stage: put(stage, f"seen-{Person.objects.count()}"),
    "people": lambda stage: None,
    "copies": lambda stage: a_file(stage, "copy"),
    "notes": lambda stage: Note.objects.create(workspace=stage.workspace, number=99, text="x", by="x"),
    "rejected_values": a_rejected,
    "merges": a_merge,
    "quarantine": a_quarantined,
    "id_conflicts": lambda stage: IdConflict.objects.create(
        workspace=stage.workspace, source=a_key(stage), day=clock.now().date(), count=1, message_id="x", sample="x"
    ),
    "imports": an_import,
    "exports": lambda stage: a_file(stage, "export"),
    "error_files": lambda stage: a_file(stage, "errors"),
    "jobs": a_job,
    "notifications": lambda stage: Notification.objects.create(
        workspace=stage.workspace, user=stage.users["alice"], job=a_job(stage), text="x"
    ),
}
# Its own test makes the rows: a log of moves, of which snapshots hold the oldest.
ELSEWHERE = {"memberships"}


def test_each_class_has_a_case() -> None:
    assert MAKERS.keys() | ELSEWHERE == CLASSES.keys()


def test_each_class_goes_by_its_age(stage: Stage, now: clock.Frozen) -> None:
    """Two old entries and a young one of each: previews say two, a hold stops it, and a run removes two."""

    def rows(days: int) -> dict[str, int]:
        found = {name: preview(stage, name, days) for name in MAKERS}
        assert {each["paused"] for each in found.values()} == {LegalHold.objects.exists()}
        return {name: each["rows"] for name, each in found.items() if each["rows"]}

    def make() -> None:
        for name, maker in MAKERS.items():
            if name not in ("jobs", "people"):
                maker(stage)
        stage.settle()

    make()
    now.move(DAY)
    make()
    now.move(100 * DAY)
    make()
    seen = {each["name"]: each["oldest"] for each in (preview(stage, name, 50) for name in MAKERS)}
    assert set(seen.values()) == {clock.iso(START), clock.iso(START.replace(hour=0))}
    assert seen["id_conflicts"] == clock.iso(START.replace(hour=0))
    two = dict.fromkeys(MAKERS, 2)
    assert rows(50) == two
    hold = stage.api().call("POST", "/holds", {"reason": "Case 7"}, expect=201)
    assert rows(50) == {}
    for name in MAKERS:
        set_rule(stage, name, 50)
    assert run(stage) == {}
    stage.api().call("DELETE", f"/holds/{hold['id']}", expect=204)
    shown = {row["name"]: row["now"]["rows"] for row in stage.api().call("GET", "/retention")["items"]}
    assert shown == two | dict.fromkeys(ELSEWHERE, 0)
    assert run(stage) == two
    assert rows(50) == {}
    # What is left is young: but for the run, which was a job too.
    now.move(2 * DAY)
    assert rows(1) == dict.fromkeys(MAKERS, 1) | {"jobs": 2}


def test_people_are_deleted_or_erased(stage: Stage, now: clock.Frozen) -> None:
    ann, busy = put(stage, "ann"), put(stage, "busy", 100)
    never = stage.put("never", city="Bonn")
    stage.settle()
    now.move(150 * DAY)
    assert set_rule(stage, "people", 100, action="delete") == 1
    assert run(stage) == {"people": 1}
    states = dict(Person.objects.of(stage.workspace).values_list("number", "state"))
    assert states == {ann: "deleted", never: "active", busy: "active"}
    assert not Erasure.objects.exists()
    now.move(100 * DAY)
    assert set_rule(stage, "people", 100, action="erase") == 1
    assert run(stage) == {"people": 1}
    assert Erasure.objects.get().numbers == [busy]
    assert preview(stage, "people", 100)["rows"] == 0, "it goes already"
    refused = stage.api().call("PUT", "/retention/people", {"days": 5, "action": "remove", "rows": 0}, expect=400)
    assert refused["details"]["actions"] == ["delete", "erase"]


def test_a_hold_wins(stage: Stage, now: clock.Frozen) -> None:
    """Over age, deletion, erasure, for who was merged too; when its time is over it is as if it had never been."""
    ann, twin, bob = (put(stage, name) for name in ("ann", "twin", "bob"))
    stage.settle()
    merge_people(stage.workspace, ann, twin)
    for number in (ann, bob):
        Note.objects.create(workspace=stage.workspace, number=number, text="x", by="x")
    stage.settle()
    body = {"person": twin, "reason": "Case 7", "until": clock.iso(clock.now() + 200 * DAY)}
    hold = stage.api().call("POST", "/holds", body, expect=201)
    assert hold["person"] == ann
    for method, path, sent in (("DELETE", f"/people/{ann}", None), ("POST", "/people/erase", {"people": [ann, bob]})):
        refused = stage.api().call(method, path, sent, expect=409)
        assert (refused["code"], refused["details"]["reason"]["details"]["hold"]) == ("on_hold", "Case 7")
    done = stage.api().call("POST", "/people/bulk/delete", {"selection": {"numbers": [ann]}})
    assert (done["changed"], done["failures"][0]["number"]) == (0, ann)
    assert "Case 7" in done["failures"][0]["reason"]
    now.move(100 * DAY)
    assert [set_rule(stage, name, 50) for name in ("events", "notes", "people")] == [1, 1, 1]
    assert run(stage) == {"events": 1, "notes": 1, "people": 1}
    assert sorted({number for number, _ in events_in_log(stage)}) == [ann, twin]
    assert Note.objects.get().number == ann
    assert preview(stage, "exports", 1)["paused"], "an export may hold anyone"
    now.move(101 * DAY)
    assert run(stage) == {"events": 2, "notes": 1, "people": 1}
    assert Person.objects.get(number=ann).state == "deleted"


def test_holds_are_set_changed_and_ended(stage: Stage, now: clock.Frozen) -> None:
    ann = stage.put("ann")
    stage.api("bob").call("GET", "/holds", expect=403)
    stage.api().call("POST", "/holds", {"person": 999, "reason": "x"}, expect=404)
    stage.api().call("POST", "/holds", {"reason": " "}, expect=400)
    past = clock.iso(clock.now() - DAY)
    stage.api().call("POST", "/holds", {"reason": "x", "until": past}, expect=400)
    hold = stage.api("ada").call("POST", "/holds", {"person": ann, "reason": "x"}, expect=201)
    changed = stage.api().call("PUT", f"/holds/{hold['id']}", {"reason": "Case 8", "until": "2027-01-01T00:00:00"})
    assert (changed["reason"], changed["until"]) == ("Case 8", "2027-01-01T00:00:00.000Z")
    assert [row["id"] for row in stage.api().call("GET", "/holds")["items"]] == [hold["id"]]
    stage.api().call("DELETE", f"/holds/{hold['id']}", expect=204)
    stage.api().call("DELETE", f"/holds/{hold['id']}", expect=404)
    noted = AuditEntry.objects.filter(action__startswith="hold.").order_by("number")
    assert [(row.action, row.target) for row in noted] == [
        (f"hold.{what}", f"person:{ann}") for what in ("set", "changed", "ended")
    ]
    stage.api().call("POST", "/people/erase", {"people": [ann]})
    for body in ({"person": ann, "reason": "x"}, {"reason": "x"}):
        assert stage.api().call("POST", "/holds", body, expect=409)["code"] == "erasure_going_on"


def test_a_rule_is_set_by_who_saw_what_it_removes(stage: Stage, now: clock.Frozen) -> None:
    for _ in range(20):
        Note.objects.create(workspace=stage.workspace, number=1, text="private words", by="x")
    now.move(10 * DAY)
    assert "private words" not in json.dumps(preview(stage, "notes", 5))
    refused = stage.api().call("PUT", "/retention/notes", {"days": 5, "rows": 3}, expect=409)
    assert (refused["code"], refused["details"]) == ("preview_changed", {"rows": 20, "seen": 3})
    stage.api().call("PUT", "/retention/notes", {"days": 5}, expect=400)
    stage.api("bob").call("PUT", "/retention/notes", {"days": 5, "rows": 20}, expect=403)
    stage.api().call("PUT", "/retention/nothing", {"days": 5, "rows": 0}, expect=404)
    stage.api().call("POST", "/retention/preview", {"name": "notes", "days": 0}, expect=400)
    set_to = stage.api("ada").call("PUT", "/retention/notes", {"days": 5, "rows": 20})
    assert (set_to["rule"]["days"], set_to["days"], set_to["now"]["rows"]) == (5, 5, 20)
    assert set_to["rule"]["by"] == f"user:{stage.users['ada'].public_id}"
    stage.api().call("DELETE", "/retention/notes", expect=204)
    stage.api().call("DELETE", "/retention/notes", expect=404)
    (row,) = [row for row in stage.api().call("GET", "/retention")["items"] if row["name"] == "notes"]
    assert (row["rule"], row["days"], row["now"]) == (None, None, None)
    assert run(stage) == {}, "without a rule and a default it stays"
    kept = AuditEntry.objects.filter(action__startswith="retention.").order_by("number")
    assert [row.action for row in kept] == ["retention.set", "retention.dropped"]


def test_files_expire_by_the_rule(stage: Stage, now: clock.Frozen) -> None:
    """A file tells when it goes: by the rule as it is when the file is made, and by the new one when that changes."""
    stage.put("ann", city="Bonn")
    stage.settle()
    set_rule(stage, "exports", 3)
    stage.api().call("POST", "/exports", {"columns": ["city"]})
    run_all()
    file = StoredFile.objects.get(purpose="export")
    assert file.expires_at == START + 3 * DAY
    set_rule(stage, "exports", 20)
    file.refresh_from_db()
    assert file.expires_at == START + 20 * DAY
    stage.api().call("DELETE", "/retention/exports", expect=204)
    file.refresh_from_db()
    assert file.expires_at == START + 7 * DAY
    now.move(8 * DAY)
    stage.api().call("GET", f"/files/{file.public_id}", expect=404)
    assert files.path_of(file).exists()
    assert run(stage) == {"exports": 1}
    assert not files.path_of(file).exists()


def test_workspaces_do_not_touch_each_other(
    stage: Stage, now: clock.Frozen, make_workspace: Callable[..., Workspace]
) -> None:
    other = Stage(make_workspace(), stage.users)
    for each in (stage, other):
        Note.objects.create(workspace=each.workspace, number=1, text="x", by="x")
        each.put("ann", events=[("visit", ms(), {})])
        each.settle()
    LegalHold.objects.create(workspace=other.workspace, reason="x", by="x")
    now.move(10 * DAY)
    for name in ("notes", "events"):
        set_rule(stage, name, 5)
    assert run(stage) == {"events": 1, "notes": 1}
    assert list(Note.objects.values_list("workspace", flat=True)) == [other.workspace.pk]
    assert len(events_in_log(other)) == len(events_in_index(other)) == 1
    assert not Job.objects.of(other.workspace).exists()


def test_a_run_goes_on_after_a_kill_and_can_be_cancelled(
    stage: Stage, now: clock.Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "CHUNK", 2)
    for _ in range(5):
        Note.objects.create(workspace=stage.workspace, number=1, text="x", by="x")
    now.move(10 * DAY)
    set_rule(stage, "notes", 5)
    kill_at(monkeypatch, 2)
    job = stage.api().call("POST", "/retention/run")
    assert stage.api().call("POST", "/retention/run", expect=409)["code"] == "retention_going_on"
    with pytest.raises(Killed):
        run_all()
    assert Note.objects.count() == 1
    assert Job.objects.get().result["counts"] == {"notes": 4}
    monkeypatch.undo()
    now.move(timedelta(minutes=5))
    run_all()
    assert (Job.objects.get().state, Job.objects.get().result["counts"]) == ("done", {"notes": 5})
    Note.objects.create(workspace=stage.workspace, number=1, text="x", by="x")
    now.move(10 * DAY)
    job = stage.api().call("POST", "/retention/run")
    stage.api().call("POST", f"/jobs/{job['id']}/cancel")
    run_all()
    assert Note.objects.count() == 1


def test_it_runs_once_a_day(stage: Stage, now: clock.Frozen) -> None:
    task = [row for row in TASKS if row.name == "privacy.retain"]
    a_file(stage, "export")
    assert run_due(task) == ["privacy.retain"]
    assert not Job.objects.exists(), "nothing is too old"
    now.move(8 * DAY)
    assert run_due(task) == ["privacy.retain"]
    assert run_due(task) == []
    job = Job.objects.get()
    assert (job.kind, job.by, job.permission, job.user) == ("privacy.retain", "system", "people:delete", None)
    run_all()
    assert not StoredFile.objects.filter(removed_at=None).exists()


def test_what_is_personal_is_of_a_class_or_says_how_long_it_stays() -> None:
    named = [holding for kept in CLASSES.values() for holding in kept.holdings]
    assert len(named) == len(set(named))
    assert set(named) <= HOLDINGS.keys()
    for holding in HOLDINGS.values():
        if holding.subject == "person" and holding.holds_personal:
            assert (holding.name in named) != bool(holding.kept), holding.name
        assert not holding.kept or holding.kept.endswith(".")
