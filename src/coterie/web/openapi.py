"""The API's document as it is given out: security schemes, tags, what every error means, an example of every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from coterie.accounts.routes import SECURITY
from coterie.filters.errors import UnknownField
from coterie.kit import errors

Json = dict[str, Any]

TAGS: Final = {
    "accounts": "Who is logged in, workspaces, members, API keys and the audit log.",
    "people": "Single people, their identities, values, tags and notes; attributes and fields; kinds of events.",
    "merging": "People who are the same: suggestions, comparing, merging, the journal, undoing.",
    "privacy": "What is kept about people: a person's copy, erasing, certificates, the register.",
    "audience": "Filters: lists, counts, facets, charts, and why someone is in or out; search; saved views.",
    "segments": "Saved filters and lists of people: members, transitions, history, overlap.",
    "bulk": "Changes of many people at once, and taking them back.",
    "jobs": "Long tasks: their progress, outcome and files; notifications about their end.",
    "transfers": "Files of people in and out: imports with a rehearsal and an undo, exports, and exports by the clock.",
    "tracking": "Events that could not be used. Events themselves go to `/v1/` as the clients of Segment send them.",
}
ERRORS: Final[Mapping[int, tuple[str, errors.CoterieError]]] = {
    400: (
        "What was sent can't be used; `details` tells the place and what was expected.",
        UnknownField("contry", ["country"]),
    ),
    401: ("Nobody is logged in, or the key is unknown or revoked.", errors.Unauthorized()),
    403: ("The permission is missing.", errors.Forbidden(details={"permission": "people:write"})),
    404: ("There is none, or the caller may not know of it.", errors.NotFound()),
    409: ("It clashes with what is stored.", errors.Conflict("The name is taken.", code="name_taken")),
    413: ("The body is larger than the limit.", errors.TooLarge(details={"limit_bytes": 16_777_216})),
    429: ("Too many requests; `Retry-After` says for how many seconds to wait.", errors.RateLimited()),
    503: (
        "Not available now; `Retry-After` says for how many seconds to wait. Nothing is lost.",
        errors.Unavailable(
            "The audience index is being rebuilt from the database. Nothing is lost; try again soon.",
            code="index_rebuilding",
            details={"done": 1200, "total": 5000},
            retry_after=5,
        ),
    ),
}
PARAMETERS: Final[Mapping[str, tuple[str, Any]]] = {
    "slug": ("The workspace's slug.", "acme"),
    "cursor": ("`next` of the page before.", None),
    "limit": ("At most so many on a page.", 50),
    "action": ("Only entries of this action.", "member.added"),
    "actor": ("Only entries of this actor.", "user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "kind": ("Only segments of this kind.", "dynamic"),
    "starred": ("Only your favourites, or only the others.", True),
    "Last-Event-ID": ("The id of the last event that arrived: the stream goes on after it.", "1207"),
    "by": ("The length of a step.", "week"),
    "state": ("Only events in this state.", "open"),
    "undo": ("The token that the bulk action answered with.", "undo_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "event_id": ("The event's id in quarantine.", "qua_01jd8v6m3e5q9w2x4y7z0abcde"),
    "user_id": ("The member's id.", "usr_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "key_id": ("The key's id.", "key_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "name": ("The field's name.", "city"),
    "field": ("The field's name.", "created_at"),
    "view": ("The view's id.", "view_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "segment": ("The segment's id.", "seg_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "force": ("Delete it although it is used.", False),
    "import_id": ("The import's id.", "imp_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "job": ("The job's id.", "job_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "file": ("The file's id.", "file_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "destination": ("The destination's id.", "dst_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "schedule": ("The schedule's id.", "exs_01kb3z8m0v6x9k2q4r7t5w1y3n"),
    "note": ("The note's id.", "note_01kb3z8m0v6x9k2q4r7t5w1y3n"),
}
"""What a parameter of this name means wherever the operation itself says nothing of it, and an example."""
_RETRY: Final = {
    "Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds to wait.", "required": True}
}


def completed(document: Json) -> Json:
    """The document that ninja makes, with what it leaves out; changes it in place."""
    schemas = document["components"]["schemas"]
    document["components"]["securitySchemes"] = SECURITY
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                _complete_parameter(parameter)
            operation["responses"] = {str(status): body for status, body in sorted(operation["responses"].items())}
            for status, response in operation["responses"].items():
                _complete_response(int(status), response, schemas)
            for media in operation.get("requestBody", {}).get("content", {}).values():
                _complete_request(media, schemas)
    return document


def _complete_parameter(parameter: Json) -> None:
    if "description" not in parameter:
        description, example = PARAMETERS.get(parameter["name"], ("", None))
        parameter["description"] = description
        if example is not None and "examples" not in parameter:
            parameter["example"] = example
    if isinstance(parameter.get("examples"), list):
        # A schema has a list of examples, a parameter names each.
        parameter["examples"] = {f"example {i}": {"value": value} for i, value in enumerate(parameter["examples"], 1)}


def _complete_response(status: int, response: Json, schemas: Json) -> None:
    if status in ERRORS:
        response["description"], error = ERRORS[status]
        response["content"]["application/json"]["example"] = error.as_json()
        if isinstance(error, errors.RetryLater):
            response["headers"] = _RETRY
        return
    media = response.get("content", {}).get("application/json")
    if media is not None:
        media.setdefault("example", example_of(media["schema"], schemas))


def _complete_request(media: Json, schemas: Json) -> None:
    examples = _resolved(media["schema"], schemas).get("examples", [])
    if examples:
        media["examples"] = {f"example {i}": {"value": value} for i, value in enumerate(examples, 1)}


def example_of(schema: Json, schemas: Json) -> Any:
    """A value that fits a schema: its own first example where it has one, else made of those of its parts."""
    schema = _resolved(schema, schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return example_of(schema[choices][0], schemas)
    return _BY_TYPE.get(schema.get("type", ""), _nothing)(schema, schemas)


def _resolved(schema: Json, schemas: Json) -> Json:
    while "$ref" in schema:
        # What stands beside a reference says more of this place, such as an example.
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]] | beside
    return schema


def _object(schema: Json, schemas: Json) -> Json:
    made = {name: example_of(part, schemas) for name, part in schema.get("properties", {}).items()}
    more = schema.get("additionalProperties")
    if not made and isinstance(more, dict):
        name = example_of(schema["propertyNames"], schemas) if "propertyNames" in schema else "name"
        return {name: example_of(more, schemas)}
    return made


def _text(schema: Json, _schemas: Json) -> str:
    return {"date-time": "2026-01-31T09:00:00.000Z", "date": "2026-01-31"}.get(schema.get("format", ""), "text")


def _nothing(_schema: Json, _schemas: Json) -> None:
    return None


_BY_TYPE: Final[dict[str, Callable[[Json, Json], Any]]] = {
    "object": _object,
    "array": lambda schema, schemas: [example_of(schema["items"], schemas)] if schema.get("items") else [],
    "string": _text,
    "integer": lambda schema, _: schema.get("minimum", 1),
    "number": lambda schema, _: schema.get("minimum", 1),
    "boolean": lambda _schema, _: True,
}
