"""Commands that run until they are told to stop: the server, and the worker of the server shape."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final

import typer
import uvicorn

from coterie.cli.folder import Folder, data_folder, new_local_token
from coterie.cli.options import Data, Host, Port
from coterie.cli.output import note
from coterie.cli.stores import held, ready_database, set_up
from coterie.kit.environment import is_embedded
from coterie.kit.errors import Conflict, CoterieError

if TYPE_CHECKING:
    from coterie.web.streams import Streams

# Running requests, streams too; one more is answered 503.
MOST_REQUESTS: Final = 4_000
SECONDS_TO_FINISH: Final = 10

Beside = Callable[[str], bool]
"""Runs in a thread beside the server, with its address; the server goes on afterwards when this returns True."""


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    web_only: Annotated[
        bool, typer.Option("--web-only", help="Only answer requests; `coterie worker` does the rest (server shape).")
    ] = False,
    data: Data = None,
) -> None:
    """Run Coterie in the foreground: the API, the tracking endpoints, and all work behind them."""
    folder = data_folder(data)
    if web_only and is_embedded():
        raise typer.BadParameter("--web-only needs COTERIE_CLICKHOUSE_URL: an embedded index has one process.")
    run_server(folder, host=host, port=port, work=not web_only)


def worker(data: Data = None) -> None:
    """Do the work behind the API without answering requests (server shape)."""
    if is_embedded():
        raise typer.BadParameter("A worker needs COTERIE_CLICKHOUSE_URL; embedded, `coterie serve` does its work.")
    data_folder(data)
    set_up(log_level="INFO")
    ready_database()
    from coterie.web.runtime import Runtime

    with _Signals() as signals:
        runtime = Runtime()
        runtime.start()
        note("The worker runs. Stop it with Ctrl+C.")
        signals.asked.wait()
        runtime.stop()


def second(data: Data = None) -> None:
    """Work for the server that starts this, until its pipe to standard input ends."""
    # Both may reach the whole group; the server says when to end.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    data_folder(data)
    set_up(log_level="INFO")
    from coterie.kit import checkpoints, collector
    from coterie.web.second import work_for_parent

    checkpoints.in_background()
    collector.leave_loaded()
    # What anything prints, such as a mail to the console, must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    work_for_parent(sys.stdin.buffer, answers)


def _second_command(folder: Folder) -> list[str]:
    return [sys.executable, "-m", "coterie", "second", "--data", str(folder.path)]


def run_server(folder: Folder, *, host: str, port: int, work: bool = True, beside: Beside | None = None) -> None:
    """Serve until SIGTERM, SIGINT, or until `beside` says so; then finish requests and stop everything cleanly.

    Raises FolderInUse when another process has the folder, Conflict when the port is taken, and what `beside` raised.
    """
    with held(folder), _Signals() as signals:
        set_up(log_level="INFO")
        ready_database()
        listening = _listen(host, port)
        with contextlib.closing(listening):
            _serve(folder, listening, signals, work=work, beside=beside)


def _serve(folder: Folder, listening: socket.socket, signals: _Signals, *, work: bool, beside: Beside | None) -> None:
    from django.conf import settings

    from coterie.accounts.local import accepted
    from coterie.web.runtime import Runtime
    from coterie.web.streams import Streams

    _allow_many_files()
    url = address_of(listening)
    streams = Streams()
    server = _Server(streams, _config(streams))
    runtime = Runtime(work=work, second_command=_second_command(folder) if is_embedded() else ())
    runtime.start()
    # In the server shape the folder is not ours alone, so nobody is told of it.
    running = folder.announce(url=url, host=settings.ALLOWED_HOSTS[0]) if folder.locked else None
    beside_thread = _Beside(beside, url, server) if beside is not None else None
    try:
        with accepted(running.token if running else new_local_token()):
            signals.stop(server)
            note(f"Coterie answers at {url} (data in {folder.path}). Stop it with Ctrl+C.")
            if beside_thread is not None:
                beside_thread.start()
            server.run(sockets=[listening])
    finally:
        if running is not None:
            folder.withdraw()
        runtime.stop()
    if beside_thread is not None:
        beside_thread.result()
    note("Coterie has stopped.")


def _config(streams: Streams) -> uvicorn.Config:
    from coterie.asgi import application
    from coterie.web.limits import crowded

    return uvicorn.Config(
        streams.around(crowded(application, most=MOST_REQUESTS)),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        # The caller's address is worked out by accounts/permissions.py from COTERIE_TRUSTED_PROXIES.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


class _Server(uvicorn.Server):
    """uvicorn, with the signals left to us: its own way ends the process by the signal after a clean stop."""

    def __init__(self, streams: Streams, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.end()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Signals:
    """SIGTERM and SIGINT ask for a clean stop, at any time from here to the end of the process's work."""

    def __init__(self) -> None:
        self.asked = Event()
        self._server: uvicorn.Server | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> _Signals:
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself gave

    def stop(self, server: uvicorn.Server) -> None:
        """Stop this server when asked; at once when that was before."""
        self._server = server
        if self.asked.is_set():
            server.should_exit = True

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self._server is not None:
            # A second Ctrl+C does not wait for requests.
            self._server.force_exit = self.asked.is_set() and number == signal.SIGINT
            self._server.should_exit = True
        self.asked.set()


class _Beside:
    """Something that talks to the server while it runs; a failure of it ends the server."""

    def __init__(self, step: Beside, url: str, server: uvicorn.Server) -> None:
        self._step, self._url, self._server = step, url, server
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="beside", daemon=True)

    def start(self) -> None:
        """Begin; requests that come before the server listens wait in the socket's queue."""
        self._thread.start()

    def result(self) -> None:
        """Raise what it raised; a CoterieError when the server stopped before it was done."""
        self._thread.join(SECONDS_TO_FINISH)
        if self._error is not None:
            raise self._error
        if self._thread.is_alive():
            raise CoterieError("Stopped before everything was done. Run it again to go on.", code="stopped")

    def _run(self) -> None:
        try:
            self._server.should_exit |= not self._step(self._url)
        except BaseException as error:
            self._error = error
            self._server.should_exit = True
        finally:
            from django.db import connections

            connections.close_all()


def address_of(listening: socket.socket) -> str:
    """The address that reaches this socket from the same machine."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104  # as above
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Conflict(f"Can't listen on {host} port {port}: {error.strerror or error}. Another --port?") from None


def _allow_many_files() -> None:
    """Every connection is an open file, and the usual soft limit of 1,024 is soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
