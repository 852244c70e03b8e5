"""Reasons: why a value, a row, a person or a request was not taken, in English and as a code with its details."""

from collections.abc import Iterable
from typing import Any, Self


class Reason(str):
    """A reason as English text that also has a `code`, a stable word, and the `details` that stand in the text.

    `Reason("too_high", "expected at most {most}, got {value}", most=3, value=4)`: the web app has the same words in
    other languages by the code, so one code has one text. Details are text, numbers, reasons, or lists of these: with
    commas between them, or semicolons in a detail that is called `reasons`.
    """

    __slots__ = ("code", "details")
    code: str
    details: dict[str, Any]

    def __new__(cls, code: str, words: str, /, **details: Any) -> Self:
        self = super().__new__(cls, words.format(**{name: _shown(name, value) for name, value in details.items()}))
        self.code = code
        self.details = {name: _plain(value) for name, value in details.items()}
        return self

    def as_json(self) -> dict[str, Any]:
        """The reason as answers tell it, and as it is kept in JSON."""
        return {"reason": str(self), "code": self.code, "details": self.details}

    def of(self, field: str) -> "Reason":
        """The same reason with the field that it is about."""
        return Reason("of_field", "{field}: {reason}", field=field, reason=self)

    @classmethod
    def joined(cls, reasons: "list[Reason]") -> "Reason":
        """Several reasons as one; a single one stays as it is."""
        return reasons[0] if len(reasons) == 1 else Reason("several", "{reasons}", reasons=reasons)

    @classmethod
    def one_of(cls, choices: Iterable[str], *, most: int = 12) -> "Reason | None":
        """What could stand somewhere, as a person lists it: `a, b or c`; beyond `most` the rest is left off.

        None when there is nothing.
        """
        found = list(choices)
        if len(found) > most:
            return Reason("some_of", "{choices} ...", choices=found[:most])
        if len(found) > 1:
            return Reason("one_of_several", "{choices} or {last}", choices=found[:-1], last=found[-1])
        return Reason("one_of", "{last}", last=found[0]) if found else None


def told(kept: str | dict[str, Any]) -> dict[str, Any]:
    """A reason that was kept in JSON as answers tell it; what was kept before there were codes is text."""
    return {"reason": kept, "code": "", "details": {}} if isinstance(kept, str) else kept


def _shown(name: str, value: Any) -> Any:
    return ("; " if name == "reasons" else ", ").join(map(str, value)) if isinstance(value, list | tuple) else value


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.as_json() if isinstance(value, Reason) else value
