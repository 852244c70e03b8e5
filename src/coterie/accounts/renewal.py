"""An access that outlasts its request: looked up again, so that what was taken away counts at once."""

from __future__ import annotations

from dataclasses import replace

from coterie.accounts.models import ApiKey, Role, User, WorkspaceMember
from coterie.accounts.permissions import Access


def renewed(access: Access, permission: str) -> Access | None:
    """The access as it stands now; None when it has ended or has the permission no longer."""
    if access.key is not None:
        key = ApiKey.objects.of(access.workspace).filter(pk=access.key.pk, revoked_at=None).first()
        return access if key is not None else None
    assert access.user is not None
    user = User.objects.filter(pk=access.user.pk, is_active=True, session_epoch=access.user.session_epoch).first()
    member = WorkspaceMember.objects.of(access.workspace).filter(user=user).first() if user else None
    if member is None:
        return None
    now = replace(access, role=Role(member.role))
    return now if now.may(permission) else None
