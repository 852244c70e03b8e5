"""Routes of users, workspaces, members, keys and the audit log."""

from typing import Annotated, Literal

from django.middleware.csrf import get_token
from ninja import Query, Status
from pydantic import Field

from coterie.accounts import actions, invitations, naming, queries, schemas
from coterie.accounts.models import KeyKind, Role, User
from coterie.accounts.permissions import LOGGED_IN, ApiRequest
from coterie.accounts.routes import Routes

routes = Routes("accounts")

Cursor = Annotated[str | None, Query(description="`next` of the page before."), Field(max_length=4096)]
Limit = Annotated[int, Query(), Field(ge=1, le=200)]
Word = Annotated[str, Query(), Field(max_length=60)]


@routes.get("/session", permission=LOGGED_IN, response=schemas.SessionOut)
def session(request: ApiRequest) -> schemas.SessionOut:
    """Who is logged in, their workspaces, and the CSRF token."""
    user = _user(request)
    return schemas.SessionOut(
        user=schemas.UserOut.of(user),
        workspaces=[schemas.WorkspaceOut.of_member(member) for member in queries.memberships_of(user)],
        csrf_token=get_token(request),
    )


@routes.patch("/session", permission=LOGGED_IN, response=schemas.UserOut)
def change_own_settings(request: ApiRequest, body: schemas.OwnChange) -> schemas.UserOut:
    """Change when you get mails about jobs that you have started."""
    return schemas.UserOut.of(actions.change_user(request.caller.actor, _user(request), job_mails=body.job_mails))


@routes.get("/workspaces", permission=LOGGED_IN, response=list[schemas.WorkspaceOut])
def list_workspaces(request: ApiRequest) -> list[schemas.WorkspaceOut]:
    """The workspaces that the logged-in user belongs to."""
    return [schemas.WorkspaceOut.of_member(member) for member in queries.memberships_of(_user(request))]


@routes.post("/workspaces", permission=LOGGED_IN, response=schemas.WorkspaceOut, status=201)
def create_workspace(request: ApiRequest, body: schemas.WorkspaceBody) -> Status[schemas.WorkspaceOut]:
    """Make a workspace and become its owner."""
    user = _user(request)
    workspace = actions.create_workspace(request.caller.actor, owner=user, **body.model_dump())
    return Status(201, schemas.WorkspaceOut.of(workspace, role=Role.OWNER))


@routes.get("/workspaces/{slug}", permission="workspace:read", response=schemas.WorkspaceOut)
def get_workspace(request: ApiRequest, slug: str) -> schemas.WorkspaceOut:
    """The workspace, and what the caller may do in it."""
    return schemas.WorkspaceOut.of_access(request.access)


@routes.patch("/workspaces/{slug}", permission="workspace:manage", response=schemas.WorkspaceOut)
def change_workspace(request: ApiRequest, slug: str, body: schemas.WorkspaceChange) -> schemas.WorkspaceOut:
    """Change name, time zone or language."""
    access = request.access
    changes = body.model_dump(exclude_none=True)
    workspace = actions.change_workspace(access.actor, access.workspace, changes=changes)
    return schemas.WorkspaceOut.of(workspace, role=_role(request))


@routes.get("/workspaces/{slug}/members", permission="members:read", response=list[schemas.MemberOut])
def list_members(request: ApiRequest, slug: str) -> list[schemas.MemberOut]:
    """Who belongs to the workspace."""
    access = request.access
    keys = queries.keys_made(access.workspace) if access.may("keys:manage") else {}
    rows = queries.members(access.workspace)
    return [schemas.MemberOut.of(member, keys=keys.get(member.user_id, 0)) for member in rows]


@routes.post("/workspaces/{slug}/members", permission="members:manage", response=schemas.NewMemberOut, status=201)
def add_member(request: ApiRequest, slug: str, body: schemas.MemberBody) -> Status[schemas.NewMemberOut]:
    """Add a member by email. They are told by a mail, in which someone new finds a link to choose a password."""
    access = request.access
    member = actions.add_member(access.actor, access.workspace, email=body.email, role=body.role, by=_role(request))
    mailed = invitations.send(request, member)
    return Status(201, schemas.NewMemberOut(**schemas.MemberOut.of(member).model_dump(), mailed=mailed))


@routes.patch("/workspaces/{slug}/members/{user_id}", permission="members:manage", response=schemas.MemberOut)
def change_role(request: ApiRequest, slug: str, user_id: str, body: schemas.RoleBody) -> schemas.MemberOut:
    """Give a member another role. All their sessions end."""
    access = request.access
    member = actions.change_role(access.actor, access.workspace, user_id=user_id, role=body.role, by=_role(request))
    keys = queries.keys_made(access.workspace)
    return schemas.MemberOut.of(member, keys=keys.get(member.user_id, 0))


@routes.delete("/workspaces/{slug}/members/{user_id}", permission="members:manage", status=204)
def remove_member(
    request: ApiRequest,
    slug: str,
    user_id: str,
    their_keys: Annotated[
        Literal["keep", "revoke"], Query(description="What becomes of the keys that they made.")
    ] = "keep",
) -> Status[None]:
    """Remove a member. All their sessions end; keys that they made stay with the workspace unless they are revoked."""
    access = request.access
    if their_keys == "revoke":
        access.require("keys:manage")
    actions.remove_member(access.actor, access.workspace, user_id=user_id, by=_role(request), keys=their_keys)
    return Status(204, None)


@routes.get("/workspaces/{slug}/keys", permission="keys:manage", response=list[schemas.KeyOut])
def list_keys(request: ApiRequest, slug: str) -> list[schemas.KeyOut]:
    """The keys of the workspace, newest first, revoked ones too."""
    workspace = request.access.workspace
    roles = queries.roles(workspace)
    return [schemas.KeyOut.of(key, roles) for key in queries.keys(workspace)]


@routes.post("/workspaces/{slug}/keys", permission="keys:manage", response=schemas.NewKeyOut, status=201)
def create_key(request: ApiRequest, slug: str, body: schemas.KeyBody) -> Status[schemas.NewKeyOut]:
    """Make a key. Its token is in this answer and can't be shown again."""
    access = request.access
    key, token = actions.create_key(
        access.actor,
        access.workspace,
        kind=KeyKind(body.kind),
        name=body.name,
        scopes=body.scopes,
        created_by=access.user,
        by=_role(request),
    )
    return Status(201, schemas.NewKeyOut.of(key, queries.roles(access.workspace), token=token))


@routes.delete("/workspaces/{slug}/keys/{key_id}", permission="keys:manage", response=schemas.KeyOut)
def revoke_key(request: ApiRequest, slug: str, key_id: str) -> schemas.KeyOut:
    """End a key at once. It stays in the list."""
    access = request.access
    key = actions.revoke_key(access.actor, access.workspace, key_id=key_id)
    return schemas.KeyOut.of(key, queries.roles(access.workspace))


@routes.get("/workspaces/{slug}/audit", permission="audit:read", response=schemas.AuditPageOut)
def list_audit(
    request: ApiRequest, slug: str, cursor: Cursor = None, limit: Limit = 50, action: Word = "", actor: Word = ""
) -> schemas.AuditPageOut:
    """The audit log, newest first; `action` and `actor` narrow it."""
    page = queries.audit_page(request.access.workspace, cursor=cursor, limit=limit, action=action, actor=actor)
    names = naming.names_in(request.access, page.entries)
    entries = [schemas.AuditOut.of(entry) for entry in page.entries]
    return schemas.AuditPageOut(entries=entries, names=names, next=page.next)


def _user(request: ApiRequest) -> User:
    user = request.caller.user
    assert user is not None  # LOGGED_IN lets no key in
    return user


def _role(request: ApiRequest) -> Role:
    role = request.access.role
    assert role is not None  # these permissions are not for keys
    return role
