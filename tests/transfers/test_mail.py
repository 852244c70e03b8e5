"""The mail at the end of an export: to whom, where its link leads, and who gets the file behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail

from coterie.accounts import actions as actions_of_accounts
from coterie.accounts.audit import SYSTEM
from coterie.accounts.models import Role, WorkspaceMember
from coterie.audience.projector import project
from coterie.jobs.models import Job, Notification
from coterie.kit import clock
from coterie.people.actions import apply_edits
from coterie.people.edits import PersonEdit
from coterie.privacy import sweeping
from coterie.transfers import actions
from coterie.transfers.schemas import ExportBody
from tests.support.jobs import run_all
from tests.support.smtp_server import smtp_server
from tests.support.world import Api
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server


def asked(desk: Desk, path: str, *, who: str = "ada") -> Any:
    return Api(user=desk.users[who]).get(f"/workspaces/{desk.workspace.slug}{path}")


def exported(desk: Desk) -> Job:
    apply_edits(desk.workspace, [PersonEdit(identities=[("user_id", "u1")], set={"city": "Rome"})])
    project(desk.workspace)
    return desk.finished(actions.start_export(desk.access("ada"), ExportBody(columns=["city"], name="Romans")))


def link_in(body: str) -> str:
    return next(line for line in body.splitlines() if line.startswith("http"))


def test_it_works(desk: Desk, settings: Any) -> None:
    """The link opens the job, as the job opens the file, as long as both are there and the right is."""
    settings.COTERIE_BASE_URL = "https://people.example.org"
    with clock.frozen(clock.now()) as now:
        job = exported(desk)
        (message,) = mail.outbox
        assert (message.to, message.subject) == (
            [desk.users["ada"].email],
            f"{desk.workspace.name}: Export of 1 person as CSV is done",
        )
        assert "exported: 1" in message.body
        link = urlsplit(link_in(str(message.body)))
        assert link.netloc == "people.example.org"
        assert link.path == f"/w/{desk.workspace.slug}/jobs/{job.public_id}"
        opened = asked(desk, f"/jobs/{link.path.rpartition('/')[2]}").json()
        (file,) = opened["files"]
        assert (opened["id"], opened["state"], file["name"]) == (job.public_id, "done", "Romans.csv")
        answer = asked(desk, f"/files/{file['id']}")
        assert b"".join(answer.streaming_content).decode("utf-8-sig").split() == ["City", "Rome"]
        # A member who is none of those who may export any more.
        mine = WorkspaceMember.objects.of(desk.workspace).filter(user=desk.users["ada"])
        mine.update(role=Role.VIEWER)
        assert asked(desk, f"/files/{file['id']}").status_code == 403
        mine.update(role=Role.ADMIN)
        now.move(timedelta(days=7, minutes=1))
        expired = asked(desk, f"/files/{file['id']}")
        assert (expired.status_code, expired.json()["code"]) == (404, "file_expired")
        sweeping.start_due()
        run_all()
        assert asked(desk, f"/files/{file['id']}").status_code == 404
        assert asked(desk, f"/jobs/{job.public_id}").json()["files"] == []
        mine.delete()
        assert asked(desk, f"/jobs/{job.public_id}").status_code == 404


def test_it_is_german_where_the_workspace_is(desk: Desk) -> None:
    actions_of_accounts.change_workspace(SYSTEM, desk.workspace, changes={"language": "de"})
    job = exported(desk)
    (message,) = mail.outbox
    assert message.subject == f"{desk.workspace.name}: Export von 1 Person als CSV ist fertig"
    lines = str(message.body).splitlines()
    assert lines[0] == "Export von 1 Person als CSV ist fertig."
    assert "exportiert: 1" in lines
    # What the job itself is called stays, for whoever reads it over the API.
    assert job.title == "Export of 1 person as CSV"


def test_it_goes_through_a_mail_server(desk: Desk, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = "127.0.0.1", False, ""
    settings.DEFAULT_FROM_EMAIL = "coterie@example.org"
    with smtp_server() as (port, delivered):
        settings.EMAIL_PORT = port
        job = exported(desk)
    (got,) = delivered
    assert (got.sender, got.to) == ("coterie@example.org", [desk.users["ada"].email])
    assert got.message["Subject"] == f"{desk.workspace.name}: Export of 1 person as CSV is done"
    text = got.message.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert link_in(text.decode()).endswith(f"/w/{desk.workspace.slug}/jobs/{job.public_id}")
    assert Notification.objects.of(desk.workspace).get().mail == "sent"


@pytest.mark.parametrize(("host", "backend"), [("", "console"), ("mail.example.org", "smtp")])
def test_which_way_mail_takes(host: str, backend: str, tmp_path: Any) -> None:
    """To a server once one is named, else to the log."""
    code = "import json; from coterie import settings as s; print(json.dumps([s.EMAIL_BACKEND, s.EMAIL_HOST]))"
    given = {"COTERIE_DATA": str(tmp_path), "COTERIE_SECRET_KEY": "x" * 50, "COTERIE_MAIL_HOST": host}
    done = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [f"django.core.mail.backends.{backend}.EmailBackend", host]
