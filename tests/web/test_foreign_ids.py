"""Ids of another workspace, in paths, queries and bodies: they answer exactly as ids of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from coterie.people.actions import apply_edits
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.web.api import all_routes
from tests.audience.conftest import MakeWorkspace, serving
from tests.support.world import Api
from tests.web.probes import NAMING, PLAIN, Probe, body_for, probes, taken, unprobed
from tests.web.site import PEOPLE, Site, make_site

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


def without(text: str, given: str) -> str:
    """The text of an answer without what differs from call to call, and without the echo of the id that was given.

    Instants and ids that the call made go first: the number 67 may stand among their digits.
    """
    text = re.sub(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"', '"AN INSTANT"', text)
    text = re.sub(r'"job_\w{26}"', '"A JOB"', text)
    return re.sub(rf"(?<!\w){re.escape(given)}(?!\w)", "ID", text)


def test_without() -> None:
    text = '{"by":"user:usr_01m8ncxnwxj67a0bd1hrvkb67b","at":"2026-11-30T04:55:37.677000Z","number":67,"of":"67-1"}'
    assert without(text, "67") == text.replace("2026-11-30T04:55:37.677000Z", "AN INSTANT").replace(
        ":67,", ":ID,"
    ).replace('"67-', '"ID-')


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
            answers.append((answer.status_code, without(answer.content.decode(), given)))
        assert answers[0] == answers[1], (method, path)
        assert answers[0][0] == 404, (method, path, answers[0])


WORDS = {
    "IMPORT": "import_id",
    "PLACE": "destination",
    "SCHEDULE": "schedule",
    "VIEW": "view",
    "ATTRIBUTE": "attribute",
}


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
        for word, name in (*WORDS.items(), ("NOTE", "note")):
            part = part.replace(word, str(pair.mine.ids[name][0]))
        return part
    return part


def answer_to(probe: Probe, given: str, pair: Pair) -> tuple[int, str]:
    """Status and text of the answer with an id in its place; what is echoed of it is taken out."""
    answer = pair.api.call(probe.method, pair.mine.base + put(probe.path, given, pair), put(probe.body, given, pair))
    # A stream has no end: that it is one is all there is to compare.
    return answer.status_code, "a stream" if answer.streaming else without(answer.content.decode(), given)


def test_ids_in_queries_and_bodies(pair: Pair) -> None:
    # Theirs goes up to one more than mine.
    edit = PersonEdit(
        identities=[("user_id", "one more")],
        set={"name": "x"},
        events=[EventRecord("theirs only", 1_780_000_000_000, "more", properties={"amount": 7})],
        origin=Origin("api", "test"),
    )
    assert apply_edits(pair.theirs.workspace, [edit])[0].number == PEOPLE + 1
    given = {"number": (str(PEOPLE + 1), str(PEOPLE + 7)), "event": ("theirs only", NONE["event"])} | ids(pair)
    wrong = []
    for probe in probes():
        theirs, nobodys = (answer_to(probe, one, pair) for one in given[probe.kind])
        expected = (200, 400, 404) if probe.harmless else (400, 404)
        if theirs != nobodys or theirs[0] not in expected:
            wrong.append((probe, theirs, nobodys))
    assert wrong == [], "\n".join(map(str, wrong))
    left = pair.theirs.as_owner().get(f"{pair.theirs.base}/people/{PEOPLE + 1}").json()
    assert (left["data"]["name"], left["tags"]) == ("x", [])


def test_whatever_may_name_something_is_probed() -> None:
    assert unprobed() == set()
    assert {each for each in taken() if each[1] not in NAMING | PLAIN | set(NONE)} == set()


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
