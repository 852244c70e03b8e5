"""Who asked for a job: kept in its row, and turned into an access again when a worker does the work."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.accounts.audit import CLI, Actor
from coterie.accounts.models import ApiKey, Role, User, WorkspaceMember
from coterie.accounts.permissions import Access, Caller
from coterie.jobs.models import Job
from coterie.kit.errors import Forbidden


@dataclass(frozen=True)
class Requester:
    """Who asked for something that runs later: `by` is their name in the audit log; they are a user or a key."""

    by: str
    ip: str
    user_id: int | None
    key_id: int | None

    @classmethod
    def of(cls, access: Access) -> Requester:
        """Whoever has this access."""
        user, key = access.user, access.key
        return cls(access.actor.name, access.actor.ip, user.pk if user else None, key.pk if key else None)


def access_of(job: Job) -> Access:
    """The requester's access as it stands now: a role or a key that was lost since is lost for the job too.

    Raises Forbidden when there is none left.
    """
    gone = Forbidden("Whoever started this is not allowed to any more.", code="requester_gone")
    if job.key_id is not None:
        key = ApiKey.objects.of(job.workspace).filter(pk=job.key_id, revoked_at=None).first()
        if key is None:
            raise gone
        return Access(workspace=job.workspace, caller=Caller(ip=job.ip, key=key), role=None)
    user = User.objects.filter(pk=job.user_id or 0, is_active=True).first()
    member = WorkspaceMember.objects.of(job.workspace).filter(user=user).first() if user else None
    if member is None:
        raise gone
    caller = Caller(ip=job.ip, user=user, local=job.by == CLI.name)
    return Access(workspace=job.workspace, caller=caller, role=Role(member.role))


def actor_of(job: Job) -> Actor:
    """The requester as the audit log names them."""
    return Actor(job.by, job.ip)
