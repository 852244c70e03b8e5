"""Rows of segments, of who is in the static ones, and of every membership that began or ended."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coterie.accounts.models import Role
from coterie.accounts.scope import WorkspaceScoped
from coterie.jobs.models import Job
from coterie.kit import clock
from coterie.kit.ids import new_id

NAME_LENGTH = 120


def segment_id() -> str:
    """A new public id of a segment."""
    return new_id("seg")


class Kind(models.TextChoices):
    """A dynamic segment follows its filter; a static one changes only when someone changes it."""

    DYNAMIC = "dynamic"
    STATIC = "static"


class Segment(WorkspaceScoped):
    """A named set of people. `filter` is a version 1 tree, null for a static segment.

    `name_key` is the folded name. `name_twin` is above 0 only where someone chose the name of a segment that is hidden
    from them: a clash must not tell that it exists. `broken_reason` says why the definition can't be used, with the
    code `broken_code` (empty where it was written before there were codes); a broken segment matches nobody. Both are
    written by the projector, together with everyone's leaving or entering.
    """

    public_id = models.CharField(max_length=40, unique=True, default=segment_id, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    name_key = models.CharField(max_length=4 * NAME_LENGTH)
    name_twin = models.PositiveIntegerField(default=0)
    description = models.TextField(blank=True, default="")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    filter = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=1)
    broken_reason = models.TextField(null=True)
    broken_code = models.CharField(max_length=60, default="", db_default="")
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name_key", "name_twin"], name="segment_name_once", condition=Q(deleted_at=None)
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="segment_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=Kind.DYNAMIC, filter__isnull=False) | Q(kind=Kind.STATIC, filter__isnull=True),
                name="segment_dynamic_has_filter",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class SegmentRevision(WorkspaceScoped):
    """What a segment was from `at` on: its history, and what restoring goes back to."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    revision = models.PositiveIntegerField()
    name = models.CharField(max_length=NAME_LENGTH)
    description = models.TextField(blank=True, default="")
    filter = models.JSONField(null=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "revision"], name="segment_revision_once")]

    def __str__(self) -> str:
        return f"{self.segment_id}:{self.revision}"


class SegmentStar(WorkspaceScoped):
    """A segment that a user keeps at hand."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="stars", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "segment"], name="segment_star_once")]
        indexes = [models.Index(fields=["segment"], name="segment_star_of")]

    def __str__(self) -> str:
        return f"{self.segment_id} of {self.user_id}"


class SegmentHidden(WorkspaceScoped):
    """A user or a role from whom a segment is hidden. Owners see every segment."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="hidden_from", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False, null=True
    )
    role = models.CharField(max_length=10, choices=Role.choices, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "user"], name="segment_hidden_user", condition=Q(role=None)),
            models.UniqueConstraint(fields=["segment", "role"], name="segment_hidden_role", condition=Q(user=None)),
            models.CheckConstraint(
                condition=Q(user__isnull=True, role__in=[Role.ADMIN, Role.AGENT, Role.VIEWER])
                | Q(user__isnull=False, role__isnull=True),
                name="segment_hidden_from_one",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "user", "role"], name="segment_hidden_from")]

    def __str__(self) -> str:
        return f"{self.segment_id} from {self.user_id or self.role}"


class StaticMember(WorkspaceScoped):
    """Someone in a static segment: since when, by whom, and why (a cause such as `hand`, `filter` or `merge`)."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="static_members", db_index=False)
    number = models.PositiveBigIntegerField()
    since = models.DateTimeField()
    by = models.CharField(max_length=60)
    cause = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="static_member_once")]
        indexes = [models.Index(fields=["workspace", "number"], name="static_member_person")]

    def __str__(self) -> str:
        return f"{self.segment_id}:{self.number}"


class MembershipHead(models.Model):
    """Where a workspace's membership log ends.

    `position` is that of its last row; those up to `shipped` are in ClickHouse for sure; every snapshot holds what
    happened up to `snapshot`; rows up to `pruned` were removed.
    """

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveBigIntegerField(default=0)
    shipped = models.PositiveBigIntegerField(default=0)
    snapshot = models.PositiveBigIntegerField(default=0)
    pruned = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.position}"


class MembershipLog(WorkspaceScoped):
    """Who entered and left which segments in one batch of the projector: the truth of membership.

    `position` has no gaps in a workspace, `at` never goes back; log.py says what `body` holds.
    """

    position = models.PositiveBigIntegerField()
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "position"], name="membership_log_once")]
        indexes = [models.Index(fields=["workspace", "at"], name="membership_log_at")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.position}"


class MembershipSnapshot(WorkspaceScoped):
    """Who was in a segment after the log row at `position`, as a portable roaring bitmap: where a restart begins."""

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveBigIntegerField()
    members = models.BinaryField()
    size = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["workspace"], name="membership_snapshot_of")]

    def __str__(self) -> str:
        return f"{self.segment_id}:{self.position}"


class SegmentSize(WorkspaceScoped):
    """A point of a segment's size over time.

    `at` is the start of the minute (of the hour, once compacted), `size` the one at its end, `entered` and `left` what
    happened in it. There is no point where nothing changed.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes", db_index=False)
    at = models.DateTimeField()
    size = models.PositiveBigIntegerField()
    entered = models.PositiveBigIntegerField(default=0)
    left = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "at"], name="segment_size_once")]
        indexes = [models.Index(fields=["workspace", "at"], name="segment_size_at")]

    def __str__(self) -> str:
        return f"{self.segment_id}:{self.at.isoformat()}"


def undo_id() -> str:
    """A new public id of an undo entry."""
    return new_id("undo")


class BulkUndo(WorkspaceScoped):
    """How to take a bulk action back. `permission` is what the action needed.

    `body` holds `values` {number: {field: [before, after]}} and `tags` {number: [added, removed]}, null for no value;
    or `segment`, `added` and `removed` numbers. That of an action that was a job is in its parts; `undo_job` is the
    job that takes it back.
    """

    public_id = models.CharField(max_length=40, unique=True, default=undo_id, editable=False)
    by = models.CharField(max_length=60)
    permission = models.CharField(max_length=40)
    body = models.JSONField(default=dict)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, related_name="+")
    undo_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "at"], name="bulk_undo_age")]

    def __str__(self) -> str:
        return self.public_id


class BulkUndoPart(WorkspaceScoped):
    """What one step of a bulk job has changed, for taking it back: `body` as in BulkUndo, of `size` people."""

    undo = models.ForeignKey(BulkUndo, on_delete=models.CASCADE, related_name="parts", db_index=False)
    place = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["undo", "place"], name="bulk_undo_part_once")]

    def __str__(self) -> str:
        return f"{self.undo_id}:{self.place}"
