"""The command that fills a workspace with real purchases, through the same door as any shop's server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import Annotated, Final

import typer

from coterie.cli.cdnow import CUSTOMERS, Purchase, load_purchases
from coterie.cli.folder import Folder, data_folder, write_private
from coterie.cli.founding import found_workspace
from coterie.cli.options import Data, Host, Json, Port
from coterie.cli.output import note, progress_bar, write_facts, write_json
from coterie.cli.serving import run_server
from coterie.cli.source import Api, in_process
from coterie.cli.stores import held, ready_database, set_up
from coterie.kit.environment import is_embedded
from coterie.kit.errors import Conflict, CoterieError

WORKSPACE: Final = "demo"
EMAIL: Final = "demo@example.com"
ZONE: Final = "America/New_York"
SEED: Final = 1997
LOGIN: Final = "demo.json"
# Working in everything takes about as long as sending it; after this without any progress, something is wrong.
STUCK_SECONDS: Final = 120.0

SEGMENTS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "Several purchases or a high total",
        'did "purchase" at least 3 times or sum of amount over "purchase" > 500',
        "Worth keeping: they come back, or spend a lot.",
    ),
    ("New York", 'city is "New York"', "Everyone who lives there."),
    (
        "Valuable New Yorkers",
        'in segment "New York" and in segment "Several purchases or a high total"',
        "A segment made of two others.",
    ),
    ("Bought once", 'did "purchase" exactly 1 times', "Never came back."),
    ("VIP or beta", 'tags has any of ("vip", "beta")', "Picked by hand."),
    ("Paying plans", 'plan is one of ("plus", "pro")', "On a plan that costs something."),
    ("May be written to", "marketing_consent is true and email is known", "Agreed, and reachable."),
    ("Speaks another language", 'language is not "English"', "Also people whose language is not known."),
    (
        "Spends without an address",
        'sum of amount over "purchase" > 200 and email is unknown',
        "Good customers who can't be written to.",
    ),
    ("Talked to the bot this week", 'did "chat started" in the last 7 days', "People enter and leave with the clock."),
)
# Made last: where it is, the demo is complete.
PANEL: Final = "First customers"
PANEL_SIZE: Final = 100


@dataclass(frozen=True)
class Login:
    """How to get into the demo. Kept in a private file of the folder, so that a second run can say it again."""

    email: str
    password: str
    write_key: str
    secret_key: str
    customers: int


def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Keep serving when the demo is filled.")] = False,
    size: Annotated[int, typer.Option("--size", min=1, max=CUSTOMERS, help="How many of the customers.")] = CUSTOMERS,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Fill the workspace `demo` with 23,570 customers and their real purchases. A second run finds it filled."""
    folder = data_folder(data)
    if not is_embedded():
        raise typer.BadParameter("The demo is for an embedded installation: unset COTERIE_CLICKHOUSE_URL.")
    login, filled = _prepare(folder, size)
    if filled:
        note("The demo is filled.")
        _show(login, f"http://{host}:{port}" if serve else None, as_json=as_json)
        if serve:
            run_server(folder, host=host, port=port)
        return
    _need_extras()
    purchases = [each for each in load_purchases(folder.path / "cache") if int(each.customer) <= login.customers]
    filling = _filling(login, purchases, keep_serving=serve, as_json=as_json)
    run_server(folder, host=host, port=port if serve else 0, beside=filling)


def _prepare(folder: Folder, size: int) -> tuple[Login, bool]:
    """The login, and whether the demo is complete; the workspace is made when it is not there."""
    with held(folder):
        set_up(log_level="INFO")
        ready_database()
        from django.db import connections

        from coterie.accounts.queries import workspace_by_slug
        from coterie.segments.models import Segment

        try:
            workspace = workspace_by_slug(WORKSPACE)
            if workspace is None:
                login = _found(folder, size)
                return login, False
            login = _kept(folder)
            return login, Segment.objects.of(workspace).filter(name=PANEL, deleted_at=None).exists()
        finally:
            connections.close_all()


def _found(folder: Folder, size: int) -> Login:
    made = found_workspace(slug=WORKSPACE, name="Demo: a CD shop", email=EMAIL, password="", timezone=ZONE)
    login = Login(made.user, made.password or "(unchanged)", made.write_key, made.secret_key, size)
    write_private(folder.path / LOGIN, json.dumps(asdict(login), indent=2))
    return login


def _kept(folder: Folder) -> Login:
    try:
        return Login(**json.loads((folder.path / LOGIN).read_text()))
    except (OSError, ValueError, TypeError):
        raise Conflict(
            f"There is a workspace {WORKSPACE!r} that this command did not make, or {folder.path / LOGIN} is gone. "
            "Use another folder with --data."
        ) from None


def _filling(login: Login, purchases: list[Purchase], *, keep_serving: bool, as_json: bool) -> Callable[[str], bool]:
    def fill(url: str) -> bool:
        from coterie.cli.demo_chats import demo_chats
        from coterie.cli.demo_people import demo_people
        from coterie.cli.demo_sender import send_through_sdk

        people = demo_people(SEED, count=login.customers)
        # A second try after one that broke off sends the very same, which counts once.
        chats = list(demo_chats(SEED, count=login.customers, until=_made_at()))
        with progress_bar("Sending customers, purchases and chats") as report:
            sent = send_through_sdk(
                url, login.write_key, people=people, purchases=purchases, chats=chats, progress=report
            )
        _wait_until_worked_in()
        with in_process() as send:
            _make_segments(Api(send, WORKSPACE))
        note(f"The demo is filled: {sent.people:,} customers and their {sent.purchases:,} purchases, which are real.")
        note(f"Made up: their names, places, tags and plans, and {sent.chats:,} chats with a bot.")
        _show(login, url if keep_serving else None, as_json=as_json)
        return keep_serving

    return fill


def _made_at() -> datetime:
    """When the demo's workspace was made."""
    from coterie.accounts.queries import workspace_by_slug

    workspace = workspace_by_slug(WORKSPACE)
    assert workspace is not None
    return workspace.created_at


def _wait_until_worked_in() -> None:
    from coterie.web.readiness import backlog, lags

    most = backlog()
    last, changed = -1, time.monotonic()
    with progress_bar("Working them in") as report:
        while True:
            waiting = backlog()
            if not waiting and not lags():
                return
            report(max(0, most - waiting), most)
            if waiting != last:
                last, changed = waiting, time.monotonic()
            elif time.monotonic() - changed > STUCK_SECONDS:
                raise CoterieError(f"{waiting:,} events wait and nothing moves. See the log above.", code="stuck")
            time.sleep(0.2)


def _make_segments(api: Api) -> None:
    there = {item["name"] for item in api.get("/segments")["items"]}
    for name, where, description in SEGMENTS:
        if name not in there:
            api.post("/segments", {"name": name, "where": where, "description": description})
    page = api.pages("/people", limit=PANEL_SIZE, sort="first_seen")
    numbers = [item["number"] for item in page["items"]]
    api.post("/segments", {"name": PANEL, "kind": "static", "people": numbers, "description": "A fixed list."})


def _show(login: Login, url: str | None, *, as_json: bool) -> None:
    facts = {
        "url": url,
        "workspace": WORKSPACE,
        "user": login.email,
        "password": login.password,
        "write_key": login.write_key,
        "secret_key": login.secret_key,
    }
    if as_json:
        write_json(facts)
        return
    facts["url"] = url or "start it with `coterie serve`"
    write_facts({name.replace("_", " "): value for name, value in facts.items()})


def _need_extras() -> None:
    missing = [name for name in ("faker", "segment") if find_spec(name) is None]
    if missing:
        raise CoterieError(
            f"The demo needs {' and '.join(missing)}: pip install 'coterie[demo]'.",
            code="demo_extra_missing",
        )
