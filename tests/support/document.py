"""What an operation of the API's document takes, however deep in its body."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def names_taken(operation: dict[str, Any], document: dict[str, Any], *, closed: Collection[str] = ()) -> set[str]:
    """Names of an operation's parameters and of all properties of its body; those in `closed` are not looked into."""
    found = {each["name"] for each in operation.get("parameters", ())}
    waiting = [content["schema"] for content in operation.get("requestBody", {}).get("content", {}).values()]
    seen: set[str] = set()
    while waiting:
        schema = waiting.pop()
        if (name := schema.get("$ref")) is not None:
            if name not in seen:
                seen.add(name)
                waiting.append(document["components"]["schemas"][name.rsplit("/", 1)[1]])
            continue
        properties = schema.get("properties", {})
        found |= set(properties)
        waiting += [below for name, below in properties.items() if name not in closed]
        for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
            waiting += schema.get(word, ())
        waiting += [schema[word] for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)]
    return found
