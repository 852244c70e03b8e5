"""Exports by the clock: due once, with the rights of that moment, delivered whole or told of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import AuditEntry, KeyKind, Role, WorkspaceMember
from coterie.accounts.permissions import Access, Caller
from coterie.audience.inputs import catalogue_for
from coterie.audience.projector import project
from coterie.filters.fields import FieldType
from coterie.filters.sentence import parse
from coterie.jobs import actions as jobs
from coterie.jobs.files import path_of
from coterie.jobs.models import Job, Notification, StoredFile
from coterie.kit import clock, failpoints, s3
from coterie.kit.addresses import allowed
from coterie.kit.errors import Conflict, CoterieError, InvalidInput, NotFound
from coterie.kit.schemas import WhyOut
from coterie.people.actions import apply_edits, create_attribute
from coterie.people.attributes import delete_attribute
from coterie.people.edits import PersonEdit
from coterie.segments import actions as segments
from coterie.transfers import cadence, delivering, destinations, erasing, folders, schedules
from coterie.transfers.models import ExportDelivery, ExportDestination, ExportSchedule
from coterie.transfers.schedule_schemas import DestinationOut, ScheduleOut
from coterie.transfers.schemas import ExportBody
from tests.support.jobs import run_all
from tests.support.lookup import attribute_ids
from tests.support.s3_server import (
    BUCKET,
    KEY_ID,
    REGION,
    SECRET,
    Storage,
    hang_up,
    on_part,
    status,
    storage_on_this_machine,
)
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server

MONDAY = datetime(2026, 3, 23, 12, tzinfo=UTC)
PEOPLE = 40


@pytest.fixture
def root(settings: Any, tmp_path: Path) -> Path:
    """The server's folder for exports."""
    settings.COTERIE_EXPORT_FOLDER = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def filled(desk: Desk, root: Path) -> Desk:
    create_attribute(desk.workspace, key="plan", type=FieldType.TEXT)
    edits = [
        PersonEdit(identities=[("user_id", f"u{i}")], set={"plan": "pro" if i % 4 else "free", "city": "Rome"})
        for i in range(PEOPLE)
    ]
    apply_edits(desk.workspace, edits)
    project(desk.workspace)
    desk.workspace.timezone = "Europe/Berlin"
    desk.workspace.save()
    return desk


@pytest.fixture
def now() -> Iterator[clock.Frozen]:
    with clock.frozen(MONDAY) as stopped:
        yield stopped


@pytest.fixture
def storage(settings: Any) -> Iterator[Storage]:
    with storage_on_this_machine() as running:
        settings.COTERIE_EGRESS_ALLOW = allowed([running.url.removeprefix("http://")])
        yield running


def folder(desk: Desk, name: str = "crm/daily") -> ExportDestination:
    return destinations.create(desk.access(), {"name": name, "kind": "folder", "folder": name})


def bucket(desk: Desk, storage: Storage, **other: Any) -> ExportDestination:
    place = {"endpoint": storage.url, "region": REGION, "bucket": BUCKET, "prefix": "in/people"}
    key = {"key_id": KEY_ID, "secret": SECRET}
    return destinations.create(desk.access(), {"name": "Storage", "kind": "s3"} | place | key | other)


def schedule(desk: Desk, destination: ExportDestination, *, who: str = "alice", **more: Any) -> ExportSchedule:
    export = ExportBody.model_validate({"columns": ["number", "city"]} | more.pop("export", {}))
    given = {"name": "Everyone", "every": "day", "at": "06:00", "destination": destination.public_id, "export": export}
    return schedules.create(desk.access(who), given | more)


def lines(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").splitlines()


def last(row: ExportSchedule) -> Job:
    row.refresh_from_db()
    assert row.last_job is not None
    return row.last_job


def reason(row: ExportSchedule) -> str:
    row.refresh_from_db()
    assert row.paused_at is not None
    assert (row.paused_why or {"reason": ""})["reason"] == row.paused_reason
    return row.paused_reason


def test_it_works(filled: Desk, root: Path, now: clock.Frozen) -> None:
    """Due at six by the workspace's clock, once; the file is the one that can be downloaded, in the named folder."""
    row = schedule(filled, folder(filled), export={"where": 'plan is "free"'}, name="Free plans (CRM)")
    assert (row.next_at, row.private) == (datetime(2026, 3, 24, 5, tzinfo=UTC), True)
    assert schedules.start_due() == 0
    now.move(timedelta(hours=17, minutes=1))
    assert (schedules.start_due(), schedules.start_due()) == (1, 0)
    run_all()
    job = last(row)
    (path,) = root.rglob("*.csv")
    assert path == root / filled.workspace.slug / "crm/daily" / "free-plans-crm-20260324T050000Z.csv"
    assert (lines(path.read_bytes())[0], len(lines(path.read_bytes()))) == ("number,City", 1 + PEOPLE // 4)
    (file,) = StoredFile.objects.of(filled.workspace).filter(job=job, purpose="export")
    assert path_of(file).read_bytes() == path.read_bytes()
    (made,) = ExportDelivery.objects.of(filled.workspace)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (made.object, made.size, made.rows, made.sha256) == (path.name, file.size, PEOPLE // 4, digest)
    assert (job.state, job.result["counts"]) == ("done", {"exported": PEOPLE // 4})
    # Hour after hour: what went well is not told each time.
    assert not Notification.objects.of(filled.workspace).exists()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_over_the_change_of_the_clock(filled: Desk, root: Path, now: clock.Frozen) -> None:
    row = schedule(filled, folder(filled))
    now.at = datetime(2026, 3, 27, 6, tzinfo=UTC)
    for _ in range(24 * 4):
        schedules.start_due()
        now.move(timedelta(hours=1))
    jobs = Job.objects.of(filled.workspace).filter(kind=schedules.KIND).order_by("pk")
    # The slot of the 24th was missed three times: it runs once. Then six o'clock of summer time from the 29th on.
    assert [job.params["object"][9:-4] for job in jobs] == [
        "20260324T050000Z",
        "20260328T050000Z",
        "20260329T040000Z",
        "20260330T040000Z",
        "20260331T040000Z",
    ]
    row.refresh_from_db()
    filled.workspace.timezone = "America/New_York"
    filled.workspace.save()
    schedules.start_due()
    row.refresh_from_db()
    assert (row.zone, row.next_at) == ("America/New_York", datetime(2026, 3, 31, 10, tzinfo=UTC))


def test_of_two_workers_one_starts_it(
    filled: Desk, root: Path, now: clock.Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that it is due; the other one is faster."""
    schedule(filled, folder(filled))
    now.move(timedelta(days=1))
    real, counts = cadence.Cadence.next_after, []

    def after_the_other(self: cadence.Cadence, *given: Any) -> datetime:
        monkeypatch.setattr(cadence.Cadence, "next_after", real)
        counts.append(schedules.start_due())
        return real(self, *given)

    monkeypatch.setattr(cadence.Cadence, "next_after", after_the_other)
    counts.append(schedules.start_due())
    assert (counts, Job.objects.of(filled.workspace).count()) == ([1, 0], 1)


def test_too_many_jobs_keep_the_slot(
    filled: Desk, root: Path, now: clock.Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = schedule(filled, folder(filled))
    now.move(timedelta(days=1))
    monkeypatch.setattr(schedules.jobs, "MOST_OPEN", 0)
    assert schedules.start_due() == 0
    monkeypatch.undo()
    row.refresh_from_db()
    assert row.next_at < clock.now()
    assert schedules.start_due() == 1


def lose_role(desk: Desk) -> None:
    WorkspaceMember.objects.of(desk.workspace).filter(user=desk.users["ada"]).update(role=Role.AGENT)


def leave(desk: Desk) -> None:
    WorkspaceMember.objects.of(desk.workspace).filter(user=desk.users["ada"]).delete()


@pytest.mark.parametrize(("lose", "told"), [(lose_role, "ada"), (leave, "alice")])
def test_a_lost_right_pauses_it(filled: Desk, root: Path, now: clock.Frozen, lose: Any, told: str) -> None:
    row = schedule(filled, folder(filled), who="ada")
    lose(filled)
    now.move(timedelta(days=1))
    schedules.start_due()
    run_all()
    assert "may not export any more" in reason(row)
    assert last(row).state == "failed"
    assert not list(root.rglob("*.csv"))
    # Whoever asked for it is told, with a mail; the owners when that is nobody any more.
    (note,) = Notification.objects.of(filled.workspace)
    assert (note.user, note.mail, note.text) == (filled.users[told], "sent", "Scheduled export Everyone failed")
    assert "The schedule is paused." in mail.outbox[-1].body
    now.move(timedelta(days=1))
    assert schedules.start_due() == 0
    with pytest.raises(Conflict):
        schedules.run_now(filled.access(), row.public_id)
    # Whoever lets it go on has to have the right, and it runs with theirs from then on.
    schedules.change(filled.access(), row.public_id, {"paused": False})
    row.refresh_from_db()
    assert (row.by, row.next_at > clock.now()) == (filled.access().actor.name, True)
    schedules.run_now(filled.access(), row.public_id)
    run_all()
    assert last(row).state == "done"


def test_a_revoked_key_pauses_it(filled: Desk, root: Path, now: clock.Frozen) -> None:
    key, _ = accounts.create_key(
        audit.SYSTEM, filled.workspace, kind=KeyKind.SECRET, name="cron", scopes=["people:export"]
    )
    access = Access(filled.workspace, Caller(ip="", key=key), None)
    given = {"name": "By key", "every": "hour", "at": "00:30", "export": ExportBody.model_validate({})}
    row = schedules.create(access, given | {"destination": folder(filled).public_id})
    now.move(timedelta(hours=1))
    schedules.start_due()
    run_all()
    assert last(row).state == "done"
    accounts.revoke_key(audit.SYSTEM, filled.workspace, key_id=key.public_id)
    now.move(timedelta(hours=1))
    schedules.start_due()
    run_all()
    assert reason(row)
    assert [note.user for note in Notification.objects.of(filled.workspace)] == [filled.users["alice"]]


def hide(desk: Desk, segment: Any) -> None:
    segments.set_hidden(desk.access(), segment.public_id, roles=[Role.ADMIN], user_ids=[])


def remove(desk: Desk, segment: Any) -> None:
    segments.delete_segment(desk.access(), segment.public_id, force=True)


def break_it(desk: Desk, segment: Any) -> None:
    delete_attribute(desk.workspace, attribute_ids(desk.workspace)["plan"])


@pytest.mark.parametrize(
    ("spoil", "how"),
    [(hide, "segment"), (hide, "where"), (remove, "segment"), (remove, "where"), (break_it, "segment")],
)
def test_a_segment_that_can_t_be_used_pauses_it(
    filled: Desk, root: Path, now: clock.Frozen, spoil: Any, how: str
) -> None:
    """It never means everyone."""
    made = parse('plan is "pro"', catalogue_for(filled.access()))
    segment = segments.create_dynamic(filled.access(), name="Pro", filter=made)
    project(filled.workspace)
    export = {"segment": segment.public_id} if how == "segment" else {"where": 'not in segment "Pro"'}
    row = schedule(filled, folder(filled), who="ada", export=export)
    assert "Pro" not in str(row.body)
    with pytest.raises(Conflict, match="in use"):
        segments.delete_segment(filled.access(), segment.public_id)
    spoil(filled, segment)
    project(filled.workspace)
    now.move(timedelta(days=1))
    assert schedules.start_due() == 1
    run_all()
    assert reason(row)
    assert (last(row).state, list(root.rglob("*.csv"))) == ("failed", [])


def test_who_sees_and_changes_it(filled: Desk, root: Path, now: clock.Frozen) -> None:
    place = folder(filled)
    secret = schedule(filled, place, export={"where": 'plan is "pro"'}, name="Pro")
    open_ = schedule(filled, place)
    for who, seen in (("alice", {"Pro", "Everyone"}), ("ada", {"Everyone"})):
        assert {row.name for row in schedules.listed(filled.access(who))} == seen
    with pytest.raises(NotFound):
        schedules.change(filled.access("ada"), secret.public_id, {"paused": True})
    # To stop it or to call it otherwise is no reason to run it with other rights; to lead it elsewhere is.
    schedules.change(filled.access("ada"), open_.public_id, {"paused": True, "name": "All"})
    open_.refresh_from_db()
    assert (open_.by, open_.stem) == (filled.access("alice").actor.name, "all")
    other = folder(filled, "other")
    schedules.change(filled.access("ada"), open_.public_id, {"destination": other.public_id})
    open_.refresh_from_db()
    assert (open_.by, open_.user) == (filled.access("ada").actor.name, filled.users["ada"])
    schedules.delete(filled.access("ada"), open_.public_id)
    with pytest.raises(Conflict, match="Schedules deliver to it"):
        destinations.delete(filled.access(), place.public_id)
    schedules.delete(filled.access(), secret.public_id)
    destinations.delete(filled.access(), place.public_id)


def test_other_columns_for_the_same_people(filled: Desk, root: Path, now: clock.Frozen) -> None:
    """What cannot be told again, such as who is left out, need not be sent again."""
    left_out = {"where": 'plan is "free"', "except": [1]}
    row = schedule(filled, folder(filled), export=left_out)
    before = dict(row.body)
    schedules.change(filled.access(), row.public_id, {"columns": ["city"], "format": "xlsx"})
    row.refresh_from_db()
    assert row.body == before | {"columns": ["city"], "format": "xlsx"}
    with pytest.raises(InvalidInput, match='no field "shoe"'):
        schedules.change(filled.access(), row.public_id, {"columns": ["shoe"]})
    schedules.change(filled.access(), row.public_id, {"columns": ["number"], "export": ExportBody.model_validate({})})
    row.refresh_from_db()
    assert (row.body, row.private) == ({"columns": ["number"], "format": "csv"}, False)


def test_what_can_t_be_scheduled(filled: Desk, root: Path) -> None:
    place = folder(filled)
    for more, field in (
        ({"export": {"numbers": [1]}}, "numbers"),
        ({"export": {"columns": ["shoe"]}}, "shoe"),
        ({"every": "week"}, "weekday"),
        ({"every": "month"}, "day"),
        ({"name": "!!!"}, "name"),
    ):
        with pytest.raises(InvalidInput) as caught:
            schedule(filled, place, **more)  # type: ignore[arg-type]
        assert caught.value.details["field"] == field


def test_names_of_files_are_of_one_schedule(filled: Desk, root: Path) -> None:
    place = folder(filled)
    schedule(filled, place, name="Weekly: all")
    with pytest.raises(Conflict):
        schedule(filled, place, name="weekly all")
    assert schedule(filled, place, name="毎週 Zoë").stem == "毎週-zoë"


# Folders


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "a/../../b",
        "/etc",
        "/",
        "a//b",
        ".ssh",
        "a/./b",
        "a\\b",
        "a\0b",
        "a\nb",
        "~x/..",
        " a",
        "a ",
        "x" * 101,
    ],
)
def test_folders_that_lead_elsewhere(root: Path, name: str) -> None:
    assert folders.checked("crm/daily/") == "crm/daily"
    with pytest.raises(InvalidInput):
        folders.checked(name)


def test_a_link_is_not_followed(filled: Desk, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    own = root / filled.workspace.slug
    own.mkdir(parents=True)
    (own / "out").symlink_to(outside)
    (own / "taken").write_text("a file")
    for name in ("out", "out/deep", "taken"):
        row = destinations.check(filled.access(), folder(filled, name).public_id)
        assert "in the way" in row.check_error
    # Nor is a link under the name of the file, or of the one that is written aside.
    place = folder(filled, "in")
    row = schedule(filled, place)
    (own / "in").mkdir()
    victim = outside / "victim"
    victim.write_text("untouched")
    with clock.frozen(MONDAY):
        name = f"everyone-{MONDAY:%Y%m%dT%H%M%SZ}.csv"
        (own / "in" / name).symlink_to(victim)
        schedules.run_now(filled.access(), row.public_id)
        run_all()
        assert (victim.read_text(), (own / "in" / name).is_symlink()) == ("untouched", False)
        (own / "in" / f".{name}.part").symlink_to(victim)
        schedules.run_now(filled.access(), row.public_id)
        run_all()
    assert (victim.read_text(), last(row).state, list(outside.iterdir())) == ("untouched", "failed", [victim])


def test_without_a_folder_on_the_server(filled: Desk, root: Path, settings: Any) -> None:
    place = folder(filled)
    assert destinations.check(filled.access(), place.public_id).check_error == ""
    assert not [path for path in root.rglob("*") if path.is_file()]
    settings.COTERIE_EXPORT_FOLDER = None
    with pytest.raises(Conflict, match="COTERIE_EXPORT_FOLDER"):
        folder(filled, "another")
    assert "COTERIE_EXPORT_FOLDER" in destinations.check(filled.access(), place.public_id).check_error


# Storage


def test_storage(filled: Desk, storage: Storage, now: clock.Frozen) -> None:
    row = schedule(filled, bucket(filled, storage), export={"format": "xlsx"})
    job = schedules.run_now(filled.access(), row.public_id)
    run_all()
    ((key, content),) = storage.objects.items()
    assert key == f"in/people/everyone-{MONDAY:%Y%m%dT%H%M%SZ}.xlsx"
    (file,) = StoredFile.objects.of(filled.workspace).filter(job=job, purpose="export")
    assert (path_of(file).read_bytes(), storage.digests[key]) == (content, hashlib.sha256(content).hexdigest())
    (delivery,) = ExportDelivery.objects.of(filled.workspace)
    assert delivery.place == f"{storage.url}/{BUCKET}/in/people"
    # A second time in the same second is the same slot: one object, one row.
    schedules.run_now(filled.access(), row.public_id)
    run_all()
    assert (len(storage.objects), ExportDelivery.objects.of(filled.workspace).count()) == (1, 1)


@pytest.fixture
def in_parts(filled: Desk, storage: Storage, now: clock.Frozen, monkeypatch: pytest.MonkeyPatch) -> ExportSchedule:
    """A schedule whose file is sent in several parts."""
    monkeypatch.setattr(s3, "PART", 64)
    return schedule(filled, bucket(filled, storage))


def content_of(job: Job) -> bytes:
    (file,) = StoredFile.objects.of(job.workspace_id).filter(job=job, purpose="export")
    return path_of(file).read_bytes()


@pytest.mark.parametrize("fault", [status(500, "InternalError"), hang_up])
def test_a_part_that_fails_is_sent_again(
    filled: Desk, storage: Storage, now: clock.Frozen, in_parts: ExportSchedule, fault: Any
) -> None:
    storage.faults.append(on_part(3, fault))
    job = schedules.run_now(filled.access(), in_parts.public_id)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.due_at, storage.parts()) == ("running", MONDAY + timedelta(seconds=10), ["1", "2"])
    now.move(timedelta(seconds=11))
    filled.finished(job)
    content = content_of(job)
    assert list(storage.objects.values()) == [content]
    # Each part once: those that were taken are not sent again.
    assert storage.parts() == [str(number) for number in range(1, -(-len(content) // 64) + 1)]
    assert storage.refused == []


def test_a_kill_between_parts(
    filled: Desk, storage: Storage, now: clock.Frozen, in_parts: ExportSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part that was on its way is sent again under its number; the upload goes on."""
    real, count = failpoints.hit, iter([False, True])

    def killed(name: str) -> None:
        if name == "delivery.part" and next(count, False):
            raise KeyboardInterrupt
        real(name)

    monkeypatch.setattr(failpoints, "hit", killed)
    job = schedules.run_now(filled.access(), in_parts.public_id)
    with pytest.raises(KeyboardInterrupt):
        run_all()
    now.move(timedelta(minutes=2))
    filled.finished(job)
    assert list(storage.objects.values()) == [content_of(job)]
    assert (storage.parts()[:4], len(storage.uploads)) == (["1", "2", "2", "3"], 0)


def test_a_kill_after_the_parts_are_put_together(
    filled: Desk, storage: Storage, now: clock.Frozen, in_parts: ExportSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = failpoints.hit, iter([True])

    def killed(name: str) -> None:
        if name == "delivery.done" and next(count, False):
            raise KeyboardInterrupt
        real(name)

    monkeypatch.setattr(failpoints, "hit", killed)
    job = schedules.run_now(filled.access(), in_parts.public_id)
    with pytest.raises(KeyboardInterrupt):
        run_all()
    sent = len(storage.parts())
    now.move(timedelta(minutes=2))
    filled.finished(job)
    assert (list(storage.objects.values()), len(storage.parts())) == ([content_of(job)], sent)


def test_an_upload_that_the_storage_has_thrown_away(
    filled: Desk, storage: Storage, now: clock.Frozen, in_parts: ExportSchedule
) -> None:
    storage.faults.append(on_part(3, status(500, "InternalError")))
    job = schedules.run_now(filled.access(), in_parts.public_id)
    run_all()
    storage.uploads.clear()
    for _ in range(2):
        now.move(timedelta(minutes=2))
        run_all()
    job.refresh_from_db()
    assert (job.state, list(storage.objects.values())) == ("done", [content_of(job)])


def test_it_is_tried_so_often_and_then_told(filled: Desk, storage: Storage, now: clock.Frozen, settings: Any) -> None:
    row = schedule(filled, bucket(filled, storage))
    schedules.run_now(filled.access(), row.public_id)
    for pause in delivering.PAUSES:
        storage.faults.append(status(503, "SlowDown"))
        run_all()
        assert last(row).state == "running"
        now.move(timedelta(seconds=pause + 1))
    storage.faults.append(status(503, "SlowDown"))
    run_all()
    assert (last(row).state, row.paused_at) == ("failed", None)
    (note,) = Notification.objects.of(filled.workspace)
    assert (note.mail, storage.objects) == ("sent", {})
    go_on(filled, last(row))
    assert len(storage.objects) == 1


def go_on(desk: Desk, job: Job) -> None:
    jobs.retry(desk.access(), job.public_id)
    desk.finished(job)


def test_a_refusal_is_told_at_once(filled: Desk, storage: Storage, now: clock.Frozen) -> None:
    place = bucket(filled, storage)
    row = schedule(filled, place)
    storage.secret = "another one since"
    schedules.run_now(filled.access(), row.public_id)
    run_all()
    job = last(row)
    assert (job.state, job.error) == (
        "failed",
        "127.0.0.1 refuses: It is <SignatureDoesNotMatch>. (SignatureDoesNotMatch)",
    )
    told_of = ScheduleOut.of(filled.access(), row)
    assert told_of.last_error == job.error
    assert told_of.last_failure is not None
    assert (told_of.last_failure.code, told_of.last_failure.details["reason"]["code"]) == (
        "storage_refused",
        "storage_says_no",
    )
    tried = destinations.check(filled.access(), place.public_id)
    assert "SignatureDoesNotMatch" in tried.check_error
    told = DestinationOut.of(tried).check_error
    assert told is not None
    assert (told.code, told.details["error"]["code"]) == ("error", "storage_refused")
    # A server of the version before keeps the text alone.
    tried.check_error = "It did not work."
    assert DestinationOut.of(tried).check_error == WhyOut(reason="It did not work.", code="", details={})
    with pytest.raises(InvalidInput):
        destinations.change(filled.access(), place.public_id, {"secret": "alone"})
    destinations.change(
        filled.access(), place.public_id, {"key_id": KEY_ID, "secret": storage.secret.replace(" ", "-")}
    )
    storage.secret = storage.secret.replace(" ", "-")
    assert destinations.check(filled.access(), place.public_id).check_error == ""
    assert storage.objects == {}
    go_on(filled, job)
    assert len(storage.objects) == 1


def test_storage_on_this_machine_is_refused_unless_it_is_allowed(
    filled: Desk, storage: Storage, now: clock.Frozen, settings: Any
) -> None:
    place = bucket(filled, storage)
    entry = AuditEntry.objects.filter(workspace=filled.workspace, action="export_destination.created").get()
    assert entry.details["allowed_by_operator"] is True
    row = schedule(filled, place)
    settings.COTERIE_EGRESS_ALLOW = ()
    with pytest.raises(CoterieError, match="COTERIE_EGRESS_ALLOW"):
        bucket(filled, storage, name="Again")
    assert "COTERIE_EGRESS_ALLOW" in destinations.check(filled.access(), place.public_id).check_error
    schedules.run_now(filled.access(), row.public_id)
    run_all()
    assert (last(row).state, storage.calls, storage.refused) == ("failed", [], [])


def test_storage_that_can_t_be(filled: Desk, storage: Storage) -> None:
    for other, field in (
        ({"bucket": "../x"}, "bucket"),
        ({"bucket": ""}, "bucket"),
        ({"prefix": "a/../b"}, "prefix"),
        ({"prefix": "a//b"}, "prefix"),
        ({"region": "eu/x"}, "region"),
        ({"key_id": ""}, "key_id"),
        ({"secret": ""}, "secret"),
        ({"folder": "x"}, "folder"),
        ({"kind": "folder"}, "endpoint"),
        ({"endpoint": f"{storage.url}/path"}, "endpoint"),
    ):
        with pytest.raises(InvalidInput) as caught:
            bucket(filled, storage, **other)
        assert caught.value.details["field"] == field


def test_an_erasure_tells_where_files_lie(filled: Desk, storage: Storage, root: Path, now: clock.Frozen) -> None:
    places = [folder(filled), bucket(filled, storage)]
    for place in places:
        row = schedule(filled, place, name=place.name)
        schedules.run_now(filled.access(), row.public_id)
        run_all()
        schedules.delete(filled.access(), row.public_id)
        destinations.delete(filled.access(), place.public_id)
    told = erasing.delivered(filled.workspace)
    assert [place.place in text and "1 files" in text for place, text in zip(places, told, strict=True)] == [True, True]


def test_a_schedule_that_is_gone_ends_its_job(filled: Desk, root: Path, now: clock.Frozen) -> None:
    row = schedule(filled, folder(filled))
    job = schedules.run_now(filled.access(), row.public_id)
    schedules.delete(filled.access(), row.public_id)
    run_all()
    job.refresh_from_db()
    assert (job.state, list(root.rglob("*.csv"))) == ("failed", [])
    with pytest.raises(Conflict):
        go_on(filled, job)
