"""Filters from JSON: what does not fit the shape, and what does not fit the workspace, each with its path."""

import json
from typing import Any

import pytest

from coterie.filters.check import MAX_CONDITIONS, MAX_DEPTH, checked, read_filter, validate
from coterie.filters.errors import InvalidFilter
from coterie.filters.fields import Catalogue
from coterie.filters.sentence import parse, print_filter
from coterie.filters.tree import All, Filter, Not
from tests.support.trees import CATALOGUE

Tree = dict[str, Any]


def field(name: str = "name", op: str = "is", **rest: Any) -> Tree:
    return {"type": "field", "field": name, "op": op, **rest}


def event(**rest: Any) -> Tree:
    return {"type": "event", "event": "e", "op": "did", **rest}


def every(*of: Any) -> Tree:
    return {"type": "all", "of": list(of)}


KNOWN = field(op="is_known")
# Root, path, words.
SHAPE = [
    ({"type": "zz"}, "root", "does not match any of the expected tags"),
    (every(KNOWN, {"type": "field"}), "root.of[1].field", "required"),
    (every(KNOWN, field(op="iss")), "root.of[1].op", "no operator 'iss'"),
    ({"type": "not", "of": field(more=1)}, "root.of.more", "not permitted"),
    ({"type": "not", "of": every(field(value=[["x"]]))}, "root.of.of[0].value", "expected text"),
    (field(value={"n": 1.5, "unit": "days"}), "root.value.n", "integer"),
    (field(value={"n": 1, "unit": "fortnights"}), "root.value.unit", "minutes"),
    (field(value={"from": 1}), "root.value.to", "required"),
    (field(value={"from": 1, "to": 2, "x": 3}), "root.value.x", "not permitted"),
    (field(value=float("nan")), "root.value", "finite"),
    (field(value="\ud800"), "root.value", "surrogate"),
    (field(name=""), "root.field", "at least 1"),
    (field(or_unknown="yes"), "root.or_unknown", "boolean"),
    (event(window={"kind": "last", "n": 1, "unit": "day"}), "root.window.unit", "minutes"),
    (event(window={"kind": "ever"}), "root.window", "expected tags"),
    (event(where=[{"property": "p", "op": "nope"}]), "root.where[0].op", "no operator"),
    (event(count="3", op="at_least"), "root.count", "integer"),
    ({"type": "segment", "op": "in", "segments": []}, "root.segments", "at least 1"),
    ({"type": "bucket", "from": "0", "to": 5}, "root.from", "number"),
]
FAULTS = [
    (field("nme", value="x"), "root.field", 'no field "nme"'),
    (every(KNOWN, field(value=5)), "root.of[1].value", "can't be compared with text"),
    ({"type": "not", "of": field("orders", "equals", value="5")}, "root.of.value", "compared with a number"),
    (field("orders", "equals", value=True), "root.value", "True can't be compared with a number"),
    (field("orders", "contains", value="1"), "root.op", "does not apply"),
    (field(op="is_known", value=1), "root.value", "takes no value"),
    (field(), "root.value", "No value can't be compared"),
    (field(value=["x"]), "root.value", "A list can't stand here"),
    (field(op="is_one_of", value="x"), "root.value", "A list of values"),
    (field(op="is_one_of", value=[]), "root.value", "0 values"),
    (field(op="is_one_of", value=["x", ""]), "root.value[1]", "Empty text"),
    (field(op="is_one_of", value=["x"] * 5001), "root.value", "5001 values"),
    (field(value="x" * 1001), "root.value", "1001 characters"),
    (field("tags", "has_any_of", value=["x", 5]), "root.value[1]", "compared with text"),
    (field("orders", "between", value=5), "root.value", "not a pair"),
    (field("orders", "between", value={"from": "1", "to": 5}), "root.value.from", "compared with a number"),
    (field("renewal", "in_last", value=5), "root.value", "not a length of time"),
    (field("renewal", "in_last", value={"n": 10**9, "unit": "days"}), "root.value.n", "can't stand here"),
    (field("renewal", "exactly_ago", value={"n": 1, "unit": "hours"}), "root.value.unit", "Hours"),
    (field("renewal", "before", value=5), "root.value", "is not a date"),
    (field(op="is_not", value="x", or_unknown=True), "root.or_unknown", "already holds"),
    (field(op="matches", value="a" * 257), "root.value", "at most 256"),
    ({"type": "segment", "op": "in", "segments": ["seg_9"]}, "root.segments[0]", "no segment"),
    ({"type": "segment", "op": "in", "segments": ["seg_1", "seg_2"]}, "root.segments", "one segment"),
    (event(op="at_least"), "root.count", "can't stand here"),
    (event(count=3), "root.count", "takes no value"),
    (event(window={"kind": "before", "at": 5}), "root.window.at", "is not a date"),
    (event(window={"kind": "between", "from": "x", "to": "2026-01-01"}), "root.window.from", "is not a date"),
    (event(where=[{"property": "p", "op": "has_any_of", "value": ["x"]}]), "root.where[0].op", "does not apply"),
    (event(where=[{"property": "p", "op": "domain_is", "value": "x"}]), "root.where[0].op", "does not apply"),
    (event(where=[{"property": "p", "op": "greater", "value": "x"}]), "root.where[0].value", "with a number"),
    (
        {"type": "aggregate", "function": "sum", "property": "p", "event": "e", "op": "today"},
        "root.op",
        "does not apply to the sum of p",
    ),
    ({"type": "event_time", "which": "first", "event": "e", "op": "is", "value": "x"}, "root.op", "does not apply"),
    (
        {"type": "sequence", "first": "a", "then": "b", "within": {"n": 0, "unit": "days"}},
        "root.within.n",
        "can't stand",
    ),
    ({"type": "bucket", "from": 5, "to": 5}, "root.to", "empty"),
]


def test_it_works() -> None:
    filter = read_filter({"version": 1, "root": every(field(value="x"))})
    assert checked(filter, CATALOGUE) == filter
    assert json.loads(filter.model_dump_json())["root"]["of"][0]["value"] == "x"


@pytest.mark.parametrize(("root", "path", "words"), SHAPE)
def test_shape(root: Tree, path: str, words: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        read_filter({"root": root})
    problem = caught.value.problems[0]
    assert problem.path == path
    assert words in problem.message


@pytest.mark.parametrize("data", [None, [], "x", {}, {"version": 2, "root": KNOWN}, {"root": KNOWN, "more": 1}])
def test_what_is_no_filter(data: Any) -> None:
    with pytest.raises(InvalidFilter):
        read_filter(data)


@pytest.mark.parametrize(("root", "path", "words"), FAULTS)
def test_faults(root: Tree, path: str, words: str) -> None:
    problem = validate(read_filter({"root": root}), CATALOGUE)[0]
    assert problem.path == path
    assert words in problem.message
    with pytest.raises(InvalidFilter) as caught:
        checked(read_filter({"root": root}), CATALOGUE)
    assert caught.value.problems[0] == problem


def test_numbers_have_one_spelling() -> None:
    tree = read_filter({"root": field("orders", "is_one_of", value=[5.0, -0.0, 2.0**53, 1e300])})
    assert json.dumps(tree.model_dump(mode="json")["root"]["value"]) == "[5, 0, 9007199254740992, 1e+300]"


def test_aliases_are_put_under_their_own_name() -> None:
    tree = read_filter({"root": field("createdAt", "today")})
    assert print_filter(tree, CATALOGUE) == "created_at today"


def test_unknown_events_are_refused_where_events_are_known() -> None:
    known = Catalogue.of(events={"purchase", "signup"})
    problem = validate(read_filter({"root": event(event="purchas")}), known)[0]
    assert (problem.path, problem.expected) == ("root.event", "purchase")
    assert not validate(read_filter({"root": event(event="purchase")}), known)
    assert not validate(read_filter({"root": event(event="anything")}), CATALOGUE)


def test_depth_and_number_of_conditions() -> None:
    leaf = parse("email is known", CATALOGUE).root
    deep = leaf
    for _ in range(MAX_DEPTH - 1):
        deep = Not(of=deep)
    assert not validate(Filter(root=deep), CATALOGUE)
    assert "deep" in validate(Filter(root=Not(of=deep)), CATALOGUE)[0].message
    assert not validate(Filter(root=All(of=(leaf,) * MAX_CONDITIONS)), CATALOGUE)
    assert "201 conditions" in validate(Filter(root=All(of=(leaf,) * (MAX_CONDITIONS + 1))), CATALOGUE)[0].message


def test_json_nested_without_end_is_refused() -> None:
    tree: Tree = KNOWN
    for _ in range(3000):
        tree = {"type": "not", "of": tree}
    with pytest.raises(InvalidFilter):
        read_filter({"root": tree})


def uses(*ids: str) -> Filter:
    return read_filter({"root": {"type": "segment", "op": "in_any", "segments": list(ids)}})


def test_cycles_of_segments() -> None:
    trees = {"seg_1": uses("seg_2"), "seg_2": uses("seg_3", "seg_5"), "seg_3": uses("seg_5"), "seg_5": uses("seg_6")}
    assert not validate(uses("seg_1", "seg_2"), CATALOGUE, segment_trees=trees)
    assert not validate(uses("seg_1"), CATALOGUE, segment_trees=trees, own_id="seg_4")
    problem = validate(uses("seg_1"), CATALOGUE, segment_trees=trees, own_id="seg_3")[0]
    assert problem.message.endswith('"Berlin" uses "Customers" uses "Trial" uses "Berlin".')
    assert validate(uses("seg_1"), CATALOGUE, own_id="seg_1")
    round_trip = {**trees, "seg_3": uses("seg_1")}
    assert validate(uses("seg_2"), CATALOGUE, segment_trees=round_trip)
    assert validate(uses("seg_4"), CATALOGUE, segment_trees={"seg_4": uses("seg_4")})
