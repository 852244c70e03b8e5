"""Errors: codes, statuses, one JSON shape."""

import pytest

from coterie.kit import errors


def test_it_works() -> None:
    error = errors.NotFound("No such thing.", details={"id": "seg_1"})
    assert (error.status, error.as_json()) == (
        404,
        {"code": "not_found", "message": "No such thing.", "details": {"id": "seg_1"}},
    )


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (errors.InvalidInput, 400, "invalid_input"),
        (errors.Unauthorized, 401, "unauthorized"),
        (errors.Forbidden, 403, "forbidden"),
        (errors.NotFound, 404, "not_found"),
        (errors.Conflict, 409, "conflict"),
        (errors.TooLarge, 413, "too_large"),
        (errors.RateLimited, 429, "rate_limited"),
        (errors.Unavailable, 503, "unavailable"),
        (errors.CoterieError, 500, "internal_error"),
    ],
)
def test_each_kind_has_its_status_and_code(kind: type[errors.CoterieError], status: int, code: str) -> None:
    error = kind()
    assert (error.status, error.code) == (status, code)
    assert error.message.endswith(".")


def test_what_passes_says_when_to_come_back() -> None:
    assert errors.RateLimited(retry_after=30).headers() == {"Retry-After": "30"}
    assert errors.Unavailable().headers() == {"Retry-After": "1"}


def test_a_given_code_replaces_the_usual_one() -> None:
    assert errors.Conflict(code="slug_taken").as_json()["code"] == "slug_taken"
