"""Reasons: why a value, a row, a person or a request was not taken, in English and as a code with its details."""

from collections.abc import Iterable
from typing import Any, Self


class Reason(str):
    """A reason as English text that also has a `code`, a stable word, and the `details` that stand in the text.

    `Reason("too_high", "expected at most {most}, got {value}", most=3, value=4)`: the web app has the same words in
    other languages by the code, so one code has one text. Details are text, numbers, reasons, errors, or lists of
    these: with commas between them, or semicolons in a detail that is called `reasons`.
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

    def sentence(self) -> Self:
        """The same reason as an English sentence of its own; code and details stay."""
        made = str.__new__(type(self), f"{self[:1].upper()}{self[1:]}.")
        made.code, made.details = self.code, self.details
        return made

    def of(self, field: str) -> "Reason":
        """The same reason with the field that it is about."""
        return Reason("of_field", "{field}: {reason}", field=field, reason=self)

    @classmethod
    def joined(cls, reasons: "list[Reason]") -> "Reason":
        """Several reasons as one; a single one stays as it is."""
        return reasons[0] if len(reasons) == 1 else Reason("several", "{reasons}", reasons=reasons)

    @classmethod
    def kept(cls, told: dict[str, Any]) -> Self:
        """A reason made again of what `as_json` gave."""
        made = str.__new__(cls, told["reason"])
        made.code, made.details = told["code"], told["details"]
        return made

    def beside(self, other: "Reason") -> "Reason":
        """Both reasons as one; one that is in there already is not said twice."""
        parts = [Reason.kept(each) for each in self.details["reasons"]] if self.code == "several" else [self]
        return self if other in parts else Reason.joined([*parts, other])

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
    # An error is told like a reason, by its own code.
    return value.as_json() if hasattr(value, "as_json") else value
