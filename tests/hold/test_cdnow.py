"""Real purchases: the whole CDNOW file through a stock SDK into a running server, against an independent answer."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd  # type: ignore[import-untyped]
import pytest

from coterie.cli.cdnow import CUSTOMERS, PURCHASES, load_purchases
from coterie.cli.demo_sender import EVENT, Sent, send_through_sdk
from tests.hold.program import HOST, Home
from tests.support.cdnow_file import CACHE, published_file
from tests.support.ports import free_port

pytestmark = [pytest.mark.sdk, pytest.mark.timeout(900)]
SEVERAL_OR_MUCH = f'did "{EVENT}" at least 3 times or sum of amount over "{EVENT}" > 100'


class Story(NamedTuple):
    """What was sent, and what the server says of it."""

    sent: Sent
    totals: dict[str, int]
    segment: dict[str, Any]
    history: dict[str, Any]
    facts: dict[str, Any]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The published file, read by pandas alone."""
    file = published_file()
    names = ["customer", "day", "cds", "amount"]
    return pd.read_csv(file, sep=r"\s+", header=None, names=names, skiprows=1, dtype={"customer": str})


@pytest.fixture(scope="module")
def story(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Story:
    home = Home(tmp_path_factory.mktemp("cdnow") / "data")
    home.found()
    server = home.serve(free_port())
    try:
        server.wait_ready()
        # It is there before any purchase, and before anyone knows of purchases.
        made = server.api("POST", "/segments", {"name": "several or much", "where": SEVERAL_OR_MUCH})
        assert (made.status, made.body["size"]) == (201, 0), made
        url = f"http://{HOST}:{server.port}"
        sent = send_through_sdk(url, home.write_key, people=[], purchases=load_purchases(CACHE))
        server.wait_projected(240)
        path = f"/segments/{made.body['id']}"
        totals = {where: server.count(where) for where in ("", f'did "{EVENT}" at least 3 times', SEVERAL_OR_MUCH)}
        segment, history = server.api("GET", path).body, server.api("GET", f"{path}/history").body
        assert server.stop() == 0
    finally:
        server.close()
    return Story(sent, totals, segment, history, home.facts())


def test_it_works(table: pd.DataFrame, story: Story) -> None:
    assert len(table) == PURCHASES == story.sent.purchases
    assert story.facts["problems"] == []
    assert story.totals[""] == table["customer"].nunique() == CUSTOMERS


def test_every_purchase_is_there_once(story: Story) -> None:
    for store in ("log_events", "index_events"):
        assert len(story.facts[store]) == PURCHASES
        assert set(story.facts[store].values()) == {1}


def test_the_segment_is_what_pandas_says(table: pd.DataFrame, story: Story) -> None:
    # In cents, so that sums are exact.
    table = table.assign(cents=(table["amount"] * 100).round().astype("int64"))
    customers = table.groupby("customer").agg(times=("cents", "size"), cents=("cents", "sum"))
    several = customers["times"] >= 3
    either = several | (customers["cents"] > 10_000)
    assert story.totals[f'did "{EVENT}" at least 3 times'] == int(several.sum())
    assert story.totals[SEVERAL_OR_MUCH] == story.segment["size"] == int(either.sum())


def test_everyone_entered_once_and_nobody_left(story: Story) -> None:
    """Purchases only add up, so a member has one transition."""
    assert (story.history["entered"], story.history["left"]) == (story.segment["size"], 0)
