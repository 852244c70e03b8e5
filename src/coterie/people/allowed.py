"""Which values an attribute takes beyond its type: one of a list, a smallest and a largest, whole numbers, a length."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, ValidationError

from coterie.filters.errors import Rejected
from coterie.filters.fields import TYPE_WORDS, FieldType
from coterie.filters.values import NO_VALUE, fold
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason
from coterie.kit.schemas import Body
from coterie.people.fields import reader

MOST_CHOICES: Final = 500
_WITH_CHOICES: Final = (FieldType.TEXT, FieldType.LIST)
_ORDERED: Final = (FieldType.NUMBER, FieldType.DATE, FieldType.DATETIME)
# What may be said of values of each type.
APPLIES: Final[dict[str, tuple[FieldType, ...]]] = {
    "choices": _WITH_CHOICES,
    "max_length": (FieldType.TEXT,),
    "at_least": _ORDERED,
    "at_most": _ORDERED,
    "whole": (FieldType.NUMBER,),
}


class Allowed(Body):
    """The values that an attribute takes; nothing said, nothing asked. An empty value is always taken: it clears.

    What does not fit is kept as a rejected value, like one of another type. Values that a person has already stay.
    """

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"examples": [{"choices": ["free", "pro"]}, {"at_least": 0, "whole": True}]}
    )

    choices: (
        Annotated[
            tuple[Annotated[str, Field(min_length=1, max_length=500)], ...],
            Field(max_length=MOST_CHOICES, description="For text and lists. Upper and lower case are the same."),
        ]
        | None
    ) = None
    max_length: Annotated[int, Field(ge=1, le=65_536, description="For text, in characters.")] | None = None
    at_least: Annotated[float | str, Field(description="For numbers, dates and times.")] | None = None
    at_most: Annotated[float | str, Field(description="For numbers, dates and times.")] | None = None
    whole: Annotated[bool, Field(description="For numbers: no fractions.")] = False

    def stored(self) -> dict[str, Any]:
        """What was said, as it is kept: an empty object when nothing was."""
        return self.model_dump(mode="json", exclude_defaults=True)


def read(type: FieldType, given: Allowed) -> Allowed:
    """The same with its bounds in the stored form of the type; InvalidInput where it can't be said of the type."""
    said = given.stored()
    for name in said:
        if type not in APPLIES[name]:
            kinds = Reason.one_of(TYPE_WORDS[kind] for kind in APPLIES[name])
            raise _wrong(
                name,
                Reason("not_of_type", "this can be said of {kinds}, not of {type}", kinds=kinds, type=TYPE_WORDS[type]),
            )
    for name in ("at_least", "at_most"):
        if name in said:
            said[name] = _bound(type, name, said[name])
    if "at_least" in said and "at_most" in said and said["at_least"] > said["at_most"]:
        raise _wrong(
            "at_most",
            Reason(
                "below_least",
                "{most} is below the smallest value, {least}",
                most=said["at_most"],
                least=said["at_least"],
            ),
        )
    return Allowed.model_validate(said)


def of_stored(kept: dict[str, Any]) -> Allowed | None:
    """What is kept with an attribute; None when nothing is said, or what is kept can't be read."""
    try:
        return Allowed.model_validate(kept) if kept else None
    except ValidationError:
        return None


def for_type(type: FieldType, kept: dict[str, Any]) -> dict[str, Any]:
    """What still can be said when an attribute gets another type; a bound that does not convert goes."""
    left = {name: value for name, value in kept.items() if type in APPLIES.get(name, ())}
    try:
        return read(type, Allowed.model_validate(left)).stored()
    except (InvalidInput, ValidationError):
        return {name: value for name, value in left.items() if name not in ("at_least", "at_most")}


def why_not(allowed: Allowed, value: Any) -> Reason | None:
    """Why a stored value is not taken; None when it is."""
    items = value if isinstance(value, list) else [value]
    if allowed.choices is not None:
        known = _folded(allowed.choices)
        strange = next((item for item in items if fold(str(item)) not in known), None)
        if strange is not None:
            shown = ", ".join(allowed.choices[:10]) + (" ..." if len(allowed.choices) > 10 else "")
            return Reason("no_choice", "expected one of {choices}, got {value}", choices=shown, value=repr(strange))
    if allowed.max_length is not None and isinstance(value, str) and len(value) > allowed.max_length:
        most, length = allowed.max_length, len(value)
        return Reason("long_text", "expected at most {most} characters, got {length}", most=most, length=length)
    # Stored dates and times are text that sorts like the times it names.
    if allowed.at_least is not None and value < allowed.at_least:
        return Reason("too_low", "expected at least {least}, got {value}", least=_shown(allowed.at_least), value=value)
    if allowed.at_most is not None and value > allowed.at_most:
        return Reason("too_high", "expected at most {most}, got {value}", most=_shown(allowed.at_most), value=value)
    if allowed.whole and float(value) != int(value):
        return Reason("not_whole", "expected a whole number, got {value}", value=value)
    return None


def _bound(type: FieldType, name: str, raw: Any) -> Any:
    try:
        value = reader(type)(raw, None)
    except Rejected as rejected:
        raise _wrong(name, rejected.reason) from None
    if value is NO_VALUE:
        raise _wrong(name, Reason("no_bound", "expected a {type}", type=TYPE_WORDS[type]))
    return value


@lru_cache(maxsize=256)
def _folded(choices: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(choice) for choice in choices)


def _shown(bound: float | str) -> str:
    return bound if isinstance(bound, str) else f"{bound:g}"


def _wrong(name: str, reason: Reason) -> InvalidInput:
    said = Reason("limit", "allowed.{name}: {reason}.", name=name, reason=reason)
    return InvalidInput(said, code="bad_allowed", details={"field": f"allowed.{name}"})
