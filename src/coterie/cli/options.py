"""The options that many commands share. Each can stand before the command, behind it, or in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", envvar="COTERIE_DATA", help="Folder of the installation. Default: ./data", show_envvar=False
    ),
]
Url = Annotated[
    str, typer.Option("--url", envvar="COTERIE_URL", help="Ask this server instead of the folder.", show_envvar=False)
]
Key = Annotated[
    str,
    typer.Option("--key", envvar="COTERIE_KEY", help="Secret key (sk_...) that goes with --url.", show_envvar=False),
]
Slug = Annotated[
    str,
    typer.Option(
        "--workspace",
        "-w",
        envvar="COTERIE_WORKSPACE",
        help="Short name of the workspace. Not needed where there is only one.",
        show_envvar=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")]
Where = Annotated[
    str, typer.Option("--where", help='A filter as a sentence, such as: country is "Germany" and email is known')
]
Host = Annotated[str, typer.Option("--host", help="Address to listen on. 0.0.0.0 is every address.")]
Port = Annotated[int, typer.Option("--port", help="Port to listen on; 0 picks a free one.", min=0, max=65535)]
