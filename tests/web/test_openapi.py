"""The API's document says everything: what each operation does, takes, answers and refuses, with examples that hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from pydantic import BaseModel

from coterie.accounts.routes import ERROR_STATUSES
from coterie.audience.inputs import read_filter
from coterie.audience.queries import MAX_PAGE
from coterie.filters.check import MAX_CONDITIONS, MAX_DEPTH
from coterie.filters.fields import Catalogue, Field, FieldType
from coterie.filters.sentence import parse
from coterie.kit.schemas import Body, Out
from coterie.web.api import all_routes, api
from coterie.web.openapi import ERRORS, PARAMETERS, TAGS, example_of
from tests.web.site import Site

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
OPERATIONS = {
    operation["operationId"]: operation | {"method": method, "path": path}
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
BODIES = {
    name: operation["requestBody"]["content"]["application/json"]
    for name, operation in OPERATIONS.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
}
# Words of ours that say more than the status's own.
SHORT, LONG = 5, 110


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is valid under a schema of the document."""
    whole = schema | {"components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(whole).is_valid(value)


def references(part: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_works() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert len(OPERATIONS) == len(all_routes()) == sum(len(methods) for methods in DOCUMENT["paths"].values())
    listed = OPERATIONS["audience_list_people"]
    assert (listed["method"], listed["path"]) == ("get", "/api/v1/workspaces/{slug}/people")
    assert listed["summary"] == "People of a filter, with the exact total"
    assert listed["description"].endswith("Needs the permission `people:read`.")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_complete(name: str) -> None:
    operation = OPERATIONS[name]
    assert SHORT < len(operation["summary"]) < LONG
    assert not operation["summary"].endswith(".")
    assert operation["summary"] in operation["description"]
    (tag,) = operation["tags"]
    assert tag in TAGS
    assert name.startswith(f"{tag}_")
    assert operation["security"]
    assert {scheme for each in operation["security"] for scheme in each} <= set(
        DOCUMENT["components"]["securitySchemes"]
    )
    for parameter in operation["parameters"]:
        assert parameter["description"], (parameter["name"], "needs a description; or a row in web/openapi.py")
        assert parameter["schema"]
        for example in parameter.get("examples", {}).values():
            assert fits(example["value"], parameter["schema"])
        if "example" in parameter:
            assert fits(parameter["example"], parameter["schema"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_documented(name: str) -> None:
    responses = OPERATIONS[name]["responses"]
    good = [status for status in responses if status.startswith("2")]
    assert len(good) == 1
    assert set(responses) - set(good) == {str(status) for status in ERROR_STATUSES}
    for status, response in responses.items():
        assert response["description"]
        contents = response.get("content", {})
        assert len(contents) == (0 if status == "204" else 1), status
        for media in contents.values():
            assert fits(media["example"], media["schema"]), (status, media["example"])
        if status not in good:
            assert contents["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
        assert ("Retry-After" in response.get("headers", {})) is (status in ("429", "503"))


@pytest.mark.parametrize("name", BODIES)
def test_a_body_has_examples_that_hold(name: str) -> None:
    examples = [example["value"] for example in BODIES[name]["examples"].values()]
    assert examples
    for example in examples:
        assert fits(example, BODIES[name]["schema"]), example
        assert not isinstance(example, dict) or not fits(example | {"no_such_field": 1}, BODIES[name]["schema"])


@pytest.mark.server
def test_documented_bodies_are_answered_as_documented(site: Site) -> None:
    caller = site.as_owner()
    statuses: Counter[str] = Counter()
    for name, body in BODIES.items():
        operation = OPERATIONS[name]
        path = operation["path"].removeprefix("/api/v1")
        for key, values in site.ids.items():
            path = path.replace(f"{{{key}}}", str(values[-1]))
        for example in body["examples"].values():
            answer = caller.call(operation["method"].upper(), path, site.real(example["value"]))
            assert str(answer.status_code) in operation["responses"], (name, answer.content)
            content = operation["responses"][str(answer.status_code)].get("content")
            if content:
                assert fits(answer.json(), content["application/json"]["schema"]), (name, answer.content)
            statuses["done" if answer.status_code < 400 else "refused"] += 1
    # tests/web/test_schemathesis.py sends them in an order in which none is refused.
    assert statuses["done"] > 4 * statuses["refused"], statuses


def test_references_lead_somewhere() -> None:
    found = set(references(DOCUMENT["paths"])) | set(references(DOCUMENT["components"]))
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert found <= known
    assert "#/components/schemas/Filter" in found


def models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in kind.__subclasses__():
        yield model
        yield from models(model)


def test_no_two_schemas_have_one_name() -> None:
    """The document knows schemas by their names alone: of two that share one, the second takes the first's place."""
    ours = [model for kind in (Body, Out) for model in models(kind) if model.__module__.startswith("coterie.")]
    names = Counter(model.__name__ for model in dict.fromkeys(ours))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_filter_is_documented_as_a_tree() -> None:
    tree = {"version": 1, "root": {"type": "not", "of": {"type": "field", "field": "name", "op": "is_known"}}}
    schema = {"$ref": "#/components/schemas/FilterBody"}
    assert fits({"filter": tree}, schema)
    assert fits({"conditions": [tree["root"]["of"]], "expression": "1"}, schema)  # type: ignore[index]
    assert not fits({"filter": tree | {"root": {"type": "nothing"}}}, schema)
    assert not fits({"conditions": [tree["root"]]}, schema)


def test_tables_have_no_rows_for_nothing() -> None:
    assert set(ERRORS) == set(ERROR_STATUSES)
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == set(TAGS)
    parameters = [each for operation in OPERATIONS.values() for each in operation["parameters"]]
    assert set(PARAMETERS) <= {each["name"] for each in parameters}
    for name, (description, example) in PARAMETERS.items():
        used = [each for each in parameters if each["name"] == name and each["description"] == description]
        assert used, name
        assert example is None or any(each.get("example") == example for each in used), name


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "examples": ["x"]}, "x"),
        ({"type": "string", "enum": ["a", "b"]}, "a"),
        ({"const": 1}, 1),
        ({"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}, 3),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "object", "properties": {"at": {"type": "string", "format": "date"}}}, {"at": "2026-01-31"}),
        ({"type": "object", "additionalProperties": {"type": "null"}}, {"name": None}),
        ({"$ref": "#/components/schemas/Thing", "examples": ["beside"]}, "beside"),
        ({"$ref": "#/components/schemas/Thing"}, "thing"),
        ({}, None),
    ],
)
def test_examples_are_made_of_schemas(schema: dict[str, Any], example: Any) -> None:
    assert example_of(schema, {"Thing": {"type": "string", "default": "thing"}}) == example


def test_the_page_about_the_api_names_what_there_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"(GET|POST|PUT|PATCH|DELETE) (/[^\s`?]*)(?:\?where=(.*))?", text)
    known = {(each["method"].upper(), each["path"].removeprefix("/api/v1")) for each in OPERATIONS.values()}
    assert len(named) > 6
    assert {(method, path) for method, path, _ in named} <= known
    catalogue = Catalogue.of([Field("orders", "Orders", FieldType.NUMBER)])
    for where in [where for _, _, where in named if where]:
        parse(where, catalogue)
    bodies = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    shown = [body for body in bodies if "code" not in body]
    assert [next(iter(body)) for body in shown] == ["where", "filter", "conditions"]
    assert len({read_filter(catalogue, **body) for body in shown}) == 1
    assert {body["code"] for body in bodies if "code" in body} == {"unknown_field"}
    for number in (MAX_DEPTH, MAX_CONDITIONS, MAX_PAGE):
        assert f" {number} " in text


@pytest.mark.django_db
def test_the_document_that_is_served_is_this_one() -> None:
    assert Client().get("/api/v1/openapi.json").json() == DOCUMENT
