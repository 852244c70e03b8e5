"""Numbers for Prometheus, for operators only."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from coterie.accounts.local import from_this_machine
from coterie.kit.errors import NotFound
from coterie.kit.secrets import same
from coterie.web.errors import answer

REQUESTS: Final = Counter("coterie_http_requests_total", "Answered requests.", ["method", "route", "status"])
SECONDS: Final = Histogram(
    "coterie_http_request_seconds",
    "Time from request to answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics of this process; 404 for everyone but operators, as if it did not exist."""
    if not _is_operator(request):
        return answer(NotFound())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def observe(request: HttpRequest, status: int, seconds: float) -> None:
    """Count one answered request under its route, never under its path: paths hold names and have no end."""
    method = request.method if request.method in _METHODS else "OTHER"
    route = request.resolver_match.route if request.resolver_match else "unknown"
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


def _is_operator(request: HttpRequest) -> bool:
    token = settings.COTERIE_METRICS_TOKEN
    if token:
        return same(request.headers.get("Authorization", ""), f"Bearer {token}")
    return from_this_machine(request)
