"""Rows of users, workspaces, their members, API keys and the audit log."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar, Never

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.crypto import salted_hmac

from coterie.accounts.scope import ScopedQuerySet, WorkspaceScoped
from coterie.kit import clock
from coterie.kit.ids import new_id


def user_id() -> str:
    """A new public id of a user."""
    return new_id("usr")


def key_id() -> str:
    """A new public id of an API key."""
    return new_id("key")


def valid_timezone(name: str) -> None:
    """Refuse what is not the name of an IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name!r} is not an IANA time zone such as Europe/Berlin.", code="timezone")


valid_slug = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?\Z",
    "A workspace's short name has 1 to 48 lower-case letters, digits and inner hyphens.",
    code="slug",
)


class Language(models.TextChoices):
    """A language that the web app and mails speak."""

    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"

    @classmethod
    def of(cls, kept: str) -> Language:
        """The language of a workspace; English where another was kept, from when any tag was taken."""
        return cls(kept) if kept in cls.values else cls.ENGLISH


class JobMails(models.TextChoices):
    """When a user gets a mail at the end of a job that they have started."""

    ALWAYS = "always"
    LONG = "long"
    NEVER = "never"


class UserManager(BaseUserManager["User"]):
    """Makes users and finds them by email, which is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new user; without a password they can't log in until they set one by mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """Someone who logs in, by email; what they may do is said by their memberships of workspaces."""

    public_id = models.CharField(max_length=40, unique=True, default=user_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True, default="")
    is_active = models.BooleanField(default=True)
    job_mails = models.CharField(
        max_length=6, choices=JobMails.choices, default=JobMails.ALWAYS, db_default=JobMails.ALWAYS
    )
    session_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.public_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # The epoch is part of what a session must match: raising it ends all sessions of the user at once.
        return salted_hmac(
            "coterie.accounts.User.session", f"{self.session_epoch}:{self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()


class Workspace(models.Model):
    """One bot and its people; nothing is shared between workspaces."""

    slug = models.CharField(max_length=48, unique=True, validators=[valid_slug])
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC", validators=[valid_timezone])
    language = models.CharField(max_length=35, default=Language.ENGLISH, choices=Language.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.slug


class Role(models.TextChoices):
    """What a member is; accounts/permissions.py says what each may do."""

    OWNER = "owner"
    ADMIN = "admin"
    AGENT = "agent"
    VIEWER = "viewer"


class WorkspaceMember(WorkspaceScoped):
    """A user's role in a workspace."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.workspace_id}"


class KeyKind(models.TextChoices):
    """A write key is public, sits in web pages and never reads; a secret key belongs on a server."""

    WRITE = "write"
    SECRET = "secret"  # noqa: S105  # the name of a kind, not a secret


class ApiKey(WorkspaceScoped):
    """A key for programs; only the SHA-256 of its token is kept."""

    public_id = models.CharField(max_length=40, unique=True, default=key_id, editable=False)
    kind = models.CharField(max_length=10, choices=KeyKind.choices)
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16)
    hashed = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="key_newest")]
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=KeyKind.values), name="key_kind_known")]

    def __str__(self) -> str:
        return self.public_id


class AuditChain(models.Model):
    """The end of one hash chain: of a workspace, or of the installation (`scope` is empty there).

    It is locked while an entry is added, and tells when the newest entries are missing.
    """

    scope = models.CharField(max_length=24, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.scope or 'installation'}:{self.number}"


class AuditQuerySet(ScopedQuerySet["AuditEntry"]):
    """Reads entries and refuses to change or delete them."""

    def _refuse(self, *_args: Any, **_values: Any) -> Never:
        raise TypeError("The audit log is append-only.")

    update = delete = _raw_delete = bulk_update = bulk_create = update_or_create = get_or_create = _refuse


class AuditEntry(models.Model):
    """Who did what, when and from where; added by accounts/audit.py and never changed.

    `actor` and `target` are public ids and `details` holds no personal values, so that erasing a person needs no edit.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    scope = models.CharField(max_length=24)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    ip = models.CharField(max_length=45, blank=True, default="")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True, default="")
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    hashed = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "number"], name="audit_number_once")]
        indexes = [models.Index(fields=["workspace", "-number"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.scope or 'installation'}:{self.number} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit log is append-only.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Never:
        raise TypeError("The audit log is append-only.")
