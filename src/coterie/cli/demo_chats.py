"""Made-up chats of the demo's customers, the same for the same seed: the CDNOW shop of 1997 had no bot."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

EVENT: Final = "chat started"
# How many of the customers have talked to the bot at all, and to whom each further chat is likely.
SHARE: Final = 0.3
AGAIN: Final = 0.4
MOST: Final = 6
# How long ago, in days: most chats are of the last weeks.
MEAN_DAYS: Final = 12.0
MOST_DAYS: Final = 60.0
CHANNELS: Final = (("webchat", 45), ("telegram", 25), ("whatsapp", 20), ("messenger", 10))
TOPICS: Final = (("delivery", 30), ("recommendation", 25), ("availability", 20), ("return", 15), ("invoice", 10))
# The share of chats that an agent took over from the bot.
BY_AGENT: Final = 0.3


class Chat(NamedTuple):
    """One chat as the event that a bot sends when it begins; `customer` is the number in the file."""

    customer: str
    at: datetime
    message_id: str
    properties: dict[str, Any]


def demo_chats(seed: int, *, count: int, until: datetime) -> Iterator[Chat]:
    """Chats of customers 1 to `count` in the 60 days before `until`, by customer and time.

    Who talks, where and about what is chosen by the seed alone; `until` only moves all of it in time.
    """
    choose = random.Random(seed)  # noqa: S311 - made-up chats, no secrets
    for number in range(1, count + 1):
        if choose.random() >= SHARE:
            continue
        chats = 1
        while chats < MOST and choose.random() < AGAIN:
            chats += 1
        ages = sorted((min(choose.expovariate(1 / MEAN_DAYS), MOST_DAYS) for _ in range(chats)), reverse=True)
        # Most people stay on the channel where they began.
        channel = _one_of(choose, CHANNELS)
        for at, days in enumerate(ages, start=1):
            customer = f"{number:05d}"
            properties = {
                "channel": channel,
                "topic": _one_of(choose, TOPICS),
                "messages": choose.randint(2, 14),
                "handled_by": "agent" if choose.random() < BY_AGENT else "bot",
            }
            yield Chat(customer, until - timedelta(days=days), f"demo-chat-{customer}-{at}", properties)


def _one_of(choose: random.Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return choose.choices([name for name, _ in weighted], weights=[weight for _, weight in weighted])[0]
