"""Who may do what: the one table of permissions, and the one place where a workspace enters a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from ninja.utils import check_csrf

from coterie.accounts.audit import CLI, Actor
from coterie.accounts.local import is_local
from coterie.accounts.models import ApiKey, KeyKind, Role, User, Workspace, WorkspaceMember
from coterie.kit import clock
from coterie.kit.errors import Forbidden, NotFound, Unauthorized
from coterie.kit.secrets import hash_token

EVERY_ROLE: Final = frozenset(Role)
NOT_VIEWERS: Final = frozenset({Role.OWNER, Role.ADMIN, Role.AGENT})
LEADERS: Final = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True)
class Permission:
    """One row: the roles that have it, and whether a secret key can have it as a scope of the same name."""

    name: str
    roles: frozenset[Role]
    for_keys: bool
    description: str


PERMISSIONS: Final[dict[str, Permission]] = {
    row.name: row
    for row in (
        Permission("workspace:read", EVERY_ROLE, True, "See the workspace's name, time zone and language."),
        Permission("workspace:manage", LEADERS, False, "Change the workspace's name, time zone and language."),
        Permission("members:read", EVERY_ROLE, False, "See who the members are."),
        Permission("members:manage", LEADERS, False, "Add and remove members, change roles."),
        Permission("keys:manage", LEADERS, False, "See, create and revoke API keys."),
        Permission("audit:read", LEADERS, False, "Read the audit log."),
        Permission("people:read", EVERY_ROLE, True, "See and search people, count filters."),
        Permission("people:write", NOT_VIEWERS, True, "Create and change people, tags and notes; ban; merge."),
        Permission("people:delete", LEADERS, True, "Delete and erase people."),
        Permission("people:export", LEADERS, True, "Take data of many people out."),
        Permission("attributes:write", LEADERS, True, "Define, rename and remove attributes."),
        Permission("segments:read", EVERY_ROLE, True, "See segments and their members."),
        Permission("segments:write", NOT_VIEWERS, True, "Create, change and delete segments."),
        Permission("segments:hide", LEADERS, False, "Choose who does not see a segment."),
        Permission("events:read", EVERY_ROLE, True, "See events of people."),
        Permission("events:write", NOT_VIEWERS, True, "Send events again that could not be used."),
        Permission("jobs:read", EVERY_ROLE, True, "See the progress and outcome of jobs."),
        Permission("jobs:manage", NOT_VIEWERS, True, "Start and cancel jobs."),
    )
}
LOGGED_IN: Final = "logged-in"
"""What a route asks for that belongs to no workspace: a user's own session. Keys are refused there."""
AUTHENTICATED: Final = "authenticated"
"""What a route asks for that belongs to no workspace and tells the same to everyone: a session or a secret key."""

_LAST_USED_STEP: Final = timedelta(minutes=1)


def permissions_of(role: Role) -> frozenset[str]:
    """The names of all permissions a role has."""
    return frozenset(name for name, row in PERMISSIONS.items() if role in row.roles)


@dataclass(frozen=True)
class Caller:
    """Who sends a request: a logged-in user, a secret key, or a command on this machine, and from which address.

    Inside a workspace `user` of a `local` command is an owner of it; in the audit log it is `cli`.
    """

    ip: str
    user: User | None = None
    key: ApiKey | None = None
    local: bool = False

    @property
    def actor(self) -> Actor:
        """The caller as the audit log names them."""
        if self.local:
            return Actor(CLI.name, self.ip)
        if self.user is not None:
            return Actor(f"user:{self.user.public_id}", self.ip)
        assert self.key is not None
        return Actor(f"key:{self.key.public_id}", self.ip)


@dataclass(frozen=True)
class Access:
    """A caller inside one workspace; `role` is None for a key."""

    workspace: Workspace
    caller: Caller
    role: Role | None

    @property
    def user(self) -> User | None:
        return self.caller.user

    @property
    def key(self) -> ApiKey | None:
        return self.caller.key

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    @property
    def permissions(self) -> frozenset[str]:
        """The names of all permissions this caller has here."""
        return frozenset(name for name in PERMISSIONS if self.may(name))

    def may(self, permission: str) -> bool:
        """Whether this caller has a permission here."""
        row = PERMISSIONS[permission]
        if self.role is not None:
            return self.role in row.roles
        return self.key is not None and row.for_keys and permission in self.key.scopes

    def require(self, permission: str) -> None:
        """Forbidden unless this caller has a permission here."""
        if not self.may(permission):
            raise Forbidden(details={"permission": permission})


class ApiRequest(HttpRequest):
    """The request as a route sees it: `access` on routes of a workspace, `caller` on all."""

    access: Access
    caller: Caller


def authorize(request: HttpRequest, workspace_slug: str, permission: str) -> Access:
    """The caller's access to a workspace. The one place where a workspace enters a request.

    Raises Unauthorized when nobody is known, Forbidden when the permission is missing, and the same NotFound for a
    workspace that does not exist and for one the caller does not belong to.
    """
    caller = identify(request)
    access = _access(caller, workspace_slug)
    access.require(permission)
    return access


def identify(request: HttpRequest) -> Caller:
    """Who sends the request. A key in the Authorization header wins over a session.

    Raises Unauthorized without a valid session or key, Forbidden for a write key and for a missing CSRF token.
    """
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        token = _bearer(authorization)
        if is_local(request, token):
            return Caller(ip=client_ip(request), local=True)
        return Caller(ip=client_ip(request), key=_secret_key(token))
    user = request.user
    if not isinstance(user, User):
        raise Unauthorized
    # The API views are exempt from Django's own check, because requests with a key need none.
    if check_csrf(request) is not None:
        raise Forbidden("The CSRF token is missing or wrong. Load the page again.", code="csrf")
    return Caller(ip=client_ip(request), user=user)


def identify_user(request: HttpRequest) -> Caller:
    """Who sends the request, when only a logged-in user will do; Forbidden for keys."""
    caller = identify(request)
    if caller.user is None:
        raise Forbidden("This needs a login; a key can't do it.", details={"permission": LOGGED_IN})
    return caller


def client_ip(request: HttpRequest) -> str:
    """The caller's address, through as many proxies as COTERIE_TRUSTED_PROXIES says; empty when it is not known."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""


def key_of_token(token: str) -> ApiKey | None:
    """The key with this token, unless it is unknown or revoked; notes its use, at most once a minute."""
    key = ApiKey.objects.select_related("workspace").filter(hashed=hash_token(token), revoked_at=None).first()
    if key is None:
        return None
    now = clock.now()
    stale = now - _LAST_USED_STEP
    if key.last_used_at is None or key.last_used_at <= stale:
        # The condition is in the UPDATE too: of many requests at once, one writes.
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=stale)
        ApiKey.objects.of(key.workspace).filter(unnoted, pk=key.pk).update(last_used_at=now)
    return key


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    return token.strip()


def _secret_key(token: str) -> ApiKey:
    key = key_of_token(token)
    if key is None:
        raise Unauthorized("The key is unknown or revoked.", code="bad_key")
    if key.kind != KeyKind.SECRET:
        raise Forbidden("A write key only takes in events; it never reads.", code="write_key")
    return key


def _access(caller: Caller, slug: str) -> Access:
    unknown = NotFound("There is no such workspace, or you are not a member of it.", code="workspace_not_found")
    if caller.key is not None:
        if caller.key.workspace.slug != slug:
            raise unknown
        return Access(workspace=caller.key.workspace, caller=caller, role=None)
    members = WorkspaceMember.objects.select_related("workspace", "user").filter(workspace__slug=slug).order_by("pk")
    mine = members.filter(role=Role.OWNER) if caller.local else members.filter(user=caller.user)
    member = mine.first()
    if member is None:
        raise unknown
    if caller.local:
        caller = replace(caller, user=member.user)
    return Access(workspace=member.workspace, caller=caller, role=Role(member.role))
