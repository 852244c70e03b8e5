"""The routes of the audience as a client uses them: lists, counts, facets, explanations, timelines, menus, errors."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import KeyKind, Workspace
from coterie.accounts.permissions import PERMISSIONS
from coterie.audience import startup
from coterie.audience.models import IndexState
from coterie.audience.projector import project
from coterie.filters.fields import FieldType
from coterie.kit import clock, pagination
from coterie.people.actions import apply_edits, create_attribute
from coterie.people.edits import EventRecord, Origin, PersonEdit
from tests.audience.conftest import serving
from tests.support.world import Api

pytestmark = pytest.mark.server

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = 23
ATTRIBUTES = {
    "plan": FieldType.TEXT,
    "orders": FieldType.NUMBER,
    "paying": FieldType.BOOLEAN,
    "renewal": FieldType.DATETIME,
    "birthday": FieldType.DATE,
    "skills": FieldType.LIST,
}


class Audience:
    """The API below one workspace, as a program with a secret key."""

    def __init__(self, workspace: Workspace) -> None:
        scopes = [name for name, row in PERMISSIONS.items() if row.for_keys]
        _, token = accounts.create_key(audit.SYSTEM, workspace, kind=KeyKind.SECRET, name="test", scopes=scopes)
        self.api = Api(token=token)
        self.workspace = workspace

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200, **query: Any) -> Any:
        """One request; the answer's JSON."""
        tail = f"?{urlencode(query)}" if query else ""
        answer = self.api.call(method, f"/workspaces/{self.workspace.slug}{path}{tail}", body)
        assert answer.status_code == expect, (answer.status_code, answer.content[:500])
        return answer.json() if answer.content else None

    def get(self, path: str, *, expect: int = 200, **query: Any) -> Any:
        return self.call("GET", path, expect=expect, **query)

    def total(self, where: str) -> int:
        return int(self.call("POST", "/people/count", {"where": where})["total"])

    def numbers(self, **query: Any) -> list[int]:
        return [person["number"] for person in self.get("/people", limit=100, **query)["items"]]


def person(i: int) -> dict[str, Any]:
    """The values of the i-th person: every third lacks what the others have."""
    if i % 3 == 2:
        return {"name": f"Person {i:02}"}
    return {
        "name": f"Person {i:02}",
        "country": ["Germany", "Italy"][i % 2],
        "plan": ["Pro", "basic"][i % 2],
        "orders": i // 2 + (0.5 if i % 4 == 1 else 0),
        "paying": i % 2 == 0,
        "renewal": clock.iso(NOW + HOUR * i),
        "birthday": f"19{70 + i}-02-0{1 + i % 9}",
        "skills": ["Sewing", "Sailing"][: 1 + i % 2],
    }


@pytest.fixture
def audience(workspace: Workspace) -> Audience:
    """23 people, numbered from 1; the first ten were seen and have bought something, person 3 three times."""
    for key, kind in ATTRIBUTES.items():
        create_attribute(workspace, key=key, type=kind)
    at = clock.to_ms(NOW)
    bought = {i: 3 if i == 2 else 1 for i in range(10)}
    edits = [
        PersonEdit(
            identities=[("user_id", f"u{i}")],
            set=person(i),
            add_tags=["vip"] if i % 5 == 0 else [],
            events=[
                EventRecord("purchase", at - i * 60_000 - each, f"{i}-{each}", properties={"amount": 10 * i})
                for each in range(bought.get(i, 0))
            ],
            seen_at=at - i * 60_000 if i < 10 else None,
            origin=Origin("api", "test"),
        )
        for i in range(PEOPLE)
    ]
    assert [made.number for made in apply_edits(workspace, edits)] == list(range(1, PEOPLE + 1))
    project(workspace)
    return Audience(workspace)


def test_it_works(audience: Audience) -> None:
    page = audience.get("/people", where='country is "germany"', sort="name", limit=2)
    assert set(page) == {"total", "items", "next", "now"}
    expected = [i for i in range(PEOPLE) if person(i).get("country") == "Germany"]
    assert page["total"] == len(expected)
    assert [each["number"] for each in page["items"]] == [i + 1 for i in expected[:2]]
    assert page["items"][0]["values"]["plan"] == "Pro"
    assert abs(datetime.fromisoformat(page["now"]) - clock.now()) < timedelta(minutes=1)
    rest = audience.get("/people", where='country is "germany"', sort="name", limit=100, cursor=page["next"])
    assert [each["number"] for each in rest["items"]] == [i + 1 for i in expected[2:]]
    assert (rest["next"], rest["now"]) == (None, page["now"])


def test_everyone_is_listed_by_last_seen_without_a_filter(audience: Audience) -> None:
    numbers = audience.numbers()
    assert numbers[:10] == list(range(1, 11))
    assert len(numbers) == PEOPLE


SORTS = [sign + name for name in ("name", "country", "created_at", "last_seen", "user_id") for sign in ("", "-")]
SORTS += [sign + name for name in ATTRIBUTES if name != "skills" for sign in ("", "-")]


def _order(one: tuple[Any, int], two: tuple[Any, int], *, descending: bool) -> int:
    """By value, those without one last; equal ones by number."""
    if (one[0] is None) != (two[0] is None):
        return 1 if one[0] is None else -1
    first, second = ((value is not None, value or 0, number) for value, number in (one, two))
    way = (first > second) - (first < second)
    return -way if descending else way


def test_pages_go_through_everyone_in_order(audience: Audience) -> None:
    for sort in SORTS:
        go_through(audience, sort)


def go_through(audience: Audience, sort: str) -> None:
    seen: list[tuple[Any, int]] = []
    cursor: dict[str, str] = {}
    while True:
        page = audience.get("/people", sort=sort, limit=4, **cursor)
        assert page["total"] == PEOPLE
        for each in page["items"]:
            value = each["values"].get(sort.removeprefix("-"))
            if sort.endswith("created_at"):
                value = each["created_at"]
            seen.append((value.lower() if isinstance(value, str) else value, each["number"]))
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(number for _, number in seen) == list(range(1, PEOPLE + 1)), sort
    assert seen == sorted(seen, key=functools.cmp_to_key(functools.partial(_order, descending=sort[0] == "-")))


WHERE = 'country is "Italy" and (orders > 3 or did "purchase")'
TREE = {
    "version": 1,
    "root": {
        "type": "all",
        "of": [
            {"type": "field", "field": "country", "op": "is", "value": "Italy"},
            {
                "type": "any",
                "of": [
                    {"type": "field", "field": "orders", "op": "greater", "value": 3},
                    {"type": "event", "event": "purchase", "op": "did"},
                ],
            },
        ],
    },
}
NUMBERED = {
    "conditions": [TREE["root"]["of"][0], *TREE["root"]["of"][1]["of"]],  # type: ignore[index]
    "expression": "1 and (2 or 3)",
}


FORMS = [
    ('country is "Italy" and (orders > 3 or did "purchase")', 3, "1 and (2 or 3)"),
    ('(country is "Italy" or country is "Italy") and not orders > 3', 2, "(1 or 1) and not (2)"),
    ('country is "Italy"', 1, "1"),
    ("everyone", 0, "everyone"),
]


@pytest.mark.parametrize(("where", "conditions", "expression"), FORMS)
def test_a_count_tells_the_numbered_form_of_its_filter(
    audience: Audience, where: str, conditions: int, expression: str
) -> None:
    """A filter bar edits that form: sent back as it is, it is the same filter."""
    found = audience.call("POST", "/people/count", {"where": where})
    numbered = found["numbered"]
    assert (len(numbered["conditions"]), numbered["expression"]) == (conditions, expression)
    again = audience.call("POST", "/people/count", numbered)
    assert {**again, "now": 0} == {**found, "now": 0}


@pytest.mark.parametrize("body", [{"where": WHERE}, {"filter": TREE}, NUMBERED], ids=["sentence", "tree", "numbered"])
def test_a_count_is_the_same_in_all_notations(audience: Audience, body: dict[str, Any]) -> None:
    people = [person(i) | {"bought": i < 10} for i in range(PEOPLE)]
    italian = [each for each in people if each.get("country") == "Italy"]
    found = audience.call("POST", "/people/count", body)
    assert found["total"] == sum(each["orders"] > 3 or each["bought"] for each in italian)
    without = sum("country" not in each for each in people)
    more = sum(each.get("orders", 0) > 3 for each in people)
    assert found["conditions"] == [
        {"match": len(italian), "no_match": PEOPLE - len(italian) - without, "no_value": without},
        {"match": more, "no_match": PEOPLE - more - without, "no_value": without},
        {"match": 10, "no_match": PEOPLE - 10, "no_value": 0},
    ]
    assert found["sentence"] == WHERE
    assert audience.total(found["sentence"]) == found["total"]


def test_a_condition_and_its_complement_are_everyone(audience: Audience) -> None:
    for where in (
        WHERE,
        "orders > 3",
        "paying is true",
        'did "purchase" at least 2 times',
        "renewal before 2026-06-16",
    ):
        assert audience.total(where) + audience.total(f"not ({where})") == PEOPLE, where
    assert audience.call("POST", "/people/count", {})["total"] == PEOPLE


FACETS: list[tuple[str, str, list[tuple[Any, int]]]] = [
    ("country", "text", [("Germany", 8), ("Italy", 8)]),
    ("plan", "text", [("basic", 8), ("Pro", 8)]),
    ("paying", "boolean", [(False, 8), (True, 8)]),
    ("skills", "list", [("Sewing", 16), ("Sailing", 8)]),
    ("tags", "list", [("vip", 5)]),
    ("orders", "number", [(0, 1), (3, 2), (9, 2)]),
    ("renewal", "datetime", [("2026-06-15", 8), ("2026-06-16", 8)]),
    ("birthday", "date", [("1970-02-01", 1), ("1971-02-02", 1), ("1973-02-04", 1)]),
]


def test_facets(audience: Audience) -> None:
    for field, kind, first in FACETS:
        look_at(audience, field, kind, first)


def look_at(audience: Audience, field: str, kind: str, first: list[tuple[Any, int]]) -> None:
    found = audience.get(f"/facets/{field}")
    values = [(each["value"], each["count"]) for each in found["values"]]
    assert (found["field"], found["type"], found["total"]) == (field, kind, PEOPLE)
    assert found["known"] == audience.total(f"{field} is known")
    assert found["no_value"] == PEOPLE - found["known"]
    assert sorted(values[: len(first)], key=repr) == sorted(first, key=repr)
    assert [count for _, count in values] == sorted((count for _, count in values), reverse=True)
    limited = audience.get(f"/facets/{field}", limit=1)["values"]
    assert limited == found["values"][:1]


@pytest.mark.parametrize(
    ("field", "search", "found"),
    [
        ("country", "ERM", ["Germany"]),
        ("country", "%", []),
        ("country", "", ["Germany", "Italy"]),
        ("skills", "sail", ["Sailing"]),
        ("orders", ".5", [0.5, 10.5, 4.5, 6.5]),
        ("paying", "tru", [True]),
        ("birthday", "1970", ["1970-02-01"]),
    ],
)
def test_facets_are_searched(audience: Audience, field: str, search: str, found: list[Any]) -> None:
    values = audience.get(f"/facets/{field}", search=search)["values"]
    wanted = [value for value in found if value in {each["value"] for each in values} or search]
    assert sorted((each["value"] for each in values), key=repr) == sorted(wanted, key=repr)


def test_facets_of_a_filter(audience: Audience) -> None:
    found = audience.get("/facets/country", where="paying is true or country is unknown")
    assert (found["total"], found["known"], found["no_value"]) == (15, 8, 7)
    assert found["values"] == [{"value": "Germany", "count": 8}]
    nobody = audience.get("/facets/country", where="nobody")
    assert (nobody["total"], nobody["known"], nobody["values"]) == (0, 0, [])


def test_why_someone_is_in(audience: Audience) -> None:
    found = audience.get("/people/2/explain", where=WHERE)
    assert (found["matches"], found["sentence"]) == (True, WHERE)
    assert [(each["condition"], each["matches"]) for each in found["reasons"]] == [
        ('country is "Italy"', True),
        ("orders > 3", False),
        ('did "purchase"', True),
    ]
    assert [each["value"] for each in found["reasons"][:2]] == ["Italy", 0.5]
    assert found["reasons"][0]["origin"][:2] == ["api", "test"]
    assert found["reasons"][2]["value"]["events"] == 1
    assert audience.get("/people/20/explain", where=WHERE)["matches"] is True
    assert audience.get("/people/23/explain", where=WHERE)["matches"] is False


def test_why_someone_is_in_a_segment(audience: Audience) -> None:
    with serving():
        made = audience.call("POST", "/segments", {"name": "Italians", "where": WHERE}, expect=201)
    found = audience.get("/people/2/explain", segment=made["id"])
    assert (found["matches"], found["sentence"]) == (True, WHERE)
    for query in ({}, {"segment": made["id"], "where": WHERE}):
        assert audience.get("/people/2/explain", expect=400, **query)["code"] == "invalid_input"
    assert audience.get("/people/2/explain", segment="seg_none", expect=404)["code"] == "segment_not_found"
    assert audience.get("/people/99/explain", where=WHERE, expect=404)["code"] == "person_not_found"


def test_a_timeline(audience: Audience) -> None:
    first = audience.get("/people/3/events", limit=2)
    rest = audience.get("/people/3/events", limit=2, cursor=first["next"])
    events = first["items"] + rest["items"]
    assert [event["id"] for event in events] == ["2-0", "2-1", "2-2"]
    assert rest["next"] is None
    assert events[0]["at"] == clock.iso(NOW - timedelta(minutes=2))
    assert (events[0]["name"], events[0]["properties"]) == ("purchase", {"amount": 20})
    assert audience.get("/people/23/events") == {"items": [], "next": None}
    assert audience.get("/people/99/events", expect=404)["code"] == "person_not_found"


def nested(depth: int) -> dict[str, Any]:
    """A tree of that many levels."""
    node: dict[str, Any] = {"type": "field", "field": "name", "op": "is_known"}
    for _ in range(depth - 1):
        node = {"type": "not", "of": node}
    return {"filter": {"version": 1, "root": node}}


def conditions(count: int) -> dict[str, Any]:
    """That many conditions, joined by any."""
    one = {"type": "field", "field": "name", "op": "is_known"}
    return {"filter": {"version": 1, "root": {"type": "any", "of": [one] * count}}}


def regex(length: int) -> dict[str, Any]:
    return {"where": f'name matches "{"a" * length}"'}


WITHIN = [nested(32), conditions(200), regex(256), {"conditions": [], "expression": "match all"}]
BAD_FILTERS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"where": 'contry is "x"'}, "unknown_field", {"field": "contry", "nearest": ["country", "city"]}),
    ({"where": "country is"}, "filter_syntax", {"line": 1, "column": 11, "found": "the end"}),
    ({"where": 'country is "x"\nand )'}, "filter_syntax", {"line": 2, "column": 5, "found": ")"}),
    ({"where": 'orders contains "x"'}, "invalid_filter", {}),
    ({"where": 'in segment "No such one"'}, "unknown_segment", {"segment": "No such one"}),
    ({"where": 'name matches "("'}, "invalid_filter", {}),
    ({"where": "name is known", "filter": TREE}, "invalid_input", {"found": ["where", "filter"]}),
    ({"expression": "1"}, "invalid_input", {}),
    ({"conditions": NUMBERED["conditions"], "expression": "1 and 7"}, "filter_syntax", {"line": 1, "column": 7}),
    ({"conditions": NUMBERED["conditions"], "expression": "1 and 2"}, "filter_syntax", {}),
    ({"conditions": [{"type": "all", "of": []}]}, "invalid_filter", {}),
    ({"filter": {"version": 2, "root": {"type": "all", "of": []}}}, "invalid_filter", {}),
    ({"filter": {"version": 1, "root": {"type": "all", "of": [], "extra": 1}}}, "invalid_filter", {}),
    ({"filter": {"root": {"type": "segment", "op": "in", "segments": ["seg_1"]}}}, "invalid_filter", {}),
    (nested(33), "invalid_filter", {}),
    (nested(400), "invalid_filter", {}),
    (conditions(201), "invalid_filter", {}),
    (regex(257), "invalid_filter", {}),
    ({"where": "name is known", "wher": ""}, "invalid_input", {}),
    ({"where": "x" * 20_001}, "invalid_input", {}),
    ({"where": "(" * 19_999}, "filter_syntax", {}),
]


def test_limits_are_reached(audience: Audience) -> None:
    for body in WITHIN:
        assert audience.call("POST", "/people/count", body)["total"] >= 0


def test_a_filter_that_can_not_be_used(audience: Audience) -> None:
    for body, code, details in BAD_FILTERS:
        error = audience.call("POST", "/people/count", body, expect=400)
        assert set(error) == {"code", "message", "details"}
        assert error["code"] == code, error
        assert {key: error["details"].get(key) for key in details} == details, error
        if code != "invalid_input":
            problems = error["details"]["problems"]
            # The sentence is also told as a reason with its code, and so is each problem.
            assert error["details"]["reason"]["reason"] == error["message"]
            assert all(each["reason"]["code"] for each in problems)
            assert all(each["message"] in each["reason"]["reason"] for each in problems)
        if code == "filter_syntax":
            assert error["details"]["expected"]


def cursor_of(**changed: Any) -> str:
    place = {"sort": "-last_seen", "now": clock.to_ms(clock.now()), "number": 5, "value": 1} | changed
    return pagination.encode({key: value for key, value in place.items() if value != "left out"})


BROKEN_CURSORS = [
    "x",
    "e30",
    "bnVsbA",
    "%00",
    cursor_of(sort="name"),
    cursor_of(now="left out"),
    cursor_of(now=-1),
    cursor_of(now=10**17),
    cursor_of(now="1"),
    cursor_of(number=2**32),
    cursor_of(number=True),
    cursor_of(number=None),
    cursor_of(value="x' OR 1"),
    cursor_of(value=True),
    cursor_of(value=1.5),
    cursor_of(value=2**63),
    cursor_of(value=10**300),
    cursor_of(value=[1]),
    "A" * 4000,
]


def test_a_broken_cursor_is_refused(audience: Audience) -> None:
    for cursor in BROKEN_CURSORS:
        for path in ("/people", "/people/3/events"):
            error = audience.get(path, expect=400, cursor=cursor)
            assert error["code"] == "cursor", (cursor, error)


def test_a_cursor_may_hold_any_text(audience: Audience) -> None:
    for value in ("\\", "'", "a\nb\t\r", "ü\U0001f600", "x" * 900, "{p0:String}", None):
        place = {"sort": "name", "now": clock.to_ms(clock.now()), "number": 5, "value": value}
        expected = [i + 1 for i in range(PEOPLE) if value is not None and f"person {i:02}" > value]
        assert audience.numbers(sort="name", cursor=pagination.encode(place)) == expected


QUESTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("/people", {"sort": "tags"}, "invalid_input"),
    ("/people", {"sort": "skills"}, "invalid_input"),
    ("/people", {"sort": "--name"}, "unknown_field"),
    ("/people", {"sort": ""}, "unknown_field"),
    ("/people", {"sort": "name desc"}, "unknown_field"),
    ("/people", {"sort": "number"}, "unknown_field"),
    ("/people", {"limit": 0}, "invalid_input"),
    ("/people", {"limit": 501}, "invalid_input"),
    ("/people", {"limit": "x"}, "invalid_input"),
    ("/people", {"wher": "nobody"}, "unknown_parameter"),
    ("/people", {"where": 'cuntry is "x"'}, "unknown_field"),
    ("/facets/cuntry", {}, "unknown_field"),
    ("/facets/country", {"limit": 1001}, "invalid_input"),
    ("/people/0", {}, "invalid_input"),
    ("/people/4294967296/events", {}, "invalid_input"),
    (f"/people/{'9' * 400}/explain", {"where": "everyone"}, "invalid_input"),
]


def test_a_question_that_can_not_be_answered(audience: Audience) -> None:
    for path, query, code in QUESTIONS:
        error = audience.get(path, expect=400, **query)
        assert error["code"] == code, (path, query, error)


def test_what_is_written_is_in_the_next_answer(audience: Audience) -> None:
    with serving():
        for i in range(5):
            made = audience.call("POST", "/people", {"set": {"name": f"New {i}", "country": "Malta"}}, expect=201)
            assert audience.numbers(where='country is "Malta"') == [made["number"]]
            audience.call("PATCH", f"/people/{made['number']}", {"set": {"country": "Chad"}, "add_tags": ["new"]})
            assert audience.total('country is "Malta"') == 0
            assert audience.total('country is "Chad" and tags has any of ("new")') == i + 1


def test_the_index_is_being_rebuilt(audience: Audience) -> None:
    IndexState.objects.update(rebuilding_since=clock.now(), progress_done=3, progress_total=9)
    startup.forget_ready()
    for method, path, body in (
        ("GET", "/people", None),
        ("POST", "/people/count", {}),
        ("GET", "/facets/country", None),
        ("GET", "/people/1/explain?where=everyone", None),
        ("GET", "/people/1/events", None),
    ):
        answer = audience.api.call(method, f"/workspaces/{audience.workspace.slug}{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (503, "index_rebuilding"), path
        assert answer.json()["details"] == {"done": 3, "total": 9}
        assert int(answer.headers["Retry-After"]) >= 1
    assert audience.get("/people/1")["number"] == 1


def test_menus(audience: Audience) -> None:
    menus = audience.api.get("/operators").json()
    fields = {row["name"]: row for row in audience.get("/fields")}
    assert set(fields) >= {"email", "tags", *ATTRIBUTES}
    for row in fields.values():
        offered = [each["key"] for each in menus["fields"][row["type"]] if each["semantic"] in (None, row["semantic"])]
        assert row["operators"] == offered
    assert "domain_is" in fields["email"]["operators"]
    assert "domain_is" not in fields["plan"]["operators"]
    assert (fields["plan"]["kind"], fields["plan"]["group"], fields["skills"]["sortable"]) == (
        "attribute",
        "Custom",
        False,
    )
    assert [row["name"] for row in fields.values()][:1] == ["name"]
    assert {row["name"] for row in fields.values() if not row["importable"]} == {"channels"}
    assert {name for name in ("email", "plan", "tags", "created_at") if fields[name]["writable"]} == {"email", "plan"}
    for kind in menus["fields"].values():
        for each in kind:
            assert each["complement_of"] in (None, *(other["key"] for other in kind))


def test_every_example_of_a_menu_reads(audience: Audience) -> None:
    menus = audience.api.get("/operators").json()
    examples = {each["example"] for kind in menus["fields"].values() for each in kind}
    examples |= {each["example"] for name in ("events", "functions", "times") for each in menus[name]}
    known = {row["name"] for row in audience.get("/fields")}
    assert len(examples) > 60
    for example in examples:
        answer = audience.api.post(f"/workspaces/{audience.workspace.slug}/people/count", {"where": example})
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            assert answer.json()["code"] == "unknown_field", (example, answer.json())
            assert answer.json()["details"]["field"] not in known


def test_events_have_names_and_properties(audience: Audience) -> None:
    found = audience.get("/events/names")
    assert [(row["name"], row["count"]) for row in found["events"]] == [("purchase", 12)]
    assert found["properties"] == [{"name": "amount", "type": "number"}]
