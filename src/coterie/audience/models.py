"""Where the index stands: which log entries of each workspace it holds, and which index it is; and saved views."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from coterie.accounts.scope import WorkspaceScoped
from coterie.kit import clock
from coterie.kit.ids import new_id


class IndexPosition(WorkspaceScoped):
    """How far the projector of one workspace has come.

    `seq` is the last change whose people, events and memberships are in place; `clock_ms` is the instant (epoch
    milliseconds) up to which conditions that depend on the clock were advanced. In the server shape one worker holds
    the workspace: `lease_token` until `lease_until`; every move of the position matches the token.
    """

    seq = models.BigIntegerField(default=0)
    clock_ms = models.BigIntegerField(default=0)
    lease_token = models.CharField(max_length=64, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="index_position_workspace")]


class IndexState(models.Model):
    """Which ClickHouse index belongs to this database, and whether it is being rebuilt. One row, id 1.

    `generation` also stands in the index's table `meta`: where the two differ, the index is lost or foreign and is
    rebuilt from SQL. `parts` is what an embedded index consisted of when it was looked at last (see wholeness.py).
    """

    generation = models.CharField(max_length=64)
    schema_version = models.CharField(max_length=16)
    rebuilding_since = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    parts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.generation


VIEW_NAME_LENGTH = 120


def view_id() -> str:
    """A new public id of a view."""
    return new_id("view")


class View(WorkspaceScoped):
    """A saved view of the people: a filter (version 1 tree, null for everyone), columns and an order.

    `columns` holds [field, width in pixels or null] pairs in their order; none means those of the workspace. A shared
    view is seen by all members, and one of these may be the workspace's default. `name_key` is the folded name.
    """

    public_id = models.CharField(max_length=40, unique=True, default=view_id, editable=False)
    name = models.CharField(max_length=VIEW_NAME_LENGTH)
    name_key = models.CharField(max_length=4 * VIEW_NAME_LENGTH)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    filter = models.JSONField(null=True)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=250)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "owner", "name_key"], name="view_name_once"),
            models.UniqueConstraint(fields=["workspace"], name="view_default_once", condition=Q(is_default=True)),
            models.CheckConstraint(condition=Q(is_default=False) | Q(shared=True), name="view_default_is_shared"),
        ]

    def __str__(self) -> str:
        return self.public_id
