"""Imports and exports over the API: what a browser and a program do, and what each member may."""

from __future__ import annotations

import pytest

from coterie.accounts.models import AuditEntry
from coterie.audience.projector import project
from coterie.transfers import limits
from coterie.web.limits import CAPS, DEFAULT_CAP
from tests.audience.conftest import serving
from tests.support.jobs import run_all
from tests.support.world import API, Api
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server

FILE = b"email,name\nada@example.org,Ada\nno,Bob\n"
PLAN = {"columns": [{"column": 1, "field": "email"}, {"column": 2, "field": "name"}], "key": "email"}


class Caller(Api):
    """Sends files too."""

    def upload(self, path: str, content: bytes) -> object:
        kind = "application/octet-stream"
        return self.client.generic("POST", API + path, content, content_type=kind, headers=self.headers)


def test_it_works(desk: Desk) -> None:
    base = f"/workspaces/{desk.workspace.slug}"
    api = Caller(user=desk.users["alice"])
    with serving():
        made = api.upload(f"{base}/imports?name=people.csv", FILE).json()  # type: ignore[attr-defined]
        one = f"{base}/imports/{made['id']}"
        assert (made["state"], made["key"], made["size"]) == ("uploaded", "email", len(FILE))
        assert [column["suggestion"]["field"] for column in made["columns"]] == ["email", "name"]
        assert made["columns"][0]["types"]["email"] == 0.5
        assert api.put(f"{one}/plan", PLAN).json()["state"] == "planned"
        job = api.post(f"{one}/rehearse").json()
        run_all()
        assert api.get(one).json()["state"] == "rehearsed"
        page = api.get(f"{one}/rows?limit=1").json()
        assert (page["items"][0]["line"], page["items"][0]["changes"]) == (
            2,
            {"email": [None, "ada@example.org"], "name": [None, "Ada"]},
        )
        page = api.get(f"{one}/rows?limit=1&cursor={page['next']}").json()
        [row] = page["items"]
        assert (row["reason"], row["code"], page["next"]) == ("email: this is not an email address", "of_field", None)
        assert (row["details"]["field"], row["details"]["reason"]["code"]) == ("email", "no_email")
        assert api.get(f"{one}/rows?outcome=created").json()["items"][0]["line"] == 2
        found = api.get(f"{base}/jobs/{job['id']}").json()
        assert (found["state"], found["result"]["counts"]) == ("done", {"created": 1, "rejected": 1})
        (errors,) = found["files"]
        answer = api.get(f"{base}/files/{errors['id']}")
        assert b"".join(answer.streaming_content).decode("utf-8-sig").splitlines() == [  # type: ignore[attr-defined]
            "email,name,line,reason",
            "no,Bob,3,email: this is not an email address",
        ]
        api.post(f"{one}/run")
        run_all()
        project(desk.workspace)
        assert api.get(one).json()["state"] == "done"
        assert api.post(f"{base}/people/count", {"where": "everyone"}).json()["total"] == 1
        export = api.post(f"{base}/exports", {"columns": ["email"]}).json()
        run_all()
        (file,) = api.get(f"{base}/jobs/{export['id']}").json()["files"]
        answer = api.get(f"{base}/files/{file['id']}")
        assert b"".join(answer.streaming_content) == "\ufeffEmail\r\nada@example.org\r\n".encode()  # type: ignore[attr-defined]
        api.post(f"{one}/undo")
        run_all()
        assert api.get(one).json()["state"] == "undone"
        texts = [row["text"] for row in api.get(f"{base}/notifications").json()["items"]]
        assert texts[0] == "Undo of people.csv is done"
        assert len(texts) == 4
    seen = set(AuditEntry.objects.filter(workspace=desk.workspace).values_list("action", flat=True))
    assert {"import.uploaded", "job.started", "job.finished", "file.downloaded", "people.deleted"} <= seen


def test_what_is_seen_before_a_plan(desk: Desk) -> None:
    """The first rows as they stand in the file, and what a job is about."""
    base = f"/workspaces/{desk.workspace.slug}"
    api = Caller(user=desk.users["alice"])
    content = b"Customers of 2026\n\n" + FILE + b"x" * 500 + b",Eve\n"
    made = api.upload(f"{base}/imports?name=people.csv", content).json()  # type: ignore[attr-defined]
    one = f"{base}/imports/{made['id']}"
    made = api.post(f"{one}/inspect", {"header_row": 2}).json()
    assert [column["header"] for column in made["columns"]] == ["email", "name"]
    assert [row["row"] for row in made["preview"]] == [1, 2, 3, 4, 5]
    assert made["preview"][1]["cells"] == ["email", "name"]
    assert made["preview"][4]["cells"] == ["x" * 120, "Eve"]
    api.put(f"{one}/plan", PLAN | {"header_row": 2})
    job = api.post(f"{one}/rehearse").json()
    assert job["about"] == made["id"]
    assert api.post(f"{base}/exports", {"columns": ["email"]}).json()["about"] == ""


def test_the_key_is_a_column_that_nearly_every_row_has(desk: Desk) -> None:
    content = "email,phone\nada@example.org,+4930901820\nada@example.org,\nbob@example.org,\n"
    assert desk.upload(content).found["key"] == "email"
    content = "email,phone\nada@example.org,+4930901820\n,+4930901821\n,+4930901822\n"
    assert desk.upload(content).found["key"] == "phone"


def test_bytes_that_are_none_of_the_encoding_are_shown_as_such(desk: Desk) -> None:
    """A file looked at in a wrong encoding: half characters are no JSON, and PostgreSQL keeps neither them nor NUL."""
    base = f"/workspaces/{desk.workspace.slug}"
    api = Caller(user=desk.users["alice"])
    content = "Näme,email\nJosé,ada@example.org\n".encode("latin-1")
    made = api.upload(f"{base}/imports?name=people.csv", content).json()  # type: ignore[attr-defined]
    assert made["columns"][0]["header"] == "Näme"
    answer = api.post(f"{base}/imports/{made['id']}/inspect", {"encoding": "utf-8"})
    assert answer.status_code == 200
    seen = answer.json()
    assert seen["preview"][0]["cells"][0] == seen["columns"][0]["header"] == "N\ufffdme"
    assert seen["columns"][0]["samples"] == ["Jos\ufffd"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"email\n", "empty_file"),
        (bytes(range(256)) * 30, "binary"),
        (b"PK\x03\x04x", "unreadable_file"),
    ],
)
def test_files_that_are_none(desk: Desk, content: bytes, code: str) -> None:
    api = Caller(user=desk.users["alice"])
    answer = api.upload(f"/workspaces/{desk.workspace.slug}/imports?name=x", content)
    assert (answer.status_code, answer.json()["code"]) == (400, code)  # type: ignore[attr-defined]


def test_how_large_a_body_may_be() -> None:
    sizes = {
        path: next((size for start, size in CAPS if start.match(path)), DEFAULT_CAP)
        for path in ("/api/v1/workspaces/acme/imports", "/api/v1/workspaces/acme/imports/x/plan", "/api/v1/x/imports")
    }
    assert list(sizes.values()) == [limits.TEXT_FILE, DEFAULT_CAP, DEFAULT_CAP]
