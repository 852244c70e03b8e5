"""Requests that name something by an id, a number, a key or a sentence: at least one for each place that takes one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from coterie.web.api import all_routes
from tests.support.document import names_taken
from tests.web.test_openapi import DOCUMENT, OPERATIONS


class Probe(NamedTuple):
    """A request; where ID stands (OTHER where it has to be a number), an id of some kind is put.

    With `harmless`, naming nothing is no error: it leaves out, takes out, looks, tries again.
    """

    method: str
    path: str
    body: Any
    kind: str
    harmless: bool = False


def leaf(**parts: Any) -> dict[str, Any]:
    """A filter of one condition, as a tree."""
    return {"filter": {"version": 1, "root": parts}}


BELOW = "/api/v1/workspaces/{slug}"
SCHEDULED = {"name": "x", "every": "day", "destination": "PLACE"}
COLUMNS = {"columns": [{"column": 1, "field": "email"}], "key": "email"}
# Ways to say whom something is about; each operation that takes a filter is asked all of them.
FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"where": 'in segment "ID"'}, "segment"),
    ({"where": 'not in any segment of ("ID", "Everyone")'}, "segment"),
    (leaf(type="segment", op="not_in", segments=["ID"]), "segment"),
    ({"conditions": [{"type": "segment", "op": "in", "segments": ["ID"]}]}, "segment"),
    ({"where": "ID is known"}, "key"),
    (leaf(type="field", field="ID", op="is_known"), "key"),
]
FILTERED: list[tuple[str, str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("POST", "/people/count", lambda given: given),
    ("POST", "/exports", lambda given: given),
    ("POST", "/export-schedules", lambda given: SCHEDULED | {"export": given}),
    ("PATCH", "/export-schedules/SCHEDULE", lambda given: {"export": given}),
    ("POST", "/segments", lambda given: {"name": "x"} | given),
    ("POST", "/segments", lambda given: {"name": "x", "kind": "static"} | given),
    ("PATCH", "/segments/MINE", lambda given: given),
    ("POST", "/views", lambda given: {"name": "x"} | given),
    ("PATCH", "/views/VIEW", lambda given: given),
    ("POST", "/people/bulk/change", lambda given: {"selection": given, "add_tags": ["x"]}),
    ("POST", "/people/bulk/delete", lambda given: {"selection": given}),
    ("POST", "/people/bulk/members", lambda given: {"selection": given, "segment": "STATIC", "action": "add"}),
]
READ = [
    "/people",
    "/facets/city",
    "/people/1/explain",
    "/charts/growth",
    "/charts/countries",
    "/charts/activity",
    "/charts/breakdown/city",
]
REFUSED: list[tuple[str, str, Any, str]] = [
    ("GET", "/people/1/explain?segment=ID", None, "segment"),
    ("POST", "/segments/STATIC/members", {"add_where": 'in segment "ID"'}, "segment"),
    ("POST", "/segments/regions", {"segments": ["MINE", "ID"]}, "segment"),
    ("POST", "/people/bulk/members", {"action": "add", "segment": "ID", "selection": {"numbers": [1]}}, "segment"),
    ("POST", "/exports", {"segment": "ID"}, "segment"),
    ("POST", "/export-schedules", SCHEDULED | {"export": {"segment": "ID"}}, "segment"),
    ("PATCH", "/export-schedules/SCHEDULE", {"export": {"segment": "ID"}}, "segment"),
    ("PUT", "/imports/IMPORT/plan", COLUMNS | {"segments": ["ID"]}, "segment"),
    ("PUT", "/segments/MINE/hidden", {"roles": [], "users": ["ID"]}, "user_id"),
    ("POST", "/segments", {"name": "x", "where": "everyone", "hidden": {"users": ["ID"]}}, "user_id"),
    ("GET", "/people?sort=ID", None, "key"),
    ("GET", "/segments/MINE/people?sort=ID", None, "key"),
    ("GET", "/facets/ID", None, "key"),
    ("GET", "/charts/breakdown/ID", None, "key"),
    ("GET", "/charts/growth?field=ID", None, "key"),
    ("POST", "/people", {"set": {"ID": "x"}}, "key"),
    ("PATCH", "/people/1", {"set": {"ID": "x"}}, "key"),
    ("PATCH", "/fields/ID", {"visible": False}, "key"),
    ("PUT", "/fields/order", {"fields": [{"name": "ID"}]}, "key"),
    ("POST", "/people/bulk/change", {"selection": {"numbers": [1]}, "set": {"ID": "x"}}, "key"),
    ("POST", "/views", {"name": "x", "columns": [{"field": "ID"}]}, "key"),
    ("POST", "/views", {"name": "x", "sort": "ID"}, "key"),
    ("PATCH", "/views/VIEW", {"columns": [{"field": "ID"}]}, "key"),
    ("PATCH", "/views/VIEW", {"sort": "-ID"}, "key"),
    ("POST", "/exports", {"columns": ["ID"]}, "key"),
    ("POST", "/export-schedules", SCHEDULED | {"export": {"columns": ["ID"]}}, "key"),
    ("PATCH", "/export-schedules/SCHEDULE", {"columns": ["ID"]}, "key"),
    ("PATCH", "/export-schedules/SCHEDULE", {"export": {"columns": ["ID"]}}, "key"),
    ("PUT", "/imports/IMPORT/plan", {"columns": [{"column": 1, "field": "ID"}]}, "key"),
    ("POST", "/people/1/merge", {"other": 2, "choices": {"ID": 1}}, "key"),
    ("POST", "/people/merge", {"people": [1, "ID"]}, "number"),
    ("POST", "/people/1/merge", {"other": "OTHER"}, "number"),
    ("POST", "/people/1/merge", {"other": 2, "choices": {"city": "OTHER"}}, "number"),
    ("POST", "/people/1/merge/preview", {"other": "OTHER"}, "number"),
    ("POST", "/people/erase", {"people": ["ID"], "reason": "x"}, "number"),
    ("POST", "/holds", {"person": "OTHER", "reason": "x"}, "number"),
    ("POST", "/segments", {"name": "x", "kind": "static", "people": [1, "ID"]}, "number"),
    ("POST", "/segments/STATIC/members", {"add": ["ID"]}, "number"),
    ("POST", "/export-schedules", SCHEDULED | {"export": {"numbers": ["ID"]}}, "number"),
    ("PATCH", "/export-schedules/SCHEDULE", {"export": {"numbers": ["ID"]}}, "number"),
    ("POST", "/export-schedules", SCHEDULED | {"export": {"numbers": ["ID"], "except": ["ID"]}}, "number"),
    ("POST", "/attributes/ATTRIBUTE/type", {"type": "number", "dry_run": False, "rehearsal": "ID"}, "job"),
    ("POST", "/export-schedules", SCHEDULED | {"destination": "ID"}, "destination"),
    ("PATCH", "/export-schedules/SCHEDULE", {"destination": "ID"}, "destination"),
]
# What names nobody and nothing changes nothing, and that is no error: leaving out, taking out, trying again, looking.
HARMLESS: list[tuple[str, str, Any, str]] = [
    ("GET", "/audit?actor=user:ID", None, "user_id"),
    ("PATCH", "/people/1", {"clear": ["ID"]}, "key"),
    ("POST", "/people/candidates", {"set": {"ID": "x"}}, "key"),
    ("GET", "/attributes/rejected?key=ID", None, "key"),
    ("POST", "/attributes/rejected/reapply", {"key": "ID"}, "key"),
    ("POST", "/people/bulk/change", {"selection": {"numbers": [1]}, "clear": ["ID"]}, "key"),
    ("GET", "/events/values?event=ID&property=amount", None, "event"),
    ("GET", "/people/merge-suggestions?person=ID", None, "number"),
    ("GET", "/merges?person=ID", None, "number"),
    ("GET", "/stream?number=ID", None, "number"),
    ("POST", "/segments/STATIC/members", {"remove": ["ID"]}, "number"),
    ("POST", "/people/bulk/change", {"selection": {"numbers": ["ID"]}, "add_tags": ["x"]}, "number"),
    ("POST", "/people/bulk/change", {"selection": {"where": "nobody", "except": ["ID"]}, "add_tags": ["x"]}, "number"),
    ("POST", "/people/bulk/delete", {"selection": {"numbers": ["ID"]}}, "number"),
    ("POST", "/people/bulk/delete", {"selection": {"where": "nobody", "except": ["ID"]}}, "number"),
    (
        "POST",
        "/people/bulk/members",
        {"action": "add", "segment": "STATIC", "selection": {"numbers": ["ID"]}},
        "number",
    ),
    (
        "POST",
        "/people/bulk/members",
        {"action": "add", "segment": "STATIC", "selection": {"where": "nobody", "except": ["ID"]}},
        "number",
    ),
    ("POST", "/exports", {"numbers": ["ID"]}, "number"),
    ("POST", "/exports", {"where": "nobody", "except": ["ID"]}, "number"),
    ("PATCH", "/export-schedules/SCHEDULE", {"export": {"where": "nobody", "except": ["ID"]}}, "number"),
    ("GET", "/jobs?kind=ID", None, "job"),
    ("GET", "/jobs/stream?follow=ID", None, "job"),
    ("POST", "/notifications/read", {"notifications": ["ID"]}, "job"),
    ("POST", "/people/count", {"where": 'did "ID"'}, "event"),
]


def everyone_s_number() -> Iterator[tuple[str, str, Any, str]]:
    """Every route whose path has a person's number, with the body that the document shows."""
    for route in all_routes():
        if route.of_workspace and "{int:number}" in route.path:
            path = route.path.removeprefix("/workspaces/{slug}").replace("{int:number}", "ID").replace("{note}", "NOTE")
            query = "?where=everyone" if path.endswith("/explain") else ""
            yield route.method, path + query, body_for(route.method, route.path), "number"


def body_for(method: str, path: str) -> Any:
    """A body that the route takes, so that it comes as far as looking for what the id names."""
    plain = "/api/v1" + path.replace("{int:", "{").replace("{path:", "{")
    operation = next(each for each in OPERATIONS.values() if (each["method"].upper(), each["path"]) == (method, plain))
    if "requestBody" not in operation:
        return None
    (media,) = operation["requestBody"]["content"].values()
    return next(iter(media["examples"].values()))["value"]


def probes() -> list[Probe]:
    """All of them."""
    wheres = [(given["where"], kind) for given, kind in FILTERS if "where" in given]
    read = [("GET", f"{path}?where={where}", None, kind) for path in READ for where, kind in wheres]
    written = [(method, path, around(given), kind) for method, path, around in FILTERED for given, kind in FILTERS]
    # Any name of an event may be asked about; nobody has done what nobody knows of.
    looks = [("GET", f'{path}?where=did "ID"', None, "event") for path in READ]
    refused = [Probe(*each) for each in (*read, *written, *everyone_s_number(), *REFUSED)]
    return refused + [Probe(*each, harmless=True) for each in (*looks, *HARMLESS)]


# Names of parameters, and of what bodies have at any depth, that may name something of a workspace.
NAMING = {
    *("where", "add_where", "filter", "conditions", "segment", "segments"),
    *("number", "numbers", "person", "people", "other", "add", "remove", "except"),
    *("sort", "columns", "field", "fields", "set", "clear", "choices", "key", "event"),
    *("destination", "users", "actor", "notifications", "rehearsal", "follow", "kind"),
}
# These name nothing of a workspace, or hold what is looked at by itself. A new name belongs to one of the two.
_PLAIN = """
Last-Event-ID action add_tags allowed at at_least at_most bad_values bucket by channel column consents country
cursor date_order day days decimal delimiter description dry_run duplicates email empty_cells encoding
endpoint every existing export expression folder force format header_row hidden identities is_default label
language limit list_delimiter max_length missing name outcome paused phase pinned points position prefix
property protected q reason region remove_tags revision role roles rows scopes search secret selection shared
sheet since slug source starred state tags text their_keys timezone type unread until value visible weekday
whole width
"""
PLAIN = set(_PLAIN.split())
# A filter's inside is asked with the filter; these names are those of something else.
INSIDE = {"filter", "conditions"}
OTHER_MEANINGS = {
    ("POST /keys", "kind"): "the kind of a key",
    ("POST /people", "kind"): "the kind of an identity",
    ("POST /people/candidates", "kind"): "the kind of an identity",
    ("POST /erasures/allow", "kind"): "the kind of an identity",
    ("POST /segments", "kind"): "dynamic or static",
    ("GET /segments", "kind"): "dynamic or static",
    ("POST /export-destinations", "kind"): "a folder or a bucket",
    ("POST /attributes", "key"): "a new key; test_names_of_theirs_are_free_here",
    ("POST /attributes", "choices"): "values",
    ("PATCH /attributes/{attribute}", "choices"): "values",
    ("PUT /imports/{import_id}/plan", "key"): "the kind of an identity",
}


def taken() -> set[tuple[str, str]]:
    """All that operations of a workspace take: (method and path, name)."""
    return {
        (f"{each['method'].upper()} {each['path'].removeprefix(BELOW)}", name)
        for each in OPERATIONS.values()
        if each["path"].startswith(BELOW)
        for name in names_taken(each, DOCUMENT, closed=INSIDE)
    }


def unprobed() -> set[tuple[str, str]]:
    """What operations take that may name something and that no probe asks, and exceptions without need; as `taken`."""
    naming = {(label, name) for label, name in taken() if name in NAMING}
    # Ids in paths, but for numbers of people and keys of fields, are asked of every route.
    in_paths = {(label, name) for label, name in naming if f"{{{name}}}" in label and name not in ("number", "field")}
    asked = {
        (label, name)
        for probe in probes()
        for label in {label for label, _ in naming}
        if _is_of(probe, label)
        for name in _names(probe, label)
    }
    return (naming - in_paths - asked) ^ set(OTHER_MEANINGS)


def _is_of(probe: Probe, label: str) -> bool:
    """Whether a probe is of an operation: of "/people/{number}" and "/people/merge", the second where both could be."""
    method, _, template = label.partition(" ")
    path = probe.path.partition("?")[0]
    fits = probe.method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
    return bool(fits) and (path == template or (f"{method} {path}", "slug") not in taken())


def _names(probe: Probe, label: str) -> set[str]:
    """The names of what holds the id in a probe."""
    path, _, query = probe.path.partition("?")
    steps = zip(label.partition(" ")[2].split("/"), path.split("/"), strict=True)
    found = {step.strip("{}") for step, given in steps if given == "ID"}
    if "ID" in query:
        found |= {each.partition("=")[0] for each in query.split("&") if "ID" in each}
    return found | _holders(probe.body)


def _holders(body: Any) -> set[str]:
    if not isinstance(body, dict | list):
        return set()
    found: set[str] = set()
    for name, value in body.items() if isinstance(body, dict) else (("", each) for each in body):
        below = _holders(value)
        if below or name == "ID" or (isinstance(value, str) and ("ID" in value or value == "OTHER")):
            found |= below | {name}
    return found
