"""The operators on fields: one row each. Menus, sentences, checks, schema and docs are all made from these rows."""

from collections.abc import Mapping
from typing import Protocol

from coterie.filters.fields import FieldType
from coterie.filters.moment import Moment
from coterie.filters.patterns import pattern_problem
from coterie.filters.phones import regions_of
from coterie.filters.rows import Bound, Operator, table, twin
from coterie.filters.shapes import Fault, ShapeKey, Value
from coterie.filters.times import TIME_ROWS
from coterie.filters.values import fold
from coterie.kit.reasons import Reason

__all__ = ["OPERATORS", "Bound", "Operator", "operators_for", "property_type"]

_TEXT = frozenset({FieldType.TEXT})
_NUMBER = frozenset({FieldType.NUMBER})
_BOOLEAN = frozenset({FieldType.BOOLEAN})
_LIST = frozenset({FieldType.LIST})
_ALL = frozenset(FieldType)
_ONE, _MANY, _COUNT = ShapeKey.ONE, ShapeKey.MANY, ShapeKey.COUNT


def _verify_pattern(value: str) -> Fault | None:
    problem = pattern_problem(value)
    if problem is None:
        return None
    unusable = Reason("unusable_pattern", "The pattern can't be used: {problem}.", problem=problem)
    return Fault("", unusable, Reason("re2", "RE2 syntax"))


def _bind_pattern(value: Value, moment: Moment | None, type: FieldType) -> list[Bound]:
    # -s: ClickHouse lets a dot match a line break, RE2 itself does not.
    return [Bound("v", "String", f"(?i-s){value}")]


def _verify_domain(value: str) -> Fault | None:
    domain = value.strip().removeprefix("@")
    if not domain or "@" in domain or any(char.isspace() for char in domain):
        return Fault(
            "",
            Reason("no_domain", '"{value}" is not a domain.', value=value),
            Reason("a_domain", 'a domain such as "acme.com"'),
        )
    return None


def _bind_domain(value: Value, moment: Moment | None, type: FieldType) -> list[Bound]:
    # A domain holds no @, so "ends with @domain" is "what follows the last @ equals domain".
    return [Bound("v", "String", "@" + fold(str(value).strip().removeprefix("@")))]


def _verify_region(value: str) -> Fault | None:
    if regions_of(value):
        return None
    return Fault(
        "",
        Reason("no_phone_country", '"{value}" is not a country that has phone numbers.', value=value),
        Reason("a_phone_country", 'a code such as "DE" or "+49"'),
    )


def _bind_regions(value: Value, moment: Moment | None, type: FieldType) -> list[Bound]:
    return [Bound("vs", "Array(String)", sorted(regions_of(str(value))))]


_is = Operator("is", "is", "{f} is {v}", 'country is "Germany"', _TEXT, _ONE, "{x} = {v}")
_is_one_of = Operator(
    "is_one_of",
    "is one of",
    "{f} is one of {v}",
    'plan is one of ("pro", "team")',
    _TEXT | _NUMBER,
    _MANY,
    "{x} IN {vs}",
)
_contains = Operator(
    "contains",
    "contains",
    "{f} contains {v}",
    'name contains "ann"',
    _TEXT,
    _ONE,
    "position({x}, {v}) > 0",
    trims=False,
)
_starts_with = Operator(
    "starts_with",
    "starts with",
    "{f} starts with {v}",
    'name starts with "Dr "',
    _TEXT,
    _ONE,
    "startsWith({x}, {v})",
    trims=False,
)
_ends_with = Operator(
    "ends_with",
    "ends with",
    "{f} ends with {v}",
    'email ends with ".edu"',
    _TEXT,
    _ONE,
    "endsWith({x}, {v})",
    trims=False,
)
_matches = Operator(
    "matches",
    "matches",
    "{f} matches {v}",
    'username matches "^[a-z]+[0-9]{2}$"',
    _TEXT,
    _ONE,
    "match({x}, {v})",
    binding=_bind_pattern,
    verify=_verify_pattern,
    trims=False,
)
_domain_is = Operator(
    "domain_is",
    "domain is",
    "{f} domain is {v}",
    'email domain is "acme.com"',
    _TEXT,
    _ONE,
    "endsWith({x}, {v})",
    binding=_bind_domain,
    verify=_verify_domain,
    semantic="email",
)
_country_is = Operator(
    "country_is",
    "country is",
    "{f} country is {v}",
    'phone country is "DE"',
    _TEXT,
    _ONE,
    "{x_region} IN {vs}",
    binding=_bind_regions,
    verify=_verify_region,
    semantic="phone",
    companion="region",
)
_TEXT_ROWS = (
    _is,
    twin(_is, "is_not", "is not", "{f} is not {v}"),
    _is_one_of,
    twin(_is_one_of, "is_none_of", "is none of", "{f} is none of {v}"),
    _contains,
    twin(_contains, "does_not_contain", "does not contain", "{f} does not contain {v}"),
    _starts_with,
    twin(_starts_with, "does_not_start_with", "does not start with", "{f} does not start with {v}"),
    _ends_with,
    twin(_ends_with, "does_not_end_with", "does not end with", "{f} does not end with {v}"),
    _matches,
    twin(_matches, "does_not_match", "does not match", "{f} does not match {v}"),
    _domain_is,
    twin(_domain_is, "domain_is_not", "domain is not", "{f} domain is not {v}"),
    _country_is,
    twin(_country_is, "country_is_not", "country is not", "{f} country is not {v}"),
)

_equals = Operator("equals", "=", "{f} = {v}", "orders = 5", _NUMBER, _ONE, "{x} = {v}")
_between = Operator(
    "between",
    "between",
    "{f} between {from} and {to}",
    "age between 18 and 25",
    _NUMBER,
    ShapeKey.RANGE,
    "{x} >= {v0} AND {x} <= {v1}",
)
_NUMBER_ROWS = (
    _equals,
    twin(_equals, "not_equals", "!=", "{f} != {v}"),
    Operator("greater", ">", "{f} > {v}", "orders > 5", _NUMBER, _ONE, "{x} > {v}"),
    Operator("at_least", ">=", "{f} >= {v}", "orders >= 5", _NUMBER, _ONE, "{x} >= {v}"),
    Operator("less", "<", "{f} < {v}", "orders < 5", _NUMBER, _ONE, "{x} < {v}"),
    Operator("at_most", "<=", "{f} <= {v}", "orders <= 5", _NUMBER, _ONE, "{x} <= {v}"),
    _between,
    twin(_between, "not_between", "not between", "{f} not between {from} and {to}"),
)

_is_true = Operator("is_true", "is true", "{f} is true", "banned is true", _BOOLEAN, predicate="{x} = true")
_is_false = Operator("is_false", "is false", "{f} is false", "banned is false", _BOOLEAN, predicate="{x} = false")
_BOOLEAN_ROWS = (
    _is_true,
    twin(_is_true, "is_not_true", "is not true", "{f} is not true"),
    _is_false,
    twin(_is_false, "is_not_false", "is not false", "{f} is not false"),
)

_has_any_of = Operator(
    "has_any_of",
    "has any of",
    "{f} has any of {v}",
    'tags has any of ("vip", "beta")',
    _LIST,
    _MANY,
    "hasAny({x}, {vs})",
)
_has_all_of = Operator(
    "has_all_of",
    "has all of",
    "{f} has all of {v}",
    'tags has all of ("vip", "beta")',
    _LIST,
    _MANY,
    "hasAll({x}, {vs})",
)


def _count_row(key: str, sign: str, predicate: str, *, minimum: int) -> Operator:
    return Operator(
        key,
        f"count {sign}",
        f"count of {{f}} {sign} {{v}}",
        f"count of tags {sign} 2",
        _LIST,
        _COUNT,
        predicate,
        minimum=minimum,
        joins_unknown=False,
    )


# A person without a value has a list of no members: `count = 0` and `count < 3` hold for them, so both are complements
# of rows that need a member. 0 is refused where the answer would be everyone or nobody.
_count_greater = _count_row("count_greater", ">", "length({x}) > {v}", minimum=0)
_count_at_least = _count_row("count_at_least", ">=", "length({x}) >= {v}", minimum=1)
_count_equals = _count_row("count_equals", "=", "length({x}) = {v}", minimum=0)
_is_not_empty = Operator(
    "is_not_empty",
    "is not empty",
    "{f} is not empty",
    "tags is not empty",
    _LIST,
    predicate="notEmpty({x})",
    joins_unknown=False,
)
_LIST_ROWS = (
    _has_any_of,
    twin(_has_any_of, "has_none_of", "has none of", "{f} has none of {v}"),
    _has_all_of,
    twin(_has_all_of, "does_not_have_all_of", "does not have all of", "{f} does not have all of {v}"),
    _count_equals,
    twin(_count_equals, "count_not_equals", "count !=", "count of {f} != {v}"),
    _count_greater,
    twin(_count_greater, "count_at_most", "count <=", "count of {f} <= {v}"),
    _count_at_least,
    twin(_count_at_least, "count_less", "count <", "count of {f} < {v}"),
    _is_not_empty,
    twin(_is_not_empty, "is_empty", "is empty", "{f} is empty"),
)

_is_known = Operator(
    "is_known",
    "is known",
    "{f} is known",
    "email is known",
    _ALL,
    predicate="{x} IS NOT NULL",
    predicates={FieldType.LIST: "notEmpty({x})"},
    joins_unknown=False,
)
_ANY_ROWS = (_is_known, twin(_is_known, "is_unknown", "is unknown", "{f} is unknown"))

OPERATORS: Mapping[str, Operator] = table(
    (*_TEXT_ROWS, *_NUMBER_ROWS, *_BOOLEAN_ROWS, *TIME_ROWS, *_LIST_ROWS, *_ANY_ROWS)
)


def operators_for(type: FieldType, semantic: str | None = None) -> list[Operator]:
    """The rows that a field of that type offers, in the order of the menus."""
    return [row for row in OPERATORS.values() if type in row.types and row.semantic in (None, semantic)]


class _Compared(Protocol):
    @property
    def op(self) -> str: ...

    @property
    def value(self) -> Value: ...


def property_type(condition: _Compared) -> FieldType:
    """How a condition on an event's property reads the property: events declare no types."""
    return OPERATORS[condition.op].property_type(condition.value)
