"""What the routes of retention and of legal holds take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field

from coterie.jobs.models import RetentionRule
from coterie.jobs.retaining import MOST_DAYS, Found
from coterie.kit.schemas import Body, Instant, Out, When
from coterie.people.models import LegalHold
from coterie.people.schemas import Number
from coterie.privacy.retention import Standing

Action = Literal["remove", "delete", "erase"]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS, description="Older than so many days goes.", examples=[365])]


class RuleBody(Body):
    """A rule that was looked at before: `rows` is how many entries its preview said would go."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": 365, "action": "remove", "rows": 0}]})

    days: Days
    action: Action | None = Field(default=None, description="What becomes of it then; the first of the class if null.")
    rows: int = Field(ge=0, le=2**53, description="`rows` of the preview.")


class PreviewBody(Body):
    """A rule to look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "events", "days": 365, "action": "remove"}]})

    name: str = Field(max_length=40, description="The class.")
    days: Days
    action: Action | None = Field(default=None, description="What becomes of it then; the first of the class if null.")


class DueOut(Out):
    """What would go now."""

    rows: int = Field(description="Entries: events, people, notes, files, ...", examples=[1204])
    people: int | None = Field(description="In how many people; null where they are not named.", examples=[311])
    oldest: Instant | None
    sample: list[int | str] = Field(description="Up to 10 numbers of people, or ids.", examples=[[42, 57]])
    paused: bool = Field(description="Whether a legal hold keeps all of it.")

    @classmethod
    def of(cls, found: Found) -> Self:
        return cls(
            rows=found.rows,
            people=found.people,
            oldest=found.oldest,
            sample=list(found.sample),
            paused=found.paused,
        )


class PreviewOut(DueOut):
    """What a rule would remove now; nothing was changed."""

    name: str = Field(description="The class.", examples=["events"])
    days: int = Field(examples=[365])
    action: Action


class RuleOut(Out):
    """A workspace's own rule, and who confirmed it."""

    days: int = Field(examples=[365])
    action: Action
    by: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    at: Instant

    @classmethod
    def of(cls, row: RetentionRule) -> Self:
        return cls(days=row.days, action=cast(Any, row.action), by=row.by, at=row.at)


class ClassOut(Out):
    """What is kept together for a time. Without a rule `default_days` hold; null: for ever."""

    name: str = Field(description="The class.", examples=["events"])
    holdings: list[str] = Field(description="Tables and files of the register.", examples=[["index.events"]])
    actions: list[Action] = Field(description="What a rule can do with it.", examples=[["remove"]])
    default_days: int | None = Field(examples=[None])
    rule: RuleOut | None
    days: int | None = Field(description="What holds: the rule or the default; null: for ever.", examples=[365])
    now: DueOut | None = Field(description="What would go now; null where it is kept for ever.")

    @classmethod
    def of(cls, row: Standing) -> Self:
        return cls(
            name=row.kept.name,
            holdings=list(row.kept.holdings),
            actions=list(row.kept.actions),
            default_days=row.kept.default(),
            rule=RuleOut.of(row.rule) if row.rule is not None else None,
            days=row.days,
            now=DueOut.of(row.now) if row.now is not None else None,
        )


class RetentionOut(Out):
    """Every class."""

    items: list[ClassOut]


Reason = Annotated[
    str, Field(min_length=1, max_length=200, description="The matter it is for. It stays: do not name the person.")
]
Until = Annotated[When | None, Field(description="When it ends by itself; null: when it is taken away.")]


class HoldBody(Body):
    """Whom to hold, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person": 42, "reason": "Case 2026-17", "until": "2036-01-31T00:00:00Z"}]}
    )

    person: Number | None = Field(default=None, description="The person's number; null: everyone.")
    reason: Reason
    until: Until = None


class HoldChangeBody(Body):
    """Why and until when a hold stands from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Case 2026-17", "until": None}]})

    reason: Reason
    until: Until = None


class HoldOut(Out):
    """A legal hold: nothing of the person, or of anyone, goes while it stands."""

    id: str = Field(examples=["hold_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    person: int | None = Field(description="Null: everyone.", examples=[42])
    reason: str = Field(examples=["Case 2026-17"])
    until: Instant | None
    by: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    at: Instant

    @classmethod
    def of(cls, row: LegalHold) -> Self:
        return cls(id=row.public_id, person=row.number, reason=row.reason, until=row.until, by=row.by, at=row.at)


class HoldsOut(Out):
    """Every hold, the newest first."""

    items: list[HoldOut]
