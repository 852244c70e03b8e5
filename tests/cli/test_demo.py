"""The demo is filled through the server's own door, once."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coterie.cli import cdnow
from coterie.cli.demo import PANEL, SEED, SEGMENTS
from coterie.cli.demo_chats import demo_chats
from tests.cli.running import Installation, Server
from tests.support.cdnow_file import published_file

pytestmark = pytest.mark.timeout(600)


def test_a_small_demo_is_filled_once(tmp_path: Path) -> None:
    published = published_file()
    mine = Installation(tmp_path / "data")
    (mine.folder / "cache").mkdir(parents=True)
    shutil.copy(published, mine.folder / "cache")
    purchases = [each for each in cdnow.load_purchases(published.parent) if int(each.customer) <= 60]

    first = mine.run("demo", "--size", "60")
    again = mine.run("demo", "--size", "60")

    chats = list(demo_chats(SEED, count=60, until=datetime.now(UTC)))
    assert f"60 customers and their {len(purchases)} purchases, which are real" in first.err
    assert f"and {len(chats)} chats with a bot" in first.err
    assert "The demo is filled." in again.err
    assert again.out.splitlines()[1:] == first.out.splitlines()[1:]
    told = mine.run("demo", "--size", "60", "--json").json
    assert (told["url"], told["workspace"]) == (None, "demo")
    assert all(f" {told[name]}\n" in first.out for name in ("user", "password", "write_key", "secret_key"))
    assert mine.run("count", "--json").json["total"] == 60
    listed = {item["name"]: item for item in mine.run("segments", "list", "--json").json["items"]}
    assert set(listed) == {PANEL, *(name for name, _, _ in SEGMENTS)}
    assert [name for name, item in listed.items() if item["broken"]] == []
    by_customer: dict[str, list[float]] = {}
    for purchase in purchases:
        by_customer.setdefault(purchase.customer, []).append(purchase.amount)
    regular = [amounts for amounts in by_customer.values() if len(amounts) >= 3 or sum(amounts) > 500]
    assert listed["Several purchases or a high total"]["size"] == len(regular)
    talked = {chat.customer for chat in chats}
    assert mine.run("count", "--where", 'did "chat started" at least 1 times', "--json").json["total"] == len(talked)
    assert 0 < listed["Talked to the bot this week"]["size"] < len(talked) < 60
    assert listed["Bought once"]["size"] == sum(len(amounts) == 1 for amounts in by_customer.values())

    # Also where nobody sits at a terminal, the login is told while the server runs.
    server = Server(mine, ("demo", "--serve", "--port", "0"), {})
    try:
        server.wait_until_up()
        assert re.findall(r"^(user|password|write key|secret key) +\S", server.log(), re.MULTILINE) == [
            "user",
            "password",
            "write key",
            "secret key",
        ]
        assert server.stop() == 0
    finally:
        server.end()
