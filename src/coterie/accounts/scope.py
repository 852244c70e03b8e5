"""The tenant scope: rows that belong to a workspace are reached through `.of(workspace)` and in no other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from coterie.accounts.models import Workspace

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[_Row]):
    """A query set that can be narrowed to one workspace."""

    def of(self, workspace: Workspace | int) -> Self:
        """The rows of one workspace, given as the row or its number."""
        return self.filter(workspace_id=workspace if isinstance(workspace, int) else workspace.pk)


class ScopedManager(models.Manager[_Row]):
    """The way in to rows of a workspace: `Model.objects.of(workspace)`."""

    def get_queryset(self) -> ScopedQuerySet[_Row]:
        return ScopedQuerySet(self.model, using=self._db)

    def of(self, workspace: Workspace | int) -> ScopedQuerySet[_Row]:
        """The rows of one workspace, given as the row or its number."""
        return self.get_queryset().of(workspace)


class WorkspaceScoped(models.Model):
    """A row of exactly one workspace; `Model.objects.of(workspace)` starts every query.

    tests/house/test_tenant_scope.py refuses `.objects` without `.of(...)` outside a short list of places.
    The foreign key has no index of its own: every index of a scoped model starts with the workspace anyway.
    """

    workspace: models.ForeignKey[Any, Any] = models.ForeignKey(
        "accounts.Workspace", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True
