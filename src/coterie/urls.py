"""Every address this program answers, by prefix."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from coterie.web.api import api
from coterie.web.errors import unknown_address
from coterie.web.health import healthz, readyz
from coterie.web.metrics import metrics
from coterie.web.pages import ADDRESSES, ELSEWHERE, app, missing

urlpatterns: list[URLPattern | URLResolver] = [
    *(re_path(address, app) for address in ADDRESSES),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
    re_path(r"^api(?:/|\Z)", unknown_address),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    re_path(ELSEWHERE, missing),
]
