"""Reads of this room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Q

from coterie.accounts.models import ApiKey, AuditEntry, Language, Role, User, Workspace, WorkspaceMember
from coterie.kit import pagination


class AuditPage(NamedTuple):
    """Entries, newest first; `next` is the cursor of the rest, or None."""

    entries: Sequence[AuditEntry]
    next: str | None


def memberships_of(user: User) -> Sequence[WorkspaceMember]:
    """The workspaces of a user with their roles, by name."""
    rows = WorkspaceMember.objects.filter(user=user).select_related("workspace")
    return list(rows.order_by("workspace__name", "workspace_id"))


def language_of(user: User) -> Language:
    """That of mails to a user which are about no workspace: of the one that they have been in longest."""
    first = user.memberships.select_related("workspace").order_by("pk").first()
    return Language.of(first.workspace.language) if first is not None else Language.ENGLISH


def workspace_by_slug(slug: str) -> Workspace | None:
    """The workspace with this short name; for commands and jobs: a request gets its workspace from `authorize`."""
    return Workspace.objects.filter(slug=slug).first()


def users() -> Sequence[User]:
    """Everyone who has an account, by email, with their memberships; for commands."""
    return list(User.objects.prefetch_related("memberships__workspace").order_by("email"))


def user_by_email(email: str) -> User | None:
    """Who logs in with this address; for commands."""
    return User.objects.filter(email=email.strip().lower()).first()


def members(workspace: Workspace) -> Sequence[WorkspaceMember]:
    """Who belongs to the workspace, by email."""
    return list(WorkspaceMember.objects.of(workspace).select_related("user").order_by("user__email"))


def keys_made(workspace: Workspace) -> dict[int, int]:
    """How many keys that are not revoked each user has made, by the user's primary key."""
    rows = ApiKey.objects.of(workspace).filter(revoked_at=None).exclude(created_by=None).order_by()
    return dict(rows.values_list("created_by_id").annotate(Count("pk")))


def roles(workspace: Workspace) -> dict[int, Role]:
    """The role of each member, by the user's primary key."""
    rows = WorkspaceMember.objects.of(workspace).values_list("user_id", "role")
    return {user: Role(role) for user, role in rows}


def keys(workspace: Workspace) -> Sequence[ApiKey]:
    """The workspace's keys, newest first, revoked ones too."""
    return list(ApiKey.objects.of(workspace).select_related("created_by").order_by("-created_at", "-pk"))


def audit_page(
    workspace: Workspace, *, cursor: str | None = None, limit: int = 50, action: str = "", actor: str = ""
) -> AuditPage:
    """Entries of the workspace, newest first, up to `limit`; `action` and `actor` narrow them when given."""
    rows = AuditEntry.objects.of(workspace).filter(_equal(action=action, actor=actor)).order_by("-number")
    if cursor is not None:
        before = pagination.number(pagination.decode(cursor), "before", most=2**63 - 1)
        rows = rows.filter(number__lt=before)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return AuditPage(found[:limit], pagination.encode({"before": found[limit - 1].number}) if more else None)


def _equal(**wanted: str) -> Q:
    return Q(**{name: value for name, value in wanted.items() if value})
