"""The oracle: what a filter means, one person at a time, in plain Python.

It is written from `filters.md` alone and shares no code with Coterie, so that the two can disagree. Simple before fast.
A filter is the JSON tree as a dict, with or without its {"version", "root"} envelope.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import phonenumbers
import re2
from phonenumbers import geocoder

from tests.support.oracle_values import Clock, Lossy, Readings, fold, holds_in_time, normalise, readings

Tree = dict[str, Any]


@dataclass(frozen=True)
class OracleEvent:
    """One event; `properties` as they were sent."""

    name: str
    time_ms: int
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OraclePerson:
    """`values` holds stored values (text, float, bool, int ms, "YYYY-MM-DD", list of text) and no entry for no value.

    `events` stand in the order in which they were accepted.
    """

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[OracleEvent, ...] = ()


@dataclass(frozen=True)
class World:
    """What a filter is read against; a segment is its tree, or its members where it is static."""

    now_ms: int
    zone: str
    field_types: Mapping[str, str]
    segments: Mapping[str, Tree | frozenset[int]] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return Clock(self.now_ms, self.zone)


class BrokenFilter(ValueError):
    """The filter is an error and so matches nobody."""


def written(
    number: int, writes: Iterable[Mapping[str, Any]], field_types: Mapping[str, str], events: Iterable[OracleEvent] = ()
) -> OraclePerson:
    """The person after these writes of raw values, one after the other.

    A value that does not convert leaves the old one; so does a name that no attribute may have.
    """
    values: dict[str, Any] = {}
    for write in writes:
        for name, raw in write.items():
            if "\0" in name or len(name) > 200:
                continue
            try:
                value = normalise(field_types[name], raw)
            except Lossy:
                continue
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
    return OraclePerson(number, values, tuple(events))


def evaluate(tree: Tree, person: OraclePerson, world: World) -> bool:
    """True when the filter holds for the person; a broken filter holds for nobody."""
    try:
        check(tree, world)
    except BrokenFilter:
        return False
    return holds(tree, person, world)


def members(tree: Tree, people: Iterable[OraclePerson], world: World) -> set[int]:
    """The numbers of all people for whom the filter holds."""
    try:
        check(tree, world)
    except BrokenFilter:
        return set()
    return {person.number for person in people if holds(tree, person, world)}


# ---- operators -------------------------------------------------------------------------------------------------------


def _is_of_country(phone: str, country: str) -> bool:
    """`country` is a region code (`DE`), a calling code (`+49`) or the English name of a country."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return False
    region = phonenumbers.region_code_for_number(number)
    if region is None:
        return False
    names = {region, str(number.country_code), geocoder.country_name_for_number(number, "en")}
    return _whole(country).removeprefix("+") in {fold(name) for name in names}


def _domain_of(email: str) -> str | None:
    return email.rpartition("@")[2] if "@" in email else None


def _whole(operand: str) -> str:
    """An operand that is compared with whole values, which never have outer spaces."""
    return fold(operand.strip())


def _folded(values: Iterable[str]) -> set[str]:
    return {_whole(value) for value in values}


# Positive operators: (a value that is there, the operand) -> bool.
TEXT: dict[str, Callable[[str, Any], bool]] = {
    "is": lambda x, v: fold(x) == _whole(v),
    "is_one_of": lambda x, v: fold(x) in _folded(v),
    "contains": lambda x, v: fold(v) in fold(x),
    "starts_with": lambda x, v: fold(x).startswith(fold(v)),
    "ends_with": lambda x, v: fold(x).endswith(fold(v)),
    "matches": lambda x, v: re2.search("(?i)" + v, fold(x)) is not None,
    "domain_is": lambda x, v: _domain_of(fold(x)) == _whole(v).removeprefix("@"),
    "country_is": _is_of_country,
}
NUMBER: dict[str, Callable[[float, Any], bool]] = {
    "equals": operator.eq,
    "greater": operator.gt,
    "at_least": operator.ge,
    "less": operator.lt,
    "at_most": operator.le,
    "between": lambda x, v: v["from"] <= x <= v["to"],
    "is_one_of": lambda x, v: x in v,
}
BOOLEAN: dict[str, Callable[[bool, Any], bool]] = {
    "is_true": lambda x, v: x is True,
    "is_false": lambda x, v: x is False,
}
TIME = (
    "before",
    "after",
    "on",
    "time_between",
    "in_last",
    "more_than_ago",
    "in_next",
    "more_than_ahead",
    "exactly_ago",
    "today",
    "yesterday",
    "this_week",
    "this_month",
    "this_year",
    "anniversary_in_next",
)
LIST: dict[str, Callable[[list[str], Any], bool]] = {
    "has_any_of": lambda x, v: bool(_folded(x) & _folded(v)),
    "has_all_of": lambda x, v: _folded(x) >= _folded(v),
}
# A person without a value has a count of 0, so these hold or not without one.
COUNT: dict[str, Callable[[int, Any], bool]] = {
    "count_equals": operator.eq,
    "count_greater": operator.gt,
    "count_less": operator.lt,
}

NEGATIVE: dict[str, str] = {
    "is_not": "is",
    "is_none_of": "is_one_of",
    "does_not_contain": "contains",
    "does_not_start_with": "starts_with",
    "does_not_end_with": "ends_with",
    "does_not_match": "matches",
    "domain_is_not": "domain_is",
    "country_is_not": "country_is",
    "not_equals": "equals",
    "not_between": "between",
    "is_not_true": "is_true",
    "is_not_false": "is_false",
    "has_none_of": "has_any_of",
    "does_not_have_all_of": "has_all_of",
    "count_not_equals": "count_equals",
    "count_at_most": "count_greater",
    "count_at_least": "count_less",
    "is_unknown": "is_known",
    "is_empty": "is_known",
    **{f"not_{op}": op for op in TIME},
}
SAME = {"is_not_empty": "is_known"}

POSITIVE: dict[str, set[str]] = {
    "text": set(TEXT),
    "number": set(NUMBER),
    "boolean": set(BOOLEAN),
    "datetime": set(TIME),
    "date": set(TIME),
    "list": {*LIST, *COUNT},
}


def compare(kind: str, op: str, x: Any, value: Any, clock: Clock) -> bool:
    """One operator on one value; on None (no value) a positive one is false, a negative one true."""
    if op in NEGATIVE:
        return not compare(kind, NEGATIVE[op], x, value, clock)
    op = SAME.get(op, op)
    if op == "is_known":
        return x is not None
    if op in COUNT:
        return COUNT[op](len(x or ()), value)
    if x is None:
        return False
    if kind in ("datetime", "date"):
        return holds_in_time(op, date.fromisoformat(x) if kind == "date" else x, value, clock)
    rows: Any = {"text": TEXT, "number": NUMBER, "boolean": BOOLEAN, "list": LIST}[kind]
    return bool(rows[op](x, value))


def kind_of(op: str, value: Any) -> str:
    """The type that an operator on an event property reads; operators of two types are told apart by their operand."""
    op = NEGATIVE.get(op, op)
    if op == "is_one_of":
        return "text" if all(isinstance(v, str) for v in value) else "number"
    for kind, ops in (("text", TEXT), ("number", NUMBER), ("boolean", BOOLEAN), ("datetime", TIME)):
        if op in ops:
            return kind
    return "text"  # is_known, is_unknown: whatever has a value has a text form


def compare_readings(op: str, read: Readings, value: Any, clock: Clock) -> bool:
    kind = kind_of(op, value)
    x = {"text": read.text, "number": read.number, "boolean": read.boolean, "datetime": read.instant}[kind]
    return compare(kind, op, x, value, clock)


# ---- nodes -----------------------------------------------------------------------------------------------------------


def holds(tree: Tree, person: OraclePerson, world: World) -> bool:
    """True when a filter that is not broken holds for the person."""
    node = tree.get("root", tree)
    return NODES[node["type"]](node, person, world)


def _field(node: Tree, person: OraclePerson, world: World) -> bool:
    kind, x = world.field_types[node["field"]], person.values.get(node["field"])
    return compare(kind, node["op"], x, node.get("value"), world.clock) or _or_unknown(node, x)


def _or_unknown(node: Tree, x: Any) -> bool:
    return bool(node.get("or_unknown")) and x is None


def _segment(node: Tree, person: OraclePerson, world: World) -> bool:
    def inside(segment: str) -> bool:
        meaning = world.segments[segment]
        return person.number in meaning if isinstance(meaning, frozenset) else holds(meaning, person, world)

    found = [inside(segment) for segment in node["segments"]]
    return {"in": any, "in_any": any, "in_all": all, "not_in": lambda of: not any(of)}[node["op"]](found)


def _matching(node: Tree, person: OraclePerson, world: World) -> list[OracleEvent]:
    """The person's events of that name, in the window, each of which fits every `where`, in accepted order."""
    clock = world.clock

    def in_window(at: int) -> bool:
        window = node.get("window")
        if window is None:
            return True
        if window["kind"] == "last":
            return holds_in_time("in_last", at, window, clock)
        if window["kind"] == "between":
            return holds_in_time("time_between", at, window, clock)
        return holds_in_time(window["kind"], at, window["at"], clock)

    def fits(event: OracleEvent) -> bool:
        return all(
            compare_readings(p["op"], readings(event.properties.get(p["property"])), p.get("value"), clock)
            for p in node.get("where") or ()
        )

    return [e for e in person.events if e.name == node["event"] and in_window(e.time_ms) and fits(e)]


COUNTS: dict[str, Callable[[int, int], bool]] = {
    "did": lambda n, _: n > 0,
    "did_not": lambda n, _: n == 0,
    "at_least": operator.ge,
    "at_most": operator.le,
    "exactly": operator.eq,
    "not_exactly": operator.ne,
    "more_than": operator.gt,
    "fewer_than": operator.lt,
}


def _event(node: Tree, person: OraclePerson, world: World) -> bool:
    return COUNTS[node["op"]](len(_matching(node, person, world)), node.get("count"))  # type: ignore[arg-type]


FUNCTIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "average": lambda numbers: sum(numbers) / len(numbers),
    "minimum": min,
    "maximum": max,
}


def _aggregate(node: Tree, person: OraclePerson, world: World) -> bool:
    events = _matching(node, person, world)
    found = [readings(event.properties.get(node["property"])) for event in events]
    numbers = [read.number for read in found if read.number is not None]
    x: float | None
    if node["function"] == "distinct":
        x = len({fold(read.text) for read in found if read.text is not None}) or None
    elif not numbers:
        x = None
    else:
        x = FUNCTIONS[node["function"]](numbers)
    return compare("number", node["op"], x, node.get("value"), world.clock) or _or_unknown(node, x)


def _event_time(node: Tree, person: OraclePerson, world: World) -> bool:
    times = [event.time_ms for event in _matching(node, person, world)]
    x = None if not times else min(times) if node["which"] == "first" else max(times)
    return compare("datetime", node["op"], x, node.get("value"), world.clock) or _or_unknown(node, x)


def _event_property(node: Tree, person: OraclePerson, world: World) -> bool:
    raw = None
    latest = None
    for event in _matching(node, person, world):
        if latest is None or event.time_ms >= latest:  # of two at the same time the one accepted later is the last
            latest, raw = event.time_ms, event.properties.get(node["property"])
    read = readings(raw)
    return compare_readings(node["op"], read, node.get("value"), world.clock) or _or_unknown(node, read.text)


def _sequence(node: Tree, person: OraclePerson, world: World) -> bool:
    within = node["within"]
    for i, a in enumerate(person.events):
        for j, b in enumerate(person.events):
            if i != j and a.name == node["first"] and b.name == node["then"]:
                end = world.clock.step(within["n"], within["unit"], start=a.time_ms)
                if a.time_ms <= b.time_ms < end:
                    return True
    return False


def bucket_of(number: int) -> int:
    """The hundredth of a percent, 0 to 9,999, where a person stands: ClickHouse's `intHash64`, modulo 10,000."""
    word = 2**64
    h = number ^ 0x4CF2D2BAAE6DA887
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        h = (h ^ (h >> 33)) * factor % word
    return (h ^ (h >> 33)) % 10_000


def _bucket(node: Tree, person: OraclePerson, world: World) -> bool:
    return round(node["from"] * 100) <= bucket_of(person.number) < round(node["to"] * 100)


NODES: dict[str, Callable[[Tree, OraclePerson, World], bool]] = {
    "all": lambda node, person, world: all(holds(n, person, world) for n in node["of"]),
    "any": lambda node, person, world: any(holds(n, person, world) for n in node["of"]),
    "not": lambda node, person, world: not holds(node["of"], person, world),
    "field": _field,
    "segment": _segment,
    "event": _event,
    "aggregate": _aggregate,
    "event_time": _event_time,
    "event_property": _event_property,
    "sequence": _sequence,
    "bucket": _bucket,
}


# ---- fail closed -----------------------------------------------------------------------------------------------------


def check(tree: Tree, world: World, *, inside: tuple[str, ...] = ()) -> None:
    """Raises BrokenFilter for what filters.md calls an error; `inside` are the segments being read, to find a cycle."""
    node = tree.get("root", tree)
    kind = node["type"]
    if kind in ("all", "any"):
        for child in node["of"]:
            check(child, world, inside=inside)
    elif kind == "not":
        check(node["of"], world, inside=inside)
    elif kind == "field":
        if node["field"] not in world.field_types:
            raise BrokenFilter(f"no field {node['field']!r}")
        _check_operand(world.field_types[node["field"]], node, world.clock)
    elif kind == "segment":
        for segment in node["segments"]:
            if segment not in world.segments:
                raise BrokenFilter(f"no segment {segment!r}")
            if segment in inside:
                raise BrokenFilter(f"the segment {segment!r} holds itself")
            meaning = world.segments[segment]
            if not isinstance(meaning, frozenset):
                check(meaning, world, inside=(*inside, segment))
    elif kind in ("aggregate", "event_time"):
        _check_operand("number" if kind == "aggregate" else "datetime", node, world.clock)
    elif kind == "event_property":
        _check_operand(kind_of(node["op"], node.get("value")), node, world.clock)
    for where in node.get("where") or ():
        _check_operand(kind_of(where["op"], where.get("value")), where, world.clock)


def _check_operand(kind: str, node: Tree, clock: Clock) -> None:
    op, value = NEGATIVE.get(node["op"], SAME.get(node["op"], node["op"])), node.get("value")
    if op == "is_known":
        return
    if op not in POSITIVE[kind]:
        raise BrokenFilter(f"{op} does not apply to {kind}")
    of = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    expected: Any = (int, float) if kind == "number" or op in COUNT else str if kind in ("text", "list") else object
    if any(not isinstance(v, expected) or (expected is not object and isinstance(v, bool)) for v in of):
        raise BrokenFilter(f"{op} on {kind} does not take {value!r}")
    if op == "matches":
        try:
            re2.compile("(?i)" + value)
        except re2.error as error:
            raise BrokenFilter(f"not a regular expression: {value!r}") from error
    if kind in ("datetime", "date"):
        try:
            holds_in_time(op, date(2000, 1, 1) if kind == "date" else 0, value, clock)
        except (ValueError, TypeError, KeyError) as error:
            raise BrokenFilter(f"{op} does not take {value!r}") from error
