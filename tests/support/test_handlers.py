"""Clients share what their requests go through, and not what they send."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.server]
made = []


def noted(get_response: Any) -> Any:
    """A middleware that notes when it is made."""
    made.append(get_response)

    def layer(request: HttpRequest) -> HttpResponse:
        answer: HttpResponse = get_response(request)
        answer.headers["X-Noted"] = str(len(made))
        return answer

    return layer


def test_it_works(settings: Any) -> None:
    clients = [Client(), Client(enforce_csrf_checks=True)]
    assert [client.get("/healthz").status_code for client in clients] == [200, 200]
    first, second = (client.handler for client in clients)
    assert first._middleware_chain is second._middleware_chain
    # A setting changes what they go through: of the next client.
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.noted"]
    assert [Client().get("/healthz").headers["X-Noted"] for _ in range(2)] == ["1", "1"]
    assert "X-Noted" not in clients[0].get("/healthz").headers


def test_csrf_is_asked_of_those_that_enforce_it() -> None:
    statuses = [Client(enforce_csrf_checks=each).post("/accounts/login/", {}).status_code for each in (False, True)]
    assert statuses == [200, 403]


def test_a_setting_that_was_changed_is_as_before() -> None:
    assert "X-Noted" not in Client().get("/healthz").headers
