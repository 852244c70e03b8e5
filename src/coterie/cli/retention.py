"""Commands about how long what is kept."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from coterie.cli.options import Data, Json, Key, Slug, Url
from coterie.cli.output import write_facts, write_json, write_line, write_table
from coterie.cli.source import Target, open_source

retention = typer.Typer(help="How long what is kept, and removing what is too old.", no_args_is_help=True)


@retention.command("list")
def list_retention(
    workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False
) -> None:
    """List the classes with their days, and what would go now."""
    with open_source(Target(data, url, key, workspace)) as api:
        found = api.get("/retention")
    if as_json:
        write_json(found)
        return
    _table(found["items"])


@retention.command("preview")
def preview_retention(
    name: Annotated[str, typer.Argument(help="The class, as `coterie retention list` names it.")],
    days: Annotated[int, typer.Option("--days", help="Older than so many days would go.", min=1)],
    action: Annotated[str, typer.Option("--action", help="For people: delete or erase.")] = "",
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Tell what a rule would remove now; changes nothing."""
    with open_source(Target(data, url, key, workspace)) as api:
        found = api.post("/retention/preview", {"name": name, "days": days, "action": action or None})
    if as_json:
        write_json(found)
        return
    facts = {each: found[each] for each in ("name", "days", "action", "rows", "people", "oldest")}
    facts["sample"] = ", ".join(str(each) for each in found["sample"])
    write_facts({each: value for each, value in facts.items() if value not in (None, "")})
    if found["paused"]:
        write_line("A legal hold keeps all of it.")


@retention.command("run")
def run_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Start a job that removes what is too old, by the rules and defaults; otherwise it is done once a day."""
    with open_source(Target(data, url, key, workspace)) as api:
        if not dry_run:
            job = api.post("/retention/run", {})
        else:
            found = [row for row in api.get("/retention")["items"] if row["now"] and row["now"]["rows"]]
    if as_json:
        write_json({"items": found} if dry_run else job)
    elif not dry_run:
        write_line(f"Started {job['id']}; see it with `coterie jobs show {job['id']}`.")
    elif found:
        _table(found)
    else:
        write_line("Nothing is too old.")


def _table(items: list[dict[str, Any]]) -> None:
    rows = [
        [
            row["name"],
            "for ever" if row["days"] is None else row["days"],
            "rule" if row["rule"] else "default",
            (row["rule"] or {"action": row["actions"][0]})["action"],
            _going(row["now"]),
        ]
        for row in items
    ]
    write_table(["class", "days", "by", "then", "would go now"], rows)


def _going(now: dict[str, Any] | None) -> str:
    if now is None:
        return ""
    return "held" if now["paused"] else f"{now['rows']:,}"
