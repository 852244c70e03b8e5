"""What commands say: tables or JSON on stdout; notes, errors and progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

Report = Callable[[int, int], None]
_NO_END = 1_000_000


def write_json(value: Any) -> None:
    """A value as indented JSON; there at once, also from a server that goes on running."""
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.write(data.decode())
    sys.stdout.flush()


def write_line(text: str = "") -> None:
    """A line as it is."""
    sys.stdout.write(f"{text}\n")


def write_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
    """Rows under their columns; when stdout is no terminal, plain and with nothing cut off."""
    console = Console(highlight=False)
    plain = not console.is_terminal
    table = Table(title=title, title_justify="left", header_style="bold", box=None if plain else box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(escape(column), overflow="fold")
    for row in rows:
        table.add_row(*(escape(shown(value)) for value in row))
    if plain:
        console = Console(highlight=False, width=Console(width=_NO_END).measure(table).maximum)
    console.print(table)


def write_facts(facts: Mapping[str, Any]) -> None:
    """Names and values in two columns; there at once, also in a log of a server that goes on running."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        write_line(f"{name.ljust(width)}  {shown(value)}")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line on stderr that is no error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def shown(value: Any) -> str:
    """A value in a cell of a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shown(item)}" for name, item in value.items())
    # A terminal obeys control characters: text of visitors must not reach it as such.
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in str(value))


@contextmanager
def progress_bar(title: str, *, of_bytes: bool = False) -> Iterator[Report]:
    """A bar on stderr while the block runs, which calls it with (done, total). No bar where there is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn() if of_bytes else MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
