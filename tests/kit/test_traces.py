"""A log says where an error came from and its type; whoever's value made it is in no line."""

from __future__ import annotations

import logging
import sys

import pytest
from django.db import DataError, IntegrityError, OperationalError

from coterie.kit.errors import InvalidInput, Unavailable
from coterie.kit.traces import Line, said, trace

ANN = "ann@example.org"


def fail(value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise IntegrityError(f"Key (value)=({value}) already exists.") from error


def raised(value: str = ANN) -> IntegrityError:
    with pytest.raises(IntegrityError) as caught:
        fail(value)
    return caught.value


def test_it_works() -> None:
    text = trace(raised())
    assert ANN not in text
    first, second = text.split("Traceback (most recent call last):\n")[1:]
    assert first.rstrip().endswith("ValueError")
    assert "return int(value)" in first
    assert second.endswith("django.db.utils.IntegrityError")
    assert "test_traces.py" in second


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError(ANN), "ValueError"),
        (KeyError(ANN), "KeyError"),
        (DataError(f"invalid input: {ANN}"), "django.db.utils.DataError"),
        (InvalidInput(f"{ANN} is no number."), "coterie.kit.errors.InvalidInput"),
        (RuntimeError(f"Code: 27. DB::Exception: Cannot parse {ANN}"), "RuntimeError (Code: 27)"),
        # What tells of a store and of nobody's values.
        (OperationalError("the database is away"), "django.db.utils.OperationalError: the database is away"),
        (FileNotFoundError(2, "No such file", "/x"), "FileNotFoundError: [Errno 2] No such file: '/x'"),
        (Unavailable("not now"), "coterie.kit.errors.Unavailable: not now"),
    ],
)
def test_what_is_said(error: Exception, text: str) -> None:
    assert said(error) == text


def test_errors_that_cause_each_other() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert trace(first).count("Traceback") == 2


def test_every_line_of_the_log_is_made_so() -> None:
    (line,) = {handler.formatter for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler}
    assert isinstance(line, Line)
    try:
        fail(ANN)
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it failed", (), sys.exc_info())
    text = line.format(record)
    assert "ERROR x it failed\nTraceback" in text
    assert ANN not in text
