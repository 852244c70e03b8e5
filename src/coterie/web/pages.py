"""The pages that a browser loads: the web app's shell, and a plain page where the app is not built."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

import coterie
from coterie.web.middleware import policy

APP: Final = Path(__file__).parent / "static" / "app"
"""What `make ui` builds."""

ADDRESSES: Final = (
    r"^\Z",
    r"^(?:login|signup|reset|welcome)\Z",
    r"^(?:reset|confirm-email)/[^/]+\Z",
    r"^w/[^/]+(?:/.*)?\Z",
)
"""The app's own addresses, as ui/src has them in its routes."""

ELSEWHERE: Final = r"^(?!(?:static|accounts|_allauth|v1)(?:/|\Z))"
"""All others but those below prefixes that are not the app's: there the app says that nothing is there."""


@dataclass(frozen=True)
class Assets:
    """The built files that the shell names, as paths below /static/."""

    boot: str
    main: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]


@require_safe
def app(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    """The web app's shell, for every address of the app; it also gives the browser the CSRF cookie."""
    assets = built_assets()
    if assets is None:
        context = {"version": coterie.__version__, "about": coterie.__doc__}
        return render(request, "coterie/index.html", context, status=status)
    get_token(request)
    nonce = secrets.token_urlsafe(16)
    response = render(request, "coterie/app.html", {"assets": assets, "nonce": nonce}, status=status)
    response.headers["Content-Security-Policy"] = policy(style_nonce=nonce)
    # The shell names files of one build, and its nonce is for one answer.
    response.headers["Cache-Control"] = "no-store"
    return response


def missing(request: HttpRequest) -> HttpResponse:
    """The shell for an address that nothing answers: the app says so in the reader's language."""
    return app(request, status=404)


def built_at() -> int | None:
    """A number that is another one after each build of the app; None when nothing is built."""
    try:
        return (APP / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return None


def built_assets() -> Assets | None:
    """The built files, read once for each build."""
    return _assets_of(built_at())


@lru_cache(maxsize=1)
def _assets_of(built: int | None) -> Assets | None:
    return None if built is None else read_assets(APP / "manifest.json")


def read_assets(manifest: Path) -> Assets | None:
    """What Vite's manifest says of the entries; None when nothing is built."""
    try:
        chunks: dict[str, dict[str, Any]] = json.loads(manifest.read_bytes())
    except FileNotFoundError:
        return None
    reached = _reached(chunks, "src/main.tsx")
    return Assets(
        boot=_address(chunks["src/boot.ts"]["file"]),
        main=_address(chunks["src/main.tsx"]["file"]),
        scripts=tuple(_address(chunks[key]["file"]) for key in reached[1:]),
        styles=tuple(dict.fromkeys(_address(name) for key in reached for name in chunks[key].get("css", ()))),
    )


def _reached(chunks: dict[str, dict[str, Any]], entry: str) -> list[str]:
    """An entry and everything that it imports at once, each after the one that brings it in."""
    found = [entry]
    for key in found:
        found += [each for each in chunks[key].get("imports", ()) if each not in found]
    return found


def _address(name: str) -> str:
    return static(f"app/{name}")
