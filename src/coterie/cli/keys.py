"""Commands for API keys."""

from __future__ import annotations

from typing import Annotated

import typer

from coterie.cli.options import Data, Json, Key, Slug, Url
from coterie.cli.output import note, write_json, write_line, write_table
from coterie.cli.source import Target, open_source

keys = typer.Typer(help="The API keys of a workspace.", no_args_is_help=True)


@keys.command("list")
def list_keys(workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False) -> None:
    """List keys, newest first, revoked ones too. Tokens are not kept, so they can't be shown."""
    with open_source(Target(data, url, key, workspace), index=False) as api:
        found = api.get("/keys")
    if as_json:
        write_json(found)
        return
    rows = [
        [
            each["id"],
            each["kind"],
            each["name"],
            each["prefix"],
            each["scopes"],
            each["last_used_at"],
            each["revoked_at"],
        ]
        for each in found
    ]
    write_table(["id", "kind", "name", "starts with", "scopes", "last used", "revoked"], rows)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    write: Annotated[bool, typer.Option("--write", help="A write key: takes in events, never reads.")] = False,
    scopes: Annotated[
        str,
        typer.Option("--scopes", help="What a secret key may do, between commas, such as people:read,segments:read"),
    ] = "",
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Make a key and show its token this once."""
    if write == bool(scopes):
        raise typer.BadParameter("Say either --write or --scopes: a write key has no scopes, a secret key needs some.")
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    with open_source(Target(data, url, key, workspace), index=False) as api:
        made = api.post("/keys", {"kind": "write" if write else "secret", "name": name, "scopes": wanted})
    if as_json:
        write_json(made)
        return
    note(f"{made['id']}: keep the token, it can't be shown again.")
    write_line(made["token"])


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id, key_...", metavar="ID")],
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """End a key at once."""
    with open_source(Target(data, url, key, workspace), index=False) as api:
        ended = api.delete(f"/keys/{key_id}")
    if as_json:
        write_json(ended)
        return
    write_line(f"{ended['id']} is revoked.")
