"""Rows of work: what runs by the clock, long tasks, their files, what requesters are told, how long what is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coterie.accounts.models import ApiKey
from coterie.accounts.scope import WorkspaceScoped
from coterie.kit import clock
from coterie.kit.ids import new_id


class TaskRun(models.Model):
    """When a scheduled task is due, and how it went last; one row per task of the installation."""

    name = models.CharField(max_length=80, unique=True)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name


def job_id() -> str:
    """A new public id of a job."""
    return new_id("job")


def file_id() -> str:
    """A new public id of a stored file."""
    return new_id("file")


def notification_id() -> str:
    """A new public id of a notification."""
    return new_id("ntf")


class JobState(models.TextChoices):
    """What became of a job so far. A running one that nobody holds waits for its next turn."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (JobState.QUEUED, JobState.RUNNING)


class Job(WorkspaceScoped):
    """One long task of a workspace.

    `permission` is what a caller needs to see and handle it; a `private` one is seen by its requester and owners only.
    `checkpoint` is how far it is committed, in a form of its kind's own; `done` of `total` counts `unit`s, `rate` is
    per second. `title` and `error` are English; `title_code` with `title_details`, the code that `phase` is, and
    `failure`, the error as answers tell errors, are what other languages say it by. `token` is the lease of the worker
    that runs it: every write of progress or outcome matches it.
    """

    public_id = models.CharField(max_length=40, unique=True, default=job_id, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    title_code = models.CharField(max_length=40, default="", db_default="")
    title_details = models.JSONField(default=dict, db_default={})
    state = models.CharField(max_length=9, choices=JobState.choices, default=JobState.QUEUED)
    permission = models.CharField(max_length=40)
    private = models.BooleanField(default=False)
    params = models.JSONField(default=dict)

    phase = models.CharField(max_length=80, blank=True, default="")
    unit = models.CharField(max_length=20, default="rows")
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    rate = models.FloatField(default=0.0)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    failure = models.JSONField(null=True)

    attempts = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=40, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    turn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=clock.now)
    cancel_at = models.DateTimeField(null=True)

    by = models.CharField(max_length=60)
    ip = models.CharField(max_length=45, blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known")]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="job_newest"),
            models.Index(fields=["workspace", "updated_at"], name="job_updated"),
            models.Index(fields=["workspace", "turn_at"], name="job_turn"),
            models.Index(fields=["due_at"], name="job_open", condition=Q(state__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return self.public_id


class StoredFile(WorkspaceScoped):
    """A file that was uploaded or that a job has made. `place` is where the storage has it, a name of our making.

    The row of a file that was removed stays, with `removed_at`, so that a link can say what happened.
    """

    public_id = models.CharField(max_length=40, unique=True, default=file_id, editable=False)
    name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=20)
    content_type = models.CharField(max_length=100)
    place = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(default=0)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "job"], name="file_of_job"),
            models.Index(fields=["expires_at"], name="file_expiry", condition=Q(removed_at=None)),
        ]

    def __str__(self) -> str:
        return self.public_id


class Notification(WorkspaceScoped):
    """What a user is told about the end of a job of theirs: in which `state` it ended, and that as English `text`.

    `mail` says whether a mail is wanted, sent or given up.
    """

    public_id = models.CharField(max_length=40, unique=True, default=notification_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=300)
    state = models.CharField(max_length=9, default="", db_default="")
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=8, default="none")
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "user", "-id"], name="notification_newest"),
            models.Index(fields=["mail_at"], name="notification_mail", condition=Q(mail="wanted")),
        ]

    def __str__(self) -> str:
        return self.public_id


class RetentionRule(WorkspaceScoped):
    """For how many days a workspace keeps a class of what it holds (retaining.py), and what becomes of it then.

    `by` saw what it would remove and confirmed it.
    """

    name = models.CharField(max_length=40)
    days = models.PositiveIntegerField()
    action = models.CharField(max_length=8)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="retention_rule_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.name} {self.days} days"
