"""Errors that reach a caller: a code, an HTTP status, a sentence and details, in one JSON shape."""

from collections.abc import Mapping
from typing import Any, ClassVar

from coterie.kit.reasons import Reason


class CoterieError(Exception):
    """An error that a caller is told about.

    `code` is a stable snake_case word for programs, `message` a sentence for people, `details` JSON values. A message
    that is a Reason is also `details["reason"]`, so that the web app can say it in other languages.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal_error"
    default_message: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self, message: str | None = None, *, code: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        self.code = code or self.default_code
        self.message = message or self.default_message
        self.details: dict[str, Any] = dict(details or {})
        if isinstance(self.message, Reason):
            self.details["reason"] = self.message.as_json()
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """The body that every error answer has."""
        return {"code": self.code, "message": self.message, "details": self.details}

    def why(self) -> Reason:
        """The error as a reason, to be kept or to be part of another: with its code, whose words it is told in."""
        return Reason("error", "{error}", error=self)

    def headers(self) -> dict[str, str]:
        """HTTP headers that go with the answer."""
        return {}


class InvalidInput(CoterieError):
    """What was sent can't be used as it is."""

    status = 400
    default_code = "invalid_input"
    default_message = Reason("not_valid", "The request is not valid.")


class Unauthorized(CoterieError):
    """Nobody is logged in and no valid key was sent."""

    status = 401
    default_code = "unauthorized"
    default_message = "Log in, or send a secret key as 'Authorization: Bearer sk_...'."

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(CoterieError):
    """The caller is known and may not do this."""

    status = 403
    default_code = "forbidden"
    default_message = "You do not have the permission for this."


class NotFound(CoterieError):
    """It does not exist, or the caller may not know that it does."""

    status = 404
    default_code = "not_found"
    default_message = "Not found."


class Conflict(CoterieError):
    """It clashes with what is stored."""

    status = 409
    default_code = "conflict"
    default_message = "This clashes with the present state."


class TooLarge(CoterieError):
    """The request is larger than a limit."""

    status = 413
    default_code = "too_large"
    default_message = Reason("large_request", "The request is too large.")


class RetryLater(CoterieError):
    """An error that passes: the caller is told after how many seconds to try again."""

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after: int = 1,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class RateLimited(RetryLater):
    """Too many requests; `retry_after` is in seconds."""

    status = 429
    default_code = "rate_limited"
    default_message = "Too many requests. Try again later."


class Unavailable(RetryLater):
    """A part that is needed does not answer now; `retry_after` is in seconds."""

    status = 503
    default_code = "unavailable"
    default_message = "This is not available now. Try again soon."
