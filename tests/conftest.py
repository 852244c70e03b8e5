"""What holds for every test: no network but this machine, and the shared world of users and keys."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from coterie.kit import collector
from tests.support.clearing import clear_index
from tests.support.handlers import one_chain
from tests.support.world import World, make_world

collector.calm()
# A machine that is busy may stall anywhere: an example that takes long is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_LOCAL = ("127.", "::1", "localhost")


def _guarded(real: Any) -> Any:
    def connect(self: socket.socket, address: Any, *args: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOCAL):
            raise RuntimeError(f"tests must not reach the network: {address!r}")
        return real(self, address, *args)

    return connect


def pytest_collection_finish() -> None:
    """Thousands of tests lie in memory from now on, and no collection has to look at them."""
    collector.leave_loaded()


@pytest.fixture(scope="session", autouse=True)
def _closed_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_chain() -> Iterator[None]:
    with one_chain():
        yield


@pytest.fixture(scope="module")
def cleared_index() -> None:
    """The index without what other files' tests left there."""
    clear_index()


@pytest.fixture
def world(db: None) -> World:
    """Alice, Bob, Vera and Charlie with their workspaces and keys."""
    return make_world()
