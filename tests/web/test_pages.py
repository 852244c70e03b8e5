"""Pages and operator endpoints, and the headers that all of them have."""

import re
from typing import Any

import pytest
from django.test import Client

from coterie.kit import health
from coterie.kit.health import Health

PAGES = ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/api/v1/docs")

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    page = Client().get("/accounts/login/")
    assert page.status_code == 200
    assert b'href="/static/coterie/plain.css"' in page.content


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/api/v1/session", "/static/coterie/plain.css"])
def test_every_answer_is_guarded(path: str) -> None:
    headers = Client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_what_the_policy_forbids(path: str) -> None:
    html = Client().get(path).content.decode()
    for script in re.findall(r"<script[^>]*>", html):
        assert "src=" in script or 'type="application/json"' in script
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)


def test_static_files_are_whole_and_cached() -> None:
    answer = Client().get("/static/coterie/plain.css")
    assert answer.status_code == 200
    assert not answer.streaming
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 500
    assert Client().get("/static/../settings.py").status_code == 404
    again = Client().get("/static/coterie/plain.css", headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_readiness_follows_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/healthz").json() == {"status": "up"}
    assert Client().get("/readyz").json()["checks"]["database"] == {"ready": True, "note": ""}
    monkeypatch.setattr(health, "_checks", {"index": lambda: Health(ready=False, note="rebuilding")})
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "checks": {"index": {"ready": False, "note": "rebuilding"}}}


@pytest.mark.parametrize(
    ("token", "environ", "status"),
    [
        ("", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ("", {"REMOTE_ADDR": "::1"}, 200),
        ("", {"REMOTE_ADDR": "192.0.2.1"}, 404),
        ("", {"REMOTE_ADDR": ""}, 404),
        ("", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ("", {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.1"}, 404),
        ("t0k", {"REMOTE_ADDR": "127.0.0.1"}, 404),
        ("t0k", {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer t0k"}, 200),
        ("t0k", {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer t0"}, 404),
    ],
)
def test_metrics_are_for_operators(settings: Any, token: str, environ: dict[str, str], status: int) -> None:
    settings.COTERIE_METRICS_TOKEN = token
    answer = Client().get("/metrics", **environ)
    assert answer.status_code == status


def test_metrics_count_by_route_and_not_by_path() -> None:
    Client().get("/api/v1/workspaces/very-private-name")
    Client().generic("BREW", "/healthz")
    text = Client().get("/metrics").content.decode()
    assert 'route="api/v1/workspaces/<slug>",status="401"' in text
    assert 'method="OTHER",route="healthz"' in text
    assert "very-private-name" not in text
