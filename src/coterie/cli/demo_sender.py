"""Sends the demo's people and purchases to a running Coterie with a stock Segment SDK, as a shop's own server would."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit

from coterie.cli import demo_chats
from coterie.cli.cdnow import Purchase
from coterie.cli.demo_chats import Chat
from coterie.cli.demo_people import Traits
from coterie.kit.errors import CoterieError

EVENT = "purchase"
# The SDK drops silently what does not fit its queue, so no more than this is put there before it is flushed.
CHUNK = 5_000
UPLOAD_SIZE = 100
MAX_RETRIES = 6
MAX_WAIT_SECONDS = 120

Progress = Callable[[int, int], None]


class DemoNotSent(CoterieError):
    """The server did not take all of the demo's data; sending it again adds only what is missing."""

    status = 503
    default_code = "demo_not_sent"


@dataclass(frozen=True)
class Sent:
    """What the server has answered 200 for."""

    people: int
    purchases: int
    chats: int = 0


@dataclass
class _Failures:
    count: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, error: Exception, items: Sequence[object]) -> None:
        self.count += len(items)
        self.reasons.append(str(error))


def send_through_sdk(
    host: str,
    write_key: str,
    *,
    people: Iterable[Traits],
    purchases: Sequence[Purchase],
    chats: Sequence[Chat] = (),
    progress: Progress | None = None,
) -> Sent:
    """Identify every person, then send the purchases in the order of their days, then the chats.

    Returns when all are acknowledged.

    `people` are the traits of customers 1, 2, 3 ...; `progress(done, total)` is called now and then. Message ids are
    made from the rows, so a second run adds nothing. Needs the extra `demo`; raises DemoNotSent.
    """
    failures = _Failures()
    client = _client(host, write_key, failures)
    total, done = len({purchase.customer for purchase in purchases}) + len(purchases) + len(chats), 0
    counts = {"identify": 0, EVENT: 0, demo_chats.EVENT: 0}
    calls = chain(_calls(people, purchases), map(_chat, chats))
    try:
        while chunk := list(islice(calls, CHUNK)):
            for kind, arguments in chunk:
                getattr(client, kind)(**arguments)
                counts[arguments.get("event", kind)] += 1
            client.flush()
            if failures.count:
                raise DemoNotSent(f"{host} did not take {failures.count:,} of the demo's calls: {failures.reasons[0]}")
            done += len(chunk)
            if progress is not None:
                progress(done, max(total, done))
    finally:
        client.join()
    return Sent(people=counts["identify"], purchases=counts[EVENT], chats=counts[demo_chats.EVENT])


def _client(host: str, write_key: str, failures: _Failures) -> Any:
    from segment.analytics.client import Client  # an extra: a server without the demo has none

    return Client(
        write_key,
        host=host,
        gzip=True,
        max_queue_size=CHUNK,
        upload_size=UPLOAD_SIZE,
        max_retries=MAX_RETRIES,
        max_total_backoff_duration=MAX_WAIT_SECONDS,
        max_rate_limit_duration=MAX_WAIT_SECONDS,
        on_error=failures.add,
        # The demo's server is on this machine: a proxy for the outer world does not lead to it.
        proxies={"no_proxy": urlsplit(host).hostname},
    )


def _calls(people: Iterable[Traits], purchases: Sequence[Purchase]) -> Iterator[tuple[str, dict[str, Any]]]:
    first_seen: dict[str, datetime] = {}
    for purchase in purchases:
        first_seen[purchase.customer] = min(purchase.at, first_seen.get(purchase.customer, purchase.at))
    for number, traits in enumerate(people, start=1):
        customer = f"{number:05d}"
        yield (
            "identify",
            {
                "user_id": customer,
                "traits": traits,
                # Known since the first purchase: the person was not seen on the day the demo was made.
                "timestamp": first_seen.get(customer),
                "message_id": f"cdnow-person-{customer}",
            },
        )
    # The file is by customer; a shop sells by day. Equal days keep the file's order.
    rows = sorted(enumerate(purchases, start=1), key=lambda row: row[1].day)
    for row, purchase in rows:
        yield (
            "track",
            {
                "user_id": purchase.customer,
                "event": EVENT,
                "properties": {"amount": purchase.amount, "cds": purchase.cds, "currency": "USD"},
                "timestamp": purchase.at,
                "message_id": f"cdnow-purchase-{row}",
            },
        )


def _chat(chat: Chat) -> tuple[str, dict[str, Any]]:
    return (
        "track",
        {
            "user_id": chat.customer,
            "event": demo_chats.EVENT,
            "properties": chat.properties,
            "timestamp": chat.at,
            "message_id": chat.message_id,
        },
    )
