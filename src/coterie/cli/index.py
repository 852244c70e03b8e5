"""The command that makes the index anew."""

from __future__ import annotations

from coterie.cli.folder import Folder, data_folder
from coterie.cli.options import Data, Json
from coterie.cli.output import progress_bar, write_json, write_line
from coterie.cli.stores import held, ready_database, set_up
from coterie.kit.environment import is_embedded
from coterie.kit.errors import Conflict

STOP_SECONDS = 10.0


def rebuild(as_json: Json = False, data: Data = None) -> None:
    """Make the audience index anew from the database. Embedded: no server may use the folder meanwhile."""
    count = remake(data_folder(data))
    if as_json:
        write_json({"rebuilt": True, "workspaces": count})
    else:
        write_line(f"The index is rebuilt: {count:,} workspace{'' if count == 1 else 's'}.")


def remake(folder: Folder, *, restored: bool = False) -> int:
    """Make the index anew; how many workspaces it holds.

    A `restored` database still names the workers of the moment of its backup: nobody else uses it, so they are gone.
    """
    with held(folder):
        set_up()
        ready_database()
        from django.db import connections

        from coterie.accounts.models import Workspace
        from coterie.audience import startup
        from coterie.audience.engine import close_engine
        from coterie.audience.projector import let_go, project
        from coterie.web.holdings import Holdings
        from coterie.web.loops import Loop
        from coterie.web.readiness import behind

        if restored:
            for workspace in Workspace.objects.order_by("pk"):
                let_go(workspace)
        holdings = None if is_embedded() else Holdings()
        # Prolonged while this runs, so that a rebuild that is killed is soon done again by a worker.
        leases = None if holdings is None else Loop("leases", holdings.renew, seconds=holdings.renew_seconds)
        try:
            if leases is not None:
                leases.start()
            if holdings is not None and not holdings.claim_all(list(Workspace.objects.order_by("pk"))):
                raise Conflict("A worker projects into the index. Stop the workers first; they go on afterwards.")
            with progress_bar("Rebuilding the index") as report:
                startup.rebuild(report)
            for workspace in behind() if holdings is None else ():
                project(workspace)
            return Workspace.objects.count()
        finally:
            if leases is not None and holdings is not None:
                leases.ask_to_stop()
                leases.join(STOP_SECONDS)
                holdings.release()
            close_engine()
            connections.close_all()
