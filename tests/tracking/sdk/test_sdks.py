"""Six stock SDKs with nothing changed but the host, through a proxy that fails on purpose: counted exactly afterwards.

Each SDK sends one batch of EVENTS events and four more calls (see python_sdks.py). Whatever is retried counts once;
what an SDK gives up on is not there, and is asked for once only: nothing loops.

SDKs wait before they try again, up to some seconds: all visits of the chosen tests are made side by side, each through
a proxy and into a workspace of its own, and looked at afterwards.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_proxy import FaultProxy, Request
from tests.support.tracking_server import TrackingServer
from tests.tracking.sdk.python_sdks import SDKS as PYTHON

# The first test makes the visits of all: its time is theirs.
pytestmark = [pytest.mark.sdk, pytest.mark.timeout(900)]

EVENTS = 25
CALLS = EVENTS + 3
ROOT = Path(__file__).parents[3]
NODE_PROJECT = Path(__file__).parent / "node"
NODE = ("segment-node", "rudderstack-node", "posthog-node")
SDKS = (*PYTHON, *NODE)

RETRIED = {
    "nothing": [],
    "500": ["500"],
    "503": ["503"],
    "429": ["429"],
    "many": ["500", "503", "429"],
    "refused": ["refuse"],
    "reset after commit": ["reset"],
    "cut after commit": ["cut"],
    "reset, then 503": ["reset", "503"],
}
GIVEN_UP = {"400": ["400"], "413": ["413"]}
UNKNOWN_KEY = "unknown key"
SCRIPTS = RETRIED | GIVEN_UP | {UNKNOWN_KEY: []}
AT_ONCE = 8
# PostHog's Node client halves a batch that is too large and sends the halves.
SPLITS = {"posthog-node"}
# RudderStack's Node client ends the process with an uncaught error.
MAY_END_BADLY = {"rudderstack-node"}


@pytest.fixture(scope="module")
def node_modules() -> str:
    """The Node SDKs, installed once into a cache folder outside the repository; skips without Node 20."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("needs Node 20 and npm")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", version)[0]) < 20:
        pytest.skip(f"needs Node 20, found {version.strip()}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coterie" / "node-sdks"
    lock = (NODE_PROJECT / "package-lock.json").read_text()
    done = cache / "installed"
    if not done.exists() or done.read_text() != lock:
        cache.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_PROJECT / name, cache / name)
        installed = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=cache,
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode:
            pytest.skip(f"the Node SDKs could not be installed: {installed.stderr[-300:]}")
        done.write_text(lock)
    return str(cache)


@dataclass(frozen=True)
class Visit:
    """What became of one visit: how its program ended, what the proxy saw, and what is in the workspace afterwards."""

    done: subprocess.CompletedProcess[str]
    requests: list[Request]
    found: dict[str, Any]


@pytest.fixture(scope="module")
def visits(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[tuple[str, str], Visit]]:
    """The visits of all chosen tests of this file, by SDK and faults, to the endpoints as operators run them."""
    chosen = {
        (call.params["sdk"], call.params.get("faults", UNKNOWN_KEY))
        for item in request.session.items
        if item.path == Path(__file__) and (call := getattr(item, "callspec", None)) is not None
    }
    modules = request.getfixturevalue("node_modules") if any(sdk in NODE for sdk, _ in chosen) else ""
    server = TrackingServer(tmp_path_factory.mktemp("sdk"), workspaces=len(chosen))
    try:
        server.start()
        places = {one: server.take() for one in sorted(chosen)}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            made = {one: pool.submit(visit, server, *one, key, modules) for one, (_, key) in places.items()}
        found = server.count_each([slug for slug, _ in places.values()])
        yield {one: Visit(*made[one].result(), found[slug]) for one, (slug, _) in places.items()}
    finally:
        server.stop()


def visit(
    server: TrackingServer, sdk: str, faults: str, key: str, modules: str
) -> tuple[subprocess.CompletedProcess[str], list[Request]]:
    """Run one SDK's visit to its end."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment |= {"SDK_KEY": "wk_" + "x" * 43 if faults == UNKNOWN_KEY else key, "SDK_EVENTS": str(EVENTS)}
    environment["SDK_MODULES"] = modules
    if sdk in NODE:
        command = ["node", str(NODE_PROJECT / "sdks.mjs"), sdk]
    else:
        command = [sys.executable, "-m", "tests.tracking.sdk.python_sdks", sdk]
    with FaultProxy(server.url, SCRIPTS[faults]) as proxy:
        environment["SDK_HOST"] = proxy.url
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False
        )
    return done, proxy.requests


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize("faults", RETRIED)
def test_everything_arrives_once(visits: dict[tuple[str, str], Visit], sdk: str, faults: str) -> None:
    made = visits[sdk, faults]
    found = made.found
    assert made.done.returncode == 0, made.done.stderr
    taken = [one for one in made.requests if one.status is not None]
    assert {one.status for one in taken} == {200}
    assert found["quarantined"] == []
    assert (found["ids"], found["conflicts"]) == (CALLS, 0)
    # The faults were met, and every call that came a second time was told apart. (Half an answer is enough for the
    # Python clients, when the half has the status in it: they do not send again.)
    assert [one.fault for one in made.requests if one.fault != "pass"] == RETRIED[faults]
    assert found["duplicates"] == sum(_calls_of(one) for one in taken) - CALLS
    assert found["duplicates"] > 0 or "reset" not in RETRIED[faults]
    _check_visit(found)


def _check_visit(found: dict) -> None:  # type: ignore[type-arg]
    (person,) = found["people"]
    assert (person["user_id"], person["plan"]) == ("u1", "pro")
    bought = sorted(number for name, kind, number, _ in found["events"] if (name, kind) == ("bought", "track"))
    assert bought == list(range(EVENTS))
    assert [name for name, kind, *_ in found["events"] if kind == "page"] == ["page"]
    assert len(found["events"]) == EVENTS + 1


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize("faults", GIVEN_UP)
def test_what_is_refused_is_given_up_and_does_not_loop(
    visits: dict[tuple[str, str], Visit], sdk: str, faults: str
) -> None:
    made = visits[sdk, faults]
    assert made.done.returncode == 0 or sdk in MAY_END_BADLY, made.done.stderr
    refused = next(one for one in made.requests if one.fault == faults)
    if faults == "413" and sdk in SPLITS:
        assert made.found["ids"] == CALLS
        return
    again = [one for one in made.requests if one is not refused and one.body == refused.body]
    assert again == []
    # Of what was refused nothing is stored, and what was sent beside it is.
    others = [one for one in made.requests if one is not refused]
    assert refused.status is None
    assert {one.status for one in others} <= {200, None}
    answered = sum(_calls_of(one) for one in others if one.status == 200)
    assert answered <= made.found["ids"] <= sum(_calls_of(one) for one in others)
    assert made.found["quarantined"] == []
    # Only a client that has ended badly may have kept calls to itself.
    assert made.found["ids"] + _calls_of(refused) == CALLS or made.done.returncode != 0


def _calls_of(request: Request) -> int:
    """How many calls a request holds."""
    packed = request.body.startswith(b"\x1f\x8b")
    return len(json.loads(gzip.decompress(request.body) if packed else request.body)["batch"])


@pytest.mark.parametrize("sdk", SDKS)
def test_an_unknown_key_is_told_once(visits: dict[tuple[str, str], Visit], sdk: str) -> None:
    requests = visits[sdk, UNKNOWN_KEY].requests
    assert {one.status for one in requests} == {401}
    assert len({one.body for one in requests}) == len(requests)
