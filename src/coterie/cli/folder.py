"""The folder that holds everything of an embedded installation: who uses it now, and how to reach them.

Nothing here needs Django: the lock must be held before anything in the folder is opened.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from coterie.kit.environment import Environment
from coterie.kit.errors import CoterieError

LOCK: Final = "lock"
SERVER: Final = "server.json"
TOKEN: Final = "cli_token"  # noqa: S105  # the name of a file


class FolderInUse(CoterieError):
    """Another process works with the folder: an embedded index has room for one."""

    status = 409
    default_code = "folder_in_use"


@dataclass(frozen=True)
class Running:
    """The server that uses a folder, and the token that its own commands may use until it stops.

    `url` reaches it from this machine; `host` is a host name that it answers to.
    """

    pid: int
    url: str
    host: str
    token: str


class Folder:
    """A data folder. Use it as a context manager after `lock` to let go of the lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def lock(self) -> None:
        """Become the only process that uses the folder; FolderInUse when there is one already.

        The kernel lets go of the lock when the process ends, however it ends.
        """
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise FolderInUse(
                f"{self.path} is in use by another coterie process{f' (pid {holder})' if holder else ''}. "
                "Stop that one first, or use another folder with --data."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def unlock(self) -> None:
        """Let others use the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @property
    def locked(self) -> bool:
        """Whether this process holds the lock."""
        return self._descriptor is not None

    def announce(self, *, url: str, host: str) -> Running:
        """Say where the server is and make the token for commands; both are gone with `withdraw`."""
        running = Running(os.getpid(), url, host, new_local_token())
        known = asdict(running)
        write_private(self.path / TOKEN, known.pop("token"))
        write_private(self.path / SERVER, json.dumps(known))
        return running

    def withdraw(self) -> None:
        """Take back what `announce` has said."""
        for name in (SERVER, TOKEN):
            (self.path / name).unlink(missing_ok=True)

    def running(self) -> Running | None:
        """The server that said it uses the folder. It may have died since: its token then opens nothing."""
        try:
            known = json.loads((self.path / SERVER).read_text())
            token = (self.path / TOKEN).read_text().strip()
            return Running(int(known["pid"]), str(known["url"]), str(known["host"]), token)
        except (OSError, ValueError, KeyError, TypeError):
            return None


def new_local_token() -> str:
    """A token that accounts/local.py accepts when it is told to."""
    return f"local_{secrets.token_urlsafe(32)}"


def data_folder(given: Path | None) -> Folder:
    """The folder of --data or COTERIE_DATA; made when it is missing. Settings that are read later see the same."""
    if given is not None:
        os.environ["COTERIE_DATA"] = str(given)
    path = Environment().folder("COTERIE_DATA", "data")
    os.environ["COTERIE_DATA"] = str(path)
    return Folder(path)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
