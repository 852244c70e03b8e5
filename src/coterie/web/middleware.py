"""What every request passes: refusals that hold everywhere, security headers, JSON errors, metrics."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.people import changes
from coterie.web.errors import answer, of_status
from coterie.web.metrics import observe
from coterie.web.runtime import make_visible

JSON_PREFIXES: Final = ("/api/", "/_allauth/", "/v1/")
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def policy(*, style_nonce: str = "") -> str:
    """The Content-Security-Policy. Style elements need the nonce of their page; scripts come from files only."""
    styles = f"'self' 'nonce-{style_nonce}'" if style_nonce else "'self'"
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data: https:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


HEADERS: Final = {
    "Content-Security-Policy": policy(),
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def settled(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The innermost layer: whoever has written something finds it in every list that is asked for after the answer."""

    def layer(request: HttpRequest) -> HttpResponseBase:
        if request.method in _READING:
            return get_response(request)
        with changes.noting() as written:
            response = get_response(request)
        # What an error has undone will never be visible.
        if response.status_code < HTTPStatus.BAD_REQUEST:
            make_visible(written)
        return response

    return layer


def edge(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The outermost layer. It runs in a thread, as web/serving.py has it for all layers."""

    def layer(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = _as_json(request, _refuse(request) or get_response(request))
        _add_headers(request, response)
        observe(request, response.status_code, time.perf_counter() - started)
        return response

    return layer


def _refuse(request: HttpRequest) -> HttpResponse | None:
    # PostgreSQL can't compare with text that holds NUL; no address of ours has one.
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return answer(InvalidInput(Reason("nul_in_address", "An address must not hold the character NUL.")))
    return None


def _add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(JSON_PREFIXES):
        response.headers.setdefault("Cache-Control", "no-store")


def _as_json(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Errors under /api that Django or ninja answered in their own way, in our shape."""
    if response.status_code < HTTPStatus.BAD_REQUEST or not request.path.startswith("/api/"):
        return response
    if response.headers.get("Content-Type", "").startswith("application/json"):
        return response
    changed = answer(of_status(response.status_code))
    changed.status_code = response.status_code
    # The layers below have set headers too, those that keep an answer from being sniffed among them.
    for name, value in response.headers.items():
        if not name.lower().startswith("content-"):
            changed.headers[name] = value
    changed.cookies = response.cookies
    return changed
