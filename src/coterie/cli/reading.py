"""Commands that ask: people, counts, reasons."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from coterie.cli.options import Data, Json, Key, Slug, Url, Where
from coterie.cli.output import write_json, write_line, write_table
from coterie.cli.source import Api, Target, open_source
from coterie.kit.errors import InvalidInput, NotFound

people = typer.Typer(help="The people of a workspace.", no_args_is_help=True)

COLUMNS = "name,email,country,last_seen"
Columns = Annotated[str, typer.Option("--columns", help="Fields to show, between commas. Not for --json: it has all.")]
Sort = Annotated[str, typer.Option("--sort", help="A field; - before it for descending.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="How many at most.")]


@people.command("list")
def list_people(
    where: Where = "",
    sort: Sort = "-last_seen",
    limit: Limit = 50,
    columns: Columns = COLUMNS,
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List people of a filter, with the exact total."""
    with open_source(Target(data, url, key, workspace)) as api:
        page = api.pages("/people", limit=limit, where=where, sort=sort)
    show_people(page, columns, as_json=as_json)


def count(
    where: Where = "",
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Count people of a filter exactly, and how each condition divides everyone."""
    with open_source(Target(data, url, key, workspace)) as api:
        found = api.post("/people/count", {"where": where or None})
        conditions = found["conditions"]
    if as_json:
        write_json(found)
        return
    write_line(f"{found['total']:,}")
    if len(conditions) > 1:
        write_line(found["sentence"])
        rows = [[index, *each.values()] for index, each in enumerate(conditions, start=1)]
        write_table(["condition", "match", "no match", "no value"], rows)


def explain(
    number: Annotated[int, typer.Argument(help="The person's number.", min=1)],
    segment: Annotated[str, typer.Option("--segment", help="Name or id of a segment.")] = "",
    where: Where = "",
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Say why a person is in a segment or meets a filter, condition by condition."""
    if bool(segment) == bool(where):
        raise typer.BadParameter("Say either --segment or --where.")
    with open_source(Target(data, url, key, workspace)) as api:
        wanted = {"segment": find_segment(api, segment)["id"]} if segment else {"where": where}
        found = api.get(f"/people/{number}/explain", **wanted)
    if as_json:
        write_json(found)
        return
    write_line(f"{number} {'meets' if found['matches'] else 'does not meet'}: {found['sentence']}")
    rows = [[each["matches"], each["condition"], each["value"], _origin(each["origin"])] for each in found["reasons"]]
    write_table(["holds", "condition", "value", "from"], rows)


def find_segment(api: Api, name: str) -> dict[str, Any]:
    """The segment with this id or, in any case of letters, this name."""
    items: list[dict[str, Any]] = api.get("/segments")["items"]
    for item in items:
        if item["id"] == name or item["name"].casefold() == name.casefold():
            return item
    names = ", ".join(sorted(item["name"] for item in items)[:20])
    raise NotFound(f"There is no segment {name!r}. There are: {names}" if names else "There are no segments yet.")


def show_people(page: dict[str, Any], columns: str, *, as_json: bool) -> None:
    """A page of people as a table of these columns, or as the API gave it."""
    if as_json:
        write_json(page)
        return
    names = [name.strip() for name in columns.split(",") if name.strip()]
    if not names:
        raise InvalidInput("--columns: expected at least one field.")
    rows = [[str(item["number"]), *(item["values"].get(name) for name in names)] for item in page["items"]]
    write_table(["number", *names], rows)
    write_line(f"{len(rows):,} of {page['total']:,}")


def _origin(origin: list[Any] | None) -> str:
    return " ".join(str(part) for part in origin[:2] if part) if origin else ""
