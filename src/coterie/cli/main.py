"""The `coterie` command. Rooms are imported inside the commands: settings are read then, and --data must come first."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final

import typer

import coterie
from coterie.cli import (
    audit,
    backups,
    demo,
    doctor,
    founding,
    index,
    jobs,
    keys,
    privacy,
    reading,
    retention,
    segments,
    serving,
    users,
)
from coterie.cli.folder import FolderInUse
from coterie.cli.options import Data, Key, Slug, Url
from coterie.cli.output import note, shown
from coterie.kit import collector
from coterie.kit.errors import CoterieError

FAILURE: Final = 1
USAGE: Final = 2

app = typer.Typer(
    help=coterie.__doc__,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(serving.serve)
app.command()(serving.worker)
app.command(hidden=True)(serving.second)
app.command()(demo.demo)
app.command()(founding.init)
app.add_typer(reading.people, name="people")
app.command()(reading.count)
app.command()(reading.explain)
app.add_typer(segments.segments, name="segments")
app.add_typer(jobs.jobs, name="jobs")
app.add_typer(keys.keys, name="keys")
app.add_typer(users.user, name="user")
app.command()(audit.audit)
app.add_typer(privacy.privacy, name="privacy")
app.add_typer(retention.retention, name="retention")
app.command()(index.rebuild)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coterie {coterie.__version__}")
        raise typer.Exit


@app.callback()
def shared(
    data: Data = None,
    url: Url = "",
    key: Key = "",
    workspace: Slug = "",
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the command hold for every command that has them."""
    given = {"COTERIE_DATA": data, "COTERIE_URL": url, "COTERIE_KEY": key, "COTERIE_WORKSPACE": workspace}
    os.environ.update({name: str(value) for name, value in given.items() if value})


def _list_problems(error: CoterieError) -> None:
    problems = error.details.get("problems", ())
    # A filter's message says the first problem already; other messages only say that there are some.
    for problem in problems if len(problems) > 1 or "filter" not in error.code else ():
        if isinstance(problem, dict):
            note(f"  {shown({name: value for name, value in problem.items() if value not in (None, '')})}")


def main() -> None:
    """Run the command of the command line. Exit codes: 0 done, 1 failed, 2 used in a way that can't work."""
    collector.calm()
    try:
        app()
    except FolderInUse as error:
        note(f"coterie: {error.message}")
        sys.exit(USAGE)
    except CoterieError as error:
        note(f"coterie: {error.message}")
        _list_problems(error)
        sys.exit(FAILURE)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(FAILURE)
