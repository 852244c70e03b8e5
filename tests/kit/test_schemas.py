"""What a caller sends is taken as JSON says it, never converted."""

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from coterie.kit.schemas import Body, When


class Part(Body):
    size: int = 1


class Sent(Body):
    position: int | None = None
    share: Annotated[float, Field(ge=0)] = 0.5
    visible: bool = True
    numbers: list[int] = []
    sizes: dict[str, int] = {}
    value: str | int | float | bool | None = None
    part: Part | None = None
    at: When | None = None


@pytest.mark.parametrize(
    "sent",
    [
        {"position": False},
        {"position": "5"},
        {"position": 5.5},
        {"position": float("inf")},
        {"share": True},
        {"share": "0.5"},
        {"visible": 1},
        {"visible": "true"},
        {"numbers": [1, True]},
        {"sizes": {"a": True}},
        {"part": {"size": True}},
    ],
    ids=str,
)
def test_nothing_is_converted(sent: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sent.model_validate(sent)


@pytest.mark.parametrize(
    ("sent", "name", "meant"),
    [
        ({"position": None}, "position", None),
        ({"position": 5}, "position", 5),
        ({"position": 5.0}, "position", 5),
        ({"share": 1}, "share", 1.0),
        ({"visible": False}, "visible", False),
        ({"numbers": [1, 2.0]}, "numbers", [1, 2]),
        ({"value": True}, "value", True),
        ({"value": 1}, "value", 1),
        ({"value": "1"}, "value", "1"),
        ({"part": {"size": 2}}, "part", Part(size=2)),
    ],
    ids=str,
)
def test_what_is_of_its_type_is_taken(sent: dict[str, object], name: str, meant: object) -> None:
    taken = getattr(Sent.model_validate(sent), name)
    assert taken == meant
    assert type(taken) is type(meant)


def test_the_document_says_the_same() -> None:
    properties = Sent.model_json_schema()["properties"]
    assert properties["position"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]
    assert properties["share"] == {"default": 0.5, "minimum": 0, "title": "Share", "type": "number"}
