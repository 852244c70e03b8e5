"""The tests' own guard: nothing but this machine can be reached."""

import socket

import pytest


def test_it_works() -> None:
    with socket.socket() as listener, socket.socket() as caller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        caller.connect(listener.getsockname())


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "example.org"])
def test_other_machines_are_out_of_reach(address: str) -> None:
    with socket.socket() as caller, pytest.raises(RuntimeError, match="must not reach the network"):
        caller.connect((address, 80))
