"""Ids of another workspace, in paths, queries and bodies: they answer exactly as ids of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from coterie.people.actions import apply_edits
from coterie.people.edits import Origin, PersonEdit
from coterie.web.api import all_routes
from tests.audience.conftest import MakeWorkspace, serving
from tests.support.world import Api
from tests.web.site import PEOPLE, Site, make_site
from tests.web.test_openapi import OPERATIONS

pytestmark = pytest.mark.server

NONE = {
    "segment": "seg_01jd0000000000000000000000",
    "attribute": "987654321",
    "note": "note_01jd0000000000000000000000",
    "view": "view_01jd0000000000000000000000",
    "undo": "undo_01jd0000000000000000000000",
    "user_id": "usr_01jd0000000000000000000000",
    "key_id": "key_01jd0000000000000000000000",
    "event_id": "qua_01jd0000000000000000000000",
    "job": "job_01jd0000000000000000000000",
    "file": "file_01jd0000000000000000000000",
    "import_id": "imp_01jd0000000000000000000000",
    "suggestion": "987654321",
    "merge": "987654321",
    "erasure": "era_01jd0000000000000000000000",
    "destination": "dst_01jd0000000000000000000000",
    "schedule": "exs_01jd0000000000000000000000",
    "hold": "hold_01jd0000000000000000000000",
    "key": "theirs_not",
    "event": "nothing of the kind",
}


@dataclass
class Pair:
    """Two workspaces with their owners; `theirs` holds more, none of which the owner of `mine` may know of."""

    mine: Site
    theirs: Site
    api: Api


@pytest.fixture
def pair(make_workspace: MakeWorkspace) -> Iterator[Pair]:
    with serving():
        mine, theirs = make_site(make_workspace()), make_site(make_workspace())
        owner = theirs.as_owner()
        assert owner.post(f"{theirs.base}/attributes", {"key": "theirs_own", "type": "text"}).status_code == 201
        yield Pair(mine, theirs, mine.as_owner())


def ids(pair: Pair) -> dict[str, tuple[str, str]]:
    """For each kind of id: one of theirs, and one that nobody has."""
    found = {name: (str(pair.theirs.ids[name][-1]), none) for name, none in NONE.items() if name in pair.theirs.ids}
    return found | {"key": ("theirs_own", NONE["key"])}


def places(path: str) -> set[str]:
    """The parameters of a route's path."""
    return set(re.findall(r"{(?:\w+:)?(\w+)}", path))


# Numbers of people are below; routes whose only id is the workspace's own are in test_permissions.py.
PATHS = [
    (route.method, route.path, name)
    for route in all_routes()
    if route.of_workspace
    for name in sorted(places(route.path) & set(NONE))
]


def body_for(method: str, path: str) -> Any:
    """A body that the route takes, so that it comes as far as looking for what the id names."""
    plain = "/api/v1" + path.replace("{int:", "{").replace("{path:", "{")
    operation = next(each for each in OPERATIONS.values() if (each["method"].upper(), each["path"]) == (method, plain))
    if "requestBody" not in operation:
        return None
    (media,) = operation["requestBody"]["content"].values()
    return next(iter(media["examples"].values()))["value"]


def test_it_works(pair: Pair) -> None:
    own = pair.mine.ids["segment"][0]
    assert pair.api.get(f"{pair.mine.base}/segments/{own}").status_code == 200
    assert pair.api.get(f"{pair.mine.base}/segments/{pair.theirs.ids['segment'][0]}").status_code == 404
    found = {name for _, _, name in PATHS}
    assert found >= {
        "segment",
        "attribute",
        "user_id",
        "key_id",
        "event_id",
        "note",
        "view",
        "job",
        "file",
        "import_id",
        "suggestion",
        "merge",
        "erasure",
        "destination",
        "schedule",
        "hold",
    }


def test_ids_in_paths(pair: Pair) -> None:
    for method, path, name in PATHS:
        answers = []
        for given in ids(pair)[name]:
            values = {"slug": pair.mine.workspace.slug, "number": "1", name: given}
            filled = re.sub(r"{(?:\w+:)?(\w+)}", lambda found: values[found[1]], path)  # noqa: B023  # used at once
            answer = pair.api.call(method, filled, pair.mine.real(body_for(method, path)))
            answers.append((answer.status_code, answer.content.decode().replace(given, "ID")))
        assert answers[0] == answers[1], (method, path)
        assert answers[0][0] == 404, (method, path, answers[0])


def leaf(**parts: Any) -> dict[str, Any]:
    return {"filter": {"version": 1, "root": parts}}


# Where ID stands, an id of theirs and one of nobody are put.
CALLS: list[tuple[str, str, Any, str]] = [
    ("GET", "/people/1/explain?segment=ID", None, "segment"),
    ("GET", '/people?where=in segment "ID"', None, "segment"),
    ("GET", '/facets/city?where=not in segment "ID"', None, "segment"),
    ("POST", "/people/count", {"where": 'in any segment of ("ID", "Everyone")'}, "segment"),
    ("POST", "/people/count", leaf(type="segment", op="not_in", segments=["ID"]), "segment"),
    ("POST", "/people/count", {"conditions": [{"type": "segment", "op": "in", "segments": ["ID"]}]}, "segment"),
    ("POST", "/segments", {"name": "x", "where": 'in segment "ID"'}, "segment"),
    ("POST", "/segments", {"name": "x", "kind": "static", "where": 'in segment "ID"'}, "segment"),
    ("PATCH", "/segments/MINE", leaf(type="segment", op="in", segments=["ID"]), "segment"),
    ("POST", "/segments/STATIC/members", {"add_where": 'in segment "ID"'}, "segment"),
    ("POST", "/segments/regions", {"segments": ["MINE", "ID"]}, "segment"),
    ("POST", "/views", {"name": "x", "where": 'in segment "ID"'}, "segment"),
    ("POST", "/people/bulk/members", {"action": "add", "segment": "ID", "selection": {"numbers": [1]}}, "segment"),
    ("PUT", "/segments/MINE/hidden", {"roles": [], "users": ["ID"]}, "user_id"),
    ("GET", "/people?sort=ID", None, "key"),
    ("GET", "/facets/ID", None, "key"),
    ("GET", "/charts/breakdown/ID", None, "key"),
    ("GET", "/people?where=ID is known", None, "key"),
    ("POST", "/people/count", leaf(type="field", field="ID", op="is_known"), "key"),
    ("POST", "/segments", {"name": "x"} | leaf(type="field", field="ID", op="is_known"), "key"),
    ("PATCH", "/people/1", {"set": {"ID": "x"}}, "key"),
    ("PATCH", "/people/1", {"clear": ["ID"]}, "key"),
    ("PATCH", "/fields/ID", {"visible": False}, "key"),
    ("POST", "/attributes/rejected/reapply", {"key": "ID"}, "key"),
    ("POST", "/people/bulk/change", {"selection": {"numbers": [1]}, "set": {"ID": "x"}}, "key"),
    ("POST", "/views", {"name": "x", "columns": [{"field": "ID"}]}, "key"),
    ("GET", "/people/ID", None, "number"),
    ("PATCH", "/people/ID", {"set": {"name": "x"}}, "number"),
    ("DELETE", "/people/ID", None, "number"),
    ("POST", "/people/ID/ban", None, "number"),
    ("GET", "/people/ID/notes", None, "number"),
    ("POST", "/people/ID/notes", {"text": "x"}, "number"),
    ("GET", "/people/ID/explain?where=everyone", None, "number"),
    ("GET", "/people/ID/events", None, "number"),
    ("GET", "/people/ID/segments", None, "number"),
    ("GET", "/people/ID/last-session", None, "number"),
    ("POST", "/people/merge", {"people": [1, "ID"]}, "number"),
    ("POST", "/people/1/merge", {"other": "OTHER"}, "number"),
    ("POST", "/people/ID/merge", {"other": 1}, "number"),
    ("POST", "/people/1/merge", {"other": 2, "choices": {"city": "OTHER"}}, "number"),
    ("POST", "/people/1/merge/preview", {"other": "OTHER"}, "number"),
    ("GET", "/people/merge-suggestions?person=ID", None, "number"),
    ("GET", "/merges?person=ID", None, "number"),
    ("POST", "/segments", {"name": "x", "kind": "static", "people": [1, "ID"]}, "number"),
    ("POST", "/segments/STATIC/members", {"add": ["ID"]}, "number"),
    ("POST", "/segments/STATIC/members", {"remove": ["ID"]}, "number"),
    ("POST", "/people/bulk/change", {"selection": {"numbers": ["ID"]}, "add_tags": ["x"]}, "number"),
    ("POST", "/people/bulk/delete", {"selection": {"numbers": ["ID"]}}, "number"),
    ("POST", "/people/candidates", {"set": {"name": "ID"}}, "number"),
    ("GET", "/jobs?kind=ID", None, "job"),
    ("POST", "/notifications/read", {"notifications": ["ID"]}, "job"),
    (
        "PUT",
        "/imports/IMPORT/plan",
        {"columns": [{"column": 1, "field": "email"}], "key": "email", "segments": ["ID"]},
        "segment",
    ),
    ("PUT", "/imports/IMPORT/plan", {"columns": [{"column": 1, "field": "ID"}]}, "key"),
    ("POST", "/export-schedules", {"name": "x", "every": "day", "destination": "ID"}, "destination"),
    (
        "POST",
        "/export-schedules",
        {"name": "x", "every": "day", "destination": "PLACE", "export": {"segment": "ID"}},
        "segment",
    ),
    (
        "POST",
        "/export-schedules",
        {"name": "x", "every": "day", "destination": "PLACE", "export": {"where": 'in segment "ID"'}},
        "segment",
    ),
    ("PATCH", "/export-schedules/SCHEDULE", {"destination": "ID"}, "destination"),
    ("PATCH", "/export-schedules/SCHEDULE", {"export": {"columns": ["ID"]}}, "key"),
]
# What names nobody and nothing changes nothing, and that is no error: leaving out, taking out, trying again.
HARMLESS = {("PATCH", "/people/1"), ("POST", "/segments/STATIC/members"), ("POST", "/attributes/rejected/reapply")}
HARMLESS |= {("POST", "/people/bulk/change"), ("POST", "/people/bulk/delete"), ("POST", "/people/candidates")}
HARMLESS |= {("GET", "/people/merge-suggestions?person=ID"), ("GET", "/merges?person=ID")}
HARMLESS |= {("GET", "/jobs?kind=ID"), ("POST", "/notifications/read")}


def put(part: Any, given: str, pair: Pair) -> Any:
    """A call with an id in its place; numbers of people are numbers."""
    dynamic, static = pair.mine.ids["segment"]
    if isinstance(part, dict):
        return {put(key, given, pair): put(value, given, pair) for key, value in part.items()}
    if isinstance(part, list):
        return [int(given) if each == "ID" and given.isdecimal() else put(each, given, pair) for each in part]
    if part == "OTHER":
        return int(given)
    if isinstance(part, str):
        part = part.replace("ID", given).replace("MINE", dynamic).replace("STATIC", static)
        for word, name in (("IMPORT", "import_id"), ("PLACE", "destination"), ("SCHEDULE", "schedule")):
            part = part.replace(word, pair.mine.ids[name][0])
        return part
    return part


def test_ids_in_queries_and_bodies(pair: Pair) -> None:
    # Theirs goes up to one more than mine.
    edit = PersonEdit(identities=[("user_id", "one more")], set={"name": "x"}, origin=Origin("api", "test"))
    assert apply_edits(pair.theirs.workspace, [edit])[0].number == PEOPLE + 1
    given = {"number": (str(PEOPLE + 1), str(PEOPLE + 7))} | ids(pair)
    for method, path, body, kind in CALLS:
        answers = []
        for one in given[kind]:
            answer = pair.api.call(method, pair.mine.base + put(path, one, pair), put(body, one, pair))
            answers.append((answer.status_code, answer.content.decode().replace(one, "ID")))
        assert answers[0] == answers[1], (method, path, body)
        refusals = (200, 400, 404) if (method, path) in HARMLESS else (400, 404)
        assert answers[0][0] in refusals, (method, path, body, answers[0])
    left = pair.theirs.as_owner().get(f"{pair.theirs.base}/people/{PEOPLE + 1}").json()
    assert (left["data"]["name"], left["tags"]) == ("x", [])


def test_names_of_theirs_are_free_here(pair: Pair) -> None:
    for path, body in (
        ("/attributes", {"key": "theirs_own", "type": "number"}),
        ("/people", {"identities": [{"kind": "user_id", "value": "one of theirs"}]}),
    ):
        assert pair.api.post(f"{pair.mine.base}{path}", body).status_code == 201


def test_what_is_proposed_is_never_theirs(pair: Pair) -> None:
    owner = pair.theirs.as_owner()
    assert owner.post(f"{pair.theirs.base}/segments", {"name": "Whales", "where": "everyone"}).status_code == 201
    for where in ('theirs_owm is "x"', 'in segment "Whale"'):
        error = pair.api.post(f"{pair.mine.base}/people/count", {"where": where}).json()
        assert "theirs_own" not in str(error["details"].get("nearest"))
        assert "Whales" not in str(error)
