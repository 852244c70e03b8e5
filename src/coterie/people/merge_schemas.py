"""What the routes of merging take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field

from coterie.kit import clock
from coterie.kit.schemas import Body, Instant, Out, WhyOut
from coterie.people.comparing import Compared, Comparison, Takes
from coterie.people.journal import Entry
from coterie.people.models import Person
from coterie.people.schemas import IdentityOut, Number, OriginOut
from coterie.people.suggestions import Suggested
from coterie.people.unmerging import Unmerged

WhichState = Literal["open", "dismissed", "merged"]


class MergePersonOut(Out):
    """One of two people, in short; without values when they were merged or deleted since."""

    number: int = Field(examples=[42])
    name: str | None = Field(examples=["Ann Example"])
    email: str | None = Field(examples=["ann@example.com"])
    phone: str | None = Field(examples=["+4915112345678"])
    country: str | None = Field(examples=["Germany"])
    last_seen: str | None = Field(examples=["2026-01-31T09:00:00.000Z"])

    @classmethod
    def of(cls, number: int, person: Person | None) -> Self:
        data = person.data if person is not None else {}
        shown = {key: data.get(key) for key in ("name", "email", "phone", "country", "last_seen")}
        return cls(number=number, **shown)


class MergeSuggestionOut(WhyOut):
    """Two people who may be one, and why."""

    id: int = Field(examples=[17])
    people: list[MergePersonOut] = Field(description="Both, the lower number first.")
    score: int = Field(description="How sure, out of 100; 100 where they share an email or phone.", examples=[95])
    state: WhichState
    at: Instant

    @classmethod
    def of(cls, found: Suggested) -> Self:
        row = found.row
        return cls(
            id=row.pk,
            people=[
                MergePersonOut.of(number, person) for number, person in zip((row.a, row.b), found.people, strict=True)
            ],
            score=row.score,
            **row.why,
            state=cast(WhichState, row.state),
            at=row.at,
        )


class MergeSuggestionPage(Out):
    """Suggestions, the likeliest first."""

    items: list[MergeSuggestionOut]
    next: str | None


class MergeWithBody(Body):
    """The other of two people."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"other": 58}]})

    other: Number


class MergeChoicesBody(MergeWithBody):
    """The other of two people, and whose value stays where it is not to be the newer one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"other": 57, "choices": {"city": 57}}]})

    choices: Annotated[dict[str, Number], Field(max_length=1_000)] = Field(
        default={}, description="The number of one of the two by field: that one's value stays, or the lack of one."
    )


class MergeValueOut(Out):
    """A value and where it came from."""

    value: Any = Field(examples=["Berlin"])
    origin: OriginOut | None

    @classmethod
    def of(cls, value: Any, origin: list[Any] | None) -> Self | None:
        if value is None:
            return None
        if origin is None:
            return cls(value=value, origin=None)
        kind, ref, at = origin
        return cls(value=value, origin=OriginOut(kind=kind, ref=ref, at=clock.from_ms(at or 0)))


class MergeFieldOut(Out):
    """One field of both people. `takes` says whose value stays without a choice."""

    field: str = Field(examples=["city"])
    label: str = Field(examples=["City"])
    survivor: MergeValueOut | None
    merged: MergeValueOut | None
    result: Any = Field(examples=["Berlin"])
    takes: Takes
    choosable: bool = Field(description="Whether `choices` can say otherwise.")

    @classmethod
    def of(cls, each: Compared) -> Self:
        return cls(
            field=each.field,
            label=each.label,
            survivor=MergeValueOut.of(each.survivor, each.survivor_origin),
            merged=MergeValueOut.of(each.merged, each.merged_origin),
            result=each.result,
            takes=each.takes,
            choosable=each.choosable,
        )


class MergePartOut(Out):
    """What one of the two brings besides values."""

    number: int = Field(examples=[42])
    identities: list[IdentityOut]
    notes: int = Field(examples=[2])


class MergePreviewOut(Out):
    """What a merge would come to. The survivor keeps their number; the other's number leads to them."""

    survivor: MergePartOut
    merged: MergePartOut
    fields: list[MergeFieldOut]

    @classmethod
    def of(cls, found: Comparison) -> Self:
        def part(number: int) -> MergePartOut:
            rows = [IdentityOut.of(row) for row in found.identities if row.number == number]
            return MergePartOut(number=number, identities=rows, notes=found.notes[number])

        fields = [MergeFieldOut.of(each) for each in found.fields]
        return cls(survivor=part(found.survivor), merged=part(found.merged), fields=fields)


class MergedOut(Out):
    """Who survived, and the entry of the journal that takes it back."""

    number: int = Field(description="The survivor's number.", examples=[42])
    merged: int = Field(description="The number that leads to the survivor now.", examples=[57])
    merge: int = Field(description="For `merges/{merge}/unmerge`.", examples=[17])


class MergeOut(Out):
    """One merge of the journal."""

    id: int = Field(examples=[17])
    survivor: int = Field(examples=[42])
    survivor_name: str | None = Field(description="The survivor's name before.", examples=["Ann Example"])
    merged: int = Field(examples=[57])
    merged_name: str | None = Field(description="The other's name before.", examples=["Anne Example"])
    at: Instant
    origin: str = Field(description="The kind of source that merged them.", examples=["agent"])
    ref: str
    undone_at: Instant | None
    undoable: bool
    why_not: WhyOut | None = Field(description="Why it can't be undone; null when it can.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        row = entry.row
        names = [row.snapshot.get(who, {}).get("data", {}).get("name") for who in ("survivor", "merged")]
        kind, ref = (*row.origin, "", "")[:2]
        return cls(
            id=row.pk,
            survivor=row.survivor,
            survivor_name=names[0],
            merged=row.merged,
            merged_name=names[1],
            at=row.at,
            origin=kind,
            ref=ref,
            undone_at=row.undone_at,
            undoable=entry.why_not is None,
            why_not=None if entry.why_not is None else WhyOut(**entry.why_not.as_json()),
        )


class MergePage(Out):
    """Merges, newest first."""

    items: list[MergeOut]
    next: str | None


class MergeConflictOut(Out):
    """A field that was changed since the merge: `now` stays with the survivor."""

    field: str = Field(examples=["city"])
    now: Any = Field(examples=["Hamburg"])
    survivor: Any = Field(description="The survivor's value before the merge.", examples=["Berlin"])
    merged: Any = Field(description="The other's value, which they have again.", examples=["Bonn"])


class HeldIdentityOut(Out):
    """An identity of the merged person that somebody else has by now."""

    kind: str = Field(examples=["email"])
    value: str = Field(examples=["ann@example.com"])
    holder: int = Field(examples=[60])


class UnmergedOut(Out):
    """Both people are there again. `conflicts` and `held` say what could not be told apart."""

    survivor: int = Field(examples=[42])
    merged: int = Field(examples=[57])
    conflicts: list[MergeConflictOut]
    held: list[HeldIdentityOut]

    @classmethod
    def of(cls, done: Unmerged) -> Self:
        return cls(
            survivor=done.survivor,
            merged=done.merged,
            conflicts=[MergeConflictOut(**vars(each)) for each in done.conflicts],
            held=[HeldIdentityOut(**vars(each)) for each in done.held],
        )
