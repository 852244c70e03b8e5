"""Jobs: claimed once, resumed at their checkpoint, cancelled, fair between workspaces, told about at their end."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import OperationalError

from coterie.accounts.models import AuditEntry, WorkspaceMember
from coterie.jobs import actions, leases, queries, runner
from coterie.jobs.erasing import fail_left, forget_jobs
from coterie.jobs.kinds import known
from coterie.jobs.leases import LeaseLost
from coterie.jobs.models import Job, JobState, Notification
from coterie.jobs.notices import send_mails
from coterie.jobs.runner import run_one
from coterie.jobs.turn import Turn
from coterie.jobs.wording import titled
from coterie.kit import clock
from coterie.kit.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from coterie.kit.reasons import Reason
from tests.jobs.conftest import Lab
from tests.support.jobs import run_all

pytestmark = [pytest.mark.django_db, pytest.mark.server]

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_it_works(lab: Lab) -> None:
    job = lab.start(to=3)
    assert (job.state, job.done, job.total) == ("queued", 0, None)
    assert run_all() == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result) == ("done", 3, 3, {"counts": {"counted": 3}})
    assert (job.token, job.error, job.attempts) == ("", "", 0)
    assert job.created_at <= (job.started_at or job.created_at) <= (job.finished_at or START)
    assert lab.seen == [("Counting", 1), ("Counting", 2), ("Counting", 3)]
    entries = AuditEntry.objects.filter(target=job.public_id).order_by("number")
    name = f"user:{lab.world.alice.public_id}"
    assert [(entry.action, entry.actor) for entry in entries] == [("job.started", name), ("job.finished", name)]
    assert not run_one()


def test_a_worker_that_died_is_followed_at_the_checkpoint(lab: Lab) -> None:
    with clock.frozen(START) as now:
        job = lab.start(to=5)
        mine = leases.claim(known())
        assert mine is not None
        steps = lab.run(Turn(mine))
        next(steps)
        next(steps)
        # The worker is gone without a word. While its lease runs nobody takes the job.
        assert leases.claim(known()) is None
        now.move(leases.LEASE + timedelta(seconds=1))
        assert run_one()
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("done", 1)
        assert [count for _, count in lab.seen] == [1, 2, 3, 4, 5]
        # It was not dead but slow: whatever it writes now is refused.
        with pytest.raises(LeaseLost):
            next(steps)
        with pytest.raises(LeaseLost):
            runner._end(mine, JobState.FAILED, error=Conflict("late"))
        job.refresh_from_db()
        assert (job.state, job.error, job.done) == ("done", "", 5)


def test_a_job_that_kills_its_workers_ends(lab: Lab) -> None:
    with clock.frozen(START) as now:
        job = lab.start()
        for _ in range(leases.MOST_ATTEMPTS + 1):
            assert leases.claim(known()) is not None
            now.move(leases.LEASE + timedelta(seconds=1))
        assert run_one()
        job.refresh_from_db()
        assert job.state == "failed"
        assert "ended 6 times" in job.error
        assert (job.failure or {})["details"] == {"times": 6}
        assert lab.seen == []


def test_two_workers_never_take_the_same(lab: Lab) -> None:
    for title in ("a", "b", "c"):
        lab.start(title)
    taken = [leases.claim(known()) for _ in range(5)]
    assert sorted(job.title for job in taken if job) == ["a", "b", "c"]
    again = Job.objects.of(lab.world.acme).get(title="a")
    stale = Job.objects.of(lab.world.acme).get(title="a")
    stale.token = ""
    assert not leases._take(stale)
    assert again.state == "running"


def test_workspaces_take_turns(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.0)
    with clock.frozen(START) as now:
        for title in ("many 1", "many 2"):
            lab.start(title, to=3)
        lab.start("one", who="charlie", to=2)
        while run_one():
            now.move(timedelta(seconds=1))
    # A turn is one step here, as long as another job waits.
    order = [title for title, _ in lab.seen]
    assert order[:4] == ["many 1", "one", "many 2", "one"]
    assert sorted(order) == sorted(["many 1"] * 3 + ["many 2"] * 3 + ["one"] * 2)
    assert {row.state for row in Job.objects.of(lab.world.acme)} == {"done"}


def test_a_workspace_with_jobs_running_waits_for_one_with_none(lab: Lab) -> None:
    for title in ("first", "second"):
        lab.start(title)
    first = leases.claim(known())
    lab.start("theirs", who="charlie")
    second = leases.claim(known())
    assert [row.title for row in (first, second) if row] == ["first", "theirs"]


def test_cancel(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.0)
    waiting = lab.start("waiting")
    assert actions.cancel(lab.access(), waiting.public_id).state == "cancelled"
    assert not run_one()
    running = lab.start("running", to=100)
    claimed = leases.claim(known())
    assert claimed is not None
    asked = actions.cancel(lab.access(), running.public_id)
    assert (asked.state, asked.cancel_at is not None) == ("running", True)
    claimed.refresh_from_db()
    runner._run(claimed, known(), lambda: False)
    running.refresh_from_db()
    assert running.state == "cancelled"
    late = lab.start("late", to=100)
    one = leases.claim(known())
    assert one is not None
    steps = runner._steps

    def cancelled_meanwhile(turn: Turn, names: list[str], stopping: Callable[[], bool]) -> object:
        actions.cancel(lab.access(), late.public_id)
        return steps(turn, names, stopping)

    monkeypatch.setattr(runner, "_steps", cancelled_meanwhile)
    runner._run(one, known(), lambda: False)
    late.refresh_from_db()
    assert (late.state, late.done, late.result) == ("cancelled", 1, {"counts": {"counted": 1}})
    with pytest.raises(Conflict, match="already"):
        actions.cancel(lab.access(), late.public_id)


def test_retry_goes_on_where_it_was(lab: Lab) -> None:
    job = lab.start("a", to=3)
    lab.fail_at["a 2"] = InvalidInput("Line 2 is bad.", details={"line": 2})
    run_all()
    job.refresh_from_db()
    assert (job.state, job.error, job.done) == ("failed", "Line 2 is bad.", 1)
    assert job.result == {"counts": {"counted": 1}}
    assert job.failure == {"code": "invalid_input", "message": "Line 2 is bad.", "details": {"line": 2}}
    lab.fail_at.clear()
    again = actions.retry(lab.access(), job.public_id)
    assert (again.state, again.error, again.failure) == ("queued", "", None)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 3)
    assert [count for _, count in lab.seen] == [1, 2, 2, 3]
    with pytest.raises(Conflict, match="Done"):
        actions.retry(lab.access(), job.public_id)


@pytest.mark.parametrize("error", [Unavailable("The index is away.", retry_after=7), OperationalError("gone")])
def test_what_passes_is_waited_for(lab: Lab, error: Exception) -> None:
    with clock.frozen(START) as now:
        job = lab.start("a", to=3)
        lab.fail_at["a 2"] = error
        assert run_one()
        job.refresh_from_db()
        assert (job.state, job.token, job.due_at > START) == ("running", "", True)
        assert not run_one()
        lab.fail_at.clear()
        now.move(timedelta(seconds=11))
        assert run_one()
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("done", 0)


def test_a_fault_of_ours_is_told_without_its_inside(lab: Lab) -> None:
    job = lab.start("a")
    lab.fail_at["a 1"] = ValueError("secret inside")
    run_all()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "Something went wrong on our side (ValueError).")
    assert job.failure == {"code": "internal_error", "message": job.error, "details": {}}


def test_stopping_gives_the_job_back(lab: Lab) -> None:
    job = lab.start("a", to=3)
    assert run_one(stopping=lambda: len(lab.seen) >= 2)
    job.refresh_from_db()
    assert (job.state, job.token, job.done) == ("running", "", 2)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.done, job.attempts) == ("done", 3, 0)


def test_who_lost_the_right_is_not_worked_for(lab: Lab) -> None:
    job = lab.start("a", who="bob", permission="people:write")
    WorkspaceMember.objects.of(lab.world.acme).filter(user=lab.world.bob).update(role="viewer")
    run_all()
    job.refresh_from_db()
    assert (job.state, lab.seen) == ("failed", [])
    with pytest.raises(Forbidden):
        lab.start("b", who="vera", permission="people:write")


def test_who_sees_what(lab: Lab) -> None:
    jobs = {
        "read": lab.start("read"),
        "write": lab.start("write", permission="people:write"),
        "private": lab.start("private", permission="people:export", private=True, who="ada"),
    }
    seen = {
        who: {job.title for job in queries.page(lab.access(who))} for who in ("alice", "ada", "bob", "vera", "charlie")
    }
    assert seen == {
        "alice": {"read", "write", "private"},
        "ada": {"read", "write", "private"},
        "bob": {"read", "write"},
        "vera": {"read"},
        "charlie": set(),
    }
    WorkspaceMember.objects.of(lab.world.acme).filter(user=lab.world.bob).update(role="admin")
    for who in ("bob", "charlie"):
        with pytest.raises(NotFound):
            queries.visible(lab.access(who), jobs["private"].public_id)
        with pytest.raises(NotFound):
            actions.cancel(lab.access(who), jobs["private"].public_id)


def test_no_more_than_a_hundred_wait(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_OPEN", 2)
    lab.start("a")
    lab.start("b")
    with pytest.raises(Conflict, match="2 jobs"):
        lab.start("c")


def test_the_end_is_told_once(lab: Lab) -> None:
    lab.start("Quiet")
    lab.start("Loud\nBcc: x@example.org", kind="test.mailed", to=1_500)
    run_all()
    notices = queries.notifications(lab.access(), unread=True, limit=10)
    assert [row.text.split("\n")[0] for row in notices] == ["Loud", "Quiet is done"]
    assert queries.notifications(lab.access("bob"), unread=True, limit=10) == []
    (message,) = mail.outbox
    assert message.to == ["alice@example.org"]
    assert message.subject == "Acme: Loud Bcc: x@example.org is done"
    assert "counted: 1,500" in message.body
    assert send_mails() == 0
    assert actions.mark_read(lab.access("bob"), None) == 0
    assert actions.mark_read(lab.access(), [notices[0].public_id]) == 1
    assert [row.text for row in queries.notifications(lab.access(), unread=True, limit=10)] == ["Quiet is done"]


@pytest.mark.parametrize(
    ("kind", "chosen", "seconds", "mailed"),
    [
        ("test.mailed", "always", 0, True),
        ("test.mailed", "long", 29, False),
        ("test.mailed", "long", 30, True),
        ("test.mailed", "never", 60, False),
        ("test.step", "always", 29, False),
        ("test.step", "always", 30, True),
        ("test.step", "never", 60, False),
        ("test.count", "always", 60, False),
    ],
)
def test_mails_are_a_members_choice(lab: Lab, kind: str, chosen: str, seconds: int, mailed: bool) -> None:
    answer = lab.world.api("alice").patch("/session", {"job_mails": chosen})
    assert (answer.status_code, answer.json()["job_mails"]) == (200, chosen)
    with clock.frozen(START) as now:
        lab.start(kind=kind)
        now.move(timedelta(seconds=seconds))
        run_all()
    assert (len(mail.outbox) == 1) is mailed
    assert Notification.objects.of(lab.world.acme).count() == 1


def test_a_mail_is_in_the_language_of_the_workspace(lab: Lab) -> None:
    assert lab.world.api("alice").patch("/workspaces/acme", {"language": "de"}).status_code == 200
    lab.start("Bilanz", kind="test.mailed", to=1_500)
    run_all()
    (message,) = mail.outbox
    assert message.subject == "Acme: Bilanz ist fertig"
    assert str(message.body).splitlines()[0] == "Bilanz ist fertig."
    assert "counted: 1.500" in message.body


def test_a_mail_that_fails_is_sent_later(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *args: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    with clock.frozen(START) as now:
        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.EmailMessage.send", refuse)
            lab.start("Loud", kind="test.mailed")
            run_all()
        row = Notification.objects.of(lab.world.acme).get()
        assert (row.mail, row.mail_tries, row.job.state) == ("wanted", 1, "done")
        assert send_mails() == 0
        now.move(timedelta(minutes=2))
        assert send_mails() == 1
        assert len(mail.outbox) == 1
        row.refresh_from_db()
        assert row.mail == "sent"


def test_a_late_mail_tells_how_it_had_ended(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "send_mails", lambda: 0)
    job = lab.start("Loud", kind="test.mailed")
    lab.fail_at["Loud 2"] = InvalidInput("No.")
    run_all()
    actions.retry(lab.access(), job.public_id)
    assert send_mails() == 1
    (message,) = mail.outbox
    assert message.subject == "Acme: Loud failed"
    (note,) = lab.world.api("alice").get("/workspaces/acme/notifications").json()["items"]
    assert (note["state"], note["text"]) == ("failed", "Loud failed")


def test_answers_tell_by_code(lab: Lab) -> None:
    name = "Export of 2 people as CSV"
    job = lab.start(titled("import", name=name))
    lab.fail_at[f"Import of {name} 2"] = Conflict(Reason("gone", "this person does not exist"), code="person_gone")
    run_all()
    api = lab.world.api("alice")
    told = {"title": f"Import of {name}", "title_code": "import", "title_details": {"name": name}, "state": "failed"}
    answer = api.get(f"/workspaces/acme/jobs/{job.public_id}").json()
    assert answer.items() >= told.items()
    reason = {"reason": "this person does not exist", "code": "gone", "details": {}}
    message = "this person does not exist"
    assert answer["failure"] == {"code": "person_gone", "message": message, "details": {"reason": reason}}
    assert (answer["error"], answer["phase"], answer["phase_code"]) == (message, "Counting", "")
    (note,) = api.get("/workspaces/acme/notifications").json()["items"]
    assert note.items() >= (told | {"text": f"Import of {name} failed"}).items()
    # As the version before keeps them: a title without a code, an end without a state and an error without parts.
    Job.objects.of(lab.world.acme).update(title_code="", title_details={}, failure=None, phase="rows")
    Notification.objects.of(lab.world.acme).update(state="")
    old = api.get(f"/workspaces/acme/jobs/{job.public_id}").json()
    assert (old["title"], old["title_code"], old["failure"]) == (told["title"], "", None)
    assert (old["error"], old["phase"], old["phase_code"]) == (message, "Going through the rows", "rows")
    (note,) = api.get("/workspaces/acme/notifications").json()["items"]
    assert (note["state"], note["title_code"], note["text"]) == ("failed", "", f"Import of {name} failed")


def test_what_a_failure_tells_of_a_person_goes_with_them(lab: Lab) -> None:
    job, other = lab.start("a"), lab.start("b")
    lab.fail_at["a 2"] = InvalidInput("No.", details={"identity": {"email": "Eve@example.org"}})
    lab.fail_at["b 2"] = InvalidInput("No.", details={"identity": {"email": "bob@example.org"}})
    run_all()
    assert forget_jobs(lab.world.acme, ["eve@example.org"]) == {"jobs_job": 1}
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.error, job.failure) == ("", None)
    assert (other.error, (other.failure or {})["code"]) == ("No.", "invalid_input")


def test_a_job_that_nobody_runs_is_failed_with_its_reason(lab: Lab) -> None:
    job = lab.start("a")
    assert fail_left(Job.objects.of(lab.world.acme), Conflict("It holds someone.", code="holds_erased")) == 1
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "It holds someone.")
    assert job.failure == {"code": "holds_erased", "message": "It holds someone.", "details": {}}
    assert [row.text for row in queries.notifications(lab.access(), unread=True, limit=10)] == ["a failed"]


def test_progress_says_when_it_may_end(lab: Lab) -> None:
    job = lab.start(to=100)
    job.state, job.done, job.total, job.rate = JobState.RUNNING, 40, 100, 20.0
    assert queries.progress(job).seconds_left == 3
    job.rate = 0.0
    assert queries.progress(job).seconds_left is None
