"""What Coterie decides about logging in: who may sign up, what a password change ends, how failures are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation

from coterie.accounts import audit, queries
from coterie.accounts.models import Language, User
from coterie.kit.sealing import seal, unseal

# allauth's names of the steps of a login, in the words of the log.
_STEPS: Final = {"password": "password", "mfa": "second factor"}


def display_name(user: User) -> str:
    """How pages and mails address a user."""
    return user.name or user.email


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Login by email and password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Open to all when so set; else only until the first user exists, who is the one installing it."""
        return bool(settings.COTERIE_OPEN_SIGNUP) or not User.objects.exists()

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Set it and end all sessions of the user."""
        user.session_epoch += 1
        super().set_password(user, password)
        audit.record(self._actor(), "password.changed", workspace=None, target=user.public_id)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> Any:
        """A mail in the language of the user's first workspace, which names the configured address.

        allauth would name the Host header, which anyone can write.
        """
        site = {"name": "Coterie", "domain": settings.COTERIE_BASE_URL}
        user = context.get("user")
        language = queries.language_of(user) if isinstance(user, User) else Language.ENGLISH
        with translation.override(language.value):
            return super().render_mail(template_prefix, email, {**context, "current_site": site}, headers)

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session, after all steps of the login, and note by which it came."""
        super().login(request, user)
        steps = [_STEPS.get(record["method"], record["method"]) for record in get_authentication_records(request, user)]
        method = " + ".join(dict.fromkeys(steps)) or "signup"
        _record_of_user(self._actor(), "login.ok", user, details={"method": method})

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        """End the session and note it."""
        actor, user = self._actor(), request.user
        super().logout(request)
        if isinstance(user, User):
            _record_of_user(actor, "logout", user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note the failure; the address that was tried is kept only as the id of the user who has it.

        In the log of the installation alone: more writes for an address that is known would tell that it is.
        """
        user = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
        actor = audit.Actor("anonymous", self.get_client_ip(request))
        details = {"method": "password"}
        audit.record(actor, "login.failed", workspace=None, target=user.public_id if user else "", details=details)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts per Host header and account. The port of the header is free to choose, and with it the limit
        # would be no limit: count per account alone.
        return str(credentials.get("email", "")).strip().lower()

    def _actor(self) -> audit.Actor:
        ip = self.get_client_ip(self.request) if self.request else ""
        user = getattr(self.request, "user", None)
        name = f"user:{user.public_id}" if isinstance(user, User) else "anonymous"
        return audit.Actor(name, ip)


def second_factor_failed(request: HttpRequest, user: User, **_signal: Any) -> None:
    """Note a wrong code of someone whose password was right."""
    actor = audit.Actor("anonymous", get_adapter(request).get_client_ip(request))
    _record_of_user(actor, "login.failed", user, details={"method": "second factor"})


@transaction.atomic
def _record_of_user(actor: audit.Actor, action: str, user: User, *, details: Mapping[str, Any] | None = None) -> None:
    """Add an entry about a user to the log of the installation and to those of the workspaces they belong to."""
    # Always in the same order, as each chain is locked.
    workspaces = sorted((row.workspace for row in queries.memberships_of(user)), key=lambda workspace: workspace.pk)
    for workspace in (None, *workspaces):
        audit.record(actor, action, workspace=workspace, target=user.public_id, details=details)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors; their secrets are sealed in the database."""

    def encrypt(self, text: str) -> str:
        return seal(text, key=settings.SECRET_KEY, purpose="second factor")

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, key=settings.SECRET_KEY, purpose="second factor")
