"""Destinations and schedules over the API: who may, what is told, and that a secret never comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from coterie.accounts.models import AuditEntry
from coterie.transfers.models import ExportDestination
from tests.audience.conftest import serving
from tests.support.jobs import run_all
from tests.support.world import Api
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STORAGE = {
    "name": "Warehouse",
    "kind": "s3",
    "endpoint": "https://s3.eu-central-1.amazonaws.com",
    "region": "eu-central-1",
    "bucket": "acme-exports",
    "key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret": SECRET,
}


def test_it_works(desk: Desk, settings: Any, tmp_path: Path) -> None:
    settings.COTERIE_EXPORT_FOLDER = tmp_path / "exports"
    base = f"/workspaces/{desk.workspace.slug}"
    api = Api(user=desk.users["alice"])
    with serving():
        assert api.get(f"{base}/export-destinations").json() == {"items": [], "folder": True}
        place = api.post(f"{base}/export-destinations", {"name": "Nightly", "kind": "folder", "folder": "crm"}).json()
        checked = api.post(f"{base}/export-destinations/{place['id']}/check").json()
        assert (checked["place"], checked["check_error"], bool(checked["checked_at"])) == ("folder crm", None, True)
        api.post(f"{base}/people", {"set": {"email": "ada@example.org"}})
        body = {
            "name": "Known",
            "destination": place["id"],
            "every": "week",
            "weekday": 1,
            "at": "06:30",
            "export": {"where": "email is known", "columns": ["email"]},
        }
        made = api.post(f"{base}/export-schedules", body).json()
        assert (made["where"], made["weekday"], made["day"], made["paused"]) == ("email is known", 1, None, False)
        one = f"{base}/export-schedules/{made['id']}"
        job = api.post(f"{one}/run").json()
        assert (job["kind"], job["about"]) == ("export.scheduled", made["id"])
        run_all()
        found = api.get(one).json()
        assert (found["last_state"], found["last_job"], found["last_delivery"]["rows"]) == ("done", job["id"], 1)
        (file,) = (tmp_path / "exports").rglob("known-*.csv")
        assert file.name == found["last_delivery"]["object"]
        (kept,) = api.get(f"{base}/jobs/{job['id']}").json()["files"]
        download = b"".join(api.get(f"{base}/files/{kept['id']}").streaming_content)  # type: ignore[attr-defined]
        assert download == file.read_bytes() == "\ufeffEmail\r\nada@example.org\r\n".encode()
        paused = api.patch(one, {"paused": True, "every": "day"}).json()
        assert (paused["paused"], paused["next_at"], paused["every"], paused["weekday"]) == (True, None, "day", None)
        assert api.post(f"{one}/run").json()["code"] == "schedule_paused"
        assert api.patch(one, {"paused": False}).json()["next_at"]
        assert api.delete(f"{base}/export-destinations/{place['id']}").json()["code"] == "destination_used"
        assert api.delete(one).status_code == 204
        assert api.delete(f"{base}/export-destinations/{place['id']}").status_code == 204
    actions = set(AuditEntry.objects.filter(workspace=desk.workspace).values_list("action", flat=True))
    verbs = {"created", "changed", "removed"}
    assert actions >= {f"export_schedule.{verb}" for verb in verbs | {"run"}}
    assert actions >= {f"export_destination.{verb}" for verb in ("created", "checked", "removed")}


def test_a_secret_never_comes_back(desk: Desk) -> None:
    base = f"/workspaces/{desk.workspace.slug}/export-destinations"
    api = Api(user=desk.users["alice"])
    with serving():
        made = api.post(base, STORAGE)
        again = api.patch(f"{base}/{made.json()['id']}", {"key_id": "AKIDANOTHER", "secret": SECRET})
        seen = [made.json(), again.json(), api.get(base).json()]
        seen.append(api.get(f"/workspaces/{desk.workspace.slug}/audit").json())
        assert SECRET not in json.dumps(seen)
        assert again.json()["key_id"] == "AKIDANOTHER"
        # Where it leads can't be changed: exports of others would go there with their rights.
        for field in ("endpoint", "bucket", "prefix", "folder"):
            assert api.patch(f"{base}/{made.json()['id']}", {field: "x"}).status_code == 400
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {ExportDestination._meta.db_table}")
        assert SECRET not in str(cursor.fetchall())


def test_who_may(desk: Desk) -> None:
    base = f"/workspaces/{desk.workspace.slug}"
    with serving():
        for who, status in (("bob", 403), ("vera", 403)):
            api = Api(user=desk.users[who])
            for path in ("export-destinations", "export-schedules"):
                assert api.get(f"{base}/{path}").status_code == status
            assert api.post(f"{base}/export-destinations", STORAGE).status_code == status
        refused = Api(user=desk.users["ada"]).post(
            f"{base}/export-destinations", STORAGE | {"endpoint": "https://169.254.169.254"}
        )
        assert refused.json()["code"] == "address_refused"
