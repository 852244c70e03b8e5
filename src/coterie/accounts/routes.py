"""Routes of the API: method, path and permission on one line; the workspace and the caller are found before the view.

routes = Routes("people")

@routes.get("/workspaces/{slug}/people", permission="people:read", response=PeoplePage)
def list_people(request: ApiRequest, slug: str) -> PeoplePage:
    return queries.page(request.access.workspace)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Router

from coterie.accounts.permissions import (
    AUTHENTICATED,
    LOGGED_IN,
    PERMISSIONS,
    Access,
    ApiRequest,
    Caller,
    authorize,
    identify,
    identify_user,
)
from coterie.kit.errors import InvalidInput
from coterie.kit.schemas import ErrorBody

_View = TypeVar("_View", bound=Callable[..., Any])

ERROR_STATUSES: Final = (400, 401, 403, 404, 409, 413, 429, 503)
SECURITY: Final = {
    "sessionAuth": {"type": "apiKey", "in": "cookie", "name": "coterie_session"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A secret key, `sk_...`."},
}


_OUTSIDE: Final = {LOGGED_IN: identify_user, AUTHENTICATED: identify}
_PLACE: Final = re.compile(r"{(?:\w+:)?(\w+)}")


@dataclass(frozen=True)
class Route:
    """One operation: what the permission tests and the docs list, and the view that answers it."""

    method: str
    path: str
    permission: str
    name: str
    tag: str
    view: Callable[..., Any] = field(repr=False, compare=False)
    options: dict[str, Any] = field(repr=False, compare=False)

    @property
    def of_workspace(self) -> bool:
        """Whether the operation is inside a workspace."""
        return self.permission not in _OUTSIDE

    @property
    def order(self) -> tuple[bool, ...]:
        """Routes are tried by this: a word of ours before a place that takes any, so `people/merge` is no number."""
        return tuple("{" in part for part in self.path.split("/"))

    def mount(self, router: Router) -> None:
        """Have a router answer it. All routes of an API share one, because two can't share a path."""
        guard = _AsyncGuard(self.permission) if inspect.iscoroutinefunction(self.view) else _Guard(self.permission)
        router.api_operation([self.method], self.path, auth=guard, tags=[self.tag], **self.options)(self.view)
        operation = router.path_operations[self.path].operations[-1]
        guard.parameters.update(
            name
            for model in operation.models
            if model.__ninja_param_source__ == "query"
            for name in model.__ninja_flatten_map__
        )


@dataclass(frozen=True)
class _Guard:
    """Lets a request in: fills `request.caller`, and `request.access` for a workspace's route."""

    permission: str
    parameters: set[str] = field(default_factory=set)

    def __call__(self, request: HttpRequest) -> Access | Caller:
        api_request = cast(ApiRequest, request)
        let_in: Access | Caller
        if self.permission in _OUTSIDE:
            let_in = api_request.caller = _OUTSIDE[self.permission](request)
        else:
            assert request.resolver_match is not None
            let_in = authorize(request, request.resolver_match.kwargs["slug"], self.permission)
            api_request.access, api_request.caller = let_in, let_in.caller
        self._check_query(request)
        return let_in

    def _check_query(self, request: HttpRequest) -> None:
        # A misspelt `where` that is passed over would answer with everyone.
        unknown = sorted(set(request.GET) - self.parameters)
        if unknown:
            raise InvalidInput(
                f"There is no parameter {unknown[0]!r} here.",
                code="unknown_parameter",
                details={"unknown": unknown, "expected": sorted(self.parameters)},
            )


class _AsyncGuard(_Guard):
    """The same for async views, whose requests must not wait for the database in the event loop."""

    async def __call__(self, request: HttpRequest) -> Access | Caller:  # type: ignore[override]  # ninja awaits it
        return await sync_to_async(super().__call__)(request)


@dataclass
class Routes:
    """The routes of one room; `web/api.py` mounts them all."""

    tag: str
    rows: list[Route] = field(default_factory=list, init=False)

    def get(self, path: str, *, permission: str, **options: Any) -> Callable[[_View], _View]:
        """A route that reads; options as for `_add`."""
        return self._add("GET", path, permission, **options)

    def post(self, path: str, *, permission: str, **options: Any) -> Callable[[_View], _View]:
        """A route that makes or starts something."""
        return self._add("POST", path, permission, **options)

    def put(self, path: str, *, permission: str, **options: Any) -> Callable[[_View], _View]:
        """A route that sets something as a whole."""
        return self._add("PUT", path, permission, **options)

    def patch(self, path: str, *, permission: str, **options: Any) -> Callable[[_View], _View]:
        """A route that changes the parts that are sent."""
        return self._add("PATCH", path, permission, **options)

    def delete(self, path: str, *, permission: str, **options: Any) -> Callable[[_View], _View]:
        """A route that removes something."""
        return self._add("DELETE", path, permission, **options)

    def _add(
        self, method: str, path: str, permission: str, *, response: Any = None, status: int = 200, **options: Any
    ) -> Callable[[_View], _View]:
        """Note the view. `response` is the schema of the answer with `status`; other options go to ninja."""
        _check_row(method, path, permission)

        def register(view: _View) -> _View:
            _check_view(view, path)
            documented = _documented(view, permission) | {"operation_id": f"{self.tag}_{view.__name__}"}
            documented["openapi_extra"] |= options.pop("openapi_extra", {})
            responses = {status: response, ERROR_STATUSES: ErrorBody}
            made = {"response": responses, **documented, **options}
            self.rows.append(Route(method, path, permission, view.__name__, self.tag, view, made))
            return view

        return register


def _check_row(method: str, path: str, permission: str) -> None:
    if permission not in _OUTSIDE and permission not in PERMISSIONS:
        raise ValueError(f"{method} {path}: {permission!r} is not in accounts/permissions.py")
    if (permission not in _OUTSIDE) != path.startswith("/workspaces/{slug}"):
        raise ValueError(f"{method} {path}: a route of a workspace starts with /workspaces/{{slug}}, and only such one")


def _check_view(view: Callable[..., Any], path: str) -> None:
    missing = set(_PLACE.findall(path)) - set(inspect.signature(view).parameters)
    if missing:
        raise ValueError(f"{view.__name__}: takes no parameter for {', '.join(sorted(missing))} of {path}")


def _documented(view: Callable[..., Any], permission: str) -> dict[str, Any]:
    text = inspect.cleandoc(view.__doc__ or "")
    if not text.endswith("."):
        raise ValueError(f"{view.__name__}: a route says what it does, in whole sentences")
    row = PERMISSIONS.get(permission)
    for_keys = row.for_keys if row is not None else permission == AUTHENTICATED
    schemes = SECURITY if for_keys else ["sessionAuth"]
    return {
        "summary": re.split(r"[.;:](?:\s|$)", text, maxsplit=1)[0],
        "description": f"{text}\n\n{_NEEDS.get(permission, f'Needs the permission `{permission}`.')}",
        "openapi_extra": {"security": [{scheme: []} for scheme in schemes], "x-permission": permission},
    }


_NEEDS: Final = {
    LOGGED_IN: "Needs a login; keys are refused.",
    AUTHENTICATED: "Needs a login or a secret key.",
}
