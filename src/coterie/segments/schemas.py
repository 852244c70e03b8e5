"""What the routes of segments take and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, JsonValue

from coterie.accounts.models import Role
from coterie.audience.schemas import FilterBody, PersonItem, Tree
from coterie.jobs.schemas import JobOut
from coterie.kit.schemas import Body, Instant, Out, WhyOut
from coterie.people.schemas import Tag
from coterie.segments.actions import DESCRIPTION_LENGTH
from coterie.segments.bulk import MOST_FAILURES, Done
from coterie.segments.history import RevisionView, TransitionView
from coterie.segments.models import NAME_LENGTH, Kind, SegmentSize
from coterie.segments.queries import PersonSegment, SegmentView

MOST_PEOPLE = 10_000

Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, examples=["Paying in Germany"])]
Description = Annotated[str, Field(max_length=DESCRIPTION_LENGTH, examples=["For the monthly letter."])]
SegmentId = Annotated[str, Field(max_length=40, examples=["seg_01kb3z8m0v6x9k2q4r7t5w1y3n"])]
Number = Annotated[int, Field(ge=1, lt=2**32)]
Numbers = Annotated[list[Number], Field(max_length=MOST_PEOPLE, examples=[[42, 43]])]

_PAYING = 'country is "Germany" and sum of amount over "purchase" in the last 90 days > 500'


class HiddenBody(Body):
    """From whom to hide the segment, as a whole: roles, and ids of members."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["agent", "viewer"], "users": []}]})

    roles: list[Role] = Field(default=[], max_length=4, examples=[["agent", "viewer"]])
    users: list[str] = Field(default=[], max_length=500, examples=[["usr_01kb3z8m0v6x9k2q4r7t5w1y3n"]])


class SegmentBody(FilterBody):
    """A new segment. A dynamic one follows its filter; a static one holds `people`, or those of the filter now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Paying in Germany", "where": _PAYING},
                {"name": "Beta testers", "kind": "static", "people": [42, 43]},
                {"name": "VIPs of January", "kind": "static", "where": 'tags has any of ("vip")'},
            ]
        }
    )

    name: Name
    description: Description = ""
    kind: Literal["dynamic", "static"] = "dynamic"
    people: Numbers | None = Field(default=None, description="Numbers of people, for a static segment.")
    hidden: HiddenBody | None = Field(
        default=None, description="From whom it is hidden from the start; needs `segments:hide`."
    )


class SegmentChange(FilterBody):
    """What to change; what is left out stays. With `revision`, nothing is changed when someone else was faster."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Paying", "revision": 3}, {"where": _PAYING}]})

    name: Name | None = None
    description: Description | None = None
    revision: int | None = Field(default=None, ge=1, description="The revision that the caller has seen.")


class CopyBody(Body):
    """How to call the copy; without a name it is the old one with "(copy)"."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Paying, without Berlin"}]})

    name: Name | None = None


class RestoreBody(Body):
    """Which revision to go back to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 2}]})

    revision: int = Field(ge=1, examples=[2])


class HiddenOut(Out):
    """From whom a segment is hidden."""

    roles: list[str] = Field(examples=[["agent"]])
    users: list[str] = Field(examples=[[]])


class MembersBody(Body):
    """Who goes into a static segment and who goes out; `add_where` adds the people of a filter as it is now."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"add": [42, 43], "remove": [7]}, {"add_where": 'tags has any of ("vip")'}]}
    )

    add: Numbers = []
    remove: Numbers = []
    add_where: str | None = Field(default=None, min_length=1, max_length=20_000)


class MembersOut(Out):
    """How many went in and out; those who were in or out already do not count."""

    added: int = Field(examples=[2])
    removed: int = Field(examples=[0])


class SegmentOut(Out):
    """A segment. `size` is that of its last computed membership, at `computed_at`; while the index of people is
    `rebuilding`, the last one before that.

    A broken segment matches nobody and says why. Where the definition uses a segment that the caller can't see,
    `partly_hidden` is true and `filter` and `sentence` do not name it.
    """

    id: SegmentId
    name: Name
    description: str
    kind: Kind
    size: int = Field(examples=[424])
    computed_at: Instant
    rebuilding: bool = Field(description="The index is being made anew: size and time are the last known.")
    starred: bool
    sentence: str | None = Field(examples=[_PAYING])
    filter: Tree | None
    partly_hidden: bool
    broken: str | None = Field(description="Why the segment matches nobody; null while it is whole.", examples=[None])
    broken_code: str = Field(description="A stable word for it; empty while the segment is whole.", examples=[""])
    uses_count: int = Field(description="How many things use it that the caller may know of.", examples=[0])
    revision: int = Field(examples=[1])
    created_by: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, view: SegmentView) -> Self:
        return cls(**cls.values(view))

    @staticmethod
    def values(view: SegmentView) -> dict[str, Any]:
        row = view.row
        return {
            "id": row.public_id,
            "name": row.name,
            "description": row.description,
            "kind": row.kind,
            "size": view.size,
            "computed_at": view.computed_at,
            "rebuilding": view.rebuilding,
            "starred": view.starred,
            "sentence": view.sentence,
            "filter": view.filter,
            "partly_hidden": view.partly_hidden,
            "broken": view.broken_reason,
            "broken_code": row.broken_code,
            "uses_count": len(view.uses),
            "revision": row.revision,
            "created_by": row.created_by,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }


class UseOut(Out):
    """Something that names the segment."""

    kind: str = Field(examples=["segment"])
    id: str
    name: str


class SegmentDetail(SegmentOut):
    """A segment with where it is used."""

    uses: list[UseOut]


class SegmentList(Out):
    """The segments that the caller may see, favourites first."""

    items: list[SegmentOut]


class SegmentPerson(PersonItem):
    """Someone in a segment, since when and why; `since` is null where that is not known."""

    since: Instant | None
    cause: str = Field(examples=["event"])
    ref: str = Field(examples=["purchase"])


class SegmentPeople(Out):
    """A page of a segment's people; with `at`, of those who were in it then."""

    total: int = Field(examples=[424])
    items: list[SegmentPerson]
    next: str | None = Field(description="Send it as `cursor` for the next page.", examples=[None])
    now: Instant = Field(description="The instant that the page is about.")


class RegionsBody(Body):
    """Two to five segments to compare."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"segments": ["seg_01kb3z8m0v6x9k2q4r7t5w1y3n", "seg_01kb3z8m0v6x9k2q4r7t5w1y3p"]}]
        }
    )

    segments: list[SegmentId] = Field(min_length=2, max_length=5)


class RegionOut(Out):
    """People who are in exactly these segments of those compared."""

    inside: list[SegmentId]
    count: int = Field(examples=[31])


class RegionsOut(Out):
    """All regions, 2^n - 1 of n segments."""

    regions: list[RegionOut]


class SizePoint(Out):
    """The size at the end of a minute or an hour that starts at `at`, and what happened in it."""

    at: Instant
    size: int = Field(examples=[424])
    entered: int = Field(examples=[3])
    left: int = Field(examples=[1])

    @classmethod
    def of(cls, point: SegmentSize) -> Self:
        return cls(at=point.at, size=point.size, entered=point.entered, left=point.left)


class TransitionOut(Out):
    """Someone who entered or left. `cause` is a kind (`event`, `field`, `clock`, `hand` ...), `ref` what it was."""

    number: int = Field(examples=[42])
    name: str | None = Field(description="The person's name or email; null where there is none.", examples=["Ada"])
    entered: bool
    at: Instant
    cause: str = Field(examples=["event"])
    ref: str = Field(examples=["purchase"])

    @classmethod
    def of(cls, view: TransitionView, name: str | None) -> Self:
        return cls(number=view.number, name=name, entered=view.entered, at=view.at, cause=view.cause, ref=view.ref)


class RevisionOut(Out):
    """What the segment was from `at` on."""

    revision: int = Field(examples=[1])
    name: str
    description: str
    sentence: str | None
    filter: Tree | None
    by: str
    at: Instant

    @classmethod
    def of(cls, view: RevisionView) -> Self:
        row = view.row
        return cls(
            revision=row.revision,
            name=row.name,
            description=row.description,
            sentence=view.sentence,
            filter=view.filter,
            by=row.by,
            at=row.at,
        )


class HistoryOut(Out):
    """A segment's size over time, a page of who entered and left, newest first, and its definitions."""

    sizes: list[SizePoint]
    entered: int = Field(description="How many entered between `since` and `until`.", examples=[120])
    left: int = Field(examples=[14])
    transitions: list[TransitionOut]
    next: str | None = Field(description="Send it as `cursor` for more transitions.")
    revisions: list[RevisionOut]


class PersonSegmentOut(Out):
    """A segment that a person is in, since when and why."""

    id: SegmentId
    name: Name
    kind: Kind
    since: Instant | None
    cause: str = Field(examples=["event"])
    ref: str = Field(examples=["purchase"])

    @classmethod
    def of(cls, found: PersonSegment) -> Self:
        row = found.row
        return cls(
            id=row.public_id, name=row.name, kind=Kind(row.kind), since=found.since, cause=found.cause, ref=found.ref
        )


class PersonSegments(Out):
    """The segments of a person that the caller may see."""

    items: list[PersonSegmentOut]


class SelectionBody(FilterBody):
    """Whom it is about: numbers or a filter, with some left out. An empty filter is refused; `everyone` is a filter."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"numbers": [1, 2]}, {"where": "everyone", "except": [3]}]},
        populate_by_name=True,
    )

    numbers: Annotated[list[Number], Field(max_length=10_000)] | None = None
    without: Annotated[list[Number], Field(max_length=10_000)] = Field(
        default=[], alias="except", description="Numbers of people who are left out."
    )


class BulkChangeBody(Body):
    """What to do to each of the selected people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"selection": {"numbers": [1, 2]}, "add_tags": ["vip"]},
                {"selection": {"where": "everyone", "except": [3]}, "set": {"city": "Bonn"}, "clear": ["gender"]},
                {"selection": {"numbers": [4]}, "set": {"banned": True}},
            ]
        }
    )

    selection: SelectionBody
    set: Annotated[dict[str, JsonValue], Field(max_length=50, examples=[{"plan": "pro"}])] = {}
    clear: Annotated[list[str], Field(max_length=50, examples=[["city"]])] = []
    add_tags: Annotated[list[Tag], Field(max_length=50, examples=[["vip"]])] = []
    remove_tags: Annotated[list[Tag], Field(max_length=50, examples=[["trial"]])] = []


class BulkMembersBody(Body):
    """A static segment that the selected people are put into or taken out of."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "selection": {"numbers": [1, 2]},
                    "segment": "seg_01kb3z8m0v6x9k2q4r7t5w1y3n",
                    "action": "add",
                }
            ]
        }
    )

    selection: SelectionBody
    segment: str = Field(max_length=64, examples=["seg_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    action: Literal["add", "remove"]


class BulkDeleteBody(Body):
    """People to delete."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"selection": {"numbers": [59, 60]}}]})

    selection: SelectionBody


class FailureOut(WhyOut):
    """A person for whom not all was done, and why."""

    number: int = Field(examples=[42])


class BulkOut(Out):
    """What a bulk action did, or the job that does it. At most 1,000 failures are listed.

    With a `job`, only `selected` is known: its own `result` counts, and has the `undo` once somebody was changed.
    """

    selected: int = Field(examples=[120])
    changed: int = Field(examples=[100])
    unchanged: int = Field(description="People who were so already.", examples=[19])
    failed: int = Field(examples=[1])
    failures: list[FailureOut]
    undo: str | None = Field(
        description="For `bulk/undo`, within an hour; null where nothing can be taken back.",
        examples=["undo_01jd3x5vq8w2k6m4n9p7r1s0ta"],
    )
    job: JobOut | None = Field(description="What does it where there are more than 1,000 people; null otherwise.")

    @classmethod
    def of(cls, done: Done, job: JobOut | None) -> Self:
        return cls(
            selected=done.selected,
            changed=done.changed,
            unchanged=done.unchanged,
            failed=done.failed,
            failures=[
                FailureOut(number=each.number, **each.reason.as_json()) for each in done.failures[:MOST_FAILURES]
            ],
            undo=done.undo,
            job=job,
        )
