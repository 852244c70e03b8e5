"""The command that reads the audit log: that of the installation, which no page shows, or a workspace's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from coterie.cli.folder import data_folder
from coterie.cli.options import Data, Json
from coterie.cli.output import note, write_json, write_table
from coterie.cli.stores import database_of
from coterie.kit.errors import CoterieError, NotFound

if TYPE_CHECKING:
    from coterie.accounts.models import Workspace

Whose = Annotated[
    str,
    typer.Option(
        "--workspace",
        "-w",
        envvar="COTERIE_WORKSPACE",
        help="Short name of a workspace. Default: the log of the installation.",
        show_envvar=False,
    ),
]


class ChainBroken(CoterieError):
    """The log was changed: its chain of hashes does not hold."""

    default_code = "audit_chain_broken"


def audit(
    workspace: Whose = "",
    limit: Annotated[int, typer.Option("--limit", help="How many entries to show.", min=1, max=100_000)] = 50,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Show the audit log, newest first, and whether its chain holds: logins that failed, passwords, users.

    Exit code 1 when the chain does not hold. Also works while a server runs.
    """
    with database_of(data_folder(data)):
        from coterie.accounts.audit import newest, verify_chain
        from coterie.accounts.schemas import AuditOut

        chain = _workspace(workspace) if workspace else None
        broken = verify_chain(chain)
        entries = [AuditOut.of(entry).model_dump(mode="json") for entry in newest(chain, limit=limit)]
    if as_json:
        found = None if broken is None else {"number": broken.number, "reason": broken.reason}
        write_json({"workspace": workspace or None, "holds": broken is None, "broken": found, "entries": entries})
    else:
        write_table(["number", "at", "actor", "ip", "action", "target", "details"], [_row(entry) for entry in entries])
    if broken is not None:
        raise ChainBroken(f"The chain does not hold at entry {broken.number}: {broken.reason}.")
    note("The chain holds.")


def _workspace(slug: str) -> Workspace:
    from coterie.accounts.queries import workspace_by_slug

    found = workspace_by_slug(slug)
    if found is None:
        raise NotFound(f"There is no workspace {slug!r}.")
    return found


def _row(entry: dict[str, Any]) -> list[Any]:
    return [entry[name] for name in ("number", "at", "actor", "ip", "action", "target", "details")]
