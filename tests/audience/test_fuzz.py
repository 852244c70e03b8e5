"""Made-up names, values and filters, hostile ones among them, through the API: each is taken as the oracle takes it.

`COTERIE_TEST_HOSTILE` is how many are tried.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.accounts.models import Workspace
from coterie.filters.fields import Catalogue, Field, FieldType
from coterie.kit import clock
from coterie.people.models import Attribute
from tests.audience.conftest import serving
from tests.audience.test_api import Audience
from tests.audience.test_hostile import BROKEN, CANARY, HOSTILE, overheard
from tests.support import oracle_values
from tests.support.oracle import OraclePerson, World, evaluate
from tests.support.oracle_values import Lossy
from tests.support.trees import field_conditions
from tests.support.world_pools import EMPTIES, LOSSY_NUMBERS, NUMBER_TEXTS, NUMBERS, TEXTS

EXAMPLES = int(os.environ.get("COTERIE_TEST_HOSTILE", "40"))
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
REFUSED = {"invalid_filter", "invalid_input", "invalid_body"}
REFUSED_NAMES = {(400, code) for code in {"attribute_key", "reserved_key"} | REFUSED}
# Stands for the field's name in a condition.
KEY = "the field"

_SIGNS = st.text(alphabet=" .`\"'\\$@{}[]()%;:-/*\0\n\t#&|?!é\N{COMBINING ACUTE ACCENT}İß0a", min_size=1, max_size=8)
NAMES = st.sampled_from([*HOSTILE, *BROKEN]) | _SIGNS | st.text(min_size=1, max_size=12)
SCALARS = st.one_of(
    st.sampled_from([*HOSTILE, *BROKEN, *TEXTS, *NUMBER_TEXTS]),
    st.sampled_from([*NUMBERS, *LOSSY_NUMBERS]).filter(
        lambda value: not isinstance(value, float) or math.isfinite(value)
    ),
    st.sampled_from(["2026-03-15", "2026-03-15T12:00:00Z", "2026-03-08T11:59:59.999Z", 1_773_576_000, "0001-01-01"]),
    st.text(max_size=20),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = SCALARS | st.sampled_from(EMPTIES) | st.lists(SCALARS, max_size=4) | st.just({"a": 1}) | st.just([["x"]])
JUNK = VALUES | st.dictionaries(NAMES, SCALARS, max_size=2) | st.recursive(SCALARS, st.lists, max_leaves=4)


def stored(kind: str, raw: Any) -> Any:
    """What the oracle keeps of a value, None for no value; Lossy where it is not taken."""
    value = oracle_values.normalise(kind, raw)
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and ("\0" in text or text != text.encode("utf-8", "replace").decode()):
            raise Lossy("no database holds this text")
    return value


@dataclass(frozen=True)
class Said:
    """A condition on the field that it is about, and whether there is nothing wrong with it."""

    condition: dict[str, Any]
    is_good: bool


@st.composite
def conditions(draw: st.DrawFn, kind: str) -> Said:
    good = draw(field_conditions(Catalogue({KEY: Field(KEY, KEY, FieldType(kind))})))
    part = draw(st.sampled_from(["", "", "op", "value", "field", "more"]))
    wrong = {
        "op": lambda: {"op": draw(NAMES)},
        "value": lambda: {"value": draw(JUNK)},
        "field": lambda: {"field": draw(NAMES)},
        "more": lambda: {draw(NAMES): draw(JUNK)},
    }
    return Said(good | wrong[part](), False) if part else Said(good, True)


@st.composite
def trials(draw: st.DrawFn) -> tuple[str, str, Any, list[Said]]:
    """A field's name and type, a value for it, and conditions on it."""
    kind = draw(st.sampled_from([str(each) for each in FieldType]))
    return draw(NAMES), kind, draw(VALUES), draw(st.lists(conditions(kind), min_size=2, max_size=4))


def asked(audience: Audience, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of a request, which is never an error of ours."""
    answer = audience.api.call(method, f"/workspaces/{audience.workspace.slug}{path}", body)
    assert answer.status_code < 500, (path, body, answer.content[:500])
    return answer.status_code, json.loads(answer.content) if answer.content else None


def tried(audience: Audience, name: str, kind: str, raw: Any, said: list[Said]) -> None:
    status, made = asked(audience, "POST", "/attributes", {"key": name, "type": kind})
    if status != 201:
        assert (status, made["code"]) in REFUSED_NAMES, made
        return
    try:
        value = written(audience, made["key"], kind, raw)
        people = [OraclePerson(1, {} if value is None else {made["key"]: value}), OraclePerson(2)]
        world = World(clock.to_ms(NOW), "UTC", {made["key"]: kind})
        for each in said:
            compared(audience, made["key"], each, people, world)
    finally:
        asked(audience, "PATCH", "/people/1", {"clear": [made["key"]]})
        assert asked(audience, "DELETE", f"/attributes/{made['id']}")[0] == 204
        # A deleted one comes back with its type alone: the next trial may give it another.
        Attribute.objects.of(audience.workspace).filter(pk=made["id"]).delete()


def written(audience: Audience, key: str, kind: str, raw: Any) -> Any:
    """The value as the oracle keeps it, after it was written; None for no value."""
    status, answer = asked(audience, "PATCH", "/people/1", {"set": {key: raw}})
    try:
        value = stored(kind, raw)
    except Lossy:
        assert (status, answer["code"] in {"rejected_values"} | REFUSED) == (400, True), (kind, raw, answer)
        return None
    assert status == 200, (kind, raw, answer)
    return value


def compared(audience: Audience, key: str, said: Said, people: list[OraclePerson], world: World) -> None:
    condition = {name: key if (name, part) == ("field", KEY) else part for name, part in said.condition.items()}
    status, counted = asked(audience, "POST", "/people/count", {"filter": {"version": 1, "root": condition}})
    if status != 200:
        assert (status, counted["code"] in REFUSED) == (400, True), counted
        # No text holds NUL, whatever it is for.
        assert not said.is_good or "\\u0000" in json.dumps(condition), (condition, counted)
        return
    if condition["field"] != key:
        return
    expected = [person.number for person in people if evaluate(condition, person, world)]
    assert counted["total"] == len(expected), (condition, people[0].values)
    # The sentence that it shows means the same.
    listed = audience.get("/people", where=counted["sentence"], sort="created_at")
    assert sorted(person["number"] for person in listed["items"]) == expected, counted["sentence"]


@pytest.mark.server
def test_it_works(workspace: Workspace) -> None:
    audience = Audience(workspace)
    with serving(), overheard() as heard, clock.frozen(NOW):
        for user in ("ann", "bob"):
            body = {"identities": [{"kind": "user_id", "value": user}]}
            audience.call("POST", "/people", body, expect=201)

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(trials())
        def fuzz(trial: tuple[str, str, Any, list[Said]]) -> None:
            tried(audience, *trial)

        fuzz()
    assert not [sql for sql in heard if CANARY in sql or "passwd" in sql or "DROP" in sql]
