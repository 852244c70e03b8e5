"""Rows of imports: what was uploaded, how it is to be read, what became of each row; and of exports by the clock."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coterie.accounts.models import ApiKey
from coterie.accounts.scope import WorkspaceScoped
from coterie.jobs.models import Job, StoredFile
from coterie.kit import clock
from coterie.kit.ids import new_id


def import_id() -> str:
    """A new public id of an import."""
    return new_id("imp")


def destination_id() -> str:
    """A new public id of a destination of exports."""
    return new_id("dst")


def schedule_id() -> str:
    """A new public id of a schedule of exports."""
    return new_id("exs")


class Import(WorkspaceScoped):
    """A file of people on its way in.

    `found` is what was found in the file, `plan` what is to be done (plan.py has both forms). `table` is the chosen
    sheet of a spreadsheet as text. `members` holds, for each segment of the plan, a bitmap of those who were put in.
    `rehearsal`, `run` and `undo` are the latest jobs of each kind.
    """

    public_id = models.CharField(max_length=40, unique=True, default=import_id, editable=False)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=8)
    upload = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    table = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    table_sheet = models.CharField(max_length=200, blank=True, default="")
    found = models.JSONField(default=dict)
    plan = models.JSONField(null=True)
    planned_at = models.DateTimeField(null=True)
    rehearsal = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    undo = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    members = models.JSONField(default=dict)
    by = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return self.public_id


class Phase(models.IntegerChoices):
    """Which job a row's outcome is of."""

    REHEARSAL = 1
    RUN = 2
    UNDO = 3


class RowOutcome(models.IntegerChoices):
    """What became of a row; the last two are outcomes of an undo."""

    CREATED = 1
    UPDATED = 2
    UNCHANGED = 3
    SKIPPED = 4
    DUPLICATE = 5
    REJECTED = 6
    RESTORED = 7
    KEPT = 8


class ImportRow(WorkspaceScoped):
    """What became of one row of a file in one phase.

    `key` is a hash of what names the row's person, to find the same one again in the file; `other` is one of a user id
    that is not the key. `details` is JSON text, ""
    where there is nothing to tell: `changes` {field: [old, new]}, `reason`, `warnings`, `problems`, `cells`, `of`
    (the line of the first with this key). `seq` is the change that wrote it. Rows are written by ledger.py alone.
    """

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+", db_index=False)
    phase = models.PositiveSmallIntegerField(choices=Phase.choices)
    line = models.PositiveIntegerField()
    outcome = models.PositiveSmallIntegerField(choices=RowOutcome.choices)
    number = models.PositiveBigIntegerField(null=True)
    key = models.BigIntegerField(null=True)
    other = models.BigIntegerField(null=True)
    seq = models.PositiveBigIntegerField(null=True)
    details = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "phase", "line"], name="import_row_once")]
        indexes = [
            models.Index(fields=["source", "phase", "outcome", "line"], name="import_row_outcome"),
            models.Index(fields=["source", "phase", "key"], name="import_row_key", condition=Q(key__isnull=False)),
            models.Index(
                fields=["source", "phase", "other"], name="import_row_other", condition=Q(other__isnull=False)
            ),
            models.Index(fields=["source", "number"], name="import_row_person", condition=Q(phase=2)),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.line}"


class DestinationKind(models.TextChoices):
    """Where a destination is: in the server's folder for exports, or in storage that speaks the protocol of S3."""

    FOLDER = "folder"
    S3 = "s3"


class ExportDestination(WorkspaceScoped):
    """A place into which exports are delivered. Where it leads never changes; its name and its key do.

    `folder` is below the workspace's own in the server's folder. `prefix` stands before the names of objects; `sealed`
    is the secret of `key_id` (kit/sealing.py). `checked_at` is when it was last tried, `check_error` what came of it,
    and `check_why` the same as a reason in JSON.
    """

    public_id = models.CharField(max_length=40, unique=True, default=destination_id, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=DestinationKind.choices)
    folder = models.CharField(max_length=400, blank=True, default="")
    endpoint = models.CharField(max_length=400, blank=True, default="")
    region = models.CharField(max_length=60, blank=True, default="")
    bucket = models.CharField(max_length=255, blank=True, default="")
    prefix = models.CharField(max_length=400, blank=True, default="")
    key_id = models.CharField(max_length=200, blank=True, default="")
    sealed = models.TextField(blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    check_error = models.TextField(blank=True, default="")
    check_why = models.JSONField(null=True)
    by = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="destination_name_once")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> str:
        """Where it leads, as people are told; no secret is in it."""
        if self.kind == DestinationKind.FOLDER:
            return f"folder {self.folder}"
        return f"{self.endpoint}/{self.bucket}/{self.prefix}".rstrip("/")


class ExportSchedule(WorkspaceScoped):
    """An export that is made again and again, with the rights of its owner at that moment.

    `body` is what `POST exports` takes. `stem` begins the names of its files and is unique like the name. `every`, `at`
    (HH:MM; of an hour only the minutes count), `weekday` (1 is Monday) and `day` of the month are in `zone`, the
    workspace's. `next_at` is the slot that is due next: whoever moves it on runs it. A paused one has a reason, as text
    and as JSON (`paused_why`): "" when somebody has paused it. `private` as with jobs. `user` or `key` is the owner,
    `by` their name in the audit log.
    """

    public_id = models.CharField(max_length=40, unique=True, default=schedule_id, editable=False)
    name = models.CharField(max_length=120)
    stem = models.CharField(max_length=60)
    body = models.JSONField(default=dict)
    private = models.BooleanField(default=False)
    destination = models.ForeignKey(ExportDestination, on_delete=models.PROTECT, related_name="+", db_index=False)
    every = models.CharField(max_length=5)
    at = models.CharField(max_length=5)
    weekday = models.PositiveSmallIntegerField(null=True)
    day = models.PositiveSmallIntegerField(null=True)
    zone = models.CharField(max_length=64)
    next_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    paused_reason = models.TextField(blank=True, default="")
    paused_why = models.JSONField(null=True)
    by = models.CharField(max_length=60)
    ip = models.CharField(max_length=45, blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="+")
    last_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "stem"], name="schedule_stem_once")]
        indexes = [
            models.Index(fields=["next_at"], name="schedule_due", condition=Q(paused_at=None)),
            models.Index(fields=["workspace", "destination"], name="schedule_destination"),
        ]

    def __str__(self) -> str:
        return self.public_id


class ExportDelivery(WorkspaceScoped):
    """A file that was delivered. It stays when its schedule and destination go: an erasure has to tell of it.

    `place` and `object` say where it lies; `sha256` and `size` are those of the file, `rows` the people in it.
    """

    schedule = models.ForeignKey(ExportSchedule, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    destination = models.ForeignKey(
        ExportDestination, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    place = models.TextField()
    object = models.CharField(max_length=800)
    size = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "destination", "object"], name="delivery_once")]
        indexes = [models.Index(fields=["workspace", "schedule", "-id"], name="delivery_newest")]

    def __str__(self) -> str:
        return self.object
