"""The command that makes a workspace with its owner and its first keys."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from coterie.cli.folder import data_folder
from coterie.cli.options import Data, Json
from coterie.cli.output import write_facts, write_json
from coterie.cli.stores import database_of


@dataclass(frozen=True)
class Founded:
    """A new workspace. `password` is None when its owner was a user already; the tokens are shown this once."""

    workspace: str
    user: str
    password: str | None
    write_key: str
    secret_key: str


def init(
    workspace: Annotated[str, typer.Option("--workspace", help="Short name, as in addresses: my-shop")],
    email: Annotated[str, typer.Option("--email", help="Who owns it. A user with this email is taken as they are.")],
    name: Annotated[str, typer.Option("--name", help="Name to show. Default: the short name.")] = "",
    password: Annotated[
        str, typer.Option("--password", envvar="COTERIE_PASSWORD", help="Default: one is made up and shown.")
    ] = "",
    timezone: Annotated[str, typer.Option("--timezone", help="IANA time zone, such as Europe/Berlin.")] = "UTC",
    language: Annotated[
        str, typer.Option("--language", help="en or de: of mails, and of the web app at first.")
    ] = "en",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a workspace, its owner, a write key and a secret key. Also works while a server runs."""
    with database_of(data_folder(data)) as running:
        made = found_workspace(
            slug=workspace, name=name, email=email, password=password, timezone=timezone, language=language
        )
        _show(made, running.url if running else _base_url(), as_json=as_json)


def found_workspace(*, slug: str, name: str, email: str, password: str, timezone: str, language: str = "en") -> Founded:
    """Make a workspace with everything needed to use it, all or nothing; Conflict when the short name is taken."""
    from django.db import transaction

    from coterie.accounts import actions
    from coterie.accounts.audit import CLI
    from coterie.accounts.models import KeyKind, User
    from coterie.accounts.permissions import PERMISSIONS

    scopes = [permission.name for permission in PERMISSIONS.values() if permission.for_keys]
    with transaction.atomic():
        owner = User.objects.filter(email=email.strip().lower()).first()
        chosen = None
        if owner is None:
            chosen = password or secrets.token_urlsafe(12)
            _check_password(chosen)
            owner = actions.create_user(CLI, email=email, password=chosen)
        made = actions.create_workspace(
            CLI, owner=owner, slug=slug, name=name or slug, timezone=timezone, language=language
        )
        _, write_key = actions.create_key(CLI, made, kind=KeyKind.WRITE, name="first write key", created_by=owner)
        _, secret_key = actions.create_key(
            CLI, made, kind=KeyKind.SECRET, name="first secret key", scopes=scopes, created_by=owner
        )
    return Founded(slug, owner.email, chosen, write_key, secret_key)


def _check_password(password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from coterie.accounts.actions import invalid

    try:
        validate_password(password)
    except ValidationError as error:
        raise invalid(ValidationError({"password": error.messages})) from None


def _base_url() -> str:
    from django.conf import settings

    return str(settings.COTERIE_BASE_URL)


def _show(made: Founded, url: str, *, as_json: bool) -> None:
    facts: dict[str, Any] = {
        "workspace": made.workspace,
        "url": url,
        "user": made.user,
        "password": made.password,
        "write_key": made.write_key,
        "secret_key": made.secret_key,
    }
    if as_json:
        write_json(facts)
        return
    facts["password"] = made.password or "(the user's own, unchanged)"
    write_facts(facts)
