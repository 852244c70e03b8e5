"""Where a command gets its answers: always from the API, so that there is one meaning of everything.

The API is asked over HTTP when --url is given; through the running server when one has the folder; and inside this
process when none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from coterie.cli.folder import Folder, FolderInUse, Running, data_folder, new_local_token
from coterie.cli.remote import over_http
from coterie.cli.stores import opened, set_up
from coterie.kit.environment import is_embedded
from coterie.kit.errors import CoterieError, InvalidInput

Send = Callable[[str, str, bytes | None], tuple[int, bytes]]
"""Method, path with query, body -> status and body."""

_PAGE = 500


class Refused(CoterieError):
    """The API did not do what it was asked; code, message and details are its own."""


@dataclass(frozen=True)
class Target:
    """What --data, --url, --key and --workspace say."""

    data: Path | None = None
    url: str = ""
    key: str = ""
    workspace: str = ""


class Api:
    """The API of one workspace."""

    def __init__(self, send: Send, workspace: str) -> None:
        self._send = send
        self.workspace = workspace

    def get(self, path: str, **query: Any) -> Any:
        """Read below /workspaces/{slug}; a parameter that is None or empty is left out."""
        return self._call("GET", path, query)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make or ask something."""
        return self._call("POST", path, {}, body)

    def delete(self, path: str) -> Any:
        """Remove something."""
        return self._call("DELETE", path, {})

    def pages(self, path: str, *, limit: int, most: int = _PAGE, **query: Any) -> dict[str, Any]:
        """Up to `limit` items as if the API gave them in one page; what else a page holds is of the first one.

        `most` is how many the API gives in one page.
        """
        whole: dict[str, Any] = self.get(path, limit=min(limit, most), **query)
        page = whole
        while page["next"] and len(whole["items"]) < limit:
            left = min(limit - len(whole["items"]), most)
            page = self.get(path, limit=left, cursor=page["next"], **query)
            whole["items"].extend(page["items"])
        whole["next"] = page["next"]
        return whole

    def _call(self, method: str, path: str, query: Mapping[str, Any], body: Any = None) -> Any:
        wanted = {name: value for name, value in query.items() if value not in (None, "")}
        address = f"/api/v1/workspaces/{quote(self.workspace, safe='')}{path}"
        if wanted:
            address += f"?{urlencode(wanted)}"
        status, answer = self._send(method, address, None if body is None else orjson.dumps(body))
        return _read(status, answer)


def _read(status: int, answer: bytes) -> Any:
    try:
        value = orjson.loads(answer) if answer else None
    except orjson.JSONDecodeError:
        raise Refused(f"The server answered {status} with something that is not JSON. Is it Coterie?") from None
    if status < HTTPStatus.BAD_REQUEST:
        return value
    known = value if isinstance(value, dict) else {}
    raise Refused(
        str(known.get("message") or f"The server answered {status}."),
        code=str(known.get("code") or "refused"),
        details=known.get("details") if isinstance(known.get("details"), dict) else None,
    )


@contextmanager
def open_source(target: Target, *, index: bool = True) -> Iterator[Api]:
    """The API to ask; what was opened for it is closed afterwards. `index` false: for what the index is not needed."""
    if target.url or target.key:
        yield _remote(target)
        return
    folder = data_folder(target.data)
    running = _running(folder)
    if running is not None:
        set_up()
        yield Api(over_http(running.url, running.token, host=running.host), only_workspace(target.workspace))
        return
    with opened(folder, index=index), in_process() as send:
        yield Api(send, only_workspace(target.workspace))


def only_workspace(slug: str) -> str:
    """The given workspace, or the only one there is."""
    from coterie.accounts.models import Workspace

    if slug:
        return slug
    slugs = list(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:20])
    if len(slugs) == 1:
        return slugs[0]
    if not slugs:
        raise InvalidInput("There is no workspace yet. Make one with `coterie init` or `coterie demo`.")
    raise InvalidInput(f"Which workspace? Say --workspace with one of: {', '.join(slugs)}.")


@contextmanager
def in_process() -> Iterator[Send]:
    """The API inside this process, asked as the owner of whichever workspace a path names."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

    from coterie.accounts.local import accepted
    from coterie.web.runtime import attached

    handler = WSGIHandler()
    token = new_local_token()

    def send(method: str, address: str, body: bytes | None) -> tuple[int, bytes]:
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": _wsgi_path(path),
            "QUERY_STRING": query,
            "SERVER_NAME": settings.ALLOWED_HOSTS[0],
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body or b"")),
            "wsgi.input": BytesIO(body or b""),
            "wsgi.url_scheme": "http",
        }
        response = handler.get_response(WSGIRequest(environ))
        return response.status_code, bytes(getattr(response, "content", b""))

    with accepted(token), attached():
        yield send


def _wsgi_path(path: str) -> str:
    # WSGI carries the bytes of a path as Latin-1 text.
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


def _remote(target: Target) -> Api:
    for value, name in ((target.url, "--url"), (target.key, "--key"), (target.workspace, "--workspace")):
        if not value:
            raise InvalidInput(f"{name} is missing: a server is asked with --url, --key and --workspace.")
    return Api(over_http(target.url, target.key), target.workspace)


def _running(folder: Folder) -> Running | None:
    """The server that has the folder; None when the folder is free."""
    if not is_embedded():
        return None
    try:
        folder.lock()
    except FolderInUse:
        running = folder.running()
        if running is None:
            raise
        return running
    folder.unlock()
    return None
