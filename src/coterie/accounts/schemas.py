"""What the routes of this room take and give."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from coterie.accounts.models import (
    ApiKey,
    AuditEntry,
    JobMails,
    KeyKind,
    Language,
    Role,
    User,
    Workspace,
    WorkspaceMember,
)
from coterie.accounts.permissions import Access, permissions_of
from coterie.kit.schemas import Body, Instant, Out

Name = Annotated[str, Field(min_length=1, max_length=120)]
Slug = Annotated[str, Field(min_length=1, max_length=48, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
Zone = Annotated[str, Field(max_length=64, description="An IANA time zone.", examples=["Europe/Berlin"])]


class WorkspaceBody(Body):
    """A new workspace; whoever sends it becomes its owner."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"slug": "acme", "name": "Acme", "timezone": "Europe/Berlin"}]}
    )

    slug: Slug
    name: Name
    timezone: Zone = "UTC"
    language: Language = Language.ENGLISH


class WorkspaceChange(Body):
    """What to change; fields that are left out stay."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Acme", "timezone": "Europe/Berlin", "language": "de"}]}
    )

    name: Name | None = None
    timezone: Zone | None = None
    language: Language | None = None


class WorkspaceOut(Out):
    """A workspace, and what the caller is in it; `role` is null for a key."""

    slug: str
    name: str
    timezone: str
    language: Language = Field(
        description="That of mails, and of the web app for members who have not chosen one themselves."
    )
    created_at: Instant
    role: Role | None
    permissions: list[str]

    @classmethod
    def of(cls, workspace: Workspace, *, role: Role) -> Self:
        return cls._made(workspace, role, permissions_of(role))

    @classmethod
    def of_member(cls, member: WorkspaceMember) -> Self:
        return cls.of(member.workspace, role=Role(member.role))

    @classmethod
    def of_access(cls, access: Access) -> Self:
        return cls._made(access.workspace, access.role, access.permissions)

    @classmethod
    def _made(cls, workspace: Workspace, role: Role | None, permissions: frozenset[str]) -> Self:
        return cls(
            slug=workspace.slug,
            name=workspace.name,
            timezone=workspace.timezone,
            language=Language.of(workspace.language),
            created_at=workspace.created_at,
            role=role,
            permissions=sorted(permissions),
        )


class UserOut(Out):
    """The logged-in user."""

    id: str
    email: str
    name: str
    job_mails: JobMails = Field(description="When you get a mail at the end of a job that you have started.")

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(id=user.public_id, email=user.email, name=user.name, job_mails=JobMails(user.job_mails))


class OwnChange(Body):
    """What you choose for yourself: mails about your jobs always, when they took over 30 seconds, or never."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"job_mails": "long"}]})

    job_mails: JobMails


class SessionOut(Out):
    """Who is logged in, where they belong, and the token that unsafe requests send as X-CSRFToken."""

    user: UserOut
    workspaces: list[WorkspaceOut]
    csrf_token: str


class MemberBody(Body):
    """Who to add, by email, and as what."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ann@example.com", "role": "agent"}]})

    email: Annotated[str, Field(min_length=3, max_length=254)]
    role: Role


class RoleBody(Body):
    """The new role."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "admin"}]})

    role: Role


class MemberOut(Out):
    """A member of the workspace."""

    id: str
    email: str
    name: str
    role: Role
    since: Instant
    active: bool
    keys: int = Field(
        description="How many keys of the workspace they made and nobody revoked; 0 for callers without `keys:manage`.",
        examples=[2],
    )

    @classmethod
    def of(cls, member: WorkspaceMember, *, keys: int = 0) -> Self:
        user = member.user
        return cls(
            id=user.public_id,
            email=user.email,
            name=user.name,
            role=Role(member.role),
            since=member.created_at,
            active=user.is_active,
            keys=keys,
        )


class NewMemberOut(MemberOut):
    """Someone who has just become a member."""

    mailed: bool = Field(
        description="Whether they were told by a mail. Without one, they ask for a password on the login page.",
        examples=[True],
    )


class KeyBody(Body):
    """A new key. A secret key needs scopes, which are names of permissions; a write key has none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "secret", "name": "reporting", "scopes": ["people:read", "segments:read"]},
                {"kind": "write", "name": "web page"},
            ]
        }
    )

    kind: Literal["write", "secret"]
    name: Name
    scopes: Annotated[list[str], Field(max_length=50)] = []


class MakerOut(Out):
    """Who made a key. `role` is what they are in the workspace now; null once they have left."""

    id: str
    name: str
    email: str
    role: Role | None


class KeyOut(Out):
    """A key without its token. It belongs to the workspace: it works on when its maker has left."""

    id: str
    kind: KeyKind
    name: str
    prefix: str
    scopes: list[str]
    created_by: str | None
    maker: MakerOut | None = Field(description="Null for a key that a command has made.")
    created_at: Instant
    last_used_at: Instant | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, key: ApiKey, roles: Mapping[int, Role], **more: Any) -> Self:
        maker = key.created_by
        return cls(
            id=key.public_id,
            kind=KeyKind(key.kind),
            name=key.name,
            prefix=key.prefix,
            scopes=list(key.scopes),
            created_by=maker.public_id if maker else None,
            maker=MakerOut(id=maker.public_id, name=maker.name, email=maker.email, role=roles.get(maker.pk))
            if maker
            else None,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
            **more,
        )


class NewKeyOut(KeyOut):
    """A key just made, with its token: it can't be shown again."""

    token: str


class AuditOut(Out):
    """One entry of the audit log: who did what to what, when, and from which address."""

    number: int
    at: Instant
    actor: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    ip: str = Field(examples=["192.0.2.7"])
    action: str = Field(
        description="Such as `member.added`; `login.ok`, `login.failed` and `logout` of members are in it too.",
        examples=["login.ok"],
    )
    target: str = Field(examples=["usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    details: dict[str, Any] = Field(examples=[{"method": "password + second factor"}])
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        return cls(
            number=entry.number,
            at=entry.at,
            actor=entry.actor,
            ip=entry.ip,
            action=entry.action,
            target=entry.target,
            details=entry.details,
            hash=entry.hashed,
        )


class AuditPageOut(Out):
    """Entries, newest first, and the cursor of the rest."""

    entries: list[AuditOut]
    names: dict[str, str] = Field(
        description="How those are called whose ids stand in the entries, as far as they have a name that you may see.",
        examples=[{"usr_01kb3z8m0v6x9k2q4r7t5w1y3n": "Ada Example"}],
    )
    next: str | None
