"""Hidden means hidden: for whom a segment is hidden, every answer is the one for a segment that does not exist."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from coterie.accounts.models import ApiKey, KeyKind, Role
from coterie.accounts.permissions import Access, Caller
from coterie.audience import upkeep
from coterie.kit.errors import CoterieError, Forbidden, NotFound
from coterie.kit.ids import new_id
from coterie.segments import actions, history, queries, static
from coterie.segments.models import Segment
from coterie.segments.visibility import UNSEEN, names_for, visible_segments
from coterie.transfers.actions import upload
from coterie.web.api import api
from tests.segments.conftest import SegmentsApi, Stage
from tests.support.document import names_taken

pytestmark = pytest.mark.server
SECRET = "Churning whales"


@pytest.fixture
def secret(stage: Stage) -> Segment:
    """A segment that agents and viewers do not see; Ada (1) is in it, Bob (2) is not."""
    stage.put("ada", country="Italy")
    stage.put("bob", country="Peru")
    segment = stage.dynamic(SECRET, 'country is "Italy"')
    stage.hide(segment, Role.AGENT, Role.VIEWER)
    stage.settle()
    return segment


def names(stage: Stage, who: str) -> list[str]:
    return [view.row.name for view in queries.list_segments(stage.access(who))]


def test_it_works(stage: Stage, secret: Segment) -> None:
    assert names(stage, "alice") == names(stage, "ada") == [SECRET]
    assert names(stage, "bob") == names(stage, "vera") == []


@pytest.mark.parametrize(
    ("roles", "users", "see"),
    [
        ((), (), {"alice", "ada", "bob", "vera"}),
        ((Role.ADMIN,), (), {"alice", "bob", "vera"}),
        ((), ("bob",), {"alice", "ada", "vera"}),
        ((Role.ADMIN, Role.AGENT, Role.VIEWER), (), {"alice"}),
        ((Role.VIEWER,), ("ada", "bob"), {"alice"}),
    ],
)
def test_who_sees(
    stage: Stage, secret: Segment, roles: tuple[Role, ...], users: tuple[str, ...], see: set[str]
) -> None:
    stage.hide(secret, *roles, users=users)
    assert {who for who in stage.users if names(stage, who)} == see


def test_owners_cannot_be_kept_out(stage: Stage, secret: Segment) -> None:
    for attempt in (
        {"roles": [Role.OWNER], "user_ids": []},
        {"roles": [], "user_ids": [stage.users["alice"].public_id]},
    ):
        with pytest.raises(CoterieError, match="Owners see every segment"):
            actions.set_hidden(stage.access(), secret.public_id, **attempt)


@pytest.mark.parametrize(("maker", "sees"), [("alice", True), ("ada", True), ("bob", False), (None, True)])
def test_a_key_sees_what_its_maker_sees(stage: Stage, secret: Segment, maker: str | None, sees: bool) -> None:
    key = ApiKey.objects.create(
        workspace=stage.workspace,
        kind=KeyKind.SECRET,
        name="k",
        prefix="sk_x",
        hashed=new_id("x"),
        created_by=stage.users[maker] if maker else None,
    )
    access = Access(stage.workspace, Caller(ip="", key=key), None)
    assert visible_segments(access).exists() is sees


IN = quote('in segment "') + "{name}" + quote('"')
PLAN = {"columns": [{"column": 1, "field": "name"}], "segments": ["{other}", "{id}"]}
DAILY = {"name": "Probe", "every": "day", "destination": "{destination}"}
CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/segments/{id}", None),
    ("PATCH", "/segments/{id}", {"name": "Mine"}),
    ("PATCH", "/segments/{id}", {"where": "everyone"}),
    ("DELETE", "/segments/{id}", None),
    ("DELETE", "/segments/{id}?force=true", None),
    ("POST", "/segments/{id}/duplicate", {}),
    ("POST", "/segments/{id}/restore", {"revision": 1}),
    ("PUT", "/segments/{id}/star", None),
    ("DELETE", "/segments/{id}/star", None),
    ("GET", "/segments/{id}/people", None),
    ("GET", "/segments/{id}/people?at=2026-01-01T00:00:00Z", None),
    ("POST", "/segments/{id}/members", {"add": [1]}),
    ("GET", "/segments/{id}/history", None),
    ("POST", "/segments/regions", {"segments": ["{id}", "{other}"]}),
    ("POST", "/segments", {"name": "Probe", "where": 'in segment "{name}"'}),
    ("POST", "/segments", {"name": "Probe", "where": 'not in segment "{name}"'}),
    ("POST", "/segments", {"name": "Probe", "where": 'in segment "{id}"'}),
    (
        "POST",
        "/segments",
        {"name": "Probe", "filter": {"version": 1, "root": {"type": "segment", "op": "in", "segments": ["{id}"]}}},
    ),
    ("POST", "/segments", {"name": "Probe", "kind": "static", "where": 'in segment "{name}"'}),
    ("POST", "/segments/{other}/members", {"add_where": 'in segment "{name}"'}),
    ("GET", "/people?where=" + quote('in segment "') + "{name}" + quote('"'), None),
    ("GET", "/people?where=" + quote('not in segment "') + "{id}" + quote('"'), None),
    ("POST", "/people/count", {"where": 'country is known or in segment "{name}"'}),
    ("GET", "/facets/country?where=" + quote('in segment "') + "{name}" + quote('"'), None),
    ("GET", "/people/1/explain?segment={id}", None),
    ("GET", f"/people/1/explain?where={IN}", None),
    ("GET", "/segments/{id}/hidden", None),
    ("PUT", "/segments/{id}/hidden", {"roles": []}),
    ("GET", f"/charts/growth?where={IN}", None),
    ("GET", f"/charts/breakdown/country?where={IN}", None),
    ("GET", f"/charts/countries?where={IN}", None),
    ("GET", f"/charts/activity?where={IN}", None),
    ("POST", "/people/bulk/change", {"selection": {"where": 'in segment "{name}"'}, "add_tags": ["vip"]}),
    ("POST", "/people/bulk/delete", {"selection": {"where": 'in segment "{name}"'}}),
    (
        "POST",
        "/people/bulk/members",
        {"selection": {"where": 'in segment "{name}"'}, "segment": "{other}", "action": "add"},
    ),
    ("POST", "/people/bulk/members", {"selection": {"numbers": [1]}, "segment": "{id}", "action": "add"}),
    ("POST", "/people/bulk/members", {"selection": {"numbers": [1]}, "segment": "{id}", "action": "remove"}),
    ("POST", "/views", {"name": "Probe", "where": 'in segment "{name}"'}),
    ("PATCH", "/views/{view}", {"where": 'not in segment "{name}"'}),
    ("PUT", "/imports/{import}/plan", PLAN),
    ("POST", "/exports", {"segment": "{id}"}),
    ("POST", "/exports", {"where": 'in segment "{name}"'}),
    ("PATCH", "/segments/{other_dynamic}", {"where": 'in segment "{name}"'}),
    ("POST", "/export-schedules", DAILY | {"export": {"segment": "{id}"}}),
    ("POST", "/export-schedules", DAILY | {"export": {"where": 'in segment "{name}"'}}),
    ("PATCH", "/export-schedules/{schedule}", {"export": {"segment": "{id}"}}),
    ("PATCH", "/export-schedules/{schedule}", {"export": {"where": 'not in segment "{name}"'}}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_hidden_answers_as_missing(
    stage: Stage, secret: Segment, method: str, path: str, body: Any, settings: Any, tmp_path: Path
) -> None:
    """For an admin, who may do all that these calls ask for, to segments that are not hidden from them."""
    settings.COTERIE_EXPORT_FOLDER = tmp_path / "exports"
    stage.hide(secret, Role.ADMIN, Role.AGENT, Role.VIEWER)
    places = _places(stage, f"{path} {body}")
    stage.settle()
    seen = []
    for public_id, name in ((secret.public_id, SECRET), (new_id("seg"), "Churning wheels")):
        names = places | {"id": public_id, "name": name}

        def put(text: str, names: dict[str, str] = names) -> str:
            for key, value in names.items():
                text = text.replace(f"{{{key}}}", quote(value) if text.startswith("/") else value)
            return text

        sent = None if body is None else json.loads(put(json.dumps(body)))
        found = stage.api("ada").api.call(method, f"/workspaces/{stage.workspace.slug}{put(path)}", sent)
        # What is echoed is what was sent: nothing else may differ.
        text = found.content.decode().replace(public_id, "ID").replace(name, "NAME")
        seen.append((found.status_code, text))
    assert seen[0] == seen[1]
    assert seen[0][0] in (400, 404)
    assert "segment" in seen[0][1]


def _places(stage: Stage, call: str) -> dict[str, str]:
    """What a call needs beside the segment that it probes."""
    makers: dict[str, Callable[[], str]] = {
        "other": lambda: stage.static("Open", [1]).public_id,
        "other_dynamic": lambda: stage.dynamic("Follows", "country is known").public_id,
        "view": lambda: str(stage.api("ada").call("POST", "/views", {"name": "Mine"}, expect=201)["id"]),
        "destination": lambda: _destination(stage),
        "schedule": lambda: str(
            stage.api("ada").call(
                "POST", "/export-schedules", DAILY | {"destination": _destination(stage)}, expect=201
            )["id"]
        ),
        "import": lambda: upload(stage.access("ada"), "people.csv", [b"name\nAda\n"]).public_id,
    }
    return {key: make() for key, make in makers.items() if f"{{{key}}}" in call}


def _destination(stage: Stage) -> str:
    given = {"name": "Nightly", "kind": "folder", "folder": "nightly"}
    return str(stage.api("ada").call("POST", "/export-destinations", given, expect=201)["id"])


def test_every_route_that_takes_a_segment_or_a_filter_is_probed() -> None:
    document = api.get_openapi_schema()
    taking = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if names_taken(operation, document) & {"segment", "segments", "where", "add_where", "filter"}
    }
    assert len(taking) > 30
    # What it takes is inside of `export`.
    assert ("POST", "/api/v1/workspaces/{slug}/export-schedules") in taking

    def asked(method: str, path: str) -> bool:
        pattern = re.compile(re.sub(r"{\w+}", "[^/]+", path.replace("/api/v1/workspaces/{slug}", "")) + r"(\?.*)?")
        return any(method == sent and pattern.fullmatch(probe) for sent, probe, _ in CALLS)

    assert {each for each in taking if not asked(*each)} == set()


def test_listening_tells_nothing_hidden(stage: Stage, secret: Segment) -> None:
    assert SECRET not in json.dumps(stage.api("bob").call("GET", "/segments"))
    assert stage.api("bob").call("GET", "/people/1/segments") == {"items": []}
    assert [row["name"] for row in stage.api("alice").call("GET", "/people/1/segments")["items"]] == [SECRET]
    assert SECRET not in names_for(stage.access("bob")).values()


@pytest.fixture
def outer(stage: Stage, secret: Segment) -> Segment:
    """A segment that everyone sees, made of the one that not everyone sees."""
    segment = stage.dynamic("Italians we know", f'in segment "{SECRET}" and country is known')
    stage.settle()
    return segment


def test_what_uses_a_hidden_segment_is_still_evaluated(stage: Stage, outer: Segment) -> None:
    for who in stage.users:
        assert queries.view(stage.access(who), outer.public_id).size == 1
        page = stage.api(who).call("GET", f"/segments/{outer.public_id}/people")
        assert [person["number"] for person in page["items"]] == [1]


READS: list[Callable[[SegmentsApi, Segment], Any]] = [
    lambda api, outer: api.call("GET", f"/segments/{outer.public_id}"),
    lambda api, outer: api.call("GET", "/segments"),
    lambda api, outer: api.call("GET", f"/segments/{outer.public_id}/history"),
    lambda api, outer: api.call("PATCH", f"/segments/{outer.public_id}", {"description": "x"}),
    lambda api, outer: api.call("POST", f"/segments/{outer.public_id}/duplicate", {}, expect=201),
    lambda api, outer: api.call("GET", "/people/1/segments"),
    lambda api, outer: api.call("PATCH", f"/segments/{outer.public_id}", {"where": "everyone"}, expect=403),
    lambda api, outer: api.call("POST", f"/segments/{outer.public_id}/restore", {"revision": 1}),
]


@pytest.mark.parametrize("read", READS)
def test_a_definition_does_not_name_what_is_hidden(
    stage: Stage, secret: Segment, outer: Segment, read: Callable[[SegmentsApi, Segment], Any]
) -> None:
    text = json.dumps(read(stage.api("bob"), outer))
    assert secret.public_id not in text
    assert SECRET not in text


def test_a_definition_says_that_something_is_hidden(stage: Stage, outer: Segment) -> None:
    view = queries.view(stage.access("bob"), outer.public_id)
    assert view.partly_hidden
    assert view.sentence == f'in segment "{UNSEEN}" and country is known'
    assert not queries.view(stage.access("alice"), outer.public_id).partly_hidden
    # What can't be told can't be explained condition by condition either.
    assert upkeep.definition_of(stage.access("bob"), outer.public_id) is None
    assert upkeep.definition_of(stage.access("alice"), outer.public_id) is not None


def test_a_reason_does_not_name_what_is_hidden(stage: Stage, secret: Segment, outer: Segment) -> None:
    Segment.objects.of(stage.workspace).filter(pk=secret.pk).update(filter={"version": 9})
    stage.restart()
    stage.put("eve")
    stage.settle()
    assert queries.view(stage.access("bob"), outer.public_id).broken_reason == f"It uses {UNSEEN}, which is broken."
    assert SECRET in (queries.view(stage.access("alice"), outer.public_id).broken_reason or "")
    moves, _ = history.transitions(stage.access("bob"), outer)
    assert (moves[0].cause, moves[0].ref) == ("broken", f"uses_broken: It uses {UNSEEN}, which is broken.")
    assert secret.public_id not in moves[0].ref


def test_a_cause_does_not_name_what_is_hidden(stage: Stage, secret: Segment, outer: Segment) -> None:
    stage.redefine(secret, "country is known")
    stage.settle()
    assert stage.members(outer) == {1, 2}
    [found] = [row for row in queries.segments_of_person(stage.access("bob"), 2) if row.row.pk == outer.pk]
    assert (found.cause, found.ref) == ("segment", UNSEEN)
    moves, _ = history.transitions(stage.access("bob"), outer)
    assert (moves[0].cause, moves[0].ref) == ("segment", UNSEEN)


def test_the_plan_of_an_import_does_not_name_what_is_hidden(stage: Stage) -> None:
    lists = [stage.static(name, []) for name in ("Open", SECRET)]
    stage.hide(lists[1], Role.AGENT)
    made = upload(stage.access("ada"), "people.csv", [b"name\nAda\n"]).public_id
    ids = [each.public_id for each in lists]
    plan = {"columns": [{"column": 1, "field": "name"}], "segments": ids}
    assert stage.api("ada").call("PUT", f"/imports/{made}/plan", plan)["plan"]["segments"] == ids
    bob = stage.api("bob")
    assert bob.call("GET", f"/imports/{made}")["plan"]["segments"] == [ids[0], UNSEEN]
    assert bob.call("GET", "/imports")["items"][0]["plan"]["segments"] == [ids[0], UNSEEN]


def test_a_revision_that_uses_what_is_gone_is_not_restored(stage: Stage, secret: Segment, outer: Segment) -> None:
    """Who saw what was deleted is told its name."""
    stage.redefine(outer, "country is known")
    actions.delete_segment(stage.access("alice"), secret.public_id)
    stage.settle()
    path, body = f"/segments/{outer.public_id}/restore", {"revision": 1}
    told = stage.api("alice").call("POST", path, body, expect=409)
    assert told["message"] == f"That revision uses what no longer exists: {SECRET}."
    assert stage.api("bob").call("POST", path, body, expect=403)["code"] == "unseen_segment"
    assert queries.view(stage.access("alice"), outer.public_id).sentence == "country is known"


def test_the_audit_log_does_not_name_what_is_hidden(stage: Stage, secret: Segment) -> None:
    """Not in its answer for an admin that it is hidden from; who sees it reads its name also when it is deleted."""
    stage.hide(secret, Role.ADMIN)
    actions.delete_segment(stage.access("alice"), secret.public_id)
    assert stage.api("alice").call("GET", "/audit")["names"][secret.public_id] == SECRET
    assert SECRET not in json.dumps(stage.api("ada").call("GET", "/audit"))


def test_uses_do_not_name_what_is_hidden(stage: Stage) -> None:
    inner = stage.static("Open", [])
    user = stage.dynamic(SECRET, 'in segment "Open"')
    stage.hide(user, Role.AGENT)
    assert queries.view(stage.access("bob"), inner.public_id).uses == []
    with pytest.raises(CoterieError) as refused:
        actions.delete_segment(stage.access("bob"), inner.public_id)
    assert refused.value.details == {"uses": [], "elsewhere": True}
    with pytest.raises(CoterieError) as refused:
        actions.delete_segment(stage.access("alice"), inner.public_id)
    assert refused.value.details["uses"] == [{"kind": "segment", "id": user.public_id, "name": SECRET}]


def test_a_cycle_through_a_hidden_segment_does_not_name_it(stage: Stage) -> None:
    bottom = stage.dynamic("Bottom", "everyone")
    hidden = stage.dynamic(SECRET, 'in segment "Bottom"')
    stage.dynamic("Top", f'in segment "{SECRET}"')
    stage.hide(hidden, Role.AGENT)
    with pytest.raises(CoterieError) as refused:
        stage.redefine(bottom, 'in segment "Top"', who="bob")
    told = json.dumps(refused.value.as_json())
    assert "Top" in told
    assert SECRET not in told
    assert hidden.public_id not in told


def test_a_name_that_a_hidden_segment_has_can_be_taken(stage: Stage, secret: Segment) -> None:
    # A clash would tell that it is there.
    mine = stage.dynamic(SECRET.upper(), "everyone", who="bob")
    assert (mine.name_key, mine.name_twin) == (secret.name_key, 1)
    with pytest.raises(CoterieError, match="already"):
        stage.dynamic(SECRET, "everyone", who="alice")
    stage.settle()
    again = stage.dynamic("Mine too", f'in segment "{SECRET}"', who="bob")
    stage.settle()
    assert stage.members(again) == {1, 2}


def test_a_copy_is_hidden_from_the_same(stage: Stage, secret: Segment) -> None:
    actions.duplicate_segment(stage.access("ada"), secret.public_id)
    assert names(stage, "bob") == []
    assert len(names(stage, "ada")) == 2


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_only_leaders_hide(stage: Stage, secret: Segment, who: str) -> None:
    stage.api(who).call("PUT", f"/segments/{secret.public_id}/hidden", {"roles": []}, expect=403)
    stage.api(who).call("GET", f"/segments/{secret.public_id}/hidden", expect=403)


def test_other_workspaces_see_nothing(stage: Stage, secret: Segment, make_workspace: Any) -> None:
    other = make_workspace()
    access = Access(other, Caller(ip="", user=stage.users["alice"]), Role.OWNER)
    assert names_for(access) == {}
    for call in (
        lambda: queries.view(access, secret.public_id),
        lambda: actions.delete_segment(access, secret.public_id, force=True),
        lambda: static.change_members(access, secret.public_id, add=[1]),
    ):
        with pytest.raises(NotFound):
            call()


def test_favourites_need_a_user(stage: Stage, secret: Segment) -> None:
    key = ApiKey.objects.create(workspace=stage.workspace, kind=KeyKind.SECRET, name="k", prefix="s", hashed="h")
    with pytest.raises(Forbidden):
        actions.star_segment(Access(stage.workspace, Caller(ip="", key=key), None), secret.public_id)


def test_a_new_segment_is_hidden_from_its_first_moment(stage: Stage) -> None:
    body = {
        "name": SECRET,
        "where": "everyone",
        "hidden": {"roles": ["viewer"], "users": [stage.users["bob"].public_id]},
    }
    made = stage.api("ada").call("POST", "/segments", body, expect=201)
    assert names(stage, "bob") == names(stage, "vera") == []
    assert names(stage, "ada") == [SECRET]
    assert stage.api("ada").call("GET", f"/segments/{made['id']}/hidden") == body["hidden"]
    listed = {"name": "Hand-picked", "kind": "static", "people": [], "hidden": {"roles": ["agent"]}}
    stage.api("ada").call("POST", "/segments", listed, expect=201)
    assert names(stage, "bob") == []


@pytest.mark.parametrize(
    ("who", "hidden", "status"),
    [("bob", {"roles": ["viewer"]}, 403), ("ada", {"roles": ["owner"]}, 400), ("ada", {"users": ["usr_none"]}, 400)],
)
def test_what_cannot_be_hidden_is_not_made(stage: Stage, who: str, hidden: dict[str, Any], status: int) -> None:
    stage.api(who).call("POST", "/segments", {"name": SECRET, "where": "everyone", "hidden": hidden}, expect=status)
    assert names(stage, "alice") == []


def test_a_definition_names_a_deleted_segment_to_those_who_saw_it(stage: Stage) -> None:
    """So that it can be replaced; from whom it was hidden it stays a segment they cannot see."""
    gone = stage.dynamic("Layoffs", 'country is "Italy"')
    outer = stage.dynamic("Outer", 'in segment "Layoffs" or country is "Peru"')
    stage.hide(gone, Role.AGENT)
    actions.delete_segment(stage.access("alice"), gone.public_id, force=True)
    stage.settle()
    seen = queries.view(stage.access("alice"), outer.public_id)
    assert (seen.sentence, seen.partly_hidden) == ('in segment "Layoffs (deleted)" or country is "Peru"', False)
    hidden = queries.view(stage.access("bob"), outer.public_id)
    assert (hidden.sentence, hidden.partly_hidden) == (f'in segment "{UNSEEN}" or country is "Peru"', True)
    assert "Layoffs" not in str(hidden)
    (first,) = history.revisions(stage.access("alice"), outer)
    assert first.sentence == seen.sentence
    assert "Layoffs" not in str(history.revisions(stage.access("bob"), outer))
