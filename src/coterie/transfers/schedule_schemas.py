"""What the routes of scheduled exports take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field, ValidationError

from coterie.accounts.permissions import Access
from coterie.audience import inputs
from coterie.filters.printing import print_filter
from coterie.filters.tree import Filter
from coterie.jobs.schemas import failure_of
from coterie.kit.errors import CoterieError
from coterie.kit.reasons import told
from coterie.kit.schemas import Body, ErrorBody, Instant, Out, WhyOut
from coterie.transfers import cadence
from coterie.transfers.models import ExportDelivery, ExportDestination, ExportSchedule
from coterie.transfers.schemas import Columns, ExportBody

Kind = Literal["folder", "s3"]
Name = Annotated[str, Field(min_length=1, max_length=120)]
KeyId = Annotated[str, Field(max_length=200, description="The id of a key of the storage.")]
Secret = Annotated[str, Field(max_length=200, description="Its secret: kept sealed and never told again.")]
Text = Annotated[str, Field(max_length=400)]
DestinationId = Annotated[str, Field(max_length=40, examples=["dst_01kb3z8m0v6x9k2q4r7t5w1y3n"])]
At = Annotated[
    str,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="By the workspace's clock; by the hour only the minutes count.",
        examples=["06:30"],
    ),
]
Weekday = Annotated[int, Field(ge=1, le=7, description="1 is Monday; by the week.", examples=[1])]
Day = Annotated[int, Field(ge=1, le=31, description="By the month; a shorter one has its last day.", examples=[1])]


class DestinationBody(Body):
    """A place for exports: a folder on the server, or a bucket of storage that speaks the protocol of S3."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Nightly", "kind": "folder", "folder": "crm/nightly"},
                {
                    "name": "Warehouse",
                    "kind": "s3",
                    "endpoint": "https://s3.eu-central-1.amazonaws.com",
                    "region": "eu-central-1",
                    "bucket": "acme-exports",
                    "prefix": "coterie",
                    "key_id": "AKIAIOSFODNN7EXAMPLE",
                    "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                },
            ]
        }
    )

    name: Name
    kind: Kind
    folder: Text = Field("", description="Below the workspace's own folder on the server.")
    endpoint: Text = Field("", description="The storage's address, without the bucket.")
    region: Annotated[str, Field(max_length=60)] = Field("", description="`us-east-1` where the storage has none.")
    bucket: Annotated[str, Field(max_length=255)] = ""
    prefix: Text = Field("", description="Stands before the names of objects, with a slash.")
    key_id: KeyId = ""
    secret: Secret = ""


class DestinationPatch(Body):
    """A new name, or another key; where a destination leads stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Data warehouse"}]})

    name: Name | None = None
    key_id: KeyId | None = None
    secret: Secret | None = None


class DestinationOut(Out):
    """A place for exports. Its secret is never told."""

    id: DestinationId
    name: str = Field(examples=["Warehouse"])
    kind: Kind
    place: str = Field(examples=["https://s3.eu-central-1.amazonaws.com/acme-exports/coterie"])
    folder: str
    endpoint: str
    region: str
    bucket: str
    prefix: str
    key_id: str
    checked_at: Instant | None = Field(description="When it was last tried.")
    check_error: WhyOut | None = Field(description="What came of it; null when it worked.")
    created_at: Instant

    @classmethod
    def of(cls, row: ExportDestination) -> Self:
        same = "name place folder endpoint region bucket prefix key_id checked_at created_at"
        values: dict[str, Any] = {name: getattr(row, name) for name in same.split()}
        error = _why(row.check_error, row.check_why)
        return cls(id=row.public_id, kind=cast(Kind, row.kind), check_error=error, **values)


class DestinationList(Out):
    """Destinations by name; `folder` says whether this server has a folder for exports."""

    items: list[DestinationOut]
    folder: bool = Field(description="Whether this server has a folder for exports (`COTERIE_EXPORT_FOLDER`).")


class ScheduleBody(Body):
    """An export that is made again and again and delivered. Without `export`, everyone with all that is shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Known people",
                    "export": {"where": "email is known", "columns": ["number", "email"], "format": "csv"},
                    "destination": "dst_01kb3z8m0v6x9k2q4r7t5w1y3n",
                    "every": "week",
                    "at": "06:30",
                    "weekday": 1,
                }
            ]
        }
    )

    name: Name
    export: ExportBody = Field(
        default_factory=lambda: ExportBody.model_validate({}), description="As for `POST exports`, but without numbers."
    )
    destination: DestinationId
    every: cadence.Every
    at: At = "06:00"
    weekday: Weekday | None = None
    day: Day | None = None


class SchedulePatch(Body):
    """What is to be changed of a schedule. Whoever changes more than its name, or lets it go on, is its owner then."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"every": "day", "at": "07:00"},
                {"columns": ["number", "name"], "format": "xlsx"},
                {"paused": True},
            ]
        }
    )

    name: Name | None = None
    export: ExportBody | None = Field(None, description="Another export in place of the one that it makes.")
    columns: Columns | None = Field(None, description="Other columns for the same people.")
    format: Literal["csv", "xlsx"] | None = Field(None, description="Another format for the same people.")
    destination: DestinationId | None = None
    every: cadence.Every | None = None
    at: At | None = None
    weekday: Weekday | None = None
    day: Day | None = None
    paused: bool | None = Field(None, description="Stop it, or let it go on.")


class DeliveryOut(Out):
    """A file that was delivered."""

    place: str = Field(examples=["folder crm/nightly"])
    object: str = Field(examples=["known-people-20260131T053000Z.csv"])
    size: int = Field(description="Bytes.", examples=[48213])
    rows: int = Field(description="People in it.", examples=[1204])
    sha256: str
    at: Instant

    @classmethod
    def of(cls, row: ExportDelivery) -> Self:
        return cls(place=row.place, object=row.object, size=row.size, rows=row.rows, sha256=row.sha256, at=row.at)


class ScheduleOut(Out):
    """A schedule with what came of it last."""

    id: str = Field(examples=["exs_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    name: str = Field(examples=["Known people"])
    destination: DestinationId
    destination_name: str = Field(examples=["Warehouse"])
    every: cadence.Every
    at: str = Field(examples=["06:30"])
    weekday: int | None
    day: int | None
    next_at: Instant | None = Field(description="Null while it is paused.")
    paused: bool
    paused_reason: WhyOut | None = Field(description="Why it was paused; null when somebody has paused it.")
    by: str = Field(
        description="Its owner, with whose rights it runs.", examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"]
    )
    where: str | None = Field(description="Its filter as a sentence; null when that can't be told any more.")
    segment: str = Field(description="The id of a segment; empty without one.", examples=[""])
    columns: list[str] = Field(description="Empty: all that are shown.", examples=[["number", "email"]])
    format: Literal["csv", "xlsx"]
    last_job: str | None = Field(description="The id of its latest job.")
    last_state: Literal["queued", "running", "done", "failed", "cancelled"] | None
    last_error: str = Field(examples=[""])
    last_failure: ErrorBody | None = Field(description="The error in parts, where they are known.")
    last_delivery: DeliveryOut | None

    @classmethod
    def of(cls, access: Access, row: ExportSchedule) -> Self:
        job, body = row.last_job, row.body
        rows = ExportDelivery.objects.of(row.workspace_id).filter(schedule=row)
        latest = rows.order_by("-at", "-pk").first()
        return cls(
            id=row.public_id,
            name=row.name,
            destination=row.destination.public_id,
            destination_name=row.destination.name,
            every=cast(cadence.Every, row.every),
            at=row.at,
            weekday=row.weekday,
            day=row.day,
            next_at=None if row.paused_at else row.next_at,
            paused=row.paused_at is not None,
            paused_reason=_why(row.paused_reason, row.paused_why),
            by=row.by,
            where=_sentence(access, body.get("filter")),
            segment=body.get("segment", ""),
            columns=body.get("columns", []),
            format=body.get("format", "csv"),
            last_job=job.public_id if job else None,
            last_state=cast(Any, job.state) if job else None,
            last_error=job.error if job else "",
            last_failure=failure_of(job) if job else None,
            last_delivery=DeliveryOut.of(latest) if latest else None,
        )


class ScheduleList(Out):
    """Schedules by name."""

    items: list[ScheduleOut]


def _why(text: str, kept: dict[str, Any] | None) -> WhyOut | None:
    """A reason that is kept as text and in JSON; the text alone counts where the other is missing or of before."""
    same = kept if kept is not None and kept["reason"] == text else text
    return WhyOut(**told(same)) if text else None


def _sentence(access: Access, kept: dict[str, Any] | None) -> str | None:
    if kept is None:
        return ""
    try:
        return print_filter(Filter.model_validate(kept), inputs.catalogue_for(access))
    except (CoterieError, ValidationError, KeyError):
        return None
