"""What the routes of people take and give."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, JsonValue

from coterie.filters.fields import FieldType
from coterie.filters.operators import operators_for
from coterie.jobs.api import shown
from coterie.jobs.schemas import JobId, JobOut
from coterie.kit import clock
from coterie.kit.schemas import Body, Instant, Out, WhyOut
from coterie.people import allowed
from coterie.people.allowed import Allowed
from coterie.people.attributes import Reapplied, TypeReport
from coterie.people.edits import Outcome, Taken
from coterie.people.fields import builtin_rule
from coterie.people.identities import KINDS, same
from coterie.people.models import Attribute, Identity, RejectedValue
from coterie.people.queries import Profile, ShownField

Number = Annotated[int, Field(ge=1, le=0xFFFFFFFF, description="A person's number.", examples=[42])]
Values = Annotated[
    dict[str, JsonValue],
    Field(
        max_length=1000,
        description="Values by field name. An empty one clears the field.",
        examples=[{"name": "Ann Example", "email": "ann@example.com", "plan": "pro", "orders": 3}],
    ),
]
Tag = Annotated[str, Field(min_length=1, max_length=200)]
Tags = Annotated[list[Tag], Field(max_length=200, examples=[["vip", "beta"]])]
Keys = Annotated[list[str], Field(max_length=1000, examples=[["plan"]])]
Label = Annotated[str, Field(max_length=200, examples=["Plan"])]
Position = Annotated[int, Field(ge=0, le=1_000_000)]


class IdentityBody(Body):
    """A name by which the person is known."""

    kind: str = Field(max_length=16, examples=["telegram"])
    value: str = Field(min_length=1, max_length=512, examples=["123456789"])


class PersonBody(Body):
    """A new person: values, identities and tags; at least one value or identity."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"set": {"email": "ann@example.com", "name": "Ann"}, "tags": ["vip"]}]}
    )

    set: Values = {}
    identities: Annotated[list[IdentityBody], Field(max_length=50)] = []
    tags: Tags = []
    shared: bool = Field(False, description="Create it although somebody has the email or phone.")


class PersonChange(Body):
    """What to change; nothing is changed when any part of it can't be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"set": {"plan": "pro"}, "clear": ["city"], "add_tags": ["vip"], "remove_tags": ["trial"]}]
        }
    )

    set: Values = {}
    clear: Keys = []
    add_tags: Tags = []
    remove_tags: Tags = []


class MergeBody(Body):
    """Two people who are one; their order makes no difference."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"people": [42, 57]}]})

    people: Annotated[list[Number], Field(min_length=2, max_length=2)]


class NumberOut(Out):
    """The person's number; after a merge the survivor's."""

    number: int = Field(examples=[42])


class OriginOut(Out):
    """Where a value came from."""

    kind: str = Field(examples=["tracking"])
    ref: str = Field(examples=["key_01jd3x5vq8w2k6m4n9p7r1s0ta"])
    at: Instant


class IdentityOut(Out):
    """A name by which the person is known, since when, and the kind of source it came from."""

    kind: str = Field(examples=["email"])
    value: str = Field(examples=["ann@example.com"])
    since: Instant
    origin: str = Field(examples=["tracking"])

    @classmethod
    def of(cls, row: Identity) -> Self:
        return cls(kind=row.kind, value=row.value, since=row.created_at, origin=row.origin)


class RejectedOut(WhyOut):
    """A value that was not taken, and why."""

    number: int = Field(examples=[42])
    key: str = Field(examples=["orders"])
    value: Any = Field(examples=["three"])
    at: Instant

    @classmethod
    def of(cls, row: RejectedValue) -> Self:
        return cls(number=row.number, key=row.key, value=row.raw, at=row.at, **row.why)


class PersonOut(Out):
    """All that is known about a person. `local_time` is null while the time zone is unknown."""

    number: int = Field(examples=[42])
    created_at: Instant
    updated_at: Instant
    seq: int = Field(description="The change that last wrote the person.", examples=[1207])
    data: dict[str, Any] = Field(examples=[{"name": "Ann Example", "email": "ann@example.com", "plan": "pro"}])
    origins: dict[str, OriginOut]
    identities: list[IdentityOut]
    rejected: list[RejectedOut]
    tags: list[str] = Field(examples=[["vip"]])
    merged: list[int] = Field(description="Numbers of people merged into this one.", examples=[[57]])
    local_time: str | None = Field(examples=["2026-01-31T10:00:00+01:00"])

    @classmethod
    def of(cls, profile: Profile) -> Self:
        person = profile.person
        return cls(
            number=person.number,
            created_at=person.created_at,
            updated_at=person.updated_at,
            seq=person.seq,
            data=person.data,
            origins={
                key: OriginOut(kind=kind, ref=ref, at=clock.from_ms(at or 0))
                for key, (kind, ref, at) in person.origins.items()
            },
            identities=[IdentityOut.of(row) for row in profile.identities],
            rejected=[RejectedOut.of(row) for row in profile.rejected],
            tags=person.data.get("tags", []),
            merged=profile.merged,
            local_time=profile.local_time.isoformat(timespec="seconds") if profile.local_time else None,
        )


class SuggestionOut(WhyOut):
    """Two people who may be one, and why: merge them, or leave it."""

    people: list[int] = Field(examples=[[42, 57]])


class WarningOut(Out):
    """A value that was kept without being an identity, since another person has it."""

    field: str = Field(examples=["email"])
    value: str = Field(description="The value as it was kept.", examples=["ann@example.com"])
    message: str = Field(examples=["Person 57 has this email: the value was kept, but finds that person."])
    holder: int | None = Field(
        description="The person whose identity it is; null for callers without `people:read`.", examples=[57]
    )
    suggestion: SuggestionOut | None = Field(
        description="The merge that was suggested by this; null for callers without `people:read`."
    )

    @classmethod
    def of(cls, taken: Taken, number: int, *, names_holders: bool) -> Self:
        label = KINDS[taken.key].label
        who = f"Person {taken.holder}" if names_holders else "Another person"
        pair = SuggestionOut(people=sorted((number, taken.holder)), **same(taken.key).as_json())
        return cls(
            field=taken.key,
            value=taken.value,
            message=f"{who} has this {label}: the value was kept, but finds that person.",
            holder=taken.holder if names_holders else None,
            suggestion=pair if names_holders else None,
        )


class PersonCreatedOut(NumberOut):
    """The new person's number, and what to know about it."""

    warnings: list[WarningOut]

    @classmethod
    def after(cls, outcome: Outcome, *, names_holders: bool) -> Self:
        number = outcome.number or 0
        warnings = [WarningOut.of(taken, number, names_holders=names_holders) for taken in outcome.taken]
        return cls(number=number, warnings=warnings)


class PersonChangedOut(PersonOut):
    """The person after a change, and what to know about it."""

    warnings: list[WarningOut]

    @classmethod
    def after(cls, profile: Profile, outcome: Outcome, *, names_holders: bool) -> Self:
        number = profile.person.number
        warnings = [WarningOut.of(taken, number, names_holders=names_holders) for taken in outcome.taken]
        return cls(**dict(PersonOut.of(profile)), warnings=warnings)


class AttributeBody(Body):
    """A new attribute. Its key can't be changed later; its label and type can."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "plan", "type": "text", "label": "Plan", "protected": True}]}
    )

    key: str = Field(min_length=1, max_length=400)
    type: FieldType
    label: Label = ""
    description: Annotated[str, Field(max_length=2000)] = ""
    protected: bool = Field(False, description="Public write keys can't set it.")
    visible: bool = True
    allowed: Allowed | None = Field(None, description="Which values it takes beyond its type.")


class AttributeChange(Body):
    """What to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "Plan", "position": 3, "visible": False}]})

    label: Label | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None
    position: Position | None = None
    visible: bool | None = None
    protected: bool | None = None
    allowed: Allowed | None = Field(None, description="Which values it takes from now on; `{}` is any of its type.")


class TypeBody(Body):
    """Another type; with `dry_run` (the default) only the report is made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"type": "number", "dry_run": True}]})

    type: FieldType
    dry_run: bool = True
    rehearsal: JobId | None = Field(
        None, max_length=40, description="The job that has looked at what converts; needed where the change is a job."
    )


class AttributeOut(Out):
    """A custom field."""

    id: int = Field(examples=[7])
    key: str = Field(examples=["plan"])
    type: FieldType
    label: str = Field(examples=["Plan"])
    description: str
    position: int
    visible: bool
    protected: bool
    allowed: Allowed

    @classmethod
    def of(cls, row: Attribute) -> Self:
        return cls(
            id=row.pk,
            key=row.key,
            type=FieldType(row.type),
            label=row.label or row.key,
            description=row.description,
            position=row.position,
            visible=row.visible,
            protected=row.protected,
            allowed=allowed.of_stored(row.allowed) or Allowed(),
        )


class FieldChange(Body):
    """How a built-in field is shown; an empty label is the field's own again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "Town", "visible": True, "position": 2}]})

    label: Label | None = None
    visible: bool | None = None
    position: Position | None = None


class FieldOut(Out):
    """A field of a person: built in, or an attribute with its id."""

    name: str = Field(examples=["city"])
    label: str = Field(examples=["City"])
    renamed: bool = Field(description="Whether the workspace has given a built-in field another label.")
    type: FieldType
    group: str = Field(examples=["Place"])
    kind: Literal["builtin", "attribute"]
    attribute: int | None
    description: str
    position: int
    visible: bool
    sortable: bool
    semantic: str | None = Field(description="What kind of text it holds: `email` or `phone`.", examples=[None])
    operators: list[str] = Field(description="Keys of the operators it offers.", examples=[["is", "is_not"]])
    writable: bool = Field(description="Whether `set` of a person can hold it.", examples=[True])
    importable: bool = Field(description="Whether a column of a file can go to it.", examples=[True])
    allowed: Allowed | None = Field(description="Which values it takes beyond its type; null where all are taken.")

    @classmethod
    def of(cls, row: ShownField) -> Self:
        rule = builtin_rule(row.field.name) if row.field.builtin else None
        return cls(
            name=row.field.name,
            label=row.field.label,
            renamed=row.renamed,
            type=row.field.type,
            group=row.field.group,
            kind="builtin" if row.field.builtin else "attribute",
            attribute=row.attribute.pk if row.attribute else None,
            description=row.field.description,
            position=row.position,
            visible=row.visible,
            sortable=row.field.sortable,
            semantic=row.field.semantic,
            operators=[operator.key for operator in operators_for(row.field.type, row.field.semantic)],
            writable=rule is None or not rule.denial("agent", asked=True),
            importable=rule is None or not rule.denial("import", asked=True),
            allowed=allowed.of_stored(row.attribute.allowed) if row.attribute is not None else None,
        )


class SampleOut(WhyOut):
    """A stored value that does not convert, and why."""

    number: int
    value: Any


class TypeReportOut(Out):
    """What a change of type does, or would do. With a `job` the numbers are in its `result`, when it has looked."""

    values: int = Field(examples=[1200])
    converted: int = Field(examples=[1197])
    rejected: int = Field(examples=[3])
    samples: list[SampleOut]
    job: JobOut | None = Field(description="What does it where there are more than 5,000 people; null otherwise.")

    @classmethod
    def of(cls, report: TypeReport) -> Self:
        return cls(
            values=report.values,
            converted=report.converted,
            rejected=report.rejected,
            samples=[SampleOut(**sample) for sample in report.samples],
            job=shown(report.job)[0] if report.job is not None else None,
        )


class RejectedCountOut(Out):
    """How many people have a rejected value for a key."""

    key: str = Field(examples=["orders"])
    people: int = Field(examples=[3])


class RejectedPageOut(Out):
    """Rejected values, the counts per key, and the cursor of the rest."""

    counts: list[RejectedCountOut]
    values: list[RejectedOut]
    next: str | None


class ReapplyBody(Body):
    """The field whose rejected values are tried again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"key": "orders"}]})

    key: str = Field(min_length=1, max_length=200)
    dry_run: bool = Field(default=False, description="Only say what would become of the first 5,000 values.")


class ReappliedOut(Out):
    """How many values were taken, and how many stay rejected, with some of these."""

    taken: int
    rejected: int
    unseen: int = Field(description="Values that a dry run did not look at.", examples=[0])
    samples: list[SampleOut]
    job: JobOut | None = Field(description="What does it where there are more than 5,000 values; null otherwise.")

    @classmethod
    def of(cls, found: Reapplied) -> Self:
        return cls(
            taken=found.taken,
            rejected=found.rejected,
            unseen=found.unseen,
            samples=[SampleOut(**sample) for sample in found.samples],
            job=shown(found.job)[0] if found.job is not None else None,
        )


class PlacedField(Body):
    """A field in the order; what is left out stays, an empty label is the field's own again."""

    name: str = Field(min_length=1, max_length=200, examples=["name"])
    visible: bool | None = None
    label: Label | None = None


class FieldOrder(Body):
    """The fields in the order in which they are shown; those that are not named follow."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"fields": [{"name": "name"}, {"name": "city", "visible": False}]}]}
    )

    fields: Annotated[list[PlacedField], Field(max_length=5_000)]


class EventNameOut(Out):
    """A kind of event; `count` is approximate."""

    name: str = Field(examples=["purchase"])
    count: int
    first_seen: Instant
    last_seen: Instant


class EventPropertyOut(Out):
    """A property seen on events, with the type of its last value."""

    name: str = Field(examples=["amount"])
    type: FieldType


class EventCatalogueOut(Out):
    """What events have been seen."""

    events: list[EventNameOut]
    properties: list[EventPropertyOut]
