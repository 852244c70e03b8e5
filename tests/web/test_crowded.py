"""One request too many is told to come back, in the shape of every error."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from coterie.web.limits import crowded


async def _story(most: int, requests: int) -> list[list[Mapping[str, Any]]]:
    """What each of these requests is sent, when all come before the first is answered."""
    answered: list[list[Mapping[str, Any]]] = [[] for _ in range(requests)]
    gate = asyncio.Event()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    served = crowded(app, most=most)

    async def one(number: int) -> None:
        async def send(message: Mapping[str, Any]) -> None:
            answered[number].append(message)

        await served({"type": "http", "path": "/", "headers": []}, None, send)  # type: ignore[arg-type]

    tasks = [asyncio.create_task(one(number)) for number in range(requests)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    # There is room again.
    answered.append([])
    await one(requests)
    return answered


def test_it_works() -> None:
    answered = asyncio.run(_story(most=2, requests=3))
    assert [messages[0]["status"] for messages in answered] == [200, 200, 503, 200]
    refused = answered[2]
    assert (b"retry-after", b"1") in refused[0]["headers"]
    assert json.loads(refused[1]["body"])["code"] == "busy"
