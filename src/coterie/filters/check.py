"""Whether a filter fits its workspace: fields, types, values, segments, limits. Any problem is an error."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any as Anything
from typing import Final, TypeAlias

from pydantic import ValidationError

from coterie.filters.errors import InvalidFilter, Problem, UnknownField, inapplicable, no_segment
from coterie.filters.events import EVENT_OPERATORS, SEGMENT_OPERATORS, WINDOWS
from coterie.filters.fields import PROPERTY_TYPES, Catalogue, FieldType, nearest, of_type
from coterie.filters.moment import UNITS
from coterie.filters.normal import segments_used
from coterie.filters.operators import OPERATORS, operators_for, property_type
from coterie.filters.rows import Operator
from coterie.filters.shapes import ShapeKey, span_faults
from coterie.filters.tree import (
    AggregateCondition,
    All,
    Any,
    BucketCondition,
    EventCondition,
    EventPropertyCondition,
    EventTimeCondition,
    FieldCondition,
    Filter,
    Not,
    PropertyCondition,
    SegmentCondition,
    SequenceCondition,
    Window,
    walk,
)
from coterie.kit.reasons import Reason

MAX_DEPTH = 32
MAX_CONDITIONS = 200
MAX_PROBLEMS = 50

Problems: TypeAlias = Iterator[Problem]
_Compared: TypeAlias = (
    FieldCondition | AggregateCondition | EventTimeCondition | EventPropertyCondition | PropertyCondition
)


def validate(
    filter: Filter,
    catalogue: Catalogue,
    *,
    segment_trees: Mapping[str, Filter] | None = None,
    own_id: str | None = None,
) -> list[Problem]:
    """Everything that keeps a filter from being used, in the order of its conditions; empty when it is good.

    `segment_trees` are the filters of the workspace's dynamic segments by id: with them a cycle of segments is found.
    `own_id` is the segment that this filter is to define.
    """
    problems: list[Problem] = []
    conditions = 0
    for path, node, depth in walk(filter.root):
        if depth > MAX_DEPTH:
            problems.append(
                Problem(path, Reason("nested_deeper", "The filter is nested more than {most} deep.", most=MAX_DEPTH))
            )
            break
        if isinstance(node, All | Any | Not):
            continue
        conditions += 1
        problems.extend(_CHECKS[type(node)](node, path, catalogue))
        if len(problems) >= MAX_PROBLEMS:
            return problems[:MAX_PROBLEMS]
    if conditions > MAX_CONDITIONS:
        many = Reason("many_conditions", "The filter has {count} conditions.", count=conditions)
        problems.append(Problem("root", many, Reason("at_most", "at most {most}", most=MAX_CONDITIONS)))
    cycle = _cycle(filter, segment_trees or {}, own_id)
    if cycle:
        problems.append(Problem("root", _circle([catalogue.segments.get(id, id) for id in cycle])))
    return problems


def checked(
    filter: Filter,
    catalogue: Catalogue,
    *,
    segment_trees: Mapping[str, Filter] | None = None,
    own_id: str | None = None,
) -> Filter:
    """The filter itself when it can be used; InvalidFilter when not."""
    problems = validate(filter, catalogue, segment_trees=segment_trees, own_id=own_id)
    if problems:
        raise InvalidFilter(problems)
    return filter


def read_filter(data: object) -> Filter:
    """A filter from JSON values; InvalidFilter with the path of what does not fit the shape of a tree."""
    try:
        return Filter.model_validate(data)
    except ValidationError as error:
        raise InvalidFilter(_shape_problems(error)) from None


def _shape_problems(error: ValidationError) -> list[Problem]:
    found = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_PROBLEMS]
    return [
        Problem(
            _path_of(each["loc"]),
            Reason(
                "misshapen", "{fault}", fault=each["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            ),
        )
        for each in found
    ]


def _path_of(location: Sequence[str | int]) -> str:
    """A place as `root.of[1].value`: the kinds of nodes and windows that pydantic names on the way are left out."""
    path, before = "", ""
    for part in location:
        # After these comes the kind of what stands there, unless it is a list.
        is_kind = before in ("root", "of", "of[]", "window") and isinstance(part, str)
        if isinstance(part, int):
            path += f"[{part}]"
            before = f"{before}[]" if before == "of" else ""
        elif is_kind:
            before = ""
        else:
            path += f".{part}" if path else part
            before = part
    return path


# One check for each kind of condition.


def _check_field(node: FieldCondition, path: str, catalogue: Catalogue) -> Problems:
    try:
        field = catalogue.field(node.field)
    except UnknownField as error:
        yield Problem(f"{path}.field", error.problem.message, error.problem.expected)
        return
    row = OPERATORS[node.op]
    if row.semantic is not None and field.semantic != row.semantic:
        holding = Reason("a_field_that_holds", "a field that holds {semantic}", semantic=row.semantic)
        yield Problem(f"{path}.op", inapplicable(row.label, field.name), holding)
        return
    yield from _check_compared(node, field.type, path, of_type(field.name, field.type), field.semantic)


def _check_compared(
    node: _Compared, type: FieldType, path: str, subject: Reason, semantic: str | None = None
) -> Problems:
    row = OPERATORS[node.op]
    if type not in row.types or row.semantic not in (None, semantic):
        offered = [f"`{each.label}`" for each in operators_for(type, semantic)]
        yield Problem(f"{path}.op", inapplicable(row.label, subject), Reason.one_of(offered, most=30))
        return
    for fault in row.faults(node.value, type):
        yield Problem(f"{path}.value{fault.place}", fault.message, fault.expected)
    if getattr(node, "or_unknown", False) and not row.joins_unknown:
        yield Problem(f"{path}.or_unknown", _holds_already(row), _WITHOUT_UNKNOWN)


_WITHOUT_UNKNOWN: Final = Reason("without_or_unknown", "the condition without `or unknown`")


def _holds_already(row: Operator) -> Reason:
    if row.is_negative:
        return Reason("holds_for_unknown", "`{label}` already holds for people with no value.", label=row.label)
    return Reason("tells_unknown", "`{label}` already tells who has no value.", label=row.label)


def _circle(names: Sequence[str]) -> Reason:
    trail = Reason("uses", '"{name}" uses "{used}"', name=names[-2], used=names[-1])
    for name in reversed(names[:-2]):
        trail = Reason("uses_on", '"{name}" uses {trail}', name=name, trail=trail)
    return Reason("segments_in_circle", "Segments go round in a circle: {trail}.", trail=trail)


def _check_segment(node: SegmentCondition, path: str, catalogue: Catalogue) -> Problems:
    row = SEGMENT_OPERATORS[node.op]
    if row.shape is ShapeKey.ONE and len(node.segments) != 1:
        takes_one = Reason("takes_one_segment", "`{label}` takes one segment.", label=row.label)
        yield Problem(f"{path}.segments", takes_one, Reason("one_segment", "one segment"))
    for i, id in enumerate(node.segments):
        if id not in catalogue.segments:
            yield Problem(f"{path}.segments[{i}]", no_segment(id), Reason("a_segment", "a segment that exists"))


def _check_event_name(name: str, path: str, catalogue: Catalogue) -> Problems:
    if catalogue.events is not None and name not in catalogue.events:
        no_event = Reason("no_event", 'There is no event "{event}".', event=name)
        yield Problem(path, no_event, Reason.one_of(nearest(name, catalogue.events)))


def _check_where(conditions: Sequence[PropertyCondition], path: str) -> Problems:
    for i, each in enumerate(conditions):
        yield from _check_property(each, f"{path}.where[{i}]")


def _check_property(node: PropertyCondition | EventPropertyCondition, path: str) -> Problems:
    row = OPERATORS[node.op]
    if row.semantic or not row.types & PROPERTY_TYPES:
        yield Problem(
            f"{path}.op",
            inapplicable(row.label, Reason("a_property", "a property of an event")),
            Reason("an_operator_for_properties", "an operator for text, numbers, booleans or times"),
        )
        return
    yield from _check_compared(
        node, property_type(node), path, Reason("the_property", "the property {property}", property=node.property)
    )


def _check_window(window: Window | None, path: str) -> Problems:
    if window is None:
        return
    row = OPERATORS[WINDOWS[window.kind].operator]
    places = {"": "", ".from": ".from", ".to": ".to"} if row.shape is ShapeKey.RANGE else {"": ".at"}
    if row.shape is ShapeKey.SPAN:
        places = {".n": ".n", ".unit": ".unit"}
    for fault in row.faults(window.operand(), FieldType.DATETIME):
        yield Problem(f"{path}.window{places[fault.place]}", fault.message, fault.expected)


def _check_event(node: EventCondition, path: str, catalogue: Catalogue) -> Problems:
    yield from _check_event_name(node.event, f"{path}.event", catalogue)
    for fault in EVENT_OPERATORS[node.op].faults(node.count, FieldType.NUMBER):
        yield Problem(f"{path}.count", fault.message, fault.expected)
    yield from _check_window(node.window, path)
    yield from _check_where(node.where, path)


def _check_aggregate(node: AggregateCondition, path: str, catalogue: Catalogue) -> Problems:
    yield from _check_event_name(node.event, f"{path}.event", catalogue)
    yield from _check_window(node.window, path)
    yield from _check_where(node.where, path)
    subject = Reason(
        "the_aggregate", "the {function} of {property} (a number)", function=node.function, property=node.property
    )
    yield from _check_compared(node, FieldType.NUMBER, path, subject)


def _check_event_time(node: EventTimeCondition, path: str, catalogue: Catalogue) -> Problems:
    yield from _check_event_name(node.event, f"{path}.event", catalogue)
    yield from _check_where(node.where, path)
    subject = Reason("the_event_time", "the {which} time of an event", which=node.which)
    yield from _check_compared(node, FieldType.DATETIME, path, subject)


def _check_event_property(node: EventPropertyCondition, path: str, catalogue: Catalogue) -> Problems:
    yield from _check_event_name(node.event, f"{path}.event", catalogue)
    yield from _check_property(node, path)


def _check_sequence(node: SequenceCondition, path: str, catalogue: Catalogue) -> Problems:
    yield from _check_event_name(node.first, f"{path}.first", catalogue)
    yield from _check_event_name(node.then, f"{path}.then", catalogue)
    for fault in span_faults(node.within, UNITS, FieldType.DATETIME):
        yield Problem(f"{path}.within{fault.place}", fault.message, fault.expected)


def _check_bucket(node: BucketCondition, path: str, catalogue: Catalogue) -> Problems:
    for key, value in (("from", node.from_), ("to", node.to)):
        if not 0 <= value <= 100 or round(value, 2) != value:
            yield Problem(
                f"{path}.{key}",
                Reason("no_share", "{value} is not a share.", value=value),
                Reason("a_share", "0 to 100, with at most two decimals"),
            )
    if node.from_ >= node.to:
        empty = Reason("empty_bucket", "The bucket is empty.")
        yield Problem(f"{path}.to", empty, Reason("to_above_from", "a `to` above `from`"))


_CHECKS: Mapping[type, Callable[[Anything, str, Catalogue], Problems]] = {
    FieldCondition: _check_field,
    SegmentCondition: _check_segment,
    EventCondition: _check_event,
    AggregateCondition: _check_aggregate,
    EventTimeCondition: _check_event_time,
    EventPropertyCondition: _check_event_property,
    SequenceCondition: _check_sequence,
    BucketCondition: _check_bucket,
}


def _cycle(filter: Filter, trees: Mapping[str, Filter], own_id: str | None) -> list[str]:
    """The segments of a circle that this filter leads into, first and last the same; empty when there is none."""
    done: set[str] = set()
    # Depth first without recursion: each entry is the trail from the filter to a segment.
    waiting = [([*([own_id] if own_id else []), id], False) for id in sorted(segments_used(filter))]
    while waiting:
        trail, leaving = waiting.pop()
        here = trail[-1]
        if leaving:
            done.add(here)
            continue
        if here in trail[:-1]:
            return trail[trail.index(here) :]
        if here in done or here not in trees:
            continue
        waiting.append((trail, True))
        waiting.extend(([*trail, id], False) for id in sorted(segments_used(trees[here])))
    return []
