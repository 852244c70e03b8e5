"""What the audience's routes take and answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from coterie.filters.check import MAX_CONDITIONS
from coterie.filters.numbered import MAX_EXPRESSION
from coterie.filters.tree import Condition, Filter
from coterie.kit.schemas import Body, DocumentedAs, Instant, Out, WhyOut

_TREE: dict[str, Any] = {"version": 1, "root": {"type": "field", "field": "country", "op": "is", "value": "Germany"}}
Tree = Annotated[dict[str, Any], DocumentedAs(Filter), Field(examples=[_TREE])]
_WHERE = 'country is "United States" and (language is "English" or tags has any of ("vip", "beta"))'


class FilterBody(Body):
    """A filter in one of its three notations; without any, everyone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"where": _WHERE},
                {"filter": _TREE},
                {
                    "conditions": [
                        {"type": "field", "field": "email", "op": "is_known"},
                        {"type": "field", "field": "phone", "op": "is_known"},
                    ],
                    "expression": "1 or 2",
                },
            ]
        }
    )

    where: str | None = Field(default=None, max_length=20_000, description="The filter as a sentence.")
    filter: Tree | None = Field(default=None, description="The filter as a tree.")
    conditions: list[Annotated[dict[str, Any], DocumentedAs(Condition)]] | None = Field(
        default=None, max_length=MAX_CONDITIONS, description="Conditions, numbered from 1."
    )
    expression: str | None = Field(
        default=None,
        max_length=MAX_EXPRESSION,
        description="How the conditions go together, such as `(1 and 2) or 3`; without one, all must hold.",
    )


class ConditionCountOut(Out):
    """A condition among everyone: a positive one splits them in three; people without a value meet a negative one."""

    match: int = Field(examples=[424])
    no_match: int = Field(examples=[289])
    no_value: int = Field(examples=[12])


class NumberedOut(Out):
    """A filter as a filter bar edits it: conditions, numbered from 1, and how they go together."""

    conditions: list[Annotated[dict[str, Any], DocumentedAs(Condition)]] = Field(examples=[[_TREE["root"]]])
    expression: str = Field(examples=["1"])


class CountOut(Out):
    """An exact total, with the counts of each condition in the order they are written."""

    total: int = Field(examples=[424])
    conditions: list[ConditionCountOut]
    sentence: str = Field(description="The filter as a sentence.", examples=[_WHERE])
    numbered: NumberedOut
    now: Instant


class PersonItem(Out):
    """A person as a list shows them: fields without a value are left out."""

    number: int = Field(examples=[42])
    created_at: Instant
    values: dict[str, Any] = Field(examples=[{"name": "Ada", "country": "Germany", "tags": ["vip"]}])


class PeoplePage(Out):
    """A page of people with the exact total of the filter."""

    total: int = Field(examples=[713])
    items: list[PersonItem]
    next: str | None = Field(description="Send it as `cursor` for the next page.", examples=[None])
    now: Instant = Field(description="The instant that the filter was evaluated at.")


class FacetOut(Out):
    """One value of a field."""

    value: Any = Field(examples=["Germany"])
    count: int = Field(examples=[120])


class FacetsOut(Out):
    """The values of a field among a filter's people, most frequent first."""

    field: str = Field(examples=["country"])
    type: str = Field(examples=["text"])
    total: int = Field(examples=[713])
    known: int = Field(description="People with any value.", examples=[700])
    no_value: int = Field(examples=[13])
    values: list[FacetOut]
    now: Instant


class EventValueOut(Out):
    """One value of a property."""

    value: str = Field(examples=["Kind of Blue"])
    count: int = Field(description="Events with it, of the people of today.", examples=[31])


class EventValuesOut(Out):
    """The values of a property of a kind of event, most frequent first; of at most a million events."""

    event: str = Field(examples=["purchase"])
    property: str = Field(examples=["title"])
    values: list[EventValueOut]


class ReasonOut(Out):
    """One condition and what it found for this person."""

    condition: str = Field(description="The condition as a sentence.", examples=['country is "Germany"'])
    matches: bool
    value: Any = Field(
        description=(
            "What decided: the value of a field. For events an object: how many `events` the condition counts, in its "
            "window and with its properties, their `first` and `last` time, the `event` that decided (`id`, `at`), the "
            "`value` that is compared (a sum, a time, a property), and, where there are more of the name, how many "
            "`ever` and the last of them, `ever_last`. For segments `segments`: of each its `id` and `name`, whether "
            "the person is `inside`, `since` when they are or are not, and the `cause` and `ref` of that."
        ),
        examples=[
            "Germany",
            {
                "events": 2,
                "first": "2026-01-10T08:00:00.000Z",
                "last": "2026-01-31T09:00:00.000Z",
                "event": {"id": "ord-77", "at": "2026-01-31T09:00:00.000Z"},
                "value": 620,
            },
        ],
    )
    origin: list[Any] | None = Field(
        description="Where the value came from: kind, reference, time (ms).", examples=[None]
    )


class ExplanationOut(Out):
    """Why a person is in or out."""

    matches: bool
    sentence: str = Field(examples=[_WHERE])
    reasons: list[ReasonOut]
    now: Instant


class TimelineItem(Out):
    """Something a person did."""

    id: str
    name: str = Field(examples=["purchase"])
    kind: str = Field(examples=["track"])
    at: Instant
    received_at: Instant
    source: str
    properties: dict[str, Any] = Field(examples=[{"amount": 42}])


class TimelinePage(Out):
    """A page of a person's events, newest first."""

    items: list[TimelineItem]
    next: str | None = None


class OperatorOut(Out):
    """One operator: what a condition's `op` says, and which `value` it takes."""

    key: str = Field(examples=["in_last"])
    label: str = Field(examples=["in the last"])
    sentence: str = Field(
        description="Its form in a sentence: `{f}` is the field, the others are the value's parts.",
        examples=["{f} in the last {n} {unit}"],
    )
    also: list[str] = Field(description="Further forms that are read and never written.", examples=[[]])
    value: str = Field(description="The shape of the value.", examples=["span"])
    units: list[str] = Field(description="For lengths of time.", examples=[["minutes", "hours", "days"]])
    minimum: int = Field(description="The least number that it takes.", examples=[1])
    semantic: str | None = Field(description="Only for fields that hold this kind of text.", examples=[None])
    complement_of: str | None = Field(description="The positive operator whose exact opposite it is.", examples=[None])
    or_unknown: bool = Field(description="Whether the condition may be widened by `or_unknown`.")
    example: str = Field(examples=["last_seen in the last 30 days"])


class WordOut(Out):
    """A function over an event's property, which of its times, or another condition that is one form."""

    key: str = Field(examples=["sum"])
    label: str = Field(examples=["sum of"])
    sentence: str = Field(
        description="Its form in a sentence: `{p}` is the property, `{e}`, `{a}` and `{b}` are events.",
        examples=["sum of {p} over {e}"],
    )
    example: str = Field(examples=['sum of amount over "purchase" > 500'])


class WindowOut(Out):
    """A window of time that an event condition may have."""

    kind: str = Field(examples=["last"])
    label: str = Field(examples=["in the last"])
    operator: str = Field(description="The operator on times that it works like.", examples=["in_last"])


class OperatorsOut(Out):
    """All operators. `fields` lists those of each type; a field with a `semantic` has some more of its own."""

    fields: dict[str, list[OperatorOut]]
    segments: list[OperatorOut]
    events: list[OperatorOut]
    functions: list[WordOut]
    times: list[WordOut]
    windows: list[WindowOut]
    forms: list[WordOut] = Field(description="A property of the last event, sequences, random buckets.")
    rules: dict[str, list[str]] = Field(
        description="How sentences are put together: the forms of each part, with `{x}` for another part, a row or a "
        "value, and `{x?}` for what may be left out.",
        examples=[{"where": ["where {property} {further?}"]}],
    )


class ColumnBody(Body):
    """A column: its field, and its width in pixels where it was set."""

    field: str = Field(min_length=1, max_length=200, examples=["city"])
    width: int | None = Field(default=None, ge=40, le=2_000)


class _ViewParts(FilterBody):
    columns: list[ColumnBody] = Field(
        default=[], max_length=200, description="In their order; none means those of the workspace."
    )
    sort: str = Field(default="-last_seen", max_length=250, description="A field; `-` before it for descending.")
    shared: bool = Field(default=False, description="Whether all members see it.")
    is_default: bool = Field(default=False, description="Whether the list opens with it; one view of the workspace.")
    position: int = Field(default=0, ge=0, le=1_000_000, description="Its place; a new view comes last.")


class ViewBody(_ViewParts):
    """A view to be saved: a filter in one of its notations (none means everyone), columns and an order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Germany", "where": 'country is "Germany"', "columns": [{"field": "name"}]}]
        }
    )

    name: str = Field(min_length=1, max_length=120, examples=["Germany"])


class ViewChange(_ViewParts):
    """What to change about a view: only what is sent changes; an empty `where` is everyone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sort": "name", "columns": []}]})

    name: str = Field(default="", min_length=1, max_length=120, examples=["Germany"])


class ColumnOut(Out):
    """A column of a view."""

    field: str = Field(examples=["city"])
    width: int | None


class ViewOut(Out):
    """A saved view. A broken one says why, and has no sentence."""

    id: str = Field(examples=["view_01jd3x5vq8w2k6m4n9p7r1s0ta"])
    name: str = Field(examples=["Germany"])
    owner: str = Field(description="Id of the user.", examples=["usr_01jd3x5vq8w2k6m4n9p7r1s0ta"])
    own: bool
    shared: bool
    is_default: bool
    position: int
    where: str | None = Field(description="The filter as a sentence, empty for everyone.", examples=[_WHERE])
    filter: Tree | None
    broken: str | None = Field(description="Why the filter can't be used.", examples=[None])
    columns: list[ColumnOut]
    missing: list[str] = Field(description="Columns whose fields are gone.", examples=[[]])
    sort: str = Field(examples=["-last_seen"])
    updated_at: Instant


class ViewsOut(Out):
    """Your views and the shared ones, by position."""

    items: list[ViewOut]


class FoundOut(Out):
    """People found, the best first."""

    items: list[PersonItem]
    complete: bool = Field(description="False while the index is rebuilt: then only identities are searched.")


class CandidateOut(PersonItem):
    """Someone who may be the same person, and why."""

    score: int = Field(description="Out of 100; 100 where an identity is the same.", examples=[95])
    reasons: list[WhyOut]


class CandidatesOut(Out):
    """Who may be the same, the likeliest first."""

    items: list[CandidateOut]


class EventCountOut(Out):
    """How often something was done."""

    name: str = Field(examples=["purchase"])
    count: int


class FieldChangeOut(Out):
    """A value that was written, and where it came from."""

    field: str = Field(examples=["plan"])
    value: Any = Field(examples=["pro"])
    origin: str = Field(description="The kind of source.", examples=["tracking"])
    ref: str
    at: Instant


class PersonSessionOut(Out):
    """Events with no pause of 30 minutes, and the values that were written from then until 30 minutes later."""

    started_at: Instant
    ended_at: Instant
    events: list[EventCountOut]
    changes: list[FieldChangeOut]
    complete: bool = Field(description="False when it has more than 500 events: the latest are counted.")


class HabitOut(Out):
    """How often a person comes: sessions of the last `days` days, fewer than 90 where 500 events say less."""

    sessions: int = Field(examples=[6])
    days: int = Field(examples=[90])


class LastSessionOut(Out):
    """A person's latest session, null without events, and how often there was one."""

    session: PersonSessionOut | None
    habit: HabitOut


class GrowthPoint(Out):
    """One step of the calendar."""

    start: str = Field(description="Its first day.", examples=["2026-01-05"])
    new: int
    total: int = Field(description="How many there were at its end.")


class GrowthOut(Out):
    """How people came: steps without gaps, oldest first."""

    points: list[GrowthPoint]
    before: int = Field(description="People who came before the first step.")
    later: int = Field(description="People whose time lies after the last step.")
    no_value: int
    total: int
    now: Instant


class BreakdownOut(FacetsOut):
    """The most frequent values of a field, and how many people have another one."""

    other: int | None = Field(description="Null for lists, where one person has several.", examples=[3])


class CountryOut(Out):
    """One country."""

    code: str | None = Field(description="ISO 3166, null where the name is not known.", examples=["DE"])
    name: str = Field(examples=["Germany"])
    count: int


class CountriesOut(Out):
    """Where people are, the most first."""

    countries: list[CountryOut]
    other: int
    no_value: int
    total: int
    now: Instant


class ActivityOut(Out):
    """Events by weekday and hour in the workspace's zone."""

    hours: list[list[int]] = Field(
        description="Seven rows from Monday, each of 24 hours.", examples=[[[0] * 24 for _ in range(7)]]
    )
    total: int
    since: Instant
    now: Instant
