"""Erasing: everything of a person goes from every store, nothing of anyone else, and what still comes is stopped."""

from __future__ import annotations

import io
import json
import secrets
import threading
import zipfile
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings

from coterie.accounts.models import AuditEntry
from coterie.audience.engine import engine
from coterie.cli import doctor
from coterie.jobs import files, runner
from coterie.jobs.models import Job, Notification, StoredFile
from coterie.kit import clock
from coterie.kit.errors import Conflict
from coterie.people import changes
from coterie.people.actions import PersonEdit, apply_edits, merge_people
from coterie.people.edits import EventRecord, Origin
from coterie.people.models import Change, Identity, MergeRecord, Note, Person, Tombstone
from coterie.privacy import erasing, ledger
from coterie.privacy.certificate import is_genuine, public_key
from coterie.privacy.models import Erasure
from coterie.privacy.replay import replay
from coterie.privacy.tasks import finish_erasures
from coterie.segments.models import BulkUndo, StaticMember
from coterie.transfers import actions as transfers
from coterie.transfers import exporting
from coterie.transfers.models import Import
from tests.segments.conftest import Stage
from tests.support.clearing import clear_index
from tests.support.jobs import run_all
from tests.support.killing import killed_at

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _few_parts() -> None:
    clear_index()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch, stage: Stage, tmp_path: Path) -> None:
    """The projector of a test runs when it is asked for. What is left in files is the matter of test_needles: a
    test's transaction is still open.
    """

    def projected(workspace: Any, seq: int, *, seconds: float = 2.0) -> bool:
        stage.settle()
        return True

    monkeypatch.setattr("coterie.privacy.erasing.wait_until", projected)
    monkeypatch.setattr("coterie.audience.erasing._removed_at_once", lambda source: nullcontext())
    monkeypatch.setattr("coterie.audience.erasing._old_parts", lambda source, workspace_id: set())
    monkeypatch.setattr(ledger, "path", lambda: tmp_path / ledger.LEDGER)
    monkeypatch.setitem(erasing._STEPS, "pages", lambda erasure, beat: iter(()))


def erase(stage: Stage, *numbers: int, who: str = "alice") -> Erasure:
    made = stage.api(who).call("POST", "/people/erase", {"people": list(numbers), "reason": "Request 7"})
    run_all()
    erasure = Erasure.objects.get(public_id=made["id"])
    job = Job.objects.get(public_id=made["job"])
    assert (job.state, job.error, erasure.state) == ("done", "", "done")
    return erasure


def late(stage: Stage, user: str, kind: str = "tracking", **values: Any) -> Any:
    record = EventRecord("purchase", 3_000, f"late-{user}")
    edit = PersonEdit(identities=[("user_id", user)], set=values, events=[record], origin=Origin(kind, "k"))  # type: ignore[arg-type]
    return apply_edits(stage.workspace, [edit])[0]


def log_text(stage: Stage) -> str:
    return "".join(json.dumps(changes.body_of(row)) for row in Change.objects.of(stage.workspace))


def test_it_works(stage: Stage) -> None:
    ann = stage.put("ann", email="ann@x.de", city="Bonn", events=[("purchase", 1_000, {"item": "red shoes"})])
    bob = stage.put("bob", email="bob@x.de", city="Bonn", events=[("purchase", 2_000, {"item": "a hat"})])
    segment = stage.dynamic("Bonn", 'city is "Bonn"')
    static = stage.static("Chosen", [ann, bob])
    Note.objects.create(workspace=stage.workspace, number=ann, text="likes shoes", by="cli")
    BulkUndo.objects.create(
        workspace=stage.workspace,
        by="x",
        permission="people:write",
        body={"values": {str(ann): {"city": ["Ulm", "Bonn"]}, str(bob): {"city": ["Köln", "Bonn"]}}, "tags": {}},
    )
    stage.settle()
    assert stage.members(segment) == {ann, bob}
    erasure = erase(stage, ann)
    stage.settle()
    person = Person.objects.of(stage.workspace).get(number=ann)
    assert (person.state, person.data, person.origins) == ("deleted", {}, {})
    assert list(Identity.objects.of(stage.workspace).values_list("number", flat=True).distinct()) == [bob]
    assert not Note.objects.of(stage.workspace).exists()
    assert "red shoes" not in log_text(stage)
    assert "a hat" in log_text(stage)
    assert BulkUndo.objects.get().body["values"] == {str(bob): {"city": ["Köln", "Bonn"]}}
    assert stage.members(segment) == {bob}
    assert list(StaticMember.objects.filter(segment=static).values_list("number", flat=True)) == [bob]
    stage.api().call("GET", f"/people/{ann}", expect=404)
    for table in ("people", "events", "transitions"):
        found = engine().rows(f"SELECT DISTINCT number FROM {table} WHERE workspace = {stage.workspace.pk}")
        assert [number for (number,) in found] == [bob], table
    assert stage.api().call("POST", "/people/count", {"where": 'did "purchase"'})["total"] == 1
    counts = erasure.counts
    assert (counts["people_person"], counts["people_identity"], counts["people_note"]) == (1, 2, 1)
    assert (counts["events of the log"], counts["index.events"], counts["segments_bulkundo"]) == (1, 1, 1)


def test_what_still_comes_is_stopped(stage: Stage) -> None:
    ann = stage.put("ann", email="ann@x.de")
    erase(stage, ann)
    before = Person.objects.count()
    outcome = late(stage, "ann", city="Bonn")
    assert (outcome.number, outcome.code) == (None, "person_erased")
    # By a value that would be the identity, too, of a person of another name, and by hand.
    assert late(stage, "new-ann", email="ANN@x.de ").code == "person_erased"
    body = {"identities": [{"kind": "email", "value": "ann@x.de"}]}
    refused = stage.api().call("POST", "/people", body, expect=409)
    assert refused["code"] == "person_erased"
    other = stage.put("carl")
    refused = stage.api().call("PATCH", f"/people/{other}", {"set": {"email": "ann@x.de"}}, expect=409)
    assert refused["code"] == "person_erased"
    assert Person.objects.count() == before + 1
    # Others are taken as ever, in the same batch.
    edits = [PersonEdit(identities=[("user_id", user)], set={"city": "Ulm"}) for user in ("ann", "dora")]
    first, second = apply_edits(stage.workspace, edits)
    assert (first.number, second.created) == (None, True)


def test_who_agrees_anew_may_come_again(stage: Stage) -> None:
    ann = stage.put("ann", email="ann@x.de")
    erase(stage, ann)
    stage.api("bob").call("POST", "/erasures/allow", {"kind": "user_id", "value": "ann"}, expect=403)
    stage.api().call("POST", "/erasures/allow", {"kind": "user_id", "value": "ann"}, expect=204)
    again = late(stage, "ann", city="Bonn")
    assert again.created
    assert again.number != ann
    assert late(stage, "other", email="ann@x.de").code == "person_erased"
    stage.api().call("POST", "/erasures/allow", {"kind": "user_id", "value": "nobody"}, expect=404)
    stage.api().call("POST", "/erasures/allow", {"kind": "email", "value": "no address"}, expect=400)
    assert [row.details for row in AuditEntry.objects.filter(action="tombstone.lifted")] == [{"kind": "user_id"}]


def test_merged_people_go_together(stage: Stage) -> None:
    ann, old = stage.put("ann", name="Ann"), stage.put("old", name="Anne", events=[("visit", 1, {"page": "x"})])
    third = stage.put("third")
    merge_people(stage.workspace, ann, old)
    stage.settle()
    erasure = erase(stage, old)
    assert erasure.numbers == sorted([ann, old])
    assert not MergeRecord.objects.exists()
    assert late(stage, "old").code == late(stage, "ann").code == "person_erased"
    assert Person.objects.filter(state="active").get().number == third
    assert erasure.counts["events of the log"] == 1


def test_a_certificate(stage: Stage) -> None:
    # A word that the letters of an id can't make, and so long that those of a signature won't.
    mathilda = stage.put("mathilda", email="mathilda@x.de", events=[("purchase", 1_000, {})])
    made = stage.api().call("POST", "/people/erase", {"people": [mathilda]})
    stage.api().call("GET", f"/erasures/{made['id']}/certificate", expect=409)
    run_all()
    certificate = stage.api().call("GET", f"/erasures/{made['id']}/certificate")
    assert is_genuine(certificate)
    assert is_genuine(certificate, key=public_key())
    statement = certificate["statement"]
    assert (statement["people"], statement["removed"]["people_identity"]) == (1, 2)
    assert statement["outstanding"]
    assert "mathilda" not in json.dumps(certificate).lower()
    for damaged in (
        certificate | {"statement": statement | {"people": 2}},
        certificate | {"signature": certificate["signature"][:-8] + "AAAAAA=="},
        certificate | {"public_key": "AAAA"},
        {},
    ):
        assert not is_genuine(damaged)
    assert not is_genuine(certificate, key="another")
    (seen,) = stage.api().call("GET", "/erasures")["items"]
    assert (seen["id"], seen["state"], seen["reason"], seen["people"]) == (made["id"], "done", "", [mathilda])
    actions = list(AuditEntry.objects.order_by("number").values_list("action", flat=True))
    assert [name for name in actions if name.startswith("people.")] == ["people.erasure_asked", "people.erased"]


def test_what_is_refused(stage: Stage) -> None:
    ann = stage.put("ann")
    stage.api("bob").call("POST", "/people/erase", {"people": [ann]}, expect=403)
    refused = stage.api().call("POST", "/people/erase", {"people": [ann, 999]}, expect=404)
    assert refused["details"]["missing"] == [999]
    stage.api().call("POST", "/people/erase", {"people": []}, expect=400)
    assert not Tombstone.objects.exists()
    erase(stage, ann)
    again = stage.api().call("POST", "/people/erase", {"people": [ann]}, expect=409)
    assert again["code"] == "erased_already"
    stage.api().call("GET", "/erasures/era_nothing", expect=404)


def test_someone_deleted_before_can_be_erased(stage: Stage) -> None:
    """Deleting leaves the events in the log, from which an index is made; erasing takes them out."""
    ann = stage.put("ann", events=[("purchase", 1_000, {"item": "red shoes"})])
    stage.settle()
    stage.api().call("DELETE", f"/people/{ann}", expect=204)
    stage.settle()
    assert "red shoes" in log_text(stage)
    erase(stage, ann)
    assert "red shoes" not in log_text(stage)


@pytest.mark.parametrize("after", ["", *erasing._STEPS])
def test_it_goes_on_where_it_was_broken_off(stage: Stage, after: str) -> None:
    ann = stage.put("ann", email="ann@x.de", events=[("purchase", 1_000, {"item": "red shoes"})])
    stage.put("bob", events=[("purchase", 1_000, {"item": "a hat"})])
    made = stage.api().call("POST", "/people/erase", {"people": [ann]})
    Job.objects.all().delete()
    erasure = Erasure.objects.select_related("workspace").get(public_id=made["id"])
    for _ in erasing.erase(erasure, lambda: None):
        if after in (erasure.step, ""):
            break
    assert finish_erasures() == 1
    # The clock gives it a job, in which it goes on like any other.
    assert finish_erasures() == 0
    run_all()
    erasure.refresh_from_db()
    assert erasure.job is not None
    assert (erasure.job.by, erasure.job.state) == ("system", "done")
    assert (erasure.state, erasure.counts["people_identity"], erasure.counts["events of the log"]) == ("done", 2, 1)
    assert "red shoes" not in log_text(stage)
    assert len(list(ledger.read())) == 1
    assert finish_erasures() == 0


@pytest.mark.parametrize("count", range(1, len(erasing._STEPS) + 1))
def test_killed_after_any_step_it_goes_on(stage: Stage, count: int) -> None:
    ann = stage.put("ann", email="ann@x.de", events=[("purchase", 1_000, {"item": "red shoes"})])
    stage.settle()
    made = stage.api().call("POST", "/people/erase", {"people": [ann]})
    with clock.frozen(clock.now()) as now:
        with killed_at("erase.step", count):
            runner.run_one()
        now.move(timedelta(minutes=2))
        run_all()
    job, erasure = Job.objects.get(public_id=made["job"]), Erasure.objects.get()
    assert (job.state, job.attempts, erasure.state) == ("done", 1, "done")
    assert (erasure.counts["people_identity"], erasure.counts["events of the log"]) == (2, 1)
    assert erasure.counts["index.events"] == 1
    assert len(list(ledger.read())) == 1


def test_one_that_fails_is_tried_again_after_a_while(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    made = stage.api().call("POST", "/people/erase", {"people": [stage.put("ann")]})
    stage.api().call("POST", f"/jobs/{made['job']}/cancel")

    def fails(erasure: Erasure, beat: Any) -> Any:
        raise Conflict("Not now.")

    with monkeypatch.context() as patch, clock.frozen(clock.now()) as now:
        patch.setitem(erasing._STEPS, "index", fails)
        for _ in range(3):
            assert finish_erasures() == 1
            run_all()
            assert finish_erasures() == 0
            now.move(timedelta(minutes=11))
        patch.undo()
        patch.setitem(erasing._STEPS, "index", lambda erasure, beat: iter(()))
        patch.setitem(erasing._STEPS, "pages", lambda erasure, beat: iter(()))
        assert finish_erasures() == 1
        run_all()
    assert Erasure.objects.get().state == "done"
    assert [job.by for job in Job.objects.order_by("pk")][1:] == ["system"]


def test_the_lease_is_kept_while_a_large_table_is_cleaned(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.put("ann")
    erasure = Erasure(workspace=stage.workspace, counts={"people_person": 1})
    cleaned, beats = threading.Event(), []

    def beat() -> None:
        beats.append(1)
        if len(beats) == 3:
            cleaned.set()

    monkeypatch.setattr(erasing, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(erasing, "_tables", lambda: {"people_person"})
    monkeypatch.setattr(erasing, "_vacuum", lambda table: cleaned.wait(60))
    monkeypatch.setattr(erasing, "_PAUSE", 0.001)
    assert list(erasing._clean_pages(erasure, beat)) == [None]
    assert len(beats) >= 3


def test_the_ledger_is_where_all_processes_see_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    monkeypatch.undo()
    settings.COTERIE_DATA, settings.COTERIE_FILES = tmp_path / "own", tmp_path / "shared" / "files"
    (tmp_path / "own").mkdir()
    settings.COTERIE_DATABASE_URL = ""
    assert ledger.path() == tmp_path / "own" / ledger.LEDGER
    ledger.add("era_before", "acme", clock.now(), [], [])
    settings.COTERIE_DATABASE_URL = "postgres://db"
    assert ledger.path() == tmp_path / "shared" / "files" / ledger.LEDGER
    ledger.add("era_1", "acme", clock.now(), [(1, 2)], ["x"])
    ledger.add("era_1", "acme", clock.now(), [(1, 2)], ["x"])
    assert [line.erasure for line in ledger.read()] == ["era_before", "era_1"]
    for name in ("era_1", "era_gone", "era_asked"):
        step = "" if name == "era_asked" else "ledger"
        Erasure.objects.create(workspace=stage.workspace, public_id=name, scope="x", by="cli", step=step)
    assert ledger.missing() == ["era_gone"]
    (finding,) = doctor._ledger(None)  # type: ignore[arg-type]
    assert (finding.level, "1 erasures" in finding.found) == ("problem", True)


def test_a_restored_database_is_erased_again(stage: Stage) -> None:
    """As if the rows of before had come back: found by keyed hashes, and by number where they are the same people."""
    ann = stage.put("ann", email="ann@x.de", city="Bonn")
    plain = stage.put("plain", city="Ulm")
    stage.settle()
    identities, people = list(Identity.objects.filter(number=ann)), list(Person.objects.filter(number=ann))
    erase(stage, ann)
    Erasure.objects.all().delete()
    Tombstone.objects.all().delete()
    Identity.objects.bulk_create(identities)
    for person in people:
        person.save()
    assert Person.objects.get(number=ann).data["city"] == "Bonn"
    assert replay() == 1
    assert replay() == 0
    assert (Person.objects.get(number=ann).state, Person.objects.get(number=plain).state) == ("deleted", "active")
    assert late(stage, "ann").code == "person_erased"
    assert finish_erasures() == 1
    run_all()
    assert Erasure.objects.get().state == "done"


def test_an_import_that_was_open_in_a_backup_does_not_hold_the_start_up(stage: Stage) -> None:
    """Nobody runs jobs before the ledger is replayed, so nobody would end it."""
    ann, bob = stage.put("ann", email="ann@x.de"), stage.put("bob", email="bob@x.de")
    stage.settle()
    jobs = {}
    for who in ("ann", "bob"):
        source = transfers.upload(stage.access(), f"{who}.csv", [f"email,city\n{who}@x.de,Bonn\n".encode()])
        plan = {"columns": [{"column": 1, "field": "email"}, {"column": 2, "field": "city"}], "key": "email"}
        stage.api().call("PUT", f"/imports/{source.public_id}/plan", plan)
        jobs[who] = transfers.start_run(stage.access(), source.public_id)
    # As the backup of a server that was at work has it.
    Job.objects.update(state="running", token="lse_of_before", lease_until=clock.now() + timedelta(hours=1))
    row = Person.objects.get(number=ann)
    line = (row.number, clock.to_ms(row.created_at))
    ledger.add("era_later", stage.workspace.slug, clock.now(), [line], [])
    assert replay() == 1
    assert Person.objects.get(number=ann).state == "deleted"
    assert [source.name for source in Import.objects.all()] == ["bob.csv"]
    jobs["ann"].refresh_from_db()
    jobs["bob"].refresh_from_db()
    assert (jobs["ann"].state, jobs["ann"].token) == ("failed", "")
    assert "erased" in jobs["ann"].error
    assert (jobs["bob"].state, jobs["bob"].token) == ("running", "lse_of_before")
    assert [told.job for told in Notification.objects.all()] == [jobs["ann"]]
    assert Person.objects.get(number=bob).state == "active"


def test_exports_and_copies_go(stage: Stage) -> None:
    ann, bob = stage.put("ann", city="Bonn"), stage.put("bob")
    stage.settle()
    stage.api().call("POST", "/exports", {"columns": ["city"]})
    stage.api().call("POST", f"/people/{bob}/copy")
    run_all()
    kept = StoredFile.objects.filter(removed_at=None)
    assert sorted(kept.values_list("purpose", flat=True)) == ["copy", "export"]
    erasure = erase(stage, ann)
    assert not kept.exists()
    assert (erasure.counts["files.export"], erasure.counts["files.copy"]) == (1, 1)


# Other tests leave files behind.
NEEDLE = f"city-{secrets.token_hex(10)}"


def texts_in_files() -> bytes:
    """All that is in the folder of files, packed and unpacked."""
    found = b""
    for path in settings.COTERIE_FILES.rglob("*"):
        if path.is_file():
            found += path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    found += b"".join(packed.read(name) for name in packed.namelist())
    return found


@pytest.fixture
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs take turns after each step, and nobody waits."""
    monkeypatch.setattr(runner, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(erasing, "_PAUSE", 0.0)
    monkeypatch.setattr(exporting, "STEP", 1)


@pytest.mark.usefixtures("short_turns")
@pytest.mark.parametrize("what", ["csv", "xlsx", "copy"])
def test_an_export_that_has_read_them_ends_first_and_goes(stage: Stage, what: str) -> None:
    """It waits as long as the job goes on, whether a worker has it, or had it and was killed."""
    ann = stage.put("ann", city=NEEDLE)
    for place in range(3):
        stage.put(f"other-{place}", city="Ulm")
    stage.settle()
    with clock.frozen(clock.now()) as now:
        if what == "copy":
            job = stage.api().call("POST", f"/people/{ann}/copy")
            with killed_at("copy.step", 5):
                runner.run_one()
            now.move(timedelta(minutes=2))
        else:
            job = stage.api().call("POST", "/exports", {"columns": ["city"], "format": what})
            assert runner.run_one(stopping=lambda: True)
        made = stage.api().call("POST", "/people/erase", {"people": [ann]})
        stage.api().call("POST", f"/jobs/{made['job']}/cancel")
        erasure = Erasure.objects.select_related("workspace").get(public_id=made["id"])
        rounds = erasing.erase(erasure, lambda: None)
        while erasure.step != "undo":
            next(rounds)
        for _ in range(5):
            next(rounds)
            assert erasure.step == "undo"
        run_all()
        # What it has made meanwhile is there, and then it is not.
        assert Job.objects.get(public_id=job["id"]).state == "done"
        assert StoredFile.objects.get(job__public_id=job["id"], removed_at=None).purpose in ("export", "copy")
        for _ in rounds:
            pass
    assert NEEDLE.encode() not in texts_in_files()
    assert not StoredFile.objects.filter(removed_at=None).exclude(purpose="frozen").exists()
    assert erasure.counts["files.copy" if what == "copy" else "files.export"] == 1
    # One that begins after them can't hold them, and stays.
    stage.api().call("POST", "/exports", {"columns": ["city"]})
    run_all()
    assert StoredFile.objects.get(purpose="export", removed_at=None)


@pytest.mark.usefixtures("short_turns")
def test_what_a_cancelled_export_has_written_goes(stage: Stage) -> None:
    ann = stage.put("ann", city=NEEDLE)
    stage.put("other", city="Ulm")
    stage.settle()
    job = stage.api().call("POST", "/exports", {"columns": ["city"]})
    assert runner.run_one(stopping=lambda: True)
    stage.api().call("POST", f"/jobs/{job['id']}/cancel")
    assert NEEDLE.encode() in texts_in_files()
    erasure = erase(stage, ann)
    assert erasure.counts["files.part"] == 1
    assert NEEDLE.encode() not in texts_in_files()
    # Gone on with, it begins anew, about who is left.
    stage.api().call("POST", f"/jobs/{job['id']}/retry")
    run_all()
    (file,) = StoredFile.objects.filter(purpose="export", removed_at=None)
    assert files.path_of(file).read_text(encoding="utf-8-sig").split() == ["City", "Ulm"]


@pytest.mark.usefixtures("short_turns")
def test_what_a_killed_copy_has_written_goes(stage: Stage) -> None:
    ann = stage.put("ann", city=NEEDLE)
    stage.settle()
    job = stage.api().call("POST", f"/people/{ann}/copy")
    with clock.frozen(clock.now()) as now:
        with killed_at("copy.step", 5):
            runner.run_one()
        (part,) = StoredFile.objects.filter(purpose="part", removed_at=None)
        assert files.path_of(part).stat().st_size > 0
        now.move(timedelta(minutes=2))
        Job.objects.filter(public_id=job["id"]).update(attempts=5)
        erase(stage, ann)
    assert Job.objects.get(public_id=job["id"]).state == "failed"
    assert not files.path_of(part).exists()


def spreadsheet(*rows: list[Any]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("People")
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "holds"),
    [
        (b"name,phone\nx,0151 2345-6789\n", True),
        ("name,phone\nx,+49 (151) 23456789\n".encode("utf-16"), True),
        (b"name;phone\nx;0049.151.23456789\n", True),
        (spreadsheet(["name", "phone"], ["x", 4915123456789]), True),
        (spreadsheet(["name", "phone"], ["x", "0151/23456789"]), True),
        ("name,mail\nx,JÖRG@X.DE\n".encode(), True),
        (b"name,phone\nx,0151 2345-6788\n", False),
    ],
)
def test_an_upload_that_never_ran_goes_however_it_writes_them(stage: Stage, content: bytes, holds: bool) -> None:
    ann = stage.put("ann", phone="+4915123456789", email="jörg@x.de")
    stage.settle()
    source = transfers.upload(stage.access(), "people.csv", [content])
    erasure = erase(stage, ann)
    assert erasure.counts["files.upload"] == int(holds)
    assert Import.objects.filter(pk=source.pk).exists() != holds


def test_a_file_does_not_bring_them_back(stage: Stage) -> None:
    """An import of someone who was erased: rehearsal and run reject the row, and say why."""
    erase(stage, stage.put("ann", email="ann@x.de"))
    source = transfers.upload(stage.access(), "people.csv", [b"email,city\nann@x.de,Bonn\nnew@x.de,Ulm\n"])
    plan = {"columns": [{"column": 1, "field": "email"}, {"column": 2, "field": "city"}], "key": "email"}
    stage.api().call("PUT", f"/imports/{source.public_id}/plan", plan)
    for what in ("rehearse", "run"):
        stage.api().call("POST", f"/imports/{source.public_id}/{what}")
        run_all()
        phase = "rehearsal" if what == "rehearse" else "run"
        items = stage.api().call("GET", f"/imports/{source.public_id}/rows?phase={phase}")["items"]
        assert [(item["line"], item["outcome"]) for item in items] == [(2, "rejected"), (3, "created")], what
        assert "erased" in items[0]["reason"], what
    assert [person.data["email"] for person in Person.objects.filter(state="active")] == ["new@x.de"]


def test_the_certificate_counts_what_the_copy_held(stage: Stage) -> None:
    """A copy that was made just before has as many rows as the certificate says were removed."""
    ann = stage.put("ann", email="ann@x.de", city="Bonn", events=[("purchase", 1_000, {}), ("visit", 2_000, {})])
    old = stage.put("old", name="Anne")
    merge_people(stage.workspace, ann, old)
    apply_edits(stage.workspace, [PersonEdit(number=ann, set={"phone": "12"})])
    stage.dynamic("Bonn", 'city is "Bonn"')
    stage.static("Chosen", [ann])
    for text in ("likes shoes", "and hats"):
        Note.objects.create(workspace=stage.workspace, number=ann, text=text, by="cli")
    stage.settle()
    job = stage.api().call("POST", f"/people/{ann}/copy")
    run_all()
    (file,) = StoredFile.objects.filter(job__public_id=job["id"], removed_at=None)
    with zipfile.ZipFile(files.path_of(file)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    held = {each["holding"]: each["rows"] for each in manifest["holdings"] if each.get("file", "").endswith(".json")}
    made = erase(stage, ann)
    removed = made.certificate["statement"]["removed"]  # type: ignore[index]
    compared = {name: (held[name], removed[name]) for name in COUNTED}
    assert compared == {name: (size, size) for name, (size, _) in compared.items()}
    assert all(size for size, _ in compared.values())


# Holdings of which a row of the copy is a row that an erasure removes.
COUNTED = ("people_identity", "people_note", "people_rejectedvalue", "people_mergerecord", "index.events")
