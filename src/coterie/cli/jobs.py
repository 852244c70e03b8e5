"""Commands for long tasks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from coterie.cli.options import Data, Json, Key, Slug, Url
from coterie.cli.output import write_facts, write_json, write_line, write_table
from coterie.cli.source import Target, open_source

jobs = typer.Typer(help="Long tasks: imports, exports and the like.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="Id of the job (job_...).")]


@jobs.command("list")
def list_jobs(
    state: Annotated[
        str, typer.Option("--state", help="Only these: open, queued, running, done, failed or cancelled.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", help="How many to show.", min=1, max=10_000)] = 50,
    workspace: Slug = "",
    data: Data = None,
    url: Url = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List jobs with their progress, newest first."""
    with open_source(Target(data, url, key, workspace), index=False) as api:
        found = api.pages("/jobs", limit=limit, most=200, state=state)
    if as_json:
        write_json(found)
        return
    rows = [[job["id"], job["title"], _state(job), _progress(job), job["created_at"][:19]] for job in found["items"]]
    write_table(["job", "what", "state", "progress", "started"], rows)


@jobs.command("show")
def show_job(
    job: JobId, workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False
) -> None:
    """Show one job: progress, outcome, files."""
    with open_source(Target(data, url, key, workspace), index=False) as api:
        found = api.get(f"/jobs/{job}")
    _show(found, as_json=as_json)


@jobs.command("cancel")
def cancel_job(
    job: JobId, workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False
) -> None:
    """Stop a job at its next checkpoint; what it has done so far stays."""
    with open_source(Target(data, url, key, workspace), index=False) as api:
        found = api.post(f"/jobs/{job}/cancel", {})
    _show(found, as_json=as_json)


@jobs.command("retry")
def retry_job(
    job: JobId, workspace: Slug = "", data: Data = None, url: Url = "", key: Key = "", as_json: Json = False
) -> None:
    """Let a job that failed or was cancelled go on where it was."""
    with open_source(Target(data, url, key, workspace), index=False) as api:
        found = api.post(f"/jobs/{job}/retry", {})
    _show(found, as_json=as_json)


def _state(job: dict[str, Any]) -> str:
    return "being cancelled" if job["cancelling"] else str(job["state"])


def _progress(job: dict[str, Any]) -> str:
    progress = job["progress"]
    text = f"{progress['done']:,}"
    if progress["total"] is not None:
        text += f" of {progress['total']:,}"
    text += f" {job['unit']}"
    if progress["seconds_left"]:
        text += f", {progress['seconds_left']:,} s left"
    return text


def _show(job: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        write_json(job)
        return
    facts = {"job": job["id"], "what": job["title"], "state": _state(job), "progress": _progress(job)}
    facts |= {name: job[name] for name in ("phase", "error", "by", "created_at", "finished_at")}
    facts |= job["result"].get("counts", {}) | {"undo": job["result"].get("undo")}
    write_facts({name: value for name, value in facts.items() if value not in (None, "")})
    for file in job["files"]:
        write_line(f"file {file['id']} {file['name']}, {file['size']:,} bytes")
