"""A person's copy: everything that is kept of one person, and nothing of anyone else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
import zlib
from datetime import timedelta
from typing import Any

import pytest

from coterie.accounts.models import ApiKey, AuditEntry, Role
from coterie.jobs import files
from coterie.jobs.models import Job, StoredFile
from coterie.jobs.runner import run_one
from coterie.kit import clock
from coterie.people.actions import PersonEdit, apply_edits, merge_people
from coterie.people.models import MergeSuggestion, Note
from coterie.privacy.registry import HOLDINGS
from coterie.tracking.models import Quarantine
from coterie.transfers import actions as transfers
from tests.segments.conftest import Stage
from tests.support.jobs import run_all
from tests.support.killing import killed_at

pytestmark = pytest.mark.server


def copied(stage: Stage, number: int, who: str = "ada") -> zipfile.ZipFile:
    job = stage.api(who).call("POST", f"/people/{number}/copy")
    run_all()
    row = Job.objects.get(public_id=job["id"])
    assert (row.state, row.error) == ("done", "")
    (file,) = StoredFile.objects.filter(job=row)
    return zipfile.ZipFile(files.path_of(file))


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return found


def test_it_works(stage: Stage) -> None:
    ann = stage.put("ann", email="ann@x.de", city="Bonn", events=[("purchase", 1_000, {"item": "red shoes"})])
    old = stage.put("old-ann", name="Anne", events=[("visit", 500, {"page": "/secret"})])
    bob = stage.put("bob", email="bob@x.de", city="Ulm", events=[("purchase", 2_000, {"item": "a hat"})])
    apply_edits(stage.workspace, [PersonEdit(number=ann, set={"phone": "12"}, add_tags=["=cmd"])])
    stage.dynamic("In Bonn", 'city is "Bonn"')
    stage.static("Chosen", [ann])
    Note.objects.create(workspace=stage.workspace, number=old, text="likes shoes", by="cli")
    merge_people(stage.workspace, ann, old)
    stage.settle()
    archive = copied(stage, old)
    values = {row["field"]: row["value"] for row in rows(archive, "people_person")}
    assert (values["email"], values["city"], values["name"], values["tags"]) == ("ann@x.de", "Bonn", "Anne", ["=cmd"])
    assert {(row["kind"], row["value"]) for row in rows(archive, "people_identity")} == {
        ("user_id", "ann"),
        ("user_id", "old-ann"),
        ("email", "ann@x.de"),
    }
    assert [(row["name"], row["properties"]) for row in rows(archive, "index.events")] == [
        ("purchase", {"item": "red shoes"}),
        ("visit", {"page": "/secret"}),
    ]
    assert [row["text"] for row in rows(archive, "people_note")] == ["likes shoes"]
    assert [row["value"] for row in rows(archive, "people_rejectedvalue")] == ["12"]
    assert {row["segment"] for row in rows(archive, "index.transitions")} == {"In Bonn", "Chosen"}
    (merge,) = rows(archive, "people_mergerecord")
    assert merge["before"]["merged"]["values"]["name"] == "Anne"
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"bob" not in everything
    assert b"Ulm" not in everything
    assert bob != ann


def test_the_manifest_names_every_file_and_every_gap(stage: Stage) -> None:
    ann = stage.put("ann", name='=HYPERLINK("x")')
    stage.settle()
    archive = copied(stage, ann)
    manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["person"], manifest["numbers"], manifest["workspace"]) == (ann, [ann], stage.workspace.slug)
    files_told = {each["file"]: each for each in manifest["holdings"] if "file" in each}
    assert {*files_told, "manifest.json"} == set(archive.namelist())
    for name, told in files_told.items():
        content = archive.read(name)
        assert told["sha256"] == hashlib.sha256(content).hexdigest()
        if name.endswith(".json"):
            assert told["rows"] == len(json.loads(content))
        else:
            assert told["rows"] == max(0, len(list(csv.reader(io.StringIO(content.decode(), newline="")))) - 1)
    about = {name for name, holding in HOLDINGS.items() if holding.subject == "person"}
    assert {each["holding"] for each in manifest["holdings"]} == about
    assert all(each["why_not"] for each in manifest["holdings"] if "file" not in each)
    # A cell that a spreadsheet would run is made harmless; the JSON has it as it is.
    assert "'=HYPERLINK" in archive.read("people_person.csv").decode()
    assert '"=HYPERLINK' in archive.read("people_person.json").decode()


def test_who_may(stage: Stage) -> None:
    ann = stage.put("ann")
    stage.settle()
    for who in ("bob", "vera"):
        stage.api(who).call("POST", f"/people/{ann}/copy", expect=403)
    stage.api("ada").call("POST", "/people/999/copy", expect=404)
    job = stage.api("alice").call("POST", f"/people/{ann}/copy")
    run_all()
    # An admin may make one of their own, but not have that of someone else.
    stage.api("ada").call("GET", f"/jobs/{job['id']}", expect=404)
    assert stage.api("alice").call("GET", f"/jobs/{job['id']}")["files"][0]["purpose"] == "copy"
    entries = AuditEntry.objects.filter(action="person.copied")
    assert [entry.target for entry in entries] == [f"person:{ann}"]


def test_hidden_segments_have_no_name(stage: Stage) -> None:
    ann = stage.put("ann", city="Bonn")
    secret = stage.dynamic("Fraud watch", 'city is "Bonn"')
    stage.hide(secret, Role.ADMIN)
    stage.settle()
    (row,) = rows(copied(stage, ann, "ada"), "index.transitions")
    assert (row["segment"], row["what"]) == (None, "entered")
    (row,) = rows(copied(stage, ann, "alice"), "index.transitions")
    assert row["segment"] == "Fraud watch"


def test_each_part_has_what_is_the_persons(stage: Stage) -> None:
    """Every holding that is copied, with what it says of this person and nothing of the one beside."""
    workspace = stage.workspace
    ann = stage.put("ann", email="ann@x.de", city="Bonn", events=[("purchase", 1_000, {"item": "red shoes"})])
    old, bob = stage.put("old-ann", name="Anne"), stage.put("bob", email="bob@x.de", city="Bonn")
    like = stage.put("like-ann")
    apply_edits(workspace, [PersonEdit(number=ann, set={"phone": "12"})])
    stage.dynamic("In Bonn", 'city is "Bonn"')
    stage.static("Chosen", [ann, bob])
    Note.objects.create(workspace=workspace, number=ann, text="likes shoes", by="cli")
    Note.objects.create(workspace=workspace, number=ann, text="was removed", by="cli", deleted_at=clock.now())
    Note.objects.create(workspace=workspace, number=bob, text="likes hats", by="cli")
    MergeSuggestion.objects.create(workspace=workspace, a=ann, b=like, score=80, reason="a like name", at=clock.now())
    merge_people(workspace, ann, old)
    stage.settle()
    key = ApiKey.objects.create(workspace=workspace, kind="write", name="k", prefix="w", hashed="h")
    for number, user in enumerate(("ann", "bob")):
        event = {"type": "wrong", "userId": user, "properties": {"x": f"of {user}"}}
        Quarantine.objects.create(
            workspace=workspace,
            source=key,
            received_at=clock.now(),
            flavour="segment",
            call="batch",
            id_hash=bytes([number]),
            message_id=f"m{number}",
            code="unknown_type",
            reason="there is no such type",
            body=zlib.compress(json.dumps(event).encode()),
        )
    source = transfers.upload(stage.access(), "people.csv", [b"email,city\nann@x.de,Ulm\nbob@x.de,Ulm\n"])
    plan = {"columns": [{"column": 1, "field": "email"}, {"column": 2, "field": "city"}], "key": "email"}
    stage.api().call("PUT", f"/imports/{source.public_id}/plan", plan)
    stage.api().call("POST", f"/imports/{source.public_id}/run")
    run_all()
    stage.settle()
    archive = copied(stage, ann)
    expected: dict[str, list[dict[str, Any]]] = {
        "people_person": [{"field": "city", "value": "Ulm", "from": "import"}, {"field": "name", "value": "Anne"}],
        "people_identity": [{"kind": "email", "value": "ann@x.de", "from": "api"}, {"value": "old-ann"}],
        "people_rejectedvalue": [{"field": "phone", "value": "12"}],
        "people_note": [{"text": "likes shoes"}],
        "people_mergerecord": [{"survivor": ann, "merged": old, "undone_at": None}],
        "people_mergesuggestion": [{"reason": "a like name", "score": 80, "state": "open"}],
        "segments_staticmember": [{"segment": "Chosen", "cause": "hand"}],
        "index.transitions": [
            {"segment": "In Bonn", "what": "entered"},
            {"segment": "In Bonn", "what": "left", "cause": "field"},
        ],
        "index.events": [{"name": "purchase", "properties": {"item": "red shoes"}, "at": "1970-01-01T00:00:01.000Z"}],
        "tracking_quarantine": [{"reason": "there is no such type"}],
        "transfers_importrow": [{"file": "people.csv", "line": 2, "outcome": "updated"}],
        "accounts_auditentry": [{"action": "person.copied", "by": "user"}],
    }
    assert set(expected) == {holding.name for holding in HOLDINGS.values() if holding.read is not None}
    for name, wanted in expected.items():
        found = rows(archive, name)
        for part in wanted:
            assert any(part.items() <= row.items() for row in found), (name, part, found)
    for name, size in (("people_note", 1), ("tracking_quarantine", 1), ("transfers_importrow", 1), ("index.events", 1)):
        assert len(rows(archive, name)) == size, name
    assert "of ann" in rows(archive, "tracking_quarantine")[0]["event"]
    everything = b"".join(archive.read(name) for name in archive.namelist())
    # No id makes any of them: ids have no "o" and no white space.
    assert not [word for word in (b"bob", b"likes hats", b"was removed") if word in everything]


def test_killed_in_the_middle_it_begins_anew(stage: Stage) -> None:
    ann = stage.put("ann", email="ann@x.de")
    stage.settle()
    job = stage.api("ada").call("POST", f"/people/{ann}/copy")
    with clock.frozen(clock.now()) as now:
        with killed_at("copy.step", 3):
            run_one()
        now.move(timedelta(minutes=2))
        run_all()
    row = Job.objects.get(public_id=job["id"])
    assert (row.state, row.attempts) == ("done", 1)
    # One file: what the first one had written is gone.
    (file,) = StoredFile.objects.filter(job=row, removed_at=None)
    with zipfile.ZipFile(files.path_of(file)) as archive:
        assert archive.testzip() is None
        assert {entry["value"] for entry in rows(archive, "people_identity")} == {"ann", "ann@x.de"}
