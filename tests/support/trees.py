"""Hypothesis strategies for valid filters over a catalogue, made from the operator rows."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from coterie.filters.events import AGGREGATES, EVENT_OPERATORS, EVENT_TIMES, SEGMENT_OPERATORS, WINDOWS
from coterie.filters.fields import PROPERTY_TYPES, Catalogue, Field, FieldType
from coterie.filters.moment import DAY_UNITS, UNITS
from coterie.filters.operators import OPERATORS, Operator, operators_for
from coterie.filters.shapes import ShapeKey
from coterie.filters.tree import Filter
from coterie.filters.values import EXACT

Tree = dict[str, Any]

# Names that a grammar can stumble over: its own words, quotes, control characters, other scripts.
HOSTILE_NAMES = (
    "a b",
    "a.b",
    "$x",
    '"',
    "`",
    "\\",
    "a\\",
    "a\0b",
    "a\nb",
    "x" * 200,
    "ключ 🙂",
    "straße",
    "ıs",
    "5",
    "2026-01-31",
    "and",
    "or",
    "not",
    "in",
    "did",
    "count",
    "Last",
    "all",
    "everyone",
    "where",
    "is",
    "between",
    "unknown",
    "today",
)
_TYPES = list(FieldType)
CATALOGUE = Catalogue.of(
    [
        *(Field(name, name, _TYPES[i % len(_TYPES)]) for i, name in enumerate(HOSTILE_NAMES)),
        Field("plan", "Plan", FieldType.TEXT),
        Field("orders", "Orders", FieldType.NUMBER),
        Field("age", "Age", FieldType.NUMBER),
        Field("vip", "VIP", FieldType.BOOLEAN),
        Field("renewal", "Renewal", FieldType.DATETIME),
        Field("birthday", "Birthday", FieldType.DATE),
        Field("interests", "Interests", FieldType.LIST),
    ],
    segments={
        "seg_1": "Customers",
        "seg_2": "Trial",
        "seg_3": "Berlin",
        "seg_4": 'Says "hi" \\',
        "seg_5": "VIP",
        "seg_6": "vip",
        "seg_7": "seg_1",
    },
)

_CHARACTERS = st.characters(exclude_categories=["Cs"])
_TRAPS = st.sampled_from(
    ["\\", 'a"b', "a\\", '\\"', "`", "İ", "ß", "ΟΔΟΣ", "e\u0301", "%_", "(", "or", "\0", "\n", "123"]
)
_DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2026, 3, 29)])
_ZONES = st.sampled_from(["", "Z", "+01:00", "-03:30", "+0545"])
_PATTERNS = st.sampled_from(["a", "^[a-z]+[0-9]{2,3}$", r"\d+\.\d", "(?:a|b)*?c", '"\\\\', "(?i:x)", "ä|ö"])
_REGIONS = st.sampled_from(["DE", "us", "+49", "+1", "44", "Germany", "Brazil"])
_DOMAINS = st.sampled_from(["acme.com", "@Acme.com", "bücher.example"])


def trees(catalogue: Catalogue = CATALOGUE, *, max_leaves: int = 8) -> st.SearchStrategy[Filter]:
    """Valid filters over the catalogue, empty groups, groups of one and deep nesting among them."""
    return nodes(catalogue, max_leaves=max_leaves).map(lambda root: Filter.model_validate({"root": root}))


def nodes(catalogue: Catalogue, *, max_leaves: int = 8) -> st.SearchStrategy[Tree]:
    """Nodes as JSON values."""
    empty = st.sampled_from([{"type": "all", "of": []}, {"type": "any", "of": []}])
    return st.recursive(
        conditions(catalogue) | empty,
        lambda inner: st.one_of(
            st.builds(lambda of: {"type": "all", "of": of}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda of: {"type": "any", "of": of}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda of: {"type": "not", "of": of}, inner),
        ),
        max_leaves=max_leaves,
    )


def conditions(catalogue: Catalogue = CATALOGUE) -> st.SearchStrategy[Tree]:
    """Single conditions of every kind as JSON values."""
    kinds = [
        field_conditions(catalogue),
        _events(catalogue),
        _aggregates(catalogue),
        _event_times(catalogue),
        _event_properties(catalogue),
        _sequences(catalogue),
        _buckets(),
    ]
    if catalogue.segments:
        kinds.append(_segments(catalogue))
    return st.one_of(*kinds)


def field_conditions(catalogue: Catalogue) -> st.SearchStrategy[Tree]:
    """Conditions on fields: every row that a field's type offers."""

    def of(field: Field) -> st.SearchStrategy[Tree]:
        rows = st.sampled_from(operators_for(field.type, field.semantic))
        return rows.flatmap(lambda row: compared(row, field.type)).map(
            lambda said: {"type": "field", "field": field.name, **said}
        )

    return st.sampled_from(list(catalogue.fields.values())).flatmap(of)


@st.composite
def compared(draw: st.DrawFn, row: Operator, type: FieldType, *, or_unknown: bool = True) -> Tree:
    """An operator with a value that fits, and "or is unknown" where it may stand."""
    said: Tree = {"op": row.key}
    value = draw(operands(row, type))
    if value is not None:
        said["value"] = value
    if or_unknown and row.joins_unknown and draw(st.booleans()):
        said["or_unknown"] = True
    return said


def operands(row: Operator, type: FieldType) -> st.SearchStrategy[Any]:
    """Values that fit a row under a type, as JSON values; None where a row takes none."""
    special = {"matches": _PATTERNS, "domain_is": _DOMAINS, "country_is": _REGIONS, "on": _DAYS.map(str)}
    positive = row.complement_of or row.key
    if positive in special:
        return special[positive]
    scalar = _scalars(type, trims=row.trims)
    shapes = {
        ShapeKey.NONE: st.none(),
        ShapeKey.ONE: scalar,
        ShapeKey.MANY: st.lists(scalar, min_size=1, max_size=3),
        ShapeKey.RANGE: _ranges(type),
        ShapeKey.SPAN: _spans(tuple(u for u in row.units if type is not FieldType.DATE or u in DAY_UNITS)),
        ShapeKey.COUNT: st.integers(row.minimum, 9),
    }
    return shapes[row.shape]


def _scalars(type: FieldType, *, trims: bool) -> st.SearchStrategy[Any]:
    if type is FieldType.NUMBER:
        return numbers()
    if type is FieldType.DATETIME:
        return _DAYS.map(str) | _times()
    if type is FieldType.DATE:
        return _DAYS.map(str)
    text = st.text(_CHARACTERS, min_size=1, max_size=8) | _TRAPS
    return text.filter(lambda value: bool(value.strip())) if trims else text


def numbers() -> st.SearchStrategy[int | float]:
    """Numbers that a filter may hold: whole ones up to 2^53 and finite floats."""
    floats = st.floats(allow_nan=False, allow_infinity=False)
    return st.integers(-EXACT, EXACT) | floats | st.sampled_from([0, -0.0, 0.1, 5.0, 1e300, -1e-300, 2.0**60])


@st.composite
def _times(draw: st.DrawFn) -> str:
    day, zone = draw(_DAYS), draw(_ZONES)
    clock = draw(st.sampled_from(["00:00", "09:30", "23:59:59", "12:00:00.5", "02:30:00.123456"]))
    return f"{day}T{clock}{zone}"


@st.composite
def _ranges(draw: st.DrawFn, type: FieldType) -> Tree:
    if type is FieldType.NUMBER:
        start, end = sorted((draw(numbers()), draw(numbers())))
        return {"from": start, "to": end}
    day = draw(_DAYS)
    start, end = str(day), str(day + timedelta(days=draw(st.integers(1, 40))))
    if type is FieldType.DATETIME and draw(st.booleans()):
        zone = draw(_ZONES)
        start, end = f"{start}T09:00{zone}", f"{end}T09:00{zone}"
    return {"from": start, "to": end}


def _spans(units: tuple[str, ...]) -> st.SearchStrategy[Tree]:
    return st.builds(lambda n, unit: {"n": n, "unit": unit}, st.integers(1, 40), st.sampled_from(units))


def _event_names(catalogue: Catalogue) -> st.SearchStrategy[str]:
    names = sorted(catalogue.events) if catalogue.events else ["purchase", "signup", 'said "hi"', "a\\", "зв\nук"]
    return st.sampled_from(names)


def _property_names() -> st.SearchStrategy[str]:
    return st.sampled_from(["amount", "currency", "status", *HOSTILE_NAMES])


def _property_rows() -> st.SearchStrategy[tuple[Operator, FieldType]]:
    rows = [row for row in OPERATORS.values() if row.types & PROPERTY_TYPES and not row.semantic]
    return st.sampled_from([(row, type) for row in rows for type in sorted(row.types & PROPERTY_TYPES)])


@st.composite
def _where(draw: st.DrawFn) -> list[Tree]:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        row, type = draw(_property_rows())
        said = draw(compared(row, type, or_unknown=False))
        found.append({"property": draw(_property_names()), **said})
    return found


@st.composite
def _windows(draw: st.DrawFn) -> Tree | None:
    kind = draw(st.sampled_from([None, *WINDOWS]))
    if kind is None:
        return None
    value = draw(operands(OPERATORS[WINDOWS[kind].operator], FieldType.DATETIME))
    return {"kind": kind, **(value if isinstance(value, dict) else {"at": value})}


@st.composite
def _events(draw: st.DrawFn, catalogue: Catalogue) -> Tree:
    row = draw(st.sampled_from(list(EVENT_OPERATORS.values())))
    node: Tree = {"type": "event", "event": draw(_event_names(catalogue)), "op": row.key}
    if row.shape is ShapeKey.COUNT:
        node["count"] = draw(st.integers(row.minimum, 9))
    return {**node, "window": draw(_windows()), "where": draw(_where())}


@st.composite
def _aggregates(draw: st.DrawFn, catalogue: Catalogue) -> Tree:
    row = draw(st.sampled_from(operators_for(FieldType.NUMBER)))
    return {
        "type": "aggregate",
        "function": draw(st.sampled_from(list(AGGREGATES))),
        "property": draw(_property_names()),
        "event": draw(_event_names(catalogue)),
        "window": draw(_windows()),
        "where": draw(_where()),
        **draw(compared(row, FieldType.NUMBER)),
    }


@st.composite
def _event_times(draw: st.DrawFn, catalogue: Catalogue) -> Tree:
    row = draw(st.sampled_from(operators_for(FieldType.DATETIME)))
    return {
        "type": "event_time",
        "which": draw(st.sampled_from(list(EVENT_TIMES))),
        "event": draw(_event_names(catalogue)),
        "where": draw(_where()),
        **draw(compared(row, FieldType.DATETIME)),
    }


@st.composite
def _event_properties(draw: st.DrawFn, catalogue: Catalogue) -> Tree:
    row, type = draw(_property_rows())
    said = draw(compared(row, type))
    return {
        "type": "event_property",
        "event": draw(_event_names(catalogue)),
        "property": draw(_property_names()),
        **said,
    }


def _sequences(catalogue: Catalogue) -> st.SearchStrategy[Tree]:
    make = partial(dict, type="sequence")
    names = _event_names(catalogue)
    return st.builds(lambda a, b, within: make(first=a, then=b, within=within), names, names, _spans(UNITS))


def _buckets() -> st.SearchStrategy[Tree]:
    ends = st.lists(st.integers(0, 10_000), min_size=2, max_size=2, unique=True).map(sorted)
    return ends.map(lambda pair: {"type": "bucket", "from": pair[0] / 100, "to": pair[1] / 100})


@st.composite
def _segments(draw: st.DrawFn, catalogue: Catalogue) -> Tree:
    row = draw(st.sampled_from(list(SEGMENT_OPERATORS.values())))
    ids = st.sampled_from(sorted(catalogue.segments))
    most = 1 if row.shape is ShapeKey.ONE else 3
    return {"type": "segment", "op": row.key, "segments": draw(st.lists(ids, min_size=1, max_size=most))}


def now_and_zones() -> st.SearchStrategy[tuple[int, str]]:
    """Instants in milliseconds with an IANA zone, days of daylight saving and turns of the year among them."""
    zones = ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]
    at = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1))
    traps = [datetime(2026, 3, 29, 1, 30), datetime(2026, 12, 31, 23, 30), datetime(2024, 2, 29, 12)]
    epoch = datetime(1970, 1, 1)
    instants = (at | st.sampled_from(traps)).map(lambda when: (when - epoch) // timedelta(milliseconds=1))
    return st.tuples(instants, st.sampled_from(zones))
