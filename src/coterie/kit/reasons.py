"""Reasons: why a value, a row or a person was not taken, in English and as a code with its details."""

from typing import Any, Self


class Reason(str):
    """A reason as English text that also has a `code`, a stable word, and the `details` that stand in the text.

    `Reason("too_high", "expected at most {most}, got {value}", most=3, value=4)`: the web app has the same words in
    other languages by the code, so one code has one text. Details are text, numbers, reasons, or lists of these.
    """

    __slots__ = ("code", "details")
    code: str
    details: dict[str, Any]

    def __new__(cls, code: str, words: str, /, **details: Any) -> Self:
        self = super().__new__(cls, words.format(**{name: _shown(value) for name, value in details.items()}))
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


def told(kept: str | dict[str, Any]) -> dict[str, Any]:
    """A reason that was kept in JSON as answers tell it; what was kept before there were codes is text."""
    return {"reason": kept, "code": "", "details": {}} if isinstance(kept, str) else kept


def _shown(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(each, Reason) for each in value) else ", ").join(map(str, value))
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.as_json() if isinstance(value, Reason) else value
