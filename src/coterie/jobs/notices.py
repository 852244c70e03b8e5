"""Telling a requester that their job has ended: a notification in the same transaction, and a mail after it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F

from coterie.accounts.models import JobMails, Language, Role, User, WorkspaceMember
from coterie.jobs import wording
from coterie.jobs.kinds import kind_of
from coterie.jobs.models import Job, JobState, Notification
from coterie.kit import clock

_log = logging.getLogger(__name__)

# A job that takes longer is one that nobody watches to its end.
LONG: Final = timedelta(seconds=30)
MOST_TRIES: Final = 8
_FIRST_PAUSE: Final = timedelta(minutes=1)


def notify(job: Job) -> None:
    """Note that a job has ended, for the user who asked for it; call it in the transaction that ends the job."""
    kind = kind_of(job.kind)
    told = [job.user_id] if job.user_id is not None else []
    if kind is not None and kind.by_clock:
        told = _told_of_failure(job) if job.state == JobState.FAILED else []
    when = kind.mail if kind else "chosen"
    for user in User.objects.filter(pk__in=told):
        Notification.objects.create(
            workspace_id=job.workspace_id,
            user=user,
            job=job,
            text=wording.ending(job, job.state, Language.ENGLISH)[:300],
            state=job.state,
            mail="wanted" if _is_mailed(job, when, JobMails(user.job_mails)) else "none",
        )


def _is_mailed(job: Job, when: str, chosen: JobMails) -> bool:
    """Whether a user gets a mail: by the kind of job, and by their own choice where the kind leaves it to them."""
    # Whoever cancels knows; the mail is for those who went away.
    if when == "never" or job.state == JobState.CANCELLED:
        return False
    if when == "failed":
        return job.state == JobState.FAILED
    if chosen is JobMails.NEVER:
        return False
    took = (job.finished_at or clock.now()) - job.created_at
    return took >= LONG or (when == "chosen" and chosen is JobMails.ALWAYS)


def _told_of_failure(job: Job) -> list[int]:
    """Of a job that nobody watches: its requester, or the owners where that is a key or someone who has left."""
    members = WorkspaceMember.objects.of(job.workspace_id)
    asked = members.filter(user_id=job.user_id or 0, user__is_active=True)
    found = asked if asked.exists() else members.filter(role=Role.OWNER)
    return list(found.values_list("user_id", flat=True))


def send_mails() -> int:
    """Send the mails that are due; how many went out. One that fails is tried again, each time later, 8 times."""
    now = clock.now()
    sent = 0
    rows = Notification.objects.filter(mail="wanted", mail_at__lte=now).select_related("job", "user", "workspace")
    for row in rows.order_by("pk")[:100]:
        # Moved first: of several workers one sends, and one that ends meanwhile does not send again at once.
        later = now + _FIRST_PAUSE * 2**row.mail_tries
        mine = Notification.objects.of(row.workspace_id).filter(pk=row.pk, mail="wanted", mail_at=row.mail_at)
        if not mine.update(mail_at=later, mail_tries=F("mail_tries") + 1):
            continue
        try:
            _message(row).send()
        except Exception as error:
            # What a mail server answers is no reason to end a job differently.
            _log.warning("mail about %s was not sent: %s: %s", row.job.public_id, type(error).__name__, error)
            if row.mail_tries + 1 >= MOST_TRIES:
                Notification.objects.of(row.workspace_id).filter(pk=row.pk).update(mail="failed")
            continue
        Notification.objects.of(row.workspace_id).filter(pk=row.pk).update(mail="sent")
        sent += 1
    return sent


def _message(row: Notification) -> EmailMessage:
    job, language = row.job, Language.of(row.workspace.language)
    # A job that went on since is in another state now.
    text = wording.ending(job, row.state or job.state, language) or row.text
    lines = [f"{text}.", ""]
    if job.error:
        lines += [job.error, ""]
    lines += wording.counts(job, language)
    lines += ["", f"{settings.COTERIE_BASE_URL}/w/{row.workspace.slug}/jobs/{job.public_id}"]
    # A line break in a title must not begin another header.
    subject = " ".join(f"{row.workspace.name}: {text}".split())
    return EmailMessage(subject=subject, body="\n".join(lines), to=[row.user.email])
