"""Rows of erasures: what was asked, how far it is, and what the certificate says."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coterie.accounts.scope import WorkspaceScoped
from coterie.jobs.models import Job
from coterie.kit import clock
from coterie.kit.ids import new_id


def erasure_id() -> str:
    """A new public id of an erasure."""
    return new_id("era")


class ErasureState(models.TextChoices):
    """What became of an erasure."""

    OPEN = "open"
    DONE = "done"


class Erasure(WorkspaceScoped):
    """One request to erase people, by number; no row of this table holds anything personal.

    `scope` is a hash of the tombstones it made, `step` the last of its steps that is done (erasing.py), `mark` how far
    the next one is. `counts` says how much was removed, by table and kind of file. `certificate` is what is signed,
    once it is done.
    """

    public_id = models.CharField(max_length=40, unique=True, default=erasure_id, editable=False)
    state = models.CharField(max_length=8, choices=ErasureState.choices, default=ErasureState.OPEN)
    numbers = models.JSONField(default=list)
    scope = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, blank=True, default="")
    by = models.CharField(max_length=60)
    asked_at = models.DateTimeField(default=clock.now)
    step = models.CharField(max_length=20, blank=True, default="")
    mark = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=ErasureState.values), name="erasure_state_known")]
        indexes = [models.Index(fields=["workspace", "-id"], name="erasure_newest")]

    def __str__(self) -> str:
        return self.public_id
