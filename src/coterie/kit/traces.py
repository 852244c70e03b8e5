"""What a log may say of an error: where it came from and its type. Its text may quote someone's values."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final

from coterie.kit.errors import CoterieError
from coterie.kit.passing import passes

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
# ClickHouse's own number for what is wrong.
_CODE: Final = re.compile(r"Code: \d+")
_LONGEST: Final = 500


def said(error: BaseException) -> str:
    """The type of an error, with its text only where that tells of a store or a file and of nobody's values."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    text = str(error)
    if _is_about_a_store(error):
        return f"{name}: {text[:_LONGEST].strip()}"
    code = _CODE.search(text)
    return f"{name} ({code[0]})" if code else name


def _is_about_a_store(error: BaseException) -> bool:
    ours = isinstance(error, CoterieError) and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return ours or isinstance(error, OSError) or passes(error)


def trace(error: BaseException) -> str:
    """The lines of code that an error and its causes came through; each is named as `said` names it."""
    return "\n".join(
        "Traceback (most recent call last):\n" + "".join(traceback.format_tb(each.__traceback__)) + said(each)
        for each in reversed(list(_causes(error)))
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


class Line(logging.Formatter):
    """The format of the log: traces without the texts of errors."""

    def formatException(self, ei: _Raised | Any) -> str:  # noqa: N802 - logging's own name
        """The trace of an error."""
        return trace(ei[1]) if ei[1] is not None else ""
