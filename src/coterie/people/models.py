"""Rows of people, what is known about them, and the change log that everything else follows."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from coterie.accounts.scope import WorkspaceScoped
from coterie.kit import clock
from coterie.kit.ids import new_id


class State(models.TextChoices):
    """Whether a person is there, was merged into another one, or was deleted. Numbers are never reused."""

    ACTIVE = "active"
    MERGED = "merged"
    DELETED = "deleted"


class Person(WorkspaceScoped):
    """Someone who talks to the bot, or whose data was brought in.

    `data` maps field names (built-in or attribute) to stored values and has no entry for a field without a value;
    `origins` maps the same names to [kind, ref, at in ms]. `seq` is the change that last wrote the row.
    Rows are written by store.py alone.
    """

    number = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    seq = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    merged_into = models.PositiveBigIntegerField(null=True)
    data = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="person_number_once"),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
                name="person_merged_into_someone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "merged_into"], name="person_merged", condition=Q(merged_into__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.number}"


class Identity(WorkspaceScoped):
    """A name by which one person is known: an id of theirs, an address, an account on a channel."""

    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=512)
    number = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    origin = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "value"], name="identity_once")]
        indexes = [models.Index(fields=["workspace", "number"], name="identity_of_person")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.kind} of {self.number}"


class Attribute(WorkspaceScoped):
    """A custom field. Its `id` names it in the index, so it stays when the type or the label changes.

    `protected` attributes can't be set with a public write key. `allowed` says which values are taken beyond the type
    (allowed.py). While the type is being changed (retyping.py), `other_type` is the one that values are about to have,
    then the one that some still have; else it is empty. A deleted one keeps its row: filters on it fail closed, and its
    values come back when it is restored.
    """

    key = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True, default="")
    type = models.CharField(max_length=8)
    other_type = models.CharField(max_length=8, blank=True, default="")
    description = models.TextField(blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    visible = models.BooleanField(default=True)
    protected = models.BooleanField(default=False)
    allowed = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="attribute_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.key}"


class FieldSetting(WorkspaceScoped):
    """How a workspace shows a field: where; for a built-in one also its label and whether it is shown.

    An attribute has a row only when the order of all fields was set as a whole.
    """

    field = models.CharField(max_length=200)
    label = models.CharField(max_length=200, null=True)
    visible = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "field"], name="field_setting_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.field}"


class RejectedValue(WorkspaceScoped):
    """The latest value for a key that was not taken, and why. A good value for the key, or clearing it, removes it."""

    number = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200)
    # Text and not a JSON column: PostgreSQL's JSON refuses NUL, and a value may be here because it holds one.
    value = models.TextField()
    reason = models.TextField()
    # Empty where the value was kept before reasons had codes; the details are text for the same cause as the value.
    code = models.CharField(max_length=60, default="", db_default="")
    details = models.TextField(default="{}", db_default="{}")
    at = models.DateTimeField()
    origin = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "number", "key"], name="rejected_once")]
        indexes = [models.Index(fields=["workspace", "key", "number"], name="rejected_by_key")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.number} {self.key}"

    @property
    def raw(self) -> Any:
        """The value as it was sent."""
        return json.loads(self.value)

    @property
    def why(self) -> dict[str, Any]:
        """The reason as answers tell it."""
        return {"reason": self.reason, "code": self.code, "details": json.loads(self.details)}


class EventName(WorkspaceScoped):
    """A kind of event seen in a workspace; `count` is approximate. Its `id` names it in the index."""

    name = models.CharField(max_length=200)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="event_name_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.name}"


class EventProperty(WorkspaceScoped):
    """A property seen on events; `type` is that of the last value seen. Its `id` names it in the index."""

    name = models.CharField(max_length=200)
    type = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="event_property_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.name}"


def note_id() -> str:
    """A new public id of a note."""
    return new_id("note")


class Note(WorkspaceScoped):
    """What a member, or a program with a key, wrote about a person.

    `by` is the author as the audit log names them; `author` is null for a program and for a user who is gone.
    A deleted note keeps its row without its text.
    """

    public_id = models.CharField(max_length=40, unique=True, default=note_id, editable=False)
    number = models.PositiveBigIntegerField()
    text = models.TextField()
    pinned = models.BooleanField(default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", db_index=False, null=True
    )
    by = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "number"], name="note_of_person")]

    def __str__(self) -> str:
        return self.public_id


class MergeRecord(WorkspaceScoped):
    """The journal of merges: `snapshot` holds what undoing one needs; merging.py says in which form."""

    survivor = models.PositiveBigIntegerField()
    merged = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    origin = models.JSONField(default=list)
    snapshot = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "survivor"], name="merge_survivor"),
            models.Index(fields=["workspace", "merged"], name="merge_merged"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.merged} into {self.survivor}"


class SuggestionState(models.TextChoices):
    """What people decided about a suggestion to merge."""

    OPEN = "open"
    MERGED = "merged"
    DISMISSED = "dismissed"


class MergeSuggestion(WorkspaceScoped):
    """Two people who may be one (`a` < `b`), how sure (of 100; an identity they share is 100), and why we think so."""

    a = models.PositiveBigIntegerField()
    b = models.PositiveBigIntegerField()
    # In the database too: store.py's statements leave it out.
    score = models.PositiveSmallIntegerField(default=100, db_default=100)
    reason = models.CharField(max_length=200)
    code = models.CharField(max_length=60, default="", db_default="")
    details = models.TextField(default="{}", db_default="{}")
    at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=SuggestionState.choices, default=SuggestionState.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "a", "b"], name="suggestion_once"),
            models.CheckConstraint(condition=Q(a__lt=models.F("b")), name="suggestion_in_order"),
        ]
        indexes = [
            models.Index(fields=["workspace", "b"], name="suggestion_of_b"),
            models.Index(fields=["workspace", "state", "-score", "id"], name="suggestion_likeliest"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.a} and {self.b}"

    @property
    def why(self) -> dict[str, Any]:
        """The reason as answers tell it."""
        return {"reason": self.reason, "code": self.code, "details": json.loads(self.details)}


class WorkspaceLog(models.Model):
    """Where a workspace's change log ends, and the next person number; locked by whoever writes people.

    `head_seq` is the last change's seq; up to `pruned_seq`, only changes with events are left in the log.
    `has_tombstones` says whether anyone was erased here, so that nobody else has to look.
    """

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.PROTECT, related_name="+")
    head_seq = models.PositiveBigIntegerField(default=0)
    pruned_seq = models.PositiveBigIntegerField(default=0)
    next_number = models.PositiveBigIntegerField(default=1)
    has_tombstones = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.head_seq}"


class Tombstone(WorkspaceScoped):
    """An identity of someone who was erased, as a keyed hash (tombstones.py): what still comes of them is stopped."""

    digest = models.CharField(max_length=64)
    erasure = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="tombstone_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.erasure}"


def hold_id() -> str:
    """A new public id of a legal hold."""
    return new_id("hold")


class LegalHold(WorkspaceScoped):
    """What is kept of a person, or of everyone where `number` is null, must not go: neither by age nor by hand.

    It stands until `until`, or until it is taken away. `reason` names the matter and not the person.
    """

    public_id = models.CharField(max_length=40, unique=True, default=hold_id, editable=False)
    number = models.PositiveBigIntegerField(null=True)
    reason = models.CharField(max_length=200)
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="hold_newest")]

    def __str__(self) -> str:
        return self.public_id


class Change(WorkspaceScoped):
    """One committed change of a workspace. `seq` has no gaps and follows the order of commits; `body` is JSON bytes.

    changes.py lists the kinds and what each body holds.
    """

    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "seq"], name="change_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.seq} {self.kind}"
