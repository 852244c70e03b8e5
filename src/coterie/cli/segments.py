"""Commands for segments."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from coterie.cli.options import Data, Json, Key, Slug, Url, Where
from coterie.cli.output import write_facts, write_json, write_line, write_table
from coterie.cli.reading import COLUMNS, Columns, Limit, Sort, find_segment, show_people
from coterie.cli.source import Target, open_source

segments = typer.Typer(help="The segments of a workspace.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name or id of the segment.")]


@segments.command("list")
def list_segments(workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False) -> None:
    """List segments with their sizes; a broken one says why."""
    with open_source(Target(data, url, key, workspace)) as api:
        found = api.get("/segments")
    if as_json:
        write_json(found)
        return
    rows = [
        [item["name"], item["kind"], item["size"], f"broken: {item['broken']}" if item["broken"] else item["sentence"]]
        for item in found["items"]
    ]
    write_table(["segment", "kind", "size", "definition"], rows)


@segments.command("create")
def create_segment(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    where: Where = "",
    static: Annotated[bool, typer.Option("--static", help="Freeze the people of the filter as they are now.")] = False,
    description: Annotated[str, typer.Option("--description", help="What it is for.")] = "",
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Save a filter as a live segment, or its people as a static one."""
    if not where and not static:
        raise typer.BadParameter("A live segment needs --where.")
    body: dict[str, Any] = {"name": name, "description": description, "kind": "static" if static else "dynamic"}
    if where:
        body["where"] = where
    else:
        body["people"] = []
    with open_source(Target(data, url, key, workspace)) as api:
        made = api.post("/segments", body)
    _show(made, as_json=as_json)


@segments.command("show")
def show_segment(
    name: Name, workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False
) -> None:
    """Show one segment: definition, size, where it is used."""
    with open_source(Target(data, url, key, workspace)) as api:
        found = api.get(f"/segments/{find_segment(api, name)['id']}")
    _show(found, as_json=as_json)


@segments.command("people")
def segment_people(
    name: Name,
    sort: Sort = "-last_seen",
    limit: Limit = 50,
    columns: Columns = COLUMNS,
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List the people of a segment."""
    with open_source(Target(data, url, key, workspace)) as api:
        page = api.pages(f"/segments/{find_segment(api, name)['id']}/people", limit=limit, sort=sort)
    show_people(page, columns, as_json=as_json)


def _show(segment: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        write_json(segment)
        return
    facts = {name: segment[name] for name in ("id", "name", "description", "kind", "size", "sentence", "broken")}
    write_facts({name: value for name, value in facts.items() if value not in (None, "")})
    for use in segment.get("uses", ()):
        write_line(f"used by {use['kind']} {use['name']}")
