"""A mail server on this machine: takes what is sent and keeps it."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import NamedTuple


class Delivered(NamedTuple):
    """One mail: from whom, to whom, and what it is."""

    sender: str
    to: list[str]
    message: Message


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        sender, to = "", []
        self._say("220 here")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            word = line.upper()
            if word == "QUIT":
                self._say("221 bye")
                return
            if word == "DATA":
                self._say("354 go on")
                lines = []
                while (row := self.rfile.readline()) != b".\r\n":
                    lines.append(row[1:] if row.startswith(b"..") else row)
                self.server.mails.append(Delivered(sender, to, email.message_from_bytes(b"".join(lines))))
                sender, to = "", []
            elif word.startswith("MAIL FROM:"):
                sender = _address(line)
            elif word.startswith("RCPT TO:"):
                to.append(_address(line))
            self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def _address(line: str) -> str:
    return line[line.index("<") + 1 : line.index(">")]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[Delivered] = []


@contextmanager
def smtp_server() -> Iterator[tuple[int, list[Delivered]]]:
    """The port of a server that runs meanwhile, and the mails that it got."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], server.mails
        finally:
            server.shutdown()
            thread.join()
