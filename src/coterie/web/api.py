"""The one API object, at /api/v1; each room's routes are mounted by a row of a table."""

import json
from typing import Any, Final

import orjson
from django.http import HttpRequest
from ninja import NinjaAPI, Router
from ninja.errors import HttpError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.types import DictStrAny

import coterie
from coterie.accounts.api import routes as accounts
from coterie.accounts.routes import Route, Routes
from coterie.audience.api import routes as audience
from coterie.jobs.api import routes as jobs
from coterie.kit.reasons import Reason
from coterie.people.api import routes as people
from coterie.people.merge_api import routes as merging
from coterie.privacy.api import routes as privacy
from coterie.privacy.retention_api import routes as retention
from coterie.segments.api import routes as segments
from coterie.segments.bulk_api import routes as bulk
from coterie.tracking.api import routes as tracking
from coterie.transfers.api import routes as transfers
from coterie.transfers.schedule_api import routes as schedules
from coterie.web import errors
from coterie.web.openapi import completed

ROUTES: Final[tuple[Routes, ...]] = (
    accounts,
    people,
    merging,
    privacy,
    retention,
    audience,
    segments,
    bulk,
    tracking,
    jobs,
    transfers,
    schedules,
)
"""The routes of all rooms. A room is mounted by adding its `routes` here."""


class JsonParser(Parser):
    """Reads JSON bodies strictly: no NaN, no lone surrogates, no NUL, which PostgreSQL can't store."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        try:
            body: DictStrAny = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise HttpError(400, Reason("no_json", "The body is not valid JSON: {said}", said=str(error))) from None
        if b"\\u0000" in request.body and _holds_nul(body):
            raise HttpError(400, Reason("nul_in_text", "Text must not hold the character NUL."))
        return body


class JsonRenderer(BaseRenderer):
    """Writes JSON."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        try:
            return orjson.dumps(data)
        except TypeError:
            # Events are kept as they were sent: with numbers beyond 64 bits, half characters, hundreds of levels.
            return json.dumps(data, separators=(",", ":")).encode()


class Api(NinjaAPI):
    """ninja's API with a complete document, which is made once."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        made = self.__dict__.setdefault("_documents", {})
        key = repr((args, kwargs))
        if key not in made:
            made[key] = completed(super().get_openapi_schema(*args, **kwargs))
        document: OpenAPISchema = made[key]
        return document


def _holds_nul(value: Any) -> bool:
    # A list of what is left and not recursion: the body may be nested deeply.
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            if "\0" in part:
                return True
        elif isinstance(part, dict):
            left.extend(part.keys())
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
    return False


def all_routes() -> list[Route]:
    """Every operation with its permission, for the permission tests and the docs."""
    return [row for routes in ROUTES for row in routes.rows]


def _build() -> Api:
    api = Api(
        title="Coterie",
        version=coterie.__version__,
        description=coterie.__doc__ or "",
        urls_namespace="api",
        docs_url="/docs",
        openapi_url="/openapi.json",
        parser=JsonParser(),
        renderer=JsonRenderer(),
    )
    errors.install(api)
    router = Router()
    for route in sorted(all_routes(), key=lambda row: row.order):
        route.mount(router)
    api.add_router("", router)
    return api


api = _build()
