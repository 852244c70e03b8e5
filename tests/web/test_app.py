"""The web app's shell: where it is served, what it names, and the policy it comes with."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from coterie.web import pages
from coterie.web.static_files import StaticFiles

pytestmark = pytest.mark.django_db

MANIFEST: dict[str, dict[str, Any]] = {
    "src/main.tsx": {"file": "assets/main-A1b2C3d4.js", "imports": ["_kit.js", "_words.js"], "css": ["assets/m.css"]},
    "_kit.js": {"file": "assets/kit-x.js", "imports": ["_words.js"], "css": ["assets/kit.css", "assets/m.css"]},
    "_words.js": {"file": "assets/words-y.js"},
    "src/boot.ts": {"file": "assets/boot-z.js"},
    "src/features/people/PeoplePage.tsx": {"file": "assets/people-l.js", "imports": ["_kit.js"]},
}
Build = Callable[[], None]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """Builds the app by being called; before that there is none."""
    monkeypatch.setattr(pages, "APP", tmp_path)
    pages._assets_of.cache_clear()

    def build() -> None:
        (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))

    yield build
    pages._assets_of.cache_clear()


def test_it_works(app: Build) -> None:
    app()
    page = Client().get("/")
    html = page.content.decode()
    assert page.status_code == 200
    assert '<script type="module" src="/static/app/assets/main-A1b2C3d4.js"></script>' in html
    assert '<script src="/static/app/assets/boot-z.js"></script>' in html
    assert re.findall(r'modulepreload" href="/static/app/assets/([^"]+)"', html) == ["kit-x.js", "words-y.js"]
    assert re.findall(r'stylesheet" href="/static/app/assets/([^"]+)"', html) == ["m.css", "kit.css"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/signup",
        "/welcome",
        "/reset",
        "/reset/1-abc",
        "/confirm-email/abc:def",
        "/w/acme",
        "/w/acme/",
        "/w/acme/people",
        "/w/acme/people/42",
        "/w/acme/segments/seg_1",
    ],
)
def test_addresses_of_the_app(app: Build, path: str) -> None:
    app()
    answer = Client().get(path)
    assert (answer.status_code, b'id="app"' in answer.content) == (200, True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.cookies["coterie_csrf"].value


@pytest.mark.parametrize("path", ["/nowhere", "/w", "/login/", "/people", "/favicon.ico"])
def test_an_unknown_address_is_404_and_the_app_says_so(app: Build, path: str) -> None:
    app()
    answer = Client().get(path)
    assert (answer.status_code, b'id="app"' in answer.content) == (404, True)


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere", "/api", "/static/app/nowhere.js", "/accounts/nowhere/", "/_allauth/x", "/metrics"]
)
def test_what_is_not_the_apps(app: Build, path: str) -> None:
    app()
    assert b'id="app"' not in Client().get(path).content


def test_the_shell_is_only_read(app: Build) -> None:
    app()
    assert Client().post("/w/acme/people").status_code == 405


def test_the_policy_lets_in_styles_of_this_answer_only(app: Build) -> None:
    app()
    answers = [Client().get("/login") for _ in range(2)]
    nonces = [_nonce(answer) for answer in answers]
    assert nonces[0] != nonces[1]
    for answer, nonce in zip(answers, nonces, strict=True):
        policy = answer.headers["Content-Security-Policy"]
        assert f"style-src 'self' 'nonce-{nonce}';" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        html = answer.content.decode()
        assert set(re.findall(r'nonce="([^"]*)"', html)) == {nonce}
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
        assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_without_a_build_the_start_says_how_to_make_one(app: Build) -> None:
    for path, status in [("/", 200), ("/w/acme/people", 200), ("/nowhere", 404)]:
        answer = Client().get(path)
        assert answer.status_code == status
        assert b"make ui" in answer.content
        assert b'href="/accounts/login/"' in answer.content


def test_links_in_mails_lead_to_pages_of_the_app(settings: Any) -> None:
    for url in settings.HEADLESS_FRONTEND_URLS.values():
        path = url.removeprefix(settings.COTERIE_BASE_URL).format(key="1-abc")
        assert resolve(path).func is pages.app


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/static/app/assets/main-A1b2C3d4.js", True),
        ("/static/app/assets/inter-latin-wght-normal-Dx4kXJAl.woff2", True),
        ("/static/app/manifest.json", False),
        ("/static/coterie/plain.css", False),
    ],
)
def test_files_that_never_change_are_kept_for_good(settings: Any, path: str, kept: bool) -> None:
    assert bool(re.match(settings.WHITENOISE_IMMUTABLE_FILE_TEST, path)) is kept


def _nonce(answer: HttpResponse) -> str:
    found = re.search(r"'nonce-([\w-]{20,})'", answer.headers["Content-Security-Policy"])
    assert found is not None
    return found[1]


def test_a_build_while_the_server_runs_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = tmp_path / "app"
    (built / "assets").mkdir(parents=True)
    monkeypatch.setattr(pages, "APP", built)
    monkeypatch.setattr(settings, "STATICFILES_DIRS", [tmp_path], raising=False)
    finders.get_finder.cache_clear()

    def build(name: str) -> None:
        for old in (built / "assets").iterdir():
            old.unlink()
        (built / "assets" / name).write_text(f"// {name}")
        (built / "manifest.json").write_text(json.dumps({"src/main.tsx": {"file": name}}))
        # The clock of a file system can be coarse.
        os.utime(built / "manifest.json", ns=(0, hash(name) & 0xFFFFFFFF))

    def status(name: str) -> int:
        return serve(RequestFactory().get(f"/static/app/assets/{name}")).status_code

    try:
        build("one-A1b2C3d4.js")
        serve = StaticFiles(lambda request: HttpResponse(status=404))
        assert (status("one-A1b2C3d4.js"), status("two-A1b2C3d4.js")) == (200, 404)
        build("two-A1b2C3d4.js")
        assert (status("one-A1b2C3d4.js"), status("two-A1b2C3d4.js")) == (404, 200)
        # Half-way through a build the old file is gone, and nothing fails.
        (built / "assets" / "two-A1b2C3d4.js").unlink()
        assert status("two-A1b2C3d4.js") == 404
    finally:
        finders.get_finder.cache_clear()
