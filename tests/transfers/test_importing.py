"""Imports: what the rehearsal says is what the run does, row by row."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from coterie.accounts.models import ApiKey, KeyKind
from coterie.accounts.permissions import Access, Caller
from coterie.filters.fields import FieldType
from coterie.jobs import actions as jobs
from coterie.jobs.files import path_of
from coterie.jobs.models import StoredFile
from coterie.kit.errors import Conflict, CoterieError, Forbidden
from coterie.people.actions import apply_edits, create_attribute
from coterie.people.edits import PersonEdit
from coterie.segments import actions as segments
from coterie.segments.queries import view
from coterie.segments.static import numbers_of
from coterie.transfers import actions, importing, limits
from coterie.transfers.models import ImportRow, Phase
from coterie.transfers.plan import ImportPlan
from coterie.transfers.schemas import ImportRowOut
from tests.support.jobs import run_all
from tests.transfers.conftest import Desk, table

pytestmark = pytest.mark.server

PEOPLE = table(
    [
        ["E-Mail", "Full name", "Town", "Plan", "Orders", "Since", "Labels"],
        ["ada@example.org", "Ada", "Rome", "pro", "3", "2026-01-31", "vip; early"],
        ["BOB@example.org", "Bob", "", "free", "", "", ""],
        ["no address", "Nobody", "", "", "", "", ""],
        ["ada@EXAMPLE.org", "Ada again", "Milan", "", "", "", ""],
        ["cy@example.org", "Cy", "Bonn", "free", "many", "", ""],
    ]
)
FIELDS = ("email", "name", "city", "plan:text", "orders:number", "since:date", "tags")


def test_it_works(desk: Desk) -> None:
    apply_edits(desk.workspace, [PersonEdit(identities=[("email", "bob@example.org")], set={"name": "Robert"})])
    source = desk.upload(PEOPLE)
    assert [column["suggestion"]["field"] for column in source.found["looked_at"]] == [
        "email",
        "name",
        "city",
        "Plan",
        "Orders",
        "Since",
        "tags",
    ]
    assert source.found["key"] == "email"
    desk.plan(source, *FIELDS, key="email", tags=["imported"])
    job = desk.rehearse(source)
    assert job.result["counts"] == {"created": 1, "updated": 1, "rejected": 2, "duplicate": 1}
    assert (job.done, job.total) == (5, 5)
    expected = [
        (2, "created", ""),
        (3, "updated", ""),
        (4, "rejected", "email: this is not an email address"),
        (5, "duplicate", "line 2 has the same email"),
        (6, "rejected", "orders: expected a number, got 'many'"),
    ]
    assert desk.outcomes(source, Phase.REHEARSAL) == expected
    # Nobody was changed by that, and no attribute was made.
    assert [person.data for person in desk.people()] == [{"email": "bob@example.org", "name": "Robert"}]
    assert "plan" not in desk.fields()
    changes = {"name": ["Robert", "Bob"], "plan": [None, "free"], "tags": [None, ["imported"]]}
    assert desk.told(source, 3, Phase.REHEARSAL)["changes"] == changes
    job = desk.run(source)
    assert desk.outcomes(source) == expected
    assert desk.told(source, 3)["changes"] == changes
    ada = desk.person("email", "ada@example.org")
    assert ada.data == {
        "email": "ada@example.org",
        "name": "Ada",
        "city": "Rome",
        "plan": "pro",
        "orders": 3,
        "since": "2026-01-31",
        "tags": ["vip", "early", "imported"],
    }
    assert ada.origins["city"][:2] == ["import", f"{source.public_id}:2"]
    assert desk.person("email", "bob@example.org").data["name"] == "Bob"
    assert len(desk.people()) == 2
    assert set(job.result["attributes"]) == {"plan", "orders", "since"}


def seed(desk: Desk) -> None:
    apply_edits(
        desk.workspace,
        [
            PersonEdit(identities=[("user_id", "1"), ("email", "one@example.org")], set={"city": "Rome"}),
            PersonEdit(identities=[("user_id", "2")], set={"name": "Two"}),
        ],
    )


IDS = table([["id", "name", "city"], ["1", "One", "Milan"], ["2", "Deux", "Lyon"], ["3", "Three", ""]])


@pytest.mark.parametrize(
    ("how", "outcomes", "people"),
    [
        (
            {},
            ["updated", "updated", "created"],
            {"1": ("One", "Milan"), "2": ("Deux", "Lyon"), "3": ("Three", None)},
        ),
        (
            {"existing": "fill"},
            ["updated", "updated", "created"],
            {"1": ("One", "Rome"), "2": ("Two", "Lyon"), "3": ("Three", None)},
        ),
        (
            {"existing": "skip"},
            ["skipped", "skipped", "created"],
            {"1": (None, "Rome"), "2": ("Two", None), "3": ("Three", None)},
        ),
        (
            {"existing": "tags", "tags": ["x"]},
            ["updated", "updated", "created"],
            {"1": (None, "Rome"), "2": ("Two", None), "3": ("Three", None)},
        ),
        (
            {"missing": "skip"},
            ["updated", "updated", "skipped"],
            {"1": ("One", "Milan"), "2": ("Deux", "Lyon")},
        ),
    ],
)
def test_who_is_there_and_who_is_not(desk: Desk, how: dict[str, Any], outcomes: list[str], people: Any) -> None:
    seed(desk)
    source, _ = desk.imported(IDS, "user_id", "name", "city", key="user_id", **how)
    assert [outcome for _, outcome, _ in desk.outcomes(source)] == outcomes
    found = {row.data["user_id"]: (row.data.get("name"), row.data.get("city")) for row in desk.people()}
    assert found == people
    if "tags" in how:
        assert {tuple(row.data["tags"]) for row in desk.people()} == {("x",)}


def test_a_second_time_changes_nobody(desk: Desk) -> None:
    desk.imported(IDS, "user_id", "name", "city", key="user_id")
    _, counts = desk.imported(IDS, "user_id", "name", "city", key="user_id")
    assert counts == {"unchanged": 3}


def test_empty_cells(desk: Desk) -> None:
    seed(desk)
    content = table([["id", "city"], ["1", ""], ["2", " "]])
    desk.imported(content, "user_id", "city", key="user_id")
    assert desk.person("user_id", "1").data["city"] == "Rome"
    desk.imported(content, "user_id", "city", key="user_id", empty_cells="clear")
    assert "city" not in desk.person("user_id", "1").data


def test_values_that_cannot_be_taken(desk: Desk) -> None:
    rows = [["id", "orders", "mail"], ["1", "x", "no"], ["2", "2", "two@example.org"]]
    fields = ("user_id", "orders:number", "email")
    source, counts = desk.imported(table(rows), *fields, key="user_id", bad_values="leave_out")
    assert counts == {"created": 2, "problems": 1}
    assert [row.data for row in desk.people()] == [
        {"user_id": "1"},
        {"user_id": "2", "orders": 2, "email": "two@example.org"},
    ]
    told = desk.told(source, 2)
    assert [(each["field"], each["cell"], each["code"]) for each in told["problems"]] == [
        ("orders", "x", "no_number"),
        ("email", "no", "no_email"),
    ]
    assert told["cells"] == ["1", "x", "no"]


def test_rows_about_one_person(desk: Desk) -> None:
    content = table([["id", "city"], ["1", "Rome"], ["2", "Bonn"], ["1", "Milan"], ["1", "Turin"]])
    source, counts = desk.imported(content, "user_id", "city", key="user_id", duplicates="apply")
    assert counts == {"created": 2, "updated": 2}
    assert desk.person("user_id", "1").data["city"] == "Turin"
    assert desk.told(source, 5)["changes"] == {"city": ["Milan", "Turin"]}


def test_rows_about_one_person_far_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    rows = [["1", "Rome"], ["2", "Bonn"], ["1", "Milan"], ["1", "Turin"], ["2", "Bonn"]]
    content = table([["id", "city"], *rows])
    source, counts = desk.imported(content, "user_id", "city", key="user_id")
    assert counts == {"created": 2, "duplicate": 3}
    assert desk.outcomes(source)[2:] == [
        (4, "duplicate", "line 2 has the same user_id"),
        (5, "duplicate", "line 2 has the same user_id"),
        (6, "duplicate", "line 3 has the same user_id"),
    ]


def test_a_user_id_that_is_another_persons(desk: Desk) -> None:
    seed(desk)
    rows = [["mail", "id"], ["new@example.org", "2"], ["a@example.org", "9"], ["b@example.org", "9"]]
    source, counts = desk.imported(table(rows), "email", "user_id", key="email")
    assert counts == {"rejected": 2, "created": 1}
    number = desk.person("user_id", "2").number
    assert [reason for _, _, reason in desk.outcomes(source)] == [
        f"user_id: person {number} has this user id",
        "",
        "user_id: line 3 has this user id",
    ]


def test_rows_of_before_reasons_had_codes_are_still_told(desk: Desk) -> None:
    source, _ = desk.imported(table([["id", "orders"], ["1", "x"]]), "user_id", "orders:number", key="user_id")
    old = {"reason": "a reason", "problems": [["orders", "x", "no number"]], "warnings": ["a warning"]}
    ImportRow.objects.filter(source=source, phase=Phase.RUN).update(details=json.dumps(old))
    row = ImportRowOut.of_row(ImportRow.objects.get(source=source, phase=Phase.RUN))
    assert (row.reason, row.code) == ("a reason", "")
    assert [(each.field, each.cell, each.reason, each.code) for each in row.problems] == [
        ("orders", "x", "no number", "")
    ]
    assert [(each.reason, each.code) for each in row.warnings] == [("a warning", "")]


def test_an_address_that_is_another_persons(desk: Desk) -> None:
    seed(desk)
    content = table([["id", "mail"], ["7", "ONE@example.org"]])
    source, counts = desk.imported(content, "user_id", "email", key="user_id")
    assert counts == {"created": 1, "warnings": 1}
    assert [each["reason"] for each in desk.told(source, 2)["warnings"]] == [
        "email: another person has it; it was kept as a value"
    ]
    assert desk.person("email", "one@example.org").data["user_id"] == "1"


def test_by_number(desk: Desk) -> None:
    seed(desk)
    one = desk.person("user_id", "1").number
    content = table([["number", "city"], [f"#{one}", "Milan"], ["99999", "x"], ["-3", "x"], ["1e3", "x"]])
    _source, counts = desk.imported(content, "number", "city", key="number")
    assert counts == {"updated": 1, "skipped": 1, "rejected": 2}
    assert desk.person("user_id", "1").data["city"] == "Milan"


def test_by_a_channels_id(desk: Desk) -> None:
    content = table([["chat", "name"], ["12345", "Ada"], ["12345", "Ada"]])
    _, counts = desk.imported(content, "telegram", "name", key="telegram")
    assert counts == {"created": 1, "duplicate": 1}
    assert desk.person("telegram", "12345").data == {"name": "Ada", "channels": ["telegram"]}


def test_without_a_key_everyone_is_new(desk: Desk) -> None:
    _, counts = desk.imported(IDS, "", "name", "city")
    _, counts = desk.imported(IDS, "", "name", "city")
    assert counts == {"created": 3}
    assert len(desk.people()) == 6


def test_phones_of_a_country(desk: Desk) -> None:
    content = table([["tel"], ["0151 12345678"], ["+33 1 23 45 67 89"], ["0151-12345678"], ["12"]])
    _source, counts = desk.imported(content, "phone", key="phone", country="Germany")
    assert counts == {"created": 2, "duplicate": 1, "rejected": 1}
    assert [row.data["phone"] for row in desk.people()] == ["+4915112345678", "+33123456789"]
    assert desk.people()[0].data["country"] == "Germany"


def test_how_cells_are_written(desk: Desk) -> None:
    content = table(
        [
            ["id", "price", "day", "when", "yes", "list"],
            ["1", "1.234,50", "31.12.2025", "1.2.2026 14:05", "Ja", "a | b|a||"],
            ["2", "7", "1.2.26", "", "no", ""],
        ]
    )
    columns = {
        "price": {"decimal": ","},
        "day": {"date_order": "dmy"},
        "when": {"date_order": "dmy"},
    }
    fields = ("user_id", "price:number", "day:date", "when:datetime", "yes:boolean", "list:list")
    source, counts = desk.imported(content, *fields, key="user_id", columns=columns, list_delimiter="|")
    assert counts == {"created": 1, "rejected": 1}
    assert desk.person("user_id", "1").data == {
        "user_id": "1",
        "price": 1234.5,
        "day": "2025-12-31",
        "when": "2026-02-01T14:05:00.000Z",
        "yes": True,
        "list": ["a", "b"],
    }
    assert "four digits" in desk.outcomes(source)[1][2]


def test_consent(desk: Desk) -> None:
    seed(desk)
    withdrawn = {"consent.email": False}
    create_attribute(desk.workspace, key="consent.email", type=FieldType.BOOLEAN)
    apply_edits(desk.workspace, [PersonEdit(identities=[("user_id", "2")], set=withdrawn)])
    consents = [
        {"channel": "email", "source": "Fair 2026"},
        {"channel": "sms", "source": "Form", "column": 2},
    ]
    content = table([["id", "sms"], ["1", "yes"], ["2", "no"], ["3", "perhaps"], ["4", ""]])
    source, counts = desk.imported(content, "user_id", key="user_id", consents=consents)
    assert counts == {"updated": 2, "rejected": 1, "created": 1, "warnings": 1}
    one, two, four = (desk.person("user_id", name).data for name in "124")
    assert (one["consent.email"], one["consent.email.source"], one["consent.sms"]) == (True, "Fair 2026", True)
    assert "consent.email.at" in one
    assert (two["consent.email"], two["consent.sms"]) == (False, False)
    assert ("consent.sms" in four, four["consent.email"]) == (False, True)
    assert [each["reason"] for each in desk.told(source, 3)["warnings"]] == [
        "consent.email: it was withdrawn, which a file does not change"
    ]


def test_a_file_that_only_puts_into_segments(desk: Desk) -> None:
    """Rows that change nothing join; the rehearsal counts whom, each once for each segment, and not who is in."""
    desk.imported(IDS, "user_id", "name", "city", key="user_id")
    access, everyone = desk.access(), [row.number for row in desk.people()]
    fair = segments.create_static(access, name="Fair", numbers=everyone[:1])
    news = segments.create_static(access, name="News", numbers=[])
    both = [fair.public_id, news.public_id]
    source = desk.plan(
        desk.upload(IDS + "1,Again,Rome\r\nnew,New,Rome\r\n"), "user_id", "name", "city", key="user_id", segments=both
    )
    rehearsed = desk.rehearse(source).result["counts"]
    size = len(everyone)
    assert (rehearsed["unchanged"], rehearsed["created"], rehearsed["would_join"]) == (size, 1, size + size + 1)
    assert numbers_of(news) == []
    run = desk.run(source).result["counts"]
    assert run["added_to_segments"] == rehearsed["would_join"]
    assert len(numbers_of(fair)) == len(numbers_of(news)) == size + 1


def test_segments(desk: Desk) -> None:
    seed(desk)
    two = desk.person("user_id", "2").number
    access = desk.access()
    segment = segments.create_static(access, name="Fair", numbers=[two])
    source, counts = desk.imported(IDS, "user_id", "name", "city", key="user_id", segments=[segment.public_id])
    assert counts == {"updated": 2, "created": 1, "added_to_segments": 2}
    assert numbers_of(segment) == [row.number for row in desk.people()]
    desk.undo(source)
    assert numbers_of(segment) == [two]


def test_a_planned_import_is_a_use_of_its_segments(desk: Desk) -> None:
    """Until it has run to its end; whoever may not see imports is told only that there is something."""
    access = desk.access()
    segment = segments.create_static(access, name="Fair", numbers=[])

    def refusal(caller: Access) -> dict[str, Any]:
        with pytest.raises(Conflict) as refused:
            segments.delete_segment(caller, segment.public_id)
        return refused.value.details

    source = desk.plan(desk.upload(IDS), "user_id", "name", "city", key="user_id", segments=[segment.public_id])
    use = {"kind": "import", "id": source.public_id, "name": "people.csv"}
    told = {"uses": [use], "elsewhere": False}
    assert refusal(access) == refusal(desk.access("bob")) == told
    assert [each.told for each in view(access, segment.public_id).uses] == [use]
    assert view(desk.access("vera"), segment.public_id).uses == []
    desk.rehearse(source)
    assert refusal(access) == told
    writer = Access(desk.workspace, Caller(ip="", key=ApiKey(kind=KeyKind.SECRET, scopes=["segments:write"])), None)
    assert refusal(writer) == {"uses": [], "elsewhere": True}
    cancelled = actions.start_run(access, source.public_id)
    jobs.cancel(access, cancelled.public_id)
    assert refusal(access) == told
    jobs.retry(access, cancelled.public_id)
    desk.finished(cancelled)
    segments.delete_segment(access, segment.public_id)


def test_a_row_wider_than_the_headers_keeps_line_and_reason_in_their_columns(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands below the rows that were looked at when the columns were named."""
    monkeypatch.setattr(limits, "SAMPLE_ROWS", 2)
    rows = [["id", "orders"], ["1", "x"], ["2", "2"], ["3", "3"], ["4", "y", "more", "cells"]]
    desk.imported(table(rows), "user_id", "orders:number", key="user_id")
    for file in StoredFile.objects.of(desk.workspace).filter(purpose="errors"):
        lines = list(csv.reader(path_of(file).read_text(encoding="utf-8-sig").splitlines()))
        assert lines[0] == ["id", "orders", "", "", "line", "reason"]
        assert [(row[:4], row[4]) for row in lines[1:]] == [
            (["1", "x", "", ""], "2"),
            (["4", "y", "more", "cells"], "5"),
        ]
        assert all(row[5].startswith("orders: ") for row in lines[1:])


def test_the_error_file_can_be_imported_again(desk: Desk) -> None:
    rows = [["id", "orders", "note"], ["1", "x", "=1+1"], ["2", "2", "fine"], ["3", "y", 'a,\n"b"']]
    source, _ = desk.imported(table(rows), "user_id", "orders:number", "note:text", key="user_id")
    assert source.run is None
    source.refresh_from_db()
    assert source.run is not None
    (file,) = StoredFile.objects.of(desk.workspace).filter(job=source.run, purpose="errors")
    content = path_of(file).read_bytes()
    assert file.name == "people - errors.csv"
    again = desk.upload(content.replace(b",x,", b",5,"))
    assert again.found["headers"] == ["id", "orders", "note", "line", "reason"]
    assert desk.imported(content.replace(b",x,", b",5,"), "user_id", "orders", "note", key="user_id")[1] == {
        "created": 1,
        "rejected": 1,
    }
    assert desk.person("user_id", "1").data["note"] == "=1+1"


def test_a_file_that_breaks_off_changes_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COLUMNS", 5)
    rows = [["id", "name"], *([str(i), "x"] for i in range(1500)), ["9"] * 9]
    source = desk.plan(desk.upload(table(rows)), "user_id", "name", key="user_id")
    for start in (actions.start_rehearsal, actions.start_run):
        job = start(desk.access(), source.public_id)
        run_all()
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", "Line 1502 has 9 columns; at most 5 can be read.")
    assert desk.people() == []


@pytest.mark.parametrize(
    ("plan", "wrong"),
    [
        ({"columns": [{"column": 9, "field": "email"}]}, "no column 9"),
        ({"columns": [{"column": 1, "field": "shoe"}]}, "no field 'shoe'"),
        ({"columns": [{"column": 1, "field": "telegram"}]}, "can only be the key"),
        ({"columns": [{"column": 1, "field": "channels"}]}, "can't be imported"),
        ({"columns": [{"column": 1, "field": "userId", "type": "text"}]}, "reserved"),
        ({"columns": [{"column": 1, "field": "city"}], "key": "email"}, "No column goes to the key"),
        ({"columns": [{"column": 1, "field": "city"}], "key": "city"}, "does not name a person"),
        ({"columns": [{"column": 1, "field": "city"}, {"column": 1, "field": "name"}]}, "there twice"),
        ({"columns": [{"column": 1, "field": "city"}, {"column": 2, "field": "city"}]}, "there twice"),
        ({"columns": [{"column": 1, "field": "city"}], "country": "Atlantis"}, "no country"),
        ({"columns": [{"column": 1, "field": "city"}], "segments": ["seg_x"]}, "no such segment"),
        ({"columns": [{"column": 1, "field": "city"}], "missing": "skip"}, "Without a key"),
        ({"columns": [{"column": 1, "field": "city", "type": "number"}]}, "is of type text"),
    ],
)
def test_plans_that_cannot_be_done(desk: Desk, plan: dict[str, Any], wrong: str) -> None:
    source = desk.upload(IDS)
    with pytest.raises(CoterieError, match=wrong):
        actions.set_plan(desk.access(), source.public_id, ImportPlan.model_validate(plan))


def test_who_may(desk: Desk) -> None:
    source = desk.upload(IDS, who="bob")
    with pytest.raises(Forbidden):
        desk.plan(source, "user_id", "shoe:text", key="user_id", who="bob")
    desk.plan(source, "user_id", "name", key="user_id", who="bob")
    with pytest.raises(Conflict, match="no plan"):
        actions.start_rehearsal(desk.access(), desk.upload(IDS).public_id)
    desk.run(source, who="bob")
    for late in (
        lambda: actions.start_run(desk.access(), source.public_id),
        lambda: actions.start_rehearsal(desk.access(), source.public_id),
        lambda: desk.plan(source, "user_id", key="user_id"),
    ):
        with pytest.raises(Conflict, match="has run"):
            late()


def test_it_is_removed_with_its_file(desk: Desk) -> None:
    source, _ = desk.imported(IDS, "user_id", "name", key="user_id")
    path = path_of(source.upload)
    assert path.exists()
    actions.remove(desk.access(), source.public_id)
    assert not path.exists()
    assert not ImportRow.objects.of(desk.workspace).exists()
    assert len(desk.people()) == 3
