"""Files of jobs: who may have them, and how long."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from coterie.accounts.models import AuditEntry
from coterie.jobs import files
from coterie.jobs.models import Job, StoredFile
from coterie.kit import clock
from coterie.kit.errors import TooLarge
from tests.jobs.conftest import Lab

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def made(lab: Lab, *, keep_for: timedelta | None = timedelta(days=7), who: str = "ada") -> StoredFile:
    job = lab.start("Export", who=who, permission="people:export", private=True)
    path = files.new_place(lab.world.acme, ".csv")
    files.write_pieces(path, [b"a,b\n", b"1,2\n"], most=100)
    return files.keep(lab.world.acme, path, name="../../x/people.csv", purpose="export", job=job, keep_for=keep_for)


def test_it_works(lab: Lab) -> None:
    file = made(lab)
    assert (file.name, file.size) == ("people.csv", 8)
    assert oct(files.path_of(file).stat().st_mode & 0o777) == "0o600"
    answer = lab.world.api("ada").get(f"/workspaces/acme/files/{file.public_id}")
    assert b"".join(answer.streaming_content) == b"a,b\n1,2\n"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    entry = AuditEntry.objects.filter(action="file.downloaded").get()
    assert entry.target == file.public_id
    job = lab.world.api("ada").get(f"/workspaces/acme/jobs/{Job.objects.of(lab.world.acme).get().public_id}").json()
    assert [row["id"] for row in job["files"]] == [file.public_id]


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 404), ("vera", 404), ("charlie", 404)])
def test_whose_it_is_not(lab: Lab, who: str, status: int) -> None:
    file = made(lab)
    slug = "other" if who == "charlie" else "acme"
    answer = lab.world.api(who).get(f"/workspaces/{slug}/files/{file.public_id}")
    assert answer.status_code == status


def test_a_role_that_was_lost_loses_the_file(lab: Lab) -> None:
    from coterie.accounts.models import WorkspaceMember

    file = made(lab)
    WorkspaceMember.objects.of(lab.world.acme).filter(user=lab.world.ada).update(role="agent")
    assert lab.world.api("ada").get(f"/workspaces/acme/files/{file.public_id}").status_code == 403


def test_it_expires(lab: Lab) -> None:
    with clock.frozen(datetime(2026, 1, 31, tzinfo=UTC)) as now:
        file = made(lab)
        stays = made(lab, keep_for=None)
        now.move(timedelta(days=8))
        answer = lab.world.api("alice").get(f"/workspaces/acme/files/{file.public_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "file_expired")
        # The bytes go with the class of the file: tests/privacy/test_retention.py.
        assert lab.world.api("alice").get(f"/workspaces/acme/files/{stays.public_id}").status_code == 200


def test_what_nobody_knows_is_removed_after_a_day(lab: Lab) -> None:
    kept = files.path_of(made(lab))
    young, old = (files.new_place(lab.world.acme, ".part") for _ in range(2))
    young.touch()
    old.touch()
    yesterday = clock.now().timestamp() - 90_000
    os.utime(old, (yesterday, yesterday))
    os.utime(kept, (yesterday, yesterday))
    assert files.forget_orphans() == 1
    assert (kept.exists(), young.exists(), old.exists()) == (True, True, False)


def test_too_much_leaves_nothing(lab: Lab) -> None:
    path = files.new_place(lab.world.acme, ".csv")
    with pytest.raises(TooLarge):
        files.write_pieces(path, [b"x" * 60, b"x" * 60], most=100)
    assert not path.exists()


def test_it_is_read_piece_by_piece_in_an_event_loop(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 3)
    file = made(lab)

    async def read() -> list[bytes]:
        return [piece async for piece in files.Download(file)]

    assert async_to_sync(read)() == [b"a,b", b"\n1,", b"2\n"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a/b\\c.csv", "c.csv"), ("..", "file"), ("a\r\nb.csv", "ab.csv"), ("x" * 300 + ".xlsx", "x" * 195 + ".xlsx")],
)
def test_names_are_made_safe(name: str, kept: str) -> None:
    assert files._safe_name(name) == kept


def test_the_folder_is_in_the_data_folder() -> None:
    assert settings.COTERIE_FILES.is_relative_to(settings.COTERIE_DATA)
