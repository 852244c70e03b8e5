"""What a row is given: the filled folder of its size, and a server on it that rows share."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.folder import Filled, filled
from bench.server import Server

Figures = dict[str, float]


@dataclass
class Run:
    """One size being measured. `seconds` is how long rows of load go on."""

    size: str
    seconds: float = 60.0
    _filled: Filled | None = None
    _server: Server | None = field(default=None, repr=False)

    @property
    def filled(self) -> Filled:
        """The filled folder: rows that write take a copy."""
        if self._filled is None:
            self._filled = filled(self.size)
        return self._filled

    @property
    def server(self) -> Server:
        """The server on the filled folder; started on first use."""
        if self._server is None:
            server = Server(self.filled)
            server.launch()
            server.wait()
            self._server = server
        return self._server

    def close(self) -> None:
        """Stop the server, so that the folder is free."""
        if self._server is not None:
            self._server.stop()
            self._server = None
