"""Rows of the raw log, of the ids seen, of what was set aside, and of who drains a workspace."""

from __future__ import annotations

from typing import Any

from django.db import models

from coterie.accounts.scope import WorkspaceScoped
from coterie.kit import clock
from coterie.kit.ids import new_id


def quarantine_id() -> str:
    """A new public id of something set aside."""
    return new_id("qua")


def source_key() -> models.ForeignKey[Any, Any]:
    """The API key that events came with. Keys are revoked and not deleted, so events never lose theirs."""
    return models.ForeignKey("accounts.ApiKey", on_delete=models.PROTECT, related_name="+", db_index=False)


class RawBatch(WorkspaceScoped):
    """One accepted request as it came, until it is drained.

    `token` with an event's position is the message id of an event that came without one. `body` is last: a scan that
    sums `item_count` does not read it. It is zlib-packed when `packed` is set. `peer` is the address of a person's
    own browser, empty for servers. `done` events from the start were drained already: a large batch takes several
    drains.
    """

    source = source_key()
    token = models.CharField(max_length=40)
    flavour = models.CharField(max_length=8)
    call = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    peer = models.CharField(max_length=45, blank=True, default="")
    item_count = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    packed = models.BooleanField(default=False)
    body = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "id"], name="raw_oldest")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.pk}"


class MessageId(WorkspaceScoped):
    """An id that was seen. It is written in the transaction that writes its event, so neither exists alone.

    `id_hash` is 16 bytes of the id, which may have any length; `body_hash` 8 bytes of the event. `at` is in ms since
    1970 UTC. Rows are made in the order of time, so the oldest have the smallest `id` and pruning needs no index.
    """

    source = source_key()
    id_hash = models.BinaryField()
    body_hash = models.BinaryField()
    at = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "source", "id_hash"], name="message_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{bytes(self.id_hash).hex()}"


class IdConflict(WorkspaceScoped):
    """How often a source used one message id for two different events on a day (UTC), with the latest example."""

    source = source_key()
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    message_id = models.CharField(max_length=200)
    sample = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "source", "day"], name="id_conflict_day")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.day} {self.count}"


class QuarantineState(models.TextChoices):
    """`open` waits for someone; `replayed` went through the log again."""

    OPEN = "open"
    REPLAYED = "replayed"


class Quarantine(WorkspaceScoped):
    """An event that could not be used, as it was sent, with the reason.

    One row per message id of a source: a repeated or replayed event that fails again opens the same row again.
    """

    public_id = models.CharField(max_length=40, unique=True, default=quarantine_id, editable=False)
    source = source_key()
    at = models.DateTimeField(default=clock.now)
    received_at = models.DateTimeField()
    flavour = models.CharField(max_length=8)
    call = models.CharField(max_length=8)
    peer = models.CharField(max_length=45, blank=True, default="")
    id_hash = models.BinaryField()
    message_id = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=QuarantineState.choices, default=QuarantineState.OPEN)
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "source", "id_hash"], name="quarantine_once"),
            models.CheckConstraint(condition=models.Q(state__in=QuarantineState.values), name="quarantine_state_known"),
        ]
        indexes = [models.Index(fields=["workspace", "-id"], name="quarantine_newest")]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.public_id}"


class DrainLease(WorkspaceScoped):
    """Which worker drains a workspace, and until when; it is claimed by a conditional UPDATE."""

    token = models.CharField(max_length=40, blank=True, default="")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="drain_lease_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id} until {self.expires_at}"


class Worker(models.Model):
    """A process that works for all workspaces, and when it was last seen; where several do, they share the work."""

    token = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.token
