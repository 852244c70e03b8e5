"""Every write of this room; each leaves an entry in the audit log, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.accounts.models import ApiKey, JobMails, KeyKind, Role, User, Workspace, WorkspaceMember
from coterie.accounts.permissions import PERMISSIONS
from coterie.accounts.signals import key_revoked, zone_changed
from coterie.kit import clock
from coterie.kit.errors import Conflict, Forbidden, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.kit.secrets import new_token

WORKSPACE_FIELDS: Final = frozenset({"name", "timezone", "language"})
_TOKEN_PREFIX: Final = {KeyKind.WRITE: "wk", KeyKind.SECRET: "sk"}


@transaction.atomic
def create_user(actor: Actor, *, email: str, password: str | None = None, name: str = "") -> User:
    """A new user. Without a password they set one through a mail; Conflict when the address is taken."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
    except ValidationError as error:
        if any(problem.code == "unique" for problem in error.error_dict.get("email", [])):
            raise Conflict("There is a user with this email already.", code="email_taken") from None
        raise invalid(error) from None
    except IntegrityError:
        raise Conflict("There is a user with this email already.", code="email_taken") from None
    # Verified: whoever adds a user vouches for the address, and without a password only its owner can get in.
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    audit.record(actor, "user.created", workspace=None, target=user.public_id)
    return user


@transaction.atomic
def set_user_active(actor: Actor, user: User, *, active: bool) -> None:
    """Let a user log in, or end all their sessions and keep them out; what is so already is left out of the log.

    Keys that they made are the workspace's and stay.
    """
    if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        end_sessions(user)
        audit.record(actor, "user.enabled" if active else "user.disabled", workspace=None, target=user.public_id)
    user.refresh_from_db()


@transaction.atomic
def change_user(actor: Actor, user: User, *, job_mails: JobMails) -> User:
    """Change what a user has chosen for themselves; what is the same already is left out of the log."""
    before = User.objects.select_for_update().get(pk=user.pk).job_mails
    if before != job_mails:
        User.objects.filter(pk=user.pk).update(job_mails=job_mails)
        details = {"job_mails": [before, job_mails.value]}
        audit.record(actor, "user.changed", workspace=None, target=user.public_id, details=details)
    user.refresh_from_db()
    return user


def end_sessions(user: User) -> None:
    """End all sessions of a user at their next request."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


@transaction.atomic
def create_workspace(
    actor: Actor, *, owner: User, slug: str, name: str, timezone: str = "UTC", language: str = "en"
) -> Workspace:
    """A new workspace with its owner; Conflict when the short name is taken."""
    workspace = Workspace(slug=slug, name=name, timezone=timezone, language=language)
    _insert(workspace, taken=Conflict("This short name is taken.", code="slug_taken", details={"slug": slug}))
    WorkspaceMember(workspace=workspace, user=owner, role=Role.OWNER).save()
    audit.record(actor, "workspace.created", workspace=workspace, target=slug, details={"owner": owner.public_id})
    return workspace


@transaction.atomic
def change_workspace(actor: Actor, workspace: Workspace, *, changes: Mapping[str, str]) -> Workspace:
    """Change name, time zone or language; what is the same already is left out of the log."""
    unknown = set(changes) - WORKSPACE_FIELDS
    if unknown:
        raise InvalidInput(Reason("not_of_workspace", "A workspace has no {fields} to change.", fields=sorted(unknown)))
    row = _locked(workspace)
    changed = {key: [getattr(row, key), value] for key, value in changes.items() if getattr(row, key) != value}
    if not changed:
        return row
    for key, (_, value) in changed.items():
        setattr(row, key, value)
    _check(row, only=changed)
    row.save(update_fields=sorted(changed))
    if "timezone" in changed:
        zone_changed.send(Workspace, workspace=row)
    audit.record(actor, "workspace.changed", workspace=row, target=row.slug, details=changed)
    return row


@transaction.atomic
def add_member(actor: Actor, workspace: Workspace, *, email: str, role: Role, by: Role = Role.OWNER) -> WorkspaceMember:
    """Make a user a member; an address nobody has becomes a user who sets a password through a mail.

    `by` is the role of whoever adds: only an owner makes owners. Conflict when they are a member already.
    """
    _may_touch(by, role)
    user = User.objects.filter(email=email.strip().lower()).first() or create_user(actor, email=email)
    member = WorkspaceMember(workspace=workspace, user=user, role=role)
    _insert(member, taken=Conflict("They are a member already.", code="member_already"))
    audit.record(actor, "member.added", workspace=workspace, target=user.public_id, details={"role": role.value})
    return member


@transaction.atomic
def change_role(
    actor: Actor, workspace: Workspace, *, user_id: str, role: Role, by: Role = Role.OWNER
) -> WorkspaceMember:
    """Give a member another role and end their sessions. The last owner stays one: Conflict."""
    member = _locked_member(workspace, user_id)
    _may_touch(by, role)
    _may_touch(by, Role(member.role))
    if member.role == role:
        return member
    _keep_an_owner(workspace, member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    end_sessions(member.user)
    details = {"from": before, "to": role.value}
    audit.record(actor, "member.role_changed", workspace=workspace, target=user_id, details=details)
    return member


@transaction.atomic
def remove_member(
    actor: Actor,
    workspace: Workspace,
    *,
    user_id: str,
    by: Role = Role.OWNER,
    keys: Literal["keep", "revoke"] = "keep",
) -> None:
    """End a membership and the user's sessions. The last owner stays: Conflict.

    Keys that they made are the workspace's: they stay, or are revoked with it.
    """
    member = _locked_member(workspace, user_id)
    _may_touch(by, Role(member.role))
    _keep_an_owner(workspace, member)
    member.delete()
    end_sessions(member.user)
    audit.record(actor, "member.removed", workspace=workspace, target=user_id, details={"role": member.role})
    if keys == "revoke":
        made = ApiKey.objects.of(workspace).filter(created_by=member.user, revoked_at=None).order_by("pk")
        for key_id in list(made.values_list("public_id", flat=True)):
            revoke_key(actor, workspace, key_id=key_id)


@transaction.atomic
def create_key(
    actor: Actor,
    workspace: Workspace,
    *,
    kind: KeyKind,
    name: str,
    scopes: Sequence[str] = (),
    created_by: User | None = None,
    by: Role = Role.OWNER,
) -> tuple[ApiKey, str]:
    """A new key and its token, which is shown this once.

    A secret key has at least one scope, and none beyond the role of its maker `by`; a write key has none.
    """
    _check_scopes(kind, scopes, by)
    made = new_token(_TOKEN_PREFIX[kind])
    key = ApiKey(
        workspace=workspace,
        kind=kind,
        name=name,
        prefix=made.shown,
        hashed=made.hashed,
        scopes=sorted(set(scopes)),
        created_by=created_by,
    )
    _insert(key, taken=Conflict())
    details = {"kind": kind.value, "scopes": key.scopes}
    audit.record(actor, "key.created", workspace=workspace, target=key.public_id, details=details)
    return key, made.token


@transaction.atomic
def revoke_key(actor: Actor, workspace: Workspace, *, key_id: str) -> ApiKey:
    """End a key at once; a second time changes nothing. NotFound when the workspace has no such key."""
    key = ApiKey.objects.of(workspace).select_related("created_by").filter(public_id=key_id).first()
    if key is None:
        raise NotFound("There is no such key.")
    now = clock.now()
    if ApiKey.objects.of(workspace).filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        key.revoked_at = now
        key_revoked.send(ApiKey, key=key)
        audit.record(actor, "key.revoked", workspace=workspace, target=key_id)
    return key


def invalid(error: ValidationError) -> InvalidInput:
    """A model's own findings as the error that a caller gets."""
    fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    problems = [{"path": name, "message": text} for name, texts in sorted(fields.items()) for text in texts]
    return InvalidInput(Reason("some_not_valid", "Some values are not valid."), details={"problems": problems})


def _check(row: models.Model, *, only: Collection[str] = ()) -> None:
    # What is not changed may be of a time when more was taken.
    others = {each.name for each in row._meta.fields if only and each.name not in only}
    try:
        row.full_clean(exclude=others, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise invalid(error) from None


def _insert(row: models.Model, *, taken: Conflict) -> None:
    _check(row)
    try:
        # A savepoint: PostgreSQL refuses everything after an error in the same transaction.
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise taken from None


def _check_scopes(kind: KeyKind, scopes: Sequence[str], by: Role) -> None:
    if (kind is KeyKind.SECRET) != bool(scopes):
        raise InvalidInput(
            Reason("scopes_by_kind", "A secret key needs scopes, a write key has none."), details={"field": "scopes"}
        )
    known = {name for name, row in PERMISSIONS.items() if row.for_keys}
    unknown = sorted(set(scopes) - known)
    if unknown:
        raise InvalidInput(
            Reason("no_such_scopes", "There are no such scopes."),
            details={"unknown": unknown, "expected": sorted(known)},
        )
    beyond = sorted(scope for scope in set(scopes) if by not in PERMISSIONS[scope].roles)
    if beyond:
        raise Forbidden("A key can't have more than its maker.", details={"scopes": beyond})


def _locked(workspace: Workspace) -> Workspace:
    # Its key stays: whoever writes rows that refer to it, and holds a lock that is wanted next, need not wait for this.
    return Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def _locked_member(workspace: Workspace, user_id: str) -> WorkspaceMember:
    # The workspace is locked and not just the member: two owners who remove each other must wait for one another.
    _locked(workspace)
    member = WorkspaceMember.objects.of(workspace).select_related("user").filter(user__public_id=user_id).first()
    if member is None:
        raise NotFound("There is no such member.")
    return member


def _may_touch(by: Role, role: Role) -> None:
    if role is Role.OWNER and by is not Role.OWNER:
        raise Forbidden("Only an owner can make, change or remove owners.", code="owner_needed")


def _keep_an_owner(workspace: Workspace, member: WorkspaceMember) -> None:
    if member.role == Role.OWNER and WorkspaceMember.objects.of(workspace).filter(role=Role.OWNER).count() == 1:
        raise Conflict("A workspace keeps at least one owner.", code="last_owner")
