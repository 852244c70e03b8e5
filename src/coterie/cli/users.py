"""Commands for users: who may log in to this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from coterie.cli.folder import data_folder
from coterie.cli.options import Data, Json
from coterie.cli.output import write_json, write_line, write_table
from coterie.cli.stores import database_of
from coterie.kit.errors import NotFound

if TYPE_CHECKING:
    from coterie.accounts.models import User

user = typer.Typer(help="Users: who may log in to this installation.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address that they log in with.")]


@user.command("list")
def list_users(as_json: Json = False, data: Data = None) -> None:
    """List users with their workspaces and roles. Also works while a server runs."""
    with database_of(data_folder(data)):
        from coterie.accounts import queries

        found = [_facts(each) for each in queries.users()]
    if as_json:
        write_json(found)
        return
    rows = [[each["id"], each["email"], each["name"], each["active"], each["workspaces"]] for each in found]
    write_table(["id", "email", "name", "may log in", "workspaces"], rows)


@user.command("disable")
def disable_user(email: Email, as_json: Json = False, data: Data = None) -> None:
    """Keep a user out: their sessions end at once. Keys that they made stay. Also works while a server runs."""
    _set_active(email, data, active=False, as_json=as_json)


@user.command("enable")
def enable_user(email: Email, as_json: Json = False, data: Data = None) -> None:
    """Let a user log in again. Also works while a server runs."""
    _set_active(email, data, active=True, as_json=as_json)


def _set_active(email: str, data: Data, *, active: bool, as_json: bool) -> None:
    with database_of(data_folder(data)):
        from coterie.accounts import actions, queries
        from coterie.accounts.audit import CLI

        found = queries.user_by_email(email)
        if found is None:
            raise NotFound(f"There is no user {email}. `coterie user list` has them all.")
        actions.set_user_active(CLI, found, active=active)
        facts = _facts(found)
    if as_json:
        write_json(facts)
        return
    write_line(f"{facts['email']} may {'' if active else 'not '}log in.")


def _facts(row: User) -> dict[str, Any]:
    roles = {member.workspace.slug: member.role for member in row.memberships.all()}
    return {"id": row.public_id, "email": row.email, "name": row.name, "active": row.is_active, "workspaces": roles}
