"""Exports: the people of one frozen set, in chosen columns, as a file that our own import takes back."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from django.conf import settings

from coterie.accounts.models import Role
from coterie.audience.projector import project
from coterie.filters.fields import FieldType
from coterie.jobs import actions as jobs_actions
from coterie.jobs import files, leases, runner, scratch
from coterie.jobs import queries as jobs
from coterie.jobs.files import path_of
from coterie.jobs.models import Job, StoredFile
from coterie.jobs.turn import Turn
from coterie.kit import clock
from coterie.kit.errors import CoterieError, Forbidden, NotFound
from coterie.people.actions import apply_edits, create_attribute, delete_person
from coterie.people.edits import PersonEdit
from coterie.segments import actions as segments
from coterie.transfers import actions, exporting, limits
from coterie.transfers.schemas import ExportBody
from tests.support.killing import killed_at
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server

HOSTILE = ["=1+1", "+49 151", "-5", "'x", "@a", "plain", "a;b", 'with "quotes"\nand lines', "Zoë 山田"]


@pytest.fixture
def filled(desk: Desk) -> Desk:
    for key, kind in (("note", FieldType.TEXT), ("orders", FieldType.NUMBER), ("vip", FieldType.BOOLEAN)):
        create_attribute(desk.workspace, key=key, type=kind)
    edits = [
        PersonEdit(
            identities=[("user_id", f"u{i}")],
            set={"note": note, "orders": i - 2.5, "vip": bool(i % 2), "city": "Rome" if i < 3 else "Bonn"},
            add_tags=["a", "b"] if i % 2 else [],
        )
        for i, note in enumerate(HOSTILE)
    ]
    apply_edits(desk.workspace, edits)
    project(desk.workspace)
    return desk


def exported(desk: Desk, *, who: str = "alice", **body: Any) -> tuple[Job, Path]:
    job = desk.finished(actions.start_export(desk.access(who), ExportBody.model_validate(body)))
    (file,) = StoredFile.objects.of(desk.workspace).filter(job=job, removed_at=None)
    return job, path_of(file)


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_it_works(filled: Desk) -> None:
    columns = ["note", "number", "orders", "vip", "tags"]
    job, path = exported(filled, where='city is "Rome"', columns=columns, name="Romans")
    assert rows(path) == [
        ["note", "number", "orders", "vip", "Tags"],
        ["'=1+1", "1", "-2.5", "false", ""],
        ["'+49 151", "2", "-1.5", "true", "a;b"],
        ["-5", "3", "-0.5", "false", ""],
    ]
    assert (job.result["counts"], job.done, job.total) == ({"exported": 3}, 3, 3)
    (file,) = jobs.files_of([job])[job.pk]
    assert file.name == "Romans.csv"
    assert file.expires_at is not None
    assert file.expires_at - file.created_at >= timedelta(days=6, hours=23)


def test_our_own_import_takes_it_back(filled: Desk) -> None:
    before = [row.data for row in filled.people()]
    for kind in ("csv", "xlsx"):
        columns = ["user_id", "note", "orders", "vip", "city", "tags"]
        _, path = exported(filled, format=kind, columns=columns)
        emptied = [PersonEdit(number=row.number, clear=["note", "orders"]) for row in filled.people()]
        apply_edits(filled.workspace, emptied)
        source = filled.upload(path.read_bytes(), name=path.name)
        assert [column["suggestion"]["field"] for column in source.found["looked_at"]] == columns
        filled.plan(source, *columns, key="user_id")
        filled.run(source)
        assert [row.data for row in filled.people()] == before, kind


def test_a_workbook(filled: Desk) -> None:
    _, path = exported(filled, format="xlsx", columns=["note", "orders", "vip"])
    table = pd.read_excel(path, engine="calamine", dtype={"note": str})
    assert list(table["orders"]) == [i - 2.5 for i in range(len(HOSTILE))]
    assert list(table["vip"]) == [bool(i % 2) for i in range(len(HOSTILE))]
    assert table["note"].iloc[0] == "'=1+1"
    # In the unpacked sheets: what is packed may hold any three bytes.
    with zipfile.ZipFile(path) as book:
        (sheet,) = (book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    assert b"=1+1" in sheet
    assert b"<f>" not in sheet


LONG = "long " * 8_000


def test_what_no_cell_can_hold(desk: Desk) -> None:
    """Long texts are counted and whole in a second file; large numbers and days come back as they were."""
    kinds = {"note": FieldType.TEXT, "big": FieldType.NUMBER, "born": FieldType.DATE, "seen": FieldType.DATETIME}
    for key, kind in kinds.items():
        create_attribute(desk.workspace, key=key, type=kind)
    rows_in = [
        {"note": LONG + "end", "big": 2**53, "born": "1990-01-31", "seen": "2026-01-31T10:00:00.123Z"},
        {"note": "x" * limits.CELL, "big": -(2**53), "born": "1850-12-24"},
        {"note": "short", "big": 1.5, "born": "0001-01-01"},
    ]
    made = [PersonEdit(identities=[("user_id", f"u{i}")], set=values) for i, values in enumerate(rows_in)]
    assert not any(outcome.rejected for outcome in apply_edits(desk.workspace, made))
    project(desk.workspace)
    before = [row.data for row in desk.people()]
    body = ExportBody.model_validate({"format": "xlsx", "columns": ["user_id", *kinds], "name": "all"})
    job = desk.finished(actions.start_export(desk.access(), body))
    files_by_name = {file.name: path_of(file) for file in jobs.files_of([job])[job.pk]}
    assert sorted(files_by_name) == ["all.csv", "all.xlsx"]
    assert job.result["counts"] == {"exported": 3, "cut_texts": 1}
    assert rows(files_by_name["all.csv"])[1][1] == LONG + "end"
    cells = pd.read_excel(files_by_name["all.xlsx"], engine="calamine", dtype=object)
    assert list(cells["note"]) == [LONG[: limits.CELL], "x" * limits.CELL, "short"]
    assert list(cells["big"]) == [2**53, -(2**53), 1.5]
    assert [str(day)[:10] for day in cells["born"]] == ["1990-01-31", "1850-12-24", "0001-01-01"]
    assert not isinstance(cells["born"].iloc[0], str)
    # But for the text that was too long, our own import takes all of it back.
    apply_edits(desk.workspace, [PersonEdit(number=row.number, clear=["big", "born", "seen"]) for row in desk.people()])
    source = desk.upload(files_by_name["all.xlsx"].read_bytes(), name="all.xlsx")
    desk.plan(source, "user_id", "", *list(kinds)[1:], key="user_id")
    desk.run(source)
    assert [row.data for row in desk.people()] == before


def test_a_full_sheet_is_followed_by_another(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS", 5)
    _, path = exported(filled, format="xlsx", columns=["number"])
    sheets = pd.read_excel(path, engine="calamine", sheet_name=None)
    assert {name: list(sheet["number"]) for name, sheet in sheets.items()} == {
        "People": [1, 2, 3, 4],
        "People 2": [5, 6, 7, 8],
        "People 3": [9],
    }
    # An import reads one of them, and says that there are more.
    source = filled.upload(path.read_bytes(), name=path.name)
    assert (source.found["sheet"], source.found["sheets"]) == ("People", ["People", "People 2", "People 3"])


def test_whom(filled: Desk) -> None:
    segment = segments.create_static(filled.access(), name="Two", numbers=[1, 2])
    project(filled.workspace)
    for body, numbers in (
        ({}, range(1, 10)),
        ({"numbers": [3, 1, 999]}, [1, 3]),
        ({"segment": segment.public_id}, [1, 2]),
        ({"where": 'city is "Rome"', "except": [2]}, [1, 3]),
        ({"where": 'city is "Nowhere"'}, []),
    ):
        _, path = exported(filled, columns=["number"], **body)
        assert [row[0] for row in rows(path)[1:]] == [str(number) for number in numbers], body


def test_a_resumed_export_is_about_the_same_people(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "STEP", 2)
    body = ExportBody(columns=["number"])
    job = actions.start_export(filled.access(), body)
    steps = iter([False, True])
    assert runner.run_one(stopping=lambda: next(steps))
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 4)
    # What a killed worker had written after its checkpoint, who came since, and who is gone.
    with path_of(part_of(job)).open("ab") as file:
        file.write(b"half a row")
    apply_edits(filled.workspace, [PersonEdit(identities=[("user_id", "new")])])
    project(filled.workspace)
    delete_person(filled.workspace, 8)
    filled.finished(job)
    (file_row,) = StoredFile.objects.of(filled.workspace).filter(job=job, removed_at=None)
    assert [row[0] for row in rows(path_of(file_row))] == ["number", "1", "2", "3", "4", "5", "6", "7", "9"]


def begun(desk: Desk, monkeypatch: pytest.MonkeyPatch, **body: Any) -> Job:
    """An export that has written its first two people."""
    monkeypatch.setattr(exporting, "STEP", 2)
    job = actions.start_export(desk.access(), ExportBody.model_validate(body))
    assert runner.run_one(stopping=lambda: True)
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 2)
    return job


def part_of(job: Job) -> StoredFile:
    return StoredFile.objects.of(job.workspace_id).get(job=job, purpose="part", removed_at=None)


def test_who_slept_past_the_lease_writes_to_nobodys_file(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It wakes in the middle of a step that another worker has done by then, about people who have changed since."""
    monkeypatch.setattr(exporting, "STEP", 4)
    started = actions.start_export(filled.access(), ExportBody(columns=["number", "note"]))
    sleeper = leases.claim(["export"])
    assert sleeper is not None
    steps = exporting.export(Turn(sleeper))
    next(steps)
    Job.objects.of(filled.workspace).filter(pk=sleeper.pk).update(lease_until=clock.now())
    values = exporting._rows

    def rows_while_others_work(turn: Turn, numbers: list[int]) -> list[list[Any]]:
        monkeypatch.setattr(exporting, "_rows", values)
        made = values(turn, numbers)
        apply_edits(filled.workspace, [PersonEdit(number=number, set={"note": "changed"}) for number in numbers])
        filled.finished(started)
        return made

    monkeypatch.setattr(exporting, "_rows", rows_while_others_work)
    with pytest.raises(leases.LeaseLost):
        next(steps)
    (file,) = StoredFile.objects.of(filled.workspace).filter(job=sleeper, removed_at=None)
    written = rows(path_of(file))
    assert [row[0] for row in written[1:]] == [str(at) for at in range(1, len(HOSTILE) + 1)]
    assert [row[1] for row in written[5:9]] == ["changed"] * 4


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("lost", ["nothing", "the file", "its row", "its end"])
def test_cancelled_and_gone_on_with_later(
    filled: Desk, monkeypatch: pytest.MonkeyPatch, format: str, lost: str
) -> None:
    """Two days later it is the same file, also when what was written is not there any more."""
    columns = ["number", "note"]
    with clock.frozen(clock.now()) as now:
        _, whole = exported(filled, columns=columns)
        job = begun(filled, monkeypatch, columns=columns, format=format)
        jobs_actions.cancel(filled.access(), job.public_id)
        part = part_of(job)
        assert jobs.files_of([job]) == {}
        with pytest.raises(NotFound):
            jobs.visible_file(filled.access(), part.public_id)
        now.move(timedelta(hours=49))
        long_ago = clock.now().timestamp() - 48 * 3600
        os.utime(path_of(part), (long_ago, long_ago))
        files.forget_orphans()
        assert path_of(part).exists()
        if lost == "the file":
            path_of(part).unlink()
        elif lost == "its row":
            files.remove(part)
        elif lost == "its end":
            os.truncate(path_of(part), 5)
        jobs_actions.retry(filled.access(), job.public_id)
        filled.finished(job)
        (file,) = jobs.files_of([job])[job.pk]
        assert (job.result["counts"], job.done) == ({"exported": 9}, 9)
        if format == "csv":
            assert path_of(file).read_bytes() == whole.read_bytes()
        else:
            assert list(pd.read_excel(path_of(file), engine="calamine")["number"]) == list(range(1, 10))
        left = StoredFile.objects.of(filled.workspace).filter(removed_at=None)
        assert sorted(left.values_list("purpose", flat=True)) == ["export", "export"]


def test_what_a_workbook_needs_on_the_way_is_in_our_folder(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And gone when the process was killed: with the next start, or with the next erasure."""
    made = []
    write = exporting._Writing._write

    def written(*given: Any) -> None:
        write(*given)
        made.extend(settings.COTERIE_FILES.glob("scratch/*/*"))

    monkeypatch.setattr(exporting._Writing, "_write", written)
    monkeypatch.setattr(exporting, "_ROWS_BEFORE_BEAT", 1)
    exported(filled, format="xlsx")
    assert made
    assert list(settings.COTERIE_FILES.glob("scratch/*")) == []
    with clock.frozen(clock.now()) as now:
        job = actions.start_export(filled.access(), ExportBody(format="xlsx"))
        with killed_at("jobs.step", 3):
            runner.run_one()
        assert scratch.sweep() == 0, "somebody works there"
        now.move(timedelta(minutes=2))
        assert scratch.sweep() == 1
        assert list(settings.COTERIE_FILES.glob("scratch/*")) == []
        filled.finished(job)
        (file,) = jobs.files_of([job])[job.pk]
        assert len(pd.read_excel(path_of(file), engine="calamine")) == 9


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("count", [1, 3])
def test_killed_in_the_middle(filled: Desk, monkeypatch: pytest.MonkeyPatch, format: str, count: int) -> None:
    monkeypatch.setattr(exporting, "STEP", 2)
    _, whole = exported(filled, columns=["number", "note"], format=format)
    with clock.frozen(clock.now()) as now:
        job = actions.start_export(
            filled.access(), ExportBody.model_validate({"columns": ["number", "note"], "format": format})
        )
        with killed_at("export.step", count):
            runner.run_one()
        now.move(timedelta(minutes=2))
        filled.finished(job)
    (file,) = jobs.files_of([job])[job.pk]
    assert (job.attempts, job.result["counts"]) == (1, {"exported": 9})
    if format == "csv":
        assert path_of(file).read_bytes() == whole.read_bytes()
    else:
        first, second = (pd.read_excel(path, engine="calamine") for path in (whole, path_of(file)))
        assert first.equals(second)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_killed_after_its_last_step(filled: Desk, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    """One file, and no failure because the set of people is gone."""
    job = actions.start_export(filled.access(), ExportBody(format=format))  # type: ignore[arg-type]
    forget = exporting.frozen.forget

    def cut_off(*given: Any) -> None:
        forget(*given)
        monkeypatch.setattr(exporting.frozen, "forget", forget)
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting.frozen, "forget", cut_off)
    with clock.frozen(clock.now()) as now:
        with pytest.raises(KeyboardInterrupt):
            runner.run_one()
        now.move(timedelta(minutes=2))
        filled.finished(job)
    (file,) = StoredFile.objects.of(filled.workspace).filter(job=job, removed_at=None)
    assert path_of(file).stat().st_size == file.size


@pytest.mark.parametrize("body", [{"columns": ["shoe"]}, {"numbers": [1], "where": "everyone"}, {"segment": "seg_x"}])
def test_what_cannot_be_exported(filled: Desk, body: dict[str, Any]) -> None:
    with pytest.raises(CoterieError):
        actions.start_export(filled.access(), ExportBody.model_validate(body))


def test_who_may(filled: Desk) -> None:
    with pytest.raises(Forbidden):
        actions.start_export(filled.access("bob"), ExportBody())
    job, _ = exported(filled, who="alice", where="everyone")
    (file,) = jobs.files_of([job])[job.pk]
    with pytest.raises(NotFound):
        jobs.visible_file(filled.access("ada"), file.public_id)
    assert jobs.visible_file(filled.access("alice"), file.public_id) == file


def test_when_people_were_made(filled: Desk) -> None:
    _, path = exported(filled, columns=["created_at"], numbers=[1])
    assert rows(path)[1] == [clock.iso(filled.people()[0].created_at)]


def test_who_is_in_a_hidden_segment_is_not_told(filled: Desk) -> None:
    segment = segments.create_static(filled.access(), name="Secret", numbers=[1])
    segments.set_hidden(filled.access(), segment.public_id, roles=[Role.ADMIN], user_ids=[])
    project(filled.workspace)
    for body in ({"segment": segment.public_id}, {"where": f'in segment "{segment.public_id}"'}):
        with pytest.raises(CoterieError):
            actions.start_export(filled.access("ada"), ExportBody.model_validate(body))
