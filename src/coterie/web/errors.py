"""Every error answer of the API: one JSON shape, whatever raised it."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from coterie.kit.errors import (
    CoterieError,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from coterie.kit.passing import passes
from coterie.kit.reasons import Reason

_log = logging.getLogger(__name__)


class MethodNotAllowed(CoterieError):
    """The address exists, the method does not."""

    status = 405
    default_code = "method_not_allowed"
    default_message = "This address does not take that method."


_BY_STATUS: dict[int, type[CoterieError]] = {
    error.status: error
    for error in (InvalidInput, Unauthorized, Forbidden, NotFound, MethodNotAllowed, TooLarge, RateLimited, Unavailable)
}


def answer(error: CoterieError) -> JsonResponse:
    """The response for an error."""
    return JsonResponse(error.as_json(), status=error.status, headers=error.headers())


def of_status(status: int, message: str | None = None) -> CoterieError:
    """The error that stands for a plain HTTP status."""
    kind = _BY_STATUS.get(status)
    if kind is None:
        kind = InvalidInput if status < HTTPStatus.INTERNAL_SERVER_ERROR else CoterieError
    return kind(message)


def translate(raised: Exception | type[Exception]) -> CoterieError:
    """The error to answer with for anything that was raised; what is unknown becomes a 500 without its reason."""
    match raised:
        case CoterieError():
            return raised
        case DatabaseError() | InterfaceError() if passes(raised):
            return Unavailable("The database does not answer now, or has no room. Try again soon.", retry_after=2)
        case OSError() if passes(raised):
            return Unavailable("There is no room for files now. Try again soon.", retry_after=30)
        case ValidationError():
            return InvalidInput(
                Reason("some_not_valid", "Some values are not valid."), details={"problems": _problems(raised.errors)}
            )
        case AuthenticationError():
            return Unauthorized()
        case Throttled():
            return RateLimited(retry_after=int(raised.wait or 1))
        case HttpError(__cause__=HttpError() as reason):
            # What the reader of bodies says; ninja itself says only that it failed.
            return translate(reason)
        case HttpError():
            return of_status(raised.status_code, raised.message)
        case Http404() | ObjectDoesNotExist():
            return NotFound()
        case PermissionDenied():
            return Forbidden()
        case RequestDataTooBig():
            return TooLarge()
        case SuspiciousOperation():
            return InvalidInput()
        case _:
            return CoterieError()


def install(api: NinjaAPI) -> None:
    """Make the API answer every exception in the one shape."""

    def handle(request: HttpRequest, raised: Exception | type[Exception]) -> HttpResponse:
        error = translate(raised)
        if isinstance(error, Unavailable):
            # A store that is away is a line of the log and not a trace of each request.
            _log.warning("%s %s: %s: %s", request.method, request.path, error.code, str(raised)[:300].strip())
        elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(raised, CoterieError):
            _log.error("%s %s failed", request.method, request.path, exc_info=True)
        return answer(error)

    # ninja picks the handler of the nearest class, and has its own for these.
    for kind in (Exception, Http404, HttpError, ValidationError, AuthenticationError, Throttled, CoterieError):
        api.add_exception_handler(kind, handle)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a missing or wrong CSRF token outside the API."""
    return answer(Forbidden("The CSRF token is missing or wrong. Load the page again.", code="csrf"))


def unknown_address(request: HttpRequest, *_args: object, **_values: object) -> HttpResponse:
    """Anything under /api that no route takes."""
    return answer(NotFound("There is no such address in the API."))


def _problems(errors: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    # The value itself is left out: it may be personal, and it is what the caller sent anyway.
    return [
        {
            "path": _path(error.get("loc", ())),
            "message": str(error.get("msg", "not valid")),
            "expected": str(error.get("type", "")),
        }
        for error in errors
    ]


def _path(location: Sequence[str | int]) -> str:
    # ninja puts the place before it (body, query, path), and the view's parameter name before a body's own fields.
    skipped = 2 if len(location) > 2 and location[0] == "body" else 1
    return ".".join(str(part) for part in location[skipped:])
