"""Bases of everything that is sent and received as JSON."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from coterie.kit import clock

Instant = Annotated[
    datetime,
    PlainSerializer(clock.iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T09:00:00.000Z"]}),
]
"""A time in an answer: always UTC, always with milliseconds."""


def _no_number(raw: object) -> object:
    # pydantic would read a number as seconds or milliseconds, whichever gives a likelier year.
    if isinstance(raw, int | float) or (isinstance(raw, str) and not re.match(r"\s*\d{4}-\d\d-\d\d", raw)):
        raise ValueError("expected a date and a time as ISO 8601")
    return raw


When = Annotated[datetime, BeforeValidator(_no_number)]
"""A time that a caller sends: ISO 8601, never a number."""


@dataclass(frozen=True)
class DocumentedAs:
    """Documents a JSON value that is taken as it is as one of another type, which checks it later and tells more."""

    type: Any

    def __get_pydantic_json_schema__(self, _core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(TypeAdapter(self.type).core_schema)


def _whole(raw: object) -> object:
    # JSON has one kind of number: 5.0 is the whole number 5.
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def _as_documented(node: Any) -> Any:
    """The same validation, but a number or a boolean is only what JSON calls so: not `"5"`, nor `true` for 1."""
    if isinstance(node, list | tuple):
        return type(node)(_as_documented(each) for each in node)
    if not isinstance(node, dict):
        return node
    kept = {
        key: value if key in ("metadata", "default", "serialization", "function") else _as_documented(value)
        for key, value in node.items()
    }
    match node.get("type"):
        case "int" if not node.get("strict"):
            return core_schema.no_info_before_validator_function(_whole, {**kept, "strict": True})
        case "float" | "bool":
            return {**kept, "strict": True}
    return kept


class Body(Schema):
    """What a caller sends. A field that is not named is refused: nothing can be set by accident or by guessing.

    Nothing is converted either: a number is a number and not its text, and `true` is not 1.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        strict: CoreSchema = _as_documented(handler(source))
        return strict


class Out(Schema):
    """What a caller gets."""


class WhyOut(Out):
    """Why something was not taken or not done."""

    reason: str = Field(description="For people, in English.", examples=["expected a number, got 'three'"])
    code: str = Field(
        description="A stable word for programs; empty for what was kept before there were codes.",
        examples=["no_number"],
    )
    details: dict[str, Any] = Field(
        description="What stands in the text; depends on the code.", examples=[{"value": "'three'"}]
    )


class ErrorBody(Out):
    """Every error answer."""

    code: str = Field(description="A stable word for programs.", examples=["not_found"])
    message: str = Field(description="A sentence for people.", examples=["Not found."])
    details: dict[str, Any] = Field(description="What is known about the cause; depends on the code.", examples=[{}])
