"""Commands about what is kept of people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.options import Json
from coterie.cli.output import write_json, write_line
from coterie.kit.errors import InvalidInput

privacy = typer.Typer(help="Erasures: checking their certificates.", no_args_is_help=True)


@privacy.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="A certificate, as the API gives it.", exists=True, dir_okay=False)],
    key: Annotated[
        str, typer.Option("--key", help="The public key that it has to be of. Without it, the one inside is used.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Check the signature of an erasure's certificate. Neither a server nor a database is needed."""
    from coterie.privacy.certificate import is_genuine

    try:
        certificate = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise InvalidInput(f"{file} is not JSON: expected a certificate as the API gives it.") from None
    if not isinstance(certificate, dict) or not is_genuine(certificate, key=key or None):
        raise InvalidInput(f"{file} is not genuine: it was changed, or signed with another key.", code="not_genuine")
    if as_json:
        write_json(certificate["statement"])
        return
    statement = certificate["statement"]
    write_line(
        f"Genuine. Erasure {statement['erasure']} of {statement['people']} numbers in {statement['workspace']}, "
        f"finished {statement['finished_at']}, signed with {certificate['public_key']}."
    )
