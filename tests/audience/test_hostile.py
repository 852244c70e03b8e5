"""Names and values made to break out: they are found like any other, or refused, and never become SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
import re2
from clickhouse_connect.driver.exceptions import ClickHouseError
from django.http import HttpResponse

from coterie.accounts.models import Workspace
from coterie.audience.engine import Engine, engine
from coterie.audience.projector import project
from coterie.filters.fields import FieldType
from coterie.people.actions import apply_edits, create_attribute
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.segments.models import NAME_LENGTH
from tests.audience.conftest import serving
from tests.audience.test_api import Audience

pytestmark = pytest.mark.server

CANARY = "' OR file('/etc/passwd') OR '"
HOSTILE = [
    "a.b",
    "a b",
    "$x",
    "$.name",
    "$[0]",
    '"',
    '""',
    "`",
    "'",
    "\\",
    "a\\",
    "\\'",
    "\\`",
    "/",
    "../x",
    "#",
    "%",
    "_",
    "%s",
    "%(name)s",
    "{}",
    "{",
    "}",
    "{0}",
    "{x}",
    "{agg}",
    "{v}",
    "{p0:String}",
    "{p0:Identifier}",
    "x" * 200,
    "'; DROP TABLE people; --",
    "1) OR 1=1 --",
    "/* x */",
    "-- x",
    CANARY,
    "`; SELECT 1",
    "\N{FULLWIDTH APOSTROPHE}",
    "\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}",
    "\N{GRINNING FACE}",
    "\N{RIGHT-TO-LEFT OVERRIDE}x",
    "\N{ZERO WIDTH SPACE}x",
    "and",
    "not",
    "null",
    "NaN",
    "__class__",
    "constructor",
]
BROKEN = ["a\0b", "\0", "\ud800", "a\nb", "\x1b[0m"]


@contextmanager
def overheard() -> Iterator[list[str]]:
    """The text of every query that is sent to ClickHouse."""
    said: list[str] = []
    raw, rows = Engine._raw, Engine.rows

    def spy(real: Callable[..., Any]) -> Callable[..., Any]:
        def heard(self: Engine, sql: str, *args: Any, **options: Any) -> Any:
            said.append(sql)
            return real(self, sql, *args, **options)

        return heard

    with patch.object(Engine, "_raw", spy(raw)), patch.object(Engine, "rows", spy(rows)):
        yield said


def condition(field: str, op: str, value: Any = None) -> dict[str, Any]:
    node = {"type": "field", "field": field, "op": op}
    return {"version": 1, "root": node if value is None else node | {"value": value}}


def event(name: str, **more: Any) -> dict[str, Any]:
    return {"version": 1, "root": {"type": "event", "event": name, "op": "did", **more}}


@pytest.fixture
def audience(workspace: Workspace) -> Audience:
    """One person for each hostile text, who has it as name, tag, skill, event, property and property's value."""
    create_attribute(workspace, key="skills", type=FieldType.LIST)
    edits = [
        PersonEdit(
            identities=[("user_id", f"u{i}")],
            set={"name": text, "skills": [text, "other"]},
            add_tags=[text],
            events=[
                EventRecord(text, 1_780_000_000_000, f"{i}", properties={text: text}),
                EventRecord("said", 1_780_000_000_000, f"{i}-said", properties={"text": text}),
            ],
            origin=Origin("api", "test"),
        )
        for i, text in enumerate(HOSTILE)
    ]
    apply_edits(workspace, edits)
    project(workspace)
    return Audience(workspace)


def who(audience: Audience, tree: Mapping[str, Any]) -> set[str]:
    """The names of a filter's people; counted as a tree, then listed by the sentence that the count gives back."""
    counted = audience.call("POST", "/people/count", {"filter": tree})
    listed = audience.get("/people", where=counted["sentence"], limit=200)
    assert listed["total"] == counted["total"] == len(listed["items"])
    return {person["values"]["name"] for person in listed["items"]}


def fold(text: str) -> str:
    return text.lower()


def test_it_works(audience: Audience) -> None:
    assert audience.total("everyone") == len(HOSTILE)
    with overheard() as said:
        assert who(audience, condition("name", "is", CANARY)) == {CANARY}
    assert any("groupBitmapState" in sql for sql in said)


TEXT: dict[str, Callable[[str, str], bool]] = {
    "is": lambda name, text: name == text,
    "is_not": lambda name, text: name != text,
    "contains": lambda name, text: text in name,
    "starts_with": lambda name, text: name.startswith(text),
    "ends_with": lambda name, text: name.endswith(text),
}


def test_values_of_text(audience: Audience) -> None:
    with overheard() as said:
        for op, holds in TEXT.items():
            for text in HOSTILE:
                expected = {name for name in HOSTILE if holds(fold(name), fold(text))}
                assert who(audience, condition("name", op, text)) == expected, (op, text)
    assert not [sql for sql in said if "passwd" in sql or "DROP" in sql]


def test_values_of_lists_and_of_many(audience: Audience) -> None:
    for text in HOSTILE:
        for field in ("tags", "skills"):
            assert who(audience, condition(field, "has_any_of", [text])) == {text}
        assert who(audience, condition("name", "is_one_of", [text, "nobody's"])) == {text}
    assert who(audience, condition("name", "is_one_of", HOSTILE)) == set(HOSTILE)
    assert who(audience, condition("skills", "has_none_of", HOSTILE)) == set()


def test_names_of_events_and_properties(audience: Audience) -> None:
    with overheard() as said:
        for text in HOSTILE:
            assert who(audience, event(text)) == {text}, text
            where = [{"property": text, "op": "is", "value": text}]
            assert who(audience, event(text, where=where)) == {text}, text
            where = [{"property": "text", "op": "contains", "value": text}]
            containing = {name for name in HOSTILE if fold(text) in fold(name)}
            assert who(audience, event("said", where=where)) == containing, text
            last = {"type": "event_property", "event": text, "property": text, "op": "is", "value": text}
            assert who(audience, {"version": 1, "root": last}) == {text}, text
            total = {"type": "aggregate", "function": "distinct", "event": text, "property": text}
            assert who(audience, {"version": 1, "root": total | {"op": "equals", "value": 1}}) == {text}, text
            then = {"type": "sequence", "first": text, "then": "said", "within": {"n": 1, "unit": "days"}}
            assert who(audience, {"version": 1, "root": then}) == {text}, text
    assert not [sql for sql in said if "passwd" in sql or "DROP" in sql]


def test_timelines_and_explanations(audience: Audience) -> None:
    for number, text in enumerate(HOSTILE, start=1):
        events = {row["name"]: row["properties"] for row in audience.get(f"/people/{number}/events")["items"]}
        assert events == {text: {text: text}, "said": {"text": text}}
        sentence = audience.call("POST", "/people/count", {"filter": event(text)})["sentence"]
        found = audience.get(f"/people/{number}/explain", where=sentence)
        assert (found["matches"], found["reasons"][0]["value"]["events"]) == (True, 1)


def test_facets_and_their_search(audience: Audience) -> None:
    for text in HOSTILE:
        for field in ("name", "tags"):
            values = {row["value"] for row in audience.get(f"/facets/{field}", search=text, limit=200)["values"]}
            assert values == {name for name in HOSTILE if fold(text) in fold(name)}, text


def test_names_of_attributes(workspace: Workspace) -> None:
    audience = Audience(workspace)
    with serving(), overheard() as said:
        for key in HOSTILE:
            audience.call("POST", "/attributes", {"key": key, "type": "text"}, expect=201)
        made = audience.call("POST", "/people", {"set": {"name": "Ann", **dict.fromkeys(HOSTILE, "v")}}, expect=201)
        audience.call("POST", "/people", {"set": {"name": "Bob"}}, expect=201)
        assert set(audience.get(f"/people/{made['number']}")["data"]) >= set(HOSTILE)
        for key in HOSTILE:
            assert who(audience, condition(key, "is", "V")) == {"Ann"}, key
            assert who(audience, condition(key, "is_unknown")) == {"Bob"}, key
            for sort in (key, f"-{key}"):
                listed = audience.get("/people", sort=sort)["items"]
                assert [person["values"]["name"] for person in listed] == ["Ann", "Bob"], key
    assert not [sql for sql in said if "passwd" in sql or "DROP" in sql]


def test_names_in_another_spelling_of_unicode(workspace: Workspace) -> None:
    audience = Audience(workspace)
    composed, taken_apart = "caf\u00e9", "cafe\u0301"
    with serving():
        audience.call("POST", "/attributes", {"key": taken_apart, "type": "text"}, expect=201)
        audience.call("POST", "/people", {"set": {"name": "Ann", taken_apart: taken_apart}}, expect=201)
    apply_edits(
        workspace,
        [
            PersonEdit(
                number=1,
                events=[EventRecord(taken_apart, 1_780_000_000_000, "1", properties={taken_apart: taken_apart})],
                origin=Origin("api", "test"),
            )
        ],
    )
    project(workspace)
    for one in (composed, taken_apart):
        for other in (composed, taken_apart):
            assert who(audience, condition(one, "is", other)) == {"Ann"}
            assert who(audience, event(one, where=[{"property": other, "op": "is", "value": one}])) == {"Ann"}
        assert audience.numbers(sort=one) == [1]
        assert audience.total(f'did "{one}" and `{one}` is "{one}"') == 1
        assert audience.get(f"/facets/{quote(one)}")["values"] == [{"value": composed, "count": 1}]


# Django's client, like a browser, takes dots and the rest of a path for itself.
FACETED = [key for key in HOSTILE if key not in ("../x",)]


def test_facets_of_attributes(workspace: Workspace) -> None:
    audience = Audience(workspace)
    with serving():
        for key in FACETED:
            audience.call("POST", "/attributes", {"key": key, "type": "text"}, expect=201)
        audience.call("POST", "/people", {"set": dict.fromkeys(FACETED, "v")}, expect=201)
        for key in FACETED:
            found = audience.get(f"/facets/{quote(key, safe='')}")
            assert (found["field"], found["values"]) == (key, [{"value": "v", "count": 1}])


def test_names_of_segments(audience: Audience) -> None:
    named = [text for text in HOSTILE if len(text) <= NAME_LENGTH]
    with serving():
        for text in named:
            tree = condition("name", "is", text)
            made = audience.call("POST", "/segments", {"name": text, "filter": tree}, expect=201)
            assert (made["name"], made["size"]) == (text, 1)
            root = {"type": "segment", "op": "in", "segments": [made["id"]]}
            assert who(audience, {"version": 1, "root": root}) == {text}
        for text in named:
            found = {row["name"] for row in audience.get("/segments", search=text)["items"]}
            assert text in found


def test_names_that_can_not_be(audience: Audience) -> None:
    for name in BROKEN:
        for path, body in (
            ("/attributes", {"key": name, "type": "text"}),
            ("/segments", {"name": name, "where": "everyone"}),
            ("/people", {"identities": [{"kind": "user_id", "value": name}]}),
        ):
            answer = audience.api.post(f"/workspaces/{audience.workspace.slug}{path}", body)
            assert answer.status_code == 400, (name, path, answer.content)
            assert set(answer.json()) == {"code", "message", "details"}


def test_names_of_fields_that_are_not(audience: Audience) -> None:
    for text in [*HOSTILE, "name'", "name; DROP TABLE people", "name DESC, number", "t_name", ""]:
        for path, query in (
            ("/people", {"sort": text}),
            ("/people", {"sort": f"-{text}"}),
            ("/people", {"sort": "name", "cursor": text or "x"}),
        ):
            assert audience.get(path, expect=400, **query)["code"] in ("unknown_field", "cursor", "invalid_input")
        error = audience.call("POST", "/people/count", {"filter": condition(text, "is", "x")}, expect=400)
        assert error["code"] == "invalid_filter"


EVIL = [
    "^(a+)+$",
    "(a*)*b",
    "([a-zA-Z]+)*$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "((a+)+)+!",
    "(a{1,20}){1,20}",
    "^(a?){30}a{30}$",
    "(?:a+){10}b",
    "(\\w+\\s?)*$",
    "^(\\d+)*$",
    "(.+)+X",
    "(a|b|ab)*c",
    "(?i)(a+)+z",
    "a*a*a*a*a*a*a*b",
    "(([^a])*a*)*$",
    "^((ab)*)*$",
    "[[:alpha:]]*[[:alpha:]]*[[:alpha:]]*!$",
]


def test_evil_patterns_run_in_linear_time(workspace: Workspace) -> None:
    """An engine that goes back and tries again needs ages for each: that all of them end is the test."""
    name = "a" * 5_000 + "!"
    apply_edits(workspace, [PersonEdit([("user_id", "a")], set={"name": name}, origin=Origin("api", "test"))])
    project(workspace)
    audience, taken = Audience(workspace), 0
    for pattern in EVIL:
        body = {"filter": condition("name", "matches", pattern)}
        with overheard() as said:
            answer = audience.api.post(f"/workspaces/{workspace.slug}/people/count", body)
        if answer.status_code == 400:
            assert answer.json()["code"] == "invalid_filter", pattern
            continue
        assert answer.status_code == 200, pattern
        # ClickHouse has done it, by RE2; and RE2 itself agrees.
        assert any("match(" in sql for sql in said), said
        assert answer.json()["total"] == bool(re2.search("(?i-s)" + pattern, name)), pattern
        taken += 1
    assert taken >= 15


def test_patterns_of_another_dialect_are_refused(audience: Audience) -> None:
    for pattern in ("(?=a)", "(a)\\1", "(?<!a)b", "(?>a)", "a{1001}", "((a{100}){100}){100}", "[", "(?P<n>", "\\"):
        error = audience.call("POST", "/people/count", {"filter": condition("name", "matches", pattern)}, expect=400)
        assert error["code"] == "invalid_filter", pattern


MEGABYTE = "x" * 1_000_000


LARGE: list[tuple[str, str, Any]] = [
    ("POST", "/people/count", {"where": f'name is "{MEGABYTE}"'}),
    ("POST", "/people/count", {"where": "(" * 1_000_000}),
    ("POST", "/people/count", {"filter": condition("name", "is", MEGABYTE)}),
    ("POST", "/people/count", {"filter": condition(MEGABYTE, "is", "x")}),
    ("POST", "/people/count", {"filter": condition("name", "is_one_of", ["x"] * 100_000)}),
    ("POST", "/people/count", {"conditions": [condition("name", "is", MEGABYTE)["root"]], "expression": "1"}),
    ("POST", "/people/count", {"conditions": [], "expression": MEGABYTE}),
    ("POST", "/people/count", {"filter": event(MEGABYTE)}),
    ("PATCH", "/people/1", {"set": {"name": MEGABYTE}}),
    ("PATCH", "/people/1", {"set": {MEGABYTE: "x"}}),
    ("PATCH", "/people/1", {"set": {"skills": ["x"] * 100_000}}),
    ("PATCH", "/people/1", {"add_tags": [MEGABYTE]}),
    ("POST", "/people", {"identities": [{"kind": "user_id", "value": MEGABYTE}]}),
    ("POST", "/segments", {"name": MEGABYTE, "where": "everyone"}),
    ("POST", "/segments", {"name": "x", "where": "everyone", "description": MEGABYTE}),
    ("POST", "/attributes", {"key": MEGABYTE, "type": "text"}),
    ("POST", "/attributes", {"key": "x", "type": MEGABYTE}),
]


def test_a_megabyte_is_taken_or_refused(audience: Audience) -> None:
    for i, (method, path, body) in enumerate(LARGE):
        answer = audience.api.call(method, f"/workspaces/{audience.workspace.slug}{path}", body)
        assert answer.status_code in (200, 201, 400, 413), (i, answer.content[:300])
        if answer.status_code >= 400:
            assert set(answer.json()) == {"code", "message", "details"}
            # What was sent is not sent back whole.
            assert len(answer.content) < 20_000, i


def deep(levels: int, *, of: str) -> bytes:
    start, end = {"list": ("[", "]"), "object": ('{"x":', "}")}[of]
    return (start * levels + "1" + end * levels).encode()


def filter_of(levels: int) -> bytes:
    return b'{"type":"not","of":' * levels + b'{"type":"all","of":[]}' + b"}" * levels


RAW = [
    b"\xff\xfe",
    b'{"where": "\xff"}',
    b'{"where": "\\ud800"}',
    b'{"where": "\\u0000"}',
    b'{"where": 1e999}',
    b'{"where": NaN}',
    b'{"where": "x", "where": "y", "\\u0000": 1}',
    b'{"filter": %s}' % deep(1_000, of="object"),
    b'{"filter": %s}' % deep(100_000, of="object"),
    b'{"conditions": %s}' % deep(900, of="list"),
    b'{"filter": {"version": 1, "root": %s}}' % filter_of(40),
    b'{"filter": {"version": 1, "root": %s}}' % filter_of(200),
    b'{"filter": {"version": 1, "root": %s}}' % filter_of(900),
    b'{"filter": {"version": 1, "root": {"type": "field", "field": "name", "op": "is", "value": %s}}}'
    % deep(500, of="list"),
    b'{"conditions": [%s]}' % filter_of(500),
    b'{"filter": {"version": 99999999999999999999999999, "root": {"type": "all", "of": []}}}',
]


def raw(audience: Audience, method: str, path: str, body: bytes) -> HttpResponse:
    """The answer to a body as it stands."""
    url = f"/api/v1/workspaces/{audience.workspace.slug}{path}"
    client, headers = audience.api.client, audience.api.headers
    return client.generic(method, url, body, content_type="application/json", headers=headers)


def test_a_raw_body_is_refused(audience: Audience) -> None:
    for i, body in enumerate(RAW):
        answer = raw(audience, "POST", "/people/count", body)
        assert answer.status_code == 400, (i, answer.content[:300])
        assert set(answer.json()) == {"code", "message", "details"}


def test_deep_values_of_people(audience: Audience) -> None:
    for levels in (2, 50, 250, 500, 900):
        for of in ("list", "object"):
            answer = raw(audience, "PATCH", "/people/1", b'{"set": {"deep": %s}}' % deep(levels, of=of))
            assert answer.status_code in (200, 400), (levels, of, answer.content[:300])
            assert audience.get("/people/1")["number"] == 1


def test_a_raw_query_is_refused(audience: Audience) -> None:
    bad = ("%FF", "%ED%A0%80", "%00", "%F0%9F")
    queries = [f"{name}={value}" for name in ("where", "sort", "cursor") for value in bad]
    for query in (*queries, "limit=1e9", "limit=999999999999", "limit=-1", "limit=", "%FF=1", "limit=5&limit=x"):
        answer = audience.api.get(f"/workspaces/{audience.workspace.slug}/people?{query}")
        assert answer.status_code == 400, (query, answer.content)


NO_READS = [
    "INSERT INTO meta VALUES ('k', 'v', 1)",
    "SET max_threads = 1",
    "SET readonly = 0",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM executable('id', 'LineAsString', 'x String')",
    "CREATE TABLE canary (x UInt8) ENGINE = Memory",
    "DROP TABLE people",
    "ALTER TABLE people DELETE WHERE 1",
    "TRUNCATE TABLE people",
    "SYSTEM SHUTDOWN",
]


def test_a_reading_client_only_reads(audience: Audience) -> None:
    for sql in NO_READS:
        with pytest.raises((ClickHouseError, ValueError)), engine()._client(reading=True) as client:
            client.command(sql)
        with pytest.raises((ClickHouseError, ValueError)):
            engine().rows(sql)
    assert audience.total("everyone") == len(HOSTILE)
